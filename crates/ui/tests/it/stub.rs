//! A stand-in for the replica: records in memory, the model's own planning, queries answered by scanning.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use model::action::{Action, Edit, Label};
use model::app::{Done, Me, Request, RequestId, Session, SyncState, Trouble, Update};
use model::build::SeededIds;
use model::fold::{contains_all, fold, fold_words};
use model::plan::{Circumstances, plan, touched};
use model::policy::Actor;
use model::query::*;
use model::reminder::Reminder;
use model::time::DAY_MILLIS;
use model::{
    ChangeHash, CommandId, Date, IdSource, Kind, Record, RecordId, RecordRef, Role, Settings, StageKind, Timestamp,
    UserId, Value, score,
};

/// Records as they were before a command.
type Before = Vec<(RecordId, Option<Record>)>;
#[path = "stub_report.rs"]
mod report;

/// The replica's stand-in.
#[derive(Clone)]
pub(crate) struct StubReplica {
    /// Everything there is.
    pub records: BTreeMap<RecordId, Record>,
    /// Who and where we are.
    pub session: Session,
    /// The workspace.
    pub settings: Settings,
    /// The present moment.
    pub now: Timestamp,
    /// Every request so far.
    pub requests: Vec<Request>,
    /// Conflicts to show.
    pub conflicts: Vec<Conflict>,
    /// Refused commands to show.
    pub refused: Vec<RefusedCommand>,
    /// Suggestions to show.
    pub suggestions: Vec<Suggestion>,
    /// Files to show on every page.
    pub files: Vec<FileRow>,
    /// Choices of this device.
    pub preferences: BTreeMap<String, String>,
    /// The next action fails with this.
    pub fail_next: Option<Trouble>,
    tasks: BTreeMap<RecordId, Vec<RecordId>>,
    history: Vec<(RecordId, TimelineEntry)>,
    watches: BTreeMap<RequestId, Query>,
    undo: BTreeMap<CommandId, (Label, Before)>,
    ids: SeededIds,
}

pub(crate) fn me() -> UserId {
    UserId::from_bytes([1; 16])
}

impl StubReplica {
    /// A device on which nobody has started yet.
    pub(crate) fn empty(now: Timestamp) -> Self {
        let session = Session { me: None, server: String::new(), sync: SyncState::Alone, waiting: 0, refused: 0 };
        Self {
            records: BTreeMap::new(),
            session,
            settings: Settings::default(),
            now,
            requests: Vec::new(),
            conflicts: Vec::new(),
            refused: Vec::new(),
            suggestions: Vec::new(),
            files: Vec::new(),
            preferences: BTreeMap::new(),
            fail_next: None,
            tasks: BTreeMap::new(),
            history: Vec::new(),
            watches: BTreeMap::new(),
            undo: BTreeMap::new(),
            ids: SeededIds::new(7),
        }
    }

    /// Ada's device, with nothing in it.
    pub(crate) fn started(now: Timestamp) -> Self {
        let mut stub = Self::empty(now);
        stub.start("Ada Lovelace");
        stub
    }

    /// Ada's device with sample data.
    pub(crate) fn with_sample(now: Timestamp, leads: u32) -> Self {
        let mut stub = Self::started(now);
        let edits = model::sample::sample_edits(&mut stub.ids, me(), now, leads);
        stub.apply(&edits);
        stub
    }

    /// Gives the person another role.
    pub(crate) fn with_role(mut self, role: Role) -> Self {
        if let Some(me) = &mut self.session.me {
            me.role = role;
        }
        self
    }

    /// Adds finished records.
    pub(crate) fn with(mut self, records: impl IntoIterator<Item = Record>) -> Self {
        self.records.extend(records.into_iter().map(|record| (record.id, record)));
        self
    }

    /// The first record of a kind.
    pub(crate) fn first(&self, kind: Kind) -> Option<&Record> {
        self.records.values().find(|record| record.kind == kind)
    }

    /// Gives records names that are long, wide or written from the right.
    pub(crate) fn give_long_names(&mut self) {
        const NAMES: [&str; 4] = [
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH",
            "株式会社東京データ解析研究所グローバルソリューション事業本部",
            "شركة الحلول التقنية المتقدمة للتجارة والمقاولات العامة المحدودة",
            "חברת הפתרונות הטכנולוגיים המתקדמים בעמ",
        ];
        for (index, record) in self.records.values_mut().enumerate() {
            let name = NAMES[index % NAMES.len()];
            for key in ["name", "title", "last_name"] {
                if record.get(key).is_some() {
                    record.fields.insert(key.into(), format!("{name} {index}").into());
                }
            }
        }
    }

    fn start(&mut self, name: &str) {
        let me = Me { id: me(), name: name.to_owned(), email: String::new(), role: Role::Admin };
        let mut user = Record::new(Kind::User, me.id.record());
        user.fields.insert("name".into(), name.into());
        self.records.insert(user.id, user);
        self.session.me = Some(me);
    }

    /// Takes a request and answers it.
    pub(crate) fn handle(&mut self, request: Request) -> Vec<Update> {
        self.requests.push(request.clone());
        match request {
            Request::StartSolo { name } => {
                self.start(&name);
                vec![Update::Session(self.session.clone())]
            }
            Request::Ask(id, query) => vec![Update::Answer(id, self.answer(&query))],
            Request::Watch(id, query) => {
                let answer = self.answer(&query);
                self.watches.insert(id, query);
                vec![Update::Answer(id, answer)]
            }
            Request::Unwatch(id) => {
                self.watches.remove(&id);
                Vec::new()
            }
            Request::Prefer { key, value } => {
                self.preferences.insert(key, value);
                self.preferences.retain(|_, value| !value.is_empty());
                let watches = self.watches.iter().filter(|(_, query)| **query == Query::Preferences);
                watches.map(|(id, query)| Update::Answer(*id, self.answer(query))).collect()
            }
            Request::Do(id, action) => {
                let outcome = self.act(action);
                let mut updates = vec![Update::Done(id, outcome)];
                updates.extend(self.watches.iter().map(|(id, query)| Update::Answer(*id, self.answer(query))));
                updates
            }
            _ => Vec::new(),
        }
    }

    fn act(&mut self, action: Action) -> Result<Done, Trouble> {
        if let Some(trouble) = self.fail_next.take() {
            return Err(trouble);
        }
        let planned = match action {
            Action::Undo(command) | Action::UndoOver { command, .. } => return Ok(self.take_back(command)),
            Action::LoadSample { leads } => {
                let edits = model::sample::sample_edits(&mut self.ids, me(), self.now, leads);
                model::plan::Planned { label: Label::SampleLoaded, edits }
            }
            action => {
                let actor = self.session.me.as_ref().expect("somebody started");
                let actor =
                    Actor { user: actor.id, role: actor.role, only_owners_edit: self.settings.only_owners_edit };
                let records =
                    touched(&action).iter().filter_map(|of| Some((of.id, self.records.get(&of.id)?.clone()))).collect();
                let met = Circumstances {
                    now: self.now,
                    actor,
                    settings: &self.settings,
                    records: &records,
                    open_tasks: &[],
                    hanging: &[],
                    above: None,
                    below: None,
                };
                plan(action, &met)?
            }
        };
        let before = planned.edits.iter().map(|edit| edit.record().id).map(|id| (id, self.records.get(&id).cloned()));
        let before = before.collect();
        self.apply(&planned.edits);
        let command = self.ids.fresh_command_id();
        self.undo.insert(command, (planned.label.clone(), before));
        let records = planned.edits.iter().map(Edit::record).collect();
        Ok(Done { command: Some(command), label: planned.label, records })
    }

    fn take_back(&mut self, command: CommandId) -> Done {
        let (label, before) = self.undo.remove(&command).expect("the command is known");
        let label = match label {
            Label::Undid(of) => Label::Redid(of),
            of => Label::Undid(Box::new(of)),
        };
        let mut replaced = Vec::new();
        for (id, record) in before {
            let old = match record {
                Some(record) => self.records.insert(id, record),
                None => self.records.remove(&id),
            };
            replaced.push((id, old));
        }
        let command = self.ids.fresh_command_id();
        self.undo.insert(command, (label.clone(), replaced));
        Done { command: Some(command), label, records: Vec::new() }
    }

    /// Carries edits out.
    pub(crate) fn apply(&mut self, edits: &[Edit]) {
        for edit in edits {
            match edit {
                Edit::Create { record, fields } => {
                    let made = Record { kind: record.kind, id: record.id, fields: fields.clone() };
                    let at = made.time("created_at").unwrap_or(self.now);
                    self.note(record.id, at, Happened::Created);
                    for about in abouts(&made) {
                        let what = match made.kind {
                            Kind::Activity => Happened::Activity(Box::new(made.clone())),
                            Kind::Task => Happened::Task(Box::new(made.clone())),
                            _ => continue,
                        };
                        self.note(about, made.time("occurred_at").unwrap_or(at), what);
                    }
                    if let Some(about) = made.link("linked_id").filter(|_| made.kind == Kind::Task) {
                        self.tasks.entry(about).or_default().push(made.id);
                    }
                    self.records.insert(record.id, made);
                }
                Edit::Set { record, fields, .. } => {
                    for (key, value) in fields {
                        let held = self.records.get_mut(&record.id).expect("the record is here");
                        let before = match value {
                            Some(value) => held.fields.insert(key.clone(), value.clone()),
                            None => held.fields.remove(key),
                        };
                        let what = Happened::Field { key: key.clone(), before, after: value.clone() };
                        self.note(record.id, self.now, what);
                    }
                }
                Edit::Settle { record, key, .. } => {
                    self.conflicts.retain(|of| of.record != *record || of.key != *key);
                }
            }
        }
    }

    fn note(&mut self, id: RecordId, at: Timestamp, what: Happened) {
        let author = Author { user: Some(me()), name: "Ada Lovelace".into(), ..Author::default() };
        self.history.push((id, TimelineEntry { at, received_at: Some(at), author, what }));
    }

    fn answer(&self, query: &Query) -> Answer {
        match query {
            Query::Board(query) => Answer::Board(self.board(query)),
            Query::List(query) => Answer::List(self.list(query)),
            Query::Detail(record) => Answer::Detail(self.detail(*record).map(Box::new)),
            Query::Timeline { record, limit } => {
                let mut entries = self.told(*record);
                entries.truncate(*limit as usize);
                Answer::Timeline(entries)
            }
            Query::Search { text, limit_per_kind, .. } => Answer::Search(self.search(text, *limit_per_kind as usize)),
            Query::Workspace => Answer::Workspace(Box::new(Workspace {
                settings: self.settings.clone(),
                users: self.of(Kind::User).cloned().collect(),
            })),
            Query::Conflicts => Answer::Conflicts(self.conflicts.clone()),
            Query::Refused => Answer::Refused(self.refused.clone()),
            Query::Suggestions => Answer::Suggestions(self.suggestions.clone()),
            Query::Overview => Answer::Overview(self.overview()),
            Query::Files(_) => Answer::Files(self.files.clone()),
            Query::Matching(query) => {
                let all = self.list(&ListQuery { offset: 0, limit: MATCHING_MAX, ..query.clone() });
                Answer::Matching(all.rows.iter().map(|row| row.record.id).collect())
            }
            Query::Csv { .. } => Answer::Csv(String::new()),
            Query::Preferences => Answer::Preferences(self.preferences.clone()),
            Query::Duplicates { .. } => Answer::Duplicates(self.duplicates()),
            Query::NextBest { limit, .. } => Answer::NextBest(self.next_best(*limit)),
            Query::TimelinePage { record, part, offset, limit } => {
                let mut entries = self.told(*record);
                entries.retain(|entry| match part {
                    TimelinePart::All => true,
                    TimelinePart::Changes => matches!(entry.what, Happened::Field { .. } | Happened::Created),
                    TimelinePart::Conversations | TimelinePart::Activities => {
                        matches!(entry.what, Happened::Activity(_))
                    }
                });
                Answer::Timeline(entries.into_iter().skip(*offset as usize).take(*limit as usize).collect())
            }
            Query::FieldHistory { record, key } => {
                let mut entries = self.told(*record);
                entries.retain(|entry| matches!(&entry.what, Happened::Field { key: of, .. } if of == key));
                Answer::Timeline(entries)
            }
            Query::AsOf { record, at } => Answer::AsOf(self.as_of(*record, *at)),
            Query::Storage => {
                use model::query::{StorageLine, StorageUse};
                let records = self.records.len() as u64;
                let lines = vec![
                    (StorageLine::Records, records, records * 700),
                    (StorageLine::Documents, records, records * 560),
                    (StorageLine::History, records * 9, records * 1_100),
                    (StorageLine::Waiting, 0, 0),
                    (StorageLine::Log, records * 4, records * 400),
                    (StorageLine::Files, 12, 48_500_000),
                ];
                Answer::Storage(StorageUse { lines, database_bytes: records * 4_096, free_bytes: 0 })
            }
            Query::Export { .. } => Answer::Export(String::new()),
            Query::Reminders => Answer::Reminders(self.reminders()),
            Query::Tags => Answer::Tags(self.tags()),
            Query::QuickLogShare => {
                let own = LoggedCount { quick: 46, all: 50 };
                Answer::QuickLogShare(QuickLogShare { own, team: LoggedCount { quick: 120, all: 200 } })
            }
            Query::Diagnostics => Answer::Diagnostics(Box::new(Diagnostics {
                version: "0.1.0".into(),
                documents: self.records.len() as u64,
                waiting: self.session.waiting,
                ..Diagnostics::default()
            })),
            Query::Lookalikes { .. } => Answer::Lookalikes(Vec::new()),
            Query::Report(question) => Answer::Report(Box::new(self.report(question).0)),
        }
    }

    fn told(&self, record: RecordRef) -> Vec<TimelineEntry> {
        let mut entries: Vec<TimelineEntry> =
            self.history.iter().filter(|(id, _)| *id == record.id).map(|(_, entry)| entry.clone()).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        entries
    }

    fn as_of(&self, record: RecordRef, at: Timestamp) -> Vec<AsOfField> {
        let mut then = BTreeMap::new();
        for entry in self.told(record).into_iter().filter(|entry| entry.at > at) {
            if let Happened::Field { key, before, .. } = entry.what {
                then.insert(key, before);
            }
        }
        let now = &self.records[&record.id];
        then.into_iter().map(|(key, then)| AsOfField { now: now.get(&key).cloned(), then, key }).collect()
    }

    fn reminders(&self) -> Vec<Reminder> {
        let zone = self.settings.zone();
        let ring = self.of(Kind::Task).filter_map(|task| {
            let about_name = self.row(task).names.get("linked_id").cloned().unwrap_or_default();
            Some(Reminder { about_name, ..Reminder::of(task, &zone)? })
        });
        ring.filter(|reminder| reminder.at <= self.now).collect()
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.values().filter(move |record| record.kind == kind && !record.is_deleted())
    }

    fn overview(&self) -> Overview {
        let mut overview = Overview { today: Some(self.today()), ..Overview::default() };
        for kind in Kind::RECORDS {
            overview.counts.insert(kind, self.of(kind).count() as u64);
        }
        for lead in self.of(Kind::Lead) {
            let cents = lead.int("value_cents").unwrap_or(0);
            match self.settings.stage_kind(lead.place().0) {
                StageKind::Open => {
                    overview.open_cents += cents;
                    overview.weighted_cents += cents * lead.int("probability").unwrap_or(0) / 100;
                }
                StageKind::Won => overview.won_this_month_cents += cents,
                StageKind::Lost => {}
            }
        }
        let due = |task: &&Record| {
            task.text("status") == "open"
                && task.time("due_at").is_some_and(|due| due < self.now.plus_millis(DAY_MILLIS))
        };
        overview.tasks_due = self.of(Kind::Task).filter(due).count() as u64;
        overview.conflicts = self.conflicts.len() as u64;
        overview
    }

    /// Contacts of the same name stand for all duplicates.
    fn duplicates(&self) -> Duplicates {
        let mut by_name: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
        let here = self.records.values().filter(|of| !of.is_deleted() && of.link("merged_into").is_none());
        for record in here.filter(|record| record.kind == Kind::Contact) {
            by_name.entry(record.display_name()).or_default().push(record);
        }
        by_name.retain(|_, of| of.len() > 1 && of.iter().all(|record| record.members("distinct").next().is_none()));
        let row = |record: &&Record| self.row(record);
        let group = |of: &Vec<&Record>| DuplicateGroup { rows: of.iter().map(row).collect(), why: Likeness::Name };
        let groups: Vec<DuplicateGroup> = by_name.values().map(group).collect();
        Duplicates { total: groups.len() as u64, groups }
    }

    fn next_best(&self, limit: u32) -> NextBest {
        let stages: Vec<&str> =
            self.settings.stages.iter().filter(|of| of.kind == StageKind::Open).map(|of| of.id.as_str()).collect();
        let open = |lead: &&Record| stages.contains(&lead.place().0);
        let weighted =
            |lead: &Record| lead.int("value_cents").unwrap_or(0) * lead.int("probability").unwrap_or(0) / 100;
        let median_cents = score::median_cents(self.of(Kind::Lead).filter(open).map(weighted).collect());
        let viewpoint = score::Viewpoint { now: self.now, today: self.today(), median_cents };
        let mut calls: BTreeMap<RecordId, (Timestamp, bool)> = BTreeMap::new();
        for of in self.of(Kind::Activity) {
            let call = of.time("occurred_at").map(|at| (at, of.text("direction") == "in"));
            let Some((lead, call)) = of.link("lead_id").zip(call) else { continue };
            let last = calls.entry(lead).or_insert(call);
            *last = call.max(*last);
        }
        let scored = self.of(Kind::Lead).filter(open).filter_map(|lead| {
            let row = self.row(lead);
            let next = row.next_task.as_ref().map(|task| score::TaskFacts {
                id: task.id,
                due: task.due_at.map(|due| due.date_in(&self.settings.zone())),
                priority: score::Priority::from_name(&task.priority),
            });
            let called = calls.get(&lead.id).copied();
            let facts = score::LeadFacts {
                weighted_cents: weighted(lead),
                stage_index: stages.iter().position(|id| *id == lead.place().0).unwrap_or(0),
                rot_days: self.settings.stage(lead.place().0).map_or(0, |stage| stage.rot_days),
                created_at: lead.time("created_at").unwrap_or(self.now),
                last_activity: called.map(|(at, inbound)| score::LastActivity { at, inbound }),
                last_touched: called.map_or(self.now, |(at, _)| at).date_in(&self.settings.zone()),
                expected_close: lead.date("expected_close_date"),
            };
            let facts = score::Facts {
                subject: lead.reference(),
                account: lead.link("account_id"),
                lead: Some(facts),
                open_tasks: next.into_iter().collect(),
            };
            let quiet = score::Quiet::of(lead, row.last_touch_at);
            score::score_quietly(&facts, &viewpoint, &quiet)
        });
        let ranking = score::rank(scored.collect());
        let top = u32::try_from(ranking.top.len()).unwrap_or(0);
        let total = (ranking.top.len() + ranking.more.len()) as u64;
        let rows = ranking.top.into_iter().chain(ranking.more).take(limit as usize).map(|scored| {
            let row = self.row(&self.records[&scored.subject.id]);
            NextAction { task: row.next_task.clone(), row, scored }
        });
        NextBest { rows: rows.collect(), top, total }
    }

    fn today(&self) -> Date {
        self.now.date_in(&self.settings.zone())
    }

    fn row(&self, record: &Record) -> Row {
        let mut names = BTreeMap::new();
        for key in ["account_id", "primary_contact_id", "contact_id", "lead_id", "linked_id"] {
            if let Some(linked) = record.link(key).and_then(|id| self.records.get(&id)) {
                names.insert(key.to_owned(), linked.display_name());
            }
        }
        let tasks = self.tasks.get(&record.id).into_iter().flatten().filter_map(|id| self.records.get(id));
        let next = tasks
            .filter(|task| task.text("status") == "open")
            .min_by_key(|task| (task.time("due_at").is_none(), task.time("due_at")));
        let next_task = next.map(|task| NextTask {
            id: task.id,
            title: task.text("title").to_owned(),
            due_at: task.time("due_at"),
            priority: task.text("priority").to_owned(),
        });
        let owner_name = record.link("owner_id").and_then(|id| self.records.get(&id)).map(|user| user.text("name"));
        let is_account = record.kind == Kind::Account;
        let leads = || self.of(Kind::Lead).filter(|lead| is_account && lead.link("account_id") == Some(record.id));
        let cents = |kind: StageKind| -> i64 {
            let of = leads().filter(|lead| self.settings.stage_kind(lead.place().0) == kind);
            of.map(|lead| lead.int("value_cents").unwrap_or(0)).sum()
        };
        let open = if is_account {
            leads().filter(|lead| self.settings.stage_kind(lead.place().0) == StageKind::Open).count()
        } else {
            0
        };
        Row {
            record: record.clone(),
            names,
            owner_name: owner_name.unwrap_or_default().to_owned(),
            status: match record.kind {
                Kind::Lead => self.settings.stage_kind(record.place().0).status().to_owned(),
                _ => String::new(),
            },
            stage_entered_at: record.time("created_at"),
            last_touch_at: record.time("created_at"),
            next_task,
            open_leads: if is_account { u32::try_from(open).unwrap_or(0) } else { 0 },
            open_cents: if is_account { cents(StageKind::Open) } else { 0 },
            won_cents: if is_account { cents(StageKind::Won) } else { 0 },
            files: 0,
            pending: false,
            conflicted: self.conflicts.iter().any(|conflict| conflict.record.id == record.id),
            rotting: self.rots(record),
        }
    }

    fn rots(&self, record: &Record) -> bool {
        let Some(stage) = self.settings.stage(record.place().0) else { return false };
        let day = |record: &Record, key: &str| record.time(key).map(|at| at.date_in(&self.settings.zone()));
        let tasks = self.tasks.get(&record.id).into_iter().flatten().filter_map(|id| self.records.get(id));
        let due = tasks.filter(|task| task.text("status") == "open").filter_map(|task| day(task, "due_at"));
        let touched = day(record, "created_at").unwrap_or_else(|| self.today());
        let days = if stage.kind == StageKind::Open { stage.rot_days } else { 0 };
        model::rot::rotting_days(self.today(), touched, days, due).is_some()
    }

    fn matches(&self, record: &Record, text: &str, filter: &[Condition]) -> bool {
        let words = fold_words(text);
        let mut hay = record.display_name();
        for key in ["account_id", "primary_contact_id"] {
            if let Some(linked) = record.link(key).and_then(|id| self.records.get(&id)) {
                hay.push(' ');
                hay.push_str(&linked.display_name());
            }
        }
        (words.is_empty() || contains_all(&fold(&hay), &words)) && filter.iter().all(|of| self.holds(record, of))
    }

    fn holds(&self, record: &Record, condition: &Condition) -> bool {
        if condition.field == "figure" {
            return self.behind(condition).contains(&record.id);
        }
        let status = || self.settings.stage_kind(record.place().0).status();
        let value = match condition.field.as_str() {
            "status" if record.kind == Kind::Lead => Some(Value::from(status())),
            "stage" => Some(Value::from(record.place().0)),
            "no_next_step" => {
                let tasks = self.tasks.get(&record.id).into_iter().flatten().filter_map(|id| self.records.get(id));
                let planned = tasks.into_iter().any(|task| task.text("status") == "open");
                Some(Value::Bool(!planned && status() == "open"))
            }
            "id" => Some(Value::Id(record.id)),
            "rotting" => Some(Value::Bool(self.rots(record))),
            key => record.get(key).cloned(),
        };
        let first = condition.values.first();
        match condition.op {
            Op::Is => value.is_some_and(|value| condition.values.contains(&value)),
            Op::IsNot => value.is_none_or(|value| !condition.values.contains(&value)),
            Op::Empty => value.is_none(),
            Op::NotEmpty => value.is_some(),
            Op::Over => value.is_some_and(|value| Some(&value) > first),
            Op::Under => value.is_some_and(|value| Some(&value) < first),
            Op::Between => value.is_some_and(|value| Some(&value) >= first && Some(&value) <= condition.values.get(1)),
            Op::Contains => true,
        }
    }

    fn board(&self, query: &BoardQuery) -> Board {
        let columns = self.settings.stages.iter().map(|stage| {
            let mut leads: Vec<&Record> = self
                .of(Kind::Lead)
                .filter(|lead| lead.place().0 == stage.id && self.matches(lead, &query.text, &query.filter))
                .collect();
            leads.sort_by(|a, b| match query.sort {
                BoardSort::Value => b.int("value_cents").cmp(&a.int("value_cents")),
                _ => a.id.cmp(&b.id),
            });
            let cents = |lead: &&Record| lead.int("value_cents").unwrap_or(0);
            let weighted = |lead: &&Record| cents(lead) * lead.int("probability").unwrap_or(0);
            let (offset, limit) = query.windows.get(&stage.id).copied().unwrap_or((0, 50));
            BoardColumn {
                stage: stage.clone(),
                count: leads.len() as u64,
                sum_cents: leads.iter().map(cents).sum(),
                weighted_cents: leads.iter().map(weighted).sum::<i64>() / 100,
                offset,
                rows: leads.iter().skip(offset as usize).take(limit as usize).map(|lead| self.row(lead)).collect(),
                month_count: if stage.kind == StageKind::Open { 0 } else { leads.len() as u64 },
                month_cents: if stage.kind == StageKind::Open { 0 } else { leads.iter().map(cents).sum() },
                mean_age_days: 12,
            }
        });
        Board { columns: columns.collect() }
    }

    fn list(&self, query: &ListQuery) -> List {
        let trash = query.filter.iter().any(|of| of.field == "deleted_at");
        let mut found: Vec<&Record> = self
            .records
            .values()
            .filter(|record| record.kind == query.kind && record.is_deleted() == trash)
            .filter(|record| self.matches(record, &query.text, &query.filter))
            .collect();
        let shown = |record: &Record, key: &str| -> Option<Value> {
            match key {
                "stage" => Some(Value::from(record.place().0)),
                "last_touch_at" => record.get("created_at").cloned(),
                "account_id" | "owner_id" => {
                    let linked = record.link(key).and_then(|id| self.records.get(&id));
                    linked.map(|linked| Value::from(linked.display_name()))
                }
                key => record.get(key).cloned(),
            }
        };
        found.sort_by(|a, b| {
            let by_key = query.sort.iter().map(|sort| {
                let order = shown(a, &sort.field).cmp(&shown(b, &sort.field));
                if sort.descending { order.reverse() } else { order }
            });
            by_key.fold(Ordering::Equal, Ordering::then).then(a.id.cmp(&b.id))
        });
        let cents = |lead: &&Record| lead.int("value_cents").unwrap_or(0);
        let weighted = |lead: &&Record| cents(lead) * lead.int("probability").unwrap_or(0);
        List {
            total: found.len() as u64,
            sum_cents: found.iter().map(cents).sum(),
            weighted_cents: found.iter().map(weighted).sum::<i64>() / 100,
            offset: query.offset,
            rows: found.iter().skip(query.offset as usize).take(query.limit as usize).map(|of| self.row(of)).collect(),
        }
    }

    fn detail(&self, record: RecordRef) -> Option<Detail> {
        let found = self.records.get(&record.id)?;
        let mut related: BTreeMap<Kind, Vec<Row>> = BTreeMap::new();
        let linked = |other: &&Record| {
            ["account_id", "lead_id", "contact_id", "primary_contact_id", "linked_id"]
                .into_iter()
                .any(|key| other.link(key) == Some(record.id))
                || found.link("primary_contact_id") == Some(other.id)
                || found.get(&format!("contacts/{}", other.id)).is_some()
        };
        for kind in [Kind::Lead, Kind::Contact, Kind::Task] {
            related.insert(kind, self.of(kind).filter(linked).take(500).map(|of| self.row(of)).collect());
        }
        Some(Detail {
            row: self.row(found),
            heads: vec![ChangeHash([9; 32])],
            conflicts: self.conflicts.iter().filter(|conflict| conflict.record == record).cloned().collect(),
            problems: Vec::new(),
            counts: related.iter().map(|(kind, rows)| (*kind, rows.len() as u64)).collect(),
            related,
            denied: None,
        })
    }

    fn tags(&self) -> Vec<TagRow> {
        let mut tags: BTreeMap<String, BTreeMap<Kind, u64>> = BTreeMap::new();
        for record in self.records.values().filter(|record| !record.is_deleted()) {
            for (tag, _) in record.members("tags") {
                *tags.entry(tag.to_owned()).or_default().entry(record.kind).or_default() += 1;
            }
        }
        tags.into_iter().map(|(name, counts)| TagRow { name, counts }).collect()
    }

    fn search(&self, text: &str, limit: usize) -> Vec<Hit> {
        let kinds = [Kind::Lead, Kind::Contact, Kind::Account];
        let hits = kinds.into_iter().flat_map(|kind| {
            let found = self.of(kind).filter(|record| self.matches(record, text, &[])).take(limit);
            found.map(|record| Hit {
                record: record.reference(),
                title: record.display_name(),
                subtitle: self.row(record).names.get("account_id").cloned().unwrap_or_default(),
                about: None,
            })
        });
        hits.collect()
    }
}

fn abouts(record: &Record) -> Vec<RecordId> {
    let keys = ["lead_id", "contact_id", "account_id", "linked_id"];
    keys.into_iter().filter_map(|key| record.link(key)).collect()
}
