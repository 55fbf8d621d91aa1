//! Beginning anew after the file was damaged: what was salvaged of the outbox and the tray goes into a new store, the
//! rest comes from the relay.
//!
//! A change whose bytes are not what its hash says is never sent. The command it belonged to goes to the tray, from
//! where its author tries it again once the records are back.

use std::collections::BTreeSet;

use ledger::guard;
use model::{Command, IdSource};
use store::{OutboxCommand, PendingChange, SalvagedOutbox, Store, Tx};

use crate::account::{self, Account};
use crate::attachments;
use crate::rebase::{Refusal, Verdicts, put_refused};
use crate::replica::{Replica, ReplicaError};
use crate::view;

/// The tray's code for a command whose changes were damaged.
const DAMAGED: &str = "damaged";

/// Stands in a store that was filled from a damaged one, once all of it is there.
const MENDED: &str = "mended";

/// What became of what was salvaged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Mended {
    /// Commands that wait for the relay as they did before.
    pub waiting: u64,
    /// Commands in the tray because their changes were damaged.
    pub in_tray: u64,
    /// Places in the file that could not be read.
    pub unreadable: u64,
}

impl std::fmt::Display for Mended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { waiting, in_tray, unreadable } = self;
        f.write_str("the database on this device was damaged and has been set aside. ")?;
        match waiting {
            1 => f.write_str("1 change that was only here was saved")?,
            _ => write!(f, "{waiting} changes that were only here were saved")?,
        }
        match in_tray {
            0 => {}
            1 => f.write_str(", 1 more is in Settings › Sync to be tried again")?,
            _ => write!(f, ", {in_tray} more are in Settings › Sync to be tried again")?,
        }
        match unreadable {
            0 => Ok(()),
            1 => f.write_str(", 1 place could not be read"),
            _ => write!(f, ", {unreadable} places could not be read"),
        }
    }
}

impl Replica {
    /// Fills the new, empty `store` with what was salvaged from a damaged one, and closes it.
    ///
    /// # Errors
    /// When the new store can't be read or written.
    pub fn mend(mut store: Store, saved: &SalvagedOutbox, env: &mut dyn IdSource) -> Result<Mended, ReplicaError> {
        let account = account::read_salvaged(saved);
        // Alone, every command ever given is in the outbox: carrying all of them out again makes all records.
        let alone = account.as_ref().is_some_and(|account| !account.is_joined());
        let mended = store.write(|tx| restore(tx, saved, account.as_ref(), alone))?;
        let mut replica = Self::open(store, env)?;
        if alone {
            replica.execute_outbox_again(env)?;
        }
        replica.store.write(|tx| tx.set_meta(MENDED, &[]).map_err(ReplicaError::from))?;
        Ok(mended)
    }

    /// Whether a store that was being filled by [`mend`](Self::mend) holds everything.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn is_mended(store: &Store) -> Result<bool, ReplicaError> {
        Ok(store.meta(MENDED)?.is_some())
    }

    fn execute_outbox_again(&mut self, env: &dyn IdSource) -> Result<(), ReplicaError> {
        let mut verdicts = Verdicts::default();
        self.store.outbox(0, u32::MAX)?.into_iter().for_each(|(_, command)| verdicts.again(command.id));
        self.project_local_user(env.now())?;
        self.carry_out_verdicts(&verdicts)
    }
}

fn restore(
    tx: &mut Tx<'_>,
    saved: &SalvagedOutbox,
    account: Option<&Account>,
    alone: bool,
) -> Result<Mended, ReplicaError> {
    account::restore_identity(tx, saved, account)?;
    attachments::restore(tx, saved)?;
    let mut mended = Mended { unreadable: saved.losses.len() as u64, ..Mended::default() };
    for command in &saved.commands {
        let sound = is_sound(command, saved);
        match serde_json::from_slice::<Command>(&command.payload) {
            Ok(_) if alone || sound => {
                let changes = command.changes.iter().filter(|change| sound && is_genuine(change)).cloned().collect();
                tx.push_command(&OutboxCommand { changes, ..command.clone() })?;
                mended.waiting += 1;
            }
            Ok(given) => {
                let detail = "its changes were damaged on this device's disk".to_owned();
                put_refused(tx, &given, &Refusal { code: DAMAGED.into(), detail })?;
                mended.in_tray += 1;
            }
            // Without what was meant, a change can't be answered for; the damaged file keeps it.
            Err(_) => mended.unreadable += 1,
        }
    }
    for refused in &saved.refused {
        tx.put_refused(refused)?;
    }
    mended.unreadable += saved.orphans.len() as u64;
    if !alone {
        show_what_can_be(tx, saved)?;
    }
    Ok(mended)
}

/// Whether all of a command's changes are here as they were made. Where something could not be read, a command with
/// fewer changes than edits counts as incomplete: a part of it must not be sent as if it were all.
fn is_sound(command: &OutboxCommand, saved: &SalvagedOutbox) -> bool {
    let edit_count = serde_json::from_slice::<Command>(&command.payload).map_or(0, |given| given.edits.len());
    let complete = saved.losses.is_empty() || command.changes.len() >= edit_count;
    complete && command.changes.iter().all(is_genuine)
}

fn is_genuine(change: &PendingChange) -> bool {
    guard::inspect(&change.bytes).is_ok_and(|inspected| inspected.hash == change.hash)
}

/// Records made while offline are whole without the relay; those that it knows come from there.
fn show_what_can_be(tx: &mut Tx<'_>, saved: &SalvagedOutbox) -> Result<(), ReplicaError> {
    let touched = saved.commands.iter().flat_map(|command| &command.changes).map(|change| change.record);
    for record in touched.collect::<BTreeSet<_>>() {
        let Some(stored) = tx.document(record.id)?.filter(|stored| !stored.pending.is_empty()) else { continue };
        if let Ok(Some(document)) = view::load_view(&stored) {
            view::project(tx, &document, &[], true)?;
        }
    }
    Ok(())
}
