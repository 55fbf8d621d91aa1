//! The outbox: commands that the relay has not answered yet, in order, with the changes they made; and the log of
//! the newest commands, for undo.

use model::{ChangeHash, CommandId, RecordId, RecordRef, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::codec::{get, get_reference, int};
use crate::error::StoreError;
use crate::store::{Reader, Tx};

/// Commands that the log keeps.
pub const LOGGED_COMMANDS: u32 = 1000;

/// A change that is not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// The record it changes.
    pub record: RecordRef,
    /// Its hash.
    pub hash: ChangeHash,
    /// The change as its document's engine wrote it.
    pub bytes: Vec<u8>,
}

/// A command that waits for the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxCommand {
    /// Its name.
    pub id: CommandId,
    /// When the person did it.
    pub at: Timestamp,
    /// The command as the writer encoded it.
    pub payload: Vec<u8>,
    /// What it changed, in order.
    pub changes: Vec<PendingChange>,
}

/// A command of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCommand {
    /// Its name.
    pub id: CommandId,
    /// When the person did it.
    pub at: Timestamp,
    /// The command as the writer encoded it.
    pub payload: Vec<u8>,
}

impl Reader {
    /// Lists commands that wait, in order, from the one after `after_ordinal` (0 is from the start).
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn outbox(&self, after_ordinal: i64, limit: u32) -> Result<Vec<(i64, OutboxCommand)>, StoreError> {
        let sql = "SELECT ordinal, id, at, payload FROM outbox WHERE ordinal > ? ORDER BY ordinal LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![after_ordinal, limit], outbox_command)?;
        let mut commands = rows.collect::<Result<Vec<_>, _>>()?;
        for (ordinal, command) in &mut commands {
            command.changes = self.changes_of(*ordinal)?;
        }
        Ok(commands)
    }

    /// Counts the commands that wait.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn outbox_len(&self) -> Result<u64, StoreError> {
        self.number("SELECT count(*) FROM outbox")
    }

    /// Returns a command that waits.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn command(&self, id: CommandId) -> Result<Option<OutboxCommand>, StoreError> {
        let sql = "SELECT ordinal, id, at, payload FROM outbox WHERE id = ?";
        let found = self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], outbox_command).optional()?;
        let Some((ordinal, mut command)) = found else { return Ok(None) };
        command.changes = self.changes_of(ordinal)?;
        Ok(Some(command))
    }

    /// Returns a command of the log, waiting or answered.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn logged_command(&self, id: CommandId) -> Result<Option<LoggedCommand>, StoreError> {
        let sql = "SELECT id, at, payload FROM command_log WHERE id = ?";
        Ok(self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], logged_command).optional()?)
    }

    /// Lists the newest commands of the log, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn logged_commands(&self, limit: u32) -> Result<Vec<LoggedCommand>, StoreError> {
        let sql = "SELECT id, at, payload FROM command_log ORDER BY ordinal DESC LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([limit], logged_command)?.collect::<Result<_, _>>()?)
    }

    pub(crate) fn pending_of(&self, record: RecordId) -> Result<Vec<PendingChange>, StoreError> {
        let sql = "SELECT kind, record, hash, bytes FROM pending WHERE record = ? ORDER BY ordinal, position";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([record.as_bytes()], pending_change)?.collect::<Result<_, _>>()?)
    }

    fn changes_of(&self, ordinal: i64) -> Result<Vec<PendingChange>, StoreError> {
        let sql = "SELECT kind, record, hash, bytes FROM pending WHERE ordinal = ? ORDER BY position";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([ordinal], pending_change)?.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Puts a command at the end of the outbox.
    ///
    /// # Errors
    /// When the database can't be written, or the command is there already.
    pub fn push_command(&mut self, command: &OutboxCommand) -> Result<(), StoreError> {
        let sql = "INSERT INTO outbox (id, at, payload) VALUES (?, ?, ?)";
        self.run(sql, params![command.id.as_bytes(), command.at.as_millis(), command.payload])?;
        self.put_changes(self.connection.last_insert_rowid(), &command.changes)
    }

    /// Takes a command with its changes out of the outbox.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn take_command(&mut self, id: CommandId) -> Result<Option<OutboxCommand>, StoreError> {
        let found = self.command(id)?;
        self.run("DELETE FROM outbox WHERE id = ?", [id.as_bytes()])?;
        Ok(found)
    }

    /// Replaces the changes of a command that waits, because it was executed anew; returns whether it waits.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn replace_changes(&mut self, id: CommandId, changes: &[PendingChange]) -> Result<bool, StoreError> {
        let sql = "SELECT ordinal FROM outbox WHERE id = ?";
        let ordinal = self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
        let Some(ordinal) = ordinal else { return Ok(false) };
        self.run("DELETE FROM pending WHERE ordinal = ?", [ordinal])?;
        self.put_changes(ordinal, changes)?;
        Ok(true)
    }

    /// Notes a command in the log; the oldest beyond `LOGGED_COMMANDS` go.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn log_command(&mut self, id: CommandId, at: Timestamp, payload: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO command_log (id, at, payload) VALUES (?1, ?2, ?3)
                   ON CONFLICT (id) DO UPDATE SET at = ?2, payload = ?3";
        self.run(sql, params![id.as_bytes(), at.as_millis(), payload])?;
        let sql = "DELETE FROM command_log WHERE ordinal <= (SELECT max(ordinal) FROM command_log) - ?";
        self.run(sql, [LOGGED_COMMANDS]).map(drop)
    }

    fn put_changes(&self, ordinal: i64, changes: &[PendingChange]) -> Result<(), StoreError> {
        let sql = "INSERT INTO pending (ordinal, position, record, kind, hash, bytes) VALUES (?, ?, ?, ?, ?, ?)";
        for (position, change) in changes.iter().enumerate() {
            let PendingChange { record, hash, bytes } = change;
            self.ensure_document(*record)?;
            let kind = record.kind.code();
            self.run(sql, params![ordinal, int(position), record.id.as_bytes(), kind, hash.0, bytes])?;
        }
        Ok(())
    }
}

pub(crate) fn outbox_command(row: &Row<'_>) -> rusqlite::Result<(i64, OutboxCommand)> {
    let command = OutboxCommand { id: get(row, 1)?, at: get(row, 2)?, payload: row.get(3)?, changes: Vec::new() };
    Ok((row.get(0)?, command))
}

pub(crate) fn pending_change(row: &Row<'_>) -> rusqlite::Result<PendingChange> {
    Ok(PendingChange { record: get_reference(row, 0, 1)?, hash: get(row, 2)?, bytes: row.get(3)? })
}

fn logged_command(row: &Row<'_>) -> rusqlite::Result<LoggedCommand> {
    Ok(LoggedCommand { id: get(row, 0)?, at: get(row, 1)?, payload: row.get(2)? })
}
