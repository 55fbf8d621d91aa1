//! What the screens watch: each frame names the queries it needs; the difference to the last frame becomes
//! `Watch` and `Unwatch` requests. Every change of a query takes a fresh number, so a late answer to an older
//! question is never mistaken for the current one.

use std::collections::BTreeMap;

use model::RecordId;
use model::app::{Request, RequestId};
use model::query::{
    Answer, AsOfField, Board, BoardQuery, Conflict, Detail, Diagnostics, Duplicates, FileRow, Hit, List, ListQuery,
    Lookalike, NextBest, Overview, Query, QuickLogShare, RefusedCommand, StorageUse, Suggestion, TagRow, TimelineEntry,
    Workspace,
};
use model::reminder::Reminder;
use model::report::Report;

/// A place on the screen that an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// Settings and people.
    Workspace,
    /// Figures and badges.
    Overview,
    /// The pipeline.
    Board,
    /// The list of the current screen.
    List,
    /// The rows that "select all" asks for.
    Selection,
    /// Of what matches, the rows that the person may edit.
    Editable,
    /// The open record.
    Detail,
    /// The open record's history.
    Timeline,
    /// Overdue tasks of the day that shows.
    Tasks,
    /// Tasks due today and in the days after it.
    Ahead,
    /// What the leads of the day that shows come to.
    Sums,
    /// My leads without a next step.
    NoNextStep,
    /// Open leads that should close this month.
    Closing,
    /// What asks for attention most.
    NextBest,
    /// Today's meetings.
    Meetings,
    /// Palette hits.
    Search,
    /// What a picker found.
    Picker,
    /// Suggestions.
    Suggestions,
    /// The open record's files.
    Files,
    /// Refused commands.
    Refused,
    /// Conflicts.
    Conflicts,
    /// The records that are being merged.
    Merging,
    /// Records that may be the same.
    Duplicates,
    /// Saved views.
    Views,
    /// The leads of the stage that is to be removed.
    StageLeads,
    /// What was chosen on this device.
    Preferences,
    /// Reminders whose moment has come.
    Reminders,
    /// A page of the open record's timeline.
    History,
    /// Every value of one field of the open record.
    FieldHistory,
    /// What the open record was at a moment.
    AsOf,
    /// Others of the open lead's account.
    Colleagues,
    /// The stages that the open lead has been in.
    Stages,
    /// The open report.
    Report,
    /// How much room everything takes.
    Storage,
    /// Tags with their counts.
    Tags,
    /// How activities were logged lately.
    QuickLogShare,
    /// How this device stands.
    Diagnostics,
    /// Records that the one in the open form may be again.
    Lookalikes,
    /// The activities or tasks behind a figure.
    Behind,
    /// The record that the open form is about.
    Subject,
    /// The task or activity that is to be edited.
    Editing,
    /// Open tasks of the leads that are being closed.
    OpenTasks,
    /// Leads looked at lately.
    RecentLeads,
    /// Accounts looked at lately.
    RecentAccounts,
    /// Contacts looked at lately.
    RecentContacts,
}

impl Slot {
    /// Whether the last answer still shows something true while the next one is on its way.
    const fn keeps_last(self) -> bool {
        !matches!(
            self,
            Self::Detail
                | Self::Timeline
                | Self::Files
                | Self::Selection
                | Self::Editable
                | Self::FieldHistory
                | Self::History
                | Self::Stages
                | Self::Colleagues
                | Self::Merging
                | Self::StageLeads
                | Self::AsOf
                | Self::Subject
                | Self::Editing
                | Self::OpenTasks
        )
    }
}

#[derive(Debug)]
struct Watch {
    id: RequestId,
    query: Query,
    answer: Option<Answer>,
}

/// The watches in force, with their latest answers.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    watches: BTreeMap<Slot, Watch>,
    last_id: RequestId,
}

impl Feed {
    /// A fresh request number.
    pub(crate) fn fresh_id(&mut self) -> RequestId {
        self.last_id += 1;
        self.last_id
    }

    /// Makes the watches be exactly `wanted`; returns what must be asked for that.
    pub(crate) fn want(&mut self, wanted: BTreeMap<Slot, Query>) -> Vec<Request> {
        let mut requests = Vec::new();
        self.watches.retain(|slot, watch| {
            let stays = wanted.contains_key(slot);
            if !stays {
                requests.push(Request::Unwatch(watch.id));
            }
            stays
        });
        for (slot, query) in wanted {
            if self.watches.get(&slot).is_some_and(|watch| watch.query == query) {
                continue;
            }
            let id = self.fresh_id();
            let old = self.watches.remove(&slot);
            if let Some(old) = &old {
                requests.push(Request::Unwatch(old.id));
            }
            let answer = old.filter(|old| slot.keeps_last() && same_subject(&old.query, &query));
            let answer = answer.and_then(|old| old.answer);
            requests.push(Request::Watch(id, query.clone()));
            self.watches.insert(slot, Watch { id, query, answer });
        }
        requests
    }

    /// Takes an answer in; `false` when nobody waits for it any more.
    pub(crate) fn take(&mut self, id: RequestId, answer: Answer) -> bool {
        let Some(watch) = self.watches.values_mut().find(|watch| watch.id == id) else { return false };
        watch.answer = Some(answer);
        true
    }

    /// Asks again for a slot, after an optimistic change turned out wrong.
    pub(crate) fn ask_again(&mut self, slot: Slot) -> Option<Request> {
        let id = self.fresh_id();
        let watch = self.watches.get_mut(&slot)?;
        watch.id = id;
        Some(Request::Watch(id, watch.query.clone()))
    }

    fn answer(&self, slot: Slot) -> Option<&Answer> {
        self.watches.get(&slot)?.answer.as_ref()
    }

    /// The slot's answer, to show an edit before the replica has answered.
    pub(crate) fn answer_mut(&mut self, slot: Slot) -> Option<&mut Answer> {
        self.watches.get_mut(&slot)?.answer.as_mut()
    }

    /// The pipeline.
    pub(crate) fn board(&self) -> Option<&Board> {
        if let Some(Answer::Board(board)) = self.answer(Slot::Board) { Some(board) } else { None }
    }

    /// A list.
    pub(crate) fn list(&self, slot: Slot) -> Option<&List> {
        if let Some(Answer::List(list)) = self.answer(slot) { Some(list) } else { None }
    }

    /// The open record; the inner `None` says that it isn't on this device.
    pub(crate) fn detail(&self) -> Option<Option<&Detail>> {
        if let Some(Answer::Detail(detail)) = self.answer(Slot::Detail) { Some(detail.as_deref()) } else { None }
    }

    /// What the leads of the day that shows come to, stage by stage, without the leads.
    pub(crate) fn sums(&self) -> Option<&Board> {
        if let Some(Answer::Board(board)) = self.answer(Slot::Sums) { Some(board) } else { None }
    }

    /// The page of what the open form is about.
    pub(crate) fn subject(&self) -> Option<&Detail> {
        if let Some(Answer::Detail(detail)) = self.answer(Slot::Subject) { detail.as_deref() } else { None }
    }

    /// The record that is to be edited; the inner `None` says that it isn't on this device.
    pub(crate) fn editing(&self) -> Option<Option<&Detail>> {
        if let Some(Answer::Detail(detail)) = self.answer(Slot::Editing) { Some(detail.as_deref()) } else { None }
    }

    /// The open record's history.
    pub(crate) fn timeline(&self) -> Option<&[TimelineEntry]> {
        if let Some(Answer::Timeline(entries)) = self.answer(Slot::Timeline) { Some(entries) } else { None }
    }

    /// Palette hits.
    pub(crate) fn hits(&self) -> &[Hit] {
        if let Some(Answer::Search(hits)) = self.answer(Slot::Search) { hits } else { &[] }
    }

    /// What a picker found among records of several kinds.
    pub(crate) fn picker_hits(&self) -> &[Hit] {
        if let Some(Answer::Search(hits)) = self.answer(Slot::Picker) { hits } else { &[] }
    }

    /// Settings and people.
    pub(crate) fn workspace(&self) -> Option<&Workspace> {
        if let Some(Answer::Workspace(workspace)) = self.answer(Slot::Workspace) { Some(workspace) } else { None }
    }

    /// Figures and badges.
    pub(crate) fn overview(&self) -> Option<&Overview> {
        if let Some(Answer::Overview(overview)) = self.answer(Slot::Overview) { Some(overview) } else { None }
    }

    /// What asks for attention most.
    pub(crate) fn next_best(&self) -> Option<&NextBest> {
        if let Some(Answer::NextBest(best)) = self.answer(Slot::NextBest) { Some(best) } else { None }
    }

    /// Suggestions to me and from me.
    pub(crate) fn suggestions(&self) -> &[Suggestion] {
        if let Some(Answer::Suggestions(suggestions)) = self.answer(Slot::Suggestions) { suggestions } else { &[] }
    }

    /// The open record's files.
    pub(crate) fn files(&self) -> &[FileRow] {
        if let Some(Answer::Files(files)) = self.answer(Slot::Files) { files } else { &[] }
    }

    /// Refused commands.
    pub(crate) fn refused(&self) -> &[RefusedCommand] {
        if let Some(Answer::Refused(refused)) = self.answer(Slot::Refused) { refused } else { &[] }
    }

    /// Ids of everything that matches.
    pub(crate) fn matching(&self, slot: Slot) -> Option<&[RecordId]> {
        if let Some(Answer::Matching(ids)) = self.answer(slot) { Some(ids) } else { None }
    }

    /// What was chosen on this device.
    pub(crate) fn preferences(&self) -> Option<&BTreeMap<String, String>> {
        if let Some(Answer::Preferences(kept)) = self.answer(Slot::Preferences) { Some(kept) } else { None }
    }

    /// Records that may be the same.
    pub(crate) fn duplicates(&self) -> Option<&Duplicates> {
        if let Some(Answer::Duplicates(found)) = self.answer(Slot::Duplicates) { Some(found) } else { None }
    }

    /// Reminders whose moment has come, the latest first.
    pub(crate) fn reminders(&self) -> &[Reminder] {
        if let Some(Answer::Reminders(reminders)) = self.answer(Slot::Reminders) { reminders } else { &[] }
    }

    /// A page of the open record's timeline.
    pub(crate) fn history(&self) -> Option<&[TimelineEntry]> {
        if let Some(Answer::Timeline(entries)) = self.answer(Slot::History) { Some(entries) } else { None }
    }

    /// Every value of one field of the open record.
    pub(crate) fn field_history(&self) -> Option<&[TimelineEntry]> {
        if let Some(Answer::Timeline(entries)) = self.answer(Slot::FieldHistory) { Some(entries) } else { None }
    }

    /// The stages that the open lead has been in, the latest first.
    pub(crate) fn stages(&self) -> &[TimelineEntry] {
        if let Some(Answer::Timeline(entries)) = self.answer(Slot::Stages) { entries } else { &[] }
    }

    /// What the open record was at a moment.
    pub(crate) fn as_of(&self) -> Option<&[AsOfField]> {
        if let Some(Answer::AsOf(fields)) = self.answer(Slot::AsOf) { Some(fields) } else { None }
    }

    /// The open report.
    pub(crate) fn report(&self) -> Option<&Report> {
        if let Some(Answer::Report(report)) = self.answer(Slot::Report) { Some(report) } else { None }
    }

    /// How much room everything takes.
    pub(crate) fn storage(&self) -> Option<&StorageUse> {
        if let Some(Answer::Storage(used)) = self.answer(Slot::Storage) { Some(used) } else { None }
    }

    /// Tags with their counts.
    pub(crate) fn tags(&self) -> Option<&[TagRow]> {
        if let Some(Answer::Tags(tags)) = self.answer(Slot::Tags) { Some(tags) } else { None }
    }

    /// How activities were logged lately.
    pub(crate) fn quick_log_share(&self) -> Option<QuickLogShare> {
        if let Some(Answer::QuickLogShare(share)) = self.answer(Slot::QuickLogShare) { Some(*share) } else { None }
    }

    /// How this device stands.
    pub(crate) fn diagnostics(&self) -> Option<&Diagnostics> {
        if let Some(Answer::Diagnostics(of)) = self.answer(Slot::Diagnostics) { Some(of) } else { None }
    }

    /// Records that the one in the open form may be again.
    pub(crate) fn lookalikes(&self) -> &[Lookalike] {
        if let Some(Answer::Lookalikes(found)) = self.answer(Slot::Lookalikes) { found } else { &[] }
    }

    /// Conflicts.
    pub(crate) fn conflicts(&self) -> &[Conflict] {
        if let Some(Answer::Conflicts(conflicts)) = self.answer(Slot::Conflicts) { conflicts } else { &[] }
    }
}

/// Whether two queries ask about the same thing, so that the old answer may stand in for the new one.
fn same_subject(old: &Query, new: &Query) -> bool {
    match (old, new) {
        (Query::List(ListQuery { kind: old, .. }), Query::List(ListQuery { kind: new, .. })) => old == new,
        (Query::Board(BoardQuery { .. }), Query::Board(BoardQuery { .. })) => true,
        (Query::Report(old), Query::Report(new)) => old.name == new.name,
        (old, new) => std::mem::discriminant(old) == std::mem::discriminant(new),
    }
}

#[cfg(test)]
mod tests {
    use model::Kind;

    use super::*;

    fn wanted(slot: Slot, query: Query) -> BTreeMap<Slot, Query> {
        BTreeMap::from([(slot, query)])
    }

    #[test]
    fn a_query_is_asked_once_and_ended_when_nobody_needs_it() {
        let mut feed = Feed::default();

        let first = feed.want(wanted(Slot::Overview, Query::Overview));
        let again = feed.want(wanted(Slot::Overview, Query::Overview));
        let ended = feed.want(BTreeMap::new());

        assert_eq!(first, [Request::Watch(1, Query::Overview)]);
        assert_eq!(again, []);
        assert_eq!(ended, [Request::Unwatch(1)]);
    }

    #[test]
    fn an_answer_to_an_older_question_is_dropped() {
        let mut feed = Feed::default();
        let all = ListQuery::of(Kind::Lead);
        feed.want(wanted(Slot::List, Query::List(all.clone())));
        feed.want(wanted(Slot::List, Query::List(ListQuery { text: "acme".into(), ..all })));

        let empty = List { total: 0, sum_cents: 0, weighted_cents: 0, offset: 0, rows: Vec::new() };

        assert!(!feed.take(1, Answer::List(empty.clone())));
        assert!(feed.take(2, Answer::List(empty)));
    }
}
