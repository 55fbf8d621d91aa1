//! When the relay refuses: the refused command goes to the tray, documents are rebuilt from what is confirmed, and
//! the commands after it are executed again under a new actor epoch.

use std::collections::{BTreeMap, BTreeSet};

use model::query::RefusedChange;
use model::{Command, CommandId, Edit, FieldChanges, IdSource, RecordId, RecordRef, UserId, Value};
use store::{OutboxCommand, RefusedRow, Tx};
use sync::wire::{Nack, Retry, nack};

use crate::execute::Workbench;
use crate::lost::NOT_TAKEN_BACK;
use crate::recent::Recent;
use crate::replica::{Replica, ReplicaError};
use crate::undo::{Logged, UndoStep};
use crate::view::{self, Writer};

/// What the relay alone writes of an attachment.
const OF_THE_RELAY: [&str; 2] = ["path", "scan"];

/// A refused command's way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// What is to become of commands in the outbox.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdicts {
    /// Go to the tray.
    refused: BTreeMap<CommandId, Refusal>,
    /// Are executed again.
    again: BTreeSet<CommandId>,
    /// Are dropped: the relay holds them.
    forgotten: BTreeSet<CommandId>,
    /// Whether the relay asked for something to be executed again.
    rebased: bool,
}

impl Verdicts {
    pub(crate) fn note(&mut self, nack: Nack) {
        match nack.retry {
            Retry::Never => {
                self.refused.insert(nack.command, Refusal { code: nack.code, detail: nack.detail });
            }
            Retry::Rebase => {
                self.again.insert(nack.command);
                self.rebased = true;
            }
            Retry::Later => {}
        }
    }

    /// The relay has accepted this command in a form we no longer hold: ours goes, the relay's stays.
    pub(crate) fn forget(&mut self, command: CommandId) {
        self.forgotten.insert(command);
    }

    /// This command has to be executed again.
    pub(crate) fn again(&mut self, command: CommandId) {
        self.again.insert(command);
    }

    /// Joins what is to become of commands with what was noted before.
    pub(crate) fn join(&mut self, others: Self) {
        let Self { refused, again, forgotten, rebased } = others;
        self.refused.extend(refused);
        self.again.extend(again);
        self.forgotten.extend(forgotten);
        self.rebased |= rebased;
    }

    /// Whether the relay asked for something to be executed again.
    pub(crate) const fn rebases(&self) -> bool {
        self.rebased
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.refused.is_empty() && self.again.is_empty() && self.forgotten.is_empty()
    }
}

/// The other person the commands are executed as, after joining a team.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewOwner {
    pub(crate) before: UserId,
    pub(crate) after: UserId,
}

impl Replica {
    /// Carries out the relay's verdicts in one transaction.
    pub(crate) fn carry_out_verdicts(&mut self, verdicts: &Verdicts) -> Result<(), ReplicaError> {
        if verdicts.is_empty() {
            return Ok(());
        }
        let writer = self.writer()?;
        let recent = &mut self.recent;
        let touched = self.store.write(|tx| Rebuild::new(writer, None).run(tx, verdicts, recent))?;
        self.note_changed(touched)?;
        if !verdicts.refused.is_empty() {
            let count = verdicts.refused.len();
            let text = format!("{count} of your changes were not accepted. See Settings › Sync.");
            self.notice(model::app::Tone::Bad, text);
        }
        Ok(())
    }

    /// Executes the whole outbox again as another person: what was made alone becomes theirs.
    pub(crate) fn become_owner(&mut self, owner: NewOwner) -> Result<(), ReplicaError> {
        let writer = Writer { device: self.device, user: owner.after };
        let recent = &mut self.recent;
        let touched = self.store.write(|tx| {
            let again = tx.outbox(0, u32::MAX)?.into_iter().map(|(_, command)| command.id).collect();
            Rebuild::new(writer, Some(owner)).run(tx, &Verdicts { again, ..Verdicts::default() }, recent)
        })?;
        self.note_changed(touched)
    }

    /// Takes a command out of the tray, or tries it again; what is still not allowed stays there.
    pub(crate) fn settle_refused(
        &mut self,
        env: &mut dyn IdSource,
        command: CommandId,
        retry: bool,
    ) -> Result<(), ReplicaError> {
        let Some(row) = self.store.refused_command(command)? else { return Ok(()) };
        if retry && row.code == NOT_TAKEN_BACK {
            self.notice(model::app::Tone::Neutral, "It stands on this device already; only others can bring it back");
            return Ok(());
        }
        let refused: Command = serde_json::from_slice(&row.payload)?;
        let records: Vec<RecordRef> = refused.edits.iter().map(Edit::record).collect();
        if retry {
            self.commit(env, model::plan::Planned { label: refused.label, edits: refused.edits })?;
        }
        self.store.write(|tx| tx.take_refused(command).map_err(ReplicaError::from))?;
        self.note_changed(records)
    }
}

/// Rebuilds documents after some commands were dropped or have to be executed again.
struct Rebuild {
    writer: Writer,
    owner: Option<NewOwner>,
    /// Documents whose pending changes are made anew.
    affected: BTreeMap<RecordId, RecordRef>,
    /// Commands on their way to the tray.
    refused: Vec<(Command, Refusal)>,
}

impl Rebuild {
    const fn new(writer: Writer, owner: Option<NewOwner>) -> Self {
        Self { writer, owner, affected: BTreeMap::new(), refused: Vec::new() }
    }

    fn run(
        mut self,
        tx: &mut Tx<'_>,
        verdicts: &Verdicts,
        recent: &mut Recent,
    ) -> Result<Vec<RecordRef>, ReplicaError> {
        let again = self.take_out(tx, verdicts)?;
        let mut bench = self.bench(tx, recent)?;
        for (mut command, mut outgoing) in again {
            self.rewrite(&mut command);
            match bench.carry_out(tx, &command) {
                Ok(changes) => {
                    outgoing.payload = serde_json::to_vec(&command)?;
                    outgoing.changes = changes;
                    if outgoing.changes.is_empty() {
                        // What it wanted stands already; there is nothing to send, and nothing to take back.
                        tx.take_command(command.id)?;
                        let logged = Logged { label: command.label.clone(), steps: Vec::new() };
                        tx.log_command(command.id, command.at, &serde_json::to_vec(&logged)?)?;
                    } else {
                        tx.replace_command(&outgoing)?;
                    }
                }
                Err(error) => {
                    tx.take_command(command.id)?;
                    let detail = format!("it builds on a change that was not accepted ({error})");
                    self.refused.push((command, Refusal { code: nack::DEPENDS_ON_REFUSED.into(), detail }));
                }
            }
        }
        bench.project(tx)?;
        self.clear_ghosts(tx)?;
        // Only now do the records show what stands without the refused commands.
        for (command, refusal) in &self.refused {
            put_refused(tx, command, refusal)?;
        }
        Ok(self.affected.into_values().collect())
    }

    /// Takes refused commands out for good, and returns those to be executed again, in order.
    fn take_out(
        &mut self,
        tx: &mut Tx<'_>,
        verdicts: &Verdicts,
    ) -> Result<Vec<(Command, OutboxCommand)>, ReplicaError> {
        let mut again = Vec::new();
        for (_, outgoing) in tx.outbox(0, u32::MAX)? {
            let refusal = verdicts.refused.get(&outgoing.id);
            let touched = outgoing.changes.iter().any(|change| self.affected.contains_key(&change.record.id));
            let forgotten = verdicts.forgotten.contains(&outgoing.id);
            if refusal.is_none() && !forgotten && !touched && !verdicts.again.contains(&outgoing.id) {
                continue;
            }
            for change in &outgoing.changes {
                self.affected.insert(change.record.id, change.record);
            }
            let command: Command = serde_json::from_slice(&outgoing.payload)?;
            if forgotten {
                tx.take_command(outgoing.id)?;
            } else if let Some(refusal) = refusal {
                tx.take_command(outgoing.id)?;
                self.refused.push((command, refusal.clone()));
            } else {
                tx.replace_command(&OutboxCommand { changes: Vec::new(), ..outgoing.clone() })?;
                again.push((command, outgoing));
            }
        }
        Ok(again)
    }

    /// The affected documents without the changes that were taken out, under a new epoch.
    fn bench<'a>(&self, tx: &mut Tx<'_>, recent: &'a mut Recent) -> Result<Workbench<'a>, ReplicaError> {
        let mut bench = Workbench::new(self.writer, recent);
        for record in self.affected.values() {
            let stored = tx.document(record.id)?;
            let epoch = stored.as_ref().map_or(0, |stored| stored.epoch) + 1;
            tx.set_epoch(*record, epoch)?;
            tx.clear_field_changes(record.id)?;
            let document = match &stored {
                Some(stored) => view::load_view(stored)?,
                None => None,
            };
            bench.place(record.id, document, epoch);
        }
        Ok(bench)
    }

    /// Records whose creation was refused are no longer shown.
    fn clear_ghosts(&self, tx: &mut Tx<'_>) -> Result<(), ReplicaError> {
        for record in self.affected.values() {
            let gone = match tx.document(record.id)? {
                Some(stored) => stored.confirmed.is_empty() && stored.pending.is_empty(),
                None => true,
            };
            if gone {
                tx.remove_document(record.id)?;
            } else {
                tx.refresh_pending(record.id)?;
            }
        }
        Ok(())
    }

    fn rewrite(&self, command: &mut Command) {
        let Some(owner) = self.owner else { return };
        let (before, after) = (Value::from(owner.before), Value::from(owner.after));
        let swap = |value: &mut Value| {
            if *value == before {
                *value = after.clone();
            }
        };
        for edit in &mut command.edits {
            // Where a file lies, and what a scanner says of it, is for the relay to say. Only a restored backup has
            // anything about another one.
            let of_file = edit.record().kind == model::Kind::Attachment;
            match edit {
                Edit::Create { fields, .. } => {
                    fields.retain(|key, _| !of_file || !OF_THE_RELAY.contains(&key.as_str()));
                    fields.values_mut().for_each(swap);
                }
                Edit::Set { fields, .. } => {
                    fields.retain(|key, _| !of_file || !OF_THE_RELAY.contains(&key.as_str()));
                    fields.values_mut().flatten().for_each(swap);
                }
                Edit::Settle { value, .. } => value.iter_mut().for_each(swap),
            }
        }
    }
}

/// Puts a command into the tray, with what stands in its place and what its author saw.
pub(crate) fn put_refused(tx: &mut Tx<'_>, command: &Command, refusal: &Refusal) -> Result<(), ReplicaError> {
    let seen = seen_by_author(tx, command)?;
    let mut changes = Vec::new();
    for edit in &command.edits {
        let record = edit.record();
        let current = tx.record(record.id)?;
        for (key, after) in written_by(edit) {
            changes.push(RefusedChange {
                record,
                name: current.as_ref().map(model::Record::display_name).unwrap_or_default(),
                before: current.as_ref().and_then(|record| record.get(&key).cloned()),
                seen: seen.get(&(record.id, key.clone())).cloned().flatten(),
                owner_name: String::new(),
                key,
                after,
            });
        }
    }
    tx.put_refused(&RefusedRow {
        command: command.id,
        at: command.at,
        payload: serde_json::to_vec(command)?,
        code: refusal.code.clone(),
        detail: refusal.detail.clone(),
        changes_payload: serde_json::to_vec(&changes)?,
    })?;
    Ok(())
}

/// What an edit writes, field by field.
pub(crate) fn written_by(edit: &Edit) -> FieldChanges {
    match edit {
        Edit::Create { fields, .. } => fields.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect(),
        Edit::Set { fields, .. } => fields.clone(),
        Edit::Settle { key, value, .. } => FieldChanges::from([(key.clone(), value.clone())]),
    }
}

/// The values that the fields of a command had for its author, as far as the log remembers.
fn seen_by_author(tx: &Tx<'_>, command: &Command) -> Result<BTreeMap<(RecordId, String), Option<Value>>, ReplicaError> {
    let Some(found) = tx.logged_command(command.id)? else { return Ok(BTreeMap::new()) };
    let logged: Logged = serde_json::from_slice(&found.payload)?;
    let seen = logged.steps.into_iter().filter_map(|step| match step {
        UndoStep::Set { record, key, before, .. } => Some(((record.id, key), before)),
        UndoStep::Created(_) => None,
    });
    Ok(seen.collect())
}
