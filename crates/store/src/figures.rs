//! Derived columns of leads, accounts and contacts: last touch, next task, files, when a lead entered its stage.
//!
//! They depend on other records. Whoever writes marks what may have changed as stale; before the transaction ends,
//! or somebody asks, `settle` computes the stale ones anew. The clock plays no part: `touch_at` counts planned
//! activities too, and `last_touch_sql` looks closer where it lies in the future.

use std::sync::LazyLock;

use model::{Kind, Record, RecordId, RecordRef};
use rusqlite::{Row, params};

use crate::codec::get_option;
use crate::error::StoreError;
use crate::store::Reader;

/// What counts as a touch of `t`, the row of a lead, account or contact; up to `?now`.
const ACTIVITY: &str = "SELECT max(occurred_at) AS at FROM activity
    WHERE {link} = t.id AND deleted_at IS NULL AND occurred_at <= {now}";
const TASK: &str = "SELECT max(completed_at) AS at FROM task
    WHERE linked_id = t.id AND deleted_at IS NULL AND status = 'done' AND completed_at <= {now}";
const FILE: &str = "SELECT max(uploaded_at) AS at FROM attachment
    WHERE linked_id = t.id AND deleted_at IS NULL AND uploaded_at <= {now}";
/// Entering the first stage is no touch: that is the lead's creation.
const STAGE: &str = "SELECT t.stage_entered_at AS at WHERE t.stage_entered_at > t.created_at
    AND t.stage_entered_at <= {now}";
/// Touches of leads count for their account and their first contact.
const LEADS_ACTIVITY: &str = "SELECT max(a.occurred_at) AS at FROM lead l JOIN activity a ON a.lead_id = l.id
    WHERE l.{link} = t.id AND l.deleted_at IS NULL AND a.deleted_at IS NULL AND a.occurred_at <= {now}";
const LEADS_TASK: &str = "SELECT max(k.completed_at) AS at FROM lead l JOIN task k ON k.linked_id = l.id
    WHERE l.{link} = t.id AND l.deleted_at IS NULL AND k.deleted_at IS NULL AND k.status = 'done'
    AND k.completed_at <= {now}";
const LEADS_FILE: &str = "SELECT max(f.uploaded_at) AS at FROM lead l JOIN attachment f ON f.linked_id = l.id
    WHERE l.{link} = t.id AND l.deleted_at IS NULL AND f.deleted_at IS NULL AND f.uploaded_at <= {now}";
const LEADS_STAGE: &str = "SELECT max(l.stage_entered_at) AS at FROM lead l
    WHERE l.{link} = t.id AND l.deleted_at IS NULL AND l.stage_entered_at > l.created_at
    AND l.stage_entered_at <= {now}";

/// Latest of all moments, for `{now}` when planned touches count too.
const EVER: &str = "9223372036854775807";

/// Whether rows of this kind have derived columns.
pub(crate) const fn has_figures(kind: Kind) -> bool {
    matches!(kind, Kind::Lead | Kind::Account | Kind::Contact)
}

/// An SQL expression over `t`: its latest touch up to `now` (an SQL expression itself).
fn latest_touch_sql(kind: Kind, now: &str) -> String {
    let (own, of_leads) = match kind {
        Kind::Lead => ("lead_id", ""),
        Kind::Account => ("account_id", "account_id"),
        _ => ("contact_id", "primary_contact_id"),
    };
    let mut arms = vec![ACTIVITY.replace("{link}", own), TASK.to_owned(), FILE.to_owned()];
    if of_leads.is_empty() {
        arms.push(STAGE.to_owned());
    } else {
        let rolled_up = [LEADS_ACTIVITY, LEADS_TASK, LEADS_FILE, LEADS_STAGE];
        arms.extend(rolled_up.map(|arm| arm.replace("{link}", of_leads)));
    }
    format!("(SELECT max(at) FROM ({}))", arms.join(" UNION ALL ").replace("{now}", now))
}

/// An SQL expression over `t`: its last touch, future ones left out.
pub(crate) fn last_touch_sql(kind: Kind, now: &str) -> String {
    let latest = latest_touch_sql(kind, now);
    format!("CASE WHEN t.touch_at > {now} THEN {latest} ELSE t.touch_at END")
}

/// The open task that is due first.
const NEXT_TASK: &str = "SELECT n FROM task WHERE linked_id = t.id AND deleted_at IS NULL
    AND coalesce(status, 'open') = 'open' ORDER BY due_at IS NULL, due_at, id LIMIT 1";
const FILES: &str = "SELECT count(*) FROM attachment WHERE linked_id = t.id AND deleted_at IS NULL";

/// The statements that read and write the figures of one kind's rows.
struct FigureSql {
    /// The figures as they stand, those that should, and what the touch is passed on to.
    read: String,
    write: String,
}

fn figure_sql(kind: Kind) -> &'static FigureSql {
    static SQL: LazyLock<[FigureSql; 3]> = LazyLock::new(|| [Kind::Lead, Kind::Account, Kind::Contact].map(make_sql));
    match kind {
        Kind::Lead => &SQL[0],
        Kind::Account => &SQL[1],
        _ => &SQL[2],
    }
}

fn make_sql(kind: Kind) -> FigureSql {
    let touch = latest_touch_sql(kind, EVER);
    let passes_on = if kind == Kind::Lead { "t.account_id, t.primary_contact_id" } else { "NULL, NULL" };
    FigureSql {
        read: format!(
            "SELECT t.touch_at, t.next_task, t.next_task_due, t.next_task_all_day, t.files,
                    {touch}, k.id, k.due_at, coalesce(k.all_day, 0), ({FILES}), {passes_on}
             FROM {kind} t LEFT JOIN task k ON k.n = ({NEXT_TASK}) WHERE t.n = ?"
        ),
        write: format!(
            "UPDATE {kind} SET touch_at = ?, next_task = ?, next_task_due = ?, next_task_all_day = ?, files = ?
             WHERE n = ?"
        ),
    }
}

/// The derived columns of one row.
#[derive(PartialEq)]
struct Figures {
    touch_at: Option<i64>,
    next_task: Option<Vec<u8>>,
    next_task_due: Option<i64>,
    next_task_all_day: bool,
    files: i64,
}

/// Reads figures from five columns.
fn figures(row: &Row<'_>, first: usize) -> rusqlite::Result<Figures> {
    Ok(Figures {
        touch_at: row.get(first)?,
        next_task: row.get(first + 1)?,
        next_task_due: row.get(first + 2)?,
        next_task_all_day: row.get(first + 3)?,
        files: row.get(first + 4)?,
    })
}

impl Reader {
    /// Marks what depends on a record that was just written. A record that nothing knew before depends on nothing.
    pub(crate) fn mark_stale(&self, record: &Record, known: bool) -> Result<(), StoreError> {
        let record = self.followed(record)?;
        let mut stale = self.stale.borrow_mut();
        let mut mark = |key: &str| stale.extend(record.link(key));
        match record.kind {
            Kind::Activity => ["lead_id", "account_id", "contact_id"].iter().for_each(|key| mark(key)),
            Kind::Task | Kind::Attachment => mark("linked_id"),
            _ => {}
        }
        // A lead keeps its touches, but may have come to another account, or out of the trash.
        if record.kind == Kind::Lead && known {
            ["account_id", "primary_contact_id"].iter().for_each(|key| mark(key));
        }
        if known && has_figures(record.kind) {
            stale.insert(record.id);
        }
        Ok(())
    }

    /// Marks what depends on a record as it stood before it is written or removed.
    pub(crate) fn mark_linked_stale(&self, kind: Kind, id: RecordId) -> Result<(), StoreError> {
        if !matches!(kind, Kind::Activity | Kind::Task | Kind::Attachment | Kind::Lead) {
            return Ok(());
        }
        if let Some(before) = self.record(id)? {
            self.mark_stale(&before, true)?;
        }
        Ok(())
    }

    /// Computes the derived columns of stale rows anew.
    pub(crate) fn settle(&self) -> Result<(), StoreError> {
        // Leads first: what they pass on to accounts and contacts is marked on the way.
        for kinds in [&[Kind::Lead][..], &[Kind::Account, Kind::Contact]] {
            let stale: Vec<RecordId> = self.stale.borrow().iter().copied().collect();
            for id in stale {
                match self.row_number(id)? {
                    Some((n, kind)) if kinds.contains(&kind) => self.settle_row(n, kind)?,
                    Some((_, kind)) if has_figures(kind) => continue,
                    Some(_) => {}
                    None => self.note_awaited(id)?,
                }
                self.stale.borrow_mut().remove(&id);
            }
        }
        Ok(())
    }

    /// Notes that records refer to one that is not here, or no longer.
    fn note_awaited(&self, id: RecordId) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached("INSERT OR IGNORE INTO awaited (id) VALUES (?)")?;
        statement.execute([id.as_bytes()])?;
        Ok(())
    }

    /// Notes that a record is gone that others may refer to.
    pub(crate) fn await_record(&self, record: RecordRef) -> Result<(), StoreError> {
        if has_figures(record.kind) { self.note_awaited(record.id) } else { Ok(()) }
    }

    /// Whether others refer to a record that has just come.
    pub(crate) fn is_awaited(&self, record: RecordRef) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("DELETE FROM awaited WHERE id = ?")?;
        Ok(has_figures(record.kind) && statement.execute([record.id.as_bytes()])? > 0)
    }

    fn settle_row(&self, n: i64, kind: Kind) -> Result<(), StoreError> {
        if kind == Kind::Lead {
            self.settle_stage(n)?;
        }
        let sql = figure_sql(kind);
        let read = |row: &Row<'_>| {
            let passes_on = [get_option::<RecordId>(row, 10)?, get_option(row, 11)?];
            Ok((figures(row, 0)?, figures(row, 5)?, passes_on))
        };
        let (before, after, passes_on) = self.connection.prepare_cached(&sql.read)?.query_row([n], read)?;
        if after == before {
            return Ok(());
        }
        let Figures { touch_at, next_task, next_task_due, next_task_all_day, files } = after;
        let values = params![touch_at, next_task, next_task_due, next_task_all_day, files, n];
        self.connection.prepare_cached(&sql.write)?.execute(values)?;
        if touch_at != before.touch_at {
            self.stale.borrow_mut().extend(passes_on.into_iter().flatten());
            if let Some(corpus) = self.corpus.borrow_mut().as_mut() {
                corpus.set_touch(n, touch_at);
            }
        }
        Ok(())
    }

    /// The lead entered its stage at the latest move that the history knows, or when it was given instead of a
    /// history.
    fn settle_stage(&self, n: i64) -> Result<(), StoreError> {
        let sql = "SELECT t.stage_entered_at, (SELECT max(at) FROM (SELECT t.stage_given_at AS at
                   UNION ALL SELECT max(at) FROM field_change WHERE record = t.id AND moved = 1))
                   FROM lead t WHERE t.n = ?";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (before, after): (Option<i64>, Option<i64>) = self.connection.prepare_cached(sql)?.query_row([n], read)?;
        if after != before {
            let sql = "UPDATE lead SET stage_entered_at = ? WHERE n = ?";
            self.connection.prepare_cached(sql)?.execute(params![after, n])?;
        }
        Ok(())
    }
}
