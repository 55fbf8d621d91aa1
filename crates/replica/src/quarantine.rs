//! Accepted changes that did not fit when they came: they wait, are tried again when their record changes or the
//! program was upgraded, and are offered to a relay that has lost them like all others.

use ledger::{Applied, Document};
use model::schema::SCHEMA_VERSION;
use model::{ChangeHash, RecordRef};
use store::{QuarantinedChange, Tx};

use crate::replica::{Replica, ReplicaError};
use crate::view;

/// The version of the program that last tried everything in quarantine.
const TRIED_BY: &str = "quarantine_tried_by";

/// What this program can read: another version or schema may read more.
fn this_program() -> Vec<u8> {
    format!("{} schema {SCHEMA_VERSION}", env!("CARGO_PKG_VERSION")).into_bytes()
}

impl Replica {
    /// After an upgrade, tries everything in quarantine once more.
    pub(crate) fn try_quarantine_after_upgrade(&mut self) -> Result<(), ReplicaError> {
        if self.store.meta(TRIED_BY)?.is_some_and(|by| by == this_program()) {
            return Ok(());
        }
        let released = self.store.write(|tx| {
            let mut released = Vec::new();
            for record in tx.quarantined_records()? {
                if release(tx, record)? > 0 {
                    released.push(record);
                }
            }
            tx.set_meta(TRIED_BY, &this_program())?;
            Ok::<_, ReplicaError>(released)
        })?;
        self.note_changed(released)
    }

    /// The bytes of a change in quarantine.
    pub(crate) fn quarantined_bytes(
        &self,
        record: RecordRef,
        hash: ChangeHash,
    ) -> Result<Option<Vec<u8>>, ReplicaError> {
        let waiting = self.store.quarantined(record.id)?;
        Ok(waiting.into_iter().find(|change| change.hash == hash).map(|change| change.bytes))
    }
}

/// Applies what fits of a record's quarantine and shows it; returns how many changes that were.
pub(crate) fn release(tx: &mut Tx<'_>, record: RecordRef) -> Result<usize, ReplicaError> {
    let mut waiting = tx.quarantined(record.id)?;
    let mut released = 0;
    // One may wait for another that came after it.
    loop {
        let before = waiting.len();
        let mut still = Vec::new();
        for change in waiting {
            if !release_one(tx, record, &change)? {
                still.push(change);
            }
        }
        released += before - still.len();
        waiting = still;
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    if released > 0 {
        show(tx, record)?;
    }
    Ok(released)
}

fn release_one(tx: &mut Tx<'_>, record: RecordRef, change: &QuarantinedChange) -> Result<bool, ReplicaError> {
    let stored = tx.document(record.id)?;
    let confirmed = match &stored {
        Some(stored) => view::load_confirmed(stored)?,
        None => None,
    };
    let heads = match confirmed {
        Some(mut document) => match document.apply(&change.bytes) {
            Ok(Applied::New) => Some(document.heads()),
            Ok(Applied::AlreadyHere) => None,
            Err(_) => return Ok(false),
        },
        None => match Document::from_changes(record, [change.bytes.as_slice()]) {
            Ok(document) => Some(document.heads()),
            Err(_) => return Ok(false),
        },
    };
    if let Some(heads) = heads {
        tx.append_confirmed(record, &change.bytes, &heads)?;
    }
    Ok(tx.release(change.hash)?)
}

fn show(tx: &mut Tx<'_>, record: RecordRef) -> Result<(), ReplicaError> {
    let Some(stored) = tx.document(record.id)? else { return Ok(()) };
    if let Some(document) = view::load_view(&stored)? {
        view::project(tx, &document, &stored.view_heads, !stored.pending.is_empty())?;
    }
    Ok(())
}
