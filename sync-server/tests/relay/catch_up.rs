//! Pulling the log in bounded batches.

use model::build;
use sync::slim::{Earlier, OpenEntriesError};
use sync::wire::{ClientFrame, FRAME_MAX, Farewell, Pull, RelayFrame};
use sync::{Cursor, Digest};

use crate::support::{ADA, BEN, World, command, command_id, created, edited, noise, push};

#[test]
fn a_long_absence_is_caught_up_in_batches_that_fit_frames() {
    let mut world = World::new();
    let writer = world.connect_live(ADA);
    for low in 0..24 {
        let draft = build::lead(&format!("Lead {low}")).with("custom/text", noise(u64::from(low), 40_000));
        let (lead, first) = created(ADA, &draft);
        world.push_ok(writer, command(command_id(3, low), [(&lead, &first)]));
    }
    let head = world.relay.head();
    let (conn, _) = world.connect(BEN, Some(Cursor { seq: 0, digest: Digest::EMPTY, ..head }));

    let mut cursor = Cursor { seq: 0, digest: Digest::EMPTY, ..head };
    let mut batches = 0;
    while cursor.seq < head.seq {
        let frames = world.send(conn, ClientFrame::Pull(Pull { after: cursor.seq }));
        let [frame @ RelayFrame::Entries(entries)] = frames.as_slice() else { panic!("{frames:?}") };
        assert!(frame.encode().len() <= FRAME_MAX);
        assert_eq!(entries.from, cursor.seq + 1);
        for entry in entries.open(|_| None).expect("a valid block") {
            cursor.digest = cursor.digest.then(entry.proof.seq, entry.record.id, entry.proof.hash);
            cursor.seq = entry.proof.seq;
        }
        assert_eq!(entries.end, cursor);
        batches += 1;
    }

    assert_eq!(cursor, head);
    assert!(batches > 1, "one batch would not show that they are bounded");
    assert_eq!(world.relay.stats().live, 2);
}

#[test]
fn a_pull_that_finds_nothing_new_makes_the_connection_live() {
    let mut world = World::new();
    let (conn, _) = world.connect(BEN, None);
    let head = world.relay.head();

    let frames = world.send(conn, ClientFrame::Pull(Pull { after: head.seq }));

    let [RelayFrame::Entries(entries)] = frames.as_slice() else { panic!("{frames:?}") };
    assert_eq!((entries.end, entries.head), (head, head.seq));
    assert_eq!(world.relay.stats().live, 1);
}

#[test]
fn a_pull_in_the_same_group_as_a_push_misses_nothing() {
    let mut world = World::new();
    let writer = world.connect_live(ADA);
    let (reader, _) = world.connect(BEN, None);
    let (lead, first) = created(ADA, &build::lead("Website"));

    let after = world.relay.head().seq;
    world.send_group(vec![
        (writer, push(vec![command(command_id(1, 1), [(&lead, &first)])])),
        (reader, ClientFrame::Pull(Pull { after })),
    ]);

    let ends: Vec<u64> = world
        .hear(reader)
        .iter()
        .map(|frame| if let RelayFrame::Entries(entries) = frame { entries.end.seq } else { 0 })
        .collect();
    assert_eq!(ends, [after, after + 1]);
}

#[test]
fn nobody_pulls_from_beyond_the_end() {
    let mut world = World::new();
    let (conn, _) = world.connect(BEN, None);

    let frames = world.send(conn, ClientFrame::Pull(Pull { after: 99 }));

    assert!(matches!(frames.as_slice(), [RelayFrame::Goodbye(bye)] if bye.why == Farewell::Protocol));
}

#[test]
fn an_edit_is_sent_without_what_the_client_holds_of_its_record() {
    let mut world = World::new();
    let writer = world.connect_live(ADA);
    let (mut lead, first) = created(ADA, &build::lead("Website"));
    world.push_ok(writer, command(command_id(1, 1), [(&lead, &first)]));
    let seen = world.relay.head();
    let edit = edited(ADA, &mut lead, "title", "Shop");
    world.push_ok(writer, command(command_id(1, 2), [(&lead, &edit)]));
    let known = Earlier { seq: seen.seq, record: lead.record(), hash: first.hash, actor: first.actor };
    let (conn, _) = world.connect(BEN, Some(seen));

    let frames = world.send(conn, ClientFrame::Pull(Pull { after: seen.seq }));

    let [RelayFrame::Entries(entries)] = frames.as_slice() else { panic!("{frames:?}") };
    let opened = entries.open(|seq| (seq == seen.seq).then_some(known)).expect("it is known");
    assert_eq!((opened[0].record, &opened[0].change), (lead.record(), &edit.bytes));
    assert_eq!(opened[0].proof.hash, edit.hash);
    assert_eq!(entries.open(|_| None), Err(OpenEntriesError::Unknown(seen.seq)));
}
