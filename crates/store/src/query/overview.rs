//! Figures for start pages and badges, the people, and the settings' record.

use std::collections::BTreeMap;

use model::query::{Condition, Op, Overview};
use model::report::weighted;
use model::settings::SETTINGS_ID;
use model::{Date, Kind, Record};
use rusqlite::params;

use super::operand::{Builder, STATUS, WEIGHTED};
use super::{QueryContext, cents, today};
use crate::codec::{get, unpack_fields};
use crate::columns::{can_hide, days};
use crate::error::StoreError;
use crate::store::Reader;

impl Reader {
    /// Answers `Query::Overview`. Sums leave out the trash, the archive and merged leads.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn overview(&self, ctx: &QueryContext<'_>) -> Result<Overview, StoreError> {
        self.settle()?;
        let (open_cents, weighted_cents) = self.open_sums(ctx)?;
        Ok(Overview {
            counts: self.counts()?,
            sample_records: self.sample_records()?,
            open_cents,
            weighted_cents,
            won_this_month_cents: self.won_this_month(ctx)?,
            tasks_due: self.tasks_due(ctx)?,
            conflicts: self.conflict_count(ctx)?,
            refused: self.refused_len()?,
            suggestions: self.suggestion_count(ctx)?,
            today: Some(ctx.now.date_in(&ctx.settings.zone())),
        })
    }

    /// Lists the workspace's people by name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn users(&self) -> Result<Vec<Record>, StoreError> {
        let sql = "SELECT t.id, r.fields FROM user t JOIN record r ON r.n = t.n ORDER BY r.sort_name, t.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut users = Vec::new();
        while let Some(row) = rows.next()? {
            let fields = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            users.push(Record { kind: Kind::User, id: get(row, 0)?, fields: unpack_fields(fields)? });
        }
        Ok(users)
    }

    /// Returns the settings' record.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn settings_record(&self) -> Result<Option<Record>, StoreError> {
        self.record(SETTINGS_ID)
    }

    fn counts(&self) -> Result<BTreeMap<Kind, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Settings) {
            let condition = if can_hide(kind) { "hidden < 2" } else { "1" };
            counts.insert(kind, self.number(&format!("SELECT count(*) FROM {kind} WHERE {condition}"))?);
        }
        Ok(counts)
    }

    fn sample_records(&self) -> Result<u64, StoreError> {
        let count = |kind| self.number(&format!("SELECT count(*) FROM {kind} WHERE sample = 1 AND hidden < 2"));
        Kind::RECORDS.into_iter().map(count).sum()
    }

    fn open_sums(&self, ctx: &QueryContext<'_>) -> Result<(i64, i64), StoreError> {
        let open = Condition { field: "status".to_owned(), op: Op::Is, values: vec!["open".into()] };
        let mut builder = Builder::new(Kind::Lead, ctx);
        let conditions = builder.conditions(&[open], false)?;
        let sql = format!("SELECT coalesce(t.value_cents, 0), {WEIGHTED} FROM {} WHERE {conditions}", builder.tables());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = builder.query(&mut statement)?;
        let (mut open_cents, mut weighted_sum) = (0_i128, 0_i128);
        while let Some(row) = rows.next()? {
            open_cents += i128::from(row.get::<_, i64>(0)?);
            weighted_sum += i128::from(row.get::<_, i64>(1)?);
        }
        Ok((cents(open_cents), weighted(weighted_sum)))
    }

    fn won_this_month(&self, ctx: &QueryContext<'_>) -> Result<i64, StoreError> {
        let today = ctx.now.date_in(&ctx.settings.zone()).civil();
        let (first, last) = (today.first_of_month(), today.last_of_month());
        let sql = format!(
            "SELECT coalesce(sum(coalesce(t.closed_value_cents, t.value_cents)), 0) FROM lead t LEFT JOIN stage s ON s.id = t.stage
             WHERE t.hidden = 0 AND {STATUS} = 'closed_won' AND t.closed_on BETWEEN ? AND ?"
        );
        let days = [first, last].map(|date| days(Date::from_civil(date)));
        Ok(self.connection.prepare_cached(&sql)?.query_row(days, |row| row.get(0))?)
    }

    fn tasks_due(&self, ctx: &QueryContext<'_>) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM task WHERE owner_id = ? AND due_at < ? AND deleted_at IS NULL
                   AND coalesce(status, 'open') = 'open'";
        let tomorrow = today(ctx).1.as_millis();
        let mut statement = self.connection.prepare_cached(sql)?;
        let count = statement.query_row(params![ctx.me.as_bytes(), tomorrow], |row| row.get::<_, u32>(0))?;
        Ok(count.into())
    }
}
