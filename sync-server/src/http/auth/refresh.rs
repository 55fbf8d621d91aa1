//! `POST /auth/refresh`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::SessionView;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;
use crate::identity::Secret;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Refresh {
    refresh_token: Secret,
}

/// Continues a session with new tokens.
pub(in crate::http) async fn refresh(
    State(app): State<Arc<App>>,
    Body(refresh): Body<Refresh>,
) -> Result<Json<SessionView>, ApiError> {
    let signed_in = app.identity.refresh(&refresh.refresh_token).await?;
    Ok(Json(SessionView::new(signed_in, app.workspace)))
}
