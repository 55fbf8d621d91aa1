//! How a client gets its tokens: programs in the answer's body; browsers get the refresh token in a cookie that no
//! script can read, so that a page's storage holds nothing that outlives ten minutes.

use std::sync::Arc;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::WorkspaceId;
use serde::{Deserialize, Serialize};

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::me::UserView;
use crate::http::origin;
use crate::identity::Secret;
use crate::identity::service::{BROWSER_IDLE_MILLIS, Keeper, SignedIn};

/// Browsers hold such a cookie to `Secure`, this host and the path `/`.
const SECURE_NAME: &str = "__Host-trailtrack";
/// Where there is no TLS: on this machine, or behind a proxy that was not told of.
const PLAIN_NAME: &str = "trailtrack";
/// Every request that uses the cookie carries this header, which a form on another page can't send.
const OWN_PAGE: &str = "x-trailtrack";

/// Where the refresh token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Carrier {
    /// Into the answer.
    #[default]
    Body,
    /// Into a cookie.
    Cookie,
}

impl From<Carrier> for Keeper {
    fn from(carrier: Carrier) -> Self {
        match carrier {
            Carrier::Body => Self::Program,
            Carrier::Cookie => Self::Browser,
        }
    }
}

/// What a client gets that has signed in or continued its session.
#[derive(Serialize)]
struct SessionView {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Seconds.
    expires_in: i64,
    user: UserView,
    workspace_id: WorkspaceId,
}

/// The answer with the tokens.
pub(super) fn hand_over(app: &App, status: StatusCode, signed_in: SignedIn, carrier: Carrier) -> Response {
    let refresh_token = signed_in.refresh_token.reveal().to_owned();
    let cookie = (carrier == Carrier::Cookie).then(|| cookie(app, &refresh_token, BROWSER_IDLE_MILLIS / 1_000));
    let view = SessionView {
        access_token: signed_in.access_token.reveal().to_owned(),
        refresh_token: cookie.is_none().then_some(refresh_token),
        expires_in: signed_in.expires_in_secs(),
        user: signed_in.person.into(),
        workspace_id: app.workspace,
    };
    let mut response = (status, Json(view)).into_response();
    response.headers_mut().extend(cookie.flatten().map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

/// Takes the cookie away.
pub(super) fn forget(app: &App, response: &mut Response) {
    response.headers_mut().extend(cookie(app, "", 0).map(|cookie| (header::SET_COOKIE, cookie)));
}

fn cookie(app: &App, token: &str, max_age_secs: i64) -> Option<HeaderValue> {
    let (name, secure) = if is_secure(app) { (SECURE_NAME, "; Secure") } else { (PLAIN_NAME, "") };
    let text = format!("{name}={token}; Path=/; Max-Age={max_age_secs}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn is_secure(app: &App) -> bool {
    app.options.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
}

/// The refresh token that came in the cookie. A request with the cookie is refused unless it is our own page's.
pub(super) struct CookieToken(pub(super) Option<Secret>);

impl FromRequestParts<Arc<App>> for CookieToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let name = if is_secure(app) { SECURE_NAME } else { PLAIN_NAME };
        let Some(token) = cookie_of(&parts.headers, name) else { return Ok(Self(None)) };
        if !parts.headers.contains_key(OWN_PAGE) || !origin::may_use_cookie(&parts.headers, &app.options) {
            return Err(ApiError::foreign_page());
        }
        Ok(Self(Some(Secret::new(token))))
    }
}

fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xtrailtrack=2; trailtrack=ttr_x; b=3"));

        assert_eq!(cookie_of(&headers, PLAIN_NAME), Some("ttr_x"));
        assert_eq!(cookie_of(&headers, SECURE_NAME), None);
    }
}
