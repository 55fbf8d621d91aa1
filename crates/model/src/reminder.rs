//! When a task reminds its owner (PRODUCT 8.1).
//!
//! A timed task reminds 15 minutes before it is due, a task for a day at 09:00 of that day; `reminder_at` sets another
//! moment. What its owner made of it are two members of the task's `quiet`, so that every device of theirs knows:
//! `quiet/snoozed` is when it shall remind again, `quiet/read` when it was read. It rings when its moment is later than
//! the moment it was read.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::value::FieldChanges;
use crate::{Kind, Record, RecordId, RecordRef, Timestamp, Value};

/// How long before it is due a timed task reminds.
const AHEAD_MILLIS: i64 = 15 * 60_000;
/// The hour at which a task for a day reminds.
const DAY_HOUR: i8 = 9;

/// The field that holds when a reminder was read.
pub const READ: &str = "quiet/read";
/// The field that holds when a reminder shall come again.
pub const SNOOZED: &str = "quiet/snoozed";

/// A reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// The task.
    pub task: RecordId,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub about: Option<RecordRef>,
    /// What people call that; empty when it is not on this device.
    pub about_name: String,
    /// When the task is due.
    pub due_at: Option<Timestamp>,
    /// Whether it is due on a day rather than at a time.
    pub all_day: bool,
    /// The moment of the reminder.
    pub at: Timestamp,
}

impl Reminder {
    /// The reminder of a task, unless it has none or has been read. `about_name` is for the caller to fill in.
    pub fn of(task: &Record, zone: &TimeZone) -> Option<Self> {
        let at = rings_at(task, zone)?;
        let kind = task.text("linked_type").parse::<Kind>().ok();
        let about = kind.zip(task.link("linked_id")).map(|(kind, id)| RecordRef::new(kind, id));
        Some(Self {
            task: task.id,
            title: task.display_name(),
            about,
            about_name: String::new(),
            due_at: task.time("due_at"),
            all_day: task.flag("all_day"),
            at,
        })
    }
}

/// When a task reminds, or has reminded and was not read; `None` when it does not.
pub fn rings_at(task: &Record, zone: &TimeZone) -> Option<Timestamp> {
    if !matches!(task.text("status"), "" | "open") || task.is_deleted() {
        return None;
    }
    let planned = task.time("reminder_at").or_else(|| default_moment(task, zone));
    let at = planned.max(task.time(SNOOZED))?;
    task.time(READ).is_none_or(|read| read < at).then_some(at)
}

/// The moment at which a task reminds when nobody says otherwise.
fn default_moment(task: &Record, zone: &TimeZone) -> Option<Timestamp> {
    let due = task.time("due_at")?;
    let made = task.time("created_at").unwrap_or_default();
    if task.flag("all_day") {
        // Whoever plans something for today needs no reminder that the day has begun.
        return Some(due.date_in(zone).hour_in(DAY_HOUR, zone)).filter(|at| *at > made);
    }
    Some(due.plus_millis(-AHEAD_MILLIS)).filter(|at| *at > made).or(Some(due))
}

/// What a task's owner writes to be done with its reminder.
pub fn read(now: Timestamp) -> FieldChanges {
    FieldChanges::from([(READ.to_owned(), Some(Value::Time(now)))])
}

/// What a task's owner writes to be reminded again.
pub fn snooze(until: Timestamp) -> FieldChanges {
    FieldChanges::from([(SNOOZED.to_owned(), Some(Value::Time(until)))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").expect("a zone")
    }

    fn quote() -> build::Draft {
        let lead = build::lead("Website").record();
        build::task("Send quote", &lead).created(at("2026-03-01T08:00:00Z"))
    }

    fn rings(task: build::Draft) -> Option<String> {
        rings_at(&task.record(), &berlin()).map(|at| at.to_string())
    }

    #[test]
    fn a_timed_task_reminds_a_quarter_of_an_hour_before() {
        assert_eq!(rings(quote().due(at("2026-03-02T10:00:00Z"))).as_deref(), Some("2026-03-02T09:45:00.000Z"));
    }

    #[test]
    fn a_task_for_a_day_reminds_at_nine_in_the_workspaces_zone_in_summer_and_winter() {
        let day = |due: &str| rings(quote().due(at(due)).with("all_day", true));

        assert_eq!(day("2026-03-02T00:00:00+01:00").as_deref(), Some("2026-03-02T08:00:00.000Z"));
        assert_eq!(day("2026-03-29T00:00:00+01:00").as_deref(), Some("2026-03-29T07:00:00.000Z"));
    }

    #[test]
    fn a_moment_of_its_own_goes_before_the_default() {
        let task = quote().due(at("2026-03-02T10:00:00Z")).with("reminder_at", at("2026-03-01T17:00:00Z"));
        assert_eq!(rings(task).as_deref(), Some("2026-03-01T17:00:00.000Z"));
        assert_eq!(
            rings(quote().with("reminder_at", at("2026-03-05T17:00:00Z"))).as_deref(),
            Some("2026-03-05T17:00:00.000Z")
        );
    }

    #[test]
    fn what_is_planned_for_the_next_minutes_reminds_when_it_is_due() {
        assert_eq!(rings(quote().due(at("2026-03-01T08:05:00Z"))).as_deref(), Some("2026-03-01T08:05:00.000Z"));
        assert_eq!(rings(quote().due(at("2026-03-01T00:00:00+01:00")).with("all_day", true)), None);
    }

    #[test]
    fn nothing_reminds_of_what_is_done_canceled_deleted_or_has_no_date() {
        let due = || quote().due(at("2026-03-02T10:00:00Z"));

        assert_eq!(rings(quote()), None);
        assert_eq!(rings(due().with("status", "done")), None);
        assert_eq!(rings(due().with("status", "canceled")), None);
        assert_eq!(rings(due().with("deleted_at", at("2026-03-01T09:00:00Z"))), None);
    }

    #[test]
    fn what_was_read_is_quiet_until_the_task_is_put_off_or_was_snoozed() {
        let due = || quote().due(at("2026-03-02T10:00:00Z")).with(READ, at("2026-03-02T09:46:00Z"));

        assert_eq!(rings(due()), None);
        assert_eq!(rings(due().due(at("2026-03-04T10:00:00Z"))).as_deref(), Some("2026-03-04T09:45:00.000Z"));
        let snoozed = due().with(SNOOZED, at("2026-03-02T11:00:00Z"));
        assert_eq!(rings(snoozed).as_deref(), Some("2026-03-02T11:00:00.000Z"));
    }
}
