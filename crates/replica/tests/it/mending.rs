//! A damaged file: what was only on this device goes on in a new one.

use model::app::Request;
use model::query::{Answer, Query};
use model::{IdSource, RecordRef};
use replica::{Mended, Replica};
use store::{SalvagedOutbox, Store};
use sync::wire::{Nack, RelayFrame, Resume, Retry, nack};

use crate::desk::Desk;

/// What `store::salvage` reads of a desk's file.
fn salvaged(desk: &Desk) -> SalvagedOutbox {
    let store = desk.replica.store();
    let meta = ["device", "account", "cursor"].iter();
    SalvagedOutbox {
        commands: store.outbox(0, u32::MAX).unwrap().into_iter().map(|(_, command)| command).collect(),
        refused: store.refused().unwrap(),
        meta: meta.filter_map(|key| Some(((*key).to_owned(), store.meta(key).unwrap()?))).collect(),
        ..SalvagedOutbox::default()
    }
}

/// The desk after its file was damaged and mended.
fn mend(mut desk: Desk, saved: &SalvagedOutbox) -> (Desk, Mended) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let mended = Replica::mend(Store::open(&path).unwrap(), saved, &mut desk.env).unwrap();
    let store = Store::open(&path).unwrap();
    assert!(Replica::is_mended(&store).unwrap());
    desk.replica = Replica::open(store, &mut desk.env).unwrap();
    desk.outputs.clear();
    (desk, mended)
}

fn tray(desk: &mut Desk) -> Vec<model::query::RefusedCommand> {
    let now = desk.env.now();
    match desk.replica.answer(&Query::Refused, now).unwrap() {
        Answer::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

fn title(desk: &Desk, lead: RecordRef) -> String {
    desk.record(lead).map(|record| record.text("title").to_owned()).unwrap_or_default()
}

#[test]
fn whoever_works_alone_gets_every_record_back() {
    let mut desk = Desk::alone();
    let (website, _) = desk.create_lead("Website");
    desk.set(website, "title", "Shop".into());
    let (audit, _) = desk.create_lead("Audit");
    let before = (desk.record(website), desk.record(audit));
    let mut saved = salvaged(&desk);
    // A change that can't be believed: its command still says what was meant.
    saved.commands[1].changes[0].bytes[12] ^= 0x55;

    let (desk, mended) = mend(desk, &saved);

    assert_eq!(mended, Mended { waiting: 3, in_tray: 0, unreadable: 0 });
    assert_eq!((desk.record(website), desk.record(audit)), before);
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn what_waited_for_the_relay_waits_again_as_it_was() {
    let mut desk = Desk::alone();
    desk.join();
    let (website, _) = desk.create_lead("Website");
    desk.set(website, "title", "Shop".into());
    let waited = desk.pushed();
    let saved = salvaged(&desk);

    let (mut desk, mended) = mend(desk, &saved);

    assert_eq!(mended.waiting, 2);
    assert_eq!(title(&desk, website), "Shop", "a record made here is shown without the relay");
    assert_eq!(desk.replica.cursor().unwrap(), None, "the rest is fetched from the start");
    desk.welcome_again();
    assert_eq!(desk.pushed(), waited, "the relay knows them should it have taken them already");
}

#[test]
fn a_command_with_a_damaged_change_goes_to_the_tray_and_can_be_tried_again() {
    let mut desk = Desk::alone();
    desk.join();
    let (website, _) = desk.create_lead("Website");
    let edit = desk.set(website, "title", "Shop".into());
    let mut saved = salvaged(&desk);
    let last = saved.commands.last_mut().unwrap();
    let length = last.changes[0].bytes.len();
    last.changes[0].bytes[length - 1] ^= 1;

    let (mut desk, mended) = mend(desk, &saved);

    assert_eq!((mended.waiting, mended.in_tray), (1, 1));
    assert_eq!(title(&desk, website), "Website");
    let refused = tray(&mut desk);
    assert_eq!(refused.iter().map(|refused| refused.command).collect::<Vec<_>>(), [edit.command.unwrap()]);
    desk.ask(Request::SettleRefused { command: edit.command.unwrap(), retry: true });
    assert_eq!(title(&desk, website), "Shop");
}

#[test]
fn a_part_of_a_command_is_never_sent_as_if_it_were_all() {
    let mut desk = Desk::alone();
    desk.join();
    let (one, _) = desk.create_lead("One");
    let (two, _) = desk.create_lead("Two");
    let fields = [("source".to_owned(), Some("Fair".into()))].into();
    let both = desk.act(model::Action::SetMany { records: vec![one, two], fields }).unwrap();
    let mut saved = salvaged(&desk);
    saved.commands.last_mut().unwrap().changes.pop();
    saved.losses.push("part of pending".into());

    let (mut desk, mended) = mend(desk, &saved);

    assert_eq!((mended.waiting, mended.in_tray), (2, 1));
    assert_eq!(tray(&mut desk)[0].command, both.command.unwrap());
}

#[test]
fn an_edit_that_built_on_a_lost_one_is_executed_again_when_the_record_comes_back() {
    let mut desk = Desk::alone();
    desk.join();
    let (website, created) = desk.create_lead("Website");
    desk.acknowledge(&[created.command.unwrap()]);
    let document = desk.replica.store().document(website.id).unwrap().unwrap();
    desk.set(website, "source", "Fair".into());
    desk.set(website, "title", "Shop".into());
    let mut saved = salvaged(&desk);
    let length = saved.commands[0].changes[0].bytes.len();
    saved.commands[0].changes[0].bytes[length - 1] ^= 1;
    let (mut desk, mended) = mend(desk, &saved);
    assert_eq!((mended.waiting, mended.in_tray), (1, 1));

    desk.welcome(Resume::Snapshot);
    let under_way = desk.pushed();
    desk.hear_snapshot(&document);
    assert!(desk.pushed().is_empty(), "what is executed again must not meet its own past");
    let detail = "the relay lacks a change that it builds on".into();
    let (code, fields, retry) = (nack::UNKNOWN_DEPENDENCY.into(), Vec::new(), Retry::Rebase);
    desk.hear(RelayFrame::Nack(Nack { command: under_way[0].command, code, fields, detail, retry }));

    let again = desk.pushed();
    assert_eq!(again.iter().map(|pushed| pushed.command).collect::<Vec<_>>(), [under_way[0].command]);
    assert_ne!(again[0].changes, under_way[0].changes, "executed again under another actor");
    let lead = desk.record(website).unwrap();
    assert_eq!((lead.text("title"), lead.text("source")), ("Shop", ""));
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn unreadable_records_from_the_relay_are_no_damage_here() {
    let mut desk = Desk::alone();
    desk.join();
    let (here, _) = desk.create_lead("Website");
    let foreign = RecordRef::new(model::Kind::Lead, desk.env.fresh_record_id());

    for (record, saved, row) in [(here, b"no document".to_vec(), b"{}".to_vec()), (foreign, Vec::new(), b"[".to_vec())]
    {
        desk.input(replica::Input::SocketClosed { reason: "closed".into() });
        desk.ask(Request::SyncNow);
        desk.welcome(Resume::Snapshot);
        desk.updates.clear();
        desk.hear_page(record, saved, row);

        let said = format!("{:?}", desk.updates);
        assert!(said.contains("the relay sent a record that can't be read"), "{said}");
        assert!(!desk.replica.needs_mending());
    }
    assert_eq!(title(&desk, here), "Website");
    assert_eq!(desk.record(foreign), None);
}
