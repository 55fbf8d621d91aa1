//! From documents to what people see: confirmed + pending = view, projected into the query tables.

use ledger::{Author, Document, HistoryEntry};
use model::{ChangeHash, DeviceId, RecordRef, Timestamp, UserId};
use store::{FieldChangeRow, PendingChange, Projection, StoredConflict, StoredConflictValue, StoredDocument, Tx};

use crate::replica::ReplicaError;

/// On whose behalf changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) device: DeviceId,
    pub(crate) user: UserId,
}

impl Writer {
    /// The author of the next change of a document.
    pub(crate) fn author(&self, record: RecordRef, epoch: u32, at: Timestamp, salt: &[u8]) -> Author {
        Author { actor: ledger::actor_id(self.device, self.user, record.id, epoch, salt), at }
    }
}

/// Loads the accepted part of a document; `None` when nothing of it is accepted yet.
pub(crate) fn load_confirmed(stored: &StoredDocument) -> Result<Option<Document>, ReplicaError> {
    if stored.confirmed.is_empty() {
        return Ok(None);
    }
    Ok(Some(Document::load(stored.record, &stored.confirmed, &stored.confirmed_heads)?))
}

/// A document as people see it.
pub(crate) struct View {
    pub(crate) document: Option<Document>,
    /// Whether all pending changes are in it.
    pub(crate) complete: bool,
}

/// Adds pending changes to the accepted part. Those that build on something that is gone are left out: their
/// commands are executed again as soon as nothing is under way.
pub(crate) fn with_pending(
    record: RecordRef,
    confirmed: Option<Document>,
    pending: &[PendingChange],
) -> Result<View, ReplicaError> {
    let Some(mut document) = confirmed else {
        if pending.is_empty() {
            return Ok(View { document: None, complete: true });
        }
        let document = Document::from_changes(record, pending.iter().map(|change| change.bytes.as_slice()))?;
        return Ok(View { document: Some(document), complete: true });
    };
    let left_out = pending.iter().filter(|change| document.apply(&change.bytes).is_err()).count();
    Ok(View { document: Some(document), complete: left_out == 0 })
}

/// Loads a document as people see it.
pub(crate) fn load_view(stored: &StoredDocument) -> Result<Option<Document>, ReplicaError> {
    Ok(with_pending(stored.record, load_confirmed(stored)?, &stored.pending)?.document)
}

/// Projects a document; `since` are the heads that its field changes are already recorded up to.
pub(crate) fn project(
    tx: &mut Tx<'_>,
    document: &Document,
    since: &[ChangeHash],
    pending: bool,
) -> Result<Vec<HistoryEntry>, ReplicaError> {
    let (record, problems) = document.shown();
    let conflicts: Vec<StoredConflict> = document.conflicts().into_iter().map(stored_conflict).collect();
    let heads = document.heads();
    tx.project(&Projection { record: &record, heads: &heads, pending, conflicts: &conflicts, problems: &problems })?;
    let news = if since.is_empty() { document.history() } else { document.history_since(since) };
    tx.record_field_changes(&field_change_rows(document.record(), &news))?;
    Ok(news)
}

/// Sees to it that what is shown of a record is what its document says, with its history; returns whether it was
/// not. A row that came with a snapshot says all but the history, and is left as it is.
pub(crate) fn check(tx: &mut Tx<'_>, stored: &StoredDocument, document: &Document) -> Result<bool, ReplicaError> {
    let (record, problems) = document.shown();
    let plain = stored.pending.is_empty() && problems.is_empty() && !document.has_conflicts();
    let shown = tx.record(record.id)?;
    let as_shown = shown.as_ref() == Some(&record);
    if plain && as_shown && tx.is_plain(record.id)? && stored.view_heads == document.heads() {
        tx.record_field_changes(&field_change_rows(document.record(), &document.history()))?;
        return Ok(false);
    }
    project(tx, document, &[], !stored.pending.is_empty())?;
    Ok(tx.record(record.id)? != shown)
}

fn stored_conflict(conflict: ledger::FieldConflict) -> StoredConflict {
    let stored =
        |value: ledger::ConflictValue| StoredConflictValue { value: value.value, actor: value.actor, at: value.at };
    StoredConflict { key: conflict.key, values: conflict.values.into_iter().map(stored).collect() }
}

/// History entries as rows of the store's `field_changes`.
pub(crate) fn field_change_rows(record: RecordRef, news: &[HistoryEntry]) -> Vec<FieldChangeRow> {
    let mut rows = Vec::new();
    for entry in news {
        for change in &entry.changes {
            rows.push(FieldChangeRow {
                record,
                hash: entry.hash,
                actor: entry.actor,
                at: entry.at,
                key: change.key.clone(),
                before: change.before.clone(),
                after: change.after.clone(),
                created: entry.created,
            });
        }
    }
    rows
}

/// The heads after a change was added: what it was written on is covered by it.
pub(crate) fn advanced(heads: &[ChangeHash], deps: &[ChangeHash], hash: ChangeHash) -> Vec<ChangeHash> {
    let mut heads: Vec<ChangeHash> = heads.iter().filter(|head| !deps.contains(head)).copied().collect();
    heads.push(hash);
    heads.sort();
    heads.dedup();
    heads
}
