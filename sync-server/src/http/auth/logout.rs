//! `POST /auth/logout`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Caller;

/// Ends the caller's session; its sockets are closed.
pub(in crate::http) async fn sign_out(
    State(app): State<Arc<App>>,
    Caller(session): Caller,
) -> Result<StatusCode, ApiError> {
    app.identity.sign_out(session.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
