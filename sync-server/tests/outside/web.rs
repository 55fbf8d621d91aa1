//! Claims about the web client's files and the headers of every answer.

use std::path::Path;

use sync_server::http::AppOptions;
use tempfile::TempDir;

use crate::harness::TestRelay;

fn dist() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    put("index.html", b"<!doctype html>the page");
    put("sw.js", b"// worker");
    put("manifest.webmanifest", b"{}");
    put("assets/client-0123456789abcdef.wasm", b"\0asm plain");
    put("assets/client-0123456789abcdef.wasm.br", b"squeezed");
    dir
}

async fn serve(dir: &Path) -> TestRelay {
    TestRelay::start_with(AppOptions { web: Some(dir.to_owned()), ..AppOptions::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_app_is_its_one_page() {
    let dir = dist();
    let relay = serve(dir.path()).await;

    for route in ["/", "/login", "/pipeline", "/leads/0192b5e4-aaaa-7000-8000-000000000000", "/setup?token=x"] {
        let page = relay.get(route, None).await;
        assert_eq!((page.status, page.bytes.as_slice()), (200, b"<!doctype html>the page".as_slice()), "{route}");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert!(page.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_their_type_their_caching_and_their_compressed_form() {
    let dir = dist();
    let relay = serve(dir.path()).await;
    let wasm = "/assets/client-0123456789abcdef.wasm";

    let plain = relay.get(wasm, None).await;
    let squeezed = relay.request("GET", wasm, &[("accept-encoding", "gzip, br")], None, Vec::new()).await;
    let worker = relay.get("/sw.js", None).await;
    let manifest = relay.get("/manifest.webmanifest", None).await;

    assert_eq!(plain.header("content-type"), "application/wasm");
    assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!((squeezed.header("content-encoding"), squeezed.header("content-type")), ("br", "application/wasm"));
    assert_eq!(worker.header("cache-control"), "no-cache");
    assert!(worker.header("content-type").contains("javascript"), "{worker:?}");
    assert!(manifest.header("content-type").contains("manifest+json"), "{manifest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_of_the_client_is_not_there() {
    let dir = dist();
    std::fs::write(dir.path().parent().unwrap().join("outside.txt"), "secret").unwrap();
    let relay = serve(dir.path()).await;

    for path in [
        "/missing.js",
        "/assets/client-ffffffffffffffff.wasm",
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
    ] {
        let answer = relay.get(path, None).await;
        assert!(!answer.bytes.starts_with(b"secret"), "{path}");
        assert_ne!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
    }
    assert_eq!(relay.get("/missing.js", None).await.status, 404);
    let post = relay.request("POST", "/login", &[], None, Vec::new()).await;
    assert_eq!(post.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_web_client_there_is_a_hint() {
    let relay = TestRelay::start().await;

    let hint = relay.get("/", None).await;

    assert_eq!(hint.status, 200);
    assert!(String::from_utf8(hint.bytes).unwrap().contains("--web"));
    assert_eq!(relay.get("/login", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let dir = dist();
    let public_url = Some("https://crm.example.org".to_owned());
    let web = Some(dir.path().to_owned());
    let relay = TestRelay::start_with(AppOptions { web, public_url, ..AppOptions::default() }).await;

    for path in ["/", "/sw.js", "/api/v1/me", "/api/v1/nothing", "/healthz", "/missing.js"] {
        let answer = relay.get(path, None).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "worker-src 'self'",
            "connect-src 'self' wss://crm.example.org",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {part} in {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-embedder-policy"), "require-corp", "{path}");
        assert!(answer.header("strict-transport-security").starts_with("max-age=63072000"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
