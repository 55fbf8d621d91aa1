//! `DELETE /{resource}/{id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};

use super::asker::{Asker, rest};
use super::resource::Resource;
use super::show::named;
use super::view::versions;
use super::write::act;
use crate::domain::{Act, Deed};
use crate::http::app::App;
use crate::http::error::ApiError;

/// Moves a record to the trash, where it can be restored from.
pub(super) async fn trash(
    resource: &'static Resource,
    (State(app), asker): (State<Arc<App>>, Asker),
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    asker.may_write()?;
    let record = named(resource, &id)?;
    let command = rest(&app)?.access.fresh_name().command;
    act(resource, &app, &asker, Act { command, record, deed: Deed::Trash, versions: versions(&headers) }).await?;
    Ok(StatusCode::NO_CONTENT)
}
