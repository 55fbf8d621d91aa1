//! Reminders behind the bell, and asking the browser.

use egui::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::app::Update;
use model::reminder::{READ, Reminder, SNOOZED};
use model::{Action, Value, build};
use ui::reminders::Notifications;
use ui::{Effect, Options};

use crate::desk::{Desk, desk, desk_sized, now};
use crate::stub::{StubReplica, me};

const HOUR: i64 = 3_600_000;

fn planned(titles: &[&str]) -> StubReplica {
    let lead = build::lead("Website").owned_by(me()).worth(100_000).in_stage("new").record();
    let due = now().plus_millis(HOUR / 6);
    let created = now().plus_millis(-24 * HOUR);
    let tasks: Vec<_> =
        titles.iter().map(|title| build::task(title, &lead).owned_by(me()).created(created).due(due).edit()).collect();
    let mut replica = StubReplica::started(now()).with([lead]);
    replica.apply(&tasks);
    replica
}

fn open_bell(harness: &mut Harness<'_, Desk>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

#[test]
fn a_reminder_is_dismissed_for_all_devices_from_the_bell() {
    let mut harness = desk(planned(&["Send quote"]), "/settings");

    open_bell(&mut harness, "1 reminder");
    harness.get_by_role_and_label(Role::Button, "Dismiss: Send quote").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::SetFields { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get(READ), Some(&Some(Value::Time(now()))));
    harness.get_by_role_and_label(Role::Button, "Reminders");
}

#[test]
fn a_reminder_is_snoozed_for_an_hour() {
    let mut harness = desk(planned(&["Send quote"]), "/settings");

    open_bell(&mut harness, "1 reminder");
    harness.get_by_role_and_label(Role::Button, "Remind in an hour: Send quote").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::SetFields { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get(SNOOZED), Some(&Some(Value::Time(now().plus_millis(HOUR)))));
}

#[test]
fn all_reminders_are_dismissed_in_one_step() {
    let mut harness = desk(planned(&["Send quote", "Call Grace"]), "/settings");

    open_bell(&mut harness, "2 reminders");
    harness.get_by_role_and_label(Role::Button, "Dismiss all").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::Prepared { edits, .. }] if edits.len() == 2), "{actions:?}");
    harness.get_by_role_and_label(Role::Button, "Undo").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "2 reminders");
}

#[test]
fn what_was_missed_is_said_once_together() {
    let mut harness = desk(planned(&["Send quote", "Call Grace"]), "/");
    let reminder = |title: &str| Reminder {
        task: build::account(title).id,
        title: title.into(),
        about: None,
        about_name: String::new(),
        due_at: None,
        all_day: false,
        at: now(),
    };

    harness.state_mut().app.receive(Update::Remind(vec![reminder("Send quote"), reminder("Call Grace")]));
    harness.run();

    harness.get_by_label("2 reminders: Call Grace, Send quote");
}

#[test]
fn the_browser_asks_only_after_a_click() {
    let options = Options { notifications: Notifications::NotAsked, ..Options::default() };
    let mut harness = desk_sized(planned(&["Send quote"]), "/", options, [1440.0, 900.0]);
    assert!(!harness.state().effects.contains(&Effect::AskToNotify));

    open_bell(&mut harness, "1 reminder");
    harness.get_by_role_and_label(Role::Button, "Notify me outside this tab…").click();
    harness.run();
    assert!(harness.state().effects.contains(&Effect::AskToNotify));
    harness.state_mut().app.set_notifications(Notifications::Blocked);
    harness.run();

    assert!(harness.query_by_label("Notify me outside this tab…").is_none());
}

#[test]
fn a_task_chooses_when_it_reminds() {
    let mut harness = desk(planned(&["Send quote"]), "/");

    harness.get_by_role_and_label(Role::Button, "Actions for Send quote").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "An hour before").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::SetFields { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    let at = now().plus_millis(HOUR / 6 - HOUR);
    assert_eq!(fields.get("reminder_at"), Some(&Some(Value::Time(at))));
}
