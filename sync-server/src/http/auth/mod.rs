//! `/api/v1/auth`: setting up, signing in and out, continuing a session, creating people.

mod login;
mod logout;
mod refresh;
mod register;
mod setup;

use model::WorkspaceId;
use serde::Serialize;

use super::me::UserView;
use crate::identity::service::SignedIn;

pub(super) use login::sign_in;
pub(super) use logout::sign_out;
pub(super) use refresh::refresh;
pub(super) use register::register;
pub(super) use setup::set_up;

/// What a client gets that has signed in or continued its session.
#[derive(Serialize)]
pub(super) struct SessionView {
    access_token: String,
    refresh_token: String,
    /// Seconds.
    expires_in: i64,
    user: UserView,
    workspace_id: WorkspaceId,
}

impl SessionView {
    fn new(signed_in: SignedIn, workspace_id: WorkspaceId) -> Self {
        Self {
            access_token: signed_in.access_token.reveal().to_owned(),
            refresh_token: signed_in.refresh_token.reveal().to_owned(),
            expires_in: signed_in.expires_in_secs(),
            user: signed_in.person.into(),
            workspace_id,
        }
    }
}
