//! The headers that every answer carries.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use super::app::App;

/// What pages of the relay may do: run its own scripts and WebAssembly, talk to the relay, and nothing else.
///
/// `require-trusted-types-for` is left out: the web client starts its worker and its service worker from plain
/// addresses. Styles come from files alone; what egui sets on the canvas goes through the CSSOM, which is allowed.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
    img-src 'self' blob:; style-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
    object-src 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a browser need not offer to the page.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];

/// Two years, as browsers' preload lists ask.
const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// What a file that people have uploaded may do when it is opened: nothing at all.
pub(super) const FILE_POLICY: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");

/// Adds the security headers; a stricter content policy of the answer's own stands.
pub(super) async fn secure(State(app): State<Arc<App>>, mut response: Response) -> Response {
    let public_url = app.options.public_url.as_deref();
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(policy) = HeaderValue::try_from(content_policy(public_url))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if public_url.is_some_and(|url| url.starts_with("https://")) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    response
}

/// Answers of the API are for whoever asked, now.
pub(super) async fn never_stored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `'self'` includes the relay's own WebSocket in today's browsers; older ones want to see its address.
fn content_policy(public_url: Option<&str>) -> String {
    let socket = public_url.map(|url| format!(" {}", url.replacen("http", "ws", 1))).unwrap_or_default();
    format!("{POLICY}; connect-src 'self'{socket}")
}
