//! Records with what lists and cards show beside their own fields.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use model::query::{NextTask, Row};
use model::schema::FieldType;
use model::{Kind, Record, RecordId, RecordRef};
use rusqlite::{CachedStatement, OptionalExtension, params};

use super::QueryContext;
use super::operand::{Builder, STAGE_ENTERED};
use crate::codec::{get, get_option, unpack_fields};
use crate::error::StoreError;
use crate::figures::{has_figures, last_touch_sql};
use crate::store::Reader;

/// What the rows of one answer are read with: statements that are ready, and names looked up so far.
struct RowReader<'a> {
    reader: &'a Reader,
    row: CachedStatement<'a>,
    name: CachedStatement<'a>,
    names: BTreeMap<RecordId, Option<String>>,
    /// Leads that rot, by number.
    rotting: BTreeSet<i64>,
}

const NAME_SQL: &str = "SELECT name FROM record WHERE id = ?";

impl Reader {
    /// Returns one record as lists show it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn row(&self, record: RecordRef, ctx: &QueryContext<'_>) -> Result<Option<Row>, StoreError> {
        self.settle()?;
        let Some((n, kind)) = self.row_number(record.id)? else { return Ok(None) };
        Ok(self.rows(kind, &[n], ctx)?.pop().filter(|_| kind == record.kind))
    }

    pub(crate) fn rows(&self, kind: Kind, numbers: &[i64], ctx: &QueryContext<'_>) -> Result<Vec<Row>, StoreError> {
        let row = self.connection.prepare_cached(row_sql(kind))?;
        let name = self.connection.prepare_cached(NAME_SQL)?;
        let rotting = if kind == Kind::Lead { self.rotting(numbers, ctx)? } else { BTreeSet::new() };
        let mut reader = RowReader { reader: self, row, name, names: BTreeMap::new(), rotting };
        numbers.iter().map(|n| reader.read(kind, *n, ctx)).collect()
    }

    /// Which of these leads rot.
    fn rotting(&self, numbers: &[i64], ctx: &QueryContext<'_>) -> Result<BTreeSet<i64>, StoreError> {
        let mut builder = Builder::new(Kind::Lead, ctx);
        let rotting = builder.rotting();
        // A slice of whole numbers in square brackets is JSON.
        let many = builder.bind(format!("{numbers:?}"));
        let sql = format!(
            "SELECT t.n FROM {} WHERE t.n IN (SELECT value FROM json_each({many})) AND {rotting}",
            builder.tables()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = builder.query(&mut statement)?;
        let mut found = BTreeSet::new();
        while let Some(row) = rows.next()? {
            found.insert(row.get(0)?);
        }
        Ok(found)
    }

    pub(super) fn next_task(&self, id: RecordId) -> Result<Option<NextTask>, StoreError> {
        let sql = "SELECT r.name, t.due_at, coalesce(t.priority, '') FROM record r JOIN task t ON t.n = r.n
                   WHERE r.id = ?";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(NextTask { id, title: row.get(0)?, due_at: get_option(row, 1)?, priority: row.get(2)? })
        };
        Ok(self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], read).optional()?)
    }

    /// What people call a record, deleted or not.
    pub(crate) fn name_of(&self, id: RecordId) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached(NAME_SQL)?;
        Ok(statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
    }

    fn sum_leads(&self, row: &mut Row) -> Result<(), StoreError> {
        let sql = "SELECT coalesce(s.status, 'open'), count(*), coalesce(sum(l.value_cents), 0)
                   FROM lead l LEFT JOIN stage s ON s.id = l.stage
                   WHERE l.account_id = ? AND l.hidden = 0
                   GROUP BY 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([row.record.id.as_bytes()])?;
        while let Some(found) = rows.next()? {
            match found.get_ref(0)?.as_str().map_err(rusqlite::Error::from)? {
                "open" => (row.open_leads, row.open_cents) = (found.get(1)?, found.get(2)?),
                "closed_won" => row.won_cents = found.get(2)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl RowReader<'_> {
    fn read(&mut self, kind: Kind, n: i64, ctx: &QueryContext<'_>) -> Result<Row, StoreError> {
        let read = |row: &rusqlite::Row<'_>| {
            let fields = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?.to_vec();
            let found = Row {
                record: Record::new(kind, get(row, 0)?),
                names: BTreeMap::new(),
                owner_name: String::new(),
                status: row.get(8)?,
                stage_entered_at: get_option(row, 7)?,
                last_touch_at: get_option(row, 4)?,
                next_task: None,
                open_leads: 0,
                open_cents: 0,
                won_cents: 0,
                files: row.get(6)?,
                pending: row.get(2)?,
                conflicted: row.get::<_, i64>(3)? > 0,
                rotting: self.rotting.contains(&n),
            };
            Ok((found, fields, get_option::<RecordId>(row, 5)?))
        };
        let (mut row, fields, next_task) = self.row.query_row(params![n, ctx.now.as_millis()], read)?;
        row.record.fields = unpack_fields(&fields)?;
        if let Cow::Owned(followed) = self.reader.followed(&row.record)? {
            row.record = followed;
        }
        row.next_task = next_task.map(|id| self.reader.next_task(id)).transpose()?.flatten();
        self.name_links(&mut row)?;
        if kind == Kind::Account {
            self.reader.sum_leads(&mut row)?;
        }
        Ok(row)
    }

    fn name_links(&mut self, row: &mut Row) -> Result<(), StoreError> {
        for field in row.record.kind.fields() {
            if !matches!(field.of, FieldType::Link(_) | FieldType::LinkedId) {
                continue;
            }
            let Some(id) = row.record.link(field.key) else { continue };
            let name = self.name_of(id)?;
            match (field.key, name) {
                ("owner_id", name) => row.owner_name = name.unwrap_or_default(),
                (key, Some(name)) => drop(row.names.insert(key.to_owned(), name)),
                (_, None) => {}
            }
        }
        Ok(())
    }

    fn name_of(&mut self, id: RecordId) -> Result<Option<String>, StoreError> {
        if let Some(name) = self.names.get(&id) {
            return Ok(name.clone());
        }
        let name = self.name.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
        self.names.insert(id, name.clone());
        Ok(name)
    }
}

/// The statement that reads one row by number (`?1`) as of a moment (`?2`).
fn row_sql(kind: Kind) -> &'static str {
    static SQL: LazyLock<Vec<String>> = LazyLock::new(|| Kind::ALL.into_iter().map(make_row_sql).collect());
    &SQL[usize::from(kind.code()) - 1]
}

fn make_row_sql(kind: Kind) -> String {
    let figures = match kind {
        kind if has_figures(kind) => format!("({}), t.next_task, t.files", last_touch_sql(kind, "?2")),
        _ => "CASE WHEN ?2 THEN NULL END, NULL, 0".to_owned(),
    };
    let (stage, join) = match kind {
        Kind::Lead => (format!("{STAGE_ENTERED}, coalesce(s.status, 'open')"), " LEFT JOIN stage s ON s.id = t.stage"),
        _ => ("NULL, ''".to_owned(), ""),
    };
    format!(
        "SELECT t.id, r.fields, r.pending, r.conflicts, {figures}, {stage}
         FROM {kind} t JOIN record r ON r.n = t.n{join} WHERE t.n = ?1"
    )
}
