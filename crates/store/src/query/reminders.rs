//! Reminders: which of a person's tasks ring, by the model's rules.

use model::reminder::Reminder;
use model::time::DAY_MILLIS;
use model::{RecordId, Timestamp};
use rusqlite::params;

use super::QueryContext;
use crate::codec::get;
use crate::error::StoreError;
use crate::store::Reader;

/// How far ahead reminders are looked for.
pub const REMINDER_HORIZON_MILLIS: i64 = DAY_MILLIS;
/// A reminder that nobody has read for so long is no news: the task shows as overdue.
const OLDEST_MILLIS: i64 = 14 * DAY_MILLIS;
/// Most tasks that are looked at.
const TASKS_MAX: u32 = 2_000;

impl Reader {
    /// Lists the reminders of a person's tasks that have not been read, up to a day ahead, earliest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn reminders(&self, ctx: &QueryContext<'_>) -> Result<Vec<Reminder>, StoreError> {
        // Nothing rings more than a day before its task is due, nor before the moment set for it.
        let horizon = ctx.now.plus_millis(2 * REMINDER_HORIZON_MILLIS);
        let zone = ctx.settings.zone();
        let mut reminders = Vec::new();
        for id in self.tasks_to_ring(ctx, horizon)? {
            let Some(reminder) = self.record(id)?.and_then(|task| Reminder::of(&task, &zone)) else { continue };
            let age = ctx.now.millis_since(reminder.at);
            if (-REMINDER_HORIZON_MILLIS..=OLDEST_MILLIS).contains(&age) {
                reminders.push(reminder);
            }
        }
        for reminder in &mut reminders {
            if let Some(about) = reminder.about {
                reminder.about_name = self.name_of(about.id)?.unwrap_or_default();
            }
        }
        reminders.sort_by_key(|reminder| (reminder.at, reminder.task));
        Ok(reminders)
    }

    fn tasks_to_ring(&self, ctx: &QueryContext<'_>, horizon: Timestamp) -> Result<Vec<RecordId>, StoreError> {
        let sql = "SELECT id FROM task WHERE owner_id = ?1 AND deleted_at IS NULL AND coalesce(status, 'open') = 'open'
                   AND coalesce(reminder_at, due_at) < ?2 ORDER BY coalesce(reminder_at, due_at) DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![ctx.me.as_bytes(), horizon.as_millis(), TASKS_MAX];
        let ids = statement.query_map(values, |row| get(row, 0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }
}
