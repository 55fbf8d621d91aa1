//! What the relay refuses: into the tray with its reason, and everything else goes on.

use model::IdSource;
use model::app::{Request, SyncState, Update};
use model::query::{Answer, Query};
use sync::wire::{Nack, RelayFrame, Retry, nack};

use crate::desk::Desk;

fn refusal(command: model::CommandId, code: &str, retry: Retry) -> RelayFrame {
    let detail = "only the owner can change this".into();
    RelayFrame::Nack(Nack { command, code: code.into(), fields: Vec::new(), detail, retry })
}

fn tray(desk: &mut Desk) -> Vec<model::query::RefusedCommand> {
    let now = desk.env.now();
    match desk.replica.answer(&Query::Refused, now).unwrap() {
        Answer::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_edit_goes_to_the_tray_and_later_edits_are_executed_again() {
    let mut desk = Desk::alone();
    let (lead, created) = desk.create_lead("Website");
    desk.join();
    let bad = desk.set(lead, "source", "Referral".into());
    let good = desk.set(lead, "title", "Shop".into());
    let before = desk.pushed();
    assert_eq!(before.len(), 3);
    let (created, bad, good) = (created.command.unwrap(), bad.command.unwrap(), good.command.unwrap());

    desk.hear(refusal(bad, nack::NOT_ALLOWED, Retry::Never));
    desk.hear(refusal(good, nack::UNKNOWN_DEPENDENCY, Retry::Rebase));
    assert_eq!(desk.record(lead).unwrap().text("source"), "Referral", "verdicts wait until everything is answered");
    desk.hear(refusal(created, nack::WRONG_ACTOR, Retry::Rebase));

    let record = desk.record(lead).unwrap();
    assert_eq!((record.text("title"), record.text("source")), ("Shop", ""));
    let tray = tray(&mut desk);
    assert_eq!(tray.iter().map(|refused| refused.command).collect::<Vec<_>>(), [bad]);
    assert_eq!(tray[0].changes[0].after, Some("Referral".into()));
    let again = desk.pushed();
    assert_eq!(again.iter().map(|pushed| pushed.command).collect::<Vec<_>>(), [created, good]);
    assert_ne!(again[0].changes, before[0].changes, "executed again under another actor");
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn what_depended_on_a_refused_creation_goes_to_the_tray_with_it() {
    let mut desk = Desk::alone();
    desk.join();
    let (lead, created) = desk.create_lead("Website");
    let edited = desk.set(lead, "title", "Shop".into());
    let (created, edited) = (created.command.unwrap(), edited.command.unwrap());

    desk.hear(refusal(created, nack::NOT_ALLOWED, Retry::Never));
    desk.hear(refusal(edited, nack::UNKNOWN_DEPENDENCY, Retry::Rebase));

    assert_eq!(desk.record(lead), None);
    let tray = tray(&mut desk);
    assert_eq!(tray.iter().map(|refused| refused.command).collect::<Vec<_>>(), [created, edited]);
}

#[test]
fn a_refused_command_can_be_tried_again_or_discarded() {
    let mut desk = Desk::alone();
    desk.join();
    let (lead, created) = desk.create_lead("Website");
    desk.hear(refusal(created.command.unwrap(), nack::NOT_ALLOWED, Retry::Never));

    desk.ask(Request::SettleRefused { command: created.command.unwrap(), retry: true });

    assert_eq!(desk.record(lead).unwrap().text("title"), "Website");
    assert!(tray(&mut desk).is_empty());
}

#[test]
fn what_was_made_alone_becomes_the_persons_who_joins() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");

    desk.join();

    let owner = desk.record(lead).unwrap().owner().unwrap();
    assert_eq!(owner.to_string(), "00000000-0000-7000-8000-000000000001");
    assert_eq!(desk.pushed().len(), 1);
}

#[test]
fn garbage_from_the_relay_ends_the_session_and_nothing_else() {
    let mut desk = Desk::alone();
    desk.join();
    let (lead, _) = desk.create_lead("Website");

    for garbage in [&b""[..], b"\x01", b"\x09\x80", b"\x01\xff\xff\xff", &[1; 300_000]] {
        desk.input(replica::Input::SocketMessage(garbage.to_vec()));
        desk.input(replica::Input::SocketClosed { reason: "closed".into() });
        desk.input(replica::Input::SocketOpened);
    }

    assert_eq!(desk.record(lead).unwrap().text("title"), "Website");
    let mut states = desk.updates.iter().filter_map(|update| match update {
        Update::Session(session) => Some(&session.sync),
        _ => None,
    });
    assert!(states.next_back().is_some_and(|state| matches!(state, SyncState::Offline { .. })));
}
