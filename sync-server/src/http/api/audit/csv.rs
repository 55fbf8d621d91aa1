//! Everything that fits a filter as CSV, page by page, so that a long history is never in memory.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use interchange::export::guarded_line;
use serde_json::Value;

use super::filter::Wanted;
use super::line::Line;
use super::page::{PAGE_SIZE_MAX, read};
use crate::http::api::asker::rest;
use crate::http::app::App;
use crate::http::error::ApiError;

/// The columns, which are the names in JSON.
const COLUMNS: [&str; 17] = [
    "at",
    "claimed_at",
    "action",
    "user_id",
    "user_name",
    "device_id",
    "device_name",
    "via",
    "kind",
    "record_id",
    "record_name",
    "field",
    "before",
    "after",
    "stage_seconds",
    "address",
    "detail",
];

/// An export that broke off; its reader sees a body that does not end.
#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
struct BrokenOff;

/// The answer, of which only the beginning is made already.
pub(super) fn answer(app: Arc<App>, wanted: Wanted) -> Response {
    let header = guarded_line(&COLUMNS.map(str::to_owned));
    let wanted = Wanted { page_size: PAGE_SIZE_MAX, ..wanted };
    let pages = stream::unfold(Some((app, wanted, header)), async |state| {
        let (app, wanted, text) = state?;
        match next(&app, &wanted, text).await {
            Ok((text, next)) => Some((Ok(Bytes::from(text)), next.map(|wanted| (app, wanted, String::new())))),
            Err(_) => Some((Err(BrokenOff), None)),
        }
    });
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")];
    (headers, Body::from_stream(pages)).into_response()
}

/// The lines of a page behind `text`, and the question for the next page.
async fn next(app: &App, wanted: &Wanted, mut text: String) -> Result<(String, Option<Wanted>), ApiError> {
    let page = read(rest(app)?, app.workspace, wanted).await?;
    page.lines.iter().for_each(|line| text.push_str(&row(line)));
    Ok((text, page.next.map(|cursor| Wanted { cursor, ..wanted.clone() })))
}

fn row(line: &Line) -> String {
    let json = line.json();
    guarded_line(&COLUMNS.map(|column| cell(&json[column])))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(members) if members.is_empty() => String::new(),
        other => other.to_string(),
    }
}
