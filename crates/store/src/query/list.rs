//! Windows of lists, with figures over everything that matches.

use model::query::{Condition, List, ListQuery, MATCHING_MAX, WINDOW_MAX};
use model::report::weighted;
use model::{Kind, RecordId};

use super::QueryContext;
use super::operand::{Builder, WEIGHTED};
use crate::codec::get;
use crate::error::StoreError;
use crate::store::Reader;

/// Figures over all rows that match.
struct Totals {
    count: u64,
    sum_cents: i64,
    weighted_cents: i64,
}

impl Reader {
    /// Answers `Query::List`.
    ///
    /// # Errors
    /// When a chip or sort key names an unknown field, or the database can't be read.
    pub fn list(&self, query: &ListQuery, ctx: &QueryContext<'_>) -> Result<List, StoreError> {
        self.settle()?;
        let by_text = self.select_hits(&query.text, query.kind)?;
        self.select_counted(&query.filter, ctx)?;
        let Totals { count, sum_cents, weighted_cents } = self.totals(query, ctx, by_text)?;
        let numbers = self.window(query, ctx, by_text)?;
        let rows = self.rows(query.kind, &numbers, ctx)?;
        Ok(List { total: count, sum_cents, weighted_cents, offset: query.offset, rows })
    }

    /// Lists the ids of all records of a kind that match, whatever their number, in the order of their ids.
    ///
    /// # Errors
    /// As `list`.
    pub fn matching_ids(
        &self,
        kind: Kind,
        filter: &[Condition],
        text: &str,
        ctx: &QueryContext<'_>,
    ) -> Result<Vec<RecordId>, StoreError> {
        self.settle()?;
        let by_text = self.select_hits(text, kind)?;
        self.select_counted(filter, ctx)?;
        let mut builder = Builder::new(kind, ctx);
        let conditions = builder.conditions(filter, by_text)?;
        let sql = format!("SELECT t.id FROM {} WHERE {conditions} ORDER BY t.id", builder.tables());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = builder.query(&mut statement)?.mapped(|row| get(row, 0));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Lists the ids of the first records that match, in the list's order.
    ///
    /// # Errors
    /// As `list`.
    pub fn matching(&self, query: &ListQuery, ctx: &QueryContext<'_>) -> Result<Vec<RecordId>, StoreError> {
        self.settle()?;
        let by_text = self.select_hits(&query.text, query.kind)?;
        let mut builder = Builder::new(query.kind, ctx);
        let conditions = builder.conditions(&query.filter, by_text)?;
        let order = builder.order(&query.sort)?;
        let tables = builder.tables();
        let sql = format!("SELECT t.id FROM {tables} WHERE {conditions} ORDER BY {order} LIMIT {MATCHING_MAX}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = builder.query(&mut statement)?.mapped(|row| get(row, 0));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn totals(&self, query: &ListQuery, ctx: &QueryContext<'_>, by_text: bool) -> Result<Totals, StoreError> {
        let mut builder = Builder::new(query.kind, ctx);
        let conditions = builder.conditions(&query.filter, by_text)?;
        // Hundreds and rest are summed apart, so that the product's sum stays within 64 bits.
        let sums = match query.kind {
            Kind::Lead => format!(
                "coalesce(sum(t.value_cents), 0), coalesce(sum({WEIGHTED} / 100), 0), coalesce(sum({WEIGHTED} % 100), 0)"
            ),
            _ => "0, 0, 0".to_owned(),
        };
        let sql = format!("SELECT count(*), {sums} FROM {} WHERE {conditions}", builder.tables());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = builder.query(&mut statement)?;
        let row = rows.next()?.ok_or(StoreError::Unreadable("sum"))?;
        let (hundreds, rest): (i64, i64) = (row.get(2)?, row.get(3)?);
        let weighted_cents = weighted(i128::from(hundreds) * 100 + i128::from(rest));
        let count: i64 = row.get(0)?;
        Ok(Totals { count: count.unsigned_abs(), sum_cents: row.get(1)?, weighted_cents })
    }

    fn window(&self, query: &ListQuery, ctx: &QueryContext<'_>, by_text: bool) -> Result<Vec<i64>, StoreError> {
        let mut builder = Builder::new(query.kind, ctx);
        let conditions = builder.conditions(&query.filter, by_text)?;
        let order = builder.order(&query.sort)?;
        let limit = builder.bind(i64::from(query.limit.min(WINDOW_MAX)));
        let offset = builder.bind(i64::from(query.offset));
        let tables = builder.tables();
        let sql = format!("SELECT t.n FROM {tables} WHERE {conditions} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let numbers = builder.query(&mut statement)?.mapped(|row| row.get(0));
        Ok(numbers.collect::<Result<_, _>>()?)
    }
}
