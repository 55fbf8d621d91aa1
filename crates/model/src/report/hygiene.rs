//! Hygiene: what keeps the other reports from being right.

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeadFacts};
use super::figures::{Members, Sum};
use super::question::Question;
use crate::{Date, StageKind};

/// What needs tidying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hygiene {
    /// Each kind of flaw, with the leads that have it.
    pub rows: Vec<HygieneRow>,
    /// Open leads that were looked at.
    pub open: u64,
    /// Open leads without any flaw.
    pub clean: u64,
}

/// One kind of flaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HygieneRow {
    /// Which.
    pub flaw: Flaw,
    /// Leads with it.
    pub sum: Sum,
}

/// What can be wrong with a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Open, and the expected close has passed.
    PastCloseDate,
    /// Open, without an open task.
    NoNextStep,
    /// Open, untouched for too long.
    Rotting,
    /// Open, worth nothing.
    NoValue,
    /// Open, and nobody is named as its contact.
    NoContact,
    /// Won, worth nothing.
    WonWithoutValue,
    /// Closed, and nobody says when.
    NoCloseDate,
    /// Moved to different stages at once; waits until somebody confirms.
    StageConflict,
}

impl Flaw {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::PastCloseDate,
        Self::NoNextStep,
        Self::Rotting,
        Self::NoValue,
        Self::NoContact,
        Self::WonWithoutValue,
        Self::NoCloseDate,
        Self::StageConflict,
    ];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PastCloseDate => "past_close_date",
            Self::NoNextStep => "no_next_step",
            Self::Rotting => "rotting",
            Self::NoValue => "no_value",
            Self::NoContact => "no_contact",
            Self::WonWithoutValue => "won_without_value",
            Self::NoCloseDate => "no_close_date",
            Self::StageConflict => "stage_conflict",
        }
    }

    /// Whether it is about open leads.
    pub const fn is_of_open(self) -> bool {
        matches!(self, Self::PastCloseDate | Self::NoNextStep | Self::Rotting | Self::NoValue | Self::NoContact)
    }

    fn is_in(self, lead: &LeadFacts, kind: StageKind, today: Date) -> bool {
        let open = kind == StageKind::Open;
        match self {
            Self::PastCloseDate => open && lead.expected_close.is_some_and(|day| day < today),
            Self::NoNextStep => open && !lead.has_next_step,
            Self::Rotting => open && lead.rotting,
            Self::NoValue => open && lead.value_cents == 0,
            Self::NoContact => open && !lead.has_contact,
            Self::WonWithoutValue => kind == StageKind::Won && lead.value_cents == 0,
            Self::NoCloseDate => !open && lead.closed_on.is_none(),
            Self::StageConflict => lead.stage_conflict,
        }
    }
}

/// Looks every lead over.
pub(super) fn inspect(question: &Question, facts: &Facts, members: &mut Members) -> Hygiene {
    let today = facts.today();
    let mut rows = Flaw::ALL.map(|flaw| HygieneRow { flaw, sum: Sum::default() });
    let (mut open, mut clean) = (0, 0);
    for lead in facts.leads_of(question) {
        if question.owner.is_some() && lead.owner != question.owner {
            continue;
        }
        let kind = facts.stages.kind(&lead.stage);
        let mut flawless = true;
        for row in rows.iter_mut().filter(|row| row.flaw.is_in(lead, kind, today)) {
            row.sum.add(lead.value_cents);
            members.add(row.flaw.word(), lead.id);
            flawless = false;
        }
        if kind == StageKind::Open {
            open += 1;
            clean += u64::from(flawless);
            members.add("open", lead.id);
            if flawless {
                members.add("clean", lead.id);
            }
        }
    }
    Hygiene { rows: rows.to_vec(), open, clean }
}
