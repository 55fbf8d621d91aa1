//! Top sources: what became of the leads that were created in a period, by where they came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeadFacts};
use super::figures::{Days, Members, Ratio, Sum};
use super::question::Question;
use crate::StageKind;

/// The cohort's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// By source: most won first, then most leads.
    pub rows: Vec<SourceRow>,
    /// All of them together.
    pub total: SourceRow,
    /// Won leads left out of the cycle, because an import did not say when they were created.
    pub without_created: u64,
}

/// One source's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// The source as it is written; empty for none.
    pub source: String,
    /// Leads created in the period.
    pub leads: u64,
    /// Those still open.
    pub open: u64,
    /// Those won, and what they are worth.
    pub won: Sum,
    /// Those lost.
    pub lost: u64,
    /// Won of won and lost.
    pub conversion_decided: Ratio,
    /// Won of all.
    pub conversion_all: Ratio,
    /// Days from creation to close of those won.
    pub cycle: Days,
}

#[derive(Default)]
struct Group {
    row: SourceRow,
    days: Vec<i64>,
}

impl Group {
    fn finish(mut self) -> SourceRow {
        self.row.conversion_decided = Ratio::of_counts(self.row.won.leads, self.row.won.leads + self.row.lost);
        self.row.conversion_all = Ratio::of_counts(self.row.won.leads, self.row.leads);
        self.row.cycle = Days::of(self.days);
        self.row
    }

    fn take(&mut self, lead: &LeadFacts, kind: StageKind, days: Option<i64>) {
        self.row.leads += 1;
        match kind {
            StageKind::Open => self.row.open += 1,
            StageKind::Lost => self.row.lost += 1,
            StageKind::Won => {
                self.row.won.add(lead.value_cents);
                self.days.extend(days);
            }
        }
    }
}

/// Ranks the sources.
pub(super) fn rank(question: &Question, facts: &Facts, members: &mut Members) -> Sources {
    let span = question.period.span(facts.today(), &facts.calendar);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut total = Group::default();
    let mut without_created = 0;
    for lead in facts.leads_of(question) {
        let created = lead.created_at.map(|at| facts.day(at));
        let theirs = question.owner.is_none() || lead.owner == question.owner;
        if !created.is_some_and(|day| span.contains(day)) || !theirs {
            continue;
        }
        let key = lead.source_key();
        let kind = facts.stages.kind(&lead.stage);
        let days = lead.cycle_days(facts);
        if kind == StageKind::Won && days.is_none() {
            without_created += 1;
            members.add("without_created", lead.id);
        }
        let word = match kind {
            StageKind::Open => "open",
            StageKind::Won => "won",
            StageKind::Lost => "lost",
        };
        for figure in ["leads", word] {
            members.add(figure, lead.id);
            members.add(format_args!("{figure}/{key}"), lead.id);
        }
        let group = groups.entry(key).or_default();
        if group.row.source.is_empty() {
            lead.source.trim().clone_into(&mut group.row.source);
        }
        group.take(lead, kind, days);
        total.take(lead, kind, days);
    }
    let mut rows: Vec<SourceRow> = groups.into_values().map(Group::finish).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.won.cents, row.leads)));
    Sources { rows, total: total.finish(), without_created }
}
