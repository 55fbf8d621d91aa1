//! What the relay accepted: its log as far as this client took part in it, and who stands behind an actor.

use model::{ChangeHash, CommandId, DeviceId, RecordId, RecordRef, Timestamp, UserId};
use rusqlite::{OptionalExtension, Row, params};

use crate::codec::{get, get_reference};
use crate::error::StoreError;
use crate::store::{Reader, Tx};

/// A change that the relay accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the relay's log.
    pub log_seq: u64,
    /// The record it changed.
    pub record: RecordRef,
    /// Its hash.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: [u8; 16],
    /// The how many-th change of that actor.
    pub actor_seq: u64,
    /// The person, as the relay knows them.
    pub user: UserId,
    /// The device it came from.
    pub device: DeviceId,
    /// The command it belongs to.
    pub command: CommandId,
    /// When the relay took it.
    pub received_at: Timestamp,
    /// The relay's proof that it did.
    pub receipt: Vec<u8>,
}

const ENTRY: &str =
    "SELECT log_seq, kind, record, hash, actor, actor_seq, user, device, command, received_at, receipt FROM entry";

/// No log grows this long.
const ASIDE: i64 = 1 << 40;

impl Reader {
    /// Lists entries in the order of the log, from the one after `seq`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn entries_after(&self, seq: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("{ENTRY} WHERE log_seq > ? ORDER BY log_seq LIMIT ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement
            .query_map(params![i64::try_from(seq).unwrap_or(i64::MAX), limit], entry)?
            .collect::<Result<_, _>>()?)
    }

    /// Returns the entry at a place in the log.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn entry_at(&self, seq: u64) -> Result<Option<Entry>, StoreError> {
        let sql = format!("{ENTRY} WHERE log_seq = ?");
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        Ok(self.connection.prepare_cached(&sql)?.query_row([seq], entry).optional()?)
    }

    /// Returns the entry of a change.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn entry_of(&self, hash: ChangeHash) -> Result<Option<Entry>, StoreError> {
        let sql = format!("{ENTRY} WHERE hash = ?");
        Ok(self.connection.prepare_cached(&sql)?.query_row([hash.0], entry).optional()?)
    }

    /// Returns who stands behind an actor of a record's document.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn author_of(&self, record: RecordId, actor: [u8; 16]) -> Result<Option<(UserId, DeviceId)>, StoreError> {
        let sql = "SELECT user, device FROM actor WHERE record = ? AND actor = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let author = |row: &Row<'_>| Ok((get(row, 0)?, get(row, 1)?));
        Ok(statement.query_row([record.as_bytes(), &actor], author).optional()?)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let number = |index| row.get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or(0));
    Ok(Entry {
        log_seq: number(0)?,
        record: get_reference(row, 1, 2)?,
        hash: get(row, 3)?,
        actor: row.get(4)?,
        actor_seq: number(5)?,
        user: get(row, 6)?,
        device: get(row, 7)?,
        command: get(row, 8)?,
        received_at: get(row, 9)?,
        receipt: row.get(10)?,
    })
}

impl Tx<'_> {
    /// Notes an accepted change. One that comes again, under another number after a restored relay, replaces itself.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn put_entry(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO entry
                   (log_seq, record, kind, hash, actor, actor_seq, user, device, command, received_at, receipt)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
        let values = params![
            number(entry.log_seq),
            entry.record.id.as_bytes(),
            entry.record.kind.code(),
            entry.hash.0,
            entry.actor,
            number(entry.actor_seq),
            entry.user.as_bytes(),
            entry.device.as_bytes(),
            entry.command.as_bytes(),
            entry.received_at.as_millis(),
            entry.receipt,
        ];
        self.run(sql, values).map(drop)
    }

    /// Notes who stands behind an actor of a record's document.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn bind_actor(
        &mut self,
        record: RecordId,
        actor: [u8; 16],
        user: UserId,
        device: DeviceId,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO actor (record, actor, user, device) VALUES (?, ?, ?, ?)";
        self.run(sql, [record.as_bytes(), &actor, user.as_bytes(), device.as_bytes()]).map(drop)
    }

    /// Moves all entries behind every number a log reaches, in their order: the relay numbers its log anew. What it
    /// still holds comes back under its own number; what it has lost stays, to be offered again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_entries_aside(&mut self) -> Result<(), StoreError> {
        // By way of negative numbers, so that no two rows meet under one number.
        self.run("UPDATE entry SET log_seq = -(log_seq + ?)", [ASIDE])?;
        self.run("UPDATE entry SET log_seq = -log_seq WHERE log_seq < 0", []).map(drop)
    }

    /// Forgets all entries.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn clear_entries(&mut self) -> Result<(), StoreError> {
        self.run("DELETE FROM entry", []).map(drop)
    }
}
