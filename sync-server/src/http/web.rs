//! The web client: files from a folder, one page for all of the app's routes.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use super::app::App;
use super::error::ApiError;

/// What is served in place of the web client when there is none.
const HINT: &str = "This is a TrailTrack relay. It was started without --web, so there is no web client here.\n";
/// For files whose name changes with their content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For everything else: ask each time whether it has changed.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// Digits of the hash in a file's name.
const HASH_DIGITS: usize = 16;

/// Serves the folder for whatever is no other route.
pub(super) fn serve(router: Router<Arc<App>>, folder: Option<&Path>) -> Router<Arc<App>> {
    let Some(folder) = folder else {
        return router.route("/", get(async || HINT)).fallback(async || ApiError::no_such_route());
    };
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip();
    router.fallback(move |request: Request| answer(files.clone(), request))
}

async fn answer(files: ServeDir, mut request: Request) -> Response {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return ApiError::method_not_allowed().into_response();
    }
    let caching = if has_hash(request.uri().path()) { FOR_EVER } else { ASK_AGAIN };
    if is_app_route(request.uri().path()) {
        *request.uri_mut() = Uri::from_static("/index.html");
    }
    let mut response = match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    match response.status() {
        status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
            response.headers_mut().insert(header::CACHE_CONTROL, caching);
            response
        }
        StatusCode::NOT_FOUND => ApiError::no_such_route().into_response(),
        _ => response,
    }
}

/// Files have a dot in their name, the app's routes don't.
fn is_app_route(path: &str) -> bool {
    path.rsplit('/').next().is_none_or(|last| !last.contains('.'))
}

/// Whether the name is `…-<hash>.<extension>`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    let stem = name.split_once('.').map_or("", |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() == HASH_DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_routes_and_files_are_told_apart_by_their_last_part() {
        for route in ["/", "/login", "/leads/0192b5e4", "/setup", "/pipeline/", "/a.b/c"] {
            assert!(is_app_route(route), "{route}");
        }
        for file in ["/sw.js", "/assets/client-0123456789abcdef.wasm", "/favicon.ico", "/.env", "/.."] {
            assert!(!is_app_route(file), "{file}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(has_hash("/assets/client-0123456789abcdef.wasm"));
        for plain in ["/sw.js", "/icon-192.png", "/assets/client.wasm", "/x-0123456789abcdeg.js", "/index.html", "/"] {
            assert!(!has_hash(plain), "{plain}");
        }
    }
}
