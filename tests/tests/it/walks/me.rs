//! What a person sets for themselves, and what they see of the device's state.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use model::{Kind, Value};
use ui::Effect;

use super::desk::{Hands, desk};

#[test]
fn a_person_changes_their_name_where_they_work_alone() {
    let mut harness = desk("/settings");

    harness.fill("Your name", "Ada King");
    harness.key(Key::Enter);

    assert!(harness.sees("Ada King") && harness.sees("Name changed"));
    harness.fill("Your name", " ");
    harness.key(Key::Enter);
    assert!(harness.sees("Enter your name"));
}

#[test]
fn dates_are_written_and_read_as_the_person_writes_them() {
    let mut harness = desk("/settings");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);

    harness.choose("You write dates", "Month, day (Oct 3, 2026)");
    harness.go(&format!("/leads/{}", lead.id));
    harness.press(Role::Tab, "Details");
    let expected = harness.get_all_by_role_and_label(Role::TextInput, "Expected close").next().expect("it shows");
    expected.focus();
    harness.run();
    harness
        .get_all_by_role_and_label(Role::TextInput, "Expected close")
        .next()
        .expect("it shows")
        .type_text("10/3/2030");
    harness.run();
    harness.key(Key::Enter);

    let close = harness.state().record(lead).date("expected_close_date").map(|date| date.to_string());
    assert_eq!(close.as_deref(), Some("2030-10-03"));
    let shown = harness.get_all_by_role_and_label(Role::TextInput, "Expected close").next().expect("it shows");
    assert_eq!(shown.value().as_deref(), Some("Oct 3, 2030"));
}

#[test]
fn the_program_opens_with_the_page_that_was_chosen() {
    let mut harness = desk("/settings");
    harness.choose("TrailTrack opens with", "Pipeline");

    assert_eq!(harness.state_mut().reopened("/"), "/pipeline");
    assert_eq!(harness.state_mut().reopened("/accounts"), "/accounts", "an address that was asked for stands");
}

#[test]
fn what_a_person_does_not_want_to_be_told_is_kept_on_the_device() {
    let mut harness = desk("/settings");

    harness.press(Role::CheckBox, "Reminders of tasks");
    assert_eq!(harness.state().kept(), [("notify/reminders".to_owned(), "off".to_owned())]);
    harness.press(Role::CheckBox, "Reminders of tasks");
    assert_eq!(harness.state().kept(), []);
}

#[test]
fn the_share_of_quick_log_shows_and_follows() {
    let mut harness = desk("/settings");
    assert!(harness.sees("Nothing was logged yet. Press L on any record to begin"));
    let desk = harness.state_mut();
    let lead = desk.create(Kind::Lead, &[("title", "Website".into())]);
    let call = |via: &str| -> [(&'static str, Value); 4] {
        [("type", "call".into()), ("subject", "Hello".into()), ("lead_id", lead.id.into()), ("via", via.into())]
    };
    for via in ["quick_log", "quick_log", "quick_log", "form", "import"] {
        desk.create(Kind::Activity, &call(via));
    }
    harness.run();

    assert!(harness.sees("You: 75 % (3 of 4)"), "{}", harness.all_names());
}

#[test]
fn the_device_is_checked_and_its_state_copied_without_anything_private() {
    let mut harness = desk("/settings?s=sync");
    harness.state_mut().create(Kind::Contact, &[("last_name", "Secretive".into()), ("email", "s@private.org".into())]);
    harness.run();

    harness.button("Verify now");
    assert!(harness.sees("All is well: 2 documents checked"), "{}", harness.all_names());
    harness.button("Copy how this device stands");

    let copied = harness.state().effects.iter().find_map(|effect| match effect {
        Effect::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let text = copied.expect("it is copied");
    assert!(text.contains("Documents: 2") && text.contains("Verified: 2 documents"), "{text}");
    for secret in ["Secretive", "private.org", "Ada"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn the_form_says_what_is_there_already_and_lets_it_be_created_all_the_same() {
    let mut harness = desk("/accounts");
    let acme = harness.state_mut().create(Kind::Account, &[("name", "Acme GmbH".into())]);
    harness.run();

    harness.key(Key::N);
    harness.key(Key::A);
    harness.fill("Name", "Acme");
    assert!(harness.sees("This may be here already"), "{}", harness.all_names());
    harness.button("Open Acme GmbH instead");
    assert_eq!(harness.state().app.route(), format!("/accounts/{}", acme.id));

    harness.go("/accounts");
    harness.key(Key::N);
    harness.key(Key::A);
    harness.fill("Name", "Acme");
    harness.button("Save");
    assert_eq!(harness.state_mut().records(Kind::Account).len(), 2);
}
