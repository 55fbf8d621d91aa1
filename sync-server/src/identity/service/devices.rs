//! The devices people sign in on, as they and administrators see and revoke them.

use model::{DeviceId, UserId};

use super::Identity;
use crate::identity::errors::IdentityFailure;
use crate::identity::rows::DeviceStanding;

impl Identity {
    /// The devices of a person, or everybody's, those seen last first.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn devices(&self, of: Option<UserId>) -> Result<Vec<DeviceStanding>, IdentityFailure> {
        let now = self.env.now();
        self.run(move |store| store.devices(of, now)).await
    }

    /// Takes a device's access away: its sessions end. `false` when there is no such device (of this person).
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn revoke_device(
        &self,
        device: DeviceId,
        of: Option<UserId>,
        by: UserId,
    ) -> Result<bool, IdentityFailure> {
        let now = self.env.now();
        let Some((user, ended)) = self.run(move |store| store.revoke_device(device, of, (by, now))).await? else {
            return Ok(false);
        };
        tracing::info!(device.id = %device, user.id = %user, "device revoked");
        self.announce(ended);
        Ok(true)
    }
}
