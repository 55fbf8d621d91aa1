//! Filling an empty device from a backup: the histories are carried out again, step by step and in the names of those
//! who took the steps, and have to come to what the record lines say.

use std::collections::{BTreeMap, BTreeSet};

use interchange::backup::{
    Happening, Part, ReadLineError, history_lines, history_name, kinds_with_history, record_line, record_lines,
    records_name, values_of,
};
use model::action::Label;
use model::app::Trouble;
use model::settings::SETTINGS_ID;
use model::{Command, DeviceId, Edit, IdSource, Kind, Record, RecordId, RecordRef, Settings, Timestamp, UserId};
use store::{OutboxCommand, Tx};

use super::{PAGE, Unpacked, people};
use crate::account::{Account, write_account};
use crate::attachments::restored_files;
use crate::execute::Workbench;
use crate::message::{FileWork, Output};
use crate::recent::Recent;
use crate::replica::{Replica, ReplicaError};
use crate::view::Writer;

/// Records that are made at one go.
const BATCH: usize = 500;
/// Edits of one command, at most.
const EDITS: usize = 200;
/// Whose changes nobody knows any more.
const NOBODY: (UserId, DeviceId) = (UserId::from_bytes([0; 16]), DeviceId::from_bytes([0; 16]));

/// What came of restoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Records that were made, people and devices included.
    pub records: u64,
    /// Steps of their histories.
    pub steps: u64,
}

/// Why a backup was not restored; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// A part is not there.
    #[error("{name} is not in the backup")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A line can't be read.
    #[error(transparent)]
    Line(#[from] ReadLineError),
    /// A history does not come to what the record is.
    #[error("the backup contradicts itself about the {} {}", .record.kind, .record.id)]
    Contradiction {
        /// The record.
        record: RecordRef,
    },
}

impl From<RestoreError> for ReplicaError {
    fn from(error: RestoreError) -> Self {
        Trouble::BadFile(error.to_string()).into()
    }
}

/// One step of one record.
struct Step {
    record: RecordRef,
    /// Not before any earlier step of the same record.
    order: Timestamp,
    /// How many earlier steps of the record have the same order.
    turn: usize,
    happening: Happening,
}

impl Replica {
    /// Whether a backup may be restored here: nothing may be here yet.
    ///
    /// # Errors
    /// Says why not.
    pub fn may_restore(&self) -> Result<(), ReplicaError> {
        if self.account.as_ref().is_some_and(Account::is_joined) {
            let text = "a team's records come from its server. Restore on a device that works alone, then join";
            return Err(Trouble::NotAllowed(text.into()).into());
        }
        let untouched = match self.store.document(SETTINGS_ID)? {
            Some(stored) => stored.pending.is_empty() && self.store.documents_count()? == 1,
            None => self.store.documents_count()? == 0,
        };
        if !untouched || self.store.outbox_len()? > 0 {
            let text = "a backup is restored where nothing has been entered yet. Use another profile";
            return Err(Trouble::NotAllowed(text.into()).into());
        }
        Ok(())
    }

    /// Makes everything that a backup holds, in one transaction.
    ///
    /// # Errors
    /// When something is here already or the backup contradicts itself; nothing has changed then.
    pub fn restore(&mut self, env: &mut dyn IdSource, unpacked: &Unpacked) -> Result<Restored, ReplicaError> {
        self.may_restore()?;
        let account = Account::alone(&unpacked.manifest.person);
        let before = self.account.as_ref().map(|account| account.user.record());
        let parts: BTreeMap<&str, &Part> = unpacked.parts.iter().map(|part| (part.name.as_str(), part)).collect();
        let restored = self.store.write(|tx| {
            if let Some(before) = before {
                tx.unproject(before)?;
            }
            write_account(tx, &account)?;
            crate::account::ensure_settings(tx)?;
            let mut restoring = Restoring { tx, env, parts: &parts, restored: Restored { records: 0, steps: 0 } };
            restoring.run()?;
            let restored = restoring.restored;
            let people = people_in(&parts)?;
            let count = restored.records + u64::try_from(people.len()).unwrap_or(u64::MAX);
            people::keep_people(tx, people, unpacked.manifest.workspace)?;
            compare_people(tx, &parts)?;
            restored_files(tx, &unpacked.manifest)?;
            Ok::<_, ReplicaError>(Restored { records: count, ..restored })
        })?;
        self.account = Some(account);
        self.files = crate::attachments::Files::read(&self.store)?;
        self.read_settings()?;
        self.tell_restored()?;
        Ok(restored)
    }

    fn tell_restored(&mut self) -> Result<(), ReplicaError> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let mut after = None;
            loop {
                let page = self.store.records(kind, after, PAGE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                all.extend(page.iter().map(Record::reference));
            }
        }
        self.note_changed(all)
    }

    /// Removes the files of a backup that was not restored.
    pub(super) fn drop_unpacked(&mut self, manifest: &interchange::backup::Manifest) {
        let here: Vec<String> =
            manifest.files.iter().filter(|file| !file.missing).map(|file| file.sha256.clone()).collect();
        for checksum in here.into_iter().filter(|checksum| !self.files.is_here(checksum)).collect::<Vec<_>>() {
            let job = self.files.dropping();
            self.outputs.push(Output::File { job, work: FileWork::Drop { checksum } });
        }
    }
}

struct Restoring<'a, 'tx> {
    tx: &'a mut Tx<'tx>,
    env: &'a mut dyn IdSource,
    parts: &'a BTreeMap<&'a str, &'a Part>,
    restored: Restored,
}

impl Restoring<'_, '_> {
    fn run(&mut self) -> Result<(), ReplicaError> {
        for kind in kinds_with_history() {
            self.carry_out(kind)?;
        }
        let settings = self.tx.record(SETTINGS_ID)?;
        let settings = settings.map_or_else(Settings::default, |record| Settings::read(&record));
        for kind in kinds_with_history() {
            self.restored.records += compare(self.tx, kind, part(self.parts, &records_name(kind))?, &settings)?;
        }
        Ok(())
    }

    /// Carries out the histories of a kind, a batch of records at a time.
    fn carry_out(&mut self, kind: Kind) -> Result<(), ReplicaError> {
        let history = part(self.parts, &history_name(kind))?;
        let (mut steps, mut records) = (Vec::new(), BTreeSet::new());
        for line in history_lines(kind, history) {
            let (id, happening) = line.map_err(RestoreError::from)?;
            if records.len() == BATCH && !records.contains(&id) {
                self.carry_out_batch(std::mem::take(&mut steps))?;
                records.clear();
            }
            records.insert(id);
            push_step(&mut steps, RecordRef::new(kind, id), happening);
        }
        self.carry_out_batch(steps)
    }

    /// In the order of time, and what one person did at one moment as one command.
    fn carry_out_batch(&mut self, mut steps: Vec<Step>) -> Result<(), ReplicaError> {
        self.restored.steps += u64::try_from(steps.len()).unwrap_or(u64::MAX);
        let authors = authors_of(&steps);
        steps.sort_by_key(|step| (step.order, step.turn, step.happening.at, step.happening.by));
        let mut recent = Recent::default();
        let mut bench = Workbench::new(writer(None), &mut recent);
        let mut steps = steps.into_iter().peekable();
        while let Some(first) = steps.next() {
            let (at, by) = (first.happening.at, first.happening.by);
            let place = (first.order, first.turn);
            let mut touched = BTreeSet::from([first.record.id]);
            let mut edits = vec![edit(first)];
            let together = |next: &Step, touched: &BTreeSet<RecordId>| {
                let same = (next.order, next.turn) == place && (next.happening.at, next.happening.by) == (at, by);
                same && !touched.contains(&next.record.id)
            };
            while let Some(next) = steps.next_if(|next| edits.len() < EDITS && together(next, &touched)) {
                touched.insert(next.record.id);
                edits.push(edit(next));
            }
            let command = Command { id: self.env.fresh_command_id(), at, label: Label::BackupRestored, edits };
            bench.write_as(writer(by));
            let changes = bench.carry_out(self.tx, &command)?;
            let payload = serde_json::to_vec(&command)?;
            self.tx.push_command(&OutboxCommand { id: command.id, at, payload, changes })?;
        }
        for (record, entries) in bench.project(self.tx)? {
            for actor in entries.into_iter().map(|entry| entry.actor).collect::<BTreeSet<_>>() {
                if let Some((user, device)) = authors.get(&(record.id, actor)) {
                    self.tx.bind_actor(record.id, actor, *user, *device)?;
                }
            }
        }
        Ok(())
    }
}

type Authors = BTreeMap<(RecordId, ledger::ActorId), (UserId, DeviceId)>;

/// Who stands behind the actors that the steps are written under.
fn authors_of(steps: &[Step]) -> Authors {
    let known = steps.iter().filter_map(|step| Some((step.record.id, step.happening.by?)));
    let actor = |(record, (user, device)): (RecordId, (UserId, DeviceId))| {
        ((record, ledger::actor_id(device, user, record, 0, &[])), (user, device))
    };
    known.map(actor).collect()
}

fn writer(by: Option<(UserId, DeviceId)>) -> Writer {
    let (user, device) = by.unwrap_or(NOBODY);
    Writer { device, user }
}

/// Clocks differ: a step does not come before an earlier one of the same record, whatever its time says.
fn push_step(steps: &mut Vec<Step>, record: RecordRef, happening: Happening) {
    let (order, turn) = match steps.last().filter(|last| last.record == record) {
        Some(last) if last.order >= happening.at => (last.order, last.turn + 1),
        _ => (happening.at, 0),
    };
    steps.push(Step { record, order, turn, happening });
}

fn edit(step: Step) -> Edit {
    let Step { record, happening, .. } = step;
    if happening.created {
        let fields = happening.fields.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        return Edit::Create { record, fields };
    }
    Edit::Set { record, base_heads: Vec::new(), fields: happening.fields }
}

fn part<'a>(parts: &BTreeMap<&str, &'a Part>, name: &str) -> Result<&'a Part, RestoreError> {
    parts.get(name).copied().ok_or_else(|| RestoreError::Missing { name: name.to_owned() })
}

/// Whether the records of a kind are what the backup says; returns how many there are.
fn compare(tx: &Tx<'_>, kind: Kind, part: &Part, settings: &Settings) -> Result<u64, ReplicaError> {
    let mut lines = record_lines(part);
    let (mut after, mut count) = (None, 0);
    loop {
        let page = tx.records(kind, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for record in page {
            let line = lines.next().transpose().map_err(RestoreError::from)?;
            let shown: serde_json::Value = serde_json::from_str(&record_line(&record, settings))?;
            if line.is_none_or(|(_, told)| said(told) != said(shown)) {
                return Err(RestoreError::Contradiction { record: record.reference() }.into());
            }
            count += 1;
        }
    }
    match lines.next().transpose().map_err(RestoreError::from)? {
        Some((id, _)) => Err(RestoreError::Contradiction { record: RecordRef::new(kind, id) }.into()),
        None => Ok(count),
    }
}

/// What a line says. A field without a value may be left out: programs of other times know other fields.
fn said(line: serde_json::Value) -> BTreeMap<String, serde_json::Value> {
    let serde_json::Value::Object(fields) = line else { return BTreeMap::new() };
    let empty = |value: &serde_json::Value| match value {
        serde_json::Value::Null => true,
        serde_json::Value::Array(items) => items.is_empty(),
        serde_json::Value::Object(members) => members.is_empty(),
        _ => false,
    };
    fields.into_iter().filter(|(_, value)| !empty(value)).collect()
}

fn people_in(parts: &BTreeMap<&str, &Part>) -> Result<Vec<Record>, ReplicaError> {
    let mut people = Vec::new();
    for kind in [Kind::User, Kind::Device] {
        for line in record_lines(part(parts, &records_name(kind))?) {
            let (id, json) = line.map_err(RestoreError::from)?;
            people.push(values_of(kind, id, &json));
        }
    }
    Ok(people)
}

fn compare_people(tx: &Tx<'_>, parts: &BTreeMap<&str, &Part>) -> Result<(), ReplicaError> {
    for kind in [Kind::User, Kind::Device] {
        compare(tx, kind, part(parts, &records_name(kind))?, &Settings::default())?;
    }
    Ok(())
}
