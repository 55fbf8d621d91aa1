//! Commands: taken once, refused as a whole, by name.

use ledger::Document;
use model::{Kind, RecordId, RecordRef, build};
use sync::wire::{Ack, COMMAND_MAX, Farewell, PushedChange, PushedCommand, RelayFrame, Retry, nack};

use crate::support::{ADA, ADA_PHONE, BEN, World, author, command, command_id, created, edited, push};

fn ack(frames: &[RelayFrame]) -> &Ack {
    match frames {
        [RelayFrame::Ack(ack)] => ack,
        _ => panic!("no ack: {frames:?}"),
    }
}

#[test]
fn a_command_is_acknowledged_with_its_place_in_the_log() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let before = world.relay.head();
    let (lead, first) = created(ADA, &build::lead("Website"));

    let frames = world.push(conn, vec![command(command_id(1, 1), [(&lead, &first)])]);

    let ack = ack(&frames);
    assert_eq!(ack.end, Some(world.relay.head()));
    assert_eq!(ack.accepted[0].first_seq, before.seq + 1);
    assert_eq!(ack.accepted[0].receipts.len(), 1);
    let log = world.log();
    let entry = log.last().expect("an entry");
    assert_eq!((entry.hash, entry.by.user, entry.by.device), (first.hash, ADA.user, ADA.device));
    assert_eq!(world.relay.head().digest, before.digest.then(entry.seq, entry.record.id, entry.hash));
}

#[test]
fn a_command_that_comes_again_is_answered_again_and_not_executed() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (lead, first) = created(ADA, &build::lead("Website"));
    let command = command(command_id(1, 1), [(&lead, &first)]);
    let taken = world.push_ok(conn, command.clone());
    let head = world.relay.head();

    let frames = world.push(conn, vec![command.clone()]);
    let later = world.connect_live(ADA);
    let from_elsewhere = world.push_ok(later, command);

    assert_eq!(ack(&frames), &Ack { accepted: vec![taken.clone()], end: None });
    assert_eq!(from_elsewhere, taken);
    assert_eq!(world.relay.head(), head);
}

#[test]
fn a_frame_that_comes_twice_in_one_group_counts_once() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (lead, first) = created(ADA, &build::lead("Website"));
    let frame = push(vec![command(command_id(1, 1), [(&lead, &first)])]);

    world.send_group(vec![(conn, frame.clone()), (conn, frame)]);

    let frames = world.hear(conn);
    let [RelayFrame::Ack(once), RelayFrame::Ack(again)] = frames.as_slice() else { panic!("{frames:?}") };
    assert_eq!(once.accepted, again.accepted);
    assert_eq!((once.end, again.end), (Some(world.relay.head()), None));
    assert_eq!(world.relay.head().seq, 2);
}

#[test]
fn a_command_without_changes_is_simply_done() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);

    let accepted = world.push_ok(conn, command(command_id(1, 1), []));

    assert_eq!((accepted.first_seq, accepted.receipts.len()), (0, 0));
}

#[test]
fn a_command_executed_anew_meanwhile_is_answered_with_its_first_form() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (lead, first) = created(ADA, &build::lead("Website"));
    let taken = world.push_ok(conn, command(command_id(1, 1), [(&lead, &first)]));
    let other = created(ADA, &build::lead("Another"));

    let again = world.push_ok(conn, command(command_id(1, 1), [(&other.0, &other.1)]));

    assert_eq!(again, taken);
}

#[test]
fn nobody_is_answered_for_somebody_elses_command() {
    let mut world = World::new();
    let (ada, ben) = (world.connect_live(ADA), world.connect_live(BEN));
    let (lead, first) = created(ADA, &build::lead("Website"));
    world.push_ok(ada, command(command_id(1, 1), [(&lead, &first)]));

    let refused = world.push_refused(ben, command(command_id(1, 1), [(&lead, &first)]));

    assert_eq!((refused.code.as_str(), refused.retry), (nack::INVALID, Retry::Never));
}

#[test]
fn all_changes_of_a_command_share_one_fate() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let head = world.relay.head();
    let (mut lead, first) = created(ADA, &build::lead("Website"));
    let (call, logged) = created(ADA, &build::activity("call", "Talked"));
    let good = edited(ADA, &mut lead, "title", "Web shop");
    let mut bad = edited(ADA, &mut lead, "title", "Damaged");
    bad.bytes.truncate(40);

    let changes = [(&lead, &first), (&call, &logged), (&lead, &good), (&lead, &bad)];
    let refused = world.push_refused(conn, command(command_id(1, 1), changes));
    let head_after_refusal = world.relay.head();
    let taken = world.push_ok(conn, command(command_id(1, 2), [(&lead, &first), (&call, &logged), (&lead, &good)]));

    assert_eq!(refused.code, nack::MALFORMED);
    assert_eq!(head_after_refusal, head);
    assert_eq!(taken.receipts.len(), 3);
}

#[test]
fn a_refusal_halfway_leaves_no_trace_in_documents() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (mut lead, first) = created(ADA, &build::lead("Website"));
    world.push_ok(conn, command(command_id(1, 1), [(&lead, &first)]));
    let good = edited(ADA, &mut lead, "title", "Web shop");
    let orphan = {
        let mut ahead = lead.clone();
        edited(ADA, &mut ahead, "title", "Skipped");
        edited(ADA, &mut ahead, "title", "Orphan")
    };

    world.push_refused(conn, command(command_id(1, 2), [(&lead, &good), (&lead, &orphan)]));
    let taken = world.push_ok(conn, command(command_id(1, 3), [(&lead, &good)]));

    assert_eq!(taken.first_seq, 3);
    assert!(world.relay.verify().expect("the store works").is_sound());
}

#[test]
fn what_builds_on_a_refused_change_is_refused_by_name() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (mut lead, first) = created(ADA, &build::lead("Website"));
    let (other, unrelated) = created(ADA, &build::lead("Other"));
    let edit = edited(ADA, &mut lead, "title", "Web shop");
    let damaged = PushedCommand {
        changes: vec![
            PushedChange { record: lead.record(), change: first.bytes.clone() },
            PushedChange { record: lead.record(), change: vec![1, 2, 3] },
        ],
        ..command(command_id(1, 1), [])
    };

    let commands =
        vec![damaged, command(command_id(1, 2), [(&lead, &edit)]), command(command_id(1, 3), [(&other, &unrelated)])];
    let frames = world.push(conn, commands);

    let [RelayFrame::Nack(damaged), RelayFrame::Nack(dependent), RelayFrame::Ack(stands)] = frames.as_slice() else {
        panic!("{frames:?}")
    };
    assert_eq!((damaged.code.as_str(), damaged.retry), (nack::MALFORMED, Retry::Never));
    assert_eq!((dependent.code.as_str(), dependent.retry), (nack::DEPENDS_ON_REFUSED, Retry::Rebase));
    assert_eq!(stands.accepted[0].command, command_id(1, 3));
}

#[test]
fn every_reason_has_its_name_and_says_what_to_do() {
    let mut world = World::new();
    let (ada, ben) = (world.connect_live(ADA), world.connect_live(BEN));
    let mut lead = world.create(ADA, &build::lead("Website"));
    let lost = edited(ADA, &mut lead, "title", "Lost on the way");
    let orphan = edited(ADA, &mut lead, "title", "Orphan");
    let (again, second_root) = created(BEN, &build::lead("Website"));
    let elsewhere = RecordRef::new(Kind::Contact, RecordId::from_bytes([7; 16]));

    let mut check = |conn, record, change: &[u8], code: &str, retry| {
        let changes = vec![PushedChange { record, change: change.to_vec() }];
        let refused = world.push_refused(conn, PushedCommand { changes, ..command(command_id(2, 2), []) });
        assert_eq!((refused.code.as_str(), refused.retry), (code, retry));
        assert!(!refused.detail.is_empty());
    };
    check(ada, lead.record(), b"nonsense", nack::MALFORMED, Retry::Never);
    check(ada, lead.record(), &[0x85; 300_000], nack::TOO_LARGE, Retry::Never);
    check(ada, lead.record(), &orphan.bytes, nack::UNKNOWN_DEPENDENCY, Retry::Rebase);
    check(ben, lead.record(), &lost.bytes, nack::WRONG_ACTOR, Retry::Rebase);
    check(ben, again.record(), &second_root.bytes, nack::INVALID, Retry::Never);
    check(ada, elsewhere, &created(ADA, &build::lead("Moved")).1.bytes, nack::INVALID, Retry::Never);
}

#[test]
fn an_actors_number_is_taken_once() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (mut here, first) = created(ADA, &build::lead("Website"));
    let mut there = here.clone();
    let one = edited(ADA, &mut here, "title", "Here");
    let other = edited(ADA, &mut there, "title", "There");
    world.push_ok(conn, command(command_id(1, 1), [(&here, &first), (&here, &one)]));

    let refused = world.push_refused(conn, command(command_id(1, 2), [(&there, &other)]));

    assert_eq!((refused.code.as_str(), refused.retry), (nack::WRONG_SEQUENCE, Retry::Rebase));
}

#[test]
fn an_actor_belongs_to_the_device_that_used_it_first_in_every_record() {
    let mut world = World::new();
    world.create(ADA, &build::lead("Website"));
    let stolen = author(ADA, build::lead("Website").reference());
    let record = build::lead("Mine").reference();
    let (forged, change) =
        Document::create(record, &build::lead("Mine").fields, &stolen).expect("the ledger minds no actors");
    let ben = world.connect_live(BEN);
    let phone = world.connect_live(ADA_PHONE);

    for conn in [ben, phone] {
        let refused = world.push_refused(conn, command(command_id(1, 1), [(&forged, &change)]));
        assert_eq!(refused.code, nack::WRONG_ACTOR);
    }
}

#[test]
fn a_large_command_comes_in_parts() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (lead, first) = created(ADA, &build::lead("Website"));
    let (call, logged) = created(ADA, &build::activity("call", "Talked"));
    let opening = PushedCommand { more: true, ..command(command_id(1, 1), [(&lead, &first)]) };

    let nothing_yet = world.push(conn, vec![opening]);
    let taken = world.push_ok(conn, command(command_id(1, 1), [(&call, &logged)]));

    assert!(nothing_yet.is_empty());
    assert_eq!(taken.receipts.len(), 2);
}

#[test]
fn a_command_that_is_interrupted_ends_the_conversation() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (lead, first) = created(ADA, &build::lead("Website"));
    let opening = PushedCommand { more: true, ..command(command_id(1, 1), [(&lead, &first)]) };

    let frames = world.push(conn, vec![opening, command(command_id(1, 2), [])]);

    assert!(matches!(frames.as_slice(), [RelayFrame::Goodbye(bye)] if bye.why == Farewell::Protocol));
    assert_eq!(world.relay.head().seq, 1);
}

#[test]
fn a_command_larger_than_allowed_is_refused_without_being_kept() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let record = build::lead("Website").reference();
    let part = |more| PushedCommand {
        command: command_id(1, 1),
        more,
        changes: vec![PushedChange { record, change: vec![0; 3 * 1024 * 1024] }],
    };

    let parts = COMMAND_MAX / (3 * 1024 * 1024) + 1;
    let silent = (0..parts).all(|_| world.push(conn, vec![part(true)]).is_empty());
    let refused = world.push_refused(conn, part(false));

    assert!(silent);
    assert_eq!(refused.code, nack::TOO_LARGE);
}

#[test]
fn a_full_disk_refuses_for_now_and_nothing_is_half_stored() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (lead, first) = created(ADA, &build::lead("Website"));
    let pushed = command(command_id(1, 1), [(&lead, &first)]);
    let head = world.relay.head();

    world.relay.store_mut().set_full(true);
    let refused = world.push_refused(conn, pushed.clone());
    let head_when_full = world.relay.head();
    world.relay.store_mut().set_full(false);
    let taken = world.push_ok(conn, pushed);

    assert_eq!((refused.code.as_str(), refused.retry), (nack::STORAGE_FULL, Retry::Later));
    assert_eq!(head_when_full, head);
    assert_eq!(taken.first_seq, 2);
}

#[test]
fn settings_that_start_alike_everywhere_are_no_second_settings() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let head = world.relay.head();
    let (settings, genesis) = Document::settings_genesis();

    let taken = world.push_ok(conn, command(command_id(1, 1), [(&settings, &genesis)]));

    assert_eq!(taken.first_seq, 1);
    assert_eq!(world.relay.head(), head);
}

#[test]
fn frames_with_damaged_blocks_end_the_conversation() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let mut bytes = push(vec![command(command_id(1, 1), [])]).encode();
    let last = bytes.len() - 1;
    bytes[last] ^= 0xff;
    bytes[last - 3] ^= 0xff;

    world.input(vec![(conn, sync_server::domain::Input::Frame(bytes))]);

    let frames = world.hear(conn);
    assert!(matches!(frames.as_slice(), [RelayFrame::Goodbye(_) | RelayFrame::Ack(_)]), "{frames:?}");
}
