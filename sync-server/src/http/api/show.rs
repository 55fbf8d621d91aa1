//! `GET /{resource}/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::response::IntoResponse;
use model::RecordRef;

use super::asker::{Asker, rest};
use super::failure::no_such_record;
use super::resource::Resource;
use super::view::{Shown, shown};
use crate::http::app::App;
use crate::http::error::ApiError;

/// Shows a record that does not lie in the trash.
pub(super) async fn show(
    resource: &'static Resource,
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let record = named(resource, &id)?;
    let found = read(&app, record, &asker).await?.filter(|shown| !shown.deleted);
    let Shown { json, etag, .. } = found.ok_or_else(|| no_such_record(resource))?;
    Ok(([(ETAG, etag)], Json(json)))
}

/// The record that an address names. What is no id names nothing.
pub(super) fn named(resource: &Resource, id: &str) -> Result<RecordRef, ApiError> {
    let id = id.parse().map_err(|_| no_such_record(resource))?;
    Ok(RecordRef::new(resource.kind, id))
}

/// Reads one record.
pub(super) async fn read(app: &App, record: RecordRef, asker: &Asker) -> Result<Option<Shown>, ApiError> {
    let me = asker.user;
    Ok(rest(app)?.projection.read(move |view| shown(view, record, me)).await?)
}
