//! `PATCH /{resource}/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::ETAG;
use axum::response::IntoResponse;
use serde_json::Value;

use super::asker::{Asker, rest};
use super::failure::no_such_record;
use super::fields::parse;
use super::resource::Resource;
use super::show::{named, read};
use super::view::versions;
use super::write::{act, prepare};
use crate::domain::{Act, Deed};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;

/// Changes the fields that are named and leaves the others.
pub(super) async fn change(
    resource: &'static Resource,
    (State(app), asker): (State<Arc<App>>, Asker),
    (Path(id), headers): (Path<String>, HeaderMap),
    Body(body): Body<Value>,
) -> Result<impl IntoResponse, ApiError> {
    asker.may_write()?;
    let record = named(resource, &id)?;
    if read(&app, record, &asker).await?.is_none_or(|shown| shown.deleted) {
        return Err(no_such_record(resource));
    }
    let (patch, below) = prepare(&app, record, parse(resource.kind, body)?).await?;
    let command = rest(&app)?.access.fresh_name().command;
    let deed = Deed::Change { patch, below };
    let shown = act(resource, &app, &asker, Act { command, record, deed, versions: versions(&headers) }).await?;
    Ok(([(ETAG, shown.etag)], Json(shown.json)))
}
