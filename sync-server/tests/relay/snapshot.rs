//! How a fresh client gets everything.

use std::collections::BTreeMap;

use ledger::Document;
use model::{RecordId, build};
use sync::Cursor;
use sync::wire::{ClientFrame, FRAME_MAX, RelayFrame, SnapshotDocument, SnapshotNext, SnapshotPage};
use sync_server::domain::ConnId;
use sync_server::store::LogStore;

use crate::support::{ADA, BEN, World, author, command, command_id, created, edited, entries_after, noise};

fn next_page<S: LogStore>(
    world: &mut World<S>,
    conn: ConnId,
    next: SnapshotNext,
) -> (SnapshotPage, Vec<SnapshotDocument>) {
    let frames = world.send(conn, ClientFrame::SnapshotNext(next));
    let [frame @ RelayFrame::SnapshotPage(page)] = frames.as_slice() else { panic!("{frames:?}") };
    assert!(frame.encode().len() <= FRAME_MAX);
    (page.clone(), page.open().expect("a valid block"))
}

/// Fetches all pages.
fn fetch<S: LogStore>(world: &mut World<S>, conn: ConnId) -> (Cursor, BTreeMap<RecordId, SnapshotDocument>, usize) {
    let mut found = BTreeMap::new();
    let (mut as_of, mut after, mut pages) = (None, None, 0);
    loop {
        let (page, documents) = next_page(world, conn, SnapshotNext { as_of, after });
        pages += 1;
        as_of = as_of.or(Some(page.as_of.seq));
        after = documents.last().map(|document| document.record.id);
        found.extend(documents.into_iter().map(|document| (document.record.id, document)));
        if page.last {
            return (page.as_of, found, pages);
        }
    }
}

#[test]
fn the_snapshot_holds_every_document_with_its_row_and_proofs() {
    let mut world = World::new();
    let mut lead = world.create(ADA, &build::lead("Website").worth(5_000));
    let writer = world.connect_live(ADA);
    for (low, title) in (1..).zip(["One", "Two", "Three", "Four", "Five"]) {
        let edit = edited(ADA, &mut lead, "title", title);
        world.push_ok(writer, command(command_id(9, low), [(&lead, &edit)]));
    }
    let mut moved = world.create(ADA, &build::lead("Shop"));
    let edit = edited(ADA, &mut moved, "place", "qualified|m");
    world.push_ok(writer, command(command_id(9, 9), [(&moved, &edit)]));
    let call = world.create(BEN, &build::activity("call", "Talked").about(&build::lead("Website")));
    let (conn, _) = world.connect(BEN, None);

    let (as_of, found, _) = fetch(&mut world, conn);

    assert_eq!(as_of, world.relay.head());
    assert_eq!(found.len(), 4);
    for document in [&lead, &moved, &call] {
        let sent = &found[&document.record().id];
        let loaded = Document::load(document.record(), &sent.saved, &sent.heads).expect("a sound document");
        assert_eq!(loaded.read(), document.read());
        let row = sync::row::decode(&sent.row).expect("a row");
        let touched = document.change_metas().iter().map(|meta| meta.at).max().expect("it has changes");
        assert_eq!(row.get("updated_at"), Some(&touched.into()));
        assert_eq!(row, document.shown().0.fields);
        assert_eq!(sent.proofs.len(), document.change_metas().len());
    }
    let entered = moved.change_metas().iter().map(|meta| meta.at.as_millis()).max();
    assert_eq!(found[&moved.record().id].stage_entered_at, entered);
    assert_eq!(found[&lead.record().id].stage_entered_at, None, "it was never moved");
}

#[test]
fn pages_can_be_asked_for_anew_and_go_on_where_they_ended() {
    let mut world = World::new();
    let writer = world.connect_live(ADA);
    for low in 0..24 {
        let draft = build::lead(&format!("Lead {low}")).with("custom/text", noise(u64::from(low), 50_000));
        let (lead, first) = created(ADA, &draft);
        world.push_ok(writer, command(command_id(4, low), [(&lead, &first)]));
    }
    let (conn, _) = world.connect(BEN, None);
    let (first, documents) = next_page(&mut world, conn, SnapshotNext { as_of: None, after: None });
    let after = documents.last().map(|document| document.record.id);
    let going_on = SnapshotNext { as_of: Some(first.as_of.seq), after };
    world.relay.disconnect(conn);

    let (again, _) = world.connect(BEN, None);
    let (second, rest) = next_page(&mut world, again, going_on.clone());
    let (repeated, _) = next_page(&mut world, again, going_on);

    assert!(!first.last);
    assert_eq!((second.as_of, second.total), (first.as_of, first.total));
    assert_eq!(repeated, second);
    assert!(rest.iter().all(|document| Some(document.record.id) > after));
}

#[test]
fn what_changes_while_pages_are_fetched_comes_with_the_log() {
    let mut world = World::new();
    let mut lead = world.create(ADA, &build::lead("Website"));
    let (conn, _) = world.connect(BEN, None);
    let (page, documents) = next_page(&mut world, conn, SnapshotNext { as_of: None, after: None });

    let edit = edited(ADA, &mut lead, "title", "Changed meanwhile");
    let writer = world.connect_live(ADA);
    world.push_ok(writer, command(command_id(5, 5), [(&lead, &edit)]));
    let frames = world.send(conn, ClientFrame::Pull(sync::wire::Pull { after: page.as_of.seq }));

    let sent = documents.iter().find(|document| document.record == lead.record()).expect("in the page");
    let mut document = Document::load(sent.record, &sent.saved, &sent.heads).expect("sound");
    let held: Vec<_> = sent.proofs.iter().map(|proof| (sent.record, proof.clone())).collect();
    for entry in entries_after(&held, &frames) {
        document.apply(&entry.change).expect("sound");
    }
    assert_eq!(document.heads(), lead.heads());
}

#[test]
fn a_document_too_large_for_a_frame_comes_in_part_and_the_rest_with_the_log() {
    let mut world = World::new();
    let writer = world.connect_live(ADA);
    let mut lead = world.create(ADA, &build::lead("Website"));
    for low in 0..24 {
        let edit = edited(ADA, &mut lead, "custom/text", noise(u64::from(low), 30_000));
        world.push_ok(writer, command(command_id(6, low), [(&lead, &edit)]));
    }

    let (first_try, _) = world.connect(BEN, None);
    let hung_up = world.send(first_try, ClientFrame::SnapshotNext(SnapshotNext { as_of: None, after: None }));
    let (conn, _) = world.connect(BEN, None);
    let (as_of, found, _) = fetch(&mut world, conn);
    let sent = &found[&lead.record().id];
    let mut document = Document::load(sent.record, &sent.saved, &sent.heads).expect("sound");
    let mut held: Vec<_> = sent.proofs.iter().map(|proof| (sent.record, proof.clone())).collect();
    let mut after = as_of.seq;
    while after < world.relay.head().seq {
        let frames = world.send(conn, ClientFrame::Pull(sync::wire::Pull { after }));
        for entry in entries_after(&held, &frames) {
            after = entry.proof.seq;
            held.push((entry.record, entry.proof));
            document.apply(&entry.change).expect("sound");
        }
    }

    assert!(matches!(hung_up.as_slice(), [RelayFrame::Goodbye(bye)] if bye.retry_after_millis.is_some()));
    assert!(as_of.seq < world.relay.head().seq);
    assert_eq!(document.heads(), lead.heads());
}

#[test]
fn a_page_never_inflates_to_more_than_a_client_takes() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    // Long texts that all but vanish when packed; the row holds them once more.
    let wide = |id: u8, fields: usize, letter: &str| {
        let draft = build::lead("Wide").with_id(RecordId::from_bytes([id; 16]));
        (0..fields).fold(draft, |draft, field| draft.with(&format!("custom/{field}"), letter.repeat(64_000)))
    };
    let (small, first) = created(ADA, &wide(1, 7, "a"));
    world.push_ok(conn, command(command_id(1, 1), [(&small, &first)]));
    let (mut large, first) = created(ADA, &wide(2, 14, "a"));
    world.push_ok(conn, command(command_id(1, 2), [(&large, &first)]));
    for (low, letter) in (3..).zip(["b", "c"]) {
        let author = author(ADA, large.record());
        let changes = wide(2, 14, letter).fields.clone().into_iter().filter(|(key, _)| key.starts_with("custom/"));
        let changes = changes.map(|(key, value)| (key, Some(value))).collect();
        let edit = large.edit(&changes, &[], &author, &author).expect("valid").expect("a change");
        world.push_ok(conn, command(command_id(1, low), [(&large, &edit)]));
    }

    let (newcomer, _) = world.connect(BEN, None);
    let (_, found, pages) = fetch(&mut world, newcomer);

    assert_eq!((found.len(), pages), (3, 3));
    let sent = &found[&large.record().id];
    let loaded = Document::load(sent.record, &sent.saved, &sent.heads).expect("sound");
    assert_eq!(loaded.heads(), large.heads());
}

#[test]
fn warming_up_changes_nothing_but_the_time_it_takes() {
    let mut cold = World::new();
    for title in ["One", "Two", "Three"] {
        cold.create(ADA, &build::lead(title));
    }
    let store = cold.relay.store_mut().clone();
    let mut warm = World::seeded(store, 2);
    while warm.relay.warm_up() {}

    let pages: Vec<_> = [cold, warm]
        .into_iter()
        .map(|mut world| {
            let (conn, _) = world.connect(BEN, None);
            fetch(&mut world, conn).1
        })
        .collect();

    assert_eq!(pages[0], pages[1]);
}

#[test]
fn a_conflict_is_marked() {
    let mut world = World::new();
    let mut lead = world.create(ADA, &build::lead("Website"));
    let mut copy = lead.clone();
    let (ada, ben) = (world.connect_live(ADA), world.connect_live(BEN));
    let here = edited(ADA, &mut lead, "title", "Ada's");
    let there = edited(BEN, &mut copy, "title", "Ben's");
    world.push_ok(ada, command(command_id(1, 1), [(&lead, &here)]));
    world.push(ben, vec![command(command_id(1, 2), [(&copy, &there)])]);
    let (conn, _) = world.connect(BEN, None);

    let (_, found, _) = fetch(&mut world, conn);

    assert!(found[&lead.record().id].conflicted);
    assert_ne!(author(ADA, lead.record()), author(BEN, lead.record()));
}
