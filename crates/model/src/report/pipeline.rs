//! Pipeline summary: open leads by stage, now or as they stood at the end of a past day.

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeadFacts, Standing};
use super::figures::{Days, Members, Sum, weighted};
use super::question::Question;
use crate::{Date, RecordId, StageKind, Timestamp};

/// The pipeline's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineSummary {
    /// The day at whose end it stood like this.
    pub as_of: Date,
    /// That day is today: it stands like this now.
    pub is_now: bool,
    /// The open stages in order; removed ones where leads stood in them.
    pub stages: Vec<PipelineRow>,
    /// All of them together.
    pub total: PipelineRow,
    /// Leads that were created by that day, but only imported later: how they stood is not known.
    pub unknown: u64,
}

/// One stage's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineRow {
    /// The stage's id; empty for the total.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// Its colour's index.
    pub color: u8,
    /// It has been removed since.
    pub removed: bool,
    /// Open leads.
    pub leads: u64,
    /// What they are worth.
    pub value_cents: i64,
    /// Σ(value·probability)/100, divided once, half up.
    pub weighted_cents: i64,
    /// Days that they have been in the stage.
    pub in_stage: Days,
    /// Those that rot; not known of the past.
    pub rotting: Option<u64>,
    /// Those without an open task; not known of the past.
    pub no_next_step: Option<u64>,
    /// Those without a value.
    pub without_value: u64,
}

#[derive(Default)]
struct Column {
    sum: Sum,
    weight: i128,
    days: Vec<i64>,
    rotting: u64,
    no_next_step: u64,
    without_value: u64,
}

impl Column {
    fn take(&mut self, lead: &LeadFacts, standing: &Standing<'_>, days: Option<i64>) {
        self.sum.add(standing.value_cents);
        self.weight += standing.weight();
        self.days.extend(days);
        self.rotting += u64::from(lead.rotting);
        self.no_next_step += u64::from(!lead.has_next_step);
        self.without_value += u64::from(standing.value_cents == 0);
    }

    fn row(self, is_now: bool) -> PipelineRow {
        PipelineRow {
            leads: self.sum.leads,
            value_cents: self.sum.cents,
            weighted_cents: weighted(self.weight),
            in_stage: Days::of(self.days),
            rotting: is_now.then_some(self.rotting),
            no_next_step: is_now.then_some(self.no_next_step),
            without_value: self.without_value,
            ..PipelineRow::default()
        }
    }
}

/// Sums the open leads up.
pub(super) fn summarize(question: &Question, facts: &Facts, members: &mut Members) -> PipelineSummary {
    let today = facts.today();
    let as_of = question.as_of.filter(|day| *day < today).unwrap_or(today);
    let is_now = as_of == today;
    let end = if is_now { facts.now } else { as_of.plus_days(1).start_in(&facts.zone) };
    let mut columns: Vec<Column> = facts.stages.all().iter().map(|_| Column::default()).collect();
    let mut total = Column::default();
    let mut unknown = 0;
    for lead in facts.leads_of(question) {
        let standing = if is_now { Some(lead.now()) } else { lead.before(end) };
        let Some(standing) = standing else {
            unknown += u64::from(lead.created_at.is_some_and(|at| at < end));
            continue;
        };
        let Some(index) = facts.stages.position(standing.stage) else { continue };
        let theirs = question.owner.is_none() || standing.owner == question.owner;
        if facts.stages.kind(standing.stage) != StageKind::Open || !theirs {
            continue;
        }
        let days = standing.entered_at.map(|at| days_in_stage(facts, at, as_of));
        columns[index].take(lead, &standing, days);
        total.take(lead, &standing, days);
        note(members, (standing.stage, lead.id), (lead, &standing), is_now);
    }
    let stages = facts.stages.all().iter().zip(columns);
    let shown =
        stages.filter(|(stage, column)| stage.kind == StageKind::Open && (!stage.removed || column.sum.leads > 0));
    let stages = shown.map(|(stage, column)| PipelineRow {
        stage: stage.id.clone(),
        name: stage.name.clone(),
        color: stage.color,
        removed: stage.removed,
        ..column.row(is_now)
    });
    PipelineSummary { as_of, is_now, stages: stages.collect(), total: total.row(is_now), unknown }
}

fn days_in_stage(facts: &Facts, entered: Timestamp, as_of: Date) -> i64 {
    i64::from(as_of.days_since(facts.day(entered)).max(0))
}

fn note(members: &mut Members, (stage, id): (&str, RecordId), (lead, then): (&LeadFacts, &Standing<'_>), is_now: bool) {
    let mut add = |figure: &str| {
        members.add(format_args!("{figure}/{stage}"), id);
        members.add(figure, id);
    };
    add("open");
    if is_now && lead.rotting {
        add("rotting");
    }
    if is_now && !lead.has_next_step {
        add("no_next_step");
    }
    if then.value_cents == 0 {
        add("no_value");
    }
}
