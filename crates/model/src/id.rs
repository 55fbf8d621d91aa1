//! Identifiers. Each has its own type, so that a user can't be passed where a device is due.
//!
//! Ids are made by whichever device creates the thing (UUID version 7, RFC 9562), from a moment and
//! random bytes that the caller brings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Kind, Timestamp};

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Builds the id from its 16 bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Returns the id's 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads an id from a byte slice; anything but 16 bytes is `None`.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::from_str(text).map(Self).map_err(|_| ParseIdError { text: text.to_owned() })
            }
        }
    };
}

id_type! {
    /// Names one record of any kind; also the id of its document.
    RecordId
}
id_type! {
    /// Names a person who uses the workspace. The user's directory record has the same 16 bytes.
    UserId
}
id_type! {
    /// Names one installation of a client (a profile on disk or a browser's storage).
    DeviceId
}
id_type! {
    /// Names one user action, for its whole life: outbox, relay, history, undo. Idempotency key of a push.
    CommandId
}
id_type! {
    /// Names a team's workspace on a relay.
    WorkspaceId
}

/// Text that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id: {text}")]
pub struct ParseIdError {
    /// What was given.
    pub text: String,
}

impl UserId {
    /// The id of the user's directory record.
    pub const fn record(self) -> RecordId {
        RecordId(self.0)
    }
}

impl DeviceId {
    /// The id of the device's directory record.
    pub const fn record(self) -> RecordId {
        RecordId(self.0)
    }
}

/// A record's id together with its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordRef {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: RecordId,
}

impl RecordRef {
    /// Pairs a kind with an id.
    pub const fn new(kind: Kind, id: RecordId) -> Self {
        Self { kind, id }
    }
}

/// SHA-256 of an Automerge change; names that change everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeHash(pub [u8; 32]);

impl fmt::Display for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeHash({self})")
    }
}

/// Where fresh ids come from: the moment, and random bytes drawn by the shell (or by a simulation's seed).
pub trait IdSource {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// Ten random bytes.
    fn random(&mut self) -> [u8; 10];

    /// A fresh UUID version 7.
    fn fresh_uuid(&mut self) -> Uuid {
        let millis = u64::try_from(self.now().as_millis()).unwrap_or(0);
        let random = self.random();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A fresh record id.
    fn fresh_record_id(&mut self) -> RecordId {
        RecordId(self.fresh_uuid())
    }

    /// A fresh command id.
    fn fresh_command_id(&mut self) -> CommandId {
        CommandId(self.fresh_uuid())
    }
}

impl<T: IdSource + ?Sized> IdSource for &mut T {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn random(&mut self) -> [u8; 10] {
        (**self).random()
    }
}
