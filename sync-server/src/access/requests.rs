//! Requests that carry a key, so that sending one again does not do it again.
//!
//! The key is written down before anything is done, with the name that the deed gets in the log. A relay that stops
//! between the log's commit and the answer finds the deed under that name when the request comes again.

use model::time::DAY_MILLIS;
use model::{CommandId, IdSource as _, RecordId, Timestamp, UserId};
use sha2::{Digest as _, Sha256};

use super::{Access, AccessFailure};
use crate::identity::env::FreshIds;

/// For this long a request is remembered.
pub const REQUEST_LIFE_MILLIS: i64 = DAY_MILLIS;

/// What a request does in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestName {
    /// The command's name.
    pub command: CommandId,
    /// The new record's name.
    pub record: RecordId,
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeated {
    /// It is new, or was never answered: it is to be done under this name.
    Do(RequestName),
    /// It was answered: the entity tag and the body.
    Answered(String, String),
    /// The key was used for another request.
    Differs,
}

/// A request as it is written down.
pub(super) struct Request {
    pub(super) user: UserId,
    pub(super) key: String,
    pub(super) hash: [u8; 32],
    pub(super) name: RequestName,
    pub(super) at: Timestamp,
}

impl Access {
    /// Draws names for a request without a key.
    pub fn fresh_name(&self) -> RequestName {
        let mut ids = FreshIds(self.env.as_ref());
        RequestName { command: ids.fresh_command_id(), record: ids.fresh_record_id() }
    }

    /// Writes a request down, or finds it.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn begin_request(&self, user: UserId, key: String, content: &[u8]) -> Result<Repeated, AccessFailure> {
        let hash = Sha256::digest(content).into();
        let request = Request { user, key, hash, name: self.fresh_name(), at: self.env.now() };
        self.run(move |store| store.begin_request(&request)).await
    }

    /// Keeps the answer to a request.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn end_request(
        &self,
        user: UserId,
        key: String,
        (etag, body): (String, String),
    ) -> Result<(), AccessFailure> {
        self.run(move |store| store.end_request(user, &key, (&etag, &body))).await
    }

    /// Forgets a request that was refused, so that it may be sent again with the same key when it is mended.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn drop_request(&self, user: UserId, key: String) -> Result<(), AccessFailure> {
        self.run(move |store| store.drop_request(user, &key)).await
    }
}
