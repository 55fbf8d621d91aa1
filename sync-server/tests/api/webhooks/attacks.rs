//! Where a webhook must not lead: what stands behind a name, redirects, answers without end.

use std::sync::Arc;

use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{StubNames, deliveries, hook, team_and_receiver, team_sending, until};
use crate::harness::{Outbound, TestRelay};
use crate::team::Team;

async fn team_with(names: &Arc<StubNames>, allow_private: bool) -> Team {
    team_sending(Outbound { allow_private, names: names.clone() }).await
}

/// Sends a test and returns the delivery when it has been tried.
async fn tried(team: &Team, hook: &str) -> Value {
    let made = team.post(&format!("/webhooks/{hook}/test"), &team.ada, json!({})).await;
    assert_eq!(made.status, 202, "{made:?}");
    until(team, hook, |last| last["id"] == made.body["id"] && last["attempts"] == 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_inside_is_not_connected_to() {
    let receiver = Receiver::start().await;
    let port = receiver.port;
    let rows: Vec<(&'static str, String)> = vec![
        ("loopback.example.org", format!("127.0.0.1:{port}")),
        ("mapped.example.org", format!("[::ffff:127.0.0.1]:{port}")),
        ("metadata.example.org", "169.254.169.254:443".into()),
        ("metadata6.example.org", "[fd00:ec2::254]:443".into()),
        ("office.example.org", "192.168.1.10:443".into()),
        ("mixed.example.org", format!("93.184.215.14:443 127.0.0.1:{port}")),
    ];
    let known: Vec<(&'static str, &str)> = rows.iter().map(|(name, address)| (*name, address.as_str())).collect();
    let names = StubNames::of(&known);
    let team = team_with(&names, false).await;

    for (name, _) in &rows {
        let (hook, _) = hook(&team, &format!("https://{name}:{port}/"), json!(["*"])).await;
        let tried = tried(&team, &hook).await;
        let error = tried["error"].as_str().unwrap();
        assert!(tried["status"].is_null() && error.contains("not on the public internet"), "{name}: {tried:#}");
    }
    assert!(receiver.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_up_once_and_the_connection_goes_there() {
    let receiver = Receiver::start().await;
    let here = format!("127.0.0.1:{}", receiver.port);
    let names = StubNames::of(&[("hooks.example.org", here.as_str())]);
    let team = team_with(&names, true).await;
    // Nothing listens there by this name: only the address that was looked at leads to the receiver.
    let (hook, _) = hook(&team, "http://hooks.example.org:81/path", json!(["*"])).await;

    let tried = tried(&team, &hook).await;
    let arrived = receiver.next().await;

    assert_eq!(tried["status"], 200, "{tried:#}");
    assert_eq!((arrived.path.as_str(), arrived.header("host")), ("/path", "hooks.example.org:81"));
    assert_eq!(*names.asked.lock().unwrap(), ["hooks.example.org"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_failures_and_lead_nowhere() {
    let (team, receiver) = team_and_receiver().await;
    let inside = Receiver::start().await;
    let (hook, _) = hook(&team, &receiver.url, json!(["*"])).await;

    for status in [301, 302, 303, 307, 308] {
        receiver.plan_redirect(status, &inside.url);
        let tried = tried(&team, &hook).await;
        assert_eq!((&tried["status"], &tried["state"]), (&json!(status), &json!("failed")), "{tried:#}");
    }
    assert!(inside.rest().await.is_empty());
    assert_eq!(receiver.rest().await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn little_of_a_long_answer_is_read_and_less_is_kept() {
    let (team, receiver) = team_and_receiver().await;
    let (hook, _) = hook(&team, &receiver.url, json!(["*"])).await;
    receiver.plan(200, &"<b>\u{1b}[31m".repeat(200_000));

    let tried = tried(&team, &hook).await;

    assert_eq!((&tried["status"], &tried["state"]), (&json!(200), &json!("delivered")));
    let answer = tried["answer"].as_str().unwrap();
    assert_eq!(answer.chars().count(), 500);
    assert!(!answer.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_not_there_is_a_failure_like_others() {
    let names = StubNames::of(&[("closed.example.org", "127.0.0.1:1")]);
    let team = team_with(&names, true).await;
    let (closed, _) = hook(&team, "http://closed.example.org/", json!(["*"])).await;
    let (nobody, _) = hook(&team, "http://nobody.example.org/", json!(["*"])).await;

    assert!(tried(&team, &closed).await["error"].as_str().unwrap().contains("connection"));
    assert!(tried(&team, &nobody).await["error"].as_str().unwrap().contains("resolved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_says_nothing_keeps_nobody_waiting() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (team, _) = team_and_receiver().await;
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let (hook, _) = hook(&team, &url, json!(["*"])).await;
    team.made("/accounts", &team.ben, json!({"name": "One"})).await;
    let (held, _) = silent.accept().await.unwrap();

    for number in 0..50 {
        team.made("/accounts", &team.ben, json!({ "name": format!("Account {number}") })).await;
    }

    assert_eq!(deliveries(&team, &hook).await.len(), 1, "one is under way, the others wait in the log");
    let tried = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        loop {
            let first = deliveries(&team, &hook).await.remove(0);
            if first["attempts"] == 1 {
                return first;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    let tried = tried.await.expect("it is given up");
    assert_eq!((&tried["error"], &tried["state"]), (&json!("no answer within 10 s"), &json!("waiting")));
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn https_is_never_spoken_in_the_clear() {
    let receiver = Receiver::start().await;
    let here = format!("127.0.0.1:{}", receiver.port);
    let names = StubNames::of(&[("hooks.example.org", here.as_str())]);
    let team = team_with(&names, true).await;
    let (hook, _) = hook(&team, "https://hooks.example.org/", json!(["*"])).await;

    let tried = tried(&team, &hook).await;

    assert!(tried["error"].as_str().unwrap().starts_with("the connection failed"), "{tried:#}");
    assert!(receiver.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_was_allowed_inside_is_not_sent_to_when_the_setting_is_gone() {
    let (team, receiver) = team_and_receiver().await;
    let (inside, _) = hook(&team, &receiver.url, json!(["*"])).await;
    let dir = team.relay.stop().await;
    let defaults = (sync_server::http::AppOptions::default(), crate::harness::Files::default());
    let relay = TestRelay::start_in(dir, defaults, Outbound::default()).await;
    let session = relay.sign_in(crate::harness::ADA, crate::harness::PASSWORD, 1).await.body;
    let access = session["access_token"].as_str();

    relay.post(&format!("/api/v1/webhooks/{inside}/test"), &json!({}), access).await;

    let mut error = Value::Null;
    while error.is_null() {
        let page = relay.get(&format!("/api/v1/webhooks/{inside}/deliveries"), access).await;
        error = page.body["items"][0]["error"].clone();
    }
    assert!(error.as_str().unwrap().contains("https"), "{error}");
    assert!(receiver.rest().await.is_empty());
}
