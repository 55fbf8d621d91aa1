//! Requests about webhooks as HTTP requests, and the answers as rows.

use model::Timestamp;
use model::app::{DeliveryRow, DeliveryState, TeamAnswer, WebhookPause, WebhookRequest, WebhookRow};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::message::Method;

/// Deliveries that are shown.
const DELIVERIES_SHOWN: u32 = 50;

#[derive(Deserialize)]
struct Listed<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Webhook {
    id: String,
    url: String,
    events: Vec<String>,
    active: bool,
    paused_reason: Option<String>,
    created_at: Timestamp,
    last_delivery: Option<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    id: String,
    event: String,
    state: String,
    created_at: Timestamp,
    attempts: u32,
    tried_at: Option<Timestamp>,
    next_at: Option<Timestamp>,
    status: Option<u16>,
    error: Option<String>,
    duration_ms: Option<u32>,
    answer: String,
}

#[derive(Deserialize)]
struct Made {
    secret: String,
}

/// The HTTP request: method, path behind the API's prefix, JSON body or null.
pub(super) fn wire(request: &WebhookRequest) -> (Method, String, Value) {
    let one = |id: &str| format!("webhooks/{}", plain(id));
    match request {
        WebhookRequest::List => (Method::Get, "webhooks".into(), Value::Null),
        WebhookRequest::Make { url, events } => {
            (Method::Post, "webhooks".into(), json!({ "url": url, "events": events }))
        }
        WebhookRequest::SetActive(id, active) => (Method::Patch, one(id), json!({ "active": active })),
        WebhookRequest::Rotate(id) => (Method::Post, format!("{}/secret", one(id)), json!({})),
        WebhookRequest::Delete(id) => (Method::Delete, one(id), Value::Null),
        WebhookRequest::Test(id) => (Method::Post, format!("{}/test", one(id)), json!({})),
        WebhookRequest::Deliveries(id) => {
            (Method::Get, format!("{}/deliveries?page_size={DELIVERIES_SHOWN}", one(id)), Value::Null)
        }
        WebhookRequest::Resend { webhook, delivery } => {
            (Method::Post, format!("{}/deliveries/{}/resend", one(webhook), plain(delivery)), json!({}))
        }
    }
}

/// An id is letters, digits and hyphens, whoever wrote it.
pub(super) fn plain(id: &str) -> String {
    id.chars().filter(|one| one.is_ascii_alphanumeric() || *one == '-').collect()
}

/// What a good answer comes to.
pub(super) fn read(request: &WebhookRequest, body: &[u8]) -> serde_json::Result<TeamAnswer> {
    match request {
        WebhookRequest::List => {
            let Listed { items } = serde_json::from_slice::<Listed<Webhook>>(body)?;
            Ok(TeamAnswer::Webhooks(items.into_iter().map(webhook_row).collect()))
        }
        WebhookRequest::Deliveries(_) => {
            let Listed { items } = serde_json::from_slice::<Listed<Delivery>>(body)?;
            Ok(TeamAnswer::Deliveries(items.into_iter().map(delivery_row).collect()))
        }
        WebhookRequest::Make { .. } | WebhookRequest::Rotate(_) => {
            let Made { secret } = serde_json::from_slice(body)?;
            Ok(TeamAnswer::Secret(secret))
        }
        WebhookRequest::SetActive(..)
        | WebhookRequest::Delete(_)
        | WebhookRequest::Test(_)
        | WebhookRequest::Resend { .. } => Ok(TeamAnswer::Done),
    }
}

fn webhook_row(of: Webhook) -> WebhookRow {
    let paused = match of.paused_reason.as_deref() {
        Some("failing") => WebhookPause::Failing,
        Some("gone") => WebhookPause::Gone,
        _ => WebhookPause::Person,
    };
    WebhookRow {
        id: of.id,
        url: of.url,
        events: of.events,
        paused: (!of.active).then_some(paused),
        created_at: of.created_at,
        last: of.last_delivery.map(delivery_row),
    }
}

fn delivery_row(of: Delivery) -> DeliveryRow {
    DeliveryRow {
        id: of.id,
        event: of.event,
        state: match of.state.as_str() {
            "waiting" => DeliveryState::Waiting,
            "delivered" => DeliveryState::Delivered,
            _ => DeliveryState::Failed,
        },
        created_at: of.created_at,
        attempts: of.attempts,
        tried_at: of.tried_at,
        next_at: of.next_at,
        status: of.status,
        error: of.error,
        duration_millis: of.duration_ms,
        answer: of.answer,
    }
}
