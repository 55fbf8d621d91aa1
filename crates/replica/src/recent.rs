//! Documents that were used lately, still open: whoever edits a record edits it again, and what two people work on
//! comes and goes between them. Opening one costs more than everything else that is done with it.
//!
//! A document is found by its heads, which name all that is in it, so a copy can be old but never wrong: whatever was
//! stored, rolled back or executed again meanwhile, stored heads that are the same stand for the same content.

use std::collections::VecDeque;

use ledger::Document;
use model::RecordId;
use store::StoredDocument;

use crate::replica::ReplicaError;
use crate::view;

/// Documents that are kept open.
const KEPT: usize = 64;
/// Stored bytes above which a document is not kept.
const BYTES_MAX: usize = 64 * 1024;

/// The documents, the one used last at the end.
#[derive(Default)]
pub(crate) struct Recent(VecDeque<(RecordId, Document)>);

impl Recent {
    /// Opens the accepted part of a document; `None` when nothing of it is accepted yet.
    pub(crate) fn confirmed(&mut self, stored: &StoredDocument) -> Result<Option<Document>, ReplicaError> {
        match self.take(stored) {
            Some(document) => Ok(Some(document)),
            None => view::load_confirmed(stored),
        }
    }

    /// Opens a document as people see it.
    pub(crate) fn view(&mut self, stored: &StoredDocument) -> Result<Option<Document>, ReplicaError> {
        let confirmed = self.confirmed(stored)?;
        Ok(view::with_pending(stored.record, confirmed, &stored.pending)?.document)
    }

    /// Keeps a document, in place of the one of this record.
    pub(crate) fn keep(&mut self, document: Document) {
        let id = document.record().id;
        self.0.retain(|(kept, _)| *kept != id);
        if document.size_bytes() > BYTES_MAX {
            return;
        }
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((id, document));
    }

    fn take(&mut self, stored: &StoredDocument) -> Option<Document> {
        let place = self.0.iter().position(|(id, _)| *id == stored.record.id)?;
        let (_, document) = self.0.remove(place)?;
        let mut heads = stored.confirmed_heads.clone();
        heads.sort_unstable();
        (document.record() == stored.record && document.heads() == heads).then_some(document)
    }
}

#[cfg(test)]
mod tests {
    use ledger::Author;
    use model::{FieldChanges, RecordRef, build};

    use super::*;

    fn author() -> Author {
        Author { actor: [7; 16], at: build::now() }
    }

    fn account(name: &str) -> Document {
        let draft = build::account(name);
        Document::create(draft.reference(), &draft.fields, &author()).unwrap().0
    }

    /// As it lies in the store, but for the bytes.
    fn stored(record: RecordRef, document: &Document) -> StoredDocument {
        StoredDocument {
            record,
            confirmed: b"not a document".to_vec(),
            confirmed_heads: document.heads(),
            pending: Vec::new(),
            view_heads: Vec::new(),
            epoch: 0,
            provenance: Vec::new(),
            tail_bytes: 0,
        }
    }

    #[test]
    fn a_document_is_found_by_its_heads_and_only_by_them() {
        let mut recent = Recent::default();
        let before = account("Acme");
        let mut after = before.clone();
        let fields = FieldChanges::from([("industry".to_owned(), Some("Rockets".into()))]);
        after.edit(&fields, &[], &author(), &author()).unwrap();
        recent.keep(after.clone());

        let found = recent.confirmed(&stored(after.record(), &after)).unwrap().unwrap();
        assert_eq!(found.read().0, after.read().0);
        assert!(recent.confirmed(&stored(after.record(), &after)).is_err(), "whoever takes it has it");

        recent.keep(found);
        assert!(recent.confirmed(&stored(before.record(), &before)).is_err(), "an older form is loaded");
    }

    #[test]
    fn only_so_many_are_kept_and_each_record_once() {
        let mut recent = Recent::default();
        let documents: Vec<Document> = (0..=KEPT).map(|number| account(&format!("Account {number}"))).collect();
        for document in &documents {
            recent.keep(document.clone());
            recent.keep(document.clone());
        }

        assert_eq!(recent.0.len(), KEPT);
        assert!(recent.take(&stored(documents[0].record(), &documents[0])).is_none());
        assert!(recent.take(&stored(documents[KEPT].record(), &documents[KEPT])).is_some());
    }
}
