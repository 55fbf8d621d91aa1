//! Several records in one step: closed on the board, merged from a page; and finding what has no page of its own.

use egui::{Key, Modifiers, Role};
use model::{Kind, RecordRef, Value};

use super::desk::{Desk, Hands, desk};

fn closed(desk: &Desk, lead: RecordRef) -> (String, Option<i64>) {
    let record = desk.record(lead);
    (record.place().0.to_owned(), record.int("closed_value_cents"))
}

#[test]
fn several_cards_are_won_with_one_dialog_and_one_undo_brings_them_back() {
    let mut harness = desk("/pipeline");
    let desk = harness.state_mut();
    let lead = |title: &str, cents: i64| -> [(&'static str, Value); 2] {
        [("title", title.into()), ("value_cents", cents.into())]
    };
    let one = desk.create(Kind::Lead, &lead("Website", 100_000));
    let two = desk.create(Kind::Lead, &lead("Shop", 200_000));
    harness.run();

    harness.key(Key::ArrowDown);
    harness.key(Key::X);
    harness.key(Key::ArrowDown);
    harness.key(Key::X);
    harness.button("Move the selected leads");
    harness.press(Role::MenuItem, "Closed-Won");
    assert!(harness.sees("2 leads") && harness.sees("Each keeps the value it has."), "{}", harness.all_names());
    harness.button("Mark as won");

    assert_eq!(closed(harness.state(), one), ("won".into(), Some(100_000)));
    assert_eq!(closed(harness.state(), two), ("won".into(), Some(200_000)));
    harness.chord(Modifiers::COMMAND, Key::Z);
    assert_eq!(closed(harness.state(), one), ("new".into(), None));
    assert_eq!(closed(harness.state(), two), ("new".into(), None));
}

#[test]
fn a_contact_is_merged_from_its_own_page() {
    let mut harness = desk("/");
    let desk = harness.state_mut();
    let old = desk.create(Kind::Contact, &[("first_name", "Ann".into()), ("last_name", "Lee".into())]);
    let new = desk.create(Kind::Contact, &[("first_name", "Anna".into()), ("last_name", "Lie".into())]);
    harness.go(&format!("/contacts/{}", new.id));

    harness.button("More actions");
    harness.press(Role::MenuItem, "Merge with…");
    harness.press(Role::ComboBox, "The other contact");
    harness.press(Role::ListBoxOption, "Ann Lee");
    harness.button("Merge");

    assert_eq!(harness.state().record(new).link("merged_into"), Some(old.id));
}

#[test]
fn tasks_and_activities_are_found_and_lead_to_what_they_are_about() {
    let mut harness = desk("/");
    let desk = harness.state_mut();
    let lead = desk.create(Kind::Lead, &[("title", "Website".into())]);
    let task = [("linked_type", "lead".into()), ("linked_id", lead.id.into()), ("title", "Zebra quote".into())];
    desk.create(Kind::Task, &task);
    let call = [("type", "call".into()), ("subject", "Zebra call".into()), ("lead_id", lead.id.into())];
    desk.create(Kind::Activity, &call);
    harness.run();

    harness.chord(Modifiers::COMMAND, Key::K);
    harness.fill("Search everything", "zebra");
    assert!(harness.sees("Zebra quote") && harness.sees("Zebra call"), "{}", harness.all_names());
    harness.press(Role::ListBoxOption, "Zebra call");

    assert_eq!(harness.state().app.route(), format!("/leads/{}", lead.id));
}
