//! Who may use the relay: setting up, signing in and out, continuing a session, passwords, people and devices.

pub(super) mod accept_page;
mod carrier;
mod devices;
mod invite;
mod link;
mod login;
mod logout;
mod password;
mod refresh;
mod register;
mod setup;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, patch, post};

use super::app::App;

/// The routes, below `/api/v1`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/auth/setup", post(setup::set_up))
        .route("/auth/login", post(login::sign_in))
        .route("/auth/refresh", post(refresh::refresh))
        .route("/auth/logout", post(logout::sign_out))
        .route("/auth/register", post(register::register))
        .route("/auth/invite", post(invite::invite))
        .route("/auth/link", post(link::look_at))
        .route("/auth/accept", post(link::accept))
        .route("/auth/password", post(password::change))
        .route("/users/{id}", patch(users::change))
        .route("/users/{id}/reset-link", post(users::offer_reset))
        .route("/devices", get(devices::list))
        .route("/devices/{id}", delete(devices::revoke))
}
