//! Two trays that nothing leaves by itself: commands that the relay refused, until their author decides; and changes
//! that this version can't apply, until an upgrade can.

use model::{ChangeHash, CommandId, RecordId, RecordRef, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::codec::{get, get_reference};
use crate::error::StoreError;
use crate::store::{Reader, Tx};

/// A command that the relay refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The command.
    pub command: CommandId,
    /// When the person did it.
    pub at: Timestamp,
    /// The command as the writer encoded it.
    pub payload: Vec<u8>,
    /// The relay's code.
    pub code: String,
    /// The reason in words.
    pub detail: String,
    /// What it would have changed, as the writer encoded it.
    pub changes_payload: Vec<u8>,
}

/// A change that can't be applied yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedChange {
    /// The record it changes.
    pub record: RecordRef,
    /// Its hash.
    pub hash: ChangeHash,
    /// The change as it came.
    pub bytes: Vec<u8>,
    /// Why it can't be applied.
    pub reason: String,
}

const REFUSED: &str = "SELECT command, at, payload, code, detail, changes FROM refused";

impl Reader {
    /// Lists what the relay refused, oldest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn refused(&self) -> Result<Vec<RefusedRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{REFUSED} ORDER BY ordinal"))?;
        Ok(statement.query_map([], refused_row)?.collect::<Result<_, _>>()?)
    }

    /// Returns a refused command.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn refused_command(&self, id: CommandId) -> Result<Option<RefusedRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{REFUSED} WHERE command = ?"))?;
        Ok(statement.query_row([id.as_bytes()], refused_row).optional()?)
    }

    /// Counts what the relay refused.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn refused_len(&self) -> Result<u64, StoreError> {
        self.number("SELECT count(*) FROM refused")
    }

    /// Lists the quarantined changes of a record, oldest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn quarantined(&self, record: RecordId) -> Result<Vec<QuarantinedChange>, StoreError> {
        let sql = "SELECT kind, record, hash, bytes, reason FROM quarantine WHERE record = ? ORDER BY ordinal";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([record.as_bytes()], quarantined_change)?.collect::<Result<_, _>>()?)
    }

    /// Lists the records that have quarantined changes.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn quarantined_records(&self) -> Result<Vec<RecordRef>, StoreError> {
        let sql = "SELECT DISTINCT kind, record FROM quarantine ORDER BY record";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([], |row| get_reference(row, 0, 1))?.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Puts a refused command into the tray.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn put_refused(&mut self, refused: &RefusedRow) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO refused (command, at, payload, code, detail, changes)
                   VALUES (?, ?, ?, ?, ?, ?)";
        let RefusedRow { command, at, payload, code, detail, changes_payload } = refused;
        self.run(sql, params![command.as_bytes(), at.as_millis(), payload, code, detail, changes_payload]).map(drop)
    }

    /// Takes a refused command out of the tray.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn take_refused(&mut self, id: CommandId) -> Result<Option<RefusedRow>, StoreError> {
        let found = self.refused_command(id)?;
        self.run("DELETE FROM refused WHERE command = ?", [id.as_bytes()])?;
        Ok(found)
    }

    /// Keeps a change that can't be applied yet.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn quarantine(
        &mut self,
        record: RecordRef,
        hash: ChangeHash,
        bytes: &[u8],
        reason: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO quarantine (record, kind, hash, bytes, reason) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (hash) DO NOTHING";
        self.run(sql, params![record.id.as_bytes(), record.kind.code(), hash.0, bytes, reason]).map(drop)
    }

    /// Takes a change out of quarantine; returns whether it was there.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn release(&mut self, hash: ChangeHash) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM quarantine WHERE hash = ?", [hash.0])? > 0)
    }
}

pub(crate) fn refused_row(row: &Row<'_>) -> rusqlite::Result<RefusedRow> {
    Ok(RefusedRow {
        command: get(row, 0)?,
        at: get(row, 1)?,
        payload: row.get(2)?,
        code: row.get(3)?,
        detail: row.get(4)?,
        changes_payload: row.get(5)?,
    })
}

fn quarantined_change(row: &Row<'_>) -> rusqlite::Result<QuarantinedChange> {
    Ok(QuarantinedChange {
        record: get_reference(row, 0, 1)?,
        hash: get(row, 2)?,
        bytes: row.get(3)?,
        reason: row.get(4)?,
    })
}
