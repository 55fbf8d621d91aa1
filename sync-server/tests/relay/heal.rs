//! A relay that has lost something gets it back from its clients.

use ledger::Document;
use model::{ChangeHash, FieldChanges, Kind, RecordRef, Role, build};
use sync::Block;
use sync::wire::{ClientFrame, Entry, Offer, RelayFrame, Resume, Return, Returned};
use sync_server::domain::{ConnId, Write};
use sync_server::store::{Authorship, MemoryStore};

use crate::support::{ADA, BEN, CAT, World, command, command_id, created, edited, entries_in};

fn offer(world: &mut World, conn: ConnId, entries: &[Entry]) -> Vec<ChangeHash> {
    let hashes = entries.iter().map(|entry| entry.proof.hash).collect();
    let frames = world.send(conn, ClientFrame::Offer(Offer { hashes }));
    let [RelayFrame::Want(want)] = frames.as_slice() else { panic!("{frames:?}") };
    want.hashes.clone()
}

fn bring(world: &mut World, conn: ConnId, entries: &[Entry]) -> Returned {
    let frames = world.send(conn, ClientFrame::Return(Return { entries: Block::pack(entries) }));
    let [RelayFrame::Returned(returned)] = frames.as_slice() else { panic!("{frames:?}") };
    returned.clone()
}

/// A relay with entries of two people, what a client that saw them all holds, and the store as it was before.
fn before_and_after() -> (World, Vec<Entry>, MemoryStore) {
    let mut world = World::new();
    world.create(ADA, &build::lead("Kept"));
    let old = world.relay.store_mut().clone();
    let mut lead = world.create(ADA, &build::lead("Lost"));
    let edit = edited(BEN, &mut lead, "title", "Lost and edited");
    let ben = world.connect_live(BEN);
    world.push_ok(ben, command(command_id(1, 1), [(&lead, &edit)]));
    let (conn, _) = world.connect(CAT, None);
    let held = entries_in(&world.send(conn, ClientFrame::Pull(sync::wire::Pull { after: 0 })));
    (world, held, old)
}

fn restored(old: MemoryStore) -> World {
    let mut world = World::seeded(old, 7);
    world.relay.begin_epoch(&mut world.env).expect("the store works");
    world
}

#[test]
fn a_relay_restored_from_a_backup_gets_everything_back_from_whoever_holds_it() {
    let (world, held, old) = before_and_after();
    let end = world.relay.head();
    let mut restored = restored(old);

    let (conn, welcome) = restored.connect(CAT, Some(end));
    let wanted = offer(&mut restored, conn, &held);
    let lost: Vec<Entry> = held.iter().filter(|entry| wanted.contains(&entry.proof.hash)).cloned().collect();
    let returned = bring(&mut restored, conn, &lost);

    assert_eq!(welcome.resume, Resume::Heal);
    assert_eq!(wanted.len(), 2);
    assert_eq!(returned, Returned { taken: 2, refused: vec![] });
    let log = restored.log();
    for entry in &held {
        let back = log.iter().find(|back| back.hash == entry.proof.hash).expect("it is back");
        assert_eq!((back.by.user, back.command), (entry.proof.user, entry.proof.command));
        assert_eq!(back.received_at, entry.proof.received_at);
    }
    assert!(restored.relay.verify().expect("the store works").is_sound());
}

#[test]
fn what_comes_back_is_announced_to_the_others() {
    let (_, held, old) = before_and_after();
    let mut restored = restored(old);
    let listener = restored.connect_live(ADA);
    let (conn, _) = restored.connect(CAT, None);

    bring(&mut restored, conn, &held);

    let heard: Vec<ChangeHash> = entries_in(&restored.hear(listener)).iter().map(|entry| entry.proof.hash).collect();
    assert_eq!(heard, held[2..].iter().map(|entry| entry.proof.hash).collect::<Vec<_>>());
}

#[test]
fn bringing_back_twice_changes_nothing() {
    let (_, held, old) = before_and_after();
    let mut restored = restored(old);
    let (conn, _) = restored.connect(CAT, None);
    bring(&mut restored, conn, &held);
    let head = restored.relay.head();

    let again = bring(&mut restored, conn, &held);

    assert_eq!(again.refused, vec![]);
    assert_eq!(restored.relay.head(), head);
}

#[test]
fn a_command_that_came_back_is_answered_when_its_author_pushes_it_again() {
    let (_, held, old) = before_and_after();
    let mut restored = restored(old);
    let (conn, _) = restored.connect(CAT, None);
    bring(&mut restored, conn, &held);
    let last = held.last().expect("entries");
    let pushed = sync::wire::PushedCommand {
        command: last.proof.command,
        more: false,
        changes: vec![sync::wire::PushedChange { record: last.record, change: last.change.clone() }],
    };
    let ben = restored.connect_live(BEN);
    let head = restored.relay.head();

    let accepted = restored.push_ok(ben, pushed);

    assert_eq!(accepted.receipts, [last.proof.receipt]);
    assert_eq!(restored.relay.head(), head);
}

#[test]
fn a_command_that_came_back_in_part_is_completed_by_its_author() {
    let mut world = World::new();
    let ada = world.connect_live(ADA);
    let old = world.relay.store_mut().clone();
    let (lead, first) = created(ADA, &build::lead("Website"));
    let (call, logged) = created(ADA, &build::activity("call", "Talked"));
    let pushed = command(command_id(1, 1), [(&lead, &first), (&call, &logged)]);
    world.push_ok(ada, pushed.clone());
    let (conn, _) = world.connect(CAT, None);
    let held = entries_in(&world.send(conn, ClientFrame::Pull(sync::wire::Pull { after: 1 })));
    let mut restored = restored(old);
    let (cat, _) = restored.connect(CAT, None);
    bring(&mut restored, cat, &held[..1]);
    let ada = restored.connect_live(ADA);

    let frames = restored.push(ada, vec![pushed.clone()]);
    let again = restored.push_ok(ada, pushed);

    let [RelayFrame::Entries(rest), RelayFrame::Ack(ack)] = frames.as_slice() else { panic!("{frames:?}") };
    assert_eq!(rest.open(|_| None).expect("a block")[0].proof.hash, logged.hash);
    assert_eq!((ack.end, ack.accepted[0].receipts.len()), (None, 2));
    assert_eq!(again.check, ack.accepted[0].check);
    assert_eq!(restored.relay.head().seq, 3);
}

#[test]
fn without_a_receipt_people_bring_back_only_what_is_theirs() {
    let (_, held, _) = before_and_after();
    let mut empty = World::seeded(MemoryStore::new(), 9);
    let (ada, _) = empty.connect(ADA, None);
    let (ben, _) = empty.connect(BEN, None);

    let early = bring(&mut empty, ben, &held);
    let of_ada = bring(&mut empty, ada, &held);
    let of_ben = bring(&mut empty, ben, &held);

    assert_eq!(early.taken, 1, "the settings are the same everywhere");
    assert_eq!((of_ada.taken, of_ada.refused.len()), (3, 1));
    assert_eq!((of_ben.taken, of_ben.refused.len()), (4, 0));
}

#[test]
fn an_administrator_refills_an_empty_relay_with_everybodys_records() {
    let (_, held, _) = before_and_after();
    let mut empty = World::seeded(MemoryStore::new(), 9);
    empty.env.roles.insert(CAT.user, Role::Admin);
    let (conn, _) = empty.connect(CAT, None);

    let returned = bring(&mut empty, conn, &held);

    assert_eq!(returned, Returned { taken: 4, refused: vec![] });
    let entries = empty.log();
    let changes = entries.iter().filter(|entry| entry.record == held[3].record).map(|entry| entry.change.as_slice());
    let document = Document::from_changes(held[3].record, changes).expect("sound");
    assert_eq!(document.read().0.text("title"), "Lost and edited");
}

#[test]
fn forged_and_damaged_entries_stay_outside() {
    let (_, held, old) = before_and_after();
    let mut restored = restored(old);
    let (conn, _) = restored.connect(CAT, None);
    let mut other_user = held[2].clone();
    other_user.proof.user = CAT.user;
    other_user.proof.received_at = other_user.proof.received_at.plus_millis(1);
    let mut damaged = held[2].clone();
    damaged.change[20] ^= 1;
    let mut renamed = held[2].clone();
    renamed.proof.hash = ChangeHash([3; 32]);
    let orphan = held[3].clone();

    for forged in [damaged, renamed, orphan] {
        let returned = bring(&mut restored, conn, std::slice::from_ref(&forged));
        assert_eq!((returned.taken, returned.refused.len()), (0, 1), "{:?}", forged.proof);
    }
    restored.env.roles.insert(CAT.user, Role::Viewer);
    let (viewer, _) = restored.connect(CAT, None);
    let returned = bring(&mut restored, viewer, &[other_user]);

    assert_eq!(returned.taken, 0);
    assert_eq!(restored.relay.head().seq, 2);
}

/// The backup is from before Ben was made a viewer, and so are the tables that say who may do what.
#[test]
fn a_role_that_comes_back_older_or_newer_than_the_relay_knows_is_set_right_for_everybody() {
    let mut world = World::new();
    let list = |world: &mut World, role: &str| {
        let fields = FieldChanges::from([("role".to_owned(), Some(role.into()))]);
        world.env.listed.insert(BEN.user, fields.clone());
        let by = Authorship { user: BEN.user, device: BEN.device };
        let outputs = world.relay.write_as(&mut world.env, by, vec![Write::user(BEN.user, fields)]);
        world.sort(outputs.expect("people can be listed"));
    };
    list(&mut world, "user");
    let (old, tables) = (world.relay.store_mut().clone(), world.env.listed.clone());
    list(&mut world, "viewer");
    let (conn, _) = world.connect(CAT, None);
    let held = entries_in(&world.send(conn, ClientFrame::Pull(sync::wire::Pull { after: 0 })));
    let mut restored = restored(old);
    restored.env.listed = tables;
    let ben = restored.connect_live(BEN);
    let (conn, _) = restored.connect(CAT, None);

    let returned = bring(&mut restored, conn, &held);

    assert_eq!(returned.refused, vec![]);
    let person = RecordRef::new(Kind::User, BEN.user.record());
    let seen = restored.relay.look(person).expect("the store works").expect("Ben is listed");
    assert_eq!(seen.record.text("role"), "user");
    let heard = entries_in(&restored.hear(ben));
    assert_eq!(heard.len(), 2, "what came back, and what is true");
    assert!(restored.relay.verify().expect("the store works").is_sound());
}
