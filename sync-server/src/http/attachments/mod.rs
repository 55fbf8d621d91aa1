//! `/api/v1/attachments`: files go up whole or in parts, come down whole or in ranges, and go to the trash.
//!
//! Everybody who may see the workspace may read every file, as they read every record. Who may change the record that
//! a file hangs on may add and remove files.

mod access;
mod body;
mod download;
mod names;
mod parts;
mod remove;
mod show;
pub(super) mod upkeep;
mod upload;
mod uploads;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{delete, get, post, put};
use tower_http::timeout::TimeoutLayer;

use super::app::App;
use super::headers;
use crate::attachments::bitmap::PART_BYTES;

/// How long a part may take: 8 KiB a second.
const PART_TIMEOUT: Duration = Duration::from_secs(PART_BYTES / (8 * 1024));
/// How long putting the parts of a large file together may take.
const FINISH_TIMEOUT: Duration = Duration::from_secs(300);

/// The routes, below `/api/v1`. Bodies are files here, so these routes have time-outs of their own.
pub(super) fn routes(app: &App) -> Router<Arc<App>> {
    let timeout = |after| TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, after);
    let part_max = usize::try_from(PART_BYTES).unwrap_or(usize::MAX);
    let quick = Router::new()
        .route("/attachments/uploads", post(uploads::begin))
        .route("/attachments/uploads/{id}", get(uploads::show))
        .route("/attachments/{id}", delete(remove::remove).get(show::show))
        .layer(timeout(app.options.limits.request_timeout));
    let part = Router::new()
        .route("/attachments/uploads/{id}/parts/{part}", put(parts::put))
        .layer(DefaultBodyLimit::max(part_max))
        .layer(timeout(PART_TIMEOUT));
    let finish =
        Router::new().route("/attachments/uploads/{id}/finish", post(uploads::finish)).layer(timeout(FINISH_TIMEOUT));
    let streamed = Router::new()
        .route("/attachments/upload", post(upload::upload).layer(DefaultBodyLimit::disable()))
        .route("/attachments/{id}/download", get(download::download));
    quick.merge(part).merge(finish).merge(streamed).layer(middleware::map_response(headers::never_stored))
}
