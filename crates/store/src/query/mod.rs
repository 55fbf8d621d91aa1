//! Answers to the model's queries, from the projection's tables.

mod board;
mod conflicts;
mod detail;
mod filter;
mod list;
mod next_best;
mod operand;
mod overview;
mod past;
mod reminders;
mod report;
mod rows;
mod suggestions;
mod timeline;
mod words;

pub use reminders::REMINDER_HORIZON_MILLIS;
pub use timeline::TimelineWindow;

use model::time::DAY_MILLIS;
use model::{Settings, Timestamp, UserId};

/// What an answer depends on besides the records.
#[derive(Debug, Clone, Copy)]
pub struct QueryContext<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// Who asks.
    pub me: UserId,
    /// The workspace's settings.
    pub settings: &'a Settings,
}

/// The workspace's day that `now` lies in: its first moment, and the first one after it.
pub(crate) fn today(ctx: &QueryContext<'_>) -> (Timestamp, Timestamp) {
    let zone = ctx.settings.zone();
    let today = ctx.now.date_in(&zone);
    (today.start_in(&zone), today.plus_days(1).start_in(&zone))
}

/// A sum as the answers carry it.
pub(crate) fn cents(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

/// Milliseconds in a day, for SQL text.
pub(crate) const DAY_SQL: i64 = DAY_MILLIS;
