//! Reading the log: segments first, then the rows of the tail.

use std::collections::HashSet;
use std::sync::Arc;

use model::{CommandId, Kind, RecordId, RecordRef, Timestamp};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sync::Digest;
use sync::slim::Earlier;

use super::segment::{CommandColumn, SEGMENT_ENTRIES, SEGMENT_INFLATED_MAX, Segment, Stored, segment_start};
use super::{SqliteStore, WORKSPACE, actor_tag, command_tag, known_key};
use crate::store::{Authorship, LogEntry, Packer, StoreError};

pub(super) const COLUMNS: &str = "seq, kind, record, previous, author, command, received_at, change";

/// The first entry of the command that was looked up last, with the command's id and time.
type LastCommand = Option<(u64, CommandId, Timestamp)>;

impl SqliteStore {
    pub(super) fn read_after(&mut self, after: u64, take: &mut dyn FnMut(LogEntry) -> bool) -> Result<(), StoreError> {
        let mut last = None;
        for seq in after.saturating_add(1)..=self.sealed {
            let stored = self.stored(seq)?;
            if !take(self.finish(stored, &mut last)?) {
                return Ok(());
            }
        }
        let mut after = after.max(self.sealed);
        loop {
            let batch = self.read_tail(after)?;
            let Some(newest) = batch.last() else { return Ok(()) };
            after = newest.seq;
            for stored in batch {
                if !take(self.finish(stored, &mut last)?) {
                    return Ok(());
                }
            }
        }
    }

    /// Some rows of the tail.
    fn read_tail(&mut self, after: u64) -> Result<Vec<Stored>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM log WHERE workspace = ?1 AND seq > ?2 ORDER BY seq LIMIT 64");
        let Self { connection, packer, .. } = self;
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![WORKSPACE, after.cast_signed()])?;
        let mut batch: Vec<Stored> = Vec::new();
        while let Some(row) = rows.next()? {
            match stored_from_row(packer, row) {
                Ok(stored) => batch.push(stored),
                // What comes before the damage is handed out first.
                Err(_) if !batch.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(batch)
    }

    pub(super) fn read_record(&mut self, record: RecordId) -> Result<Vec<LogEntry>, StoreError> {
        let sql = "SELECT last FROM record WHERE workspace = ?1 AND id = ?2";
        let newest: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![WORKSPACE, record.as_bytes()], |row| row.get(0))
            .optional()?;
        let (mut entries, mut last) = (Vec::new(), None);
        let mut next = newest.map(i64::cast_unsigned);
        while let Some(seq) = next {
            let stored = self.stored(seq)?;
            next = stored.previous;
            if stored.record.id != record || next.is_some_and(|previous| previous >= seq) {
                return Err(StoreError::Inconsistent("a record's entries are not linked"));
            }
            entries.push(self.finish(stored, &mut last)?);
        }
        entries.reverse();
        Ok(entries)
    }

    pub(super) fn read_command(&mut self, command: CommandId) -> Result<Vec<LogEntry>, StoreError> {
        let starts: Vec<i64> = self
            .connection
            .prepare_cached("SELECT first FROM command WHERE workspace = ?1 AND tag = ?2 ORDER BY first")?
            .query_map(params![WORKSPACE, command_tag(command)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut entries: Vec<LogEntry> = Vec::new();
        for start in starts.into_iter().map(i64::cast_unsigned) {
            // A run that follows the one before without a gap has been read with it.
            if entries.last().is_some_and(|last| last.seq >= start) {
                continue;
            }
            self.read_after(start.saturating_sub(1), &mut |entry| {
                let same = entry.command == command;
                if same {
                    entries.push(entry);
                }
                same
            })?;
        }
        Ok(entries)
    }

    pub(super) fn read_earlier(&mut self, seq: u64) -> Result<Option<Earlier>, StoreError> {
        let Some(seq) = self.stored(seq)?.previous else { return Ok(None) };
        let stored = self.stored(seq)?;
        let head = stored.head().map_err(|source| StoreError::Damaged { seq, source })?;
        Ok(Some(Earlier { seq, record: stored.record, hash: head.hash, actor: head.actor }))
    }

    pub(super) fn read_actor(&mut self, actor: &[u8; 16]) -> Result<Option<Authorship>, StoreError> {
        let seqs: Vec<i64> = self
            .connection
            .prepare_cached("SELECT seq FROM actor WHERE workspace = ?1 AND tag = ?2 ORDER BY seq")?
            .query_map(params![WORKSPACE, actor_tag(actor)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for seq in seqs.into_iter().map(i64::cast_unsigned) {
            let stored = self.stored(seq)?;
            let entry = self.finish(stored, &mut None)?;
            if entry.actor == *actor {
                return Ok(Some(entry.by));
            }
        }
        Ok(None)
    }

    pub(super) fn read_digest(&mut self, seq: u64) -> Result<Option<Digest>, StoreError> {
        // The digest is written down after every segment; the entries since then are added to it.
        let mut at = segment_start(seq.saturating_add(1)).min(self.sealed + 1) - 1;
        let mut digest = digest_before(&self.connection, at + 1)?;
        if at < seq {
            self.read_after(at, &mut |entry| {
                digest = digest.then(entry.seq, entry.record.id, entry.hash);
                at = entry.seq;
                at < seq
            })?;
        }
        Ok((at == seq).then_some(digest))
    }

    pub(super) fn read_records(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<RecordRef>, StoreError> {
        let sql = "SELECT id, kind FROM record WHERE workspace = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        // The empty blob is before every id.
        let after: &[u8] = after.as_ref().map_or(&[], |id| id.as_bytes());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![WORKSPACE, after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| row.map_err(StoreError::from).and_then(|(id, kind)| record_from_row(id, kind))).collect()
    }

    /// Reads all hashes. A damaged entry counts as missing, so that somebody brings it back.
    pub(super) fn read_known(&mut self, newest: u64) -> Result<HashSet<u64>, StoreError> {
        let mut known = HashSet::new();
        for seq in 1..=newest {
            match self.stored(seq) {
                Ok(stored) => known.extend(stored.head().ok().map(|head| known_key(&head.hash))),
                Err(StoreError::Damaged { .. } | StoreError::Inconsistent(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(known)
    }

    /// One entry, from its segment or the tail.
    fn stored(&mut self, seq: u64) -> Result<Stored, StoreError> {
        if seq <= self.sealed {
            return self.segment(seq)?.entry(seq).map_err(|source| StoreError::Damaged { seq, source });
        }
        let Self { connection, packer, .. } = self;
        let sql = format!("SELECT {COLUMNS} FROM log WHERE workspace = ?1 AND seq = ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![WORKSPACE, seq.cast_signed()])?;
        match rows.next()? {
            Some(row) => stored_from_row(packer, row),
            None => Err(StoreError::Inconsistent("an entry is gone")),
        }
    }

    /// The segment that an entry is in.
    pub(super) fn segment(&mut self, seq: u64) -> Result<Arc<Segment>, StoreError> {
        let first = segment_start(seq);
        if let Some(segment) = self.segments.get(first) {
            return Ok(segment);
        }
        let sql = "SELECT entries FROM segment WHERE workspace = ?1 AND first = ?2";
        let packed: Option<Vec<u8>> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![WORKSPACE, first.cast_signed()], |row| row.get(0))
            .optional()?;
        let packed = packed.ok_or(StoreError::Inconsistent("a segment is gone"))?;
        let plain = self.packer.unpack_segment(&packed, SEGMENT_INFLATED_MAX);
        let segment = plain.and_then(|plain| Segment::open(first, plain));
        let segment = Arc::new(segment.map_err(|source| StoreError::Damaged { seq, source })?);
        self.segments.keep(Arc::clone(&segment));
        Ok(segment)
    }

    /// Looks up what a stored entry points at, and checks its change.
    fn finish(&mut self, stored: Stored, last: &mut LastCommand) -> Result<LogEntry, StoreError> {
        let seq = stored.seq;
        let (command, received_at) = match (stored.command, *last) {
            (CommandColumn::Here(command, at), _) => {
                *last = Some((seq, command, at));
                (command, at)
            }
            (CommandColumn::At(first), Some((of, command, at))) if of == first => (command, at),
            (CommandColumn::At(first), _) => {
                let CommandColumn::Here(command, at) = self.stored(first)?.command else {
                    return Err(StoreError::Inconsistent("a command's first entry does not name it"));
                };
                *last = Some((first, command, at));
                (command, at)
            }
        };
        let head = stored.head().map_err(|source| StoreError::Damaged { seq, source })?;
        Ok(LogEntry {
            seq,
            record: stored.record,
            hash: head.hash,
            actor: head.actor,
            by: *self.authors.get(&stored.author).ok_or(StoreError::Inconsistent("an entry's author is gone"))?,
            command,
            received_at,
            change: stored.change,
        })
    }
}

/// The digest before an entry that begins a segment, or would.
pub(super) fn digest_before(connection: &Connection, first: u64) -> Result<Digest, StoreError> {
    let Some(before) = first.checked_sub(SEGMENT_ENTRIES) else { return Ok(Digest::EMPTY) };
    let sql = "SELECT digest FROM segment WHERE workspace = ?1 AND first = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![WORKSPACE, before.cast_signed()], |row| row.get(0)).optional()?;
    found.map(Digest).ok_or(StoreError::Inconsistent("a segment is gone"))
}

pub(super) fn stored_from_row(packer: &mut Packer, row: &Row<'_>) -> Result<Stored, StoreError> {
    let seq = row.get::<_, i64>(0)?.cast_unsigned();
    let command = match row.get_ref(5)? {
        ValueRef::Integer(first) => CommandColumn::At(first.cast_unsigned()),
        _ => CommandColumn::Here(CommandId::from_bytes(row.get(5)?), Timestamp::from_millis(row.get(6)?)),
    };
    let packed = row.get_ref(7)?.as_blob().map_err(|_| StoreError::Inconsistent("an entry holds no change"))?;
    Ok(Stored {
        seq,
        record: record_from_row(row.get(2)?, row.get(1)?)?,
        previous: row.get::<_, Option<i64>>(3)?.map(i64::cast_unsigned),
        author: row.get(4)?,
        command,
        change: packer.unpack(packed).map_err(|source| StoreError::Damaged { seq, source })?,
    })
}

fn record_from_row(id: [u8; 16], kind: u8) -> Result<RecordRef, StoreError> {
    let kind = Kind::from_code(kind).ok_or(StoreError::Inconsistent("a record is of an unknown kind"))?;
    Ok(RecordRef::new(kind, RecordId::from_bytes(id)))
}
