//! Bytes that stand for far more than themselves.

use ledger::{Document, NewChange};
use model::ChangeHash;

use crate::forge::{Forged, chunk, deflate, run, signed, unsigned};
use crate::support::{LEAD, author, lead, set};

const DEPTH: i64 = 10_000;
/// Changes without what they are written on.
pub(crate) const ORPHANS: usize = 12_000;

/// Every bomb, with the name of what it hides.
pub(crate) fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let key = |count| (0x15, [signed(count), unsigned(5), b"title".to_vec()].concat());
    let million = 1_000_000;
    let huge = i64::MAX;
    let puts = |count| vec![key(count), (0x34, unsigned(count as u64)), (0x42, run(count, 1)), (0x56, run(count, 0))];
    let with_preds = |count: u64| {
        let mut columns = puts(1);
        columns.extend([(0x70, run(1, count)), (0x71, run(count as i64, 0)), (0x73, run(count as i64, 1))]);
        columns
    };
    let letters = vec![
        (0x01, run(million, 0)),
        (0x02, run(million, 1)),
        (0x34, [unsigned(0), unsigned(million as u64)].concat()),
        (0x42, run(million, 1)),
        (0x56, run(million, 0)),
    ];
    let deletes = vec![key(million), (0x42, run(million, 3)), (0x70, run(million, 1))];
    let nested = vec![
        (0x01, [signed(0), unsigned(1), run(DEPTH - 1, 0)].concat()),
        (0x02, [signed(0), unsigned(1), run(DEPTH - 1, 1)].concat()),
        (0x15, [signed(DEPTH), unsigned(1), b"a".to_vec()].concat()),
        (0x34, unsigned(DEPTH as u64)),
        (0x42, run(DEPTH, 0)),
        (0x56, run(DEPTH, 0)),
        (0x70, run(DEPTH, 0)),
    ];
    vec![
        ("a million values", Forged::new(puts(million)).bytes()),
        ("all values there can be", Forged::new(puts(huge)).bytes()),
        (
            "more values than numbers",
            Forged::new(vec![(0x42, [run(huge, 1), run(huge, 1), run(huge, 1)].concat())]).bytes(),
        ),
        ("a million letters", Forged::new(letters).bytes()),
        ("a million deletions", Forged::new(deletes).bytes()),
        ("a million predecessors", Forged::new(with_preds(million as u64)).bytes()),
        ("more predecessors than numbers", Forged::new(with_preds(u64::MAX)).bytes()),
        ("a deflated million", deflate(&Forged::new(puts(million)).body())),
        ("a gibibyte in a megabyte", gibibyte()),
        ("what fits the wire and inflates a thousandfold", deflate(&vec![0; 250 << 20])),
        ("ten thousand maps in each other", Forged::new(nested).bytes()),
        ("endless literals", Forged::new(vec![(0x42, signed(i64::MIN))]).bytes()),
    ]
}

/// A deflated gibibyte of noughts, of which only the beginning is real: nobody reads further.
fn gibibyte() -> Vec<u8> {
    let mebibyte = deflate(&vec![0; 64 << 20]);
    let body = mebibyte[20..].repeat(17);
    chunk(2, &body, b"")
}

/// A lead, and many changes that are each written on another unknown one.
pub(crate) fn orphans() -> (Document, impl Iterator<Item = Vec<u8>>) {
    let (document, _) = lead();
    let honest = next(&document);
    let orphan = move |index: usize| {
        crate::forge::altered(&honest.bytes, |change| {
            let mut unknown = [7; 32];
            unknown[..8].copy_from_slice(&index.to_be_bytes());
            change.deps = vec![automerge::ChangeHash(ChangeHash(unknown).0)];
        })
    };
    (document, (0..ORPHANS).map(orphan))
}

fn next(document: &Document) -> NewChange {
    let mut ahead = document.clone();
    assert_eq!(ahead.record(), LEAD);
    let changes = set([("title", "Orphan".into())]);
    ahead.edit(&changes, &[], &author(2, 2), &author(2, 2)).expect("a sound edit").expect("a change")
}
