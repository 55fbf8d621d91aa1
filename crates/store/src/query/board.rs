//! The pipeline: one pass over everything that matches gives the figures and the order of every column.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use model::query::{Board, BoardColumn, BoardQuery, BoardSort, WINDOW_MAX};
use model::report::weighted;
use model::time::DAY_MILLIS;
use model::{Date, Kind, RecordId, Stage, StageKind};
use rusqlite::Row;

use super::operand::{Builder, STAGE_ENTERED, WEIGHTED};
use super::{QueryContext, cents, today};
use crate::codec::get;
use crate::columns::days;
use crate::error::StoreError;
use crate::store::Reader;

/// Rows that a column shows when nobody asked for a window.
const FIRST_ROWS: u32 = 50;

/// A lead on its way into a column, ordered by the query's sort. Ties are broken by id.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Card {
    rank: i64,
    key: i64,
    board_key: String,
    id: RecordId,
    n: i64,
}

#[derive(Default)]
struct Column {
    sum: i128,
    weighted: i128,
    month_count: u64,
    month: i128,
    age: i128,
    cards: Vec<Card>,
}

impl Reader {
    /// Answers `Query::Board`. A lead whose stage nobody knows stands in the first open one, so that it is not lost
    /// from sight.
    ///
    /// # Errors
    /// When a chip names an unknown field, or the database can't be read.
    pub fn board(&self, query: &BoardQuery, ctx: &QueryContext<'_>) -> Result<Board, StoreError> {
        self.settle()?;
        let mut found = self.columns(query, ctx)?;
        let mut columns = Vec::new();
        for stage in &ctx.settings.stages {
            let column = found.remove(&stage.id).unwrap_or_default();
            columns.push(self.column(stage, column, query, ctx)?);
        }
        Ok(Board { columns })
    }

    fn columns(&self, query: &BoardQuery, ctx: &QueryContext<'_>) -> Result<BTreeMap<String, Column>, StoreError> {
        let by_text = self.select_hits(&query.text, Kind::Lead)?;
        self.select_counted(&query.filter, ctx)?;
        let mut builder = Builder::new(Kind::Lead, ctx);
        let conditions = builder.conditions(&query.filter, by_text)?;
        let key = key_sql(query.sort);
        let sql = format!(
            "SELECT t.stage, coalesce(t.value_cents, 0), {WEIGHTED}, t.n, t.id, {STAGE_ENTERED}, t.closed_on,
                    coalesce(t.closed_value_cents, t.value_cents, 0), {key}
             FROM {} WHERE {conditions}",
            builder.tables()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = builder.query(&mut statement)?;
        let mut columns: BTreeMap<String, Column> =
            ctx.settings.stages.iter().map(|stage| (stage.id.clone(), Column::default())).collect();
        let fallback = ctx.settings.first_stage(StageKind::Open).map(|stage| stage.id.clone());
        let days = Days::of(ctx);
        while let Some(row) = rows.next()? {
            let stage = row.get_ref(0)?.as_str_or_null().map_err(rusqlite::Error::from)?.unwrap_or("");
            let stage = if columns.contains_key(stage) { stage } else { fallback.as_deref().unwrap_or("") };
            let Some(column) = columns.get_mut(stage) else { continue };
            column.sum += i128::from(row.get::<_, i64>(1)?);
            column.weighted += i128::from(row.get::<_, i64>(2)?);
            let entered: Option<i64> = row.get(5)?;
            column.age += i128::from(entered.map_or(0, |at| (days.now - at).max(0)));
            if row.get::<_, Option<i64>>(6)?.is_some_and(|on| days.month.contains(&on)) {
                column.month_count += 1;
                column.month += i128::from(row.get::<_, i64>(7)?);
            }
            column.cards.push(card(row, query.sort, &days)?);
        }
        Ok(columns)
    }

    fn column(
        &self,
        stage: &Stage,
        mut column: Column,
        query: &BoardQuery,
        ctx: &QueryContext<'_>,
    ) -> Result<BoardColumn, StoreError> {
        let (offset, limit) = query.windows.get(&stage.id).copied().unwrap_or((0, FIRST_ROWS));
        column.cards.sort_unstable();
        let count = column.cards.len() as u64;
        let mean_age = column.age / i128::from(count.max(1)) / i128::from(DAY_MILLIS);
        let window = column.cards.iter().skip(offset as usize).take(limit.min(WINDOW_MAX) as usize);
        let numbers: Vec<i64> = window.map(|card| card.n).collect();
        Ok(BoardColumn {
            stage: stage.clone(),
            count,
            sum_cents: cents(column.sum),
            weighted_cents: weighted(column.weighted),
            offset,
            rows: self.rows(Kind::Lead, &numbers, ctx)?,
            month_count: column.month_count,
            month_cents: cents(column.month),
            mean_age_days: cents(mean_age),
        })
    }
}

/// The moments that tell overdue from today and later.
struct Days {
    now: i64,
    today: i64,
    tomorrow: i64,
    /// The days of the present month, as columns hold them.
    month: RangeInclusive<i64>,
}

impl Days {
    fn of(ctx: &QueryContext<'_>) -> Self {
        let (today, tomorrow) = today(ctx);
        let civil = ctx.now.date_in(&ctx.settings.zone()).civil();
        let day = |date| days(Date::from_civil(date));
        let month = day(civil.first_of_month())..=day(civil.last_of_month());
        Self { now: ctx.now.as_millis(), today: today.as_millis(), tomorrow: tomorrow.as_millis(), month }
    }

    /// Overdue, today, no next step, later (or some day). A task for the whole day is overdue when the day is over.
    const fn rank(&self, has_task: bool, due: Option<i64>, all_day: bool) -> i64 {
        let overdue_before = if all_day { self.today } else { self.now };
        match due {
            _ if !has_task => 2,
            Some(due) if due < overdue_before => 0,
            Some(due) if due < self.tomorrow => 1,
            _ => 3,
        }
    }
}

/// The columns that a card's order is read from.
fn key_sql(sort: BoardSort) -> String {
    match sort {
        BoardSort::NextStep => "t.next_task IS NOT NULL, t.next_task_due, t.next_task_all_day".to_owned(),
        BoardSort::Value => "-coalesce(t.value_cents, 0)".to_owned(),
        BoardSort::CloseDate => "t.expected_close_date".to_owned(),
        BoardSort::Age => STAGE_ENTERED.to_owned(),
        BoardSort::Manual => "t.board_key".to_owned(),
    }
}

fn card(row: &Row<'_>, sort: BoardSort, days: &Days) -> rusqlite::Result<Card> {
    let mut card = Card { rank: 0, key: 0, board_key: String::new(), id: get(row, 4)?, n: row.get(3)? };
    match sort {
        BoardSort::NextStep => {
            let due = row.get(9)?;
            card.rank = days.rank(row.get(8)?, due, row.get(10)?);
            card.key = due.unwrap_or(i64::MAX);
        }
        BoardSort::Manual => card.board_key = row.get::<_, Option<String>>(8)?.unwrap_or_default(),
        BoardSort::Value | BoardSort::CloseDate | BoardSort::Age => {
            card.key = row.get::<_, Option<i64>>(8)?.unwrap_or(i64::MAX);
        }
    }
    Ok(card)
}
