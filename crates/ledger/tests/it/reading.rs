//! Documents that somebody else's program wrote.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, ObjType, ROOT, ScalarValue, TextEncoding};
use ledger::{Document, LoadError};
use model::schema::FieldProblem;

use crate::support::{LEAD, author, edit, lead, set, text};

/// Writes on a document behind the ledger's back.
fn foreign(
    document: &Document,
    write: impl FnOnce(&mut automerge::transaction::Transaction<'_>) -> Result<(), automerge::AutomergeError>,
) -> Document {
    let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor([9; 16].into());
    doc.load_incremental(&document.save()).expect("a sound document");
    doc.set_actor([9; 16].into());
    let mut tx = doc.transaction();
    write(&mut tx).expect("possible");
    tx.commit_with(CommitOptions::default().with_time(9));
    let heads: Vec<_> = doc.get_heads().iter().map(|hash| model::ChangeHash(hash.0)).collect();
    Document::load(document.record(), &doc.save(), &heads).expect("loadable")
}

#[test]
fn an_odd_value_costs_its_field_alone_and_is_listed() {
    let (document, _) = lead();

    let odd = foreign(&document, |tx| {
        tx.put(ROOT, "value_cents", "a lot")?;
        tx.put(ROOT, "source", ScalarValue::counter(3))?;
        tx.put(ROOT, "colour", "red")?;
        tx.put_object(ROOT, "competitor", ObjType::Map)?;
        tx.put(ROOT, "expected_close_date", "next week")
    });

    let (record, problems) = odd.read();
    assert_eq!(record.text("title"), "Rope bridge");
    assert_eq!(record.fields.len(), document.read().0.fields.len() - 1);
    let expected = [
        FieldProblem::new("colour", "a lead has no such field"),
        FieldProblem::new("competitor", "wrong type of value"),
        FieldProblem::new("expected_close_date", "wrong type of value"),
        FieldProblem::new("source", "wrong type of value"),
        FieldProblem::new("value_cents", "wrong type of value"),
    ];
    assert_eq!(problems, expected);
}

#[test]
fn an_odd_value_can_be_written_over_and_the_history_survives_it() {
    let (document, _) = lead();
    let mut odd = foreign(&document, |tx| tx.put(ROOT, "value_cents", "a lot"));

    edit(&mut odd, &set([("value_cents", 5.into())]), &author(1, 10));

    assert_eq!(odd.read().1, []);
    let history = odd.history();
    assert_eq!(history[1].changes[0].after, None);
    assert_eq!(history[2].changes[0].after, Some(5.into()));
}

#[test]
fn a_note_that_is_plain_text_is_read_and_written_all_the_same() {
    let (document, _) = lead();
    let mut plain = foreign(&document, |tx| tx.put(ROOT, "notes", "No typing here"));

    assert_eq!(text(&plain, "notes"), "No typing here");
    edit(&mut plain, &set([("notes", "Still none".into())]), &author(1, 10));
    assert_eq!(text(&plain, "notes"), "Still none");
}

#[test]
fn a_document_without_its_record_is_refused() {
    let (document, _) = lead();
    let mut other = LEAD;
    other.id = model::RecordId::from_bytes([2; 16]);

    let found = Document::load(other, &document.save(), &document.heads());

    assert!(matches!(found, Err(LoadError::WrongRecord)));
    assert!(matches!(Document::load(LEAD, &[], &[]), Err(LoadError::WrongRecord)));
    assert!(matches!(Document::from_changes(LEAD, []), Err(LoadError::WrongRecord)));
}
