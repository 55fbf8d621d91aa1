//! What clients and relay get from outside: the machine's clock, repeatable dice, and tokens that are user ids.

use model::build::Dice;
use model::{DeviceId, FieldChanges, IdSource, Role, Timestamp, UserId};
use sync_server::domain::{Rejected, RelayEnv, Session};
use sync_server::identity::{Machine, Surroundings};

/// The machine's clock with dice of its own.
#[derive(Debug, Clone)]
pub(crate) struct Env {
    dice: Dice,
}

impl Env {
    /// Everybody needs a seed of their own, or their ids would be the same.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed) }
    }

    pub(crate) const fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }
}

impl IdSource for Env {
    fn now(&self) -> Timestamp {
        Machine.now()
    }

    fn random(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.dice.next_u64().to_be_bytes());
        bytes[8..].copy_from_slice(&self.dice.next_u64().to_be_bytes()[..2]);
        bytes
    }
}

impl RelayEnv for Env {
    fn authenticate(&mut self, token: &str, device: DeviceId) -> Result<Session, Rejected> {
        let user: UserId = token.parse().map_err(|_| Rejected::SignIn)?;
        Ok(Session { user, device, role: Role::Admin, sign_in: *device.as_bytes() })
    }

    fn role_now(&mut self, session: &Session) -> Result<Role, Rejected> {
        Ok(session.role)
    }

    fn listed(&mut self, _: UserId) -> Option<FieldChanges> {
        None
    }
}
