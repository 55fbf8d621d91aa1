//! Saved bytes that came to harm are never taken for the document.

use ledger::{Document, LoadError};

use crate::support::{LEAD, author, edit, lead, set};

/// A document with some history; what `save` gave, and change chunks that follow it.
fn saved() -> (Document, Vec<u8>) {
    let (mut document, _) = lead();
    edit(&mut document, &set([("notes", "Call on Monday, but not too early".into())]), &author(2, 2));
    let mut bytes = document.save();
    for (at, title) in [(3, "Two"), (4, "Three")] {
        bytes.extend(edit(&mut document, &set([("title", title.into())]), &author(1, at)).bytes);
    }
    (document, bytes)
}

#[test]
fn a_document_and_the_changes_after_it_load_together() {
    let (document, bytes) = saved();

    let loaded = Document::load(LEAD, &bytes, &document.heads()).expect("sound");

    assert_eq!(loaded.read(), document.read());
    assert_eq!(loaded.change_metas(), document.change_metas());
}

#[test]
fn changes_alone_load_too() {
    let (document, _) = saved();
    let bytes: Vec<u8> = document.changes().into_iter().flat_map(|change| change.bytes).collect();

    let loaded = Document::load(LEAD, &bytes, &document.heads()).expect("sound");

    assert_eq!(loaded.read(), document.read());
}

#[test]
fn every_cut_is_noticed() {
    let (document, bytes) = saved();

    for length in 0..bytes.len() {
        let loaded = Document::load(LEAD, &bytes[..length], &document.heads());
        assert!(loaded.is_err(), "cut at {length}");
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (document, bytes) = saved();

    for index in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[index / 8] ^= 1 << (index % 8);
        let loaded = Document::load(LEAD, &flipped, &document.heads());
        let same = loaded.as_ref().is_ok_and(|loaded| loaded.read() == document.read());
        assert!(loaded.is_err() || same, "bit {index}");
    }
}

#[test]
fn an_older_save_is_not_taken_for_the_newest() {
    let (mut document, _) = lead();
    let old = document.save();
    edit(&mut document, &set([("title", "Two".into())]), &author(1, 2));

    let loaded = Document::load(LEAD, &old, &document.heads());

    assert!(matches!(loaded, Err(LoadError::WrongHeads { .. })));
}

#[test]
fn a_missing_change_is_named() {
    let (document, _) = saved();
    let changes = document.changes();

    let without = changes.iter().filter(|change| change.seq != 2).map(|change| change.bytes.as_slice());
    let found = Document::from_changes(LEAD, without);

    let missing = changes.iter().find(|change| change.seq == 2).expect("it has one").hash;
    assert!(matches!(found, Err(LoadError::MissingDeps(hashes)) if hashes == [missing]));
}

#[test]
fn a_damaged_change_is_refused() {
    let (mut document, _) = lead();
    let mut elsewhere = document.clone();
    let change = edit(&mut document, &set([("title", "Two".into())]), &author(1, 2));

    for index in 0..change.bytes.len() {
        let mut flipped = change.bytes.clone();
        flipped[index] ^= 0x40;
        assert!(elsewhere.apply(&flipped).is_err(), "byte {index}");
    }
}
