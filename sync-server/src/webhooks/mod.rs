//! Webhooks: other programs are told of what was accepted.
//!
//! The log is the queue: each webhook has a place in it and one delivery under way, so nothing waits in memory and nobody
//! who pushes waits for a webhook. Events follow from accepted changes as they are projected; they are sent in the log's
//! order, at least once. [`runner`] decides what is sent when, [`send`] sends, [`log`] remembers. Which webhooks there
//! are stands in [`crate::access`].

mod address;
mod backoff;
mod event;
mod log;
mod payload;
mod runner;
mod send;
mod sign;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use model::{IdSource as _, UserId, WorkspaceId};
use sync::Cursor;
use tokio::sync::{Notify, watch};

pub use address::{Names, SystemNames, UrlProblem, is_public};
pub use event::{EventName, all_names, patterns};
pub use log::{DELIVERIES_KEPT, Delivery, DeliveryId, DeliveryState, WAITING_MAX};
pub use send::ANSWER_BYTES_MAX;

use crate::access::{Access, AccessFailure, NewWebhook, Webhook, WebhookChange, WebhookId};
use crate::hub::HubHandle;
use crate::identity::env::FreshIds;
use crate::identity::{Secret, Surroundings};
use crate::projection::Projection;
use log::{DeliveryLog, NewDelivery};
use runner::Runner;
use sign::WebhookKey;

/// Why something about webhooks was not done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookFailure {
    /// Which webhooks there are can't be read or written.
    #[error(transparent)]
    Access(#[from] AccessFailure),
    /// What became of deliveries can't be read or written.
    #[error("the deliveries of webhooks cannot be used")]
    Log(#[from] rusqlite::Error),
    /// The thread that worked on them panicked.
    #[error("the work on the deliveries did not end")]
    Panicked(#[from] tokio::task::JoinError),
    /// The system gives no thread.
    #[error("the system gives no thread")]
    Thread(#[from] std::io::Error),
}

/// What webhooks work with.
pub struct WebhookOptions {
    /// The file of deliveries.
    pub deliveries: PathBuf,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The core, whose log is followed.
    pub hub: HubHandle,
    /// What events are read from.
    pub projection: Projection,
    /// Which webhooks there are.
    pub access: Arc<Access>,
    /// The key that secrets are derived from.
    pub key: [u8; 32],
    /// Whether `http` and addresses inside the network are allowed.
    pub allow_private: bool,
    /// Who knows which addresses stand behind a name.
    pub names: Arc<dyn Names>,
    /// Time and randomness.
    pub env: Arc<dyn Surroundings>,
}

/// A webhook with the delivery that it is at or was at last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookState {
    /// The webhook.
    pub webhook: Webhook,
    /// The last delivery that was tried.
    pub last: Option<Delivery>,
}

/// What became of the wish to send something now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// It is sent as soon as it is its turn.
    Waits(Box<Delivery>),
    /// There is no such webhook.
    NoSuchWebhook,
    /// There is no such delivery.
    NoSuchDelivery,
    /// As many wait as may.
    TooMany,
}

/// The relay's webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhooks")
    }
}

/// The thread that delivers. Dropping it leaves the thread running until the core stops.
pub struct WebhooksThread {
    thread: std::thread::JoinHandle<()>,
}

impl WebhooksThread {
    /// Waits until the thread has ended and its files are closed; blocks. What is being sent is not waited for.
    pub fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!("the thread that delivers to webhooks panicked");
        }
    }
}

/// What routes and the runner both use.
struct Shared {
    workspace: WorkspaceId,
    log: Arc<Mutex<DeliveryLog>>,
    access: Arc<Access>,
    projection: Projection,
    key: WebhookKey,
    allow_private: bool,
    names: Arc<dyn Names>,
    env: Arc<dyn Surroundings>,
    head: watch::Receiver<Cursor>,
    wake: Notify,
}

impl Webhooks {
    /// Opens the file and starts the thread that delivers; it ends with the core.
    ///
    /// # Errors
    /// When the file can't be used or the system gives no thread.
    pub fn start(options: WebhookOptions) -> Result<(Self, WebhooksThread), WebhookFailure> {
        let log = DeliveryLog::open(&options.deliveries)?;
        let shared = Arc::new(Shared {
            workspace: options.workspace,
            log: Arc::new(Mutex::new(log)),
            access: options.access,
            projection: options.projection,
            key: WebhookKey::new(options.key),
            allow_private: options.allow_private,
            names: options.names,
            env: options.env,
            head: options.hub.head(),
            wake: Notify::new(),
        });
        let runner = Runner::new(Arc::clone(&shared));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = std::thread::Builder::new().name("webhooks".into());
        let thread = thread.spawn(move || runtime.block_on(runner.run()))?;
        Ok((Self { shared }, WebhooksThread { thread }))
    }

    /// Reads an address that a webhook is to have.
    ///
    /// # Errors
    /// When it is none that this relay sends to.
    pub fn check_url(&self, text: &str) -> Result<String, UrlProblem> {
        address::parse(text, self.shared.allow_private).map(String::from)
    }

    /// Lists the webhooks, the oldest first.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn list(&self) -> Result<Vec<WebhookState>, WebhookFailure> {
        let webhooks = self.shared.access.webhooks().await?;
        let with_last = move |log: &mut DeliveryLog| {
            let with = |webhook: Webhook| Ok(WebhookState { last: log.last(webhook.id)?, webhook });
            webhooks.into_iter().map(with).collect()
        };
        self.shared.log(with_last).await
    }

    /// Makes a webhook that is told of what is accepted from now on; `None` when there are as many as there may be.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn make(&self, new: NewWebhook) -> Result<Option<(Webhook, Secret)>, WebhookFailure> {
        let head = self.shared.head.borrow().seq;
        let Some(webhook) = self.shared.access.make_webhook(new).await? else { return Ok(None) };
        let id = webhook.id;
        self.shared.log(move |log| log.begin(id, head)).await?;
        self.shared.wake.notify_one();
        let secret = self.shared.key.shown(&webhook);
        Ok(Some((webhook, secret)))
    }

    /// Changes a webhook. What waits for another try is tried at once.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn change(
        &self,
        id: WebhookId,
        change: WebhookChange,
        by: UserId,
    ) -> Result<Option<WebhookState>, WebhookFailure> {
        let Some(webhook) = self.shared.access.change_webhook(id, change, by).await? else { return Ok(None) };
        let now = self.shared.env.now();
        let hurry = move |log: &mut DeliveryLog| {
            log.hurry(id, now)?;
            log.last(id)
        };
        let last = self.shared.log(hurry).await?;
        self.shared.wake.notify_one();
        Ok(Some(WebhookState { webhook, last }))
    }

    /// Replaces a webhook's secret; the old one signs beside the new one for a day.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn rotate(&self, id: WebhookId, by: UserId) -> Result<Option<Secret>, WebhookFailure> {
        let webhook = self.shared.access.rotate_webhook(id, by).await?;
        Ok(webhook.map(|webhook| self.shared.key.shown(&webhook)))
    }

    /// Deletes a webhook with its deliveries; `false` when there is none of this id.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn delete(&self, id: WebhookId, by: UserId) -> Result<bool, WebhookFailure> {
        let deleted = self.shared.access.delete_webhook(id, by).await?;
        self.shared.log(move |log| log.forget(id)).await?;
        Ok(deleted)
    }

    /// Lists a webhook's deliveries, the newest first; `None` when there is no such webhook.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn deliveries(
        &self,
        id: WebhookId,
        (offset, limit): (u32, u32),
    ) -> Result<Option<Vec<Delivery>>, WebhookFailure> {
        if self.shared.access.webhook(id).await?.is_none() {
            return Ok(None);
        }
        self.shared.log(move |log| log.page(id, (offset, limit))).await.map(Some)
    }

    /// Sends an event that says nothing, also to a webhook that is paused.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn test(&self, id: WebhookId, by: UserId) -> Result<SendOutcome, WebhookFailure> {
        if self.shared.access.webhook(id).await?.is_none() {
            return Ok(SendOutcome::NoSuchWebhook);
        }
        self.send(NewDelivery::test(self.shared.fresh_id(), id, (by, self.shared.env.now()))).await
    }

    /// Sends the event of a delivery once more, also to a webhook that is paused.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn resend(&self, id: WebhookId, delivery: DeliveryId) -> Result<SendOutcome, WebhookFailure> {
        if self.shared.access.webhook(id).await?.is_none() {
            return Ok(SendOutcome::NoSuchWebhook);
        }
        let Some(found) = self.shared.log(move |log| log.delivery(id, delivery)).await? else {
            return Ok(SendOutcome::NoSuchDelivery);
        };
        self.send(NewDelivery::again(self.shared.fresh_id(), found, self.shared.env.now())).await
    }

    /// Looks for what is due, as if time had passed.
    pub fn wake(&self) {
        self.shared.wake.notify_one();
    }

    async fn send(&self, new: NewDelivery) -> Result<SendOutcome, WebhookFailure> {
        let kept = self.shared.log(move |log| log.keep_asked_for(&new)).await?;
        self.shared.wake.notify_one();
        Ok(kept.map_or(SendOutcome::TooMany, |kept| SendOutcome::Waits(Box::new(kept))))
    }
}

impl Shared {
    fn fresh_id(&self) -> DeliveryId {
        DeliveryId(FreshIds(self.env.as_ref()).fresh_uuid())
    }

    /// SQLite waits for the disk, so it works on a thread that may wait.
    async fn log<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DeliveryLog) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, WebhookFailure> {
        let log = Arc::clone(&self.log);
        // A transaction that a panic cut short was rolled back.
        let done = tokio::task::spawn_blocking(move || work(&mut log.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok(done.await??)
    }
}
