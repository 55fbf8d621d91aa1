//! Making, changing and deleting webhooks, and who may.

use serde_json::{Value, json};

use super::{deliveries, hook, listed, team_and_receiver, until};
use crate::team::{Team, id};

const NOBODYS: &str = "0192b5e4-0000-7000-8000-000000000000";

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_with_a_session_come_near_webhooks() {
    let (team, receiver) = team_and_receiver().await;
    let (hook, _) = hook(&team, &receiver.url, json!(["*"])).await;
    let made = team.made("/tokens", &team.ada, json!({"name": "script", "scopes": ["read", "write"]})).await;
    let script = made["token"].as_str().unwrap();
    let new = json!({ "url": receiver.url, "events": ["*"] });
    let rows = [
        ("GET", "/webhooks".to_owned(), None),
        ("POST", "/webhooks".to_owned(), Some(new)),
        ("PATCH", format!("/webhooks/{hook}"), Some(json!({"active": false}))),
        ("POST", format!("/webhooks/{hook}/secret"), None),
        ("POST", format!("/webhooks/{hook}/test"), None),
        ("GET", format!("/webhooks/{hook}/deliveries"), None),
        ("POST", format!("/webhooks/{hook}/deliveries/{NOBODYS}/resend"), None),
        ("DELETE", format!("/webhooks/{hook}"), None),
    ];

    for (method, path, body) in rows {
        for (bearer, status) in
            [(None, 401), (Some(script), 401), (Some(&*team.cat.access), 403), (Some(&*team.ben.access), 403)]
        {
            let answer = team.send(method, &path, bearer, body.clone()).await;
            assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(listed(&team, &hook).await["active"], true);
    assert!(deliveries(&team, &hook).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_listed_changed_and_deleted() {
    let (team, receiver) = team_and_receiver().await;
    let events = json!(["task.completed", "lead.created", "lead.created"]);
    let body = json!({ "url": receiver.url, "events": events, "active": false });
    let made = team.made("/webhooks", &team.ada, body).await;

    assert_eq!(made["events"], json!(["lead.created", "task.completed"]), "in the list's order, each once");
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!((&made["active"], &made["paused_reason"]), (&json!(false), &json!("person")));
    assert_eq!(made["created_by"], team.ada.id);
    let shown = listed(&team, id(&made)).await;
    assert!(shown.get("secret").is_none());

    let path = format!("/webhooks/{}", id(&made));
    let changed = team.patch(&path, &team.ada, json!({"events": ["*", "lead.won"], "active": true})).await;
    assert_eq!(changed.body["events"], json!(["*"]));
    assert_eq!((&changed.body["active"], &changed.body["paused_reason"]), (&json!(true), &Value::Null));
    assert_eq!(changed.body["url"], made["url"]);
    assert_eq!(team.delete(&path, &team.ada).await.status, 204);
    let gone = team.delete(&path, &team.ada).await;
    assert_eq!((gone.status, gone.code()), (404, "no_such_webhook"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_valid_is_refused_with_its_field() {
    let team = Team::new().await;
    let good = "https://example.org/hook";
    let rows = [
        (json!({"url": "http://example.org", "events": ["*"]}), "url"),
        (json!({"url": "https://10.0.0.1", "events": ["*"]}), "url"),
        (json!({"url": good, "events": []}), "events"),
        (json!({"url": good, "events": ["lead.exploded"]}), "events"),
        (json!({"url": good, "events": ["device.created"]}), "events"),
    ];
    for (body, field) in rows {
        let answer = team.post("/webhooks", &team.ada, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (422, "invalid_field"), "{body}");
        assert_eq!(answer.body["fields"][0]["field"], field, "{body}");
    }
    let unknown = team.post("/webhooks", &team.ada, json!({"url": good, "events": ["*"], "secret": "mine"})).await;
    assert_eq!(unknown.code(), "invalid_body");
    for (method, path) in [
        ("PATCH", format!("/webhooks/{NOBODYS}")),
        ("POST", format!("/webhooks/{NOBODYS}/test")),
        ("POST", "/webhooks/nonsense/secret".to_owned()),
        ("GET", format!("/webhooks/{NOBODYS}/deliveries")),
        ("POST", format!("/webhooks/{NOBODYS}/deliveries/{NOBODYS}/resend")),
    ] {
        let body = (method == "PATCH").then(|| json!({}));
        let answer = team.send(method, &path, Some(&team.ada.access), body).await;
        assert_eq!((answer.status, answer.code()), (404, "no_such_webhook"), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_only_so_many_webhooks() {
    let team = Team::new().await;
    let body = json!({"url": "https://example.org/hook", "events": ["lead.won"]});
    for _ in 0..20 {
        team.made("/webhooks", &team.ada, body.clone()).await;
    }

    let refused = team.post("/webhooks", &team.ada, body).await;

    assert_eq!((refused.status, refused.code()), (409, "too_many_webhooks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_of_webhooks_and_no_address() {
    let (team, receiver) = team_and_receiver().await;
    let url = format!("{}?key=geheim", receiver.url);
    let (hook, secret) = hook(&team, &url, json!(["*"])).await;
    let path = format!("/webhooks/{hook}");
    team.patch(&path, &team.ada, json!({"url": format!("{url}2"), "active": false})).await;
    team.post(&format!("{path}/secret"), &team.ada, json!({})).await;
    team.delete(&path, &team.ada).await;

    let audit = team.get("/audit", &team.ada).await;

    let text = String::from_utf8(audit.bytes.clone()).unwrap();
    for action in ["webhook_made", "webhook_changed", "webhook_rotated", "webhook_deleted"] {
        assert!(text.contains(action), "{action}: {text}");
    }
    assert!(!text.contains("geheim") && !text.contains(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_webhook_lies_on_the_disk() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let (team, receiver) = team_and_receiver().await;
    let (hook, first) = hook(&team, &receiver.url, json!(["*"])).await;
    let rotated = team.post(&format!("/webhooks/{hook}/secret"), &team.ada, json!({})).await;
    let second = rotated.body["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    team.post(&format!("/webhooks/{hook}/test"), &team.ada, json!({})).await;
    until(&team, &hook, |last| last["state"] == "delivered").await;

    let dir = team.relay.stop().await;

    for file in std::fs::read_dir(dir.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { continue };
        for secret in [&first, &second] {
            let encoded = secret.strip_prefix("whsec_").unwrap();
            let raw = STANDARD.decode(encoded).unwrap();
            let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!holds(encoded.as_bytes()) && !holds(&raw), "{}", path.display());
        }
    }
}
