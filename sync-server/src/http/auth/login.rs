//! `POST /auth/login`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::DeviceId;
use serde::Deserialize;

use super::carrier::{Carrier, hand_over};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, ClientAddress};
use crate::identity::Secret;
use crate::identity::service::DeviceClaim;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    email: String,
    password: Secret,
    device_id: DeviceId,
    device_name: String,
    #[serde(default)]
    carrier: Carrier,
}

/// Signs somebody in; a device that is new is put into the directory.
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Body(login): Body<Login>,
) -> Result<Response, ApiError> {
    let device = DeviceClaim { id: login.device_id, name: login.device_name, keeper: login.carrier.into() };
    let signed_in = app.identity.sign_in(&login.email, &login.password, device, address).await?;
    app.publish_directory().await;
    tracing::info!(user.id = %signed_in.person.id, session.id = %signed_in.session, "signed in");
    Ok(hand_over(&app, StatusCode::OK, signed_in, login.carrier))
}
