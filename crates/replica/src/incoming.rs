//! What the relay brings: entries of the log, pages of the snapshot, word on our own commands.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Document, guard};
use model::{ChangeHash, CommandId, Record, RecordRef, Timestamp};
use store::{BootstrapDocument, Entry as StoredEntry, OutboxCommand, StoredDocument, Tx};
use sync::Cursor;
use sync::client::Position;
use sync::wire::{Accepted, Entry, Proof, SnapshotDocument, change_check};

use crate::link::{write_cursor, write_position};
use crate::lost::came_back;
use crate::quarantine::release;
use crate::rebase::Verdicts;
use crate::recent::Recent;
use crate::replica::{Replica, ReplicaError};
use crate::view;

/// What storing entries or acknowledgements led to.
#[derive(Default)]
struct Effect {
    touched: BTreeSet<RecordRef>,
    verdicts: Verdicts,
}

impl Replica {
    /// Stores entries and the cursor after them in one transaction; returns what is to become of commands here.
    pub(crate) fn take_entries(&mut self, entries: Vec<Entry>, end: Cursor) -> Result<Verdicts, ReplicaError> {
        let recent = &mut self.recent;
        let effect = self.store.write_copy(|tx| {
            let mut effect = Effect::default();
            for entries in by_record(entries).into_values() {
                take_record(tx, &entries, recent, &mut effect)?;
            }
            write_cursor(tx, end)?;
            Ok::<_, ReplicaError>(effect)
        })?;
        self.note_changed(effect.touched)?;
        Ok(effect.verdicts)
    }

    /// Moves accepted commands from the outbox to what is confirmed.
    pub(crate) fn take_accepted(
        &mut self,
        accepted: &[Accepted],
        end: Option<Cursor>,
    ) -> Result<Verdicts, ReplicaError> {
        let Some(account) = &self.account else { return Ok(Verdicts::default()) };
        let (user, device) = (account.user, self.device);
        let effect = self.store.write_copy(|tx| {
            let mut effect = Effect::default();
            for answer in accepted {
                let Some(command) = tx.command(answer.command)? else { continue };
                if change_check(command.changes.iter().map(|change| &change.hash)) != answer.check {
                    // The relay holds another form of it; that one comes with the entries.
                    effect.verdicts.forget(answer.command);
                    continue;
                }
                if !builds_on_confirmed(tx, &command)? {
                    // An acknowledgement overtook the one before it; the entries bring both in order.
                    continue;
                }
                let origin = Origin { user, device, answer };
                confirm_command(tx, &command, &origin, &mut effect)?;
            }
            if let Some(end) = end {
                write_cursor(tx, end)?;
            }
            Ok::<_, ReplicaError>(effect)
        })?;
        self.note_changed(effect.touched)?;
        Ok(effect.verdicts)
    }

    /// Stores a page of the snapshot.
    pub(crate) fn take_snapshot(
        &mut self,
        documents: Vec<SnapshotDocument>,
        position: &Position,
    ) -> Result<Verdicts, ReplicaError> {
        let mut changed = Vec::with_capacity(documents.len());
        let verdicts = self.store.write_copy(|tx| {
            let mut verdicts = Verdicts::default();
            for document in documents {
                changed.push(document.record);
                take_snapshot_document(tx, document, &mut verdicts)?;
            }
            write_position(tx, position)?;
            Ok::<_, ReplicaError>(verdicts)
        })?;
        self.upkeep.start(&mut self.store)?;
        self.note_changed(changed)?;
        Ok(verdicts)
    }
}

fn by_record(entries: Vec<Entry>) -> BTreeMap<RecordRef, Vec<Entry>> {
    let mut records: BTreeMap<RecordRef, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        records.entry(entry.record).or_default().push(entry);
    }
    records
}

/// Takes entries of one record.
fn take_record(
    tx: &mut Tx<'_>,
    entries: &[Entry],
    recent: &mut Recent,
    effect: &mut Effect,
) -> Result<(), ReplicaError> {
    let Some(record) = entries.first().map(|entry| entry.record) else { return Ok(()) };
    let stored = tx.document(record.id)?;
    let mut confirmed = match &stored {
        Some(stored) => recent.confirmed(stored)?,
        None => None,
    };
    let shown = stored.map(|stored| stored.view_heads).unwrap_or_default();
    for entry in entries {
        take_entry(tx, entry, &mut confirmed, effect)?;
    }
    let Some(confirmed) = confirmed else { return Ok(()) };
    compact_when_due(tx, record)?;
    show(tx, &confirmed, &shown, &mut effect.verdicts)?;
    recent.keep(confirmed);
    release(tx, record)?;
    effect.touched.insert(record);
    Ok(())
}

/// Adds one entry to a document's confirmed part. Bytes that do not fit are set aside, never dropped.
fn take_entry(
    tx: &mut Tx<'_>,
    entry: &Entry,
    confirmed: &mut Option<Document>,
    effect: &mut Effect,
) -> Result<(), ReplicaError> {
    let proof = &entry.proof;
    if let Some(command) = tx.command(proof.command)?
        && !command.changes.iter().any(|change| change.hash == proof.hash)
    {
        // Our command, accepted in an earlier form than the one we hold now.
        effect.verdicts.forget(proof.command);
    }
    tx.put_entry(&stored_entry(entry.record, proof))?;
    tx.bind_actor(entry.record.id, proof.actor, proof.user, proof.device)?;
    let applied = match confirmed {
        Some(document) => document.apply(&entry.change).map(drop).map_err(|error| error.to_string()),
        None => Document::from_changes(entry.record, [entry.change.as_slice()])
            .map(|document| *confirmed = Some(document))
            .map_err(|error| error.to_string()),
    };
    if let Err(reason) = applied {
        tx.quarantine(entry.record, proof.hash, &entry.change, &reason)?;
        return Ok(());
    }
    let heads = confirmed.as_ref().map(Document::heads).unwrap_or_default();
    tx.append_confirmed(entry.record, &entry.change, &heads)?;
    tx.confirm_pending(entry.record.id, proof.hash)?;
    tx.take_finished(proof.command)?;
    came_back(tx, proof.command)
}

fn compact_when_due(tx: &mut Tx<'_>, record: RecordRef) -> Result<(), ReplicaError> {
    let Some(stored) = tx.document(record.id)?.filter(StoredDocument::wants_compaction) else { return Ok(()) };
    if let Some(document) = view::load_confirmed(&stored)?
        && let Ok(saved) = document.save_checked()
    {
        tx.put_confirmed(record, &saved, &document.heads(), &stored.provenance)?;
    }
    Ok(())
}

fn stored_entry(record: RecordRef, proof: &Proof) -> StoredEntry {
    StoredEntry {
        log_seq: proof.seq,
        record,
        hash: proof.hash,
        actor: proof.actor,
        actor_seq: 0,
        user: proof.user,
        device: proof.device,
        command: proof.command,
        received_at: proof.received_at,
        receipt: proof.receipt.0.to_vec(),
    }
}

struct Origin<'a> {
    user: model::UserId,
    device: model::DeviceId,
    answer: &'a Accepted,
}

/// Whether everything a command's changes build on is confirmed, or comes earlier in the command itself.
fn builds_on_confirmed(tx: &Tx<'_>, command: &OutboxCommand) -> Result<bool, ReplicaError> {
    let mut earlier = BTreeSet::new();
    for change in &command.changes {
        let deps = guard::inspect(&change.bytes)?.deps;
        let heads = tx.heads_of(change.record.id)?;
        let beyond: Vec<_> = deps.iter().filter(|dep| !earlier.contains(*dep) && !heads.contains(dep)).collect();
        if !beyond.is_empty() {
            let Some(stored) = tx.document(change.record.id)? else { return Ok(false) };
            let Some(document) = view::load_confirmed(&stored)? else { return Ok(false) };
            if !beyond.into_iter().all(|dep| document.contains(dep)) {
                return Ok(false);
            }
        }
        earlier.insert(change.hash);
    }
    Ok(true)
}

/// Confirms a command whose changes the relay holds exactly as we do. Views stay as they are: only the mark
/// "waiting" goes.
fn confirm_command(
    tx: &mut Tx<'_>,
    command: &OutboxCommand,
    origin: &Origin<'_>,
    effect: &mut Effect,
) -> Result<(), ReplicaError> {
    for (index, change) in command.changes.iter().enumerate() {
        let inspected = guard::inspect(&change.bytes)?;
        let heads = tx.heads_of(change.record.id)?;
        let heads = view::advanced(&heads, &inspected.deps, change.hash);
        tx.append_confirmed(change.record, &change.bytes, &heads)?;
        let proof = Proof {
            seq: origin.answer.first_seq + index as u64,
            hash: change.hash,
            actor: inspected.actor,
            user: origin.user,
            device: origin.device,
            command: command.id,
            received_at: origin.answer.received_at,
            receipt: origin.answer.receipts.get(index).copied().unwrap_or_default(),
        };
        tx.put_entry(&stored_entry(change.record, &proof))?;
        tx.bind_actor(change.record.id, proof.actor, proof.user, proof.device)?;
        effect.touched.insert(change.record);
    }
    tx.take_command(command.id)?;
    for record in command.changes.iter().map(|change| change.record).collect::<BTreeSet<_>>() {
        tx.refresh_pending(record.id)?;
        compact_when_due(tx, record)?;
    }
    Ok(())
}

fn take_snapshot_document(
    tx: &mut Tx<'_>,
    document: SnapshotDocument,
    verdicts: &mut Verdicts,
) -> Result<(), ReplicaError> {
    let record = document.record;
    match tx.document(record.id)? {
        Some(stored) if !stored.confirmed.is_empty() && stored.confirmed_heads == document.heads => {
            put_proofs(tx, record, &document.proofs)
        }
        Some(stored) if !stored.confirmed.is_empty() || !stored.pending.is_empty() => {
            merge_snapshot_document(tx, &stored, document, verdicts)
        }
        _ => insert_snapshot_document(tx, document),
    }
}

/// The common case: a record this device has never seen. Its row is shown at once and checked later.
fn insert_snapshot_document(tx: &mut Tx<'_>, document: SnapshotDocument) -> Result<(), ReplicaError> {
    let fields = sync::row::decode(&document.row).map_err(ReplicaError::ForeignRow)?;
    let record = Record { kind: document.record.kind, id: document.record.id, fields };
    tx.bootstrap(&BootstrapDocument {
        record: &record,
        saved: &document.saved,
        heads: &document.heads,
        stage_entered_at: document.stage_entered_at.map(Timestamp::from_millis),
    })?;
    put_proofs(tx, document.record, &document.proofs)
}

/// The relay's document meets ours: both histories together, and what does not fit is set aside.
fn merge_snapshot_document(
    tx: &mut Tx<'_>,
    stored: &StoredDocument,
    incoming: SnapshotDocument,
    verdicts: &mut Verdicts,
) -> Result<(), ReplicaError> {
    let record = incoming.record;
    let loaded = Document::load(record, &incoming.saved, &incoming.heads);
    let mut confirmed = loaded.map_err(ReplicaError::ForeignDocument)?;
    if let Some(ours) = view::load_confirmed(stored)? {
        for change in ours.changes() {
            if let Err(error) = confirmed.apply(&change.bytes) {
                tx.quarantine(record, change.hash, &change.bytes, &error.to_string())?;
            }
        }
    }
    tx.put_confirmed(record, &confirmed.save(), &confirmed.heads(), &[])?;
    put_proofs(tx, record, &incoming.proofs)?;
    for hash in incoming.proofs.iter().map(|proof| proof.hash) {
        tx.confirm_pending(record.id, hash)?;
    }
    for command in incoming.proofs.iter().map(|proof| proof.command).collect::<BTreeSet<CommandId>>() {
        tx.take_finished(command)?;
        came_back(tx, command)?;
    }
    tx.clear_field_changes(record.id)?;
    show(tx, &confirmed, &[], verdicts)
}

/// Shows a document with what waits. Commands whose changes build on something that is gone are executed again.
fn show(
    tx: &mut Tx<'_>,
    confirmed: &Document,
    since: &[ChangeHash],
    verdicts: &mut Verdicts,
) -> Result<(), ReplicaError> {
    let record = confirmed.record();
    let pending = tx.document(record.id)?.map(|stored| stored.pending).unwrap_or_default();
    if pending.is_empty() {
        return view::project(tx, confirmed, since, false).map(drop);
    }
    let view = view::with_pending(record, Some(confirmed.clone()), &pending)?;
    let Some(document) = view.document else { return Ok(()) };
    if view.complete {
        return view::project(tx, &document, since, true).map(drop);
    }
    let touches = |command: &OutboxCommand| command.changes.iter().any(|change| change.record == record);
    let commands = tx.outbox(0, u32::MAX)?.into_iter().map(|(_, command)| command);
    commands.filter(touches).for_each(|command| verdicts.again(command.id));
    tx.clear_field_changes(record.id)?;
    view::project(tx, &document, &[], true).map(drop)
}

fn put_proofs(tx: &mut Tx<'_>, record: RecordRef, proofs: &[Proof]) -> Result<(), ReplicaError> {
    let mut actors: BTreeSet<[u8; 16]> = BTreeSet::new();
    for proof in proofs {
        tx.put_entry(&stored_entry(record, proof))?;
        if actors.insert(proof.actor) {
            tx.bind_actor(record.id, proof.actor, proof.user, proof.device)?;
        }
    }
    Ok(())
}
