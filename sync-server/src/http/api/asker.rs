//! Who asks: somebody with a session, or a script with a personal token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use model::{DeviceId, Role, UserId};

use crate::access::{self, Access, Bearer};
use crate::http::app::{App, Rest};
use crate::http::error::ApiError;
use crate::http::extract::{Caller, bearer};
use crate::http::rates::{self, Asked, AskerKey};
use crate::hub::RoleNow;

/// Who asks, as established for this request.
pub(in crate::http) struct Asker {
    pub(in crate::http) user: UserId,
    pub(in crate::http) role: Role,
    /// The installation of a session; scripts have none.
    pub(in crate::http) device: Option<DeviceId>,
    writes: bool,
    key: AskerKey,
    proof: Proof,
}

/// What shows who it is; looked at once more when something is committed.
#[derive(Clone)]
enum Proof {
    Session(String),
    Token(String),
}

impl FromRequestParts<Arc<App>> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers).ok_or_else(ApiError::sign_in)?;
        if token.starts_with(access::PREFIX) {
            let found = rest(app)?.access.bearer(token).await?.ok_or_else(ApiError::sign_in)?;
            let Bearer { token: id, user, role, writes } = found;
            let key = *id.0.as_bytes();
            if rates::counts(parts) {
                app.rates.charge(key, Asked::Request)?;
            }
            let device = None;
            return Ok(Self { user, role, device, writes, key, proof: Proof::Token(token.to_owned()) });
        }
        let proof = Proof::Session(token.to_owned());
        let Caller(session) = Caller::from_request_parts(parts, app).await?;
        let (user, role) = (session.person.id, session.person.role);
        let device = Some(session.device);
        Ok(Self { user, role, device, writes: true, key: *session.id.0.as_bytes(), proof })
    }
}

impl Asker {
    /// Refuses whoever does not run the workspace.
    pub(super) fn admin(&self) -> Result<UserId, ApiError> {
        match self.role {
            Role::Admin => Ok(self.user),
            Role::User | Role::Viewer => Err(ApiError::admins_only()),
        }
    }

    /// Refuses a token that may only read. What the person may write is judged at the commit.
    pub(in crate::http) fn may_write(&self) -> Result<(), ApiError> {
        let detail = "this token may only read";
        self.writes.then_some(()).ok_or_else(|| ApiError::new(StatusCode::FORBIDDEN, "scope_missing", detail))
    }

    /// Counts a search or an export on top of the request.
    pub(super) fn charge(&self, app: &App, asked: Asked) -> Result<(), ApiError> {
        app.rates.charge(self.key, asked)
    }

    /// Looks up the role at another moment.
    pub(super) fn role_now(&self, app: &Arc<App>) -> RoleNow {
        let (app, proof) = (Arc::clone(app), self.proof.clone());
        Box::new(move || match proof {
            Proof::Session(token) => app.identity.authenticate_blocking(&token).ok().map(|live| live.person.role),
            Proof::Token(token) => role_of_token(&app.options.rest.as_ref()?.access, &token),
        })
    }
}

fn role_of_token(access: &Access, token: &str) -> Option<Role> {
    access.bearer_blocking(token).ok().flatten().filter(|bearer| bearer.writes).map(|bearer| bearer.role)
}

/// What the routes work with; they exist only together with it.
pub(super) fn rest(app: &App) -> Result<&Rest, ApiError> {
    app.options.rest.as_ref().ok_or_else(ApiError::no_such_route)
}
