//! Undo and redo from the keyboard and from messages, and the question before a newer value is overwritten.

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::app::{Overwrite, Trouble};
use model::query::Author;
use model::{Action, Kind, Value, build};

use crate::desk::{Desk, desk, now};
use crate::stub::{StubReplica, me};

/// A lead's page on which the lead was moved to Proposal.
fn moved() -> Harness<'static, Desk> {
    let lead = build::lead("Website").owned_by(me()).worth(100_000).in_stage("new").record();
    let route = format!("/leads/{}", lead.id);
    let mut harness = desk(StubReplica::started(now()).with([lead]), &route);
    harness.get_by_role_and_label(Role::Button, "Move to Proposal").click();
    harness.run();
    harness
}

fn stage(harness: &Harness<'_, Desk>) -> String {
    let desk = harness.state();
    let lead = desk.record(Kind::Lead, |_| true);
    desk.replica.records[&lead.id].place().0.to_owned()
}

fn press(harness: &mut Harness<'_, Desk>, modifiers: Modifiers) {
    harness.key_press_modifiers(modifiers, Key::Z);
    harness.run();
}

#[test]
fn ctrl_shift_z_does_again_what_ctrl_z_took_back() {
    let mut harness = moved();

    press(&mut harness, Modifiers::COMMAND);
    assert_eq!(stage(&harness), "new");
    harness.get_by_label("Undid: Moved 1 lead to Proposal");
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT);
    assert_eq!(stage(&harness), "proposal");
    harness.get_by_label("Redid: Moved 1 lead to Proposal");
    press(&mut harness, Modifiers::COMMAND);

    assert_eq!(stage(&harness), "new");
}

#[test]
fn the_message_of_an_undo_offers_redo() {
    let mut harness = moved();

    harness.get_by_role_and_label(Role::Button, "Undo").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Redo").click();
    harness.run();

    assert_eq!(stage(&harness), "proposal");
}

#[test]
fn something_new_ends_what_could_be_redone() {
    let mut harness = moved();
    press(&mut harness, Modifiers::COMMAND);

    harness.get_by_role_and_label(Role::Button, "Move to Qualified").click();
    harness.run();
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT);

    harness.get_by_label("Nothing to redo");
    assert_eq!(stage(&harness), "qualified");
}

#[test]
fn a_newer_value_shows_before_undo_overwrites_it() {
    let mut harness = moved();
    let record = harness.state().record(Kind::Lead, |_| true);
    let clash = Overwrite {
        record,
        name: "Website".into(),
        key: "value_cents".into(),
        newer: Some(Value::Int(300_000)),
        older: Some(Value::Int(100_000)),
        author: Author { name: "Grace Hopper".into(), ..Author::default() },
        at: now(),
    };
    harness.state_mut().replica.fail_next = Some(Trouble::WouldOverwrite { clashes: vec![clash], rest: 1 });

    press(&mut harness, Modifiers::COMMAND);
    harness.get_by_role_and_label(Role::Dialog, "Undo would overwrite newer values");
    harness.get_by_label_contains("Now $3,000.00, by Grace Hopper");
    harness.get_by_label("would become $1,000.00");
    harness.get_by_role_and_label(Role::Button, "Keep newer values").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.last(), Some(Action::UndoOver { overwrite: false, .. })), "{actions:?}");
    harness.get_by_label("Undid: Moved 1 lead to Proposal");
}

#[test]
fn whoever_is_asked_and_does_not_want_to_can_still_undo_later() {
    let mut harness = moved();
    harness.state_mut().replica.fail_next = Some(Trouble::WouldOverwrite { clashes: Vec::new(), rest: 1 });

    press(&mut harness, Modifiers::COMMAND);
    harness.get_by_role_and_label(Role::Button, "Cancel").click();
    harness.run();
    assert_eq!(stage(&harness), "proposal");
    press(&mut harness, Modifiers::COMMAND);

    assert_eq!(stage(&harness), "new");
}
