//! `PUT /attachments/uploads/{id}/parts/{part}`

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::access::Writer;
use super::{access, uploads};
use crate::http::app::App;
use crate::http::error::ApiError;

/// Takes one part, as raw bytes; it is on the disk when this is answered.
pub(super) async fn put(
    State(app): State<Arc<App>>,
    who: Writer,
    Path((id, part)): Path<(String, String)>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let part = part.parse().map_err(|_| ApiError::not_found())?;
    let id = uploads::upload_id(&id)?;
    let bytes = bytes.map_err(|rejection| {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        let code = if too_large { "too_large" } else { "cut" };
        ApiError::new(rejection.status(), code, rejection.body_text())
    })?;
    access::files(&app)?.put_part(id, who.user, part, bytes).await?;
    Ok(StatusCode::NO_CONTENT)
}
