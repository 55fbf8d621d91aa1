//! Claims about `/auth` and `/me`.

use model::RecordRef;
use serde_json::{Value, json};
use sync_server::domain::Relay;
use sync_server::http::AppOptions;
use sync_server::identity::env::{FreshIds, Machine};
use sync_server::store::{LogStore as _, SqliteStore};

use crate::harness::{ADA, Answer, PASSWORD, TestRelay, device_id};

async fn register(relay: &TestRelay, by: &Value, email: &str, role: &str) -> Answer {
    let body = json!({"name": "Some Body", "email": email, "role": role, "password": PASSWORD});
    relay.post("/api/v1/auth/register", &body, by["access_token"].as_str()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_is_set_up_once_even_by_two_at_once() {
    let relay = TestRelay::start().await;
    let token = relay.app.identity.offer_setup().await.unwrap().unwrap();

    let (one, two) =
        tokio::join!(relay.set_up(token.reveal(), ADA, 1), relay.set_up(token.reveal(), "eve@example.org", 2));
    let later = relay.set_up(token.reveal(), "late@example.org", 3).await;

    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{one:?} {two:?}");
    assert_eq!((later.status, later.code()), (409, "already_set_up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setup_token_opens_nothing_and_soon_has_to_wait() {
    let relay = TestRelay::start().await;
    relay.app.identity.offer_setup().await.unwrap().unwrap();

    for _ in 0..3 {
        let answer = relay.set_up("tts_wrong", ADA, 1).await;
        assert_eq!((answer.status, answer.code()), (404, "setup_link_invalid"));
    }
    let slowed = relay.set_up("tts_wrong", ADA, 1).await;

    assert_eq!((slowed.status, slowed.code()), (429, "too_many_tries"));
    assert!(slowed.header("retry-after").parse::<u32>().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_brings_tokens_and_who_one_is() {
    let (relay, _) = TestRelay::with_ada().await;

    let answer = relay.sign_in(" ADA@example.org", PASSWORD, 2).await;

    assert_eq!(answer.status, 200);
    let body = &answer.body;
    assert_eq!(body["expires_in"], 600);
    assert_eq!(body["workspace_id"], json!(relay.app.workspace));
    assert_eq!((&body["user"]["email"], &body["user"]["role"]), (&json!(ADA), &json!("admin")));
    let me = relay.me(body).await;
    assert_eq!((me.status, &me.body), (200, &body["user"]));
    assert_eq!(me.header("cache-control"), "no-store");
    assert!(!String::from_utf8(me.bytes).unwrap().contains("password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let (relay, _) = TestRelay::with_ada().await;

    let wrong = relay.sign_in(ADA, "another long password", 2).await;
    let unknown = relay.sign_in("eve@example.org", PASSWORD, 2).await;

    assert_eq!((wrong.status, wrong.code()), (401, "wrong_credentials"));
    assert_eq!((wrong.status, &wrong.bytes), (unknown.status, &unknown.bytes));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_with_a_time_to_come_back() {
    let (relay, ada) = TestRelay::with_ada().await;
    for _ in 0..5 {
        assert_eq!(relay.sign_in(ADA, "a guess at a password", 9).await.status, 401);
    }

    let slowed = relay.sign_in(ADA, PASSWORD, 2).await;

    assert_eq!((slowed.status, slowed.code(), slowed.header("retry-after")), (429, "too_many_tries", "1"));
    assert_eq!(relay.me(&ada).await.status, 200);
    relay.clock.advance(1_000);
    assert_eq!(relay.sign_in(ADA, PASSWORD, 2).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_rotates_repeats_within_the_grace_and_reuse_revokes() {
    let (relay, ada) = TestRelay::with_ada().await;

    let first = relay.refresh(&ada["refresh_token"]).await;
    let (repeated, raced) = tokio::join!(relay.refresh(&ada["refresh_token"]), relay.refresh(&ada["refresh_token"]));
    assert_eq!(first.status, 200);
    assert_ne!(first.body["refresh_token"], ada["refresh_token"]);
    assert_eq!(repeated.body["refresh_token"], first.body["refresh_token"]);
    assert_eq!(raced.body["refresh_token"], first.body["refresh_token"]);

    relay.clock.advance(31_000);
    let reused = relay.refresh(&ada["refresh_token"]).await;
    assert_eq!((reused.status, reused.code()), (401, "session_ended"));
    assert_eq!(relay.refresh(&first.body["refresh_token"]).await.status, 401);
    assert_eq!(relay.me(&first.body).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_no_other() {
    let (relay, ada) = TestRelay::with_ada().await;
    let other = relay.sign_in(ADA, PASSWORD, 2).await.body;

    let out = relay.post("/api/v1/auth/logout", &json!({}), ada["access_token"].as_str()).await;

    assert_eq!(out.status, 204);
    assert_eq!(relay.me(&ada).await.status, 401);
    assert_eq!(relay.refresh(&ada["refresh_token"]).await.status, 401);
    assert_eq!(relay.me(&other).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_creates_people() {
    let (relay, ada) = TestRelay::with_ada().await;
    let created = register(&relay, &ada, "bob@example.org", "user").await;
    assert_eq!((created.status, &created.body["role"]), (201, &json!("user")));
    let bob = relay.sign_in("bob@example.org", PASSWORD, 2).await.body;

    let by_bob = register(&relay, &bob, "eve@example.org", "admin").await;
    let by_nobody = register(&relay, &json!({}), "eve@example.org", "admin").await;
    let twice = register(&relay, &ada, "Bob@Example.org", "user").await;

    assert_eq!((by_bob.status, by_bob.code()), (403, "not_allowed"));
    assert_eq!((by_nobody.status, by_nobody.code()), (401, "sign_in"));
    assert_eq!((twice.status, twice.code()), (409, "email_taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_devices_stand_in_the_log() {
    let (relay, ada) = TestRelay::with_ada().await;
    register(&relay, &ada, "bob@example.org", "viewer").await;
    relay.sign_in("bob@example.org", PASSWORD, 2).await;
    let dir = relay.stop().await;

    let mut relay =
        Relay::open(SqliteStore::open(&dir.path().join("relay.db")).unwrap(), &mut FreshIds(&Machine)).unwrap();
    assert!(relay.verify().unwrap().is_sound());
    let store = relay.store_mut();
    let found: Vec<Value> = store.records_after(None, 100).unwrap().into_iter().map(|it| read(store, it)).collect();
    let has =
        |fields: &[(&str, &str)]| found.iter().any(|record| fields.iter().all(|(key, value)| record[*key] == *value));
    assert!(has(&[("email", ADA), ("role", "admin"), ("name", "Ada Lovelace")]), "{found:?}");
    assert!(has(&[("email", "bob@example.org"), ("role", "viewer")]));
    assert!(has(&[("name", "laptop"), ("user_id", ada["user"]["id"].as_str().unwrap())]));
    assert!(has(&[("name", "phone")]));
}

fn read(store: &mut SqliteStore, record: RecordRef) -> Value {
    let entries = store.entries_of(record.id).unwrap();
    let document = ledger::Document::from_changes(record, entries.iter().map(|entry| entry.change.as_slice())).unwrap();
    Value::Object(document.read().0.to_json())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_what_the_route_takes_is_refused_by_name() {
    let (relay, ada) = TestRelay::with_ada().await;
    let bearer = ada["access_token"].as_str();
    let login = |more: Value| {
        let mut body = json!({"email": ADA, "password": PASSWORD, "device_id": device_id(1), "device_name": ""});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };

    let unknown_field = relay.post("/api/v1/auth/login", &login(json!({"role": "admin"})), None).await;
    let bad_id = relay.post("/api/v1/auth/login", &login(json!({"device_id": "1"})), None).await;
    let weak = json!({"name": "B", "email": "b@x.org", "role": "user", "password": "short"});
    let weak = relay.post("/api/v1/auth/register", &weak, bearer).await;
    let no_name = json!({"name": " ", "email": "b@x.org", "role": "user", "password": PASSWORD});
    let no_name = relay.post("/api/v1/auth/register", &no_name, bearer).await;
    let json_type = [("content-type", "application/json")];
    let not_json = relay.request("POST", "/api/v1/auth/login", &json_type, None, b"{".to_vec()).await;
    let untyped = relay.request("POST", "/api/v1/auth/login", &[], None, b"{}".to_vec()).await;
    let huge = relay.request("POST", "/api/v1/auth/login", &json_type, None, vec![b' '; 70_000]).await;

    assert_eq!((unknown_field.status, unknown_field.code()), (422, "invalid_body"));
    assert_eq!((bad_id.status, bad_id.code()), (422, "invalid_body"));
    assert_eq!((weak.status, weak.code()), (422, "weak_password"));
    assert_eq!((no_name.status, no_name.code()), (422, "invalid_field"));
    assert_eq!((not_json.status, not_json.code()), (400, "invalid_body"));
    assert_eq!((untyped.status, untyped.code()), (415, "not_json"));
    assert_eq!((huge.status, huge.code()), (413, "too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_access_token_is_nobody() {
    let (relay, ada) = TestRelay::with_ada().await;
    let access = ada["access_token"].as_str().unwrap();
    let refresh = ada["refresh_token"].as_str().unwrap();
    let truncated = &access[..access.len() - 4];

    let none = relay.get("/api/v1/me", None).await;
    for bad in ["", "nonsense", truncated, refresh, &format!("{access}x")] {
        let answer = relay.get("/api/v1/me", Some(bad)).await;
        assert_eq!((answer.status, &answer.bytes), (401, &none.bytes), "{bad}");
    }
    assert_eq!(none.header("www-authenticate"), "Bearer");
    relay.clock.advance(631_000);
    assert_eq!(relay.me(&ada).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_and_methods_are_errors_in_json() {
    let relay = TestRelay::start().await;

    let unknown = relay.get("/api/v1/nothing", None).await;
    let other_version = relay.get("/api/v9/me", None).await;
    let method = relay.request("DELETE", "/api/v1/me", &[], None, Vec::new()).await;
    let trace = relay.request("TRACE", "/api/v1/me", &[], None, Vec::new()).await;

    assert_eq!((unknown.status, unknown.code()), (404, "no_such_route"));
    assert_eq!((other_version.status, other_version.code()), (404, "no_such_route"));
    assert_eq!((method.status, method.code()), (405, "method_not_allowed"));
    assert_eq!(trace.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_claims_other_addresses_is_slowed_down_all_the_same() {
    let direct = TestRelay::start().await;
    let proxied = TestRelay::start_with(AppOptions { behind_proxy: true, ..AppOptions::default() }).await;
    let guess = async |relay: &TestRelay, number: u8, forwarded: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", forwarded)];
        let body = json!({"email": format!("user{number}@example.org"), "password": PASSWORD,
            "device_id": device_id(1), "device_name": ""});
        relay.request("POST", "/api/v1/auth/login", &headers, None, body.to_string().into_bytes()).await.status
    };
    for number in 0..10 {
        assert_eq!(guess(&direct, number, &format!("192.0.2.{number}")).await, 401);
        assert_eq!(guess(&proxied, number, &format!("203.0.113.{number}, 192.0.2.1")).await, 401);
    }

    assert_eq!(guess(&direct, 10, "192.0.2.10").await, 429, "a header is no address");
    assert_eq!(guess(&proxied, 10, "203.0.113.10, 192.0.2.1").await, 429, "the proxy's own entry counts");
    assert_eq!(guess(&proxied, 11, "192.0.2.2").await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sign_ins_is_answered_with_a_time_to_come_back() {
    let (relay, _) = TestRelay::with_ada().await;

    let answers = futures_util::future::join_all((0..60).map(|_| relay.sign_in(ADA, PASSWORD, 1))).await;

    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!(count(200) + count(429), 60);
    assert!(count(200) >= 1);
    let told = |answer: &Answer| answer.status == 200 || !answer.header("retry-after").is_empty();
    assert!(answers.iter().all(told));
}
