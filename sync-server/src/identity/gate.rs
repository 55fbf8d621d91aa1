//! What the relay's core asks of identity: whose token this is. Also the core's clock and randomness.

use std::sync::Arc;

use model::{DeviceId, FieldChanges, IdSource, Role, Timestamp, UserId};
use uuid::Uuid;

use super::directory::person_fields;
use super::env::{Surroundings, random_bytes};
use super::errors::AuthenticateError;
use super::service::Identity;
use super::store::IdentityStore;
use super::token::SessionId;
use crate::domain::{Rejected, RelayEnv, Session};

/// The core's view of the world in a running relay.
pub struct Gate {
    identity: Arc<Identity>,
    env: Arc<dyn Surroundings>,
    tables: IdentityStore,
}

impl Gate {
    /// Lets in whoever `identity` knows. `tables` are the same tables once more: the core reads roles in the middle
    /// of its own transaction and must not wait for anybody who waits for that transaction.
    pub fn new(identity: Arc<Identity>, env: Arc<dyn Surroundings>, tables: IdentityStore) -> Self {
        Self { identity, env, tables }
    }
}

impl IdSource for Gate {
    fn now(&self) -> Timestamp {
        self.env.now()
    }

    fn random(&mut self) -> [u8; 10] {
        random_bytes(self.env.as_ref())
    }
}

impl RelayEnv for Gate {
    fn authenticate(&mut self, token: &str, device: DeviceId) -> Result<Session, Rejected> {
        let live = self.identity.authenticate_blocking(token).map_err(|error| {
            if let AuthenticateError::Failed(error) = error {
                tracing::error!(%error, "a token could not be checked");
            }
            Rejected::SignIn
        })?;
        if live.device != device {
            return Err(Rejected::SignIn);
        }
        Ok(Session { user: live.person.id, device, role: live.person.role, sign_in: *live.id.0.as_bytes() })
    }

    fn role_now(&mut self, session: &Session) -> Result<Role, Rejected> {
        let id = SessionId(Uuid::from_bytes(session.sign_in));
        let live = self.tables.live_session(id, self.env.now()).map_err(|error| {
            tracing::error!(%error, "a role could not be read");
            Rejected::SignIn
        })?;
        live.filter(|live| live.person.id == session.user).map(|live| live.person.role).ok_or(Rejected::SignIn)
    }

    fn listed(&mut self, user: UserId) -> Option<FieldChanges> {
        let found = self.tables.find(user).inspect_err(|error| tracing::error!(%error, "a person could not be read"));
        found.ok()?.map(|person| person_fields(&person))
    }
}
