//! `GET /devices` and `DELETE /devices/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use model::{DeviceId, Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Caller;
use crate::identity::rows::DeviceStanding;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    /// Everybody's devices, for administrators.
    #[serde(default)]
    everybody: bool,
}

#[derive(Serialize)]
pub(super) struct DeviceView {
    id: DeviceId,
    user_id: UserId,
    name: String,
    created_at: Timestamp,
    /// When it signed in or renewed its tokens the last time.
    last_seen_at: Timestamp,
    revoked_at: Option<Timestamp>,
    signed_in: bool,
    /// The one that asks.
    current: bool,
}

#[derive(Serialize)]
pub(super) struct DeviceList {
    devices: Vec<DeviceView>,
}

/// Lists the caller's devices, those seen last first.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Result<Json<DeviceList>, ApiError> {
    let Query(whose) =
        whose.map_err(|error| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_query", error.body_text()))?;
    let of = if whose.everybody { caller.admin().map(|_| None)? } else { Some(caller.0.person.id) };
    let devices = app.identity.devices(of).await?;
    Ok(Json(DeviceList { devices: devices.into_iter().map(|device| view(device, caller.0.device)).collect() }))
}

fn view(standing: DeviceStanding, current: DeviceId) -> DeviceView {
    let DeviceStanding { device, signed_in } = standing;
    DeviceView {
        id: device.id,
        user_id: device.user,
        current: device.id == current,
        name: device.name,
        created_at: device.created_at,
        last_seen_at: device.seen_at,
        revoked_at: device.revoked_at,
        signed_in,
    }
}

/// Takes a device's access away: one's own, or anybody's for administrators.
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Caller(session): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let device = id.parse().map_err(|_| ApiError::not_found())?;
    let of = (session.person.role != Role::Admin).then_some(session.person.id);
    if !app.identity.revoke_device(device, of, session.person.id).await? {
        return Err(ApiError::not_found());
    }
    app.publish_directory().await;
    Ok(StatusCode::NO_CONTENT)
}
