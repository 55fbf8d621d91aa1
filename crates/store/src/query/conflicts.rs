//! Who wrote what, and the fields that two people changed at once.

use model::query::{Author, Conflict, ConflictValue};
use model::schema::FieldProblem;
use model::{RecordId, RecordRef, UserId};
use rusqlite::OptionalExtension;

use super::QueryContext;
use crate::codec::{get_reference, unpack};
use crate::error::StoreError;
use crate::project::StoredConflictValue;
use crate::store::Reader;

/// Most records with conflicts that one answer carries.
const CONFLICTED_MAX: u32 = 1000;

impl Reader {
    /// Answers `Query::Conflicts`; records in the trash are left out.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn conflicts(&self, _ctx: &QueryContext<'_>) -> Result<Vec<Conflict>, StoreError> {
        let sql = "SELECT kind, id FROM record WHERE conflicts > 0 ORDER BY n LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([CONFLICTED_MAX], |row| get_reference(row, 0, 1))?;
        let mut found = Vec::new();
        for reference in rows {
            let reference = reference?;
            if self.record(reference.id)?.is_some_and(|record| !record.is_deleted()) {
                found.extend(self.conflicts_of(reference)?);
            }
        }
        Ok(found)
    }

    /// Lists the fields of a record that two people changed at once.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn conflicts_of(&self, record: RecordRef) -> Result<Vec<Conflict>, StoreError> {
        let name = self.name_of(record.id)?.unwrap_or_default();
        let sql = "SELECT c.key, c.\"values\" FROM record r JOIN conflict c ON c.n = r.n WHERE r.id = ? ORDER BY c.key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([record.id.as_bytes()], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut found = Vec::new();
        for row in rows {
            let (key, packed) = row?;
            let stored: Vec<StoredConflictValue> = unpack(&packed, "conflict")?;
            let values = stored.into_iter().map(|value| self.conflict_value(record.id, value));
            found.push(Conflict { record, name: name.clone(), key, values: values.collect::<Result<_, _>>()? });
        }
        Ok(found)
    }

    fn conflict_value(&self, record: RecordId, stored: StoredConflictValue) -> Result<ConflictValue, StoreError> {
        let StoredConflictValue { value, actor, at } = stored;
        Ok(ConflictValue { value, author: self.author(record, actor)?, at })
    }

    /// Lists the fields of a record that could not be read.
    pub(crate) fn problems_of(&self, record: RecordId) -> Result<Vec<FieldProblem>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT problems FROM record WHERE id = ?")?;
        let packed: Option<Vec<u8>> = statement.query_row([record.as_bytes()], |row| row.get(0)).optional()?;
        match packed {
            Some(packed) if !packed.is_empty() => unpack(&packed, "problem"),
            _ => Ok(Vec::new()),
        }
    }

    /// The person behind an actor, as far as this device knows.
    pub(crate) fn author(&self, record: RecordId, actor: [u8; 16]) -> Result<Author, StoreError> {
        let Some((user, device)) = self.author_of(record, actor)? else { return Ok(Author::default()) };
        let device_name = self.name_of(RecordId(device.0))?.unwrap_or_default();
        Ok(Author { device: Some(device), device_name, ..self.person(user)? })
    }

    /// A person, by their directory record.
    pub(crate) fn person(&self, user: UserId) -> Result<Author, StoreError> {
        let name = self.name_of(user.record())?.unwrap_or_default();
        Ok(Author { user: Some(user), name, ..Author::default() })
    }

    /// Counts the fields in conflict, trash left out.
    pub(crate) fn conflict_count(&self, ctx: &QueryContext<'_>) -> Result<u64, StoreError> {
        Ok(self.conflicts(ctx)?.len() as u64)
    }
}
