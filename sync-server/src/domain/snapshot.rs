//! The snapshot that a fresh client starts from: every document ready to be sent, kept compressed in memory and
//! rebuilt when it has changed.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Document;
use model::{Kind, RecordId, RecordRef, Value};
use sync::block::{INFLATED_MAX, encode_item};
use sync::slim::SlimDocument;
use sync::wire::{Farewell, RelayFrame, SnapshotDocument, SnapshotNext, SnapshotPage};
use sync::{Block, Cursor};

use super::announce::BLOCK_MAX;
use super::relay::{ServeError, frame};
use super::{ConnId, Output, Relay};
use crate::store::{LogEntry, LogStore, Squeezer, StoreError};

/// Bytes of ready documents kept in memory.
pub const SNAPSHOT_CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Plain bytes of documents packed into one page.
const PAGE_PLAIN_BYTES: usize = 1_000_000;
/// Plain bytes of one page at most, however large its last document is.
const PLAIN_MAX: usize = INFLATED_MAX - 1024;
/// Documents that are rebuilt for one page; a page ends early rather than keep everybody waiting.
const PAGE_REBUILDS_MAX: usize = 128;
/// Records listed at once.
const LIST_MAX: usize = 512;
/// Documents made ready in one idle moment.
const WARM_UP_MAX: usize = 4;
/// Up to so many changes a document is sent as its changes, which need no work here; beyond, as Automerge saves it,
/// which is smaller.
const CHANGES_MAX: usize = 3;

/// Ready documents by record.
#[derive(Default)]
pub(super) struct SnapshotCache {
    ready: BTreeMap<RecordId, Vec<u8>>,
    bytes: usize,
    squeezer: Option<Squeezer>,
    /// Those that have changed since they were ready.
    stale: BTreeSet<RecordRef>,
    /// How far warming up has come through the records.
    warmed: Option<RecordId>,
    all_warm: bool,
    /// Documents too large for a frame, with the last entry that their part in the snapshot holds.
    partial: BTreeMap<RecordId, u64>,
}

impl SnapshotCache {
    pub(super) fn forget(&mut self, record: RecordRef) {
        self.bytes -= self.ready.remove(&record.id).map_or(0, |ready| ready.len());
        self.partial.remove(&record.id);
        self.stale.insert(record);
    }

    fn get(&mut self, record: RecordId) -> Option<Vec<u8>> {
        let ready = self.ready.get(&record)?;
        self.squeezer.as_mut()?.restore(ready, INFLATED_MAX).ok()
    }

    /// Keeps a ready document while there is room.
    fn keep(&mut self, record: RecordRef, plain: &[u8]) {
        self.stale.remove(&record);
        if self.squeezer.is_none() {
            self.squeezer = Squeezer::new().ok();
        }
        let squeezed = self.squeezer.as_mut().and_then(|squeezer| squeezer.squeeze(plain).ok());
        if let Some(squeezed) = squeezed.filter(|squeezed| self.bytes + squeezed.len() <= SNAPSHOT_CACHE_BYTES) {
            self.bytes += squeezed.len();
            let before = self.ready.insert(record.id, squeezed);
            self.bytes -= before.map_or(0, |before| before.len());
        }
    }

    const fn is_full(&self) -> bool {
        self.bytes > SNAPSHOT_CACHE_BYTES - INFLATED_MAX
    }
}

impl<S: LogStore> Relay<S> {
    pub(super) fn snapshot_next(
        &mut self,
        conn: ConnId,
        next: &SnapshotNext,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), ServeError> {
        // A page that was begun before a restore is begun anew.
        let going_on = next.as_of.filter(|as_of| *as_of <= self.head.seq);
        let after = going_on.and(next.after);
        let as_of_seq = going_on.unwrap_or_else(|| self.snapshot_start());
        let (documents, last) = self.page(after)?;
        if self.snapshot_start() < as_of_seq {
            // Seen only now: a document of which the snapshot can't hold all. It begins anew, from further back.
            self.close(conn, Farewell::Internal, "the snapshot begins anew".into(), outputs);
            return Ok(());
        }
        let digest = self.digest_for(conn, as_of_seq)?;
        let as_of = Cursor { epoch: self.head.epoch, seq: as_of_seq, digest };
        let total = self.store.counts()?.records;
        let (count, block) = pack_page(&documents);
        let last = last && count == documents.len();
        let documents = block;
        outputs.push((conn, frame(&RelayFrame::SnapshotPage(SnapshotPage { as_of, total, last, documents }))));
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.live = false;
            connection.last_cursor = Some(as_of);
        }
        Ok(())
    }

    /// The entry up to which the snapshot is sure to hold everything.
    fn snapshot_start(&self) -> u64 {
        self.snapshots.partial.values().copied().min().unwrap_or(self.head.seq).min(self.head.seq)
    }

    /// The next encoded documents, and whether they are the last.
    fn page(&mut self, mut after: Option<RecordId>) -> Result<(Vec<Vec<u8>>, bool), StoreError> {
        let mut documents = Vec::new();
        let (mut size, mut rebuilt) = (0, 0);
        loop {
            let records = self.store.records_after(after, LIST_MAX)?;
            let Some(last) = records.last() else { return Ok((documents, true)) };
            after = Some(last.id);
            for record in records {
                if size >= PAGE_PLAIN_BYTES || rebuilt >= PAGE_REBUILDS_MAX {
                    return Ok((documents, false));
                }
                let encoded = match self.snapshots.get(record.id) {
                    Some(encoded) => encoded,
                    None => {
                        rebuilt += 1;
                        self.make_ready(record)?
                    }
                };
                size += encoded.len();
                documents.push(encoded);
            }
        }
    }

    /// Builds a record's part of the snapshot and keeps it.
    fn make_ready(&mut self, record: RecordRef) -> Result<Vec<u8>, StoreError> {
        let entries = self.store.entries_of(record.id)?;
        let (encoded, count) = self.encode_fitting(record, &entries)?;
        if let Some(left_out) = entries.get(count) {
            self.snapshots.partial.insert(record.id, left_out.seq - 1);
        }
        self.snapshots.keep(record, &encoded);
        Ok(encoded)
    }

    /// Encodes a document with as many of its entries as fit a frame; the rest comes with the log.
    fn encode_fitting(&self, record: RecordRef, entries: &[LogEntry]) -> Result<(Vec<u8>, usize), StoreError> {
        let mut count = entries.len();
        loop {
            let rebuilt;
            let loaded = self.documents.peek(record.id).filter(|_| count == entries.len());
            let document = match loaded {
                Some(document) => document,
                None => {
                    rebuilt = document_of(record, &entries[..count])?;
                    &rebuilt
                }
            };
            let encoded = encode_item(&SlimDocument::of(&self.snapshot_document(document, &entries[..count])));
            if count <= 1 || fits_a_frame(&encoded) {
                return Ok((encoded, count));
            }
            count = count.div_ceil(2);
        }
    }

    fn snapshot_document(&self, document: &Document, entries: &[LogEntry]) -> SnapshotDocument {
        let saved = if entries.len() <= CHANGES_MAX {
            entries.iter().flat_map(|entry| entry.change.iter().copied()).collect()
        } else {
            // A document that could not be read back goes out as its changes.
            document.save_checked().unwrap_or_else(|_| entries.iter().flat_map(|entry| entry.change.clone()).collect())
        };
        let (record, _) = document.shown();
        SnapshotDocument {
            record: document.record(),
            saved,
            heads: document.heads(),
            row: sync::row::encode(&record.fields),
            stage_entered_at: stage_entered_at(document),
            conflicted: document.has_conflicts(),
            proofs: entries.iter().map(|entry| self.proof(entry)).collect(),
        }
    }

    /// Makes a new record ready while its document is at hand.
    pub(super) fn snapshot_of_new(&mut self, entry: &LogEntry) {
        let Some(document) = self.documents.peek(entry.record.id) else { return };
        if document.change_metas().len() == 1 {
            let encoded =
                encode_item(&SlimDocument::of(&self.snapshot_document(document, std::slice::from_ref(entry))));
            if fits_a_frame(&encoded) {
                self.snapshots.keep(entry.record, &encoded);
            }
        }
    }

    /// Makes some documents ready; for idle moments. Returns whether there is more to do.
    pub fn warm_up(&mut self) -> bool {
        if self.snapshots.is_full() {
            return false;
        }
        // What can't be read is left to those who ask for it.
        if let Some(record) = self.snapshots.stale.pop_first() {
            let _ = self.make_ready(record);
            return true;
        }
        if !self.snapshots.all_warm {
            self.snapshots.warmed = self.warm_after(self.snapshots.warmed);
            self.snapshots.all_warm = self.snapshots.warmed.is_none();
        }
        !self.snapshots.all_warm
    }

    fn warm_after(&mut self, after: Option<RecordId>) -> Option<RecordId> {
        let records = self.store.records_after(after, WARM_UP_MAX).unwrap_or_default();
        for record in &records {
            if !self.snapshots.ready.contains_key(&record.id) {
                let _ = self.make_ready(*record);
            }
        }
        records.last().map(|record| record.id)
    }
}

fn document_of(record: RecordRef, entries: &[LogEntry]) -> Result<Document, StoreError> {
    Document::from_changes(record, entries.iter().map(|entry| entry.change.as_slice()))
        .map_err(|source| StoreError::DamagedRecord { record, source: Box::new(source) })
}

/// Small documents fit for sure; only large ones are packed to see.
fn fits_a_frame(encoded: &[u8]) -> bool {
    encoded.len() <= BLOCK_MAX / 2
        || (encoded.len() <= PLAIN_MAX && Block::<SlimDocument>::pack_encoded(&[encoded]).size_bytes() <= BLOCK_MAX)
}

/// Packs as many documents as fit one frame, at least one: small enough both packed and inflated.
fn pack_page(documents: &[Vec<u8>]) -> (usize, Block<SlimDocument>) {
    let mut plain = 0;
    let inflates = |document: &&Vec<u8>| {
        plain += document.len();
        plain <= PLAIN_MAX
    };
    let mut count = documents.iter().take_while(inflates).count().max(1).min(documents.len());
    loop {
        let block = Block::pack_encoded(&documents[..count]);
        if count <= 1 || block.size_bytes() <= BLOCK_MAX {
            return (count, block);
        }
        count = count.div_ceil(2);
    }
}

/// When a lead was moved to its stage, by the clock of whoever did it; one that was never moved entered it when it
/// was created, which its own field says.
fn stage_entered_at(document: &Document) -> Option<i64> {
    if document.record().kind != Kind::Lead {
        return None;
    }
    if document.change_metas().len() == 1 {
        return None;
    }
    let stage = |value: &Option<Value>| {
        let place = value.as_ref().and_then(Value::as_text).unwrap_or("");
        place.split('|').next().unwrap_or("").to_owned()
    };
    let history = document.history();
    let moved = history.iter().rev().find(|entry| {
        !entry.created
            && entry.changes.iter().any(|change| change.key == "place" && stage(&change.before) != stage(&change.after))
    });
    moved.map(|entry| entry.at.as_millis())
}
