//! Webhooks: what the relay is asked, and what its answers come to.

use model::app::{DeliveryState, TeamAnswer, TeamRequest, WebhookPause, WebhookRequest};
use replica::Method;
use serde_json::{Value as Json, json};

use crate::desk::Desk;
use crate::people::{answer, asked};

/// Asks and says which HTTP request it became.
fn sent(desk: &mut Desk, request: WebhookRequest) -> (u64, Method, String, Option<Json>) {
    asked(desk, TeamRequest::Webhook(request)).expect("the relay is asked")
}

fn delivery(state: &str) -> Json {
    json!({
        "id": "1", "event_id": "evt_1", "event": "lead.won", "record_id": null, "state": state, "asked_for": false,
        "created_at": "2026-03-09T09:00:00Z", "attempts": 2, "tried_at": "2026-03-09T09:00:05Z", "next_at": null,
        "status": 500, "error": null, "duration_ms": 120, "answer": "out of order",
    })
}

#[test]
fn webhooks_and_their_deliveries_are_listed() {
    let mut desk = Desk::alone();
    desk.join();
    let webhook = |active: bool, paused: Json, last: Json| {
        json!({
            "id": "7", "url": "https://example.org/", "events": ["*"], "active": active, "paused_reason": paused,
            "last_delivery": last, "created_at": "2026-03-09T09:00:00Z", "created_by": "1",
        })
    };

    let (id, method, path, _) = sent(&mut desk, WebhookRequest::List);
    assert_eq!((method, path.as_str()), (Method::Get, "webhooks"));
    let items = [webhook(true, json!(null), delivery("waiting")), webhook(false, json!("gone"), json!(null))];
    let told = answer(&mut desk, id, 200, &json!({ "items": items }));
    let Ok(TeamAnswer::Webhooks(rows)) = told else { panic!("{told:?}") };
    assert_eq!((rows[0].paused, rows[1].paused), (None, Some(WebhookPause::Gone)));
    assert_eq!(rows[0].last.as_ref().map(|last| (last.state, last.attempts)), Some((DeliveryState::Waiting, 2)));

    let (id, method, path, _) = sent(&mut desk, WebhookRequest::Deliveries("7".into()));
    assert_eq!((method, path.as_str()), (Method::Get, "webhooks/7/deliveries?page_size=50"));
    let page = json!({ "items": [delivery("failed")], "page": 1, "page_size": 50, "more": false });
    let told = answer(&mut desk, id, 200, &page);
    let Ok(TeamAnswer::Deliveries(rows)) = told else { panic!("{told:?}") };
    assert_eq!((rows[0].state, rows[0].status, rows[0].duration_millis), (DeliveryState::Failed, Some(500), Some(120)));
}

#[test]
fn what_is_done_to_a_webhook_goes_where_it_should() {
    let mut desk = Desk::alone();
    desk.join();
    let id = || "../7".to_owned();
    let make = WebhookRequest::Make { url: "https://example.org/".into(), events: vec!["*".into()] };
    let secret = json!({ "secret": "whsec_x" });
    let rows = [
        (make, Method::Post, "webhooks", json!({ "url": "https://example.org/", "events": ["*"] }), true),
        (WebhookRequest::SetActive(id(), false), Method::Patch, "webhooks/7", json!({ "active": false }), false),
        (WebhookRequest::Rotate(id()), Method::Post, "webhooks/7/secret", json!({}), true),
        (WebhookRequest::Test(id()), Method::Post, "webhooks/7/test", json!({}), false),
        (
            WebhookRequest::Resend { webhook: id(), delivery: "8?".into() },
            Method::Post,
            "webhooks/7/deliveries/8/resend",
            json!({}),
            false,
        ),
    ];
    for (request, method, path, body, tells_secret) in rows {
        let (number, found, at, with) = sent(&mut desk, request);
        assert_eq!((found, at.as_str(), with), (method, path, Some(body)));
        let expected = if tells_secret { TeamAnswer::Secret("whsec_x".into()) } else { TeamAnswer::Done };
        assert_eq!(answer(&mut desk, number, 200, &secret), Ok(expected), "{path}");
    }
    let (number, method, path, body) = sent(&mut desk, WebhookRequest::Delete(id()));
    assert_eq!((method, path.as_str(), body), (Method::Delete, "webhooks/7", None));
    assert_eq!(answer(&mut desk, number, 204, &json!(null)), Ok(TeamAnswer::Done));
}
