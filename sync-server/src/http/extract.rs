//! What routes read from a request: its JSON body, who asks, and from where.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Json, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use model::Role;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use super::app::App;
use super::error::ApiError;
use super::rates::{self, Asked};
use crate::identity::{LiveSession, Person};

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let Json(body) = Json::<T>::from_request(request, app).await?;
        Ok(Self(body))
    }
}

/// Whoever asks, by the bearer token; their session was looked up for this request.
pub(super) struct Caller(pub(super) LiveSession);

impl Caller {
    /// The person, if they run the workspace.
    pub(super) fn admin(&self) -> Result<&Person, ApiError> {
        match self.0.person.role {
            Role::Admin => Ok(&self.0.person),
            Role::User | Role::Viewer => Err(ApiError::admins_only()),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Known>() {
            return Ok(Self(known.0.clone()));
        }
        let token = bearer(&parts.headers).ok_or_else(ApiError::sign_in)?;
        let session = app.identity.authenticate(token).await?;
        if rates::counts(parts) {
            app.rates.charge(*session.id.0.as_bytes(), Asked::Request)?;
        }
        parts.extensions.insert(Known(session.clone()));
        Ok(Self(session))
    }
}

/// Who asks, when it was established for this request already.
#[derive(Clone)]
struct Known(LiveSession);

/// The one bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Where the TCP connection comes from; put into every request by the accept loop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The place that the connection takes among all open ones, until the last holder drops it.
#[derive(Debug, Clone)]
pub(super) struct Place(#[expect(dead_code, reason = "held, never read")] pub(super) Arc<OwnedSemaphorePermit>);

/// Where a request comes from: the peer, or what a configured proxy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClientAddress(pub(super) IpAddr);

impl FromRequestParts<Arc<App>> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let forwarded = app.options.behind_proxy.then(|| forwarded_for(&parts.headers)).flatten();
        Ok(Self(forwarded.unwrap_or(peer)))
    }
}

/// The last entry: the one that our own proxy wrote. Those before it are anybody's claims.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn many(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn only_one_bearer_token_is_a_token() {
        assert_eq!(bearer(&headers(&[("authorization", "Bearer abc")])), Some("abc"));
        assert_eq!(bearer(&headers(&[("authorization", "bearer abc")])), Some("abc"));
        for bad in ["", "abc", "Basic abc", "Bearerabc"] {
            assert_eq!(bearer(&headers(&[("authorization", bad)])), None, "{bad}");
        }
        assert_eq!(bearer(&many(&[("authorization", "Bearer a"), ("authorization", "Bearer b")])), None);
    }

    #[test]
    fn the_proxys_own_entry_counts_and_no_claim_before_it() {
        let last = |lines| forwarded_for(&many(lines)).map(|address| address.to_string());

        assert_eq!(last(&[("x-forwarded-for", "192.0.2.9")]).as_deref(), Some("192.0.2.9"));
        assert_eq!(last(&[("x-forwarded-for", "10.0.0.1, 192.0.2.9")]).as_deref(), Some("192.0.2.9"));
        let two = [("x-forwarded-for", "10.0.0.1"), ("x-forwarded-for", "2001:db8::1")];
        assert_eq!(last(&two).as_deref(), Some("2001:db8::1"));
        assert_eq!(last(&[("x-forwarded-for", "nonsense")]), None);
        assert_eq!(last(&[]), None);
    }
}
