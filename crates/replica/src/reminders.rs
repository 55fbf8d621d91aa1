//! Reminders: when the next one is due, and telling interfaces and shells once that it is.
//!
//! What a person made of a reminder lies in the task, so one device's dismissal reaches the others. Which ones this
//! device has told lies beside its records: what was missed while it was closed is told once, together.

use model::app::{NOTIFY_REMINDERS, Update};
use model::query::WINDOW_MAX;
use model::reminder::Reminder;
use model::{Kind, RecordRef, Timestamp};
use store::{QueryContext, REMINDER_HORIZON_MILLIS, Store};

use crate::replica::{Replica, ReplicaError};

/// Up to which moment reminders have been told on this device.
const TOLD_UP_TO: &str = "reminders_told_up_to";
/// At the start of a team's device, how long reminders wait for what other devices have dismissed.
const GRACE_MILLIS: i64 = 5_000;

/// What this device knows about its reminders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reminders {
    /// Up to which moment they have been told; `None` before the first look.
    told_up_to: Option<Timestamp>,
    /// When to look again; `None` as soon as possible.
    next_look: Option<Timestamp>,
    /// Nothing is told before this moment; `None` until the first step.
    grace_until: Option<Timestamp>,
}

impl Reminders {
    pub(crate) fn read(store: &Store) -> Result<Self, ReplicaError> {
        let millis = store.meta(TOLD_UP_TO)?.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        Ok(Self { told_up_to: millis.map(Timestamp::from_millis), ..Self::default() })
    }

    /// Looks again at the next step: tasks or the zone have changed.
    pub(crate) const fn look_again(&mut self) {
        self.next_look = self.grace_until;
    }
}

impl Replica {
    /// Tells reminders whose moment has come, and finds out when the next one does.
    pub(crate) fn reminders_step(&mut self, now: Timestamp) -> Result<(), ReplicaError> {
        let Some(account) = &self.account else { return Ok(()) };
        if self.reminders.grace_until.is_none() {
            let grace = if account.server.is_empty() { 0 } else { GRACE_MILLIS };
            self.reminders.grace_until = Some(now.plus_millis(grace));
            self.reminders.next_look = self.reminders.grace_until;
        }
        if self.reminders.next_look.is_some_and(|at| now < at) {
            return Ok(());
        }
        let all = self.store.reminders(&self.query_context(now))?;
        let next_look = Some(next_look(&all, now));
        // Whoever has just come here has missed nothing.
        let told = self.reminders.told_up_to.unwrap_or(now);
        let news: Vec<Reminder> = all.into_iter().filter(|one| told < one.at && one.at <= now).collect();
        if !news.is_empty() || self.reminders.told_up_to.is_none() {
            self.note_told(now)?;
        }
        if !news.is_empty() {
            // Answers to `Query::Reminders` depend on the moment; this makes their watches look.
            self.note_changed(news.iter().map(|one| RecordRef::new(Kind::Task, one.task)))?;
            if self.preference(NOTIFY_REMINDERS)?.as_deref() != Some("off") {
                self.tell_all(Update::Remind(news.into_iter().take(WINDOW_MAX as usize).collect()));
            }
        }
        self.reminders.next_look = next_look;
        Ok(())
    }

    fn note_told(&mut self, now: Timestamp) -> Result<(), ReplicaError> {
        self.reminders.told_up_to = Some(now);
        let bytes = now.as_millis().to_be_bytes();
        self.store.write(|tx| tx.set_meta(TOLD_UP_TO, &bytes).map_err(ReplicaError::from))
    }

    /// When reminders want to be looked at, if nothing changes before.
    pub(crate) fn reminders_wake(&self) -> Option<Timestamp> {
        self.account.as_ref()?;
        Some(self.reminders.next_look.unwrap_or_default())
    }

    /// Reminders whose moment has come, the latest first.
    pub(crate) fn due_reminders(&self, ctx: &QueryContext<'_>) -> Result<Vec<Reminder>, ReplicaError> {
        let mut due: Vec<Reminder> = self.store.reminders(ctx)?;
        due.retain(|reminder| reminder.at <= ctx.now);
        due.reverse();
        due.truncate(WINDOW_MAX as usize);
        Ok(due)
    }
}

/// The next moment that a reminder comes, at the latest when the horizon has to be moved on.
fn next_look(reminders: &[Reminder], now: Timestamp) -> Timestamp {
    let ahead = reminders.iter().map(|reminder| reminder.at).filter(|at| *at > now);
    ahead.min().unwrap_or_else(|| now.plus_millis(REMINDER_HORIZON_MILLIS))
}
