//! What goes into the identity tables and comes out of them, as plain values.

use std::net::IpAddr;

use model::{DeviceId, Role, Timestamp, UserId};

use super::token::{SessionId, TokenHash};

/// A person who may sign in. The password hash stays in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// E-mail as it was written.
    pub email: String,
    /// Name.
    pub name: String,
    /// Role now.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Timestamp>,
}

/// What is needed to make a credential.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Who.
    pub person: Person,
    /// The e-mail address as it is compared.
    pub email_key: String,
    /// The password's PHC string.
    pub password_hash: String,
    /// Their directory record comes back from the team's devices.
    pub returns: bool,
}

/// A device that somebody signs in on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// Whose.
    pub user: UserId,
    /// What its owner called it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it signed in or renewed its tokens the last time.
    pub seen_at: Timestamp,
    /// Since when its access is taken away; signing in on it again gives it back.
    pub revoked_at: Option<Timestamp>,
}

/// A device as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStanding {
    /// The device.
    pub device: Device,
    /// Whether a session lives on it.
    pub signed_in: bool,
}

/// What to change about a person; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// Another name.
    pub name: Option<String>,
    /// Another role.
    pub role: Option<Role>,
    /// Whether they may not sign in any more.
    pub disabled: Option<bool>,
}

/// What became of a change of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// The person now, and the sessions that ended.
    Changed(Person, Vec<SessionId>),
    /// There is nobody of this id.
    NoSuchPerson,
    /// The last administrator stays one.
    LastAdmin,
}

/// What a one-time link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// Choosing the first password.
    Invite,
    /// Choosing another one.
    Reset,
}

impl LinkPurpose {
    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }

    /// The purpose of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Invite, Self::Reset].into_iter().find(|purpose| purpose.name() == name)
    }
}

/// A one-time link to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewLink {
    /// Its token's hash.
    pub hash: TokenHash,
    /// Whom it is for.
    pub user: UserId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Who made it.
    pub created_by: UserId,
    /// It opens nothing from then on.
    pub expires_at: Timestamp,
}

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Which.
    pub id: SessionId,
    /// On which device.
    pub device: DeviceId,
    /// Whose.
    pub person: Person,
}

/// A new session with its first refresh token.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Which.
    pub id: SessionId,
    /// Whose, on what.
    pub device: Device,
    /// Now.
    pub created_at: Timestamp,
    /// Where from.
    pub address: IpAddr,
    /// It ends then unless refreshed.
    pub idle_until: Timestamp,
    /// It ends then in any case.
    pub ends_at: Timestamp,
    /// Its first token.
    pub token: NewToken,
}

/// A refresh token to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewToken {
    /// Its hash.
    pub hash: TokenHash,
    /// Goes into its successor.
    pub salt: [u8; 32],
}

/// What is known of a presented refresh token.
#[derive(Debug, Clone)]
pub struct KnownToken {
    /// The session it belongs to.
    pub session: SessionId,
    /// Goes into its successor.
    pub salt: [u8; 32],
    /// When its successor was issued.
    pub replaced_at: Option<Timestamp>,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedWhy {
    /// Its user signed out.
    SignedOut,
    /// Somebody signed in anew on the same device.
    SignedInAgain,
    /// A refresh token was used a second time.
    TokenReused,
    /// The password was reset.
    PasswordReset,
    /// The password was changed on another device.
    PasswordChanged,
    /// The device's access was taken away.
    DeviceRevoked,
    /// The person may not sign in any more.
    Disabled,
}

impl EndedWhy {
    /// The name in the table and in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::SignedInAgain => "signed_in_again",
            Self::TokenReused => "token_reused",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::DeviceRevoked => "device_revoked",
            Self::Disabled => "disabled",
        }
    }
}

/// What became of an attempt to set the relay up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupOutcome {
    /// The first administrator exists now.
    Created,
    /// There was one already.
    AlreadyDone,
    /// The token is unknown, used or expired.
    BadToken,
}

/// What became of a new credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateOutcome {
    /// It exists now.
    Created,
    /// Somebody has this e-mail address.
    EmailTaken,
}

/// What became of a change of role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleOutcome {
    /// Changed, or it was so before.
    Changed,
    /// The last administrator stays one.
    LastAdmin,
}

/// What became of a sign-in whose password was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionOutcome {
    /// The session lives; these sessions of the same device ended.
    Started(Vec<SessionId>),
    /// The device belongs to somebody else.
    DeviceTaken,
}
