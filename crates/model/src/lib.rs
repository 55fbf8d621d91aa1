//! The CRM's nouns and rules: ids, records, commands, queries, validation, permissions.
//!
//! Pure values only. Nothing here knows Automerge, SQL, a screen, a socket, the clock or dice;
//! the present moment and fresh ids always come in as arguments.

pub mod action;
pub mod app;
pub mod build;
pub mod csv;
pub mod fold;
pub mod format;
pub mod id;
pub mod import;
pub mod input;
pub mod kind;
pub mod own_field;
pub mod paper;
pub mod plan;
pub mod policy;
pub mod query;
pub mod rank;
pub mod record;
pub mod reminder;
pub mod report;
pub mod rot;
pub mod sample;
pub mod schema;
pub mod score;
pub mod settings;
pub mod suggestion;
pub mod time;
pub mod value;

pub use action::{Action, Command, Edit};
pub use id::{ChangeHash, CommandId, DeviceId, IdSource, RecordId, RecordRef, UserId, WorkspaceId};
pub use kind::Kind;
pub use own_field::{OwnField, OwnType};
pub use policy::Role;
pub use record::Record;
pub use settings::{Settings, Stage, StageKind};
pub use time::{Date, Timestamp};
pub use value::{FieldChanges, Fields, Value};
