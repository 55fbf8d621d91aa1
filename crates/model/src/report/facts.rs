//! The plain facts that reports are worked out from, and how a lead stood at a moment in the past.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::period::Calendar;
use super::question::Question;
use crate::fold::fold;
use crate::{Date, RecordId, Settings, StageKind, Timestamp, UserId};

/// Everything that a report may look at. The trash and merged records are not in it.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The present moment.
    pub now: Timestamp,
    /// The workspace's zone.
    pub zone: TimeZone,
    /// Where its weeks and years begin.
    pub calendar: Calendar,
    /// The stages, those that were removed too as far as leads were in them.
    pub stages: Stages,
    /// Leads, the archive included.
    pub leads: Vec<LeadFacts>,
    /// Activities (leaderboard only).
    pub activities: Vec<ActivityFacts>,
    /// Completed tasks (leaderboard only).
    pub tasks: Vec<TaskFacts>,
    /// Files (leaderboard only).
    pub files: Vec<FileFacts>,
    /// The workspace's people, by name.
    pub people: Vec<Person>,
    /// The workspace has switched the leaderboard off.
    pub leaderboard_off: bool,
    /// Leads whose history is not on this device yet.
    pub unread_histories: u64,
}

impl Facts {
    /// The day that `now` lies in.
    pub fn today(&self) -> Date {
        self.day(self.now)
    }

    /// The day of the workspace that a moment lies in.
    pub fn day(&self, at: Timestamp) -> Date {
        at.date_in(&self.zone)
    }

    /// Leads that the question's source, tag and archive filters let through. Whose they are is for each report.
    pub(crate) fn leads_of<'a>(&'a self, question: &'a Question) -> impl Iterator<Item = &'a LeadFacts> {
        let source = question.source_key();
        let tag = fold(&question.tag).trim().to_owned();
        self.leads.iter().filter(move |lead| {
            (question.archived || !lead.archived)
                && source.as_ref().is_none_or(|source| *source == lead.source_key())
                && (tag.is_empty() || lead.tags.iter().any(|of| fold(of).trim() == tag))
        })
    }
}

/// A stage, whether it still exists or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageFacts {
    /// Its id.
    pub id: String,
    /// Its name; of a removed one the name that it had last.
    pub name: String,
    /// What it means.
    pub kind: StageKind,
    /// Its place among the stages.
    pub rank: String,
    /// Index into the theme's stage colours.
    pub color: u8,
    /// It has been removed from the settings.
    pub removed: bool,
}

/// The stages in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stages {
    list: Vec<StageFacts>,
    index: BTreeMap<String, usize>,
}

impl Stages {
    /// The stages of the settings, and removed ones that leads were in.
    pub fn new(settings: &Settings, removed: Vec<StageFacts>) -> Self {
        let live = settings.stages.iter().map(|stage| StageFacts {
            id: stage.id.clone(),
            name: stage.name.clone(),
            kind: stage.kind,
            rank: stage.rank.clone(),
            color: stage.color,
            removed: false,
        });
        let removed = removed.into_iter().filter(|stage| settings.stage(&stage.id).is_none());
        let mut list: Vec<StageFacts> = live.chain(removed).collect();
        list.sort_by(|a, b| (&a.rank, &a.id).cmp(&(&b.rank, &b.id)));
        let index = list.iter().enumerate().map(|(index, stage)| (stage.id.clone(), index)).collect();
        Self { list, index }
    }

    /// All of them, in order.
    pub fn all(&self) -> &[StageFacts] {
        &self.list
    }

    /// A stage's place.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// What a stage means; one that nobody knows is open.
    pub(crate) fn kind(&self, id: &str) -> StageKind {
        self.position(id).map_or(StageKind::Open, |index| self.list[index].kind)
    }
}

/// A lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadFacts {
    /// Its id.
    pub id: RecordId,
    /// Its owner now.
    pub owner: Option<UserId>,
    /// Its stage's id.
    pub stage: String,
    /// What it is worth.
    pub value_cents: i64,
    /// Probability in percent.
    pub probability: i64,
    /// When it was created, as its field says.
    pub created_at: Option<Timestamp>,
    /// When it is expected to close.
    pub expected_close: Option<Date>,
    /// When it was closed last.
    pub closed_on: Option<Date>,
    /// What it was worth then.
    pub closed_value_cents: Option<i64>,
    /// Why it was lost, as written.
    pub lost_reason: String,
    /// Where it came from, as written.
    pub source: String,
    /// Its tags, as far as the question asks about them.
    pub tags: Vec<String>,
    /// It lies in the archive.
    pub archived: bool,
    /// It came with an import.
    pub imported: bool,
    /// Somebody is named as its contact.
    pub has_contact: bool,
    /// It has an open task.
    pub has_next_step: bool,
    /// Nobody has touched it for too long, and nothing is planned soon.
    pub rotting: bool,
    /// It was moved to different stages at once, and nobody has chosen.
    pub stage_conflict: bool,
    /// When it entered its stage, where that is known otherwise than from `past`.
    pub stage_entered_at: Option<Timestamp>,
    /// What happened to it, oldest first; its creation first.
    pub past: Vec<Past>,
}

/// Something that happened to a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// When, by the author's clock.
    pub at: Timestamp,
    /// Who did it, as far as the report needs to know.
    pub by: Option<UserId>,
    /// What was before.
    pub was: Was,
}

/// What a lead had before a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// It was not there.
    Absent,
    /// It was in this stage; the many moves of a workspace share the few names of its stages.
    Stage(Arc<str>),
    /// It was worth so much.
    Value(i64),
    /// It was so probable.
    Probability(i64),
    /// It was expected to close then.
    ExpectedClose(Option<Date>),
    /// It was somebody's.
    Owner(Option<UserId>),
}

/// How a lead stood at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// In this stage.
    pub stage: &'a str,
    /// Worth so much.
    pub value_cents: i64,
    /// So probable.
    pub probability: i64,
    /// Expected to close then.
    pub expected_close: Option<Date>,
    /// Whose it was.
    pub owner: Option<UserId>,
    /// When it had entered that stage.
    pub entered_at: Option<Timestamp>,
}

impl Standing<'_> {
    /// Value times probability, not yet divided by 100.
    pub(crate) fn weight(&self) -> i128 {
        i128::from(self.value_cents) * i128::from(self.probability)
    }
}

impl LeadFacts {
    /// The source as it is compared: trimmed, case- and accent-blind.
    pub(crate) fn source_key(&self) -> String {
        fold(&self.source).trim().to_owned()
    }

    /// As it stands now.
    pub fn now(&self) -> Standing<'_> {
        Standing {
            stage: &self.stage,
            value_cents: self.value_cents,
            probability: self.probability,
            expected_close: self.expected_close,
            owner: self.owner,
            entered_at: self.entered_stage(),
        }
    }

    /// As it stood just before a moment: the present, with everything taken back that happened since. `None` when it
    /// was not there.
    pub fn before(&self, moment: Timestamp) -> Option<Standing<'_>> {
        if self.known_since().is_some_and(|since| since >= moment) {
            return None;
        }
        let mut then = self.now();
        for past in self.past.iter().rev().take_while(|past| past.at >= moment) {
            match &past.was {
                Was::Absent => {}
                Was::Stage(stage) => then.stage = stage,
                Was::Value(cents) => then.value_cents = *cents,
                Was::Probability(percent) => then.probability = *percent,
                Was::ExpectedClose(day) => then.expected_close = *day,
                Was::Owner(owner) => then.owner = *owner,
            }
        }
        let moved = self.moves().map(|(at, _)| at).take_while(|at| *at < moment).last();
        then.entered_at = moved.or(self.created_at);
        Some(then)
    }

    /// When the CRM learned of it.
    pub fn known_since(&self) -> Option<Timestamp> {
        let created = self.past.iter().find(|past| past.was == Was::Absent).map(|past| past.at);
        created.or(self.created_at)
    }

    /// Moves between stages: when, and the stage before.
    fn moves(&self) -> impl Iterator<Item = (Timestamp, &str)> {
        self.past.iter().filter_map(|past| match &past.was {
            Was::Stage(stage) => Some((past.at, &**stage)),
            _ => None,
        })
    }

    /// Every stage it came to, with when: the first one at its creation.
    pub(crate) fn entries(&self) -> Vec<(Timestamp, &str)> {
        let moves: Vec<(Timestamp, &str)> = self.moves().collect();
        let first = moves.first().map_or(self.stage.as_str(), |(_, before)| before);
        let mut entries = Vec::with_capacity(moves.len() + 1);
        entries.extend(self.created_at.map(|at| (at, first)));
        for (index, (at, _)) in moves.iter().enumerate() {
            let next = moves.get(index + 1).map_or(self.stage.as_str(), |(_, before)| before);
            entries.push((*at, next));
        }
        entries
    }

    fn entered_stage(&self) -> Option<Timestamp> {
        let moved = self.moves().last().map(|(at, _)| at);
        moved.max(self.stage_entered_at).or(self.created_at)
    }

    /// Whose it was when it came to the stage in which it is: who is credited with a win.
    pub(crate) fn owner_at_close(&self) -> Option<UserId> {
        let Some(closed_at) = self.moves().last().map(|(at, _)| at).or_else(|| self.known_since()) else {
            return self.owner;
        };
        let later = self.past.iter().filter(|past| past.at > closed_at);
        let before = later.into_iter().find_map(|past| match &past.was {
            Was::Owner(owner) => Some(*owner),
            _ => None,
        });
        before.unwrap_or(self.owner)
    }

    /// Whose it was when it was created.
    pub(crate) fn first_owner(&self) -> Option<UserId> {
        let first = self.past.iter().find_map(|past| match &past.was {
            Was::Owner(owner) => Some(*owner),
            _ => None,
        });
        first.unwrap_or(self.owner)
    }

    /// The day it was created; `None` when nobody knows, because an import did not say.
    pub(crate) fn created_on(&self, facts: &Facts) -> Option<Date> {
        let created = facts.day(self.created_at?);
        let came = self.past.iter().find(|past| past.was == Was::Absent).map(|past| facts.day(past.at));
        let says_nothing = self.imported && came == Some(created);
        (!says_nothing).then_some(created)
    }

    /// Days from its creation to its close, the same day being 0; `None` when the creation is not known or lies after
    /// the close, as it does when an import brought a closed lead without it.
    pub(crate) fn cycle_days(&self, facts: &Facts) -> Option<i64> {
        let days = self.closed_on?.days_since(self.created_on(facts)?);
        (days >= 0).then_some(i64::from(days))
    }
}

/// An activity that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityFacts {
    /// Its id.
    pub id: RecordId,
    /// Its owner: who did it.
    pub owner: Option<UserId>,
    /// Its type.
    pub of: String,
    /// When it happened.
    pub at: Timestamp,
    /// How long it took.
    pub minutes: i64,
    /// The lead it is about.
    pub lead: Option<RecordId>,
    /// It came with an import.
    pub imported: bool,
}

/// A completed task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFacts {
    /// Its id.
    pub id: RecordId,
    /// Who completed it.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// The lead it is about.
    pub lead: Option<RecordId>,
    /// It was imported as completed.
    pub imported: bool,
}

/// A file that was added to a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Who added it.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// The lead.
    pub lead: RecordId,
}

/// Somebody of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// They can sign in.
    pub active: bool,
}
