//! What is sent, in which order, and how often.

use std::sync::Arc;

use serde_json::{Value, json};
use sync_server::http::AppOptions;
use sync_server::webhooks::SystemNames;

use super::receiver::Received;
use super::{deliveries, hook, listed, pass, team_and_receiver, until};
use crate::harness::{ADA, Files, Outbound, PASSWORD, TestRelay};
use crate::team::{Team, id};

/// The body with what differs from run to run by its name alone.
fn tidied(event: &Received, names: &[(&str, &str)]) -> String {
    let mut body = event.body.clone();
    tidy(&mut body);
    body["id"] = json!("EVENT");
    body["record"]["board_key"] = json!("KEY");
    let text = format!("{body:#}\n");
    names.iter().fold(text, |text, (id, name)| text.replace(id, name))
}

/// Days and moments are of today.
fn tidy(value: &mut Value) {
    match value {
        Value::String(text) if text.parse::<model::Timestamp>().is_ok() => *text = "MOMENT".into(),
        Value::String(text) if text.parse::<model::Date>().is_ok() => *text = "DAY".into(),
        Value::Array(all) => all.iter_mut().for_each(tidy),
        Value::Object(all) => all.values_mut().for_each(tidy),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_says_what_happened_and_what_the_record_is_like() {
    let (team, receiver) = team_and_receiver().await;
    let lead = team.made("/leads", &team.ben, json!({"title": "Acme renewal", "value_cents": 1_250_000})).await;
    hook(&team, &receiver.url, json!(["lead.won"])).await;

    let won = team.patch(&format!("/leads/{}", id(&lead)), &team.ben, json!({"stage": "won"})).await;
    assert_eq!(won.status, 200, "{won:?}");
    let event = receiver.next().await;

    assert_eq!(event.path, "/hook");
    assert_eq!(event.header("content-type"), "application/json");
    assert!(event.header("user-agent").starts_with("TrailTrack/"));
    assert_eq!(event.header("webhook-id"), event.body["id"]);
    let workspace = team.relay.app.workspace.to_string();
    let names = [(id(&lead), "LEAD"), (&*team.ben.id, "BEN"), (&*workspace, "WORKSPACE")];
    expect_test::expect_file!["event-1.json"].assert_eq(&tidied(&event, &names));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_in_the_order_of_the_log_and_bear_their_signature() {
    let (team, receiver) = team_and_receiver().await;
    let (_, secret) = hook(&team, &receiver.url, json!(["*"])).await;
    let account = team.made("/accounts", &team.ben, json!({"name": "Acme"})).await;
    let path = format!("/accounts/{}", id(&account));
    team.patch(&path, &team.ben, json!({"city": "Oslo"})).await;
    let task = json!({"title": "Ring", "linked_type": "account", "linked_id": id(&account)});
    let task = team.made("/tasks", &team.ben, task).await;
    team.patch(&format!("/tasks/{}", id(&task)), &team.ben, json!({"status": "done"})).await;
    team.delete(&path, &team.ben).await;
    team.post(&format!("{path}/restore"), &team.ben, json!({})).await;

    let mut events = Vec::new();
    for _ in 0..6 {
        events.push(receiver.next().await);
    }

    let kinds: Vec<&str> = events.iter().map(Received::kind).collect();
    let expected =
        ["account.created", "account.updated", "task.created", "task.completed", "account.deleted", "account.restored"];
    assert_eq!(kinds, expected);
    assert_eq!(events[1].body["changed"]["city"], json!({"before": null, "after": "Oslo"}));
    assert_eq!(events[1].body["actor"], json!({"user": {"id": team.ben.id, "name": "ben"}, "via": "api"}));
    let other = format!("whsec_{}", "A".repeat(43) + "=");
    for event in &events {
        assert!(event.is_signed_with(&secret), "{event:?}");
        assert!(!event.is_signed_with(&other));
    }
    let ids: std::collections::BTreeSet<&str> = events.iter().map(|event| event.header("webhook-id")).collect();
    assert_eq!(ids.len(), events.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_hears_what_it_asks_for_from_when_it_was_made() {
    let (team, receiver) = team_and_receiver().await;
    team.made("/leads", &team.ben, json!({"title": "Before"})).await;
    hook(&team, &receiver.url, json!(["lead.created", "*.deleted"])).await;

    let lead = team.made("/leads", &team.ben, json!({"title": "After"})).await;
    team.patch(&format!("/leads/{}", id(&lead)), &team.ben, json!({"title": "Renamed"})).await;
    let account = team.made("/accounts", &team.ben, json!({"name": "Acme"})).await;
    team.delete(&format!("/accounts/{}", id(&account)), &team.ben).await;

    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!((first.kind(), second.kind()), ("lead.created", "account.deleted"));
    assert_eq!(first.body["record"]["id"], lead["id"]);
    assert!(second.body["record"]["deleted_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_tried_again_later_and_holds_back_what_follows() {
    let (mut team, receiver) = team_and_receiver().await;
    let (hook, _) = hook(&team, &receiver.url, json!(["account.created"])).await;
    receiver.plan(500, "out of order\n");
    receiver.plan(503, "still");
    team.made("/accounts", &team.ben, json!({"name": "One"})).await;
    team.made("/accounts", &team.ben, json!({"name": "Two"})).await;

    let first = receiver.next().await;
    let failed = until(&team, &hook, |last| last["attempts"] == 1).await;
    assert_eq!((&failed["state"], &failed["status"]), (&json!("waiting"), &json!(500)));
    assert_eq!(failed["answer"], "out of order ");
    assert!(failed["next_at"].is_string());
    assert_eq!(deliveries(&team, &hook).await.len(), 1, "the second waits in the log");
    pass(&mut team, 6_000).await;
    let again = receiver.next().await;
    until(&team, &hook, |last| last["attempts"] == 2).await;
    pass(&mut team, 36_000).await;
    let third = receiver.next().await;
    let second = receiver.next().await;

    let ids = [&first, &again, &third].map(|event| event.header("webhook-id"));
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[0] != second.header("webhook-id"));
    assert_eq!(first.body, again.body);
    assert_ne!(first.header("webhook-timestamp"), third.header("webhook-timestamp"));
    assert_eq!(second.body["record"]["name"], "Two");
    let last = until(&team, &hook, |last| last["state"] == "delivered").await;
    assert_eq!((&last["status"], &last["attempts"]), (&json!(200), &json!(1)));
    assert_eq!(listed(&team, &hook).await["last_delivery"]["state"], "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_days_of_failures_a_webhook_is_paused_and_goes_on_when_it_is_wanted() {
    let (mut team, receiver) = team_and_receiver().await;
    let (hook, _) = hook(&team, &receiver.url, json!(["account.created"])).await;
    for _ in 0..9 {
        receiver.plan(500, "");
    }
    team.made("/accounts", &team.ben, json!({"name": "One"})).await;
    until(&team, &hook, |last| last["attempts"] == 1).await;
    let mut attempts = 1;
    while attempts < 9 {
        attempts += 1;
        pass(&mut team, 31 * 3_600_000).await;
        let so_far = until(&team, &hook, |last| last["attempts"] == attempts || last["state"] == "failed").await;
        if so_far["state"] == "failed" {
            break;
        }
    }

    let paused = listed(&team, &hook).await;
    assert_eq!((&paused["active"], &paused["paused_reason"]), (&json!(false), &json!("failing")));
    let path = format!("/webhooks/{hook}");
    receiver.planned_none();
    let before = receiver.rest().await;
    assert_eq!(before.len(), attempts);
    team.made("/accounts", &team.ben, json!({"name": "Two"})).await;
    let changed = team.patch(&path, &team.ada, json!({"active": true})).await;
    assert_eq!(changed.body["paused_reason"], Value::Null);
    let (one, two) = (receiver.next().await, receiver.next().await);
    assert_eq!(one.header("webhook-id"), before[0].header("webhook-id"));
    assert_eq!(two.body["record"]["name"], "Two");
    let audit = team.get("/audit?action=webhook_paused", &team.ada).await;
    assert_eq!(audit.body["items"][0]["detail"]["reason"], "failing", "{audit:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_left_alone_at_once() {
    let (mut team, receiver) = team_and_receiver().await;
    let (hook, _) = hook(&team, &receiver.url, json!(["account.created"])).await;
    receiver.plan(410, "");
    team.made("/accounts", &team.ben, json!({"name": "One"})).await;

    until(&team, &hook, |last| last["state"] == "failed").await;
    receiver.next().await;
    let paused = paused(&team, &hook).await;

    assert_eq!((&paused["active"], &paused["paused_reason"]), (&json!(false), &json!("gone")));
    pass(&mut team, 86_400_000).await;
    team.made("/accounts", &team.ben, json!({"name": "Two"})).await;
    team.post(&format!("/webhooks/{hook}/test"), &team.ada, json!({})).await;
    assert_eq!(receiver.next().await.kind(), "webhook.test", "nothing else was sent meanwhile");
}

/// The listed webhook once it is paused: that is written down after its delivery.
async fn paused(team: &Team, hook: &str) -> Value {
    for _ in 0..400 {
        let listed = listed(team, hook).await;
        if listed["active"] == false {
            return listed;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("it is never paused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_relay_goes_on_where_it_was() {
    let (team, receiver) = team_and_receiver().await;
    let (hook, secret) = hook(&team, &receiver.url, json!(["account.created"])).await;
    receiver.plan(500, "");
    for name in ["One", "Two", "Three"] {
        team.made("/accounts", &team.ben, json!({ "name": name })).await;
    }
    let first = receiver.next().await;
    until(&team, &hook, |last| last["attempts"] == 1).await;

    let dir = team.relay.stop().await;
    let outbound = Outbound { allow_private: true, names: Arc::new(SystemNames) };
    let relay = TestRelay::start_in(dir, (AppOptions::default(), Files::default()), outbound).await;
    relay.clock.advance(6_000);
    relay.app.options.webhooks.as_ref().unwrap().wake();

    let names: Vec<Received> = vec![receiver.next().await, receiver.next().await, receiver.next().await];
    assert_eq!(names[0].header("webhook-id"), first.header("webhook-id"));
    let told: Vec<&Value> = names.iter().map(|event| &event.body["record"]["name"]).collect();
    assert_eq!(told, ["One", "Two", "Three"]);
    assert!(names.iter().all(|event| event.is_signed_with(&secret)));
    let session = relay.sign_in(ADA, PASSWORD, 1).await.body;
    let page = relay.get(&format!("/api/v1/webhooks/{hook}/deliveries"), session["access_token"].as_str()).await;
    let attempts: Vec<&Value> = page.body["items"].as_array().unwrap().iter().map(|one| &one["attempts"]).collect();
    assert_eq!(attempts.last(), Some(&&json!(2)), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_sent_again_and_a_test_says_nothing() {
    let (team, receiver) = team_and_receiver().await;
    let (hook, secret) = hook(&team, &receiver.url, json!(["account.created"])).await;
    team.made("/accounts", &team.ben, json!({"name": "Acme"})).await;
    let first = receiver.next().await;
    let delivered = until(&team, &hook, |last| last["state"] == "delivered").await;

    let path = format!("/webhooks/{hook}/deliveries/{}/resend", id(&delivered));
    let resent = team.post(&path, &team.ada, json!({})).await;
    assert_eq!((resent.status, &resent.body["asked_for"]), (202, &json!(true)), "{resent:?}");
    let again = receiver.next().await;
    assert_eq!((again.header("webhook-id"), &again.body), (first.header("webhook-id"), &first.body));
    until(&team, &hook, |last| last["id"] == resent.body["id"] && last["state"] == "delivered").await;
    receiver.plan(500, "");
    let test = team.post(&format!("/webhooks/{hook}/test"), &team.ada, json!({})).await;
    assert_eq!((test.status, &test.body["event"]), (202, &json!("webhook.test")));
    let arrived = receiver.next().await;
    assert_eq!((arrived.kind(), &arrived.body["record"]), ("webhook.test", &Value::Null));
    assert_eq!(arrived.body["actor"]["user"]["id"], team.ada.id);
    assert!(arrived.is_signed_with(&secret));
    let failed = until(&team, &hook, |last| last["attempts"] == 1 && last["event"] == "webhook.test").await;
    assert_eq!((&failed["state"], &failed["next_at"]), (&json!("failed"), &Value::Null), "it is tried once");
    let unknown = format!("/webhooks/{hook}/deliveries/0192b5e4-0000-7000-8000-000000000000/resend");
    assert_eq!(team.post(&unknown, &team.ada, json!({})).await.code(), "no_such_delivery");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_both_secrets_sign_for_a_day() {
    let (mut team, receiver) = team_and_receiver().await;
    let (hook, old) = hook(&team, &receiver.url, json!(["*"])).await;
    let rotated = team.post(&format!("/webhooks/{hook}/secret"), &team.ada, json!({})).await;
    let new = rotated.body["secret"].as_str().unwrap();
    let path = format!("/webhooks/{hook}/test");

    team.post(&path, &team.ada, json!({})).await;
    let soon = receiver.next().await;
    pass(&mut team, 86_400_000).await;
    team.post(&path, &team.ada, json!({})).await;
    let later = receiver.next().await;

    assert!(soon.is_signed_with(&old) && soon.is_signed_with(new));
    assert!(!later.is_signed_with(&old) && later.is_signed_with(new));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_webhook_keeps_its_place_and_a_deleted_one_is_told_no_more() {
    let (team, receiver) = team_and_receiver().await;
    let (kept, _) = hook(&team, &receiver.url, json!(["account.created"])).await;
    let (dropped, _) = hook(&team, &receiver.url, json!(["account.created"])).await;
    let path = format!("/webhooks/{kept}");
    team.patch(&path, &team.ada, json!({"active": false})).await;
    team.delete(&format!("/webhooks/{dropped}"), &team.ada).await;
    team.made("/accounts", &team.ben, json!({"name": "Meanwhile"})).await;
    team.post(&format!("{path}/test"), &team.ada, json!({})).await;
    assert_eq!(receiver.next().await.kind(), "webhook.test");

    team.patch(&path, &team.ada, json!({"active": true})).await;

    assert_eq!(receiver.next().await.body["record"]["name"], "Meanwhile");
    until(&team, &kept, |last| last["state"] == "delivered" && last["event"] == "account.created").await;
    assert!(receiver.rest().await.is_empty());
}
