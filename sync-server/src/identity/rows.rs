//! What goes into the identity tables and comes out of them, as plain values.

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
}

impl EndedWhy {
    /// The name in the table and in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::SignedInAgain => "signed_in_again",
            Self::TokenReused => "token_reused",
            Self::PasswordReset => "password_reset",
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
