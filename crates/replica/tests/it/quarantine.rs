//! Accepted changes that do not fit yet: kept, and applied when they can be.

use model::{ChangeHash, RecordRef};
use replica::Replica;
use store::Store;

use crate::desk::Desk;

/// A lead's two changes, as another device would have made them.
fn foreign_changes() -> (RecordRef, Vec<(ChangeHash, Vec<u8>)>) {
    let mut other = Desk::alone();
    let (lead, _) = other.create_lead("Website");
    other.set(lead, "title", "Shop".into());
    let document = other.replica.store().document(lead.id).unwrap().unwrap();
    (lead, document.pending.into_iter().map(|change| (change.hash, change.bytes)).collect())
}

#[test]
fn an_upgrade_applies_what_an_older_version_could_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let mut desk = Desk::alone();
    let (lead, changes) = foreign_changes();
    let mut store = Store::open(&path).unwrap();
    // In the wrong order, and never tried by this version.
    store
        .write(|tx| {
            changes.iter().rev().try_for_each(|(hash, bytes)| tx.quarantine(lead, *hash, bytes, "not understood"))
        })
        .unwrap();

    desk.replica = Replica::open(store, &mut desk.env).unwrap();

    assert_eq!(desk.record(lead).unwrap().text("title"), "Shop");
    assert_eq!(desk.replica.store().quarantined_records().unwrap(), []);
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn what_still_does_not_fit_stays_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let mut desk = Desk::alone();
    let (lead, changes) = foreign_changes();
    let (later, bytes) = &changes[1];
    let mut store = Store::open(&path).unwrap();
    store.write(|tx| tx.quarantine(lead, *later, bytes, "not understood")).unwrap();

    desk.replica = Replica::open(store, &mut desk.env).unwrap();

    assert_eq!(desk.record(lead), None);
    assert_eq!(desk.replica.store().quarantined(lead.id).unwrap().len(), 1);
}
