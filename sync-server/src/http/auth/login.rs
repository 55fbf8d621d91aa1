//! `POST /auth/login`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::DeviceId;
use serde::Deserialize;

use super::SessionView;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, ClientAddress};
use crate::identity::Secret;
use crate::identity::service::DeviceClaim;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Login {
    email: String,
    password: Secret,
    device_id: DeviceId,
    device_name: String,
}

/// Signs somebody in; a device that is new is put into the directory.
pub(in crate::http) async fn sign_in(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Body(login): Body<Login>,
) -> Result<Json<SessionView>, ApiError> {
    let device = DeviceClaim { id: login.device_id, name: login.device_name };
    let signed_in = app.identity.sign_in(&login.email, &login.password, device, address).await?;
    app.publish_directory().await;
    tracing::info!(user.id = %signed_in.person.id, session.id = %signed_in.session, "signed in");
    Ok(Json(SessionView::new(signed_in, app.workspace)))
}
