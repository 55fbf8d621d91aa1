//! What can go wrong, one type for each operation. The words are for the person at the other end.

use model::schema::FieldProblem;

use super::hasher::HashPasswordError;
use super::keys::OpenKeysError;
use super::password::WeakPassword;
use super::store::IdentityStoreError;
use super::throttle::TooManyTries;

/// Something failed that the caller can't help.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFailure {
    /// The tables.
    #[error(transparent)]
    Store(#[from] IdentityStoreError),
    /// The key file.
    #[error(transparent)]
    Keys(#[from] OpenKeysError),
    /// Argon2.
    #[error(transparent)]
    Hash(HashPasswordError),
    /// Signing a token.
    #[error("signing a token failed")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// A thread of work was lost.
    #[error("the work was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Why a sign-in did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such user, wrong password, or disabled: nobody learns which.
    #[error("the e-mail address or the password is wrong")]
    Wrong,
    /// Too many tries for this account or from this address.
    #[error(transparent)]
    TooMany(#[from] TooManyTries),
    /// Too many sign-ins at once.
    #[error("many people are signing in just now; try again in a moment")]
    Busy,
    /// Somebody else has signed in on this device.
    #[error("somebody else uses this device; start with a new profile")]
    DeviceTaken,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

/// Why a person was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreatePersonError {
    /// Fields need attention.
    #[error("{0}")]
    Invalid(FieldProblem),
    /// The password is not good enough.
    #[error("{0}")]
    Weak(#[from] WeakPassword),
    /// Somebody has this e-mail address.
    #[error("somebody has this e-mail address already")]
    EmailTaken,
    /// Too many at once.
    #[error("many people are signing in just now; try again in a moment")]
    Busy,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

/// Why the relay was not set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// There is an administrator.
    #[error("this relay is set up already; sign in instead")]
    AlreadyDone,
    /// The link is used up or too old, or never was one.
    #[error("this link is not valid any more; restart the relay for a new one")]
    BadToken,
    /// Too many tries from this address.
    #[error(transparent)]
    TooMany(#[from] TooManyTries),
    /// The first administrator can't be created like this.
    #[error(transparent)]
    Person(#[from] CreatePersonError),
    /// The administrator exists now, but is not signed in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

/// Why a session was not continued.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is unknown, used, or its session has ended.
    #[error("the session has ended; sign in again")]
    Ended,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

/// Why a request is not from anybody.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The token is not valid, or its session has ended.
    #[error("sign in first")]
    SignIn,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

/// Why a role was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SetRoleError {
    /// Nobody has this e-mail address.
    #[error("nobody has this e-mail address")]
    NoSuchPerson,
    /// A workspace keeps an administrator.
    #[error("this is the last administrator; make somebody else one first")]
    LastAdmin,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Nobody has this e-mail address.
    #[error("nobody has this e-mail address")]
    NoSuchPerson,
    /// The new password can't be used.
    #[error(transparent)]
    Password(#[from] CreatePersonError),
}

/// Why a person was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePersonError {
    /// A field needs attention.
    #[error("{0}")]
    Invalid(FieldProblem),
    /// There is nobody of this id.
    #[error("there is no such person")]
    NoSuchPerson,
    /// A workspace keeps an administrator.
    #[error("this is the last administrator; make somebody else one first")]
    LastAdmin,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

/// Why somebody's own password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is wrong, or there were too many tries.
    #[error(transparent)]
    Current(#[from] SignInError),
    /// The new password can't be used.
    #[error(transparent)]
    New(#[from] CreatePersonError),
}

/// Why a one-time link was not made.
#[derive(Debug, thiserror::Error)]
pub enum OfferLinkError {
    /// There is nobody of this id who may sign in.
    #[error("there is no such person, or they may not sign in")]
    NoSuchPerson,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

/// Why a one-time link opened nothing.
#[derive(Debug, thiserror::Error)]
pub enum UseLinkError {
    /// It is used up, too old, or never was one: nobody learns which.
    #[error("this link is not valid any more; ask an administrator for a new one")]
    Invalid,
    /// Too many tries from this address.
    #[error(transparent)]
    TooMany(#[from] TooManyTries),
    /// The password can't be used.
    #[error(transparent)]
    Password(#[from] CreatePersonError),
    /// The password is set, but its owner is not signed in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] IdentityFailure),
}

macro_rules! fails_with_store {
    ($($error:ident)*) => { $(
        impl From<IdentityStoreError> for $error {
            fn from(error: IdentityStoreError) -> Self {
                Self::Failed(error.into())
            }
        }
    )* };
}
fails_with_store!(SignInError CreatePersonError RefreshError AuthenticateError SetRoleError ChangePersonError);
