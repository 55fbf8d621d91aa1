//! The day's work: next best action, tasks, quick log.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use model::time::DAY_MILLIS;
use model::{Action, Kind, Value, build};

use crate::desk::{desk, now};
use crate::stub::{StubReplica, me};

/// A lead of mine with a task that was due two days ago.
fn overdue() -> StubReplica {
    let mut replica = StubReplica::started(now());
    let lead = build::lead("Website")
        .owned_by(me())
        .created(now().plus_millis(-10 * DAY_MILLIS))
        .worth(100_000)
        .in_stage("new")
        .record();
    let task = build::task("Send the quote", &lead).owned_by(me()).due(now().plus_millis(-2 * DAY_MILLIS));
    let task = task.edit();
    replica = replica.with([lead]);
    replica.apply(&[task]);
    replica
}

#[test]
fn a_finished_task_asks_for_the_next_step() {
    let mut harness = desk(overdue(), "/");

    harness.get_by_role_and_label(Role::CheckBox, "Done: Send the quote").click();
    harness.run();
    harness.get_by_label("Next step for Website?");
    harness.get_by_role_and_label(Role::Button, "Next step: +3d").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::SetTaskDone { done: true, .. }, Action::Create { record, fields }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(record.kind, Kind::Task);
    let due = fields.get("due_at").and_then(Value::as_time).map(|due| due.to_string());
    assert_eq!(due.as_deref(), Some("2026-03-05T00:00:00.000Z"));
    assert!(harness.query_by_label("Next step for Website?").is_none());
}

#[test]
fn a_task_is_put_off_from_its_row() {
    let mut harness = desk(overdue(), "/");

    harness.get_by_role_and_label(Role::Button, "Actions for Send the quote").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "Tomorrow").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::SetFields { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("all_day"), Some(&Some(Value::Bool(true))));
}

#[test]
fn next_best_action_says_why_and_its_button_logs_and_checks_off() {
    let mut harness = desk(overdue(), "/");

    harness.get_by_label_contains("Website: 2 days overdue");
    harness.get_by_role_and_label(Role::Button, "Do or snooze: Website").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "Log and check off…").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Call: talked").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::LogActivity { fields, .. }, Action::SetTaskDone { done: true, .. }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(fields.get("subject"), Some(&Value::from("Send the quote")));
}

#[test]
fn a_call_is_logged_in_two_actions() {
    let mut harness = desk(overdue(), "/pipeline");
    harness.key_press(Key::ArrowDown);
    harness.run();

    harness.key_press(Key::L);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Call: no answer").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::LogActivity { fields, follow_up: None, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("type"), Some(&Value::from("call")));
    assert_eq!(fields.get("outcome"), Some(&Value::from("No answer")));
    assert_eq!(fields.get("via"), Some(&Value::from("quick_log")));
    assert!(fields.contains_key("lead_id"));
    harness.get_by_label("Logged call");
}

#[test]
fn quick_log_without_a_record_asks_what_it_is_about() {
    let mut harness = desk(overdue(), "/settings");

    harness.key_press(Key::L);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Email: sent").click();
    harness.run();
    harness.get_by_label("Choose what it is about");
    assert_eq!(harness.state().actions(), []);
    harness.get_by_role_and_label(Role::ComboBox, "About").click();
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, "Website").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Follow up Tomorrow").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Email: sent").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::LogActivity { follow_up: Some(_), .. }]), "{actions:?}");
}
