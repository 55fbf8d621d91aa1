//! From what a person does to the edits it comes to: defaults, derived fields, rights, validation.
//!
//! The caller loads the records an action touches and brings the moment and fresh ids; nothing is looked up here.

use std::collections::BTreeMap;

use crate::action::{Action, Edit, FollowUp, Label, Outcome};
use crate::app::Trouble;
use crate::policy::{Actor, Standing};
use crate::rank;
use crate::schema::{self, FieldProblem};
use crate::settings::{SETTINGS_ID, Stage, StageKind};
use crate::value::{FieldChanges, Fields};
use crate::{Date, Kind, Record, RecordId, RecordRef, Settings, Timestamp, Value, suggestion};

pub mod merge;
mod pipeline;
pub mod words;

/// What an action meets.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// The moment.
    pub now: Timestamp,
    /// Who acts, with which rights.
    pub actor: Actor,
    /// The workspace's settings.
    pub settings: &'a Settings,
    /// The records named by [`touched`] and [`subjects`], as far as they are on this device.
    pub records: &'a BTreeMap<RecordId, Record>,
    /// Open tasks of the leads that are being closed.
    pub open_tasks: &'a [Record],
    /// What hangs on the records that are being merged, but for the oldest; the records that hold a word that gets
    /// another name.
    pub hanging: &'a [Record],
    /// Rank of the card above the place where cards are dropped.
    pub above: Option<String>,
    /// Rank of the card below it.
    pub below: Option<String>,
}

/// A planned command, not yet executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What it is called.
    pub label: Label,
    /// What it does.
    pub edits: Vec<Edit>,
}

/// The records that `plan` needs to see for this action.
pub fn touched(action: &Action) -> Vec<RecordRef> {
    let leads = |ids: &[RecordId]| ids.iter().map(|id| RecordRef::new(Kind::Lead, *id)).collect();
    match action {
        Action::SetFields { record, .. } | Action::ChooseValue { record, .. } => vec![*record],
        Action::SetMany { records, .. }
        | Action::Delete(records)
        | Action::Restore(records)
        | Action::Merge { records, .. }
        | Action::KeepApart(records) => records.clone(),
        Action::MoveLeads { leads: ids, .. } => leads(ids),
        Action::RemoveStage { leads: ids, .. } => {
            let mut records = leads(ids);
            records.push(RecordRef::new(Kind::Settings, SETTINGS_ID));
            records
        }
        Action::CloseLead { lead, .. } => leads(&[*lead]),
        Action::CloseLeads { leads: ids, .. } => leads(ids),
        Action::SetTaskDone { task, .. } => vec![RecordRef::new(Kind::Task, *task)],
        Action::AcceptSuggestion(id) | Action::DeclineSuggestion(id) => vec![RecordRef::new(Kind::Suggestion, *id)],
        Action::Reword(_) => vec![RecordRef::new(Kind::Settings, SETTINGS_ID)],
        Action::Prepared { edits, .. } => edits.iter().filter(|edit| !creates(edit)).map(Edit::record).collect(),
        Action::Create { .. }
        | Action::LogActivity { .. }
        | Action::Undo(_)
        | Action::UndoOver { .. }
        | Action::LoadSample { .. }
        | Action::RemoveSample => Vec::new(),
    }
}

/// The records that suggestions among `records` are about: rights on a suggestion depend on them.
pub fn subjects(records: &BTreeMap<RecordId, Record>) -> Vec<RecordRef> {
    records.values().filter_map(suggestion::subject).collect()
}

const fn creates(edit: &Edit) -> bool {
    matches!(edit, Edit::Create { .. })
}

/// Plans an action.
///
/// `Undo`, `LoadSample` and `RemoveSample` need what only the client has and are planned there.
///
/// # Errors
/// When fields are not valid, the person may not do it, or a record is not on this device.
pub fn plan(action: Action, met: &Circumstances<'_>) -> Result<Planned, Trouble> {
    match action {
        Action::Create { record, fields } => met.create(record, fields),
        Action::SetFields { record, base_heads, fields } => met.set_fields(record, base_heads, fields),
        Action::SetMany { records, fields } => met.set_many(&records, &fields),
        Action::MoveLeads { leads, stage, .. } => met.move_leads(&leads, &stage),
        Action::CloseLead { lead, outcome, cancel_tasks } => met.close_lead(lead, &outcome, cancel_tasks),
        Action::CloseLeads { leads, outcome, cancel_tasks } => met.close_leads(&leads, &outcome, cancel_tasks),
        Action::LogActivity { id, fields, follow_up } => met.log_activity(id, fields, follow_up),
        Action::SetTaskDone { task, done } => met.set_task_done(task, done),
        Action::Delete(records) => met.delete(&records),
        Action::Restore(records) => met.restore(&records),
        Action::ChooseValue { record, key, value } => met.choose_value(record, key, value),
        Action::Prepared { label, edits } => met.prepared(label, edits),
        Action::AcceptSuggestion(id) => met.accept_suggestion(id),
        Action::DeclineSuggestion(id) => met.decline_suggestion(id),
        Action::Merge { records, fields } => met.merge(&records, fields),
        Action::KeepApart(records) => met.keep_apart(&records),
        Action::RemoveStage { stage, to, leads } => met.remove_stage(&stage, &to, &leads),
        Action::Reword(rewording) => met.reword(&rewording),
        Action::Undo(_) | Action::UndoOver { .. } | Action::LoadSample { .. } | Action::RemoveSample => {
            Err(Trouble::NotHere)
        }
    }
}

impl Circumstances<'_> {
    fn create(&self, record: RecordRef, fields: Fields) -> Result<Planned, Trouble> {
        let fields = self.complete(record.kind, fields)?;
        Ok(Planned { label: Label::Created(record.kind), edits: vec![Edit::Create { record, fields }] })
    }

    /// Fills in what a new record gets by itself, then checks it and the right to create it.
    fn complete(&self, kind: Kind, mut fields: Fields) -> Result<Fields, Trouble> {
        let mut default = |key: &str, value: Value| {
            if kind.field(key).is_some() {
                fields.entry(key.to_owned()).or_insert(value);
            }
        };
        default("owner_id", self.actor.user.into());
        default("created_at", self.now.into());
        match kind {
            Kind::Task => {
                default("priority", "medium".into());
                default("status", "open".into());
            }
            Kind::Activity => {
                default("occurred_at", self.now.into());
                default("via", "form".into());
            }
            Kind::Lead => {
                let stage = self.settings.first_stage(StageKind::Open);
                default("value_cents", 0.into());
                if let Some(stage) = stage {
                    default("place", place(&stage.id, &self.rank()).into());
                    default("probability", i64::from(stage.probability).into());
                }
            }
            _ => {}
        }
        self.creatable(kind, &fields)?;
        match schema::check_record(kind, &fields) {
            problems if problems.is_empty() => Ok(fields),
            problems => Err(Trouble::Invalid(problems)),
        }
    }

    fn set_fields(
        &self,
        record: RecordRef,
        base_heads: Vec<crate::ChangeHash>,
        fields: FieldChanges,
    ) -> Result<Planned, Trouble> {
        let current = self.editable(record)?;
        let fields = self.checked(current, self.with_consequences(current, fields))?;
        let label = match fields.get("place") {
            Some(Some(Value::Text(_))) => self.moved_label(1, &fields),
            _ if record.kind == Kind::Settings => Label::SettingsChanged,
            _ => Label::Changed(record.kind, 1),
        };
        Ok(Planned { label, edits: vec![Edit::Set { record, base_heads, fields }] })
    }

    fn set_many(&self, records: &[RecordRef], fields: &FieldChanges) -> Result<Planned, Trouble> {
        let edit = |record: &RecordRef| {
            let current = self.editable(*record)?;
            let fields = self.checked(current, self.with_consequences(current, fields.clone()))?;
            Ok(Edit::Set { record: *record, base_heads: Vec::new(), fields })
        };
        let edits = records.iter().map(edit).collect::<Result<Vec<_>, Trouble>>()?;
        let kind = records.first().map_or(Kind::Lead, |record| record.kind);
        Ok(Planned { label: Label::Changed(kind, count(records.len())), edits })
    }

    fn move_leads(&self, leads: &[RecordId], stage: &str) -> Result<Planned, Trouble> {
        let Some(stage) = self.settings.stage(stage) else {
            return Err(Trouble::Invalid(vec![FieldProblem::new("stage", "there is no such stage")]));
        };
        let mut above = self.above.clone();
        let mut edits = Vec::new();
        for lead in leads {
            let record = RecordRef::new(Kind::Lead, *lead);
            let current = self.editable(record)?;
            let rank = rank::between(above.as_deref(), self.below.as_deref());
            let fields = self.entering(current, stage, &rank);
            edits.push(Edit::Set { record, base_heads: Vec::new(), fields });
            above = Some(rank);
        }
        Ok(Planned { label: Label::Moved(count(leads.len()), stage.name.clone()), edits })
    }

    /// What changes when a lead enters a stage: its place, its probability unless pinned, its close.
    fn entering(&self, lead: &Record, stage: &Stage, rank: &str) -> FieldChanges {
        let mut fields = FieldChanges::new();
        fields.insert("place".into(), Some(place(&stage.id, rank).into()));
        if lead.place().0 == stage.id {
            return fields;
        }
        if !lead.flag("probability_pinned") || stage.kind != StageKind::Open {
            fields.insert("probability".into(), Some(i64::from(stage.probability).into()));
        }
        let was_closed = self.settings.stage_kind(lead.place().0) != StageKind::Open;
        match stage.kind {
            StageKind::Open if was_closed => fields.extend(reopening(lead)),
            StageKind::Open => {}
            StageKind::Won | StageKind::Lost => {
                fields.insert("closed_on".into(), Some(self.today().into()));
                fields.insert("closed_value_cents".into(), Some(lead.int("value_cents").unwrap_or(0).into()));
            }
        }
        fields
    }

    /// A new `stage` written as a plain field moves the lead like a drop on the board does.
    fn with_consequences(&self, current: &Record, mut fields: FieldChanges) -> FieldChanges {
        if current.kind != Kind::Lead {
            return fields;
        }
        let Some(Some(Value::Text(stage))) = fields.remove("stage") else { return fields };
        let Some(stage) = self.settings.stage(&stage) else {
            fields.insert("stage".into(), Some(stage.into()));
            return fields;
        };
        let mut moved = self.entering(current, stage, &self.rank());
        moved.extend(fields);
        moved
    }

    fn moved_label(&self, leads: u32, fields: &FieldChanges) -> Label {
        let place = fields.get("place").and_then(Option::as_ref).and_then(Value::as_text).unwrap_or("");
        let stage = place.split('|').next().unwrap_or("");
        Label::Moved(leads, self.settings.stage(stage).map_or_else(|| stage.to_owned(), |stage| stage.name.clone()))
    }

    fn close_lead(&self, lead: RecordId, outcome: &Outcome, cancel_tasks: bool) -> Result<Planned, Trouble> {
        let mut edits = vec![self.close(lead, outcome, &self.rank())?];
        edits.extend(self.cancellations(cancel_tasks));
        let label = if matches!(outcome, Outcome::Won { .. }) { Label::Won } else { Label::Lost };
        Ok(Planned { label, edits })
    }

    /// Several leads: each keeps the value it has.
    fn close_leads(&self, leads: &[RecordId], outcome: &Outcome, cancel_tasks: bool) -> Result<Planned, Trouble> {
        let stage = self.closed_stage(outcome)?.name.clone();
        let mut edits = Vec::new();
        let mut above = self.above.clone();
        for lead in leads {
            let own = match outcome {
                Outcome::Won { on, note, .. } => {
                    let value_cents = self.here(RecordRef::new(Kind::Lead, *lead))?.int("value_cents").unwrap_or(0);
                    Outcome::Won { on: *on, value_cents, note: note.clone() }
                }
                lost @ Outcome::Lost { .. } => lost.clone(),
            };
            let rank = rank::between(above.as_deref(), self.below.as_deref());
            edits.push(self.close(*lead, &own, &rank)?);
            above = Some(rank);
        }
        edits.extend(self.cancellations(cancel_tasks));
        Ok(Planned { label: Label::Moved(count(leads.len()), stage), edits })
    }

    fn closed_stage(&self, outcome: &Outcome) -> Result<&Stage, Trouble> {
        let kind = if matches!(outcome, Outcome::Won { .. }) { StageKind::Won } else { StageKind::Lost };
        let missing = || Trouble::Invalid(vec![FieldProblem::new("stage", "the pipeline has no such stage")]);
        self.settings.first_stage(kind).ok_or_else(missing)
    }

    fn close(&self, lead: RecordId, outcome: &Outcome, rank: &str) -> Result<Edit, Trouble> {
        let record = RecordRef::new(Kind::Lead, lead);
        let current = self.editable(record)?;
        let mut fields = self.entering(current, self.closed_stage(outcome)?, rank);
        fields.extend(self.closing(outcome)?);
        Ok(Edit::Set { record, base_heads: Vec::new(), fields: self.checked(current, fields)? })
    }

    /// Tasks that belong to somebody else stay open where only owners edit.
    fn cancellations(&self, wanted: bool) -> impl Iterator<Item = Edit> {
        let mine = move |task: &&Record| wanted && self.actor.may_edit(task.kind, task.owner()).is_ok();
        self.open_tasks.iter().filter(mine).map(canceled)
    }

    fn closing(&self, outcome: &Outcome) -> Result<FieldChanges, Trouble> {
        let mut fields = FieldChanges::new();
        let mut problems = Vec::new();
        let (Outcome::Won { on, note, .. } | Outcome::Lost { on, note, .. }) = outcome;
        if *on > self.today() {
            problems.push(FieldProblem::new("closed_on", "the day is in the future"));
        }
        fields.insert("closed_on".into(), Some((*on).into()));
        fields.insert("lost_note".into(), some_text(note));
        match outcome {
            Outcome::Won { value_cents, .. } => {
                fields.insert("value_cents".into(), Some((*value_cents).into()));
                fields.insert("closed_value_cents".into(), Some((*value_cents).into()));
            }
            Outcome::Lost { reason, competitor, .. } => {
                if reason.trim().is_empty() {
                    problems.push(FieldProblem::new("lost_reason", "choose a reason"));
                }
                if reason == "Other" && note.trim().is_empty() {
                    problems.push(FieldProblem::new("lost_note", "say what happened"));
                }
                fields.insert("lost_reason".into(), some_text(reason));
                fields.insert("competitor".into(), some_text(competitor));
            }
        }
        if problems.is_empty() { Ok(fields) } else { Err(Trouble::Invalid(problems)) }
    }

    fn log_activity(&self, id: RecordId, fields: Fields, follow_up: Option<FollowUp>) -> Result<Planned, Trouble> {
        let fields = self.complete(Kind::Activity, fields)?;
        let label = Label::Logged(fields.get("type").and_then(Value::as_text).unwrap_or("note").to_owned());
        let linked = [("lead_id", "lead"), ("contact_id", "contact"), ("account_id", "account")]
            .into_iter()
            .find_map(|(key, kind)| fields.get(key).and_then(Value::as_id).map(|id| (kind, id)));
        let mut edits = vec![Edit::Create { record: RecordRef::new(Kind::Activity, id), fields }];
        if let (Some(follow_up), Some((kind, linked_id))) = (follow_up, linked) {
            let task = Fields::from([
                ("linked_type".to_owned(), kind.into()),
                ("linked_id".to_owned(), linked_id.into()),
                ("title".to_owned(), follow_up.title.into()),
                ("due_at".to_owned(), follow_up.due_at.into()),
                ("all_day".to_owned(), follow_up.all_day.into()),
            ]);
            let fields = self.complete(Kind::Task, task)?;
            edits.push(Edit::Create { record: RecordRef::new(Kind::Task, follow_up.id), fields });
        }
        Ok(Planned { label, edits })
    }

    fn set_task_done(&self, task: RecordId, done: bool) -> Result<Planned, Trouble> {
        let record = RecordRef::new(Kind::Task, task);
        self.editable(record)?;
        let (status, label) = if done { ("done", Label::TaskDone) } else { ("open", Label::TaskReopened) };
        let fields = FieldChanges::from([
            ("status".to_owned(), Some(status.into())),
            ("completed_at".to_owned(), done.then(|| self.now.into())),
        ]);
        Ok(Planned { label, edits: vec![Edit::Set { record, base_heads: Vec::new(), fields }] })
    }

    fn delete(&self, records: &[RecordRef]) -> Result<Planned, Trouble> {
        let edits = self.mark_deleted(records, Some(self.now.into()))?;
        Ok(Planned { label: Label::Deleted(count(records.len())), edits })
    }

    fn restore(&self, records: &[RecordRef]) -> Result<Planned, Trouble> {
        let edits = self.mark_deleted(records, None)?;
        Ok(Planned { label: Label::Restored(count(records.len())), edits })
    }

    fn mark_deleted(&self, records: &[RecordRef], at: Option<Value>) -> Result<Vec<Edit>, Trouble> {
        let edit = |record: &RecordRef| {
            let fields = FieldChanges::from([("deleted_at".to_owned(), at.clone())]);
            self.writable(self.here(*record)?, &fields)?;
            Ok(Edit::Set { record: *record, base_heads: Vec::new(), fields })
        };
        records.iter().map(edit).collect()
    }

    fn choose_value(&self, record: RecordRef, key: String, value: Option<Value>) -> Result<Planned, Trouble> {
        let current = self.editable(record)?;
        self.checked(current, FieldChanges::from([(key.clone(), value.clone())]))?;
        Ok(Planned { label: Label::ConflictSettled, edits: vec![Edit::Settle { record, key, value }] })
    }

    /// A suggestion's values become this person's own change, in the same step in which it is marked as taken.
    fn accept_suggestion(&self, id: RecordId) -> Result<Planned, Trouble> {
        let (settled, subject) = self.open_suggestion(id, suggestion::ACCEPTED)?;
        let proposed = suggestion::proposed_changes(self.here(settled.record())?);
        let proposed = proposed.map_err(|error| Trouble::NotAllowed(error.to_string()))?;
        let current = self.editable(subject)?;
        let fields = self.checked(current, proposed)?;
        let edits = vec![Edit::Set { record: subject, base_heads: Vec::new(), fields }, settled];
        Ok(Planned { label: Label::SuggestionAccepted, edits })
    }

    fn decline_suggestion(&self, id: RecordId) -> Result<Planned, Trouble> {
        let (settled, _) = self.open_suggestion(id, suggestion::DECLINED)?;
        Ok(Planned { label: Label::SuggestionDeclined, edits: vec![settled] })
    }

    /// The edit that settles an open suggestion, and the record it is about.
    fn open_suggestion(&self, id: RecordId, status: &str) -> Result<(Edit, RecordRef), Trouble> {
        let record = RecordRef::new(Kind::Suggestion, id);
        let current = self.here(record)?;
        let subject = suggestion::subject(current).ok_or(Trouble::NotHere)?;
        if current.text("status") != suggestion::OPEN || current.is_deleted() {
            return Err(Trouble::NotAllowed("the suggestion has been settled or withdrawn".into()));
        }
        let fields = FieldChanges::from([("status".to_owned(), Some(status.into()))]);
        let fields = self.checked(current, fields)?;
        Ok((Edit::Set { record, base_heads: Vec::new(), fields }, subject))
    }

    fn prepared(&self, label: Label, edits: Vec<Edit>) -> Result<Planned, Trouble> {
        for edit in &edits {
            match edit {
                Edit::Create { record, fields } => {
                    self.creatable(record.kind, fields)?;
                    let problems = schema::check_record(record.kind, fields);
                    if !problems.is_empty() {
                        return Err(Trouble::Invalid(problems));
                    }
                }
                Edit::Set { record, fields, .. } => {
                    self.checked(self.here(*record)?, fields.clone())?;
                }
                Edit::Settle { record, key, value } => {
                    let fields = FieldChanges::from([(key.clone(), value.clone())]);
                    self.checked(self.here(*record)?, fields)?;
                }
            }
        }
        Ok(Planned { label, edits })
    }

    fn here(&self, record: RecordRef) -> Result<&Record, Trouble> {
        self.records.get(&record.id).ok_or(Trouble::NotHere)
    }

    fn editable(&self, record: RecordRef) -> Result<&Record, Trouble> {
        let current = self.here(record)?;
        allowed(self.actor.may_edit(current.kind, current.owner()))?;
        Ok(current)
    }

    fn creatable(&self, kind: Kind, fields: &Fields) -> Result<(), Trouble> {
        allowed(self.actor.may_create(kind))?;
        fields.iter().try_for_each(|(key, value)| allowed(self.actor.may_begin_with(kind, key, value)))
    }

    /// Whether the person may write every one of these fields.
    fn writable(&self, current: &Record, fields: &FieldChanges) -> Result<(), Trouble> {
        let about = suggestion::subject(current).and_then(|subject| self.records.get(&subject.id));
        let standing = Standing::of(current, about);
        fields.keys().try_for_each(|key| allowed(self.actor.may_write(&standing, key)))
    }

    /// Checks the right to change fields, their values, and that no required field is emptied.
    fn checked(&self, current: &Record, fields: FieldChanges) -> Result<FieldChanges, Trouble> {
        self.writable(current, &fields)?;
        let mut after = current.fields.clone();
        let mut problems = Vec::new();
        for (key, value) in &fields {
            let root_only = current.kind.field(key).is_some_and(|field| field.root_only);
            match value {
                _ if root_only => problems.push(FieldProblem::new(key, "never changes")),
                Some(value) => {
                    problems.extend(schema::check_field(current.kind, key, value).err());
                    after.insert(key.clone(), value.clone());
                }
                None => {
                    after.remove(key);
                }
            }
        }
        let missing = schema::check_record(current.kind, &after);
        problems.extend(missing.into_iter().filter(|problem| fields.contains_key(&problem.key)));
        problems.dedup();
        if problems.is_empty() { Ok(fields) } else { Err(Trouble::Invalid(problems)) }
    }

    fn rank(&self) -> String {
        rank::between(self.above.as_deref(), self.below.as_deref())
    }

    fn today(&self) -> Date {
        self.now.date_in(&self.settings.zone())
    }
}

fn reopening(lead: &Record) -> FieldChanges {
    let cleared = ["closed_on", "closed_value_cents", "lost_reason", "lost_note", "competitor"];
    cleared.into_iter().filter(|key| lead.get(key).is_some()).map(|key| (key.to_owned(), None)).collect()
}

fn canceled(task: &Record) -> Edit {
    let fields = FieldChanges::from([("status".to_owned(), Some("canceled".into()))]);
    Edit::Set { record: task.reference(), base_heads: Vec::new(), fields }
}

/// A lead's `place`: stage and rank in one value.
pub fn place(stage: &str, rank: &str) -> String {
    format!("{stage}|{rank}")
}

fn some_text(text: &str) -> Option<Value> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

fn allowed(verdict: Result<(), crate::policy::Denied>) -> Result<(), Trouble> {
    verdict.map_err(|denied| Trouble::NotAllowed(denied.to_string()))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
