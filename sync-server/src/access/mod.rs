//! How programs come in and are told: personal tokens, the memory of requests that may be sent twice, calendar feeds,
//! and which webhooks there are.
//!
//! The tables lie in the relay's database file beside those of [`crate::identity`], which has to be opened first.

mod feeds;
mod requests;
mod store;
mod tokens;
mod webhooks;

use std::sync::{Arc, Mutex, PoisonError};

use model::{Role, Timestamp, UserId};

use crate::identity::Surroundings;

pub use feeds::{FEED_PREFIX, Feed};
pub use requests::{REQUEST_LIFE_MILLIS, Repeated, RequestName};
pub use store::{AccessStore, AccessStoreError};
pub use tokens::{NewToken, PREFIX, TOKENS_MAX, Token, TokenId, TokenOutcome};
pub use webhooks::{NewWebhook, Pause, WEBHOOKS_MAX, Webhook, WebhookChange, WebhookId};

/// Why tokens and requests could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum AccessFailure {
    /// The tables.
    #[error(transparent)]
    Store(#[from] AccessStoreError),
    /// The thread that worked on them panicked.
    #[error("the work on the tables did not end")]
    Panicked(#[from] tokio::task::JoinError),
}

/// Who comes with a personal token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The token.
    pub token: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// Their role now.
    pub role: Role,
    /// Whether the token may write.
    pub writes: bool,
}

/// Tokens and requests.
pub struct Access {
    store: Arc<Mutex<AccessStore>>,
    env: Arc<dyn Surroundings>,
}

impl Access {
    /// Keeps them in `store`.
    pub fn new(store: AccessStore, env: Arc<dyn Surroundings>) -> Self {
        Self { store: Arc::new(Mutex::new(store)), env }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// SQLite waits for the disk, so it works on a thread that may wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AccessStore) -> Result<T, AccessStoreError> + Send + 'static,
    ) -> Result<T, AccessFailure> {
        let store = Arc::clone(&self.store);
        Ok(tokio::task::spawn_blocking(move || work(&mut lock(&store))).await??)
    }
}

/// A transaction that a panic cut short was rolled back.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
