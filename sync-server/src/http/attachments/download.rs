//! `GET /attachments/{id}/download`: the whole file, or a range of it. Browsers save it and never show it as a page.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::access::Reader;
use super::{access, names};
use crate::attachments::{AttachedFile, Attachments};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::headers::FILE_POLICY;

/// First bytes that tell what a file is.
const TELLING_BYTES: u64 = 16;

/// Sends the file.
pub(super) async fn download(
    State(app): State<Arc<App>>,
    _: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (files, id) = (access::files(&app)?, access::record_id(&id)?);
    let seen = access::attachment(&app, id).await?;
    let file = files.attached(id).await?.ok_or_else(ApiError::not_found)?;
    let Some(wanted) = wanted(&headers, &file) else { return Ok(not_satisfiable(&file)) };
    let media_type = names::media_type(&first_bytes(files, &file).await?);
    let range = wanted.clone().unwrap_or(0..file.size_bytes);
    let length = range.end - range.start;
    let pieces = files.read(&file, Some(range.clone())).await?;
    let mut response = Body::from_stream(pieces).into_response();
    describe(response.headers_mut(), &file, media_type);
    let set = response.headers_mut();
    set.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Ok(value) = HeaderValue::try_from(names::disposition(seen.record.text("filename"))) {
        set.insert(header::CONTENT_DISPOSITION, value);
    }
    if wanted.is_some()
        && let Ok(value) = HeaderValue::try_from(format!("bytes {}-{}/{}", range.start, range.end - 1, file.size_bytes))
    {
        set.insert(header::CONTENT_RANGE, value);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

fn describe(headers: &mut HeaderMap, file: &AttachedFile, media_type: &'static str) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, FILE_POLICY);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(tag) = HeaderValue::try_from(tag_of(file)) {
        headers.insert(header::ETAG, tag);
    }
}

fn tag_of(file: &AttachedFile) -> String {
    format!("\"{}\"", file.checksum)
}

async fn first_bytes(files: &Attachments, file: &AttachedFile) -> Result<Vec<u8>, ApiError> {
    let pieces = files.read(file, Some(0..file.size_bytes.min(TELLING_BYTES))).await?;
    let bytes: Vec<_> =
        pieces.take(1).try_collect().await.map_err(crate::attachments::errors::AttachmentFailure::from)?;
    Ok(bytes.concat())
}

/// What is asked for: `Some(None)` is the whole file, `None` is nothing that the file has. A range of another
/// version, and several ranges at once, are answered with the whole.
fn wanted(headers: &HeaderMap, file: &AttachedFile) -> Option<Option<Range<u64>>> {
    let other_version = headers.get(header::IF_RANGE).is_some_and(|tag| tag.as_bytes() != tag_of(file).as_bytes());
    let range = headers.get(header::RANGE).filter(|_| !other_version).and_then(|range| range.to_str().ok());
    let Some(spec) = range.and_then(|range| range.strip_prefix("bytes=")).filter(|spec| !spec.contains(',')) else {
        return Some(None);
    };
    range_of(spec.trim(), file.size_bytes)
}

/// One range; `Some(None)` when it is not written as one.
fn range_of(spec: &str, size: u64) -> Option<Option<Range<u64>>> {
    let Some((from, to)) = spec.split_once('-') else { return Some(None) };
    let range = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(size),
        (Ok(from), Err(_)) if to.is_empty() => from..size,
        (Err(_), Ok(last)) if from.is_empty() => size.saturating_sub(last)..size,
        _ => return Some(None),
    };
    (range.start < range.end).then_some(Some(range))
}

fn not_satisfiable(file: &AttachedFile) -> Response {
    let detail = "the file has no such range";
    let mut response = ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "no_such_range", detail).into_response();
    if let Ok(value) = HeaderValue::try_from(format!("bytes */{}", file.size_bytes)) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::range_of;

    #[test]
    fn a_range_is_cut_to_the_file() {
        for (spec, range) in [
            ("0-0", Some(Some(0..1))),
            ("2-5", Some(Some(2..6))),
            ("2-", Some(Some(2..10))),
            ("-3", Some(Some(7..10))),
            ("-30", Some(Some(0..10))),
            ("5-99999999999999999999", Some(None)),
            ("5-18446744073709551615", Some(Some(5..10))),
            ("10-", None),
            ("10-20", None),
            ("-0", None),
            ("5-2", Some(None)),
            ("-", Some(None)),
            ("a-b", Some(None)),
            ("7", Some(None)),
        ] {
            assert_eq!(range_of(spec, 10), range, "{spec}");
        }
    }
}
