//! The history of fields, derived from documents once and kept as rows, so that timelines never replay documents.

use model::{ChangeHash, RecordId, RecordRef, Timestamp, Value};
use rusqlite::{Row, params};

use crate::codec::{get, pack, unpack};
use crate::error::StoreError;
use crate::store::{Reader, Tx};

/// What one change did to one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChangeRow {
    /// The record.
    pub record: RecordRef,
    /// The change.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: [u8; 16],
    /// When, by the author's clock.
    pub at: Timestamp,
    /// The field's key.
    pub key: String,
    /// Before; `None` when there was no value.
    pub before: Option<Value>,
    /// After; `None` when the value was removed.
    pub after: Option<Value>,
    /// Part of the record's first change.
    pub created: bool,
}

impl Reader {
    /// Lists what happened to a record's fields, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn field_changes(&self, record: RecordRef, limit: u32) -> Result<Vec<FieldChangeRow>, StoreError> {
        let sql = "SELECT hash, actor, at, key, before, after, created FROM field_change
                   WHERE record = ? ORDER BY at DESC, hash DESC, key LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![record.id.as_bytes(), limit])?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            changes.push(field_change(row, record)?);
        }
        Ok(changes)
    }

    /// Lists what happened to one field of a record, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn changes_of_field(
        &self,
        record: RecordRef,
        key: &str,
        limit: u32,
    ) -> Result<Vec<FieldChangeRow>, StoreError> {
        let sql = "SELECT hash, actor, at, key, before, after, created FROM field_change
                   WHERE record = ? AND key = ? ORDER BY at DESC, hash DESC LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![record.id.as_bytes(), key, limit])?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            changes.push(field_change(row, record)?);
        }
        Ok(changes)
    }

    /// The fields of a record that were written later than a moment, and what each held at that moment: the value of
    /// the last change up to it, as the timeline tells them.
    pub(crate) fn values_before(
        &self,
        record: RecordId,
        at: Timestamp,
    ) -> Result<Vec<(String, Option<Value>)>, StoreError> {
        let sql = "SELECT DISTINCT later.key,
                     (SELECT after FROM field_change WHERE record = ?1 AND key = later.key AND at <= ?2
                      ORDER BY at DESC, hash DESC LIMIT 1)
                   FROM field_change later WHERE later.record = ?1 AND later.at > ?2 ORDER BY later.key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![record.as_bytes(), at.as_millis()])?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            let after: Option<Vec<u8>> = row.get(1)?;
            values.push((row.get(0)?, after.map(|bytes| unpack(&bytes, "field change")).transpose()?));
        }
        Ok(values)
    }
}

pub(crate) fn field_change(row: &Row<'_>, record: RecordRef) -> Result<FieldChangeRow, StoreError> {
    let value = |index| -> Result<Option<Value>, StoreError> {
        let bytes: Option<Vec<u8>> = row.get(index)?;
        bytes.map(|bytes| unpack(&bytes, "field change")).transpose()
    };
    Ok(FieldChangeRow {
        record,
        hash: get(row, 0)?,
        actor: row.get(1)?,
        at: get(row, 2)?,
        key: row.get(3)?,
        before: value(4)?,
        after: value(5)?,
        created: row.get(6)?,
    })
}

impl Tx<'_> {
    /// Notes what changes did to fields. Noting a change twice is noting it once.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn record_field_changes(&mut self, changes: &[FieldChangeRow]) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO field_change
                   (record, at, hash, key, actor, before, after, created, moved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        for change in changes {
            let (id, at, moved) = (change.record.id, change.at.as_millis(), moves(change));
            let before = change.before.as_ref().map(pack).transpose()?;
            let after = change.after.as_ref().map(pack).transpose()?;
            let FieldChangeRow { hash, key, actor, created, .. } = change;
            self.run(sql, params![id.as_bytes(), at, hash.0, key, actor, before, after, created, moved])?;
            if moved {
                self.stale.borrow_mut().insert(id);
            }
        }
        Ok(())
    }

    /// Forgets what a change did, because it was refused or executed anew.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn remove_field_changes(&mut self, record: RecordId, hash: ChangeHash) -> Result<(), StoreError> {
        let sql = "DELETE FROM field_change WHERE record = ? AND hash = ?";
        self.run(sql, params![record.as_bytes(), hash.0])?;
        self.stale.borrow_mut().insert(record);
        Ok(())
    }

    /// Forgets the history of a record's fields, before it is noted anew.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn clear_field_changes(&mut self, record: RecordId) -> Result<(), StoreError> {
        self.run("DELETE FROM field_change WHERE record = ?", [record.as_bytes()])?;
        self.stale.borrow_mut().insert(record);
        Ok(())
    }
}

/// Whether the change took a lead to another stage, not only to another place in it.
fn moves(change: &FieldChangeRow) -> bool {
    let stage = |value: &Option<Value>| {
        let place = value.as_ref().and_then(Value::as_text).unwrap_or("");
        place.split('|').next().unwrap_or("").to_owned()
    };
    change.key == "place" && !change.created && stage(&change.before) != stage(&change.after)
}
