//! Webhooks: administrators say which other programs are told what.

use serde_json::{Map, Value, json};

use super::{
    answer, body, id, nothing, nullable, object, operation, paging, path_id, put, reference, text, time, whole,
};
use crate::webhooks::patterns;

/// Adds the operations.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let all = object(json!({ "items": { "type": "array", "items": reference("webhook") } }));
    let all = answer("The webhooks, the oldest first.", all);
    put(paths, "/webhooks", "get", operation("Lists webhooks (administrators)", "list_webhooks", ("200", all)));

    let made = answer("It is told of what is accepted from now on.", reference("new_webhook"));
    let mut create = operation("Makes a webhook (administrators)", "create_webhook", ("201", made));
    create["requestBody"] = body(written(&["url", "events"]));
    put(paths, "/webhooks", "post", create);

    let changed = answer("The webhook. A delivery that waits is tried at once.", reference("webhook"));
    let mut change = operation("Changes or pauses a webhook (administrators)", "change_webhook", ("200", changed));
    change["description"] = "Made active again, it goes on where it stopped.".into();
    change["parameters"] = json!([path_id()]);
    change["requestBody"] = body(written(&[]));
    put(paths, "/webhooks/{id}", "patch", change);

    let gone = nothing("Its deliveries are forgotten.");
    let mut remove = operation("Deletes a webhook (administrators)", "delete_webhook", ("204", gone));
    remove["parameters"] = json!([path_id()]);
    put(paths, "/webhooks/{id}", "delete", remove);

    let secret = answer("The secret. The one before signs too for a day.", object(json!({ "secret": secret() })));
    let mut rotate =
        operation("Replaces a webhook's secret (administrators)", "rotate_webhook_secret", ("200", secret));
    rotate["parameters"] = json!([path_id()]);
    put(paths, "/webhooks/{id}/secret", "post", rotate);
    add_deliveries(paths);
}

fn add_deliveries(paths: &mut Map<String, Value>) {
    let waits = || answer("It is sent as soon as it is its turn, once.", reference("webhook_delivery"));
    let mut test = operation("Sends an event that says nothing (administrators)", "test_webhook", ("202", waits()));
    test["parameters"] = json!([path_id()]);
    put(paths, "/webhooks/{id}/test", "post", test);

    let page = answer(
        "A page of deliveries, the newest first.",
        object(json!({
            "items": { "type": "array", "items": reference("webhook_delivery") },
            "page": whole(),
            "page_size": whole(),
            "more": { "type": "boolean", "description": "Whether there are further pages." },
        })),
    );
    let mut list = operation("Lists a webhook's deliveries (administrators)", "list_deliveries", ("200", page));
    list["description"] = "The last 200 of the last 30 days.".into();
    list["parameters"] = std::iter::once(path_id()).chain(paging()).collect();
    put(paths, "/webhooks/{id}/deliveries", "get", list);

    let mut again = operation("Sends a delivery's event again (administrators)", "resend_delivery", ("202", waits()));
    let delivery = json!({ "name": "delivery", "in": "path", "required": true, "schema": id() });
    again["parameters"] = json!([path_id(), delivery]);
    put(paths, "/webhooks/{id}/deliveries/{delivery}/resend", "post", again);
}

fn events() -> Value {
    json!({ "type": "array", "minItems": 1, "items": { "type": "string", "enum": patterns() } })
}

fn written(required: &[&str]) -> Value {
    let url = json!({ "type": "string", "format": "webhook-address", "description": "Begins with https:// and leads to the public internet." });
    let optional = |mut schema: Value, name: &str| {
        if !required.contains(&name) {
            schema = nullable(schema);
        }
        schema
    };
    json!({
        "type": "object",
        "properties": {
            "url": optional(url, "url"),
            "events": optional(events(), "events"),
            "active": { "type": ["boolean", "null"] },
        },
        "required": required,
        "additionalProperties": false,
    })
}

fn secret() -> Value {
    json!({ "type": "string", "description": "Shown here and never again." })
}

/// What the operations speak of.
pub(super) fn schemas() -> Map<String, Value> {
    let webhook = json!({
        "id": id(),
        "url": text(),
        "events": events(),
        "active": { "type": "boolean" },
        "paused_reason": nullable(json!({ "type": "string", "enum": ["person", "failing", "gone"], "description": "An administrator paused it, it did not answer for three days, or it answered 410." })),
        "last_delivery": { "anyOf": [reference("webhook_delivery"), { "type": "null" }] },
        "created_at": time(),
        "created_by": id(),
    });
    let mut new = webhook.clone();
    new["secret"] = secret();
    let delivery = object(json!({
        "id": id(),
        "event_id": { "type": "string", "description": "The header `webhook-id`: the same however often the event is sent." },
        "event": text(),
        "record_id": nullable(id()),
        "state": { "type": "string", "enum": ["waiting", "delivered", "failed"] },
        "asked_for": { "type": "boolean", "description": "A test, or sent again by an administrator: tried once." },
        "created_at": time(),
        "attempts": whole(),
        "tried_at": nullable(time()),
        "next_at": nullable(time()),
        "status": nullable(whole()),
        "error": nullable(text()),
        "duration_ms": nullable(whole()),
        "answer": { "type": "string", "description": "The beginning of what came back." },
    }));
    Map::from_iter([
        ("webhook".to_owned(), object(webhook)),
        ("new_webhook".to_owned(), object(new)),
        ("webhook_delivery".to_owned(), delivery),
    ])
}
