//! Appending to the log.

use std::collections::BTreeMap;

use model::{CommandId, Timestamp};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::read::{COLUMNS, digest_before, stored_from_row};
use super::seal::note_seal;
use super::segment::{SEGMENT_ENTRIES, Stored, encode_segment};
use super::{SqliteStore, WORKSPACE, actor_tag, command_tag, known_key};
use crate::store::{AppendError, Authorship, ChunkHead, Group, LogEntry, Packer, StoreError};

/// Entries outside of segments above which the oldest are packed into one.
const TAIL_MAX: u64 = 2 * SEGMENT_ENTRIES;

impl SqliteStore {
    pub(super) fn append_group(&mut self, group: &Group, still: &mut dyn FnMut() -> bool) -> Result<(), AppendError> {
        let (Some(first), Some(last)) = (group.entries.first(), group.entries.last()) else { return Ok(()) };
        let known_authors = self.author_ids.len();
        for entry in &group.entries {
            self.learn_author(entry.by);
        }
        let fresh: Vec<(i64, Authorship)> =
            self.authors.iter().skip(known_authors).map(|(id, by)| (*id, *by)).collect();
        let stored = self.store_group(group, &fresh, (first.seq, last.seq), still);
        if stored.is_err() {
            for (id, by) in fresh {
                self.authors.remove(&id);
                self.author_ids.remove(&by);
            }
        } else if let Some(known) = &mut self.known {
            known.extend(group.entries.iter().map(|entry| known_key(&entry.hash)));
        }
        stored
    }

    /// Gives a person's device its short number; numbers only grow.
    fn learn_author(&mut self, by: Authorship) {
        if !self.author_ids.contains_key(&by) {
            let id = self.authors.last_key_value().map_or(1, |(last, _)| last + 1);
            self.authors.insert(id, by);
            self.author_ids.insert(by, id);
        }
    }

    fn store_group(
        &mut self,
        group: &Group,
        authors: &[(i64, Authorship)],
        (first, last): (u64, u64),
        still: &mut dyn FnMut() -> bool,
    ) -> Result<(), AppendError> {
        let tx = Transaction::new(&mut self.connection, TransactionBehavior::Immediate)?;
        if !still() {
            return Err(AppendError::Withdrawn);
        }
        // Taking the sequence numbers first keeps the order of commits the order of the log.
        let digest = group.digests.last().map(|digest| digest.0);
        let taken = tx
            .prepare_cached("UPDATE workspace SET head_seq = ?2, head_digest = ?3 WHERE id = ?1 AND head_seq = ?4")?
            .execute(params![WORKSPACE, last.cast_signed(), digest, first.cast_signed() - 1])?;
        if taken != 1 {
            return Err(StoreError::Inconsistent("the group does not continue the log").into());
        }
        for (id, by) in authors {
            let sql = "INSERT INTO author (workspace, id, user, device) VALUES (?1, ?2, ?3, ?4)";
            tx.execute(sql, params![WORKSPACE, id, by.user.as_bytes(), by.device.as_bytes()])?;
        }
        store_entries(&tx, &mut self.packer, group, |by| self.author_ids.get(&by).copied())?;
        let mut sealed = self.sealed;
        while last - sealed >= TAIL_MAX {
            seal(&tx, &mut self.packer, &self.authors, sealed + 1)?;
            sealed += SEGMENT_ENTRIES;
        }
        tx.commit()?;
        self.sealed = sealed;
        Ok(())
    }
}

/// Entries of one command that follow each other; only the first carries the command's id and time.
#[derive(Clone, Copy)]
struct Run {
    command: CommandId,
    received_at: Timestamp,
    first: i64,
}

fn store_entries(
    tx: &Transaction<'_>,
    packer: &mut Packer,
    group: &Group,
    author_id: impl Fn(Authorship) -> Option<i64>,
) -> Result<(), AppendError> {
    let mut before: Option<Run> = None;
    for entry in &group.entries {
        let seq = entry.seq.cast_signed();
        let author = author_id(entry.by).ok_or(StoreError::Inconsistent("an author has no number"))?;
        let goes_on = |run: &Run| run.command == entry.command && run.received_at == entry.received_at;
        let run = before.filter(goes_on);
        store_entry(tx, packer, entry, author, run)?;
        if run.is_none() {
            tx.prepare_cached("INSERT INTO command (workspace, tag, first) VALUES (?1, ?2, ?3)")?.execute(params![
                WORKSPACE,
                command_tag(entry.command),
                seq
            ])?;
        }
        before = run.or(Some(Run { command: entry.command, received_at: entry.received_at, first: seq }));
    }
    Ok(())
}

fn store_entry(
    tx: &Transaction<'_>,
    packer: &mut Packer,
    entry: &LogEntry,
    author: i64,
    run: Option<Run>,
) -> Result<(), AppendError> {
    let seq = entry.seq.cast_signed();
    let previous: Option<i64> = tx
        .prepare_cached("SELECT last FROM record WHERE workspace = ?1 AND id = ?2")?
        .query_row(params![WORKSPACE, entry.record.id.as_bytes()], |row| row.get(0))
        .optional()?;
    let command = match &run {
        Some(run) => ToSqlOutput::Owned(run.first.into()),
        None => ToSqlOutput::Borrowed(ValueRef::Blob(entry.command.as_bytes())),
    };
    let received_at = if run.is_none() { Some(entry.received_at.as_millis()) } else { None };
    let change = packer.pack(&entry.change).map_err(StoreError::Pack)?;
    tx.prepare_cached(
        "INSERT INTO log (workspace, seq, kind, record, previous, author, command, received_at, change)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        WORKSPACE,
        seq,
        entry.record.kind.code(),
        entry.record.id.as_bytes(),
        previous,
        author,
        command,
        received_at,
        change
    ])?;
    tx.prepare_cached(
        "INSERT INTO record (workspace, id, kind, last) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (workspace, id) DO UPDATE SET last = excluded.last",
    )?
    .execute(params![WORKSPACE, entry.record.id.as_bytes(), entry.record.kind.code(), seq])?;
    if ChunkHead::read(&entry.change).is_ok_and(|head| head.actor_seq == 1) {
        tx.prepare_cached("INSERT INTO actor (workspace, tag, seq) VALUES (?1, ?2, ?3)")?.execute(params![
            WORKSPACE,
            actor_tag(&entry.actor),
            seq
        ])?;
    }
    Ok(())
}

/// Moves the oldest entries of the tail, from `first`, into a segment.
fn seal(
    tx: &Transaction<'_>,
    packer: &mut Packer,
    authors: &BTreeMap<i64, Authorship>,
    first: u64,
) -> Result<(), AppendError> {
    let (from, to) = (first.cast_signed(), (first + SEGMENT_ENTRIES).cast_signed());
    let sql = format!("SELECT {COLUMNS} FROM log WHERE workspace = ?1 AND seq >= ?2 AND seq < ?3 ORDER BY seq");
    let mut entries: Vec<Stored> = Vec::new();
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query(params![WORKSPACE, from, to])?;
    while let Some(row) = rows.next()? {
        entries.push(stored_from_row(packer, row)?);
    }
    let mut digest = digest_before(tx, first)?;
    for entry in &entries {
        let head = entry.head().map_err(|source| StoreError::Damaged { seq: entry.seq, source })?;
        digest = digest.then(entry.seq, entry.record.id, head.hash);
    }
    let plain = encode_segment(&entries);
    note_seal(tx, &entries, &plain, authors)?;
    let packed = packer.pack_segment(&plain).map_err(StoreError::Pack)?;
    tx.prepare_cached("INSERT INTO segment (workspace, first, digest, entries) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![WORKSPACE, from, digest.0, packed])?;
    tx.prepare_cached("DELETE FROM log WHERE workspace = ?1 AND seq >= ?2 AND seq < ?3")?
        .execute(params![WORKSPACE, from, to])?;
    Ok(())
}
