//! `POST /attachments/uploads`, `GET /attachments/uploads/{id}` and `POST /attachments/uploads/{id}/finish`: a file in
//! parts, for an attachment whose record the relay has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::{Kind, RecordId, RecordRef, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::access::Writer;
use super::{access, show, upkeep};
use crate::attachments::bitmap::PART_BYTES;
use crate::attachments::rows::{NewUpload, Upload};
use crate::attachments::vault::blob_name;
use crate::attachments::{AttachedFile, Checksum, UploadId};
use crate::domain::{Seen, Write};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    attachment_id: RecordId,
    checksum: String,
    size_bytes: u64,
}

/// How an upload stands.
#[derive(Serialize)]
pub(super) struct UploadView {
    upload_id: UploadId,
    part_bytes: u64,
    part_count: u64,
    /// The parts that have not arrived.
    missing: Vec<u64>,
    expires_at: Timestamp,
}

impl From<Upload> for UploadView {
    fn from(upload: Upload) -> Self {
        Self {
            upload_id: upload.id,
            part_bytes: PART_BYTES,
            part_count: upload.parts.count(),
            missing: upload.parts.missing().collect(),
            expires_at: upload.expires_at,
        }
    }
}

/// Begins an upload, or finds the same one again after an interruption.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    who: Writer,
    Body(begin): Body<Begin>,
) -> Result<(StatusCode, Json<UploadView>), ApiError> {
    let files = access::files(&app)?;
    let seen = access::attachment(&app, begin.attachment_id).await?;
    access::may_change(&app, &seen, who).await?;
    let checksum = announced(&seen, &begin)?;
    let file = NewUpload { attachment: begin.attachment_id, user: who.user, checksum, size_bytes: begin.size_bytes };
    Ok((StatusCode::CREATED, Json(files.begin(file).await?.into())))
}

/// The checksum, if it and the size are those of the record.
fn announced(seen: &Seen, begin: &Begin) -> Result<Checksum, ApiError> {
    let invalid = |detail: &dyn std::fmt::Display| {
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", format_args!("checksum: {detail}"))
    };
    let checksum: Checksum = begin.checksum.parse().map_err(|error| invalid(&error))?;
    let record = &seen.record;
    let same_size = record.int("size_bytes").is_some_and(|size| u64::try_from(size) == Ok(begin.size_bytes));
    let same_sum = record.text("checksum") == begin.checksum;
    if same_size && same_sum { Ok(checksum) } else { Err(invalid(&"the attachment's record names another file")) }
}

/// Says how an upload stands.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    who: Writer,
    Path(id): Path<String>,
) -> Result<Json<UploadView>, ApiError> {
    let upload = access::files(&app)?.upload(upload_id(&id)?, who.user).await?;
    Ok(Json(upload.ok_or_else(ApiError::not_found)?.into()))
}

/// Puts the parts together; the attachment holds the file when this is answered.
pub(super) async fn finish(
    State(app): State<Arc<App>>,
    who: Writer,
    Path(id): Path<String>,
) -> Result<Json<Map<String, Value>>, ApiError> {
    let (files, id, user) = (access::files(&app)?, upload_id(&id)?, who.user);
    let upload = files.upload(id, user).await?.ok_or_else(ApiError::not_found)?;
    let seen = access::attachment(&app, upload.file.attachment).await?;
    access::may_change(&app, &seen, who).await?;
    let file = files.finish(id, user).await?;
    let record = note_where_it_is(&app, who, &file).await?;
    upkeep::scan_soon(&app);
    Ok(Json(show::view(&record.record, Some(&file))))
}

/// Writes into the record where its file is, so that every client knows that it can be had.
async fn note_where_it_is(app: &App, who: Writer, file: &AttachedFile) -> Result<Seen, ApiError> {
    let record = RecordRef::new(Kind::Attachment, file.attachment);
    // The checksum and the size stand in the record's first change, and the file is theirs.
    let changes = [
        ("path".to_owned(), Some(blob_name(file.checksum).into())),
        ("scan".to_owned(), Some(file.scan.name().into())),
    ];
    app.hub.write_as(who.authorship(), vec![Write { record, changes: changes.into() }]).await?;
    access::attachment(app, file.attachment).await
}

/// What is no id names nothing.
pub(super) fn upload_id(text: &str) -> Result<UploadId, ApiError> {
    text.parse().map_err(|_| ApiError::not_found())
}
