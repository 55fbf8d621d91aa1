//! The client's SQLite: documents as bytes, the outbox, and a projection that answers every query.
//!
//! The same code runs on a file natively and on OPFS in a browser. Nothing here knows what a document's bytes mean,
//! opens a socket or asks what time it is. One value, one thread.

mod audit;
mod changes;
mod codec;
mod columns;
mod documents;
mod entries;
mod error;
mod figures;
mod graft;
mod lookups;
mod merged;
mod open;
mod outbox;
mod project;
mod query;
mod salvage;
mod search;
mod store;
mod trays;
mod usage;
mod verify;

pub use audit::{AcceptedChange, AcceptedChanges, ChangeFilter, Means, NextAccepted};
pub use changes::FieldChangeRow;
pub use documents::{StoredDocument, TAIL_KEPT_BYTES};
pub use entries::Entry;
pub use error::{OpenStoreError, StoreError};
pub use graft::salvage_without_schema;
pub use lookups::BootstrapDocument;
pub use outbox::{LOGGED_COMMANDS, LoggedCommand, OutboxCommand, PendingChange};
pub use project::{Projection, StoredConflict, StoredConflictValue};
pub use query::{QueryContext, REMINDER_HORIZON_MILLIS, TimelineWindow};
#[cfg(not(target_arch = "wasm32"))]
pub use salvage::set_aside;
pub use salvage::{SalvagedOutbox, salvage};
pub use store::{Reader, Store, Tx};
pub use trays::{QuarantinedChange, RefusedRow};
pub use verify::StoredProjection;

/// SQLite's version.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

#[cfg(test)]
mod tests;
