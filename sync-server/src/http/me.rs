//! `GET /me`

use axum::Json;
use model::{Role, Timestamp, UserId};
use serde::Serialize;

use super::extract::Caller;
use crate::identity::Person;

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

/// Shows the caller themselves.
pub(super) async fn show(Caller(session): Caller) -> Json<UserView> {
    Json(session.person.into())
}
