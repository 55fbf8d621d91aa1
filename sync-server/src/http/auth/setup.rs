//! `POST /auth/setup`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{DeviceId, Role};
use serde::Deserialize;

use super::SessionView;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, ClientAddress};
use crate::identity::Secret;
use crate::identity::service::{DeviceClaim, NewPerson};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Setup {
    token: Secret,
    name: String,
    email: String,
    password: Secret,
    device_id: DeviceId,
    device_name: String,
}

/// Creates the first administrator and signs them in.
pub(in crate::http) async fn set_up(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Body(setup): Body<Setup>,
) -> Result<(StatusCode, Json<SessionView>), ApiError> {
    let admin = NewPerson { name: setup.name, email: setup.email, role: Role::Admin, password: setup.password };
    let device = DeviceClaim { id: setup.device_id, name: setup.device_name };
    let signed_in = app.identity.set_up(&setup.token, admin, device, address).await?;
    app.publish_directory().await;
    tracing::info!(user.id = %signed_in.person.id, "the relay is set up");
    Ok((StatusCode::CREATED, Json(SessionView::new(signed_in, app.workspace))))
}
