//! The outside of the relay: routes, the sync socket, the web client, and the accept loop. Only here are axum and
//! status codes known.
//!
//! One file for each resource and verb. Every answer that is no success is an [`error::ApiError`].

pub mod api;
pub mod app;
mod attachments;
mod auth;
mod calendar;
mod error;
mod extract;
mod headers;
mod health;
mod lines;
mod me;
mod misses;
mod origin;
mod pace;
mod rates;
pub mod server;
mod sync_socket;
mod web;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::get;
use tower_http::timeout::TimeoutLayer;

pub use app::{App, AppOptions, Limits, OpenRestError, Rest};
use error::ApiError;
pub(crate) use error::describe;

/// Builds the relay's routes.
pub fn routes(app: &Arc<App>) -> Router {
    let timeout = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, app.options.limits.request_timeout);
    let api = Router::new()
        .merge(misses::throttled(auth::routes(), app))
        .route("/me", get(me::show).patch(me::change))
        .route("/sync", get(sync_socket::open))
        .merge(api::routes(app))
        .fallback(async || ApiError::no_such_route())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::map_response(headers::never_stored))
        .layer(DefaultBodyLimit::max(app.options.limits.body_max_bytes));
    let outside = Router::new()
        .nest("/api/v1", api)
        .merge(auth::accept_page::routes())
        .merge(calendar::routes())
        .route("/api/{*rest}", get(async || ApiError::no_such_route()))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics));
    web::serve(outside, app.options.web.as_deref())
        .layer(timeout)
        .merge(Router::new().nest("/api/v1", misses::throttled(attachments::routes(app), app)))
        .layer(middleware::map_response_with_state(Arc::clone(app), headers::secure))
        .with_state(Arc::clone(app))
}
