//! What a relay has lost and does not take back from this device. It stays in the records, for another device may
//! bring it back; and it is shown in the tray, so that its author knows that the team does not have it.

use std::collections::{BTreeMap, BTreeSet};

use model::action::Label;
use model::app::Tone;
use model::{ChangeHash, Command, CommandId, Edit, FieldChanges, Fields, RecordRef};
use store::{Entry, Tx};

use crate::rebase::{Refusal, put_refused};
use crate::replica::{Replica, ReplicaError};
use crate::view;

/// The tray's code for what a relay does not take back.
pub(crate) const NOT_TAKEN_BACK: &str = "not_taken_back";
/// Changes that are put into the tray at once; the rest is told by number.
const SHOWN_MAX: usize = 1_000;

impl Replica {
    /// Puts accepted changes into the tray that the relay has lost and will not have back from us.
    pub(crate) fn not_taken_back(&mut self, hashes: &[ChangeHash]) -> Result<(), ReplicaError> {
        if hashes.is_empty() {
            return Ok(());
        }
        let mut commands: BTreeMap<CommandId, Command> = BTreeMap::new();
        for hash in hashes.iter().take(SHOWN_MAX) {
            let Some(entry) = self.store.entry_of(*hash)? else { continue };
            let Some(edit) = self.edit_of(&entry)? else { continue };
            let (id, at, label) = (entry.command, entry.received_at, label_of(&edit));
            commands.entry(id).or_insert_with(|| Command { id, at, label, edits: Vec::new() }).edits.push(edit);
        }
        self.store.write(|tx| commands.values().try_for_each(|command| put_refused(tx, command, &refusal())))?;
        let records: BTreeSet<RecordRef> =
            commands.values().flat_map(|command| command.edits.iter().map(Edit::record)).collect();
        self.note_changed(records)?;
        let count = hashes.len();
        self.notice(
            Tone::Bad,
            format!("{count} older changes could not be given back to the relay. See Settings › Sync."),
        );
        Ok(())
    }

    /// What an accepted change did, as its author would do it.
    fn edit_of(&self, entry: &Entry) -> Result<Option<Edit>, ReplicaError> {
        let record = entry.record;
        let Some(stored) = self.store.document(record.id)? else { return Ok(None) };
        let Some(document) = view::load_confirmed(&stored)? else { return Ok(None) };
        let Some(found) = document.history().into_iter().find(|told| told.hash == entry.hash) else { return Ok(None) };
        let fields: FieldChanges = found.changes.into_iter().map(|change| (change.key, change.after)).collect();
        if !found.created {
            return Ok(Some(Edit::Set { record, base_heads: Vec::new(), fields }));
        }
        let fields: Fields = fields.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        Ok(Some(Edit::Create { record, fields }))
    }
}

fn label_of(edit: &Edit) -> Label {
    match edit {
        Edit::Create { record, .. } => Label::Created(record.kind),
        Edit::Set { record, .. } | Edit::Settle { record, .. } => Label::Changed(record.kind, 1),
    }
}

fn refusal() -> Refusal {
    let detail = "the server has lost this and does not take it back from you; it still stands on this device";
    Refusal { code: NOT_TAKEN_BACK.into(), detail: detail.into() }
}

/// Takes a command out of the tray when the relay holds it again: somebody else brought it.
pub(crate) fn came_back(tx: &mut Tx<'_>, command: CommandId) -> Result<(), ReplicaError> {
    if tx.refused_command(command)?.is_some_and(|row| row.code == NOT_TAKEN_BACK) {
        tx.take_refused(command)?;
    }
    Ok(())
}
