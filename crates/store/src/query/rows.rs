//! Records with what lists and cards show beside their own fields.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::query::{NextTask, Row};
use model::schema::FieldType;
use model::{Kind, Record, RecordId, RecordRef};
use rusqlite::{OptionalExtension, params};

use super::QueryContext;
use super::operand::STAGE_ENTERED;
use crate::codec::{get, get_option, unpack_fields};
use crate::error::StoreError;
use crate::figures::{has_figures, last_touch_sql};
use crate::store::Reader;

/// Names looked up so far, for the rows of one answer.
type Names = BTreeMap<RecordId, Option<String>>;

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
        let mut names = Names::new();
        numbers.iter().map(|n| self.numbered_row(kind, *n, &mut names, ctx)).collect()
    }

    fn numbered_row(&self, kind: Kind, n: i64, names: &mut Names, ctx: &QueryContext<'_>) -> Result<Row, StoreError> {
        let mut statement = self.connection.prepare_cached(row_sql(kind))?;
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
            };
            Ok((found, fields, get_option::<RecordId>(row, 5)?))
        };
        let (mut row, fields, next_task) = statement.query_row(params![n, ctx.now.as_millis()], read)?;
        row.record.fields = unpack_fields(&fields)?;
        if let Cow::Owned(followed) = self.followed(&row.record)? {
            row.record = followed;
        }
        row.next_task = next_task.map(|id| self.next_task(id)).transpose()?.flatten();
        self.name_links(&mut row, names)?;
        if kind == Kind::Account {
            self.sum_leads(&mut row)?;
        }
        Ok(row)
    }

    pub(super) fn next_task(&self, id: RecordId) -> Result<Option<NextTask>, StoreError> {
        let sql = "SELECT r.name, t.due_at, coalesce(t.priority, '') FROM record r JOIN task t ON t.n = r.n
                   WHERE r.id = ?";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(NextTask { id, title: row.get(0)?, due_at: get_option(row, 1)?, priority: row.get(2)? })
        };
        Ok(self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], read).optional()?)
    }

    fn name_links(&self, row: &mut Row, names: &mut Names) -> Result<(), StoreError> {
        for field in row.record.kind.fields() {
            if !matches!(field.of, FieldType::Link(_) | FieldType::LinkedId) {
                continue;
            }
            let Some(id) = row.record.link(field.key) else { continue };
            let name = match names.get(&id) {
                Some(name) => name.clone(),
                None => {
                    let name = self.name_of(id)?;
                    names.insert(id, name.clone());
                    name
                }
            };
            match (field.key, name) {
                ("owner_id", name) => row.owner_name = name.unwrap_or_default(),
                (key, Some(name)) => drop(row.names.insert(key.to_owned(), name)),
                (_, None) => {}
            }
        }
        Ok(())
    }

    /// What people call a record, deleted or not.
    pub(crate) fn name_of(&self, id: RecordId) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT name FROM record WHERE id = ?")?;
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
