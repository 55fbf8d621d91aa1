//! What the relay's core gets from outside: time, randomness, and whose token a token is.

use model::{DeviceId, FieldChanges, IdSource, Role, UserId};

/// The world around the core. The server's shell implements it with the machine's clock and its identity store, a
/// simulation with a seed.
pub trait RelayEnv: IdSource {
    /// Says whose access token this is, at this moment.
    ///
    /// # Errors
    /// When the token opens nothing.
    fn authenticate(&mut self, token: &str, device: DeviceId) -> Result<Session, Rejected>;

    /// Says which role somebody has at this moment. It is asked while a group is being committed, when nobody else
    /// can change it.
    ///
    /// # Errors
    /// When they may not use the workspace any more.
    fn role_now(&mut self, session: &Session) -> Result<Role, Rejected>;

    /// Says what the directory's record of a person has to say now; `None` when nobody is known by this id.
    fn listed(&mut self, user: UserId) -> Option<FieldChanges>;
}

/// Draws 16 random bytes.
pub(crate) fn random_16(env: &mut impl IdSource) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..10].copy_from_slice(&env.random());
    bytes[10..].copy_from_slice(&env.random()[..6]);
    bytes
}

/// Draws 32 random bytes.
pub(crate) fn random_32(env: &mut impl IdSource) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&random_16(env));
    bytes[16..].copy_from_slice(&random_16(env));
    bytes
}

/// Who speaks on a connection, and with which rights now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The person.
    pub user: UserId,
    /// The installation they use.
    pub device: DeviceId,
    /// Their role now.
    pub role: Role,
    /// The sign-in that the token came from; a logout ends it.
    pub sign_in: [u8; 16],
}

/// A token that opens nothing. The reason goes to the client as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Not a token of ours, expired, or its sign-in has ended.
    #[error("sign in again")]
    SignIn,
    /// The person may not use the workspace any more.
    #[error("this account is disabled")]
    Disabled,
    /// The device's access was taken away.
    #[error("this device was signed out")]
    DeviceRevoked,
}
