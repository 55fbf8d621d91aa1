//! Forecast by expected close month: this month and the five after it, and how past months turned out.

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeadFacts};
use super::figures::{Members, Sum, weighted};
use super::period::{Span, month_name};
use super::question::Question;
use super::won_lost::value;
use crate::StageKind;

/// Months ahead, this one included.
const MONTHS_AHEAD: i32 = 6;
/// Months back.
const MONTHS_BACK: i32 = 6;
/// From this probability in percent, a lead counts as committed.
const COMMIT_PERCENT: i64 = 75;

/// What is expected, and what came of earlier expectations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// This month and the following.
    pub months: Vec<ForecastRow>,
    /// Open leads whose expected close has passed; in no month.
    pub past_due: ForecastRow,
    /// Open leads that nobody expects on a day; in no month.
    pub no_date: ForecastRow,
    /// Open leads that are expected after the last month shown.
    pub later: ForecastRow,
    /// Past months, the latest first.
    pub past: Vec<PastMonth>,
    /// Leads that were imported later than they were created: of the months before, how they stood is not known.
    pub unknown: u64,
}

/// What is expected of one month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastRow {
    /// The month's days; `None` for rows that are no month.
    pub span: Option<Span>,
    /// What stands in front of the row.
    pub name: String,
    /// Open leads expected to close then.
    pub open: Sum,
    /// Σ(value·probability)/100, divided once, half up.
    pub weighted_cents: i64,
    /// Those of at least 75 %.
    pub commit: Sum,
    /// Won so far, by the day of the close.
    pub won: Sum,
}

/// How a past month turned out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastMonth {
    /// The month's days.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// Won in it, by the day of the close.
    pub won: Sum,
    /// What was expected of it, weighted, as it stood at the end of its first day.
    pub weighted_cents: i64,
    /// Leads behind that.
    pub expected: u64,
}

#[derive(Default)]
struct Row {
    open: Sum,
    weight: i128,
    commit: Sum,
    won: Sum,
}

impl Row {
    fn take(&mut self, lead: &LeadFacts) {
        self.open.add(lead.value_cents);
        self.weight += lead.now().weight();
        if lead.probability >= COMMIT_PERCENT {
            self.commit.add(lead.value_cents);
        }
    }

    fn finish(self, span: Option<Span>, name: String) -> ForecastRow {
        let weighted_cents = weighted(self.weight);
        ForecastRow { span, name, open: self.open, weighted_cents, commit: self.commit, won: self.won }
    }
}

/// Adds up what is expected.
pub(super) fn look_ahead(question: &Question, facts: &Facts, members: &mut Members) -> Forecast {
    let today = facts.today();
    let this_month = Span::month_of(today);
    let months: Vec<Span> = (0..MONTHS_AHEAD).map(|ahead| this_month.months_on(ahead)).collect();
    let mut rows: Vec<Row> = months.iter().map(|_| Row::default()).collect();
    let [mut past_due, mut no_date, mut later] = [Row::default(), Row::default(), Row::default()];
    for lead in facts.leads_of(question) {
        match facts.stages.kind(&lead.stage) {
            StageKind::Open if question.owner.is_none() || lead.owner == question.owner => {
                let month = lead.expected_close.and_then(|day| months.iter().position(|month| month.contains(day)));
                let (row, cell) = match (lead.expected_close, month) {
                    (None, _) => (&mut no_date, "no_date".to_owned()),
                    (Some(day), _) if day < today => (&mut past_due, "past_due".to_owned()),
                    (Some(_), None) => (&mut later, "later".to_owned()),
                    (Some(_), Some(index)) => (&mut rows[index], months[index].from.to_string()),
                };
                row.take(lead);
                members.add(format_args!("open/{cell}"), lead.id);
                if lead.probability >= COMMIT_PERCENT {
                    members.add(format_args!("commit/{cell}"), lead.id);
                }
            }
            StageKind::Won if question.owner.is_none() || lead.owner_at_close() == question.owner => {
                let day = lead.closed_on;
                let month = day.and_then(|day| months.iter().position(|month| month.contains(day)));
                if let Some(index) = month {
                    rows[index].won.add(value(lead, question.as_closed));
                    members.add(format_args!("won/{}", months[index].from), lead.id);
                }
            }
            _ => {}
        }
    }
    let named = months.into_iter().zip(rows).map(|(month, row)| row.finish(Some(month), month_name(month.from)));
    let months = named.collect();
    let (past, unknown) = look_back(question, facts, members);
    Forecast {
        months,
        past_due: past_due.finish(None, "Past due".to_owned()),
        no_date: no_date.finish(None, "No date".to_owned()),
        later: later.finish(None, "Later".to_owned()),
        past,
        unknown,
    }
}

fn look_back(question: &Question, facts: &Facts, members: &mut Members) -> (Vec<PastMonth>, u64) {
    let this_month = Span::month_of(facts.today());
    let months: Vec<Span> = (1..=MONTHS_BACK).map(|back| this_month.months_on(-back)).collect();
    let past = months.iter().map(|month| past_month(question, facts, *month, members)).collect();
    let first = months.last().map_or(facts.now, |month| month.from.start_in(&facts.zone));
    let unknown = facts.leads_of(question).filter(|lead| {
        let (created, known) = (lead.created_at, lead.known_since());
        let gap =
            created.zip(known).is_some_and(|(created, known)| known > first && facts.day(created) < facts.day(known));
        gap && lead.imported
    });
    (past, unknown.count() as u64)
}

fn past_month(question: &Question, facts: &Facts, month: Span, members: &mut Members) -> PastMonth {
    let end_of_first = month.from.plus_days(1).start_in(&facts.zone);
    let (mut won, mut weight, mut expected) = (Sum::default(), 0, 0);
    for lead in facts.leads_of(question) {
        let is_won = facts.stages.kind(&lead.stage) == StageKind::Won;
        let credited = || question.owner.is_none() || lead.owner_at_close() == question.owner;
        if is_won && lead.closed_on.is_some_and(|day| month.contains(day)) && credited() {
            won.add(value(lead, question.as_closed));
            members.add(format_args!("won/{}", month.from), lead.id);
        }
        let Some(then) = lead.before(end_of_first) else { continue };
        let theirs = question.owner.is_none() || then.owner == question.owner;
        let due = then.expected_close.is_some_and(|day| month.contains(day));
        if due && theirs && facts.stages.kind(then.stage) == StageKind::Open {
            weight += then.weight();
            expected += 1;
            members.add(format_args!("expected/{}", month.from), lead.id);
        }
    }
    PastMonth { span: month, name: month_name(month.from), won, weighted_cents: weighted(weight), expected }
}
