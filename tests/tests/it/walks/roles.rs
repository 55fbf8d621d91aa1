//! Roles: what a person may not do is shown as such, with the reason, before it is tried.

use egui::{Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use model::action::Action;
use model::{Kind, Value};

use super::desk::{Desk, Hands, desk};

/// Whether a button is disabled, and the reason it gives.
fn disabled(harness: &Harness<'static, Desk>, name: &str) -> Option<String> {
    let button = harness.get_by_role_and_label(Role::Button, name);
    let node = button.accesskit_node();
    node.is_disabled().then(|| node.description().unwrap_or_default())
}

#[test]
fn a_viewer_reads_everything_and_is_told_why_nothing_can_be_changed() {
    let mut harness = desk("/");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.state_mut().join("viewer");

    harness.go(&format!("/leads/{}", lead.id));
    assert_eq!(disabled(&harness, "Won").as_deref(), Some("Your role is read-only"));
    assert_eq!(disabled(&harness, "Log").as_deref(), Some("Your role is read-only"));

    harness.go("/pipeline");
    harness.key(Key::N);
    harness.key(Key::L);
    assert!(harness.sees("Your role is read-only"));
    let fields = [("title".to_owned(), Some(Value::from("Shop")))].into();
    let refused = harness.state_mut().act(Action::SetFields { record: lead, base_heads: Vec::new(), fields });
    assert!(refused.is_err(), "not even behind the interface's back");
    assert_eq!(harness.state().record(lead).text("title"), "Website");
}

#[test]
fn where_only_owners_edit_a_user_changes_their_own_and_logs_on_everybodys() {
    let mut harness = desk("/settings?s=workspace");
    let other = model::UserId::from_bytes([9; 16]);
    let mine = harness.state_mut().create(Kind::Lead, &[("title", "Mine".into())]);
    let theirs = harness.state_mut().create(Kind::Lead, &[("title", "Theirs".into()), ("owner_id", other.into())]);
    harness.run();
    harness.press(Role::CheckBox, "Only owners and administrators edit a record");
    harness.state_mut().join("user");

    harness.go(&format!("/leads/{}", theirs.id));
    assert_eq!(disabled(&harness, "Won").as_deref(), Some("Only the owner or an administrator can change this"));
    assert_eq!(disabled(&harness, "Log"), None, "everybody may log");

    harness.go(&format!("/leads/{}", mine.id));
    assert_eq!(disabled(&harness, "Won"), None);
}
