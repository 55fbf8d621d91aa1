//! Pages of other origins, and the cookie.

use serde_json::{Value, json};
use sync_server::http::AppOptions;

use crate::harness::{ADA, Answer, PASSWORD, TestRelay, device_id};

async fn sign_in_with_cookie(relay: &TestRelay) -> (Answer, String) {
    let body = json!({"email": ADA, "password": PASSWORD, "device_id": device_id(3), "device_name": "browser",
        "carrier": "cookie"});
    let answer = relay.post("/api/v1/auth/login", &body, None).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    (answer, cookie)
}

/// Row: bad `Origin` (null, suffix trick, port, case, http), absent Origin with cookie.
#[tokio::test(flavor = "multi_thread")]
async fn bad_origin_absent_origin_with_cookie() {
    let (relay, _) = TestRelay::with_ada().await;
    let own = format!("http://{}", relay.address);
    let (_, cookie) = sign_in_with_cookie(&relay).await;
    let upper = own.to_uppercase();
    let refresh = async |origin: Option<&str>| {
        let mut headers =
            vec![("content-type", "application/json"), ("x-trailtrack", "1"), ("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        relay.request("POST", "/api/v1/auth/refresh", &headers, None, b"{}".to_vec()).await
    };

    for bad in
        ["null", "https://evil.example", &format!("{own}.evil.example"), &format!("{own}1"), &upper, "http://127.0.0.1"]
    {
        assert_eq!(relay.connect_from(Some(bad)).await.err(), Some(403), "{bad}");
        assert_eq!(refresh(Some(bad)).await.code(), "foreign_page", "{bad}");
    }
    let absent = refresh(None).await;
    assert_eq!((absent.status, absent.code()), (403, "foreign_page"));
    assert!(relay.connect_from(None).await.is_ok(), "programs bring a bearer token");
    assert_eq!(refresh(Some(&own)).await.status, 200);
}

/// Row: CSRF on cookie route (simple form, text/plain, method override).
#[tokio::test(flavor = "multi_thread")]
async fn csrf_on_cookie_route() {
    let (relay, _) = TestRelay::with_ada().await;
    let own = format!("http://{}", relay.address);
    let (_, cookie) = sign_in_with_cookie(&relay).await;
    let send = async |method: &str, headers: &[(&'static str, &str)], body: &str| {
        let mut all = vec![("cookie", cookie.as_str())];
        all.extend(headers);
        relay.request(method, "/api/v1/auth/refresh", &all, None, body.as_bytes().to_vec()).await
    };

    for (name, headers) in [
        ("form", vec![("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")]),
        ("own form", vec![("content-type", "application/x-www-form-urlencoded"), ("origin", own.as_str())]),
        ("text", vec![("content-type", "text/plain"), ("origin", "https://evil.example")]),
        ("no header of ours", vec![("content-type", "application/json"), ("origin", own.as_str())]),
        ("override", vec![("content-type", "text/plain"), ("x-http-method-override", "PUT"), ("origin", "null")]),
    ] {
        let answer = send("POST", &headers, "{}").await;
        assert_eq!((answer.status, answer.code(), answer.header("set-cookie")), (403, "foreign_page", ""), "{name}");
    }
    let get = send("GET", &[("x-http-method-override", "POST")], "").await;
    assert_eq!(get.status, 405);
    let bearer_only = relay.request("GET", "/api/v1/me", &[("cookie", &cookie)], None, Vec::new()).await;
    assert_eq!(bearer_only.status, 401, "no other route looks at the cookie");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_its_refresh_token_in_a_cookie_alone() {
    let (relay, _) = TestRelay::with_ada().await;
    let own = format!("http://{}", relay.address);
    let (signed_in, cookie) = sign_in_with_cookie(&relay).await;
    let attributes = signed_in.header("set-cookie").to_owned();
    let headers =
        [("content-type", "application/json"), ("x-trailtrack", "1"), ("origin", own.as_str()), ("cookie", &cookie)];

    let refreshed = relay.request("POST", "/api/v1/auth/refresh", &headers, None, b"{}".to_vec()).await;
    let out = relay.ask("POST", "/api/v1/auth/logout", &refreshed.body, &json!({})).await;

    assert_eq!(signed_in.body.get("refresh_token"), None);
    for part in ["trailtrack=ttr_", "; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=604800"] {
        assert!(attributes.contains(part), "{part} in {attributes}");
    }
    assert_eq!((refreshed.status, refreshed.body.get("refresh_token")), (200, None));
    assert_ne!(refreshed.header("set-cookie"), attributes, "it rotates");
    assert_eq!(relay.me(&signed_in.body).await.status, 401, "signed out");
    assert!(out.header("set-cookie").contains("trailtrack=; ") && out.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_public_address_the_cookie_is_held_to_this_host_and_to_tls() {
    let public_url = Some("https://crm.example.org".to_owned());
    let (relay, _) = TestRelay::with_ada_and(AppOptions { public_url, ..AppOptions::default() }).await;
    let (signed_in, cookie) = sign_in_with_cookie(&relay).await;
    let headers = |origin: &'static str| {
        [("content-type", "application/json"), ("x-trailtrack", "1"), ("origin", origin), ("cookie", cookie.as_str())]
    };

    let refresh = async |origin| {
        relay.request("POST", "/api/v1/auth/refresh", &headers(origin), None, b"{}".to_vec()).await.status
    };

    assert!(cookie.starts_with("__Host-trailtrack=ttr_"), "{cookie}");
    assert!(signed_in.header("set-cookie").ends_with("; Secure"));
    assert_eq!(refresh("http://crm.example.org").await, 403);
    assert_eq!(refresh("https://crm.example.org").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browsers_session_ends_after_a_week_of_silence() {
    let (relay, ada) = TestRelay::with_ada().await;
    let (browser, _) = sign_in_with_cookie(&relay).await;
    relay.clock.advance(7 * 24 * 60 * 60 * 1_000 + 1);

    let devices = relay.refresh(&ada["refresh_token"]).await;
    let listed = relay.ask("GET", "/api/v1/devices", &devices.body, &Value::Null).await;

    assert_eq!(devices.status, 200, "a program's lives for a month");
    let signed_in: Vec<&Value> = listed.body["devices"].as_array().unwrap().iter().map(|it| &it["signed_in"]).collect();
    assert_eq!(signed_in, [&json!(true), &json!(false)]);
    assert_eq!(relay.me(&browser.body).await.status, 401);
}
