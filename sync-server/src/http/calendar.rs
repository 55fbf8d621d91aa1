//! `GET /calendar/{token}.ics`: somebody's meetings and tasks for their calendar program, which has nothing but the
//! address to show.

use std::net::IpAddr;
use std::sync::Arc;

use ::store::{Reader, StoreError};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use model::query::{Condition, ListQuery, Op, Row, Sort, WINDOW_MAX};
use model::time::DAY_MILLIS;
use model::{Kind, Timestamp, UserId, Value};
use sha2::{Digest as _, Sha256};

use super::app::App;
use super::error::ApiError;
use super::extract::ClientAddress;
use super::rates::{Asked, AskerKey};
use crate::projection::View;

/// Meetings of this many days ago are still in the feed, and open tasks that were due then.
const PAST_DAYS: i64 = 90;
/// Most events of a feed; the latest count.
const EVENTS_MAX: usize = 2_000;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/calendar/{name}", get(show))
}

async fn show(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    let rest = app.options.rest.as_ref().ok_or_else(ApiError::no_such_route)?;
    let secret = name.strip_suffix(".ics").unwrap_or_default();
    let Some(owner) = rest.access.feed_owner(secret).await? else {
        // An address that was switched off, one that never was and a guess are the same to whoever asks.
        app.rates.charge(key_of_address(address), Asked::Export)?;
        return Err(ApiError::new(StatusCode::NOT_FOUND, "no_such_feed", "there is no such calendar"));
    };
    app.rates.charge(key_of("feed", owner.as_bytes()), Asked::Search)?;
    let text =
        rest.projection.read(move |view| Ok(crate::calendar::feed(&rows(view, owner)?, &view.settings.zone()))).await?;
    let headers =
        [(header::CONTENT_TYPE, "text/calendar; charset=utf-8"), (header::CACHE_CONTROL, "private, max-age=300")];
    Ok((headers, text).into_response())
}

/// Somebody's meetings and open tasks.
fn rows(view: &View<'_>, owner: UserId) -> Result<Vec<Row>, StoreError> {
    let since = Timestamp::from_millis(view.now.as_millis() - PAST_DAYS * DAY_MILLIS);
    let is = |field: &str, value: Value| Condition { field: field.to_owned(), op: Op::Is, values: vec![value] };
    let after = |field: &str| Condition { field: field.to_owned(), op: Op::Over, values: vec![since.into()] };
    let list = |kind, filter, sort: &str| ListQuery {
        filter,
        sort: vec![Sort { field: sort.to_owned(), descending: true }],
        ..ListQuery::of(kind)
    };
    let meetings = vec![is("owner_id", owner.into()), is("type", "meeting".into()), after("occurred_at")];
    let tasks = vec![is("owner_id", owner.into()), is("status", "open".into()), after("due_at")];
    let mut rows = all(view, owner, list(Kind::Activity, meetings, "occurred_at"))?;
    rows.extend(all(view, owner, list(Kind::Task, tasks, "due_at"))?);
    Ok(rows)
}

fn all(view: &View<'_>, me: UserId, mut query: ListQuery) -> Result<Vec<Row>, StoreError> {
    let store: &Reader = view.store;
    let mut rows = Vec::new();
    query.limit = WINDOW_MAX;
    loop {
        let page = store.list(&query, &view.context(me))?;
        let received = page.rows.len();
        rows.extend(page.rows);
        query.offset += u32::try_from(received).unwrap_or(u32::MAX);
        if received == 0 || rows.len() >= EVENTS_MAX || u64::from(query.offset) >= page.total {
            rows.truncate(EVENTS_MAX);
            return Ok(rows);
        }
    }
}

fn key_of_address(address: IpAddr) -> AskerKey {
    match address {
        IpAddr::V4(address) => key_of("address", &address.octets()),
        // Whoever has one address of a network has all of it.
        IpAddr::V6(address) => key_of("address", &address.octets()[..8]),
    }
}

/// Askers that are neither sessions nor tokens have keys of their own.
fn key_of(what: &str, bytes: &[u8]) -> AskerKey {
    let digest = Sha256::new().chain_update(what).chain_update(bytes).finalize();
    let mut key = AskerKey::default();
    let length = key.len();
    key.copy_from_slice(&digest[..length]);
    key
}
