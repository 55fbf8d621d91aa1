//! Documents in memory: the most recently used ones, so that a busy record isn't rebuilt for every change.

use std::collections::BTreeMap;

use ledger::Document;
use model::{RecordId, RecordRef};

use super::Relay;
use crate::store::{LogStore, StoreError};

/// Most documents in memory, at about 30 KiB each.
pub const DOCUMENTS_MAX: usize = 2_000;

/// A cache of documents, newest use last.
#[derive(Debug, Default)]
pub(super) struct Documents {
    loaded: BTreeMap<RecordId, (u64, Document)>,
    order: BTreeMap<u64, RecordId>,
    uses: u64,
}

impl Documents {
    pub(super) fn len(&self) -> usize {
        self.loaded.len()
    }

    /// Takes a document out; it is put back after use.
    pub(super) fn take(&mut self, record: RecordId) -> Option<Document> {
        let (used, document) = self.loaded.remove(&record)?;
        self.order.remove(&used);
        Some(document)
    }

    /// Looks at a document without counting it as use.
    pub(super) fn peek(&self, record: RecordId) -> Option<&Document> {
        self.loaded.get(&record).map(|(_, document)| document)
    }

    /// Puts a document in; the one unused for longest makes room.
    pub(super) fn put(&mut self, document: Document) {
        let record = document.record().id;
        self.take(record);
        self.uses += 1;
        self.order.insert(self.uses, record);
        self.loaded.insert(record, (self.uses, document));
        while self.loaded.len() > DOCUMENTS_MAX {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.loaded.remove(&oldest);
        }
    }

    /// Forgets a document, because it holds what was not committed.
    pub(super) fn forget(&mut self, record: RecordId) {
        self.take(record);
    }
}

impl<S: LogStore> Relay<S> {
    /// Takes a record's document, staged changes included, out of memory or rebuilds it; `None` when there is none.
    pub(super) fn document(&mut self, record: RecordRef) -> Result<Option<Document>, StoreError> {
        if let Some(document) = self.documents.take(record.id) {
            return Ok(Some(document));
        }
        let mut entries = self.store.entries_of(record.id)?;
        entries.extend(self.staging.entries_of(record.id).cloned());
        let Some(first) = entries.first() else { return Ok(None) };
        let record = first.record;
        let changes = entries.iter().map(|entry| entry.change.as_slice());
        match Document::from_changes(record, changes) {
            Ok(document) => Ok(Some(document)),
            Err(source) => Err(StoreError::DamagedRecord { record, source: Box::new(source) }),
        }
    }
}
