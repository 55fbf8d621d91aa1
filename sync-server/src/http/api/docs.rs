//! `GET /openapi.json` and `GET /docs`: the API for programs and for people. The page has no scripts and nothing from
//! elsewhere.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::{Map, Value};

use super::openapi::{CODES, document};

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static JSON: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());
static PAGE: LazyLock<String> = LazyLock::new(|| page_of(&DOCUMENT));

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#16191f;
background:#fff}h1,h2{line-height:1.2}h2{margin-top:2.5rem;font-size:1.1rem}code{font:14px ui-monospace,monospace}
b.method{display:inline-block;min-width:4.5rem;color:#3b5bdb}table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #e3e6eb}
details{margin:.5rem 0}pre{overflow:auto;background:#f1f3f6;padding:.6rem;border-radius:6px}
@media(prefers-color-scheme:dark){body{background:#111317;color:#eceef2}td,th{border-color:#2b303a}pre{background:#20242b}
b.method{color:#8499f7}}";

/// The document.
pub(super) async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], JSON.as_str())
}

/// The page.
pub(super) async fn page() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], PAGE.as_str())
}

/// Its style.
pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

// Writing to a string cannot fail, so the results of `write!` say nothing.
fn page_of(document: &Value) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>TrailTrack API</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/api/v1/docs/style.css\">\
         </head><body><h1>TrailTrack API</h1>",
    );
    let _ = write!(html, "<p>{}</p>", escaped(words(&document["info"], "description")));
    html.push_str("<p>For programs: <a href=\"/api/v1/openapi.json\">openapi.json</a></p>");
    for (path, methods) in entries(&document["paths"]) {
        for (method, operation) in entries(methods) {
            write_operation(&mut html, (path, method), operation);
        }
    }
    html.push_str("<h2 id=\"errors\">Errors</h2><table><tr><th>Status<th>Code<th>Meaning</tr>");
    for (status, code, meaning) in CODES {
        let _ = write!(html, "<tr><td>{status}<td><code>{code}</code><td>{}</tr>", escaped(meaning));
    }
    html.push_str("</table><h2>Schemas</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let pretty = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ =
            write!(html, "<details id=\"{name}\"><summary>{name}</summary><pre>{}</pre></details>", escaped(&pretty));
    }
    html.push_str("</body></html>");
    html
}

fn write_operation(html: &mut String, (path, method): (&str, &str), operation: &Value) {
    let _ = write!(
        html,
        "<h2 id=\"{}\"><b class=\"method\">{}</b> <code>/api/v1{}</code></h2><p>{}. {}</p>",
        words(operation, "operationId"),
        method.to_uppercase(),
        escaped(path),
        escaped(words(operation, "summary")),
        escaped(words(operation, "description")),
    );
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        html.push_str("<table><tr><th>Parameter<th>In<th>Meaning</tr>");
        for one in parameters {
            let (name, place, about) = (words(one, "name"), words(one, "in"), words(one, "description"));
            let _ = write!(html, "<tr><td><code>{name}</code><td>{place}<td>{}</tr>", escaped(about));
        }
        html.push_str("</table>");
    }
    let body = words(&operation["requestBody"]["content"]["application/json"]["schema"], "$ref");
    if let Some(name) = body.rsplit('/').next().filter(|name| !name.is_empty()) {
        let _ = write!(html, "<p>Body: <a href=\"#{name}\">{name}</a></p>");
    }
    for (status, answer) in entries(&operation["responses"]).filter(|(status, _)| status.starts_with('2')) {
        let _ = write!(html, "<p><code>{status}</code> {}</p>", escaped(words(answer, "description")));
    }
}

fn words<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
