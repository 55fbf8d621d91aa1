//! Who may do what (PRODUCT 5). The same code shows it in the clients and enforces it on the relay.

use serde::{Deserialize, Serialize};

use crate::{Kind, UserId};

/// A person's role in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Works with the records.
    User,
    /// Runs the workspace.
    Admin,
}

impl Role {
    /// The name in JSON and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::User => "user",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Viewer, Self::User, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// Why something is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Denied {
    /// The person may only read.
    #[error("your role is read-only")]
    ReadOnly,
    /// Only administrators may.
    #[error("only an administrator can change this")]
    AdminsOnly,
    /// Only the record's owner (or an administrator) may.
    #[error("only the owner or an administrator can change this")]
    OwnersOnly,
    /// Only the relay writes it.
    #[error("this is managed by the team's relay")]
    RelayOnly,
}

/// Who asks, under which workspace option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Their role now.
    pub role: Role,
    /// The workspace option "only owners edit".
    pub only_owners_edit: bool,
}

impl Actor {
    /// Whether the person may create records of this kind.
    ///
    /// # Errors
    /// The reason why not.
    pub const fn may_create(&self, kind: Kind) -> Result<(), Denied> {
        match (self.role, kind) {
            (_, Kind::User | Kind::Device) => Err(Denied::RelayOnly),
            (Role::Viewer, _) => Err(Denied::ReadOnly),
            (Role::User, Kind::Settings) => Err(Denied::AdminsOnly),
            _ => Ok(()),
        }
    }

    /// Whether the person may change a record of this kind with this owner.
    ///
    /// # Errors
    /// The reason why not.
    pub fn may_edit(&self, kind: Kind, owner: Option<UserId>) -> Result<(), Denied> {
        self.may_create(kind)?;
        let guarded = self.only_owners_edit && self.role != Role::Admin;
        if guarded && owner.is_some_and(|owner| owner != self.user) {
            return Err(Denied::OwnersOnly);
        }
        Ok(())
    }
}
