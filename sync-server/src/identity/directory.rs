//! The user directory: what people and devices there are, as records in the log, so that every client knows names.
//!
//! The tables come first and say what is not listed yet; a crash between the two is made good at the next start or
//! the next sign-in.

use std::sync::Arc;

use model::{DeviceId, FieldChanges, UserId, Value};
use tokio::sync::Mutex;

use super::errors::IdentityFailure;
use super::rows::{Device, Person};
use super::service::Identity;
use crate::domain::Write;
use crate::hub::{HubHandle, HubWriteError};
use crate::store::Authorship;

/// Why directory records were not written.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The identity tables.
    #[error(transparent)]
    Identity(#[from] IdentityFailure),
    /// The log.
    #[error(transparent)]
    Hub(#[from] HubWriteError),
}

/// Keeps the directory in the log in step with the tables.
pub struct Directory {
    identity: Arc<Identity>,
    hub: HubHandle,
    /// One at a time, or an older state could be written after a newer one.
    turn: Mutex<()>,
}

impl Directory {
    /// Lists the people and devices of `identity` in the log behind `hub`.
    pub fn new(identity: Arc<Identity>, hub: HubHandle) -> Self {
        Self { identity, hub, turn: Mutex::default() }
    }

    /// Writes every directory record that does not say yet what the tables say. Changes are in the name of the
    /// person that they are about.
    ///
    /// # Errors
    /// When the log did not take them; the tables still say so.
    pub async fn publish(&self) -> Result<(), PublishError> {
        let _turn = self.turn.lock().await;
        if self.waits_for_devices().await? {
            return Ok(());
        }
        let (people, devices) = self.identity.unlisted().await?;
        for person in people {
            self.hub.write_as(in_the_name_of(person.id), vec![person_record(&person)]).await?;
            self.identity.person_is_listed(person).await?;
        }
        for device in devices {
            self.hub.write_as(in_the_name_of(device.user), vec![device_record(&device)]).await?;
            self.identity.device_is_listed(device).await?;
        }
        Ok(())
    }
}

impl Directory {
    /// A new relay in the place of a lost one: what it would write now, the team's devices bring back.
    async fn waits_for_devices(&self) -> Result<bool, IdentityFailure> {
        /// The log of a new workspace: the settings' first change.
        const NEW_LOG: u64 = 1;
        Ok(self.hub.head().borrow().seq <= NEW_LOG && self.identity.expects_returns().await?)
    }
}

/// The relay writes such records under its own device, whatever is said here.
const fn in_the_name_of(user: UserId) -> Authorship {
    Authorship { user, device: DeviceId::from_bytes([0; 16]) }
}

fn person_record(person: &Person) -> Write {
    Write::user(person.id, person_fields(person))
}

/// What a person's record has to say.
pub(super) fn person_fields(person: &Person) -> FieldChanges {
    let mut changes = set([
        ("name", person.name.clone().into()),
        ("email", person.email.clone().into()),
        ("role", person.role.name().into()),
    ]);
    changes.insert("disabled_at".into(), person.disabled_at.map(Value::from));
    changes
}

fn device_record(device: &Device) -> Write {
    let mut changes = set([("name", device.name.clone().into()), ("user_id", device.user.into())]);
    changes.insert("revoked_at".into(), device.revoked_at.map(Value::from));
    Write::device(device.id, changes)
}

fn set<const N: usize>(fields: [(&str, Value); N]) -> FieldChanges {
    fields.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect()
}
