//! `POST /auth/link` and `POST /auth/accept`: what whoever was sent a one-time link does with it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::DeviceId;
use serde::{Deserialize, Serialize};

use super::carrier::{Carrier, hand_over};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, ClientAddress};
use crate::identity::Secret;
use crate::identity::rows::LinkPurpose;
use crate::identity::service::DeviceClaim;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    token: Secret,
}

/// Whom a link is for.
#[derive(Serialize)]
pub(super) struct LinkFor {
    purpose: LinkPurpose,
    name: String,
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accept {
    token: Secret,
    password: Secret,
    device_id: DeviceId,
    device_name: String,
    #[serde(default)]
    carrier: Carrier,
}

/// Says whom a link is for.
pub(super) async fn look_at(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Body(look): Body<Look>,
) -> Result<Json<LinkFor>, ApiError> {
    let (person, purpose) = app.identity.look_at_link(&look.token, address).await?;
    Ok(Json(LinkFor { purpose, name: person.name, email: person.email }))
}

/// Sets the password, uses the link up and signs its owner in.
pub(super) async fn accept(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Body(accept): Body<Accept>,
) -> Result<Response, ApiError> {
    let device = DeviceClaim { id: accept.device_id, name: accept.device_name, keeper: accept.carrier.into() };
    let signed_in = app.identity.use_link(&accept.token, &accept.password, device, address).await?;
    app.publish_directory().await;
    tracing::info!(user.id = %signed_in.person.id, session.id = %signed_in.session, "password chosen by link");
    Ok(hand_over(&app, StatusCode::CREATED, signed_in, accept.carrier))
}
