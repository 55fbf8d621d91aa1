//! What the relay's core asks of identity: whose token this is. Also the core's clock and randomness.

use std::sync::Arc;

use model::{DeviceId, IdSource, Timestamp};

use super::env::{Surroundings, random_bytes};
use super::errors::AuthenticateError;
use super::service::Identity;
use crate::domain::{Rejected, RelayEnv, Session};

/// The core's view of the world in a running relay.
pub struct Gate {
    identity: Arc<Identity>,
    env: Arc<dyn Surroundings>,
}

impl Gate {
    /// Lets in whoever `identity` knows.
    pub fn new(identity: Arc<Identity>, env: Arc<dyn Surroundings>) -> Self {
        Self { identity, env }
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
}
