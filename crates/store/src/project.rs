//! Writing the projection: one record into its row, its columns, its members, its words and its conflicts.

use model::schema::FieldProblem;
use model::{ChangeHash, Kind, Record, RecordId, RecordRef, Settings, Timestamp, Value};
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, params, params_from_iter};
use serde::{Deserialize, Serialize};

use crate::codec::{get, int, join_hashes, pack, pack_fields, unpack_fields};
use crate::columns::{folded, members, row_values, row_writer};
use crate::error::StoreError;
use crate::search::{Words, words_of};
use crate::store::{Reader, Tx};

/// A record as it shows now, with what its page needs.
#[derive(Debug, Clone, Copy)]
pub struct Projection<'a> {
    /// The record.
    pub record: &'a Record,
    /// Heads of its document.
    pub heads: &'a [ChangeHash],
    /// Holds changes that are not confirmed.
    pub pending: bool,
    /// Fields with several concurrent values.
    pub conflicts: &'a [StoredConflict],
    /// Fields that could not be read.
    pub problems: &'a [FieldProblem],
}

/// A field with several concurrent values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredConflict {
    /// The field.
    pub key: String,
    /// All values, the one that shows first.
    pub values: Vec<StoredConflictValue>,
}

/// One of the values in conflict. Who wrote it is looked up by actor when somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredConflictValue {
    /// The value; `None` when it can't be read.
    pub value: Option<Value>,
    /// Who wrote it.
    pub actor: [u8; 16],
    /// When, by their clock.
    pub at: Timestamp,
}

impl Tx<'_> {
    /// Writes the projection of a record, in place of the one it had.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn project(&mut self, projection: &Projection<'_>) -> Result<(), StoreError> {
        self.show(projection, None)
    }

    /// Writes many projections; ten thousand take a fraction of a second.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn project_many<'p>(
        &mut self,
        projections: impl IntoIterator<Item = Projection<'p>>,
    ) -> Result<(), StoreError> {
        projections.into_iter().try_for_each(|projection| self.project(&projection))
    }

    /// Removes the projection of a record; returns whether there was one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn unproject(&mut self, id: RecordId) -> Result<bool, StoreError> {
        let Some((n, kind)) = self.row_number(id)? else { return Ok(false) };
        self.mark_linked_stale(kind, id)?;
        self.follow_merge(RecordRef::new(kind, id), None)?;
        self.run("DELETE FROM record WHERE n = ?", [n])?;
        self.await_record(RecordRef::new(kind, id))?;
        self.pass_on_name(RecordRef::new(kind, id))?;
        self.remove_from_corpus(RecordRef::new(kind, id), n)?;
        Ok(true)
    }

    /// Removes every projection and all field changes, so that they can be built anew.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn clear_projections(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("DELETE FROM record; DELETE FROM field_change; DELETE FROM awaited")?;
        self.stale.borrow_mut().clear();
        *self.corpus.borrow_mut() = None;
        *self.merged.borrow_mut() = None;
        Ok(())
    }

    /// Takes over the stages of the settings: status and order of leads follow from them.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_settings(&mut self, settings: &Settings) -> Result<(), StoreError> {
        self.run("DELETE FROM stage", [])?;
        let sql = "INSERT OR REPLACE INTO stage (id, position, status, rot_days) VALUES (?, ?, ?, ?)";
        for (position, stage) in settings.stages.iter().enumerate() {
            self.run(sql, params![stage.id, int(position), stage.kind.status(), stage.rot_days])?;
        }
        // Which leads are open decides the order of hits.
        *self.corpus.borrow_mut() = None;
        Ok(())
    }

    /// Sets when a lead entered its stage, for a client that doesn't hold its history.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_stage_entered_at(&mut self, lead: RecordId, at: Timestamp) -> Result<(), StoreError> {
        let Some((n, Kind::Lead)) = self.row_number(lead)? else { return Ok(()) };
        let sql = "UPDATE lead SET stage_given_at = ?1, stage_entered_at = coalesce(stage_entered_at, ?1) WHERE n = ?2
                   RETURNING stage_entered_at <> ?1 OR ?1 > created_at";
        let read = |row: &rusqlite::Row<'_>| row.get::<_, Option<bool>>(0);
        let touches = self.connection.prepare_cached(sql)?.query_row(params![at.as_millis(), n], read)?;
        if touches.unwrap_or(false) {
            self.stale.borrow_mut().insert(lead);
        }
        Ok(())
    }

    /// Writes a projection, of a lead with when it entered its stage if that is known.
    pub(crate) fn show(
        &mut self,
        projection: &Projection<'_>,
        stage_entered_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let record = projection.record;
        let row = RecordRow::of(projection)?;
        let inserted = self.insert_record(&row)?;
        let n = inserted.map_or_else(|| self.update_record(&row), Ok)?;
        self.put_kind_row(record, n, stage_entered_at)?;
        self.put_members(record, n, inserted.is_none())?;
        self.put_conflicts(projection.conflicts, n, inserted.is_none())?;
        self.pass_on_name(record.reference())?;
        self.refresh_corpus(record.reference(), n)?;
        match (inserted, stage_entered_at) {
            (None, Some(at)) => self.set_stage_entered_at(record.id, at)?,
            (Some(_), Some(at)) if record.time("created_at").is_some_and(|created| at > created) => {
                self.stale.borrow_mut().insert(record.id);
            }
            _ => {}
        }
        let known = inserted.is_none() || self.is_awaited(record.reference())?;
        self.mark_stale(record, known)?;
        self.follow_merge(record.reference(), record.link("merged_into"))
    }

    /// Writes the row of a record that has none; `None` when it has one.
    fn insert_record(&self, row: &RecordRow<'_>) -> Result<Option<i64>, StoreError> {
        let sql = "INSERT INTO record
                   (id, kind, name, sort_name, pending, conflicts, key_bytes, words, heads, fields, problems)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
        let RecordRow { record, name, sort_name, pending, conflicts, words, heads, fields, problems } = row;
        let (id, kind, key_bytes) = (record.id.as_bytes(), record.kind.code(), int(words.key_bytes));
        let values =
            params![id, kind, name, sort_name, pending, conflicts, key_bytes, words.text, heads, fields, problems];
        let inserted = self.run(sql, values)? > 0;
        Ok(inserted.then(|| self.connection.last_insert_rowid()))
    }

    fn update_record(&mut self, row: &RecordRow<'_>) -> Result<i64, StoreError> {
        let RecordRow { record, name, sort_name, pending, conflicts, words, heads, fields, problems } = row;
        let missing = StoreError::Unreadable("record");
        let Some((n, kind)) = self.row_number(record.id)? else { return Err(missing) };
        self.mark_linked_stale(kind, record.id)?;
        if kind != record.kind {
            self.unproject(record.id)?;
            return self.insert_record(row)?.ok_or(missing);
        }
        let sql = "UPDATE record SET name = ?, sort_name = ?, pending = ?, conflicts = ?, key_bytes = ?, words = ?,
                   heads = ?, fields = ?, problems = ? WHERE n = ?";
        let key_bytes = int(words.key_bytes);
        self.run(sql, params![name, sort_name, pending, conflicts, key_bytes, words.text, heads, fields, problems, n])?;
        Ok(n)
    }

    pub(crate) fn put_kind_row(
        &self,
        record: &Record,
        n: i64,
        stage_entered_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut values = vec![Sql::Integer(n), Sql::Blob(record.id.as_bytes().to_vec())];
        values.extend(row_values(self.followed(record)?.as_ref(), stage_entered_at));
        self.run(&row_writer(record.kind).sql, params_from_iter(values)).map(drop)
    }

    /// Tells the leads and contacts of an account what it is called now.
    fn pass_on_name(&self, record: RecordRef) -> Result<(), StoreError> {
        if record.kind != Kind::Account {
            return Ok(());
        }
        for kind in [Kind::Lead, Kind::Contact] {
            let sql = format!(
                "UPDATE {kind} SET account_name = (SELECT sort_name FROM record WHERE id = ?1) WHERE account_id = ?1"
            );
            self.run(&sql, [record.id.as_bytes()])?;
        }
        Ok(())
    }

    pub(crate) fn put_members(&self, record: &Record, n: i64, replace: bool) -> Result<(), StoreError> {
        if replace {
            self.run("DELETE FROM member WHERE n = ?", [n])?;
        }
        let sql = "INSERT OR IGNORE INTO member (n, field, member, value) VALUES (?, ?, ?, ?)";
        let followed = self.followed(record)?;
        for (field, member, value) in members(&followed) {
            self.run(sql, params![n, field, member, value])?;
        }
        Ok(())
    }

    fn put_conflicts(&self, conflicts: &[StoredConflict], n: i64, replace: bool) -> Result<(), StoreError> {
        if replace {
            self.run("DELETE FROM conflict WHERE n = ?", [n])?;
        }
        let sql = "INSERT OR IGNORE INTO conflict (n, key, \"values\") VALUES (?, ?, ?)";
        for conflict in conflicts {
            self.run(sql, params![n, conflict.key, pack(&conflict.values)?])?;
        }
        Ok(())
    }
}

/// What the table `record` holds of a projection.
struct RecordRow<'a> {
    record: &'a Record,
    name: String,
    sort_name: String,
    pending: bool,
    conflicts: i64,
    words: Words,
    heads: Vec<u8>,
    fields: Vec<u8>,
    problems: Vec<u8>,
}

impl<'a> RecordRow<'a> {
    fn of(projection: &Projection<'a>) -> Result<Self, StoreError> {
        let Projection { record, heads, pending, conflicts, problems } = projection;
        let mut heads = heads.to_vec();
        heads.sort_unstable();
        let name = record.display_name();
        Ok(Self {
            sort_name: folded(&name).unwrap_or_default(),
            words: words_of(record, &name),
            heads: join_hashes(&heads),
            fields: pack_fields(&record.fields)?,
            problems: if problems.is_empty() { Vec::new() } else { pack(problems)? },
            conflicts: int(conflicts.len()),
            pending: *pending,
            record,
            name,
        })
    }
}

impl Reader {
    /// Returns a record as it shows now.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn record(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        let sql = "SELECT kind, fields FROM record WHERE id = ?";
        let read = |row: &rusqlite::Row<'_>| Ok((get(row, 0)?, row.get::<_, Vec<u8>>(1)?));
        let found = self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], read).optional()?;
        let Some((kind, fields)) = found else { return Ok(None) };
        Ok(Some(Record { kind, id, fields: unpack_fields(&fields)? }))
    }

    /// Whether a record is shown without conflicts, problems and changes that wait.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn is_plain(&self, id: RecordId) -> Result<bool, StoreError> {
        let sql = "SELECT conflicts = 0 AND NOT pending AND problems = x'' FROM record WHERE id = ?";
        let found = self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or(false))
    }

    /// Lists records of a kind in the order of their ids, from the one after `after`, the trash included.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn records(&self, kind: Kind, after: Option<RecordId>, limit: u32) -> Result<Vec<Record>, StoreError> {
        let sql = "SELECT id, fields FROM record WHERE id > ? AND kind = ? ORDER BY id LIMIT ?";
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![after, kind.code(), limit])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            let fields = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            records.push(Record { kind, id: get(row, 0)?, fields: unpack_fields(fields)? });
        }
        Ok(records)
    }

    pub(crate) fn row_number(&self, id: RecordId) -> Result<Option<(i64, Kind)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT n, kind FROM record WHERE id = ?")?;
        Ok(statement.query_row([id.as_bytes()], |row| Ok((row.get(0)?, get(row, 1)?))).optional()?)
    }
}
