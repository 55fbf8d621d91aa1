//! `GET /accept`: the page behind a one-time link. It stands by itself, so that it works without the web client.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::http::app::App;

/// The page and its two files.
pub(in crate::http) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/accept", get(async || file("text/html; charset=utf-8", include_str!("accept_page/page.html"))))
        .route("/accept.js", get(async || file("text/javascript; charset=utf-8", include_str!("accept_page/page.js"))))
        .route("/accept.css", get(async || file("text/css; charset=utf-8", include_str!("accept_page/page.css"))))
}

fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], content)
}
