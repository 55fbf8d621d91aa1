//! `POST /{resource}/{id}/restore`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::response::IntoResponse;

use super::asker::{Asker, rest};
use super::resource::Resource;
use super::show::named;
use super::write::act;
use crate::domain::{Act, Deed};
use crate::http::app::App;
use crate::http::error::ApiError;

/// Takes a record out of the trash; one that does not lie there stays as it is.
pub(super) async fn restore(
    resource: &'static Resource,
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    asker.may_write()?;
    let record = named(resource, &id)?;
    let command = rest(&app)?.access.fresh_name().command;
    let shown = act(resource, &app, &asker, Act { command, record, deed: Deed::Restore, versions: None }).await?;
    Ok(([(ETAG, shown.etag)], Json(shown.json)))
}
