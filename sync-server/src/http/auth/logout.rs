//! `POST /auth/logout`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::carrier::forget;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Caller;

/// Ends the caller's session; its sockets are closed, and a browser forgets its cookie.
pub(super) async fn sign_out(State(app): State<Arc<App>>, Caller(session): Caller) -> Result<Response, ApiError> {
    app.identity.sign_out(session.id).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    forget(&app, &mut response);
    Ok(response)
}
