//! What the relay refuses: into the tray with its reason, and everything else goes on.

use std::collections::BTreeSet;

use model::IdSource;
use model::app::{Request, SyncState, Update};
use model::query::{Answer, Query};
use sync::slim::slim_entries;
use sync::wire::{ClientFrame, Entries, Entry, Nack, RelayFrame, Resume, Retry, Returned, SnapshotPage, Want, nack};
use sync::{Block, Cursor};

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

/// The relay that was restored takes back nothing of what it is offered; returns what that was.
fn heal_in_vain(desk: &mut Desk) -> Vec<Entry> {
    desk.welcome_with(Resume::Heal);
    let Some(ClientFrame::Offer(offer)) = desk.sent().pop() else { panic!("no offer") };
    desk.hear(RelayFrame::Want(Want { hashes: offer.hashes }));
    let Some(ClientFrame::Return(brought)) = desk.sent().pop() else { panic!("nothing brought") };
    let brought = brought.entries.open().unwrap();
    let refused = brought.iter().map(|entry| entry.proof.hash).collect();
    desk.hear(RelayFrame::Returned(Returned { taken: 0, refused }));
    brought
}

#[test]
fn what_a_restored_relay_does_not_take_back_is_in_the_tray_with_its_values_and_stands_in_the_record() {
    let mut desk = Desk::alone();
    desk.join();
    let (lead, created) = desk.create_lead("Website");
    desk.accept_all();
    let edited = desk.set(lead, "title", "Shop".into());
    desk.accept_all();
    desk.input(replica::Input::SocketClosed { reason: "closed".into() });
    desk.ask(Request::SyncNow);

    let brought = heal_in_vain(&mut desk);

    let told = tray(&mut desk);
    let expected = BTreeSet::from([created.command.unwrap(), edited.command.unwrap()]);
    assert_eq!(told.iter().map(|refused| refused.command).collect::<BTreeSet<_>>(), expected);
    assert_eq!((brought.len(), told[0].code.as_str(), told[0].can_suggest), (2, "not_taken_back", false));
    let edit = told.iter().find(|refused| Some(refused.command) == edited.command).expect("it is there");
    assert_eq!((edit.changes[0].key.as_str(), &edit.changes[0].after), ("title", &Some("Shop".into())));
    assert_eq!(desk.record(lead).unwrap().text("title"), "Shop");

    desk.ask(Request::SettleRefused { command: created.command.unwrap(), retry: true });
    assert_eq!(tray(&mut desk).len(), 2, "there is nothing to try again");
    desk.ask(Request::SettleRefused { command: created.command.unwrap(), retry: false });
    assert_eq!(tray(&mut desk).len(), 1);
    assert_eq!(desk.record(lead).unwrap().text("title"), "Shop");
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn what_somebody_else_brings_back_leaves_the_tray() {
    let mut desk = Desk::alone();
    desk.join();
    desk.create_lead("Website");
    desk.accept_all();
    desk.input(replica::Input::SocketClosed { reason: "closed".into() });
    desk.ask(Request::SyncNow);
    let mut brought = heal_in_vain(&mut desk);
    assert_eq!(tray(&mut desk).len(), 1);
    let (as_of, documents) = (Cursor::default(), SnapshotPage::pack(&[]));
    desk.hear(RelayFrame::SnapshotPage(SnapshotPage { as_of, total: 0, last: true, documents }));

    brought[0].proof.seq = 1;
    let digest = as_of.digest.then(1, brought[0].record.id, brought[0].proof.hash);
    let entries = Block::pack(&slim_entries(&brought, |_| None));
    desk.hear(RelayFrame::Entries(Entries { from: 1, end: Cursor { seq: 1, digest, ..as_of }, head: 1, entries }));

    assert!(tray(&mut desk).is_empty());
    assert!(desk.replica.verify().unwrap().problems.is_empty());
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
