//! The tabs of a record's page: contacts, details with their past, timeline, tasks, activities; and putting things off.

use egui::{Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::action::Label;
use model::query::{Query, TimelinePart};
use model::{Action, Edit, Kind, Value, build};

use crate::desk::{Desk, desk, desk_sized, now};
use crate::stub::{StubReplica, me};

const HOUR: i64 = 3_600_000;

/// A lead at Acme, where Ada and Grace work.
fn lead_page() -> Harness<'static, Desk> {
    lead_page_with(|_, _| {})
}

fn lead_page_with(prepare: impl FnOnce(&mut StubReplica, &model::Record)) -> Harness<'static, Desk> {
    let account = build::account("Acme").owned_by(me()).record();
    let people = ["Ada Byron", "Grace Hopper"].map(|name| build::contact(name).at(&account).owned_by(me()).record());
    let lead = build::lead("Website").owned_by(me()).worth(100_000).at(&account).in_stage("new").record();
    let route = format!("/leads/{}", lead.id);
    let mut replica = StubReplica::started(now()).with([account, lead.clone()]).with(people);
    prepare(&mut replica, &lead);
    // Tall, so that whole tabs are within reach of the pointer.
    desk_sized(replica, &route, ui::Options::default(), [1440.0, 9_000.0])
}

fn open_tab(harness: &mut Harness<'_, Desk>, name: &str) {
    harness.get_by_role_and_label(Role::Tab, name).click();
    harness.run();
}

fn click(harness: &mut Harness<'_, Desk>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

fn type_into(harness: &mut Harness<'_, Desk>, field: &str, text: &str) {
    harness.get_by_role_and_label(Role::TextInput, field).focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
    harness.run();
}

#[test]
fn a_colleague_is_added_gets_a_role_and_the_first_one_is_starred() {
    let mut harness = lead_page();
    open_tab(&mut harness, "Contacts");

    click(&mut harness, "Add Grace Hopper");
    harness.get_by_label("Grace Hopper is the primary contact");
    click(&mut harness, "Add Ada Byron");
    harness.get_by_role_and_label(Role::ComboBox, "Role of Ada Byron").click();
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, "Decision maker").click();
    harness.run();
    click(&mut harness, "Make Ada Byron the primary contact");

    let desk = harness.state();
    let lead = &desk.replica.records[&desk.record(Kind::Lead, |_| true).id];
    let ada = desk.record(Kind::Contact, |of| of.text("first_name") == "Ada");
    assert_eq!(lead.link("primary_contact_id"), Some(ada.id));
    assert_eq!(lead.text(&format!("contacts/{}", ada.id)), "Decision maker");
    assert_eq!(lead.members("contacts").count(), 2);
}

#[test]
fn a_contact_is_removed_from_a_lead_and_stays_in_the_world() {
    let mut harness = lead_page();
    open_tab(&mut harness, "Contacts");
    click(&mut harness, "Add Grace Hopper");

    click(&mut harness, "Remove Grace Hopper from this lead");

    let desk = harness.state();
    let lead = &desk.replica.records[&desk.record(Kind::Lead, |_| true).id];
    assert_eq!((lead.link("primary_contact_id"), lead.members("contacts").count()), (None, 0));
    desk.record(Kind::Contact, |of| of.text("first_name") == "Grace");
}

#[test]
fn a_contact_that_nobody_knows_yet_is_created_and_added_in_one_step() {
    let mut harness = lead_page();
    open_tab(&mut harness, "Contacts");

    harness.get_by_role_and_label(Role::ComboBox, "Add a contact").click();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Search add a contact").type_text("Mary Shelley");
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, "Create “Mary Shelley”").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::Prepared { label: Label::Created(Kind::Contact), edits }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert!(matches!(edits.as_slice(), [Edit::Create { .. }, Edit::Set { .. }]), "{edits:?}");
    let mary = harness.state().record(Kind::Contact, |of| of.text("last_name") == "Shelley");
    assert!(harness.state().replica.records[&mary.id].link("account_id").is_some());
}

#[test]
fn an_earlier_value_of_a_field_is_restored_from_its_clock() {
    let mut harness = lead_page();
    let lead = harness.state().record(Kind::Lead, |_| true);
    for cents in [200_000_i64, 300_000] {
        let fields = [("value_cents".to_owned(), Some(cents.into()))].into();
        harness.state_mut().replica.apply(&[Edit::Set { record: lead, base_heads: Vec::new(), fields }]);
    }
    open_tab(&mut harness, "Details");

    click(&mut harness, "History of Value");
    harness.get_by_label("Value: earlier values");
    let earlier = harness.get_by_label_contains("Restore $2,000.00 of");
    earlier.click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::SetFields { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("value_cents"), Some(&Some(Value::Int(200_000))));
}

#[test]
fn a_lead_goes_back_to_a_line_of_its_timeline_after_a_look_at_what_changes() {
    let mut harness = lead_page();
    let lead = harness.state().record(Kind::Lead, |_| true);
    let start = now();
    for (hours, key, value) in [(1, "source", Value::from("Event")), (2, "source", "Website".into())] {
        harness.state_mut().replica.now = start.plus_millis(hours * HOUR);
        let fields = [(key.to_owned(), Some(value))].into();
        harness.state_mut().replica.apply(&[Edit::Set { record: lead, base_heads: Vec::new(), fields }]);
    }
    open_tab(&mut harness, "Timeline");

    harness.get_by_label_contains("Restore to here: Ada Lovelace changed source: empty to Event").click();
    harness.run();
    click(&mut harness, "Restore 1 field");

    let actions = harness.state().actions();
    let [Action::Prepared { label: Label::RestoredTo(_), edits }] = actions.as_slice() else { panic!("{actions:?}") };
    let [Edit::Set { fields, base_heads, .. }] = edits.as_slice() else { panic!("{edits:?}") };
    assert_eq!(fields.get("source"), Some(&Some(Value::from("Event"))));
    assert!(!base_heads.is_empty());
    harness.get_by_label("Restored to an earlier state");
    harness.get_by_role_and_label(Role::Button, "Undo");
}

#[test]
fn a_timeline_shows_a_part_of_itself_and_older_pages() {
    let mut harness = lead_page();
    let lead = harness.state().record(Kind::Lead, |_| true);
    for cents in 0..130_i64 {
        let fields = [("value_cents".to_owned(), Some(cents.into()))].into();
        harness.state_mut().replica.apply(&[Edit::Set { record: lead, base_heads: Vec::new(), fields }]);
    }
    open_tab(&mut harness, "Timeline");
    harness.get_by_label("Changes").click();
    harness.run();

    click(&mut harness, "Older");

    let page = harness.state().last_watch(|query| matches!(query, Query::TimelinePage { .. }));
    let expected = Query::TimelinePage { record: lead, part: TimelinePart::Changes, offset: 100, limit: 100 };
    assert_eq!(page, Some(expected));
    harness.get_by_role_and_label(Role::Button, "Newer");
}

#[test]
fn a_task_is_typed_on_one_line() {
    let mut harness = lead_page();
    open_tab(&mut harness, "Tasks");

    type_into(&mut harness, "New task", "Send quote fri 10am !high");
    harness.get_by_label_contains("High priority");
    harness.key_press(Key::Enter);
    harness.run();

    let actions = harness.state().actions();
    let [Action::Create { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("title"), Some(&Value::from("Send quote")));
    assert_eq!(fields.get("priority"), Some(&Value::from("high")));
    assert_eq!(fields.get("all_day"), Some(&Value::Bool(false)));
    harness.get_by_role_and_label(Role::CheckBox, "Done: Send quote");
}

#[test]
fn done_tasks_are_folded() {
    let mut harness = lead_page_with(|replica, lead| {
        let done = build::task("Old quote", lead).owned_by(me()).with("status", "done").edit();
        replica.apply(&[done]);
    });
    open_tab(&mut harness, "Tasks");

    assert!(harness.query_by_label("Done: Old quote").is_none());
    click(&mut harness, "1 done");

    harness.get_by_role_and_label(Role::CheckBox, "Done: Old quote");
}

#[test]
fn what_lies_ahead_becomes_a_task_instead_of_an_activity() {
    let mut harness = lead_page();
    harness.get_by_role_and_label(Role::MultilineTextInput, "Activity").focus();
    harness.run();
    harness.get_by_role_and_label(Role::MultilineTextInput, "Activity").type_text("Visit Acme");
    harness.run();

    type_into(&mut harness, "When it happened", "tomorrow 10am");
    harness.get_by_label("That lies ahead");
    click(&mut harness, "Make it a task");

    let actions = harness.state().actions();
    let [Action::Create { record, fields }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((record.kind, fields.get("title")), (Kind::Task, Some(&Value::from("Visit Acme"))));
}

#[test]
fn an_activity_is_backdated_and_pinned() {
    let mut harness = lead_page();
    harness.get_by_role_and_label(Role::MultilineTextInput, "Activity").focus();
    harness.run();
    harness.get_by_role_and_label(Role::MultilineTextInput, "Activity").type_text("Spoke about the budget");
    harness.run();
    type_into(&mut harness, "When it happened", "2026-02-20");
    click(&mut harness, "Log note");
    harness.get_by_label_contains("Pin Spoke about the budget").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::LogActivity { fields, .. }, Action::SetFields { fields: pinned, .. }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    let at = fields.get("occurred_at").and_then(Value::as_time).map(|at| at.to_string());
    assert_eq!(at.as_deref(), Some("2026-02-20T00:00:00.000Z"));
    assert_eq!(pinned.get("pinned"), Some(&Some(Value::Bool(true))));
}

#[test]
fn the_probability_is_pinned_in_the_header() {
    let mut harness = lead_page();

    click(&mut harness, "Pin the probability");

    let actions = harness.state().actions();
    let [Action::SetFields { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("probability_pinned"), Some(&Some(Value::Bool(true))));
    harness.get_by_role_and_label(Role::Button, "Let the probability follow the stage");
}

#[test]
fn a_copy_of_a_lead_opens() {
    let mut harness = lead_page();
    click(&mut harness, "More actions");
    harness.get_by_role_and_label(Role::MenuItem, "Duplicate").click();
    harness.run();

    let copy = harness.state().record(Kind::Lead, |of| of.text("title") == "Website (copy)");
    assert_eq!(harness.state().app.route(), format!("/leads/{}", copy.id));
}

#[test]
fn a_next_best_action_is_put_away_for_three_days_or_until_the_lead_changes() {
    let lead = build::lead("Website").owned_by(me()).worth(100_000).in_stage("new").record();
    let mut harness = desk(StubReplica::started(now()).with([lead]), "/");
    let choose = |harness: &mut Harness<'_, Desk>, item: &str| {
        click(harness, "Not now: Website");
        harness.get_by_role_and_label(Role::MenuItem, item).click();
        harness.run();
    };

    choose(&mut harness, "No next step");
    choose(&mut harness, "For 3 days");

    let actions = harness.state().actions();
    let keys = actions.iter().map(|action| match action {
        Action::Prepared { label: Label::Dismissed, edits } => match edits.as_slice() {
            [Edit::Set { fields, .. }] => fields.keys().cloned().collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    });
    let keys: Vec<String> = keys.flatten().collect();
    assert_eq!(keys, ["quiet/no_next_step", "quiet/row"]);
    assert!(harness.query_by_label("Not now: Website").is_none());
}

#[test]
fn a_task_is_put_off_to_a_day_that_is_typed() {
    let lead = build::lead("Website").owned_by(me()).in_stage("new").record();
    let task = build::task("Send quote", &lead).owned_by(me()).due(now()).edit();
    let mut replica = StubReplica::started(now()).with([lead]);
    replica.apply(&[task]);
    let mut harness = desk_sized(replica, "/", ui::Options::default(), [1440.0, 1200.0]);

    click(&mut harness, "Actions for Send quote");
    harness.get_by_role_and_label(Role::MenuItem, "Pick a day…").click();
    harness.run();
    type_into(&mut harness, "Due", "soonish");
    click(&mut harness, "Put off");
    assert_eq!(harness.state().actions(), []);
    harness.get_by_role_and_label(Role::TextInput, "Due").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Due").type_text("2026-03-20");
    harness.run();

    click(&mut harness, "Put off");

    let actions = harness.state().actions();
    let [Action::SetFields { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("reminder_at"), Some(&None));
    assert!(matches!(fields.get("due_at"), Some(Some(Value::Time(_)))));
}
