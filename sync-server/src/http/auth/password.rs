//! `POST /auth/password`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, Caller, ClientAddress};
use crate::identity::Secret;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
    current_password: Secret,
    new_password: Secret,
}

/// Changes the caller's own password; their other sessions end.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Caller(session): Caller,
    Body(change): Body<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    app.identity.change_password(&session, &change.current_password, &change.new_password, address).await?;
    tracing::info!(user.id = %session.person.id, session.id = %session.id, "password changed");
    Ok(StatusCode::NO_CONTENT)
}
