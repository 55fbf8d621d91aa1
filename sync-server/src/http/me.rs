//! `GET /me`, and `PATCH /me` for one's own name.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::{Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::app::App;
use super::error::ApiError;
use super::extract::{Body, Caller};
use crate::identity::Person;
use crate::identity::rows::PersonChange;

/// A person as the API shows them.
#[derive(Serialize)]
pub(super) struct UserView {
    id: UserId,
    name: String,
    email: String,
    role: Role,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<Timestamp>,
}

impl From<Person> for UserView {
    fn from(person: Person) -> Self {
        let Person { id, email, name, role, created_at, disabled_at } = person;
        Self { id, name, email, role, created_at, disabled_at }
    }
}

/// What people may change about themselves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeMe {
    name: String,
}

/// Gives the caller another name, whatever their role.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Caller(session): Caller,
    Body(change): Body<ChangeMe>,
) -> Result<Json<UserView>, ApiError> {
    let user = session.person.id;
    let change = PersonChange { name: Some(change.name), role: None, disabled: None };
    let identity = Arc::clone(&app.identity);
    // A name changes nobody's rights, but the core's thread is the one that writes people down.
    let decided = app.hub.decide_rights(move || (identity.change_person_blocking(user, change, user), Vec::new()));
    let (person, _) = decided.await??;
    app.publish_directory().await;
    tracing::info!(user.id = %person.id, "person changed their name");
    Ok(Json(person.into()))
}

/// Shows the caller themselves.
pub(super) async fn show(Caller(session): Caller) -> Json<UserView> {
    Json(session.person.into())
}
