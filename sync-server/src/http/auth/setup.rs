//! `POST /auth/setup`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::{DeviceId, Role};
use serde::Deserialize;

use super::carrier::{Carrier, hand_over};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, ClientAddress};
use crate::identity::Secret;
use crate::identity::service::{DeviceClaim, NewPerson};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setup {
    token: Secret,
    name: String,
    email: String,
    password: Secret,
    device_id: DeviceId,
    device_name: String,
    #[serde(default)]
    carrier: Carrier,
}

/// Creates the first administrator and signs them in.
pub(super) async fn set_up(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Body(setup): Body<Setup>,
) -> Result<Response, ApiError> {
    let admin = NewPerson { name: setup.name, email: setup.email, role: Role::Admin, password: setup.password };
    let device = DeviceClaim { id: setup.device_id, name: setup.device_name, keeper: setup.carrier.into() };
    let signed_in = app.identity.set_up(&setup.token, admin, device, address).await?;
    app.publish_directory().await;
    tracing::info!(user.id = %signed_in.person.id, "the relay is set up");
    Ok(hand_over(&app, StatusCode::CREATED, signed_in, setup.carrier))
}
