//! One record is one Automerge document: create, edit, read, history, conflicts, and the guard that judges
//! changes before Automerge sees them.
//!
//! Pure: no clock, no dice, no I/O. Who writes and when comes in as [`Author`]; bytes go out as [`NewChange`].
//! Every value sits on a flat root key, so edits of different fields merge. Only notes and bodies are text
//! objects, in which concurrent typing merges; they are made by the record's first change, never later.

mod author;
mod codec;
mod document;
mod edit;
mod engine;
mod graph;
pub mod guard;
mod history;
mod read;
mod root;

pub use author::{ActorId, Author, NewChange, actor_id};
pub use document::{Applied, ApplyError, Document, LoadError};
pub use edit::EditError;
pub use engine::Panicked;
pub use graph::ChangeMeta;
pub use history::{FieldChange, HistoryEntry};
pub use read::{ConflictValue, FieldConflict};
