//! People at their devices, and records to work on.

use ledger::{Author, Document, NewChange, actor_id};
use model::{DeviceId, FieldChanges, Fields, Kind, RecordId, RecordRef, Timestamp, UserId, Value};

/// The record most stories are about.
pub(crate) const LEAD: RecordRef = RecordRef::new(Kind::Lead, RecordId::from_bytes([0x1e; 16]));

/// A person at a device, at a moment.
pub(crate) fn author(person: u8, at: i64) -> Author {
    salted(person, at, b"")
}

/// The same for a branch.
pub(crate) fn branch(person: u8, at: i64) -> Author {
    salted(person, at, &at.to_be_bytes())
}

fn salted(person: u8, at: i64, salt: &[u8]) -> Author {
    let (device, user) = (DeviceId::from_bytes([person; 16]), UserId::from_bytes([person; 16]));
    Author { actor: actor_id(device, user, LEAD.id, 0, salt), at: Timestamp::from_millis(at) }
}

/// Changes that set fields.
pub(crate) fn set<const N: usize>(pairs: [(&str, Value); N]) -> FieldChanges {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect()
}

/// Fields of a new record.
pub(crate) fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A lead as Ada (1) creates it at moment 1.
pub(crate) fn lead() -> (Document, NewChange) {
    let fields = fields([
        ("title", "Rope bridge".into()),
        ("place", "new|10".into()),
        ("value_cents", 120_000.into()),
        ("notes", "Call on Monday".into()),
        ("tags/warm", true.into()),
        ("owner_id", Value::Id(RecordId::from_bytes([1; 16]))),
        ("created_at", Timestamp::from_millis(1).into()),
    ]);
    Document::create(LEAD, &fields, &author(1, 1)).expect("a lead")
}

/// Edits on the current heads.
pub(crate) fn edit(document: &mut Document, changes: &FieldChanges, author: &Author) -> NewChange {
    document.edit(changes, &[], author, author).expect("a sound edit").expect("a change")
}

/// Brings each document's changes into the other.
pub(crate) fn meet(one: &mut Document, other: &mut Document) {
    for change in other.changes() {
        one.apply(&change.bytes).expect("a sound change");
    }
    for change in one.changes() {
        other.apply(&change.bytes).expect("a sound change");
    }
    assert_eq!(one.heads(), other.heads());
    assert_eq!(one.read(), other.read());
}

/// A field's words as they show.
pub(crate) fn text(document: &Document, key: &str) -> String {
    document.read().0.text(key).to_owned()
}
