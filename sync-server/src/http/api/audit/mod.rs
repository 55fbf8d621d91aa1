//! `GET /audit` and `GET /audit.csv`: who did what, for administrators. Changes of records come from the log's
//! projection, everything else from the audit log; both are told together, the newest first.

mod csv;
mod filter;
mod line;
mod page;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::asker::{Asker, rest};
use super::query::Pairs;
use crate::audit::{Action, Event};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::rates::Asked;

pub(super) use filter::{CHANGE_ACTIONS, VIAS};
pub(super) use page::PAGE_SIZE_MAX;

/// Lists a page. One may hold fewer entries than asked for, or none, while there are more.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asker: Asker,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    asker.admin()?;
    let wanted = filter::wanted(&query?.0)?;
    let page = page::read(rest(&app)?, app.workspace, &wanted).await?;
    let items: Vec<Value> = page.lines.iter().map(line::Line::json).collect();
    Ok(Json(json!({ "items": items, "next_cursor": page.next.map(|next| next.to_string()) })))
}

/// Hands out everything that fits the filter as CSV.
pub(super) async fn export(
    State(app): State<Arc<App>>,
    asker: Asker,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Result<Response, ApiError> {
    let admin = asker.admin()?;
    let wanted = filter::wanted(&query?.0)?;
    asker.charge(&app, Asked::Export)?;
    let event = Event::new(Action::AuditExported, app.identity.now()).by(admin);
    rest(&app)?.audit.note(event).await?;
    Ok(csv::answer(app, wanted))
}
