//! The part of the document about the audit log.

use model::Kind;
use serde_json::{Map, Value, json};

use super::{answer, nullable, object, operation, parameter, put, reference, text, whole};
use crate::audit::Action;
use crate::http::api::audit::{CHANGE_ACTIONS, PAGE_SIZE_MAX, VIAS};
use crate::http::api::query::PAGE_SIZE;
use crate::http::api::schema::{id, time};

/// Adds the operations.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let page = object(json!({
        "items": { "type": "array", "items": reference("audit_entry") },
        "next_cursor": nullable(text()),
    }));
    let about = "A page, the newest first. It may hold fewer entries than asked for while `next_cursor` leads on.";
    let mut list = operation("Tells who did what (administrators)", "list_audit", ("200", answer(about, page)));
    list["description"] = "Every change of every field of every record, as the relay took it, and what was done about \
        people, devices, tokens and files. A change's fields stay together, so a page may hold a few more."
        .into();
    list["parameters"] = parameters().into();
    put(paths, "/audit", "get", list);

    let csv = json!({ "description": "The lines.", "content": { "text/csv": { "schema": text() } } });
    let mut export = operation("Exports who did what (administrators)", "export_audit", ("200", csv));
    export["parameters"] = parameters().into();
    put(paths, "/audit.csv", "get", export);
}

fn parameters() -> Vec<Value> {
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let fields: Vec<&str> = Kind::ALL.iter().flat_map(|kind| kind.fields()).map(|field| field.key).collect();
    let mut fields: Vec<&str> = fields.into_iter().chain(["stage", "board_key"]).collect();
    fields.sort_unstable();
    fields.dedup();
    let one_of = |choices: Vec<&str>| json!({ "type": "string", "enum": choices });
    let size = json!({ "type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE });
    vec![
        parameter("user_id", "Only what this person did.", id()),
        parameter("device_id", "Only what was done on this device.", id()),
        parameter("record_id", "Only what was done to this record, person or device.", id()),
        parameter("kind", "Only records of this kind.", one_of(kinds)),
        parameter("field", "Only changes of this field.", one_of(fields)),
        parameter("via", "Only what came about this way.", one_of(VIAS.to_vec())),
        parameter("action", "Only this action.", one_of(actions())),
        parameter("from", "Not before this moment, by the relay's clock.", time()),
        parameter("to", "Before this moment, by the relay's clock.", time()),
        parameter("cursor", "Leads on: the `next_cursor` of the page before.", cursor()),
        parameter("page_size", "Entries of a page.", size),
    ]
}

fn cursor() -> Value {
    json!({ "type": "string", "pattern": "^(end|[0-9]{1,18})-(end|[0-9]{1,18})$" })
}

fn actions() -> Vec<&'static str> {
    CHANGE_ACTIONS.into_iter().chain(Action::ALL.iter().map(|action| action.name())).collect()
}

/// An entry.
pub(super) fn schema() -> Value {
    object(json!({
        "id": text(),
        "at": time(),
        "claimed_at": nullable(json!({
            "type": "string", "format": "date-time", "description": "By the author's clock.",
        })),
        "action": { "type": "string", "enum": actions() },
        "user_id": nullable(id()),
        "user_name": nullable(text()),
        "device_id": nullable(id()),
        "device_name": nullable(text()),
        "via": { "type": "string", "enum": VIAS },
        "kind": nullable(json!({ "type": "string", "enum": Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>() })),
        "record_id": nullable(id()),
        "record_name": nullable(text()),
        "field": nullable(text()),
        "before": {},
        "after": {},
        "stage_seconds": nullable(whole()),
        "address": nullable(text()),
        "detail": { "type": "object" },
    }))
}
