//! Entries and documents come out of a block as they went in, and what no longer fits is noticed.

use std::fmt::Write as _;

use expect_test::expect;
use model::{ChangeHash, CommandId, DeviceId, Kind, RecordId, RecordRef, Timestamp, UserId};
use proptest::prelude::*;
use sync::chunk::Parts;
use sync::slim::{Earlier, OpenEntriesError, SlimEntry, slim_entries};
use sync::wire::{Entries, Entry, Proof, RelayFrame, SnapshotDocument, SnapshotPage};
use sync::{Block, Cursor, Receipt};

/// An entry with a change of its own making: the author's `low`-th word about a record.
fn entry(seq: u64, record: u8, low: u8, deps: &[ChangeHash]) -> Entry {
    let deps: Vec<[u8; 32]> = deps.iter().map(|hash| hash.0).collect();
    let actor = [low; 16];
    let (hash, change) = Parts { deps: &deps, actor, rest: &[1, low, 2, 3] }.join();
    let proof = Proof {
        seq,
        hash,
        actor,
        user: UserId::from_bytes([low; 16]),
        device: DeviceId::from_bytes([low + 1; 16]),
        command: CommandId::from_bytes([low + 2; 16]),
        received_at: Timestamp::from_millis(1_790_000_000_000 + i64::from(low)),
        receipt: Receipt([low + 3; 16]),
    };
    Entry { record: RecordRef::new(Kind::Lead, RecordId::from_bytes([record; 16])), proof, change }
}

fn earlier(entry: &Entry) -> Earlier {
    Earlier { seq: entry.proof.seq, record: entry.record, hash: entry.proof.hash, actor: entry.proof.actor }
}

fn frame(from: u64, slim: &[SlimEntry]) -> Entries {
    Entries { from, end: Cursor::default(), head: 0, entries: Block::pack(slim) }
}

/// A record's creation, edits by the same and by somebody else, one beside them, and the merge of both.
fn story() -> Vec<Entry> {
    let created = entry(5, 1, 1, &[]);
    let edited = entry(6, 1, 1, &[created.proof.hash]);
    let other = entry(7, 2, 1, &[]);
    let beside = entry(8, 1, 2, &[created.proof.hash]);
    let mut both = [edited.proof.hash, beside.proof.hash];
    both.sort();
    let merged = entry(9, 1, 3, &both);
    vec![created, edited, other, beside, merged]
}

#[test]
fn entries_that_build_on_each_other_come_back_as_they_were() {
    let story = story();

    let slim = slim_entries(&story, |_| None);

    assert_eq!(frame(5, &slim).open(|_| None).unwrap(), story);
}

#[test]
fn an_entry_that_builds_on_one_the_receiver_has_carries_neither_record_nor_dependency() {
    let story = story();
    let known = |seq: u64| story.iter().find(|entry| entry.proof.seq == seq).map(earlier);

    let alone = slim_entries(&story[1..2], |_| None);
    let leaning = slim_entries(&story[1..2], |_| known(5));

    assert_eq!(frame(6, &leaning).open(known).unwrap(), story[1..2]);
    assert_eq!(frame(6, &alone).open(|_| None).unwrap(), story[1..2]);
    assert!(encoded(&leaning).len() + 60 < encoded(&alone).len());
    assert_eq!(frame(6, &leaning).open(|_| None), Err(OpenEntriesError::Unknown(5)));
}

#[test]
fn a_receiver_that_holds_another_change_there_sees_it_in_the_hash() {
    let story = story();
    let leaning = slim_entries(&story[1..2], |_| Some(earlier(&story[0])));
    let another = entry(5, 1, 9, &[]);

    let opened = frame(6, &leaning).open(|_| Some(earlier(&another))).unwrap();

    assert_ne!(opened[0].proof.hash, story[1].proof.hash);
}

#[test]
fn what_is_no_change_travels_but_is_nobodys_change() {
    let mut odd = entry(5, 1, 1, &[]);
    odd.change = b"no change at all".to_vec();

    let slim = slim_entries(std::slice::from_ref(&odd), |_| None);

    assert!(matches!(frame(5, &slim).open(|_| None), Err(OpenEntriesError::Block(_))));
}

fn document(entries: &[Entry], saved: Vec<u8>) -> SnapshotDocument {
    let mut heads: Vec<ChangeHash> = entries.last().map(|entry| entry.proof.hash).into_iter().collect();
    heads.sort();
    SnapshotDocument {
        record: entries[0].record,
        saved,
        heads,
        row: sync::row::encode(&[("title".to_owned(), "Website".into())].into()),
        stage_entered_at: Some(1),
        conflicted: false,
        proofs: entries.iter().map(|entry| entry.proof.clone()).collect(),
    }
}

#[test]
fn documents_come_back_as_they_were_whether_saved_or_as_their_changes() {
    let story: Vec<Entry> = story().into_iter().filter(|entry| entry.record.id.as_bytes()[0] == 1).collect();
    let as_changes = document(&story, story.iter().flat_map(|entry| entry.change.clone()).collect());
    let as_saved = document(&story, b"as Automerge saves it".to_vec());
    let documents = [as_changes, as_saved];

    let page =
        SnapshotPage { as_of: Cursor::default(), total: 2, last: true, documents: SnapshotPage::pack(&documents) };

    assert_eq!(page.open().unwrap(), documents);
}

/// Once released, these bytes can be read for ever.
#[test]
fn the_form_on_the_wire_is_kept() {
    let story = story();
    let mut found = String::new();
    for slim in slim_entries(&story, |_| None) {
        let _ = writeln!(found, "{}", hex(&sync::block::encode_item(&slim)));
    }
    let changes = story[..2].iter().flat_map(|entry| entry.change.clone()).collect();
    let slim = sync::slim::SlimDocument::of(&document(&story[..2], changes));
    let _ = writeln!(found, "{}", hex(&sync::block::encode_item(&slim)));

    expect![[r#"
        84f651060101010101010101010101010101010183f650010101010101010101010101010101014401010203855001010101010101010101010101010101500202020202020202020202020202020250030303030303030303030303030303031b000001a0c4506c015004040404040404040404040404040404
        8401f683f6f64401010203855001010101010101010101010101010101500202020202020202020202020202020250030303030303030303030303030303031b000001a0c4506c015004040404040404040404040404040404
        84f651060202020202020202020202020202020283f650010101010101010101010101010101014401010203855001010101010101010101010101010101500202020202020202020202020202020250030303030303030303030303030303031b000001a0c4506c015004040404040404040404040404040404
        84f6510601010101010101010101010101010101835820dad67e75964007a398e87e02c34536c236f154d54f087fec8ca7ea6a077140ff50020202020202020202020202020202024401020203855002020202020202020202020202020202500303030303030303030303030303030350040404040404040404040404040404041b000001a0c4506c025005050505050505050505050505050505
        84f6510601010101010101010101010101010101835840a78a99ffdcfae07d278167926279beb7b5e1370054fc2469af417e88518649e2f1b70f425efcb4b4b4f27b8315a6c30a79dbd71156fb998822e93c9885ac701750030303030303030303030303030303034401030203855003030303030303030303030303030303500404040404040404040404040404040450050505050505050505050505050505051b000001a0c4506c035006060606060606060606060606060606
        86510601010101010101010101010101010101f64fa1657469746c65675765627369746501f482830582008183f650010101010101010101010101010101014401010203855001010101010101010101010101010101500202020202020202020202020202020250030303030303030303030303030303031b000001a0c4506c015004040404040404040404040404040404830682008183f6f64401010203855001010101010101010101010101010101500202020202020202020202020202020250030303030303030303030303030303031b000001a0c4506c015004040404040404040404040404040404
    "#]].assert_eq(&found);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encoded(slim: &[SlimEntry]) -> Vec<u8> {
    slim.iter().flat_map(sync::block::encode_item).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_blocks_are_refused_or_read_without_panic(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut items: Vec<Vec<u8>> =
            slim_entries(&story(), |_| None).iter().map(sync::block::encode_item).collect();
        let index = at.index(items.len());
        let byte = at.index(items[index].len());
        items[index][byte] ^= flip;
        let entries = Entries { from: 5, end: Cursor::default(), head: 0, entries: Block::pack_encoded(&items) };

        let frame = RelayFrame::Entries(entries).encode();

        if let Ok(RelayFrame::Entries(entries)) = RelayFrame::decode(&frame) {
            let _ = entries.open(|_| None);
        }
    }
}
