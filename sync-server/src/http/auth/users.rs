//! `PATCH /users/{id}` and `POST /users/{id}/reset-link`: what administrators do about people.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use model::{Role, UserId};
use serde::Deserialize;

use super::invite::LinkView;
use crate::domain::{RightsChange, Whose};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, Caller};
use crate::http::me::UserView;
use crate::identity::Person;
use crate::identity::rows::PersonChange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeUser {
    name: Option<String>,
    role: Option<Role>,
    disabled: Option<bool>,
}

/// Changes a person. It is written down by the core's thread between two groups of changes, so that every change is
/// judged by the role its author had when it was committed.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<ChangeUser>,
) -> Result<Json<UserView>, ApiError> {
    let admin = caller.admin()?.id;
    let user = user_id(&id)?;
    let change = PersonChange { name: change.name, role: change.role, disabled: change.disabled };
    let identity = Arc::clone(&app.identity);
    let decided = app.hub.decide_rights(move || {
        let decided = identity.change_person_blocking(user, change, admin);
        let rights = decided.as_ref().map(|(person, _)| rights_of(person)).unwrap_or_default();
        (decided, rights)
    });
    let (person, _) = decided.await??;
    app.publish_directory().await;
    let (role, disabled) = (person.role.name(), person.disabled_at.is_some());
    tracing::info!(user.id = %person.id, by = %admin, role, disabled, "person changed");
    Ok(Json(person.into()))
}

/// What a person's standing means for their open connections.
fn rights_of(person: &Person) -> Vec<RightsChange> {
    match person.disabled_at {
        Some(_) => vec![RightsChange::Revoked(Whose::User(person.id))],
        None => vec![RightsChange::Role(person.id, person.role)],
    }
}

/// Makes a link by which the person chooses another password.
pub(super) async fn offer_reset(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<LinkView>), ApiError> {
    let admin = caller.admin()?.id;
    let offered = app.identity.offer_reset(user_id(&id)?, admin).await?;
    tracing::info!(user.id = %offered.person.id, by = %admin, "link for a new password made");
    Ok((StatusCode::CREATED, Json(LinkView::new(offered, &app, &headers))))
}

/// What is no id names nobody.
fn user_id(text: &str) -> Result<UserId, ApiError> {
    text.parse().map_err(|_| ApiError::not_found())
}
