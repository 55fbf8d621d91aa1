//! Stage conversion: of the leads that entered a stage in a period, how many went further.

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeadFacts};
use super::figures::{Days, Members, Ratio};
use super::period::Span;
use super::question::Question;
use crate::{StageKind, Timestamp};

/// How far leads came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// The open stages in order; removed ones where leads entered them.
    pub rows: Vec<ConversionRow>,
}

/// One stage's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversionRow {
    /// The stage's id.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// Its colour's index.
    pub color: u8,
    /// It has been removed since.
    pub removed: bool,
    /// Leads that entered it in the period, each once.
    pub entered: u64,
    /// Those that later entered a higher stage, or were won.
    pub advanced: u64,
    /// Those that were won.
    pub won: u64,
    /// Advanced of entered.
    pub rate: Ratio,
    /// Days from entering to going further.
    pub days: Days,
}

#[derive(Default)]
struct Row {
    entered: u64,
    advanced: u64,
    won: u64,
    days: Vec<i64>,
}

/// Follows the leads through the stages.
pub(super) fn follow(question: &Question, facts: &Facts, members: &mut Members) -> Conversion {
    let span = question.period.span(facts.today(), &facts.calendar);
    let mut rows: Vec<Row> = facts.stages.all().iter().map(|_| Row::default()).collect();
    for lead in facts.leads_of(question) {
        if question.owner.is_some() && lead.owner != question.owner {
            continue;
        }
        follow_lead((lead, span), facts, &mut rows, members);
    }
    let rows = facts
        .stages
        .all()
        .iter()
        .zip(rows)
        .filter(|(stage, row)| stage.kind == StageKind::Open && (!stage.removed || row.entered > 0));
    let rows = rows.map(|(stage, row)| ConversionRow {
        stage: stage.id.clone(),
        name: stage.name.clone(),
        color: stage.color,
        removed: stage.removed,
        entered: row.entered,
        advanced: row.advanced,
        won: row.won,
        rate: Ratio::of_counts(row.advanced, row.entered),
        days: Days::of(row.days),
    });
    Conversion { rows: rows.collect() }
}

fn follow_lead((lead, span): (&LeadFacts, Span), facts: &Facts, rows: &mut [Row], members: &mut Members) {
    let entries = lead.entries();
    let mut counted = vec![false; rows.len()];
    for (step, (at, stage)) in entries.iter().enumerate() {
        let Some(index) = facts.stages.position(stage) else { continue };
        let is_open = facts.stages.kind(stage) == StageKind::Open;
        if !is_open || *at > facts.now || !span.contains(facts.day(*at)) || std::mem::replace(&mut counted[index], true)
        {
            continue;
        }
        let row = &mut rows[index];
        row.entered += 1;
        members.add(format_args!("entered/{stage}"), lead.id);
        let later = &entries[step + 1..];
        if let Some(further) = later.iter().find(|(_, next)| is_further(facts, index, next)) {
            row.advanced += 1;
            row.days.push(days_between(facts, *at, further.0));
            members.add(format_args!("advanced/{stage}"), lead.id);
        }
        if later.iter().any(|(_, next)| facts.stages.kind(next) == StageKind::Won) {
            row.won += 1;
            members.add(format_args!("won/{stage}"), lead.id);
        }
    }
}

/// Whether a stage lies beyond another: a later open one, or won. To be lost is no progress.
fn is_further(facts: &Facts, from: usize, next: &str) -> bool {
    match facts.stages.kind(next) {
        StageKind::Won => true,
        StageKind::Lost => false,
        StageKind::Open => facts.stages.position(next).is_some_and(|index| index > from),
    }
}

fn days_between(facts: &Facts, from: Timestamp, to: Timestamp) -> i64 {
    i64::from(facts.day(to).days_since(facts.day(from)).max(0))
}
