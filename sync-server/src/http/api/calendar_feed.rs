//! `/calendar-feed`: whether one's own calendar has an address, a new one, none. Only a session gets here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::asker::rest;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Caller;

/// Whether the caller has a feed.
pub(super) async fn show(State(app): State<Arc<App>>, Caller(session): Caller) -> Result<Json<Value>, ApiError> {
    let feed = rest(&app)?.access.feed_of(session.person.id).await?;
    Ok(Json(json!({
        "on": feed.is_some(),
        "created_at": feed.map(|feed| feed.created_at),
        "last_used_at": feed.and_then(|feed| feed.last_used_at),
    })))
}

/// Makes an address; the answer is the only place where it is ever shown.
pub(super) async fn make(
    State(app): State<Arc<App>>,
    Caller(session): Caller,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let secret = rest(&app)?.access.make_feed(session.person.id).await?;
    tracing::info!(user.id = %session.person.id, "calendar feed made");
    Ok((StatusCode::CREATED, Json(json!({ "path": format!("/calendar/{}.ics", secret.reveal()) }))))
}

/// Switches the feed off.
pub(super) async fn end(State(app): State<Arc<App>>, Caller(session): Caller) -> Result<StatusCode, ApiError> {
    if !rest(&app)?.access.end_feed(session.person.id).await? {
        return Err(ApiError::new(StatusCode::NOT_FOUND, "no_such_feed", "your calendar has no address"));
    }
    tracing::info!(user.id = %session.person.id, "calendar feed switched off");
    Ok(StatusCode::NO_CONTENT)
}
