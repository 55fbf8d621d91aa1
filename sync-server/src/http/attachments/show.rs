//! `GET /attachments/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use model::Record;
use serde_json::{Map, Value};

use super::access::{self, Reader};
use crate::attachments::{AttachedFile, ScanState};
use crate::http::app::App;
use crate::http::error::ApiError;

/// Shows an attachment's record, whether its file is on the relay, and what the virus scanner says.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    _: Reader,
    Path(id): Path<String>,
) -> Result<Json<Map<String, Value>>, ApiError> {
    let id = access::record_id(&id)?;
    let seen = access::attachment(&app, id).await?;
    let file = access::files(&app)?.attached(id).await?;
    Ok(Json(view(&seen.record, file.as_ref())))
}

/// The record with what is known of its file.
pub(super) fn view(record: &Record, file: Option<&AttachedFile>) -> Map<String, Value> {
    let mut json = record.to_json();
    let scan = file.map_or(ScanState::NotScanned, |file| file.scan);
    json.insert("on_relay".into(), file.is_some().into());
    json.insert("scan".into(), scan.name().into());
    json
}
