//! The local-first heart of every client: requests and network events in, updates and effects out.
//!
//! [`Replica::handle`] is the whole program. It owns the store and the documents; it has no thread, socket, clock
//! or dice of its own. Shells carry bytes and time to it, and a simulation runs whole teams of it under one seed.

mod account;
mod answers;
mod attachments;
mod backup;
mod diagnostics;
mod duplicates;
mod execute;
mod exports;
mod headless;
mod imports;
mod incoming;
mod link;
mod lookalikes;
mod lost;
mod mails;
mod mend;
mod message;
mod preferences;
mod quarantine;
mod rebase;
mod recent;
mod reminders;
mod replica;
mod rights;
mod suggestions;
mod table;
mod team;
mod tray;
mod undo;
mod upkeep;
mod view;

pub use backup::{Packed, RestoreError, Restored, Unpacked};
pub use headless::{HeadlessError, Verb};
pub use imports::column_targets;
/// Archives, for shells.
pub use interchange::backup as archive;
pub use link::{ConnectionState, SyncReport};
pub use mend::Mended;
pub use message::{ClientId, FileOutcome, FileWork, Input, Method, Output};
pub use replica::{Replica, ReplicaError};
pub use upkeep::{Problem, Verification};
