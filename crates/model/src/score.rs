//! Next Best Action (PRODUCT 8.3): how urgent a lead or a lone task is, in points from 0 to 100, and why.
//!
//! Whole numbers only, so that all devices agree. The caller brings facts; nothing is looked up here.

pub mod quiet;
mod signal;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rot::rotting_days;
use crate::time::DAY_MILLIS;
use crate::{Date, RecordId, RecordRef, Timestamp};

pub use quiet::{QUIET, Quiet};
pub use signal::Signal;

/// Most points.
const POINTS_MAX: i64 = 100;
/// Points for each signal beside the strongest, and how many of them count.
const OTHER_POINTS: i64 = 3;
const OTHERS_MAX: usize = 3;
/// An inbound activity waits for a reply after this long.
const REPLY_WAIT_MILLIS: i64 = 4 * 3_600_000;
/// A lead that nobody contacted is fresh for this long.
const FRESH_MILLIS: i64 = 48 * 3_600_000;
/// Points of the open stages, from the first on.
const STAGE_POINTS: [i64; 4] = [0, 1, 3, 5];
/// Rows that are shown at first, and how many of them one account may have.
const TOP_ROWS: usize = 5;
const TOP_ROWS_PER_ACCOUNT: usize = 2;

/// What is known about one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The lead; or the task, when it is not about a lead.
    pub subject: RecordRef,
    /// The account it belongs to.
    pub account: Option<RecordId>,
    /// What is known about the lead; `None` for a lone task.
    pub lead: Option<LeadFacts>,
    /// All open tasks of the lead, or the lone task.
    pub open_tasks: Vec<TaskFacts>,
}

/// What is known about an open lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadFacts {
    /// Value times probability, in cents.
    pub weighted_cents: i64,
    /// The stage's place among the open ones, from 0.
    pub stage_index: usize,
    /// Days without a touch after which leads in the stage rot; 0 is never.
    pub rot_days: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// The latest activity up to now.
    pub last_activity: Option<LastActivity>,
    /// The day of the latest touch up to now: activity, completed task, stage change or file.
    pub last_touched: Date,
    /// The expected close date.
    pub expected_close: Option<Date>,
}

/// The latest activity of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastActivity {
    /// When it happened.
    pub at: Timestamp,
    /// It came from them.
    pub inbound: bool,
}

/// What is known about an open task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFacts {
    /// The task.
    pub id: RecordId,
    /// The day it is due in the workspace's zone.
    pub due: Option<Date>,
    /// Its priority.
    pub priority: Priority,
}

/// How important a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

impl Priority {
    /// The priority with this key; anything else is medium, as tasks are by default.
    pub fn from_name(name: &str) -> Self {
        match name {
            "low" => Self::Low,
            "high" => Self::High,
            _ => Self::Medium,
        }
    }

    const fn points(self) -> i64 {
        match self {
            Self::Low => 0,
            Self::Medium => 3,
            Self::High => 8,
        }
    }
}

/// When and for whom the score is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewpoint {
    /// The present moment.
    pub now: Timestamp,
    /// The present day in the workspace's zone.
    pub today: Date,
    /// The median of the viewer's open weighted values, from `median_cents`.
    pub median_cents: i64,
}

/// How a lead's weighted value compares with the viewer's median.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ValueTier {
    /// Nothing.
    None,
    /// Something, but less than half.
    Small,
    /// At least half.
    Half,
    /// At least as much.
    Same,
    /// At least twice.
    Double,
    /// At least four times.
    Fourfold,
}

impl ValueTier {
    fn of(weighted_cents: i64, median_cents: i64) -> Self {
        let weighted = i128::from(weighted_cents);
        let median = i128::from(median_cents.max(0));
        match weighted {
            ..=0 => Self::None,
            _ if weighted >= 4 * median => Self::Fourfold,
            _ if weighted >= 2 * median => Self::Double,
            _ if weighted >= median => Self::Same,
            _ if 2 * weighted >= median => Self::Half,
            _ => Self::Small,
        }
    }

    const fn points(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Small => 5,
            Self::Half => 10,
            Self::Same => 15,
            Self::Double => 20,
            Self::Fourfold => 25,
        }
    }

    const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Fourfold => Some("4× your median"),
            Self::Double => Some("2× your median"),
            _ => None,
        }
    }
}

/// A candidate with its score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The lead; or the task, when it is not about a lead.
    pub subject: RecordRef,
    /// The account it belongs to.
    pub account: Option<RecordId>,
    /// The task that counts: the worst of several.
    pub task: Option<TaskFacts>,
    /// What asks for attention, the strongest first; never empty.
    pub signals: Vec<Signal>,
    /// How its value compares.
    pub tier: ValueTier,
    /// Value times probability, in cents.
    pub weighted_cents: i64,
    /// The parts of the score.
    pub points: Points,
}

/// The parts of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// The strongest signal's.
    pub top: i64,
    /// The other signals'.
    pub others: i64,
    /// The value's.
    pub value: i64,
    /// The stage's.
    pub stage: i64,
    /// The task's priority's.
    pub priority: i64,
}

impl Points {
    /// The score: the sum, at most 100.
    pub fn total(self) -> i64 {
        (self.top + self.others + self.value + self.stage + self.priority).min(POINTS_MAX)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { top, others, value, stage, priority } = self;
        write!(f, "{top} + {others} + {value} + {stage} + {priority} = {}", self.total())
    }
}

impl Scored {
    /// Why it is on the list: `2 days overdue · closes in 3d · 4× your median`.
    pub fn reasons(&self) -> String {
        let signals = self.signals.iter().map(ToString::to_string);
        signals.chain(self.tier.reason().map(str::to_owned)).collect::<Vec<_>>().join(" · ")
    }

    /// What its button says.
    pub fn button(&self) -> &'static str {
        self.signals.first().map_or("Open", |signal| signal.button())
    }
}

/// Scores a candidate; `None` when nothing about it asks for attention.
pub fn score(facts: &Facts, viewpoint: &Viewpoint) -> Option<Scored> {
    score_quietly(facts, viewpoint, &Quiet::default())
}

/// Scores a candidate of which something is quiet.
pub fn score_quietly(facts: &Facts, viewpoint: &Viewpoint, quiet: &Quiet) -> Option<Scored> {
    if quiet.hides_row(viewpoint.now) {
        return None;
    }
    let task = facts.open_tasks.iter().filter_map(|task| Some((task_signal(task, viewpoint.today)?, *task)));
    // Only the worst task counts; ties by id, so that all devices take the same.
    let worst = task
        .filter(|(signal, _)| !quiet.mutes(*signal))
        .max_by_key(|(signal, task)| (signal.points() + task.priority.points(), task.id));
    let mut signals: Vec<Signal> = worst.iter().map(|(signal, _)| *signal).collect();
    if let Some(lead) = &facts.lead {
        signals.extend(lead_signals(lead, &facts.open_tasks, viewpoint));
    }
    signals.retain(|signal| !quiet.mutes(*signal));
    signals.sort_by_key(|signal| (-signal.points(), *signal));
    let top = signals.first()?.points();
    let weighted_cents = facts.lead.as_ref().map_or(0, |lead| lead.weighted_cents);
    let tier = ValueTier::of(weighted_cents, viewpoint.median_cents);
    let other_count = (signals.len() - 1).min(OTHERS_MAX);
    let points = Points {
        top,
        others: OTHER_POINTS * i64::try_from(other_count).unwrap_or(0),
        value: tier.points(),
        stage: facts.lead.as_ref().map_or(0, |lead| stage_points(lead.stage_index)),
        priority: worst.map_or(0, |(_, task)| task.priority.points()),
    };
    let task = worst.map(|(_, task)| task);
    Some(Scored { subject: facts.subject, account: facts.account, task, signals, tier, weighted_cents, points })
}

fn stage_points(index: usize) -> i64 {
    STAGE_POINTS.get(index).or(STAGE_POINTS.last()).copied().unwrap_or(0)
}

fn task_signal(task: &TaskFacts, today: Date) -> Option<Signal> {
    match today.days_since(task.due?) {
        0 => Some(Signal::TaskDueToday),
        days if days > 0 => Some(Signal::TaskOverdue { days }),
        _ => None,
    }
}

fn lead_signals(lead: &LeadFacts, open_tasks: &[TaskFacts], viewpoint: &Viewpoint) -> Vec<Signal> {
    let no_next_step = open_tasks.is_empty().then_some(Signal::NoNextStep);
    let close = lead.expected_close.and_then(|date| close_signal(date, viewpoint.today));
    let contact = match lead.last_activity {
        Some(last) => reply_signal(last, viewpoint.now),
        None => {
            let fresh = viewpoint.now.millis_since(lead.created_at) <= FRESH_MILLIS;
            Some(Signal::NeverContacted { fresh })
        }
    };
    // "Never contacted" stands for "silent" as well.
    let silent = lead.last_activity.and_then(|_| silent_signal(lead, open_tasks, viewpoint));
    [contact, close, no_next_step, silent].into_iter().flatten().collect()
}

fn reply_signal(last: LastActivity, now: Timestamp) -> Option<Signal> {
    let waited = now.millis_since(last.at);
    (last.inbound && waited >= REPLY_WAIT_MILLIS).then_some(Signal::ReplyWaiting { days: waited / DAY_MILLIS })
}

fn close_signal(expected: Date, today: Date) -> Option<Signal> {
    match expected.days_since(today) {
        days @ ..=-1 => Some(Signal::ClosePassed { days: -days }),
        days @ 0..=7 => Some(Signal::ClosesSoon { days }),
        _ => None,
    }
}

fn silent_signal(lead: &LeadFacts, open_tasks: &[TaskFacts], viewpoint: &Viewpoint) -> Option<Signal> {
    let due = open_tasks.iter().filter_map(|task| task.due);
    let idle_days = rotting_days(viewpoint.today, lead.last_touched, lead.rot_days, due)?;
    Some(Signal::Silent { idle_days, rot_days: lead.rot_days })
}

/// The median of a viewer's open weighted values; of an even number, the middle two's mean, rounded down.
pub fn median_cents(mut weighted_cents: Vec<i64>) -> i64 {
    weighted_cents.sort_unstable();
    let middle = weighted_cents.len() / 2;
    match (weighted_cents.get(middle), weighted_cents.len() % 2) {
        (None, _) => 0,
        (Some(value), 1) => *value,
        (Some(upper), _) => weighted_cents[middle - 1].midpoint(*upper),
    }
}

/// Candidates in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranking {
    /// What is shown at first: at most five rows, at most two of one account.
    pub top: Vec<Scored>,
    /// All others.
    pub more: Vec<Scored>,
}

/// Orders candidates: score, then weighted value, due day, id.
pub fn rank(mut scored: Vec<Scored>) -> Ranking {
    scored.sort_by_key(|row| {
        let due = row.task.and_then(|task| task.due);
        (-row.points.total(), -row.weighted_cents, due.is_none(), due, row.subject)
    });
    let mut ranking = Ranking::default();
    let mut rows_of: BTreeMap<RecordId, usize> = BTreeMap::new();
    for row in scored {
        let of_account = row.account.map_or(0, |account| rows_of.get(&account).copied().unwrap_or(0));
        if ranking.top.len() == TOP_ROWS || of_account == TOP_ROWS_PER_ACCOUNT {
            ranking.more.push(row);
            continue;
        }
        if let Some(account) = row.account {
            *rows_of.entry(account).or_default() += 1;
        }
        ranking.top.push(row);
    }
    ranking
}
