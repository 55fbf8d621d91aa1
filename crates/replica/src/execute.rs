//! Carrying out what people do: an action becomes a command, its edits become changes, and documents, outbox and
//! projection are written in one transaction before anybody is told.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ledger::{Document, NewChange};
use model::action::Label;
use model::app::{Done, Trouble};
use model::plan::{self, Circumstances, Planned};
use model::{Action, ChangeHash, Command, Edit, IdSource, Kind, Record, RecordId, RecordRef, Timestamp};
use store::{OutboxCommand, PendingChange, Tx};

use crate::recent::Recent;
use crate::replica::{Replica, ReplicaError};
use crate::undo::{Logged, Newer, UndoStep};
use crate::view::{self, Writer};

/// Documents a command works on, loaded once, and the changes it makes.
pub(crate) struct Workbench<'a> {
    writer: Writer,
    recent: &'a mut Recent,
    open: BTreeMap<RecordId, OpenDocument>,
    /// Documents as they were before the command at hand.
    before: Vec<(RecordId, Option<Document>)>,
}

struct OpenDocument {
    epoch: u32,
    /// `None` until the record is created.
    document: Option<Document>,
    /// What the projection holds already.
    projected: Vec<ChangeHash>,
    touched: bool,
}

impl<'a> Workbench<'a> {
    pub(crate) const fn new(writer: Writer, recent: &'a mut Recent) -> Self {
        Self { writer, recent, open: BTreeMap::new(), before: Vec::new() }
    }

    /// Goes on in somebody else's name.
    pub(crate) const fn write_as(&mut self, writer: Writer) {
        self.writer = writer;
    }

    /// Puts a document on the bench as given, instead of loading it as it stands.
    pub(crate) fn place(&mut self, id: RecordId, document: Option<Document>, epoch: u32) {
        self.open.insert(id, OpenDocument { epoch, document, projected: Vec::new(), touched: true });
    }

    /// Carries out one command's edits and returns its changes; an error leaves the documents as they were.
    pub(crate) fn carry_out(&mut self, tx: &mut Tx<'_>, command: &Command) -> Result<Vec<PendingChange>, ReplicaError> {
        self.before.clear();
        let done = self.edits(tx, command);
        if done.is_err() {
            for (id, document) in self.before.drain(..).rev() {
                self.open.entry(id).and_modify(|open| open.document = document);
            }
        }
        done
    }

    fn edits(&mut self, tx: &mut Tx<'_>, command: &Command) -> Result<Vec<PendingChange>, ReplicaError> {
        let mut changes = Vec::new();
        for edit in &command.edits {
            let record = edit.record();
            let change = match edit {
                Edit::Create { fields, .. } => Some(self.create(tx, record, fields, command)?),
                Edit::Set { base_heads, fields, .. } => self.set(tx, record, base_heads, fields, command)?,
                Edit::Settle { key, value, .. } => self.settle(tx, record, key, value.clone(), command)?,
            };
            changes.extend(change.map(|change| pending(record, change)));
        }
        Ok(changes)
    }

    fn create(
        &mut self,
        tx: &mut Tx<'_>,
        record: RecordRef,
        fields: &model::Fields,
        command: &Command,
    ) -> Result<NewChange, ReplicaError> {
        let open = self.open(tx, record)?;
        if open.document.is_some() {
            return Err(Trouble::NotAllowed("a record with this id exists already".into()).into());
        }
        let epoch = open.epoch;
        let author = self.writer.author(record, epoch, command.at, &[]);
        let (document, change) = Document::create(record, fields, &author)?;
        self.put_back(record.id, document);
        Ok(change)
    }

    fn set(
        &mut self,
        tx: &mut Tx<'_>,
        record: RecordRef,
        base_heads: &[ChangeHash],
        fields: &model::FieldChanges,
        command: &Command,
    ) -> Result<Option<NewChange>, ReplicaError> {
        let (mut document, epoch) = self.existing(tx, record)?;
        // A form may have been opened at changes that were refused since; what is left of its base counts.
        let base: Vec<ChangeHash> = base_heads.iter().filter(|head| document.contains(head)).copied().collect();
        let author = self.writer.author(record, epoch, command.at, &[]);
        let branch = self.writer.author(record, epoch, command.at, command.id.as_bytes());
        let change = document.edit(fields, &base, &author, &branch)?;
        self.put_back(record.id, document);
        Ok(change)
    }

    fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        record: RecordRef,
        key: &str,
        value: Option<model::Value>,
        command: &Command,
    ) -> Result<Option<NewChange>, ReplicaError> {
        let (mut document, epoch) = self.existing(tx, record)?;
        let change = document.settle(key, value, &self.writer.author(record, epoch, command.at, &[]))?;
        self.put_back(record.id, document);
        Ok(change)
    }

    fn open(&mut self, tx: &mut Tx<'_>, record: RecordRef) -> Result<&mut OpenDocument, ReplicaError> {
        match self.open.entry(record.id) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let stored = tx.document(record.id)?;
                let (document, epoch) = match &stored {
                    Some(stored) => (self.recent.view(stored)?, stored.epoch),
                    None => (None, 0),
                };
                let projected = document.as_ref().map(Document::heads).unwrap_or_default();
                Ok(place.insert(OpenDocument { epoch, document, projected, touched: false }))
            }
        }
    }

    fn existing(&mut self, tx: &mut Tx<'_>, record: RecordRef) -> Result<(Document, u32), ReplicaError> {
        let open = self.open(tx, record)?;
        let epoch = open.epoch;
        open.document.clone().map(|document| (document, epoch)).ok_or_else(|| Trouble::NotHere.into())
    }

    fn put_back(&mut self, id: RecordId, document: Document) {
        if let Some(open) = self.open.get_mut(&id) {
            let before = open.document.replace(document);
            open.touched = true;
            self.before.push((id, before));
        }
    }

    /// Projects every document that was touched, and returns what changed in each.
    pub(crate) fn project(self, tx: &mut Tx<'_>) -> Result<Vec<(RecordRef, Vec<ledger::HistoryEntry>)>, ReplicaError> {
        let mut news = Vec::new();
        for open in self.open.into_values().filter(|open| open.touched) {
            if let Some(document) = open.document {
                let entries = view::project(tx, &document, &open.projected, true)?;
                news.push((document.record(), entries));
                self.recent.keep(document);
            }
        }
        Ok(news)
    }
}

fn pending(record: RecordRef, change: NewChange) -> PendingChange {
    PendingChange { record, hash: change.hash, bytes: change.bytes }
}

impl Replica {
    /// Does what a person asks: plans it, writes it, and says what was done.
    pub(crate) fn act(&mut self, env: &mut dyn IdSource, action: Action) -> Result<Done, ReplicaError> {
        let planned = match action {
            Action::Undo(command) => self.plan_undo(command, Newer::Ask, env.now())?,
            Action::UndoOver { command, overwrite: true } => self.plan_undo(command, Newer::Overwrite, env.now())?,
            Action::UndoOver { command, overwrite: false } => self.plan_undo(command, Newer::Keep, env.now())?,
            Action::LoadSample { leads } => self.plan_sample(env, leads)?,
            Action::RemoveSample => self.plan_sample_removal(env.now())?,
            action => self.plan(&action, env.now())?,
        };
        self.commit(env, planned)
    }

    pub(crate) fn plan(&mut self, action: &Action, now: Timestamp) -> Result<Planned, ReplicaError> {
        let actor = self.actor()?;
        let mut records = BTreeMap::new();
        for reference in plan::touched(action) {
            if let Some(record) = self.store.record(reference.id)? {
                records.insert(record.id, record);
            }
        }
        for reference in plan::subjects(&records) {
            if let Some(record) = self.store.record(reference.id)? {
                records.insert(record.id, record);
            }
        }
        let open_tasks = match action {
            Action::CloseLead { lead, cancel_tasks: true, .. } => self.store.open_tasks(*lead)?,
            Action::CloseLeads { leads, cancel_tasks: true, .. } => {
                let tasks = leads.iter().map(|lead| self.store.open_tasks(*lead));
                tasks.collect::<Result<Vec<_>, _>>()?.concat()
            }
            _ => Vec::new(),
        };
        let hanging = match action {
            Action::Merge { records, .. } => self.hanging_on(records)?,
            Action::Reword(of) => self.store.holding(of.list, &of.from, plan::words::HOLDING_MAX + 1)?,
            _ => Vec::new(),
        };
        let (above, below) = self.ranks_around(action)?;
        let met = Circumstances {
            now,
            actor,
            settings: &self.settings,
            records: &records,
            open_tasks: &open_tasks,
            hanging: &hanging,
            above,
            below,
        };
        Ok(plan::plan(action.clone(), &met)?)
    }

    /// What hangs on the records that a merge takes away; one more than may be, when there are more.
    fn hanging_on(&self, records: &[RecordRef]) -> Result<Vec<Record>, ReplicaError> {
        let going: Vec<RecordRef> = plan::merge::in_order(records).into_iter().skip(1).collect();
        Ok(self.store.linked_to(&going, plan::merge::HANGING_MAX + 1)?)
    }

    /// Ranks of the cards between which an action puts its cards; the top of the column unless it names a card.
    fn ranks_around(&self, action: &Action) -> Result<(Option<String>, Option<String>), ReplicaError> {
        let (stage, after) = match action {
            Action::MoveLeads { stage, after, .. } => (stage.as_str(), *after),
            Action::RemoveStage { to, .. } => (to.as_str(), None),
            Action::CloseLead { outcome, .. } | Action::CloseLeads { outcome, .. } => {
                let kind = match outcome {
                    model::action::Outcome::Won { .. } => model::StageKind::Won,
                    model::action::Outcome::Lost { .. } => model::StageKind::Lost,
                };
                (self.settings.first_stage(kind).map_or("", |stage| &stage.id), None)
            }
            Action::Create { record, .. } if record.kind == Kind::Lead => {
                (self.settings.first_stage(model::StageKind::Open).map_or("", |stage| &stage.id), None)
            }
            Action::SetFields { fields, .. } => {
                let stage = fields.get("stage").and_then(Option::as_ref).and_then(model::Value::as_text);
                (stage.unwrap_or(""), None)
            }
            _ => return Ok((None, None)),
        };
        if stage.is_empty() {
            return Ok((None, None));
        }
        Ok(self.store.ranks_around(stage, after)?)
    }

    fn plan_sample(&mut self, env: &mut dyn IdSource, leads: u32) -> Result<Planned, ReplicaError> {
        let actor = self.actor()?;
        let now = env.now();
        let edits = model::sample::sample_edits(env, actor.user, now, leads.min(10_000));
        Ok(Planned { label: Label::SampleLoaded, edits })
    }

    fn plan_sample_removal(&mut self, now: Timestamp) -> Result<Planned, ReplicaError> {
        self.actor()?;
        let deleted = |record: RecordRef| Edit::Set {
            record,
            base_heads: Vec::new(),
            fields: [("deleted_at".to_owned(), Some(now.into()))].into(),
        };
        let edits = self.store.list_sample()?.into_iter().map(deleted).collect();
        Ok(Planned { label: Label::SampleRemoved, edits })
    }

    /// Writes a planned command, if the person may do all of it: changes, outbox, log and projection in one transaction.
    pub(crate) fn commit(&mut self, env: &mut dyn IdSource, planned: Planned) -> Result<Done, ReplicaError> {
        self.commit_with(env, planned, |_| Ok(()))
    }

    /// Writes a planned command, and what `also` writes, in one transaction.
    pub(crate) fn commit_with(
        &mut self,
        env: &mut dyn IdSource,
        planned: Planned,
        also: impl FnOnce(&mut Tx<'_>) -> Result<(), ReplicaError>,
    ) -> Result<Done, ReplicaError> {
        self.permit(&planned.edits)?;
        let command = Command { id: env.fresh_command_id(), at: env.now(), label: planned.label, edits: planned.edits };
        let writer = self.writer()?;
        let recent = &mut self.recent;
        let news = self.store.write(|tx| {
            let news = write_command(tx, &command, writer, recent)?;
            also(tx)?;
            Ok::<_, ReplicaError>(news)
        })?;
        let records: Vec<RecordRef> = news.iter().map(|(record, _)| *record).collect();
        self.note_changed(records.iter().copied())?;
        let command_id = (!records.is_empty()).then_some(command.id);
        Ok(Done { command: command_id, label: command.label, records })
    }

    pub(crate) fn writer(&self) -> Result<Writer, Trouble> {
        Ok(Writer { device: self.device, user: self.actor()?.user })
    }
}

pub(crate) type News = Vec<(RecordRef, Vec<ledger::HistoryEntry>)>;

pub(crate) fn write_command(
    tx: &mut Tx<'_>,
    command: &Command,
    writer: Writer,
    recent: &mut Recent,
) -> Result<News, ReplicaError> {
    let mut bench = Workbench::new(writer, recent);
    let changes = bench.carry_out(tx, command)?;
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let payload = serde_json::to_vec(command)?;
    tx.push_command(&OutboxCommand { id: command.id, at: command.at, payload, changes })?;
    let news = bench.project(tx)?;
    for (record, entries) in &news {
        // Until the relay says so, it is known here alone who stands behind the changes.
        for entry in entries {
            tx.bind_actor(record.id, entry.actor, writer.user, writer.device)?;
        }
    }
    let logged = Logged { label: command.label.clone(), steps: undo_steps(&news) };
    tx.log_command(command.id, command.at, &serde_json::to_vec(&logged)?)?;
    Ok(news)
}

fn undo_steps(news: &News) -> Vec<UndoStep> {
    let mut steps = Vec::new();
    for (record, entries) in news {
        if entries.iter().any(|entry| entry.created) {
            steps.push(UndoStep::Created(*record));
            continue;
        }
        for change in entries.iter().flat_map(|entry| &entry.changes) {
            steps.push(UndoStep::Set {
                record: *record,
                key: change.key.clone(),
                before: change.before.clone(),
                after: change.after.clone(),
            });
        }
    }
    steps
}
