//! Takes entries of the log into the tables, the way a client takes what the relay brings it.

use std::collections::BTreeMap;

use ::store::{
    Entry, FieldChangeRow, Projection as Projected, StoreError, StoredConflict, StoredConflictValue, StoredDocument, Tx,
};
use ledger::{Document, HistoryEntry};
use model::settings::SETTINGS_ID;
use model::{RecordRef, Settings};

use super::cache::{Cache, settings_in, write_cursor};
use crate::domain::LogPage;
use crate::store::LogEntry;

/// Why entries were not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
    /// The tables.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document in the tables is not what it should be.
    #[error("a document of the projection is damaged")]
    Document(#[from] ledger::LoadError),
    /// A change doesn't fit the document it was accepted for.
    #[error("a change does not fit its document")]
    Change(#[from] ledger::ApplyError),
}

impl Cache {
    /// Takes a page in one transaction.
    pub(super) fn take(&mut self, page: LogPage) -> Result<(), TakeError> {
        let mut by_record: BTreeMap<RecordRef, Vec<LogEntry>> = BTreeMap::new();
        for entry in page.entries {
            by_record.entry(entry.record).or_default().push(entry);
        }
        let settings_changed = by_record.keys().any(|record| record.id == SETTINGS_ID);
        self.store.write(|tx| {
            by_record.iter().try_for_each(|(record, entries)| take_record(tx, *record, entries))?;
            write_cursor(tx, page.end)?;
            Ok::<_, TakeError>(())
        })?;
        self.cursor = Some(page.end);
        if settings_changed {
            self.settings = settings_in(&self.store)?;
        }
        Ok(())
    }
}

fn take_record(tx: &mut Tx<'_>, record: RecordRef, entries: &[LogEntry]) -> Result<(), TakeError> {
    let stored = tx.document(record.id)?.filter(|stored| !stored.confirmed.is_empty());
    let shown = stored.as_ref().map(|stored| stored.view_heads.clone()).unwrap_or_default();
    let document = apply(record, stored.as_ref(), entries)?;
    let chunks: Vec<u8> = entries.iter().flat_map(|entry| entry.change.iter().copied()).collect();
    if tx.append_confirmed(record, &chunks, &document.heads())? {
        tx.put_confirmed(record, &document.save(), &document.heads(), &[])?;
    }
    for entry in entries {
        tx.put_entry(&stored_entry(entry))?;
        tx.bind_actor(record.id, entry.actor, entry.by.user, entry.by.device)?;
    }
    project(tx, &document, &shown)
}

fn apply(record: RecordRef, stored: Option<&StoredDocument>, entries: &[LogEntry]) -> Result<Document, TakeError> {
    let Some(stored) = stored else {
        return Ok(Document::from_changes(record, entries.iter().map(|entry| entry.change.as_slice()))?);
    };
    let mut document = Document::load(stored.record, &stored.confirmed, &stored.confirmed_heads)?;
    for entry in entries {
        document.apply(&entry.change)?;
    }
    Ok(document)
}

fn project(tx: &mut Tx<'_>, document: &Document, shown: &[model::ChangeHash]) -> Result<(), TakeError> {
    let (record, problems) = document.shown();
    let conflicts: Vec<StoredConflict> = document.conflicts().into_iter().map(stored_conflict).collect();
    let heads = document.heads();
    let pending = false;
    tx.project(&Projected { record: &record, heads: &heads, pending, conflicts: &conflicts, problems: &problems })?;
    if record.id == SETTINGS_ID {
        tx.set_settings(&Settings::read(&record))?;
    }
    let news = if shown.is_empty() { document.history() } else { document.history_since(shown) };
    Ok(tx.record_field_changes(&field_changes(document.record(), &news))?)
}

fn field_changes(record: RecordRef, news: &[HistoryEntry]) -> Vec<FieldChangeRow> {
    let rows = news.iter().flat_map(|entry| {
        entry.changes.iter().map(move |change| FieldChangeRow {
            record,
            hash: entry.hash,
            actor: entry.actor,
            at: entry.at,
            key: change.key.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
            created: entry.created,
        })
    });
    rows.collect()
}

fn stored_conflict(conflict: ledger::FieldConflict) -> StoredConflict {
    let stored =
        |value: ledger::ConflictValue| StoredConflictValue { value: value.value, actor: value.actor, at: value.at };
    StoredConflict { key: conflict.key, values: conflict.values.into_iter().map(stored).collect() }
}

fn stored_entry(entry: &LogEntry) -> Entry {
    Entry {
        log_seq: entry.seq,
        record: entry.record,
        hash: entry.hash,
        actor: entry.actor,
        actor_seq: 0,
        user: entry.by.user,
        device: entry.by.device,
        command: entry.command,
        received_at: entry.received_at,
        receipt: Vec::new(),
    }
}
