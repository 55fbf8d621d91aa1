//! Documents as bytes: what the relay confirmed, and the epoch that actors are made from.

use model::{ChangeHash, Kind, RecordId, RecordRef};
use rusqlite::{OptionalExtension, params};

use crate::codec::{get, get_reference, join_hashes, split_hashes};
use crate::error::StoreError;
use crate::outbox::PendingChange;
use crate::store::{Reader, Tx};

/// A tail shorter than this is never worth compacting.
pub const TAIL_KEPT_BYTES: usize = 4096;

/// Everything kept of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its record.
    pub record: RecordRef,
    /// The saved document followed by the change chunks that came after it; empty when nothing is confirmed.
    pub confirmed: Vec<u8>,
    /// Heads of the confirmed document.
    pub confirmed_heads: Vec<ChangeHash>,
    /// Changes of the outbox to it, in order.
    pub pending: Vec<PendingChange>,
    /// Heads of what its projection shows; empty when it has none.
    pub view_heads: Vec<ChangeHash>,
    /// Rises after a rollback.
    pub epoch: u32,
    /// What the writer noted about where it came from.
    pub provenance: Vec<u8>,
    /// How many bytes of `confirmed` are change chunks.
    pub tail_bytes: usize,
}

impl StoredDocument {
    /// Whether so many changes follow the saved document that it should be saved anew.
    pub const fn wants_compaction(&self) -> bool {
        wants_compaction(self.confirmed.len() - self.tail_bytes, self.tail_bytes)
    }
}

const fn wants_compaction(saved_bytes: usize, tail_bytes: usize) -> bool {
    tail_bytes > TAIL_KEPT_BYTES && tail_bytes > saved_bytes
}

impl Reader {
    /// Returns a document with its pending changes.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn document(&self, id: RecordId) -> Result<Option<StoredDocument>, StoreError> {
        let sql = "SELECT d.kind, d.id, d.epoch, d.heads, d.provenance, d.saved, d.tail, coalesce(r.heads, x'')
                   FROM document d LEFT JOIN record r ON r.id = d.id WHERE d.id = ?";
        let read = |row: &rusqlite::Row<'_>| {
            let bytes = |index| row.get_ref(index)?.as_blob().map_err(rusqlite::Error::from);
            let document = StoredDocument {
                record: get_reference(row, 0, 1)?,
                confirmed: [bytes(5)?, bytes(6)?].concat(),
                confirmed_heads: Vec::new(),
                pending: Vec::new(),
                view_heads: Vec::new(),
                epoch: row.get(2)?,
                provenance: row.get(4)?,
                tail_bytes: bytes(6)?.len(),
            };
            Ok((document, bytes(3)?.to_vec(), bytes(7)?.to_vec()))
        };
        let found = self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], read).optional()?;
        let Some((mut document, confirmed_heads, view_heads)) = found else { return Ok(None) };
        document.confirmed_heads = split_hashes(&confirmed_heads)?;
        document.view_heads = split_hashes(&view_heads)?;
        document.pending = self.pending_of(id)?;
        Ok(Some(document))
    }

    /// Lists documents in the order of their ids, from the one after `after`; of one kind, or of all.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn document_ids(
        &self,
        kind: Option<Kind>,
        after: Option<RecordId>,
        limit: u32,
    ) -> Result<Vec<RecordRef>, StoreError> {
        let sql = "SELECT kind, id FROM document WHERE id > ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY id LIMIT ?3";
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![after, kind.map(Kind::code), limit], |row| get_reference(row, 0, 1))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Counts the documents.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn documents_count(&self) -> Result<u64, StoreError> {
        self.number("SELECT count(*) FROM document")
    }

    /// Returns the heads of all confirmed documents of a page, in the order of ids: what a digest is made of.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn confirmed_heads(
        &self,
        after: Option<RecordId>,
        limit: u32,
    ) -> Result<Vec<(RecordId, Vec<ChangeHash>)>, StoreError> {
        let sql = "SELECT id, heads FROM document WHERE id > ? ORDER BY id LIMIT ?";
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![after, limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let heads = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            found.push((get(row, 0)?, split_hashes(heads)?));
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// Replaces what is confirmed of a document; a document that is new is created.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn put_confirmed(
        &mut self,
        record: RecordRef,
        saved: &[u8],
        heads: &[ChangeHash],
        provenance: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO document (id, kind, heads, provenance, saved) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (id) DO UPDATE SET heads = ?3, provenance = ?4, saved = ?5, tail = x''";
        let heads = join_hashes(heads);
        self.run(sql, params![record.id.as_bytes(), record.kind.code(), heads, provenance, saved]).map(drop)
    }

    /// Adds change chunks to what is confirmed of a document; returns whether it should now be saved anew with
    /// `put_confirmed`.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn append_confirmed(
        &mut self,
        record: RecordRef,
        chunks: &[u8],
        heads: &[ChangeHash],
    ) -> Result<bool, StoreError> {
        self.ensure_document(record)?;
        let sql = "SELECT length(saved), tail FROM document WHERE id = ?";
        let sizes = |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(0)? as usize, row.get::<_, Vec<u8>>(1)?));
        let (saved_bytes, mut tail) = self.connection.prepare_cached(sql)?.query_row([record.id.as_bytes()], sizes)?;
        tail.extend_from_slice(chunks);
        let sql = "UPDATE document SET heads = ?, tail = ? WHERE id = ?";
        self.run(sql, params![join_hashes(heads), tail, record.id.as_bytes()])?;
        Ok(wants_compaction(saved_bytes, tail.len()))
    }

    /// Sets the epoch that the actors of a document are made from.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_epoch(&mut self, record: RecordRef, epoch: u32) -> Result<(), StoreError> {
        self.ensure_document(record)?;
        self.run("UPDATE document SET epoch = ? WHERE id = ?", params![epoch, record.id.as_bytes()]).map(drop)
    }

    /// Creates the row of a document that has nothing confirmed yet.
    pub(crate) fn ensure_document(&self, record: RecordRef) -> Result<(), StoreError> {
        let sql = "INSERT INTO document (id, kind) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";
        self.run(sql, params![record.id.as_bytes(), record.kind.code()]).map(drop)
    }
}
