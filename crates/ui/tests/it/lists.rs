//! Lists: preview, selecting, changing many at once, sorting by two keys, the trash.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use model::query::{Author, Conflict, ConflictValue, Query, Sort};
use model::{Action, Kind, Value, build};

use crate::desk::{desk, now};
use crate::stub::{StubReplica, me};

fn three_leads() -> StubReplica {
    let leads = ["Alpha", "Beta", "Gamma"]
        .map(|title| build::lead(title).owned_by(me()).worth(100_000).in_stage("new").record());
    StubReplica::started(now()).with(leads)
}

#[test]
fn space_previews_the_row_and_the_preview_follows_the_keyboard() {
    let mut harness = desk(three_leads(), "/leads?sort=title");

    harness.key_press(Key::J);
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    let title = |harness: &egui_kittest::Harness<'_, crate::desk::Desk>| {
        harness.get_by_role_and_label(Role::TextInput, "Title").value()
    };
    assert_eq!(title(&harness).as_deref(), Some("Alpha"));
    harness.key_press(Key::J);
    harness.run();
    assert_eq!(title(&harness).as_deref(), Some("Beta"));
    harness.key_press(Key::Escape);
    harness.run();

    assert!(harness.query_by_role_and_label(Role::TextInput, "Title").is_none());
    assert!(harness.state().app.route().starts_with("/leads?"));
}

#[test]
fn selected_rows_are_changed_together_after_a_question() {
    let mut harness = desk(three_leads(), "/leads?sort=title");

    harness.key_press(Key::J);
    harness.run();
    harness.key_press(Key::X);
    harness.run();
    harness.get_by_role_and_label(Role::CheckBox, "Select Gamma").click();
    harness.run();
    harness.get_by_label("2 selected");
    harness.get_by_role_and_label(Role::ComboBox, "Move to stage").click();
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, "Proposal").click();
    harness.run();
    harness.get_by_label("Changes 2 leads: Stage → Proposal");
    assert_eq!(harness.state().actions(), []);
    harness.get_by_role_and_label(Role::Button, "Change 2 leads").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::SetMany { records, fields }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(records.len(), 2);
    assert_eq!(fields.get("stage"), Some(&Some(Value::from("proposal"))));
    harness.get_by_label("Changed 2 leads");
}

#[test]
fn ctrl_a_selects_all_that_match_and_several_go_to_the_trash_after_a_question() {
    let mut harness = desk(StubReplica::with_sample(now(), 300), "/leads?f=none");

    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_label("300 selected");
    harness.get_by_role_and_label(Role::Button, "Move to trash").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Move 300 leads to the trash").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::Delete(records)] if records.len() == 300));
}

#[test]
fn shift_and_a_click_sort_by_a_second_key() {
    let mut harness = desk(StubReplica::with_sample(now(), 30), "/leads?sort=stage");

    harness.get_by_role_and_label(Role::ColumnHeader, "Value").click_modifiers(Modifiers::SHIFT);
    harness.run();

    let Some(Query::List(query)) = harness.state().last_watch(|query| matches!(query, Query::List(_))) else {
        panic!("a list is watched")
    };
    let key = |field: &str, descending| Sort { field: field.into(), descending };
    assert_eq!(query.sort, [key("stage", false), key("value_cents", true)]);
}

#[test]
fn what_was_thrown_away_is_found_in_the_trash_and_comes_back() {
    let thrown = build::lead("Thrown").owned_by(me()).with("deleted_at", now()).record();
    let mut harness = desk(three_leads().with([thrown]), "/trash");

    assert!(harness.query_by_label("Alpha").is_none());
    harness.get_by_role_and_label(Role::Button, "Restore Thrown").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::Restore(_)]), "{actions:?}");
    harness.get_by_label("No leads in the trash");
}

#[test]
fn conflicts_are_settled_where_they_are_listed() {
    let mut replica = three_leads();
    let record = replica.records.values().find(|record| record.text("title") == "Beta").expect("it is there");
    let record = record.reference();
    let value = |cents: i64, name: &str| ConflictValue {
        value: Some(Value::Int(cents)),
        author: Author { name: name.into(), ..Author::default() },
        at: now(),
    };
    let values = vec![value(100_000, "Ada"), value(300_000, "Grace")];
    replica.conflicts.push(Conflict { record, name: "Beta".into(), key: "value_cents".into(), values });
    let mut harness = desk(replica, "/settings?s=sync");

    harness.get_by_role_and_label(Role::Button, "Keep $3,000.00 for value of Beta").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::ChooseValue { .. }]), "{actions:?}");
    assert!(harness.query_by_label("Changed by two people at once").is_none());
    assert_eq!(record.kind, Kind::Lead);
}

#[test]
fn filters_stand_in_the_address_and_their_chips_take_them_away() {
    let mut harness = desk(StubReplica::with_sample(now(), 60), "/pipeline");

    harness.get_by_role_and_label(Role::Button, "More filters").click();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Value at least").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Value at least").type_text("20k");
    harness.run();
    assert_eq!(harness.state().app.route(), "/pipeline?min=20k");
    let Some(Query::Board(query)) = harness.state().last_watch(|query| matches!(query, Query::Board(_))) else {
        panic!("the board is watched")
    };
    assert_eq!(query.filter.len(), 1);
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Remove the filter At least $20k").click();
    harness.run();

    assert_eq!(harness.state().app.route(), "/pipeline");
}

#[test]
fn settings_say_what_the_browser_promised_about_the_records() {
    for (answer, words) in [(true, "has promised to keep"), (false, "may clear these records")] {
        let mut harness = desk(three_leads(), "/settings?s=data");
        assert!(harness.query_by_label_contains("This browser").is_none(), "nobody was asked");

        harness.state_mut().app.set_kept(answer);
        harness.run();

        harness.get_by_label_contains(words);
    }
}

#[test]
fn o_asks_whom_a_record_goes_to_and_s_brings_the_keyboard_to_the_order() {
    let mut harness = desk(three_leads(), "/leads?sort=title");

    harness.key_press(Key::J);
    harness.run();
    harness.key_press(Key::O);
    harness.run();
    harness.get_by_label("Search people");
    harness.key_press(Key::Escape);
    harness.run();
    harness.key_press(Key::S);
    harness.run();

    assert!(harness.get_by_label("Title, sorted ascending").is_focused());
}

#[test]
fn ctrl_s_saves_and_stays_for_the_next_one() {
    let mut harness = desk(three_leads(), "/leads?sort=title");
    harness.key_press(Key::N);
    harness.run();
    harness.key_press(Key::A);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Name").type_text("Acme");
    harness.run();

    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    harness.run();

    let created = harness.state().actions().iter().any(|action| {
        matches!(action, Action::Create { fields, .. } if fields.get("name").and_then(|name| name.as_text()) == Some("Acme"))
    });
    assert!(created, "{:?}", harness.state().actions());
    harness.get_by_role_and_label(Role::TextInput, "Name");
}
