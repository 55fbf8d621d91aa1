//! `POST /auth/register`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::Role;
use serde::Deserialize;

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, Caller};
use crate::http::me::UserView;
use crate::identity::Secret;
use crate::identity::service::NewPerson;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    name: String,
    email: String,
    role: Role,
    password: Secret,
}

/// Creates a person, in the tables and in the directory.
pub(super) async fn register(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<Register>,
) -> Result<(StatusCode, Json<UserView>), ApiError> {
    let admin = caller.admin()?.id;
    let new = NewPerson { name: new.name, email: new.email, role: new.role, password: new.password };
    let person = app.identity.register(new, Some(admin)).await?;
    app.publish_directory().await;
    tracing::info!(user.id = %person.id, by = %admin, role = person.role.name(), "person created");
    Ok((StatusCode::CREATED, Json(person.into())))
}
