//! `POST /attachments/upload`: a whole file in one request, as raw bytes or as a form.
//!
//! What it hangs on stands in the address: `?linked_type=lead&linked_id=…&filename=…`. In a form the file is the
//! first field, `file`, and its name may come from there.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::multipart::Field;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest as _, Multipart, Query, Request, State};
use axum::http::{StatusCode, header};
use model::{FieldChanges, Kind, RecordId, RecordRef, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::access::Writer;
use super::body::patiently;
use super::{access, names, show, upkeep};
use crate::attachments::AttachedFile;
use crate::attachments::vault::blob_name;
use crate::domain::Write;
use crate::http::app::App;
use crate::http::error::ApiError;

/// Longest media type that is kept.
const MEDIA_TYPE_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    linked_type: String,
    linked_id: RecordId,
    filename: Option<String>,
}

/// A file that has arrived, and what it is called.
struct Arrived {
    file: AttachedFile,
    filename: String,
    mime_type: String,
}

/// Takes a file and makes its attachment.
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    who: Writer,
    about: Result<Query<About>, QueryRejection>,
    request: Request,
) -> Result<(StatusCode, Json<Map<String, Value>>), ApiError> {
    let Query(about) = about.map_err(|error| unprocessable("invalid_query", &error.body_text()))?;
    let kind = access::linked_kind(&about.linked_type)
        .ok_or_else(|| unprocessable("invalid_query", &"linked_type: not one of the choices"))?;
    let linked = RecordRef::new(kind, about.linked_id);
    access::may_attach_to(&app, linked, who).await?;
    let arrived = receive(&app, who, &about, request).await?;
    write_record(&app, who, linked, &arrived).await?;
    upkeep::scan_soon(&app);
    let seen = access::attachment(&app, arrived.file.attachment).await?;
    Ok((StatusCode::CREATED, Json(show::view(&seen.record, Some(&arrived.file)))))
}

async fn receive(app: &Arc<App>, who: Writer, about: &About, request: Request) -> Result<Arrived, ApiError> {
    let (files, id) = (access::files(app)?, app.identity.fresh_record_id());
    let given = about.filename.as_deref().unwrap_or_default();
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    if !media_type.starts_with("multipart/form-data") {
        let body: Body = request.into_body();
        let file = files.take_whole(id, who.user, patiently(body.into_data_stream())).await?;
        return Ok(Arrived { file, filename: names::clean(given), mime_type: media_type });
    }
    let mut form = Multipart::from_request(request, app)
        .await
        .map_err(|error| ApiError::new(error.status(), "invalid_form", error.body_text()))?;
    let field = file_of(&mut form).await?;
    let filename = if given.is_empty() { field.file_name().unwrap_or_default() } else { given };
    let (filename, mime_type) = (names::clean(filename), field.content_type().unwrap_or_default().to_owned());
    let file = files.take_whole(id, who.user, patiently(field)).await?;
    Ok(Arrived { file, filename, mime_type })
}

/// The form's file, which is its first field.
async fn file_of(form: &mut Multipart) -> Result<Field<'_>, ApiError> {
    let missing = || unprocessable("invalid_form", &"the form's first field has to be `file`");
    match form.next_field().await {
        Ok(Some(field)) if field.name() == Some("file") => Ok(field),
        Ok(_) => Err(missing()),
        Err(error) => Err(ApiError::new(error.status(), "invalid_form", error.body_text())),
    }
}

async fn write_record(app: &App, who: Writer, linked: RecordRef, arrived: &Arrived) -> Result<(), ApiError> {
    let Arrived { file, filename, mime_type } = arrived;
    let (now, size) = (app.identity.now(), i64::try_from(file.size_bytes).unwrap_or(i64::MAX));
    let mut changes = FieldChanges::new();
    let mut set = |key: &str, value: model::Value| drop(changes.insert(key.to_owned(), Some(value)));
    set("linked_type", linked.kind.name().into());
    set("linked_id", linked.id.into());
    set("filename", filename.as_str().into());
    set("size_bytes", size.into());
    set("checksum", file.checksum.to_string().into());
    set("path", blob_name(file.checksum).into());
    set("scan", file.scan.name().into());
    set("uploaded_at", Timestamp::into(now));
    set("owner_id", who.user.into());
    if is_media_type(mime_type) {
        set("mime_type", mime_type.as_str().into());
    }
    let record = RecordRef::new(Kind::Attachment, file.attachment);
    Ok(app.hub.write_as(who.authorship(), vec![Write { record, changes }]).await?)
}

fn is_media_type(text: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_graphic() || letter == b' ';
    text.contains('/') && text.len() <= MEDIA_TYPE_MAX && text.bytes().all(fits)
}

fn unprocessable(code: &'static str, detail: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
}
