//! What administrators ask the relay about webhooks, and what it answers.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Something about webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookRequest {
    /// Lists them.
    List,
    /// Makes one; answered by its secret.
    Make {
        /// Where to.
        url: String,
        /// What about: names of events.
        events: Vec<String>,
    },
    /// Pauses one (`false`), or lets it go on.
    SetActive(String, bool),
    /// Replaces one's secret; answered by the new one.
    Rotate(String),
    /// Deletes one.
    Delete(String),
    /// Sends one an event that says nothing.
    Test(String),
    /// Lists one's deliveries.
    Deliveries(String),
    /// Sends a delivery's event again.
    Resend {
        /// To which webhook.
        webhook: String,
        /// Which delivery.
        delivery: String,
    },
}

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRow {
    /// Its id.
    pub id: String,
    /// Where to.
    pub url: String,
    /// What about.
    pub events: Vec<String>,
    /// Why it is not active; `None` while it is.
    pub paused: Option<WebhookPause>,
    /// Since when.
    pub created_at: Timestamp,
    /// The delivery that was tried last.
    pub last: Option<DeliveryRow>,
}

/// Why a webhook is not active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookPause {
    /// An administrator paused it.
    Person,
    /// It did not answer for days.
    Failing,
    /// It answered that it is gone.
    Gone,
}

/// One event on its way to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    /// Its id.
    pub id: String,
    /// What happened.
    pub event: String,
    /// How far it is.
    pub state: DeliveryState,
    /// Since when.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// The last answer's status.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// How long the last try took.
    pub duration_millis: Option<u32>,
    /// The beginning of what came back.
    pub answer: String,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// It is to be tried, for the first time or again.
    Waiting,
    /// The other side has taken it.
    Delivered,
    /// It is not tried any more.
    Failed,
}
