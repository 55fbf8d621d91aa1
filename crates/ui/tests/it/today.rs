//! Today: what its rows offer, and how much of a day it shows.

use egui::Role;
use egui_kittest::kittest::Queryable;
use jiff::tz::TimeZone;
use model::action::Outcome;
use model::time::DAY_MILLIS;
use model::{Action, Kind, Value, build};

use crate::desk::{Desk, desk, lose_over_the_price, now};
use crate::stub::{StubReplica, me};

fn holds(harness: &egui_kittest::Harness<'_, Desk>, name: &str, value: &str) -> bool {
    let holds = |node: &egui_kittest::Node<'_>| {
        let node = egui_kittest::kittest::NodeT::accesskit_node(node);
        node.label().as_deref() == Some(name) && node.value().as_deref() == Some(value)
    };
    harness.query_all_by_role(Role::ComboBox).any(|node| holds(&node))
}

/// A lead of mine at Acme without a task, whose expected close has passed when `late`.
fn unplanned(late: bool) -> StubReplica {
    let acme = build::account("Acme").record();
    let lead = build::lead("Fleet").owned_by(me()).at(&acme).worth(50_000).created(now().plus_millis(-DAY_MILLIS));
    let lead = if late { lead.with("expected_close_date", now().date_in(&TimeZone::UTC).plus_days(-3)) } else { lead };
    let lead = lead.record();
    let call = build::activity("call", "Hello").about(&lead).with("direction", "out").record();
    StubReplica::started(now()).with([acme, lead, call])
}

#[test]
fn a_lead_is_lost_from_next_best_action() {
    let mut harness = desk(unplanned(true), "/");

    harness.get_by_role_and_label(Role::Button, "New date or close: Fleet").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "Lost…").click();
    harness.run();
    lose_over_the_price(&mut harness);

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::CloseLead { outcome: Outcome::Lost { .. }, .. }]), "{actions:?}");
}

#[test]
fn a_step_planned_from_next_best_action_is_about_its_lead() {
    let mut harness = desk(unplanned(false), "/");
    let fleet = harness.state().record(Kind::Lead, |_| true);

    harness.get_by_role_and_label(Role::Button, "Plan step: Fleet").click();
    harness.run();
    assert!(holds(&harness, "Record", "Fleet"));
    harness.get_by_role_and_label(Role::TextInput, "Title").type_text("Send the quote");
    harness.run();
    harness.key_press(egui::Key::Enter);
    harness.run();

    let actions = harness.state().actions();
    let [Action::Create { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("linked_id"), Some(&Value::Id(fleet.id)));
}

#[test]
fn what_is_logged_from_a_task_of_today_names_its_lead_and_reaches_its_account() {
    let mut replica = unplanned(false);
    let fleet = replica.first(Kind::Lead).expect("a lead").clone();
    // Next best action has it no more, so only the task's row shows.
    replica
        .apply(&[build::task("Send the quote", &fleet).owned_by(me()).due(now().plus_millis(3 * DAY_MILLIS)).edit()]);
    let acme = replica.first(Kind::Account).expect("an account").id;
    let mut harness = desk(replica, "/");

    harness.get_by_role_and_label(Role::Button, "Actions for Send the quote").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "Log and check off…").click();
    harness.run();
    assert!(holds(&harness, "About", "Fleet"));
    harness.get_by_role_and_label(Role::Button, "Call: talked").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::LogActivity { fields, .. }, Action::SetTaskDone { .. }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(fields.get("account_id"), Some(&Value::Id(acme)));
    assert_eq!(fields.get("lead_id"), Some(&Value::Id(fleet.id)));
}

#[test]
fn many_overdue_tasks_leave_room_for_what_is_due_today() {
    let lead = build::lead("Website").owned_by(me()).record();
    let mut replica = StubReplica::started(now()).with([lead.clone()]);
    let overdue = |index: i64| {
        let due = now().plus_millis(-2 * DAY_MILLIS - index);
        build::task(&format!("Late {index}"), &lead).owned_by(me()).due(due).edit()
    };
    let mut tasks: Vec<_> = (0..250).map(overdue).collect();
    tasks.push(build::task("Call back", &lead).owned_by(me()).due(now().plus_millis(3_600_000)).edit());
    replica.apply(&tasks);

    let harness = desk(replica, "/");

    harness.get_by_role_and_label(Role::CheckBox, "Done: Call back");
    harness.get_by_label("250");
}

#[test]
fn the_figures_are_those_of_the_day_that_shows() {
    let other = model::UserId::from_bytes([8; 16]);
    let mut grace = model::Record::new(Kind::User, other.record());
    grace.fields.insert("name".into(), "Grace Hopper".into());
    let mine = build::lead("Mine").owned_by(me()).worth(100_000).record();
    let theirs = build::lead("Theirs").owned_by(other).worth(500_000).record();
    let replica = StubReplica::started(now()).with([grace, mine, theirs]);

    desk(replica.clone(), "/").get_by_label("Open value: $1k");
    desk(replica.clone(), "/?who=all").get_by_label("Open value: $6k");
    let mut harness = desk(replica, &format!("/?who={}", other.record()));
    harness.get_by_label("Open value: $5k").click();
    harness.run();

    assert_eq!(harness.state().app.route(), format!("/pipeline?owner={}", other.record()));
}

#[test]
fn what_was_looked_at_is_known_after_a_restart_by_its_present_name_and_gone_with_its_record() {
    let contacts = ["Ada Byron", "Grace Hopper"].map(|name| build::contact(name).owned_by(me()).record());
    let pages = contacts.each_ref().map(|contact| format!("/contacts/{}", contact.id));
    let [ada, grace] = contacts.each_ref().map(|contact| contact.id);
    let mut harness = desk(StubReplica::started(now()).with(contacts), &pages[0]);
    harness.state_mut().app.go(&pages[1]);
    harness.run();

    let mut replica = harness.state().replica.clone();
    let here = |replica: &StubReplica, name: &str| {
        desk(replica.clone(), "/pipeline").query_all_by_label_contains(name).next().is_none()
            && desk(replica.clone(), "/").query_all_by_label_contains(name).next().is_some()
    };
    // Today shows them where there are leads or tasks.
    let lead = build::lead("Website").owned_by(me()).record();
    replica = replica.with([lead]);
    assert!(here(&replica, "Ada Byron") && here(&replica, "Grace Hopper"));
    replica.records.get_mut(&ada).expect("is here").fields.insert("last_name".into(), "Noether".into());
    replica.records.get_mut(&grace).expect("is here").fields.insert("deleted_at".into(), now().into());

    assert!(here(&replica, "Ada Noether"));
    assert!(!here(&replica, "Grace Hopper"));
}
