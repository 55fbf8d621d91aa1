//! The page of a record: saving in place, conflicts, stages, logging.

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::action::Action;
use model::app::Request;
use model::query::{Author, Conflict, ConflictValue};
use model::{ChangeHash, Edit, Fields, Kind, RecordId, RecordRef, Role as UserRole, Value, build};
use ui::Effect;

use crate::desk::{Desk, desk, now};
use crate::stub::{StubReplica, me};

fn lead_page(change: impl FnOnce(&mut StubReplica)) -> Harness<'static, Desk> {
    let account = build::account("Acme").owned_by(me()).record();
    let lead = build::lead("Website").owned_by(me()).worth(100_000).at(&account).in_stage("new").record();
    let route = format!("/leads/{}", lead.id);
    let mut replica = StubReplica::started(now()).with([account, lead]);
    change(&mut replica);
    desk(replica, &route)
}

fn retype(harness: &mut Harness<'_, Desk>, field: &'static str, text: &str) {
    harness.get_by_role_and_label(Role::TextInput, field).focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
    harness.run();
}

#[test]
fn a_field_saves_itself_on_enter_from_the_heads_it_was_opened_at() {
    let mut harness = lead_page(|_| {});

    retype(&mut harness, "Value", "2500");
    harness.key_press(Key::Enter);
    harness.run();

    let record = harness.state().record(Kind::Lead, |_| true);
    let expected = Action::SetFields {
        record,
        base_heads: vec![ChangeHash([9; 32])],
        fields: [("value_cents".to_owned(), Some(Value::Int(250_000)))].into(),
    };
    assert_eq!(harness.state().actions(), [expected]);
}

#[test]
fn escape_reverts_a_field() {
    let mut harness = lead_page(|_| {});

    retype(&mut harness, "Value", "99");
    harness.key_press(Key::Escape);
    harness.run();

    assert_eq!(harness.state().actions(), []);
    let field = harness.get_by_role_and_label(Role::TextInput, "Value");
    assert_eq!(field.value().as_deref(), Some("$1,000.00"));
}

#[test]
fn a_value_that_cannot_be_read_stays_and_says_so() {
    let mut harness = lead_page(|_| {});

    retype(&mut harness, "Expected close", "31 feb");
    harness.key_press(Key::Enter);
    harness.run();

    assert_eq!(harness.state().actions(), []);
    let field = harness.get_by_role_and_label(Role::TextInput, "Expected close");
    assert_eq!(field.value().as_deref(), Some("31 feb"));
    harness.get_by_label("There is no such day");
}

#[test]
fn a_chevron_moves_the_lead() {
    let mut harness = lead_page(|_| {});

    harness.get_by_role_and_label(Role::Button, "Move to Proposal").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::MoveLeads { stage, .. }] if stage == "proposal"), "{actions:?}");
    harness.get_by_role_and_label(Role::Button, "Stage: Proposal");
    harness.get_by_label("Moved 1 lead to Proposal");
}

#[test]
fn both_values_of_a_conflict_show_and_one_is_chosen() {
    let mut harness = lead_page(|replica| {
        let record = replica.records.values().find(|record| record.kind == Kind::Lead).expect("a lead").reference();
        let value = |cents: i64, name: &str| ConflictValue {
            value: Some(Value::Int(cents)),
            author: Author { name: name.into(), ..Author::default() },
            at: now(),
        };
        let values = vec![value(100_000, "Ada"), value(300_000, "Grace")];
        replica.conflicts.push(Conflict { record, name: "Website".into(), key: "value_cents".into(), values });
    });

    harness.get_by_label("Changed by two people at once");
    harness.get_by_role_and_label(Role::Button, "Keep $3,000.00 for value").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::ChooseValue { key, value, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((key.as_str(), value), ("value_cents", &Some(Value::Int(300_000))));
    assert!(harness.query_by_label("Changed by two people at once").is_none());
}

#[test]
fn a_note_with_a_follow_up_is_logged_from_the_page() {
    let mut harness = lead_page(|_| {});

    harness.get_by_role_and_label(Role::MultilineTextInput, "Activity").focus();
    harness.run();
    harness.get_by_role_and_label(Role::MultilineTextInput, "Activity").type_text("Spoke about the budget");
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Follow up +3d").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Log note").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::LogActivity { fields, follow_up: Some(follow_up), .. }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(fields.get("body"), Some(&Value::from("Spoke about the budget")));
    assert!(fields.contains_key("lead_id") && fields.contains_key("account_id"));
    assert_eq!(follow_up.due_at.to_string(), "2026-03-05T00:00:00.000Z");
}

#[test]
fn a_record_that_is_not_here_yet_is_waited_for() {
    let mut harness = desk(StubReplica::started(now()), "/leads/018f2b5c-0000-7000-8000-000000000001");

    harness.get_by_label("Not on this device yet");
    harness.get_by_role_and_label(Role::Button, "Sync now").click();
    harness.run();

    assert!(harness.state().replica.requests.contains(&Request::SyncNow));
}

#[test]
fn a_viewer_reads_the_page_and_changes_nothing() {
    let harness = lead_page(|replica| {
        if let Some(me) = &mut replica.session.me {
            me.role = UserRole::Viewer;
        }
    });

    let won = harness.get_by_role_and_label(Role::Button, "Won");
    let node = egui_kittest::kittest::NodeT::accesskit_node(&won);
    assert!(node.is_disabled());
    assert_eq!(node.description().as_deref(), Some("Your role is read-only"));
}

#[test]
fn trash_goes_with_an_undo() {
    let mut harness = lead_page(|_| {});

    harness.get_by_role_and_label(Role::Button, "More actions").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "Move to trash").click();
    harness.run();
    harness.get_by_label("Moved 1 record to the trash");
    harness.get_by_role_and_label(Role::Button, "Undo").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::Delete(_), Action::Undo(_)]), "{actions:?}");
}

#[test]
fn a_note_shows_its_words_without_the_marks_and_opens_its_links() {
    let mut harness = lead_page(|_| {});
    let lead: RecordRef = harness.state().record(Kind::Lead, |_| true);
    let body = "**Agreed**, see [the plan](https://plan.example/a)\n\n- one\n- two";
    let fields = Fields::from([
        ("type".to_owned(), "note".into()),
        ("body".to_owned(), body.into()),
        ("lead_id".to_owned(), lead.id.into()),
        ("occurred_at".to_owned(), now().into()),
    ]);
    let note = RecordRef::new(Kind::Activity, RecordId::from_bytes([77; 16]));
    harness.state_mut().replica.apply(&[Edit::Create { record: note, fields }]);
    let route = format!("/leads/{}", lead.id);
    harness.state_mut().app.go("/");
    harness.run();
    harness.state_mut().app.go(&route);
    harness.run();

    harness.get_by_label("Agreed, see the plan");
    harness.get_by_label("two");
    harness.get_by_role_and_label(Role::Link, "the plan").click();
    harness.run();

    assert!(harness.state().effects.contains(&Effect::OpenUrl("https://plan.example/a".into())));
}

#[test]
fn an_email_that_is_dropped_on_a_page_is_logged_there() {
    let mut harness = lead_page(|_| {});
    let lead = harness.state().record(Kind::Lead, |_| true);

    harness.state_mut().app.file_chosen("Your offer.EML".into(), b"From: a@b.example".to_vec());
    harness.run();

    let sent = harness.state().replica.requests.iter().any(|request| {
        matches!(request, Request::LogMail { about, bytes, .. } if *about == lead && bytes == b"From: a@b.example")
    });
    assert!(sent, "{:?}", harness.state().replica.requests);
}

#[test]
fn a_page_is_saved_as_pdf_under_the_name_of_its_record() {
    let mut harness = lead_page(|_| {});

    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run();

    let saved = harness.state().effects.iter().find_map(|effect| match effect {
        Effect::SaveFile { name, bytes } => Some((name.clone(), bytes.starts_with(b"%PDF-"))),
        _ => None,
    });
    assert_eq!(saved, Some(("Website.pdf".to_owned(), true)));
}
