//! Whoever guesses passwords, accounts and addresses.

use serde_json::{Value, json};
use sync_server::http::AppOptions;

use super::same;
use crate::harness::{ADA, Answer, PASSWORD, TestRelay, device_id};

/// Row: password spray, stuffing, user enumeration via login, reset, invite, signup timing. (Instead of a clock: a
/// hash is computed for a known and an unknown address alike, and for an invited person who has no password yet.
/// Nobody but an administrator can reset, invite or sign up, so there is nothing else to ask.)
#[tokio::test(flavor = "multi_thread")]
async fn password_spray_stuffing_user_enumeration() {
    let (relay, ada) = TestRelay::with_ada().await;
    let invited = json!({"name": "Cat", "email": "cat@example.org", "role": "user"});
    assert_eq!(relay.ask("POST", "/api/v1/auth/invite", &ada, &invited).await.status, 201);
    let wrong = relay.sign_in(ADA, "another long password", 2).await;
    assert_eq!((wrong.status, wrong.code()), (401, "wrong_credentials"));

    for email in ["nobody@example.org", "cat@example.org"] {
        let before = relay.app.identity.checked_passwords();
        same(&relay.sign_in(email, PASSWORD, 2).await, &wrong);
        same(&relay.sign_in(email, "", 2).await, &wrong);
        assert_eq!(relay.app.identity.checked_passwords() - before, 2, "{email}");
    }
    for number in 0..5 {
        same(&relay.sign_in(&format!("user{number}@example.org"), PASSWORD, 2).await, &wrong);
    }
    let sprayed = relay.sign_in("user5@example.org", PASSWORD, 2).await;

    assert_eq!((sprayed.status, sprayed.code()), (429, "too_many_tries"), "by address");
    assert!(!sprayed.header("retry-after").is_empty());
    for path in ["/api/v1/auth/register", "/api/v1/auth/invite"] {
        assert_eq!(relay.post(path, &invited, None).await.status, 401, "{path}");
    }
}

/// Row: malicious lockout of a known user. (One's own address is slowed down first, so the guesses come through a
/// proxy from many.)
#[tokio::test(flavor = "multi_thread")]
async fn malicious_lockout_of_a_known_user() {
    let (relay, ada) = TestRelay::with_ada_and(AppOptions { behind_proxy: true, ..AppOptions::default() }).await;
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..120_u32 {
        let guess = guess_from(&relay, &format!("192.0.2.{number}"), ADA, "a guess at a password").await;
        *statuses.entry(guess.status).or_insert(0) += 1;
    }

    assert_eq!(statuses.get(&401), Some(&5), "{statuses:?}");
    assert_eq!(relay.me(&ada).await.status, 200, "a valid session is unaffected");
    assert_eq!(relay.refresh(&ada["refresh_token"]).await.status, 200);
    relay.clock.advance(1_000);
    let victim = guess_from(&relay, "198.51.100.1", ADA, PASSWORD).await;
    assert_eq!(victim.status, 200, "a delay, never a lock");
}

async fn guess_from(relay: &TestRelay, address: &str, email: &str, password: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
    let body = json!({"email": email, "password": password, "device_id": device_id(2), "device_name": ""});
    relay.request("POST", "/api/v1/auth/login", &headers, None, body.to_string().into_bytes()).await
}

/// Row: forged X-Forwarded-For.
#[tokio::test(flavor = "multi_thread")]
async fn forged_x_forwarded_for() {
    let direct = TestRelay::start().await;
    let proxied = TestRelay::start_with(AppOptions { behind_proxy: true, ..AppOptions::default() }).await;
    for number in 0..10 {
        let email = format!("user{number}@example.org");
        assert_eq!(guess_from(&direct, &format!("192.0.2.{number}"), &email, PASSWORD).await.status, 401);
        let forged = format!("203.0.113.{number}, 192.0.2.1");
        assert_eq!(guess_from(&proxied, &forged, &email, PASSWORD).await.status, 401);
    }

    assert_eq!(guess_from(&direct, "192.0.2.99", "last@example.org", PASSWORD).await.status, 429);
    assert_eq!(guess_from(&proxied, "203.0.113.99, 192.0.2.1", "last@example.org", PASSWORD).await.status, 429);
}

/// Whoever guesses links is slowed down, and learns nothing about them.
#[tokio::test(flavor = "multi_thread")]
async fn guessed_and_used_links_open_nothing() {
    let (relay, ada) = TestRelay::with_ada().await;
    let invited = json!({"name": "Cat", "email": "cat@example.org", "role": "user"});
    let made = relay.ask("POST", "/api/v1/auth/invite", &ada, &invited).await;
    let token = made.body["link"].as_str().unwrap().split_once("/accept#").unwrap().1.to_owned();
    let accept = |token: &str| json!({"token": token, "password": "a completely new one", "device_id": device_id(5), "device_name": "new"});

    let look = relay.post("/api/v1/auth/link", &json!({"token": token}), None).await;
    let weak = json!({"token": token, "password": "short", "device_id": device_id(5), "device_name": ""});
    let weak = relay.post("/api/v1/auth/accept", &weak, None).await;
    let used = relay.post("/api/v1/auth/accept", &accept(&token), None).await;
    let again = relay.post("/api/v1/auth/accept", &accept(&token), None).await;
    let guessed = relay.post("/api/v1/auth/accept", &accept("ttl_guess"), None).await;

    assert_eq!(
        (look.status, &look.body["email"], &look.body["purpose"]),
        (200, &json!("cat@example.org"), &json!("invite"))
    );
    assert_eq!((weak.status, weak.code()), (422, "weak_password"));
    assert_eq!((used.status, &used.body["user"]["role"]), (201, &json!("user")));
    assert_eq!((again.status, again.code()), (404, "link_invalid"));
    same(&again, &guessed);
    let third = relay.post("/api/v1/auth/link", &json!({"token": "ttl_guess"}), None).await;
    let slowed = relay.post("/api/v1/auth/link", &json!({"token": "ttl_guess"}), None).await;
    assert_eq!((third.status, slowed.status, slowed.code()), (404, 429, "too_many_tries"));
}

/// An invitation is for seven days, a link for a new password for one.
#[tokio::test(flavor = "multi_thread")]
async fn links_grow_old_and_go_with_their_person() {
    let (relay, ada) = TestRelay::with_ada().await;
    let ben = relay.join(&ada, "ben", "user", 2).await;
    let user = format!("/api/v1/users/{}", ben["user"]["id"].as_str().unwrap());
    let link = async || {
        let made = relay.ask("POST", &format!("{user}/reset-link"), &ada, &Value::Null).await;
        made.body["link"].as_str().map(|link| json!({"token": link.split_once('#').unwrap().1}))
    };
    let look = async |link: &Value| relay.post("/api/v1/auth/link", link, None).await.status;

    let first = link().await.unwrap();
    let second = link().await.unwrap();
    assert_eq!((look(&first).await, look(&second).await), (404, 200), "a new link voids those before");
    assert_eq!(relay.ask("PATCH", &user, &ada, &json!({"disabled": true})).await.status, 200);
    assert_eq!(look(&second).await, 404);
    assert_eq!(link().await, None, "nobody who is disabled gets one");
    assert_eq!(relay.ask("PATCH", &user, &ada, &json!({"disabled": false})).await.status, 200);
    let third = link().await.unwrap();
    relay.clock.advance(24 * 60 * 60 * 1_000 + 1);
    assert_eq!(look(&third).await, 404);
}
