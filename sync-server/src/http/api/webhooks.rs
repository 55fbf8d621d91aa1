//! `/webhooks`: who else is told of what happens, and what became of telling them. For administrators with a session:
//! a personal token never gets here.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::{field, invalid_fields};
use super::query::{Paging, Pairs, paging};
use crate::access::{NewWebhook, Pause, WEBHOOKS_MAX, Webhook, WebhookChange, WebhookId};
use crate::http::app::App;
use crate::http::error::{ApiError, FieldError};
use crate::http::extract::{Body, Caller};
use crate::webhooks::{Delivery, DeliveryId, SendOutcome, WAITING_MAX, WebhookState, Webhooks, patterns};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateWebhook {
    url: String,
    events: Vec<String>,
    active: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeWebhook {
    url: Option<String>,
    events: Option<Vec<String>>,
    active: Option<bool>,
}

/// Lists the webhooks, the oldest first.
pub(super) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.admin()?;
    let webhooks = hooks(&app)?.list().await?;
    Ok(Json(json!({ "items": webhooks.iter().map(webhook_json).collect::<Vec<_>>() })))
}

/// Makes a webhook; the answer shows its secret.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<CreateWebhook>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (by, hooks) = (caller.admin()?.id, hooks(&app)?);
    let (url, events) = (checked_url(hooks, &new.url), checked_events(new.events));
    let (url, events) = both(url, events)?;
    let made = hooks.make(NewWebhook { url, events, active: new.active.unwrap_or(true), by }).await?;
    let Some((webhook, secret)) = made else {
        let detail = format!("a workspace has at most {WEBHOOKS_MAX} webhooks; delete one");
        return Err(ApiError::new(StatusCode::CONFLICT, "too_many_webhooks", detail));
    };
    tracing::info!(user.id = %by, webhook.id = %webhook.id.0, "webhook made");
    let mut json = webhook_json(&WebhookState { webhook, last: None });
    json["secret"] = secret.reveal().into();
    Ok((StatusCode::CREATED, Json(json)))
}

/// Changes a webhook.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<ChangeWebhook>,
) -> Result<Json<Value>, ApiError> {
    let (by, hooks, id) = (caller.admin()?.id, hooks(&app)?, named(&id)?);
    let url = change.url.map(|url| checked_url(hooks, &url)).transpose();
    let (url, events) = both(url, change.events.map(checked_events).transpose())?;
    let changed = hooks.change(id, WebhookChange { url, events, active: change.active }, by).await?;
    let state = changed.ok_or_else(no_such_webhook)?;
    tracing::info!(user.id = %by, webhook.id = %id.0, "webhook changed");
    Ok(Json(webhook_json(&state)))
}

/// Deletes a webhook.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (by, id) = (caller.admin()?.id, named(&id)?);
    if !hooks(&app)?.delete(id, by).await? {
        return Err(no_such_webhook());
    }
    tracing::info!(user.id = %by, webhook.id = %id.0, "webhook deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces a webhook's secret; the answer shows the new one.
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let (by, id) = (caller.admin()?.id, named(&id)?);
    let secret = hooks(&app)?.rotate(id, by).await?.ok_or_else(no_such_webhook)?;
    tracing::info!(user.id = %by, webhook.id = %id.0, "webhook secret replaced");
    Ok(Json(json!({ "secret": secret.reveal() })))
}

/// Sends an event that says nothing.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (by, id) = (caller.admin()?.id, named(&id)?);
    sent(hooks(&app)?.test(id, by).await?)
}

/// Lists what became of telling a webhook, the newest first.
pub(super) async fn deliveries(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    caller.admin()?;
    let (id, Paging { page, page_size }) = (named(&id)?, paging(&query?.0)?);
    let window = ((page - 1) * page_size, page_size + 1);
    let mut found = hooks(&app)?.deliveries(id, window).await?.ok_or_else(no_such_webhook)?;
    let more = found.len() > page_size as usize;
    found.truncate(page_size as usize);
    let items: Vec<Value> = found.iter().map(delivery_json).collect();
    Ok(Json(json!({ "items": items, "page": page, "page_size": page_size, "more": more })))
}

/// Sends the event of a delivery once more.
pub(super) async fn resend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.admin()?;
    let (id, delivery) = (named(&id)?, delivery.parse().map_err(|_| no_such_delivery())?);
    sent(hooks(&app)?.resend(id, DeliveryId(delivery)).await?)
}

fn sent(outcome: SendOutcome) -> Result<(StatusCode, Json<Value>), ApiError> {
    match outcome {
        SendOutcome::Waits(delivery) => Ok((StatusCode::ACCEPTED, Json(delivery_json(&delivery)))),
        SendOutcome::NoSuchWebhook => Err(no_such_webhook()),
        SendOutcome::NoSuchDelivery => Err(no_such_delivery()),
        SendOutcome::TooMany => {
            let detail = format!("{WAITING_MAX} deliveries wait already; look again in a moment");
            Err(ApiError::new(StatusCode::CONFLICT, "too_many_waiting", detail))
        }
    }
}

/// The webhooks; they exist only together with the routes.
fn hooks(app: &App) -> Result<&Webhooks, ApiError> {
    app.options.webhooks.as_ref().ok_or_else(ApiError::no_such_route)
}

fn named(id: &str) -> Result<WebhookId, ApiError> {
    id.parse().map(WebhookId).map_err(|_| no_such_webhook())
}

fn no_such_webhook() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_such_webhook", "there is no such webhook")
}

fn no_such_delivery() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_such_delivery", "the webhook has no such delivery")
}

fn checked_url(hooks: &Webhooks, text: &str) -> Result<String, FieldError> {
    hooks.check_url(text).map_err(|problem| field("url", "invalid", problem.to_string()))
}

/// Names of events in the order of the list, each once; beside everything the rest says nothing.
fn checked_events(asked: Vec<String>) -> Result<Vec<String>, FieldError> {
    let known = patterns();
    if let Some(unknown) = asked.iter().find(|name| !known.contains(name)) {
        let shown: String = unknown.chars().take(60).collect();
        return Err(field("events", "invalid", format!("there is no event {shown:?}")));
    }
    let mut events: Vec<String> = known.into_iter().filter(|name| asked.contains(name)).collect();
    if events.first().is_some_and(|name| name == "*") {
        events.truncate(1);
    }
    if events.is_empty() { Err(field("events", "invalid", "name at least one")) } else { Ok(events) }
}

fn both<A, B>(one: Result<A, FieldError>, two: Result<B, FieldError>) -> Result<(A, B), ApiError> {
    match (one, two) {
        (Ok(one), Ok(two)) => Ok((one, two)),
        (one, two) => Err(invalid_fields(one.err().into_iter().chain(two.err()).collect())),
    }
}

fn webhook_json(state: &WebhookState) -> Value {
    let WebhookState { webhook, last } = state;
    let Webhook { id, url, events, paused, created_at, created_by, .. } = webhook;
    json!({
        "id": id,
        "url": url,
        "events": events,
        "active": paused.is_none(),
        "paused_reason": paused.map(Pause::name),
        "last_delivery": last.as_ref().map(delivery_json),
        "created_at": created_at,
        "created_by": created_by,
    })
}

fn delivery_json(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "event_id": delivery.event_id,
        "event": delivery.event,
        "record_id": delivery.record,
        "state": delivery.state.name(),
        "asked_for": delivery.asked_for,
        "created_at": delivery.created_at,
        "attempts": delivery.attempts,
        "tried_at": delivery.tried_at,
        "next_at": delivery.next_at,
        "status": delivery.status,
        "error": delivery.error,
        "duration_ms": delivery.duration_millis,
        "answer": delivery.answer,
    })
}
