//! Reading the log.

use std::collections::{BTreeMap, HashSet};

use model::{CommandId, Kind, RecordId, RecordRef, Timestamp};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sync::Digest;

use super::{SqliteStore, WORKSPACE, actor_tag, command_tag, known_key};
use crate::store::{Authorship, LogEntry, Packer, StoreError};

const COLUMNS: &str = "seq, kind, record, previous, author, command, received_at, change";

/// How a row names its command.
enum CommandColumn {
    Here(CommandId, Timestamp),
    At(i64),
}

/// A row of the log, still packed.
struct Raw {
    seq: i64,
    kind: u8,
    record: [u8; 16],
    previous: Option<i64>,
    author: i64,
    command: CommandColumn,
    change: Vec<u8>,
}

impl Raw {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let command = match row.get_ref(5)? {
            ValueRef::Integer(first) => CommandColumn::At(first),
            _ => CommandColumn::Here(CommandId::from_bytes(row.get(5)?), Timestamp::from_millis(row.get(6)?)),
        };
        Ok(Self {
            seq: row.get(0)?,
            kind: row.get(1)?,
            record: row.get(2)?,
            previous: row.get(3)?,
            author: row.get(4)?,
            command,
            change: row.get(7)?,
        })
    }
}

/// Remembers the command that the last row pointed at.
type LastCommand = Option<(i64, CommandId, Timestamp)>;

impl SqliteStore {
    pub(super) fn read_after(
        &mut self,
        after: u64,
        take: &mut dyn FnMut(LogEntry) -> bool,
    ) -> Result<(), StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM log WHERE workspace = ?1 AND seq > ?2 ORDER BY seq");
        let Self { connection, packer, authors, .. } = self;
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![WORKSPACE, after.cast_signed()])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let raw = Raw::from_row(row)?;
            let entry = finish(connection, packer, authors, raw, &mut last)?;
            if !take(entry) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn read_record(&mut self, record: RecordId) -> Result<Vec<LogEntry>, StoreError> {
        let sql = "SELECT last FROM record WHERE workspace = ?1 AND id = ?2";
        let newest: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![WORKSPACE, record.as_bytes()], |row| row.get(0))
            .optional()?;
        let mut entries = Vec::new();
        let mut next = newest;
        while let Some(seq) = next {
            let (entry, previous) = self.read_one(seq)?;
            let goes_back = previous.is_none_or(|previous| previous < seq);
            if entry.record.id != record || !goes_back {
                return Err(StoreError::Inconsistent("a record's entries are not linked"));
            }
            entries.push(entry);
            next = previous;
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

    pub(super) fn read_actor(&mut self, actor: &[u8; 16]) -> Result<Option<Authorship>, StoreError> {
        let seqs: Vec<i64> = self
            .connection
            .prepare_cached("SELECT seq FROM actor WHERE workspace = ?1 AND tag = ?2 ORDER BY seq")?
            .query_map(params![WORKSPACE, actor_tag(actor)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for seq in seqs {
            let (entry, _) = self.read_one(seq)?;
            if entry.actor == *actor {
                return Ok(Some(entry.by));
            }
        }
        Ok(None)
    }

    pub(super) fn read_digest(&mut self, seq: u64) -> Result<Option<Digest>, StoreError> {
        let sql = "SELECT seq, digest FROM digest WHERE workspace = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1";
        let written: Option<(i64, [u8; 16])> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![WORKSPACE, seq.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (mut at, mut digest) =
            written.map_or((0, Digest::EMPTY), |(at, digest)| (at.cast_unsigned(), Digest(digest)));
        if at < seq {
            self.read_after(at, &mut |entry| {
                digest = digest.then(entry.seq, entry.record.id, entry.hash);
                at = entry.seq;
                at < seq
            })?;
        }
        Ok((at == seq).then_some(digest))
    }

    pub(super) fn read_records(
        &self,
        after: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<RecordRef>, StoreError> {
        let sql = "SELECT id, kind FROM record WHERE workspace = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        // The empty blob is before every id.
        let after: &[u8] = after.as_ref().map_or(&[], |id| id.as_bytes());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![WORKSPACE, after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| row.map_err(StoreError::from).and_then(|(id, kind)| record_from_row(id, kind))).collect()
    }

    /// Reads all hashes. A damaged entry counts as missing, so that somebody brings it back.
    pub(super) fn read_known(&mut self) -> Result<HashSet<u64>, StoreError> {
        let Self { connection, packer, .. } = self;
        let mut statement = connection.prepare("SELECT change FROM log WHERE workspace = ?1")?;
        let mut rows = statement.query([WORKSPACE])?;
        let mut known = HashSet::new();
        while let Some(row) = rows.next()? {
            let packed = row.get_ref(0)?.as_blob().unwrap_or_default();
            known.extend(packer.unpack(packed).ok().map(|change| known_key(&change.hash)));
        }
        Ok(known)
    }

    fn read_one(&mut self, seq: i64) -> Result<(LogEntry, Option<i64>), StoreError> {
        let Self { connection, packer, authors, .. } = self;
        let raw = read_raw(connection, seq)?;
        let previous = raw.previous;
        Ok((finish(connection, packer, authors, raw, &mut None)?, previous))
    }
}

fn read_raw(connection: &Connection, seq: i64) -> Result<Raw, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM log WHERE workspace = ?1 AND seq = ?2");
    let found = connection.prepare_cached(&sql)?.query_row(params![WORKSPACE, seq], Raw::from_row).optional()?;
    found.ok_or(StoreError::Inconsistent("an entry is gone"))
}

/// Unpacks a row and looks up what it points at.
fn finish(
    connection: &Connection,
    packer: &mut Packer,
    authors: &BTreeMap<i64, Authorship>,
    raw: Raw,
    last: &mut LastCommand,
) -> Result<LogEntry, StoreError> {
    let seq = raw.seq.cast_unsigned();
    let (command, received_at) = match (raw.command, *last) {
        (CommandColumn::Here(command, at), _) => {
            *last = Some((raw.seq, command, at));
            (command, at)
        }
        (CommandColumn::At(first), Some((of, command, at))) if of == first => (command, at),
        (CommandColumn::At(first), _) => {
            let CommandColumn::Here(command, at) = read_raw(connection, first)?.command else {
                return Err(StoreError::Inconsistent("a command's first entry does not name it"));
            };
            *last = Some((first, command, at));
            (command, at)
        }
    };
    let change = packer.unpack(&raw.change).map_err(|source| StoreError::Damaged { seq, source })?;
    Ok(LogEntry {
        seq,
        record: record_from_row(raw.record, raw.kind)?,
        hash: change.hash,
        actor: change.actor,
        by: *authors.get(&raw.author).ok_or(StoreError::Inconsistent("an entry's author is gone"))?,
        command,
        received_at,
        change: change.change,
    })
}

fn record_from_row(id: [u8; 16], kind: u8) -> Result<RecordRef, StoreError> {
    let kind = Kind::from_code(kind).ok_or(StoreError::Inconsistent("a record is of an unknown kind"))?;
    Ok(RecordRef::new(kind, RecordId::from_bytes(id)))
}
