//! What asks for attention: how strongly, and in which words.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A task overdue for longer than this is old news.
const OVERDUE_DAYS_MAX: i32 = 30;

/// Something that asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Signal {
    /// They wrote or called last; whole days ago.
    ReplyWaiting {
        /// Whole days since.
        days: i64,
    },
    /// No activity yet.
    NeverContacted {
        /// At most 48 hours old.
        fresh: bool,
    },
    /// A task is overdue.
    TaskOverdue {
        /// Days since it was due.
        days: i32,
    },
    /// A task is due today.
    TaskDueToday,
    /// The expected close has passed.
    ClosePassed {
        /// Days since.
        days: i32,
    },
    /// The expected close is near.
    ClosesSoon {
        /// Days until.
        days: i32,
    },
    /// No open task.
    NoNextStep,
    /// Nobody has touched it for longer than its stage allows.
    Silent {
        /// Whole days without a touch.
        idle_days: i64,
        /// Days that its stage allows.
        rot_days: u32,
    },
}

impl Signal {
    /// How strong it is.
    pub fn points(self) -> i64 {
        match self {
            Self::ReplyWaiting { days } => 42 + (2 * days).min(8),
            Self::NeverContacted { fresh: true } => 46,
            Self::NeverContacted { fresh: false } => 36,
            Self::TaskOverdue { days } if days > OVERDUE_DAYS_MAX => 34,
            Self::TaskOverdue { days } => 40 + (2 * i64::from(days)).min(14),
            Self::TaskDueToday => 40,
            Self::ClosePassed { days } => 38 + i64::from(days).min(10),
            Self::ClosesSoon { days } => 34 - 2 * i64::from(days),
            Self::NoNextStep => 30,
            Self::Silent { idle_days, rot_days } => 28 + (idle_days - i64::from(rot_days)).min(12),
        }
    }

    /// Its name in `quiet/<name>`; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReplyWaiting { .. } => "reply_waiting",
            Self::NeverContacted { .. } => "never_contacted",
            Self::TaskOverdue { .. } => "task_overdue",
            Self::TaskDueToday => "task_due_today",
            Self::ClosePassed { .. } => "close_passed",
            Self::ClosesSoon { .. } => "closes_soon",
            Self::NoNextStep => "no_next_step",
            Self::Silent { .. } => "silent",
        }
    }

    /// What its button says.
    pub const fn button(self) -> &'static str {
        match self {
            Self::ReplyWaiting { .. } => "Log reply",
            Self::NeverContacted { .. } => "First contact",
            Self::TaskOverdue { .. } => "Do or snooze",
            Self::TaskDueToday => "Do",
            Self::ClosePassed { .. } => "New date or close",
            Self::ClosesSoon { .. } => "Push",
            Self::NoNextStep => "Plan step",
            Self::Silent { .. } => "Follow up",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReplyWaiting { days: 0 } => f.write_str("reply waiting"),
            Self::ReplyWaiting { days } => write!(f, "reply waiting for {}", Days(*days)),
            Self::NeverContacted { fresh: true } => f.write_str("new, not contacted yet"),
            Self::NeverContacted { fresh: false } => f.write_str("never contacted"),
            Self::TaskOverdue { days } if *days > OVERDUE_DAYS_MAX => {
                write!(f, "{days} days overdue, reschedule or drop?")
            }
            Self::TaskOverdue { days } => write!(f, "{} overdue", Days(i64::from(*days))),
            Self::TaskDueToday => f.write_str("due today"),
            Self::ClosePassed { days } => write!(f, "expected close passed {days}d ago"),
            Self::ClosesSoon { days: 0 } => f.write_str("closes today"),
            Self::ClosesSoon { days } => write!(f, "closes in {days}d"),
            Self::NoNextStep => f.write_str("no next step"),
            Self::Silent { idle_days, .. } => write!(f, "silent for {}", Days(*idle_days)),
        }
    }
}

struct Days(i64);

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 { f.write_str("1 day") } else { write!(f, "{} days", self.0) }
    }
}
