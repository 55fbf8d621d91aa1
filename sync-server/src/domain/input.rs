//! What comes into the core and what goes out of it.

use model::{FieldChanges, Kind, RecordRef, Role, UserId};
use sync::wire::Farewell;

use super::Session;

/// Names a connection for as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Something that happened to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The client sent a frame.
    Frame(Vec<u8>),
    /// The client reads too slowly: entries stop until it pulls.
    QueueFull,
}

/// Something to do with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this frame.
    Frame(Vec<u8>),
    /// Close the connection once everything before is sent.
    Close(Farewell),
}

/// Which connections a change of rights concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// All of a person's.
    User(UserId),
    /// All of a device's.
    Device(model::DeviceId),
    /// All that came from one sign-in.
    SignIn([u8; 16]),
}

impl Whose {
    /// Whether a session is meant.
    pub fn includes(self, session: &Session) -> bool {
        match self {
            Self::User(user) => session.user == user,
            Self::Device(device) => session.device == device,
            Self::SignIn(sign_in) => session.sign_in == sign_in,
        }
    }
}

/// A change of rights that takes effect on open connections at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightsChange {
    /// They are closed.
    Revoked(Whose),
    /// The person has another role.
    Role(UserId, Role),
}

/// Fields to write into one record; the record is created when there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The record.
    pub record: RecordRef,
    /// What to set and what to remove. `created_at` of a new record is filled in.
    pub changes: FieldChanges,
}

impl Write {
    /// A write to a person's directory record.
    pub fn user(user: UserId, changes: FieldChanges) -> Self {
        Self { record: RecordRef::new(Kind::User, user.record()), changes }
    }

    /// A write to a device's directory record.
    pub fn device(device: model::DeviceId, changes: FieldChanges) -> Self {
        Self { record: RecordRef::new(Kind::Device, device.record()), changes }
    }
}
