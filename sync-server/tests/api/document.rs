//! The OpenAPI document and the routes are held together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::team::Team;

/// The routes as the source registers them: `.route("/path", get(…).post(…))`.
fn registered() -> BTreeSet<(String, String)> {
    let sources = [
        include_str!("../../src/http/mod.rs"),
        include_str!("../../src/http/auth/mod.rs"),
        include_str!("../../src/http/attachments/mod.rs"),
        include_str!("../../src/http/api/mod.rs"),
    ];
    let mut found = BTreeSet::new();
    for source in sources {
        for part in source.split(".route(").skip(1) {
            let Some(path) = part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                continue;
            };
            let call = part.split(".route(").next().unwrap_or(part);
            let call = call.split('\n').next().unwrap_or(call);
            for method in ["get", "post", "patch", "delete", "put"] {
                if call.contains(&format!("{method}(")) {
                    found.insert((method.to_owned(), path.to_owned()));
                }
            }
        }
    }
    // Outside `/api/v1`, and the socket, which is no REST.
    found.retain(|(_, path)| !["/healthz", "/metrics", "/api/{*rest}", "/sync"].contains(&path.as_str()));
    for plural in crate::team::RESOURCES {
        let of_each = [
            ("get", ""),
            ("post", ""),
            ("get", "/{id}"),
            ("patch", "/{id}"),
            ("delete", "/{id}"),
            ("post", "/{id}/restore"),
            ("get", "/{id}/history"),
        ];
        found.extend(of_each.map(|(method, rest)| (method.to_owned(), format!("/{plural}{rest}"))));
    }
    found
}

fn documented(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
    });
    operations.collect()
}

#[test]
fn every_route_is_in_the_document_and_the_reverse() {
    let document = sync_server::http::api::openapi::document();

    assert_eq!(documented(&document), registered());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_operation_is_there_and_asks_who_it_is() {
    let team = Team::new().await;
    let document = team.get("/openapi.json", &team.ada).await.body;

    for (method, path) in documented(&document) {
        let path = path
            .replace("{id}", "0192b5e4-0000-7000-8000-000000000000")
            .replace("{part}", "0")
            .replace("{name}", "won")
            .replace("{delivery}", "0192b5e4-0000-7000-8000-000000000000");
        let answer = team.send(&method.to_uppercase(), &path, None, None).await;
        assert!(!["no_such_route", "method_not_allowed"].contains(&answer.code()), "{method} {path}: {answer:?}");
        let open = path.starts_with("/auth/") || path.starts_with("/docs") || path == "/openapi.json";
        assert!(open || answer.status == 401, "{method} {path}: {answer:?}");
    }
}

#[test]
fn references_lead_somewhere_and_names_are_given_once() {
    let document = sync_server::http::api::openapi::document();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();

    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let names: Vec<&str> =
        text.split("\"operationId\":\"").skip(1).map(|part| part.split('"').next().unwrap()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_people_names_every_operation_and_nothing_from_elsewhere() {
    let team = Team::new().await;
    let page = team.get("/docs", &team.ada).await;
    let html = String::from_utf8(page.bytes.clone()).unwrap();

    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("<script"));
    for (_, path) in documented(&sync_server::http::api::openapi::document()) {
        assert!(html.contains(&format!("/api/v1{path}")), "{path}");
    }
    assert_eq!(team.get("/docs/style.css", &team.ada).await.status, 200);
}
