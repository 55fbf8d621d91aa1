//! `POST /auth/refresh`: the one route that looks at the cookie.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::carrier::{Carrier, CookieToken, hand_over};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;
use crate::identity::Secret;
use crate::identity::errors::RefreshError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    /// Without it the cookie's counts.
    refresh_token: Option<Secret>,
    #[serde(default)]
    carrier: Carrier,
}

/// Continues a session with new tokens. A token from the cookie is answered in the cookie, whatever was asked.
pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    CookieToken(cookie): CookieToken,
    Body(refresh): Body<Refresh>,
) -> Result<Response, ApiError> {
    let (token, carrier) = match (refresh.refresh_token, cookie) {
        (Some(token), _) => (token, refresh.carrier),
        (None, Some(token)) => (token, Carrier::Cookie),
        (None, None) => return Err(RefreshError::Ended.into()),
    };
    let signed_in = app.identity.refresh(&token, carrier.into()).await?;
    Ok(hand_over(&app, StatusCode::OK, signed_in, carrier))
}
