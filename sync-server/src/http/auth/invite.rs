//! `POST /auth/invite`, and what an administrator gets to hand on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use model::{Role, Timestamp};
use serde::{Deserialize, Serialize};

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, Caller};
use crate::http::me::UserView;
use crate::identity::service::{Invitation, OfferedLink};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invite {
    name: String,
    email: String,
    role: Role,
}

/// A one-time link, shown once.
#[derive(Serialize)]
pub(super) struct LinkView {
    user: UserView,
    /// What to send to the person; the token is behind `#`, which browsers keep to themselves.
    link: String,
    expires_at: Timestamp,
}

impl LinkView {
    pub(super) fn new(offered: OfferedLink, app: &App, headers: &HeaderMap) -> Self {
        let link = format!("{}/accept#{}", base_url(app, headers), offered.token.reveal());
        Self { user: offered.person.into(), link, expires_at: offered.expires_at }
    }
}

/// The public address, or else the one under which the administrator reached the relay.
fn base_url(app: &App, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    app.options.public_url.clone().unwrap_or_else(|| format!("http://{host}"))
}

/// Creates a person who chooses their password by themselves.
pub(super) async fn invite(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Body(new): Body<Invite>,
) -> Result<(StatusCode, Json<LinkView>), ApiError> {
    let admin = caller.admin()?.id;
    let invitation = Invitation { name: new.name, email: new.email, role: new.role };
    let offered = app.identity.invite(invitation, admin).await?;
    app.publish_directory().await;
    tracing::info!(user.id = %offered.person.id, by = %admin, role = offered.person.role.name(), "person invited");
    Ok((StatusCode::CREATED, Json(LinkView::new(offered, &app, &headers))))
}
