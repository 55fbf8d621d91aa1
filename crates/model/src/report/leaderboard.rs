//! Leaderboard: who did what in a period.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeadFacts, Was};
use super::figures::{Members, Sum};
use super::period::Span;
use super::question::Question;
use super::won_lost::value;
use crate::{RecordId, StageKind, Timestamp, UserId};

/// Everybody's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaderboard {
    /// Most won first, then most activities. Empty when it is hidden.
    pub rows: Vec<LeaderboardRow>,
    /// An administrator has switched it off.
    pub switched_off: bool,
    /// Nobody can be compared with one person.
    pub alone: bool,
    /// Imported activities and leads count too.
    pub with_imports: bool,
    /// Imported activities and leads that were left out.
    pub imports_left_out: u64,
}

/// One person's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaderboardRow {
    /// Who; `None` for what belongs to nobody known.
    pub owner: Option<UserId>,
    /// Their name.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// E-mails.
    pub emails: u64,
    /// Meetings.
    pub meetings: u64,
    /// Notes.
    pub notes: u64,
    /// SMS.
    pub sms: u64,
    /// All activities.
    pub activities: u64,
    /// Minutes of calls.
    pub call_minutes: u64,
    /// Tasks that they completed.
    pub tasks: u64,
    /// Leads created.
    pub created: u64,
    /// Different leads with an activity, a completed task, a move or a file of theirs.
    pub touched: u64,
    /// Won, credited to the owner at the close.
    pub won: Sum,
}

/// Rows on their way.
struct Board<'a> {
    rows: BTreeMap<Option<UserId>, LeaderboardRow>,
    touched: BTreeSet<(Option<UserId>, RecordId)>,
    /// The leads that the question is about, in order.
    known: Vec<RecordId>,
    members: &'a mut Members,
    left_out: u64,
}

impl Board<'_> {
    fn row(&mut self, who: Option<UserId>) -> &mut LeaderboardRow {
        self.rows.entry(who).or_default()
    }

    fn note(&mut self, figure: &str, who: Option<UserId>, record: RecordId) {
        self.members.add(CellOf { figure, who }, record);
    }

    fn touch(&mut self, who: Option<UserId>, lead: Option<RecordId>) {
        let Some(lead) = lead.filter(|lead| self.known.binary_search(lead).is_ok()) else { return };
        if self.touched.insert((who, lead)) {
            self.row(who).touched += 1;
            self.note("touched", who, lead);
        }
    }
}

/// The name of a person's figure.
pub(super) struct CellOf<'a> {
    /// Which figure.
    pub(super) figure: &'a str,
    /// Whose.
    pub(super) who: Option<UserId>,
}

impl fmt::Display for CellOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Some(who) => write!(f, "{}/{}", self.figure, who.record()),
            None => write!(f, "{}/nobody", self.figure),
        }
    }
}

/// Compares the people.
pub(super) fn compare(question: &Question, facts: &Facts, members: &mut Members) -> Leaderboard {
    let alone = facts.people.iter().filter(|person| person.active).count() <= 1;
    if alone || facts.leaderboard_off {
        return Leaderboard { switched_off: facts.leaderboard_off, alone, ..Leaderboard::default() };
    }
    let span = question.period.span(facts.today(), &facts.calendar);
    let leads: Vec<&LeadFacts> = facts.leads_of(question).collect();
    let mut known: Vec<RecordId> = leads.iter().map(|lead| lead.id).collect();
    known.sort_unstable();
    let mut board = Board { rows: BTreeMap::new(), touched: BTreeSet::new(), known, members, left_out: 0 };
    // The first moments of the first day and of the day after the last one: no zone is asked about every moment.
    let (from, end) = (span.from.start_in(&facts.zone), span.to.plus_days(1).start_in(&facts.zone));
    let within = |at: Timestamp| at <= facts.now && from <= at && at < end;
    activities(question, facts, &within, &mut board);
    tasks(question, facts, &within, &mut board);
    for lead in leads {
        of_lead(question, facts, (lead, span, &within), &mut board);
    }
    for file in facts.files.iter().filter(|file| within(file.at)) {
        board.touch(file.by, Some(file.lead));
    }
    let imports_left_out = board.left_out;
    let rows = named(board.rows, question, facts);
    Leaderboard { rows, switched_off: false, alone, with_imports: question.imports, imports_left_out }
}

/// Whether a question about some leads asks about what is tied to no lead, or to another one.
fn is_asked(question: &Question, board: &Board<'_>, lead: Option<RecordId>) -> bool {
    let narrowed = question.source.is_some() || !question.tag.is_empty();
    lead.map_or(!narrowed, |lead| !narrowed || board.known.binary_search(&lead).is_ok())
}

fn activities(question: &Question, facts: &Facts, within: &impl Fn(Timestamp) -> bool, board: &mut Board<'_>) {
    for activity in facts.activities.iter().filter(|activity| within(activity.at)) {
        if !is_asked(question, board, activity.lead) {
            continue;
        }
        if activity.imported && !question.imports {
            board.left_out += 1;
            continue;
        }
        let who = activity.owner;
        let row = board.row(who);
        row.activities += 1;
        let figure = match activity.of.as_str() {
            "call" => {
                row.calls += 1;
                row.call_minutes += u64::try_from(activity.minutes).unwrap_or(0);
                "calls"
            }
            "email" => {
                row.emails += 1;
                "emails"
            }
            "meeting" => {
                row.meetings += 1;
                "meetings"
            }
            "sms" => {
                row.sms += 1;
                "sms"
            }
            _ => {
                row.notes += 1;
                "notes"
            }
        };
        board.note(figure, who, activity.id);
        board.note("activities", who, activity.id);
        board.touch(who, activity.lead);
    }
}

fn tasks(question: &Question, facts: &Facts, within: &impl Fn(Timestamp) -> bool, board: &mut Board<'_>) {
    for task in facts.tasks.iter().filter(|task| within(task.at)) {
        if !is_asked(question, board, task.lead) {
            continue;
        }
        if task.imported && !question.imports {
            board.left_out += 1;
            continue;
        }
        board.row(task.by).tasks += 1;
        board.note("tasks", task.by, task.id);
        board.touch(task.by, task.lead);
    }
}

fn of_lead(
    question: &Question,
    facts: &Facts,
    (lead, span, within): (&LeadFacts, Span, &impl Fn(Timestamp) -> bool),
    board: &mut Board<'_>,
) {
    if lead.created_at.is_some_and(within) {
        if lead.imported && !question.imports {
            board.left_out += 1;
        } else {
            let who = lead.first_owner();
            board.row(who).created += 1;
            board.note("created", who, lead.id);
        }
    }
    let is_won = facts.stages.kind(&lead.stage) == StageKind::Won;
    if is_won && lead.closed_on.is_some_and(|day| span.contains(day)) {
        let who = lead.owner_at_close();
        board.row(who).won.add(value(lead, question.as_closed));
        board.note("won", who, lead.id);
    }
    for past in &lead.past {
        if matches!(past.was, Was::Stage(_)) && within(past.at) {
            board.touch(past.by, Some(lead.id));
        }
    }
}

fn named(
    mut rows: BTreeMap<Option<UserId>, LeaderboardRow>,
    question: &Question,
    facts: &Facts,
) -> Vec<LeaderboardRow> {
    for person in facts.people.iter().filter(|person| person.active) {
        rows.entry(Some(person.id)).or_default();
    }
    let name = |who: Option<UserId>| {
        let person = facts.people.iter().find(|person| Some(person.id) == who);
        person.map_or_else(|| "Unknown".to_owned(), |person| person.name.clone())
    };
    let asked = |who: &Option<UserId>| question.owner.is_none() || *who == question.owner;
    let rows = rows.into_iter().filter(|(who, _)| asked(who));
    let mut rows: Vec<LeaderboardRow> =
        rows.map(|(owner, row)| LeaderboardRow { owner, name: name(owner), ..row }).collect();
    rows.sort_by(|a, b| (b.won.cents, b.activities, &a.name).cmp(&(a.won.cents, a.activities, &b.name)));
    rows
}
