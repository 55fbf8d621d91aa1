//! Won against lost. A lead counts once, on the day of its latest close, and only while it is closed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeadFacts};
use super::figures::{Days, Members, Ratio, Sum};
use super::period::Span;
use super::question::Question;
use crate::fold::fold;
use crate::{Date, RecordId, StageKind};

/// The figures of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WonLost {
    /// What was won.
    pub won: Closed,
    /// What was lost.
    pub lost: Closed,
    /// Won of won and lost, by count.
    pub rate: Ratio,
    /// Won of won and lost, by value.
    pub rate_by_value: Ratio,
    /// What a won lead was worth on average; `None` without one.
    pub average_won_cents: Option<i64>,
    /// The period cut into bars.
    pub buckets: Vec<WonLostBucket>,
    /// Why leads were lost, the most frequent first.
    pub reasons: Vec<LossReason>,
    /// Values are as they stood at the close.
    pub as_closed: bool,
    /// Leads whose value was changed after the close.
    pub edited_after_close: u64,
    /// Leads left out of the cycle, because an import did not say when they were created.
    pub without_created: u64,
    /// Closed leads that no period counts, because nobody says when they were closed.
    pub without_date: u64,
}

/// Leads that were closed one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// How many, and what they are worth.
    pub sum: Sum,
    /// Days from their creation to their close.
    pub cycle: Days,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WonLostBucket {
    /// Its days.
    pub span: Span,
    /// What stands under it.
    pub name: String,
    /// Won in these days.
    pub won: Sum,
    /// Lost in these days.
    pub lost: Sum,
    /// Won of won and lost, by count.
    pub rate: Ratio,
}

/// A reason for losing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossReason {
    /// The reason; empty for none.
    pub reason: String,
    /// Leads lost for it.
    pub sum: Sum,
    /// Of all that were lost.
    pub share: Ratio,
}

#[derive(Default)]
struct Side {
    sum: Sum,
    days: Vec<i64>,
}

/// Compares what was won with what was lost.
pub(super) fn compare(question: &Question, facts: &Facts, members: &mut Members) -> WonLost {
    let span = question.period.span(facts.today(), &facts.calendar);
    let mut tally = Tally { buckets: empty_buckets(span, facts), ..Tally::default() };
    for lead in facts.leads_of(question) {
        let kind = facts.stages.kind(&lead.stage);
        let credited = question.owner.is_none() || lead.owner_at_close() == question.owner;
        match lead.closed_on {
            _ if kind == StageKind::Open || !credited => {}
            None => {
                tally.without_date += 1;
                members.add("without_date", lead.id);
            }
            Some(day) if span.contains(day) => {
                let close = Close { kind, day, cents: value(lead, question.as_closed), days: lead.cycle_days(facts) };
                tally.take(lead, &close);
                note(members, lead, &close);
                note_bucket(members, &tally.buckets, (lead.id, &close));
            }
            Some(_) => {}
        }
    }
    tally.finish(question.as_closed)
}

/// A lead's close within the period.
struct Close {
    kind: StageKind,
    day: Date,
    cents: i64,
    /// Days since its creation, where that is known.
    days: Option<i64>,
}

impl Close {
    const fn word(&self) -> &'static str {
        if matches!(self.kind, StageKind::Won) { "won" } else { "lost" }
    }
}

#[derive(Default)]
struct Tally {
    won: Side,
    lost: Side,
    buckets: Vec<WonLostBucket>,
    reasons: BTreeMap<String, LossReason>,
    edited_after_close: u64,
    without_created: u64,
    without_date: u64,
}

impl Tally {
    fn take(&mut self, lead: &LeadFacts, close: &Close) {
        let side = if close.kind == StageKind::Won { &mut self.won } else { &mut self.lost };
        side.sum.add(close.cents);
        side.days.extend(close.days);
        self.without_created += u64::from(close.days.is_none());
        self.edited_after_close += u64::from(was_edited(lead));
        if close.kind == StageKind::Lost {
            self.reasons.entry(reason_key(lead)).or_insert_with(|| reason(lead)).sum.add(close.cents);
        }
        if let Some(bucket) = self.buckets.iter_mut().find(|bucket| bucket.span.contains(close.day)) {
            if close.kind == StageKind::Won { &mut bucket.won } else { &mut bucket.lost }.add(close.cents);
        }
    }

    fn finish(mut self, as_closed: bool) -> WonLost {
        for bucket in &mut self.buckets {
            bucket.rate = rate(bucket.won, bucket.lost);
        }
        let (won, lost) = (self.won, self.lost);
        WonLost {
            rate: rate(won.sum, lost.sum),
            rate_by_value: Ratio { part: won.sum.cents, whole: won.sum.cents.saturating_add(lost.sum.cents) },
            average_won_cents: won.sum.average_cents(),
            buckets: self.buckets,
            reasons: ranked(self.reasons, lost.sum.leads),
            as_closed,
            edited_after_close: self.edited_after_close,
            without_created: self.without_created,
            without_date: self.without_date,
            won: Closed { sum: won.sum, cycle: Days::of(won.days) },
            lost: Closed { sum: lost.sum, cycle: Days::of(lost.days) },
        }
    }
}

fn note(members: &mut Members, lead: &LeadFacts, close: &Close) {
    members.add(close.word(), lead.id);
    if close.days.is_none() {
        members.add("without_created", lead.id);
    }
    if was_edited(lead) {
        members.add("edited", lead.id);
    }
    if close.kind == StageKind::Lost {
        members.add(format_args!("reason/{}", reason_key(lead)), lead.id);
    }
}

fn note_bucket(members: &mut Members, buckets: &[WonLostBucket], (lead, close): (RecordId, &Close)) {
    if let Some(bucket) = buckets.iter().find(|bucket| bucket.span.contains(close.day)) {
        members.add(format_args!("{}/{}", close.word(), bucket.span.from), lead);
    }
}

/// Whether the value was changed after the close.
fn was_edited(lead: &LeadFacts) -> bool {
    lead.closed_value_cents.is_some_and(|closed| closed != lead.value_cents)
}

/// A reason as it is compared.
fn reason_key(lead: &LeadFacts) -> String {
    fold(&lead.lost_reason).trim().to_owned()
}

fn empty_buckets(span: Span, facts: &Facts) -> Vec<WonLostBucket> {
    let bucket = |bucket: super::period::Bucket| WonLostBucket {
        span: bucket.span,
        name: bucket.name,
        won: Sum::default(),
        lost: Sum::default(),
        rate: Ratio::default(),
    };
    span.buckets(&facts.calendar).into_iter().map(bucket).collect()
}

/// What a closed lead is worth: now, or as it stood at the close where that is known.
pub(super) fn value(lead: &LeadFacts, as_closed: bool) -> i64 {
    lead.closed_value_cents.filter(|_| as_closed).unwrap_or(lead.value_cents)
}

fn reason(lead: &LeadFacts) -> LossReason {
    LossReason { reason: lead.lost_reason.trim().to_owned(), sum: Sum::default(), share: Ratio::default() }
}

fn rate(won: Sum, lost: Sum) -> Ratio {
    Ratio::of_counts(won.leads, won.leads + lost.leads)
}

fn ranked(reasons: BTreeMap<String, LossReason>, lost: u64) -> Vec<LossReason> {
    let mut reasons: Vec<LossReason> = reasons.into_values().collect();
    for reason in &mut reasons {
        reason.share = Ratio::of_counts(reason.sum.leads, lost);
    }
    // Stable: what is equal stays in the order of the words.
    reasons.sort_by_key(|reason| std::cmp::Reverse((reason.sum.leads, reason.sum.cents)));
    reasons
}
