//! JSON schemas of records, from the same table that documents, query tables and forms come from.

use model::Kind;
use model::schema::{Field, FieldType, LINE_MAX_CHARS};
use serde_json::{Map, Value, json};

use super::fields::{ADDRESS_MAX_CHARS, CUSTOM_MAX, MEMBER_MAX_CHARS, MEMBERS_MAX, label_names, writable};
use super::normal::NORMALISED;
use super::resource::LEAD_STATUSES;

/// Something to be seen: not only blanks.
pub(super) const VISIBLE: &str = r"[^\s\u0000-\u001f\u007f-\u009f]";
/// Printable ASCII, not only blanks.
const ADDRESS: &str = "^[!-~]+( [!-~]+)*$";

/// A record as answers show it.
pub(super) fn shown(kind: Kind) -> Value {
    let mut properties = Map::from_iter([("id".to_owned(), id())]);
    for field in kind.fields() {
        if field.key == "place" {
            properties.insert("stage".into(), json!({ "type": "string" }));
            properties.insert("board_key".into(), json!({ "type": "string" }));
        } else {
            properties.insert(field.key.into(), shown_field(field));
        }
    }
    if kind == Kind::Lead {
        properties.insert("status".into(), json!({ "type": "string", "enum": LEAD_STATUSES }));
        properties.insert("stage_entered_at".into(), nullable(time()));
    }
    if matches!(kind, Kind::Lead | Kind::Account | Kind::Contact) {
        properties.insert("last_touch_at".into(), nullable(time()));
        properties.insert("next_task".into(), next_task());
    }
    let required: Vec<String> = properties.keys().cloned().collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn shown_field(field: &Field) -> Value {
    match field.of {
        FieldType::Line | FieldType::Note | FieldType::Json | FieldType::Choice(_) => {
            nullable(json!({ "type": "string" }))
        }
        FieldType::Int { .. } | FieldType::Cents => nullable(json!({ "type": "integer" })),
        FieldType::Flag => nullable(json!({ "type": "boolean" })),
        FieldType::Date => nullable(json!({ "type": "string", "format": "date" })),
        FieldType::Time => nullable(time()),
        FieldType::Link(_) | FieldType::LinkedId => nullable(id()),
        FieldType::Words => json!({ "type": "array", "items": { "type": "string" } }),
        FieldType::Labels => json!({ "type": "array", "items": shown_label(field.key) }),
        FieldType::Custom => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "integer", "boolean"] } })
        }
    }
}

fn shown_label(field: &str) -> Value {
    let (key, label) = label_names(field);
    json!({
        "type": "object",
        "properties": { key: { "type": "string" }, label: { "type": "string" } },
        "required": [key, label],
        "additionalProperties": false,
    })
}

fn next_task() -> Value {
    nullable(json!({
        "type": "object",
        "properties": {
            "id": id(),
            "title": { "type": "string" },
            "due_at": nullable(time()),
            "priority": { "type": "string" },
        },
        "required": ["id", "title", "due_at", "priority"],
        "additionalProperties": false,
    }))
}

/// What a program may write: all that a new record needs, or any part of it.
pub(super) fn written(kind: Kind, new: bool) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, field) in writable(kind) {
        properties.insert(name.into(), written_field(name, field));
        if new && field.required && !has_default(name) {
            required.push(name);
        }
    }
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if let Some(any) = one_of_these(kind).filter(|_| new) {
        schema["anyOf"] = any;
    }
    schema
}

/// What a new record gets by itself.
fn has_default(name: &str) -> bool {
    ["owner_id", "stage", "occurred_at"].contains(&name)
}

fn one_of_these(kind: Kind) -> Option<Value> {
    let names: &[&str] = match kind {
        Kind::Contact => &["first_name", "last_name", "email"],
        Kind::Activity => &["subject", "body"],
        _ => return None,
    };
    let one =
        |name: &&str| json!({ "required": [name], "properties": { *name: { "type": "string", "pattern": VISIBLE } } });
    Some(names.iter().map(one).collect())
}

fn written_field(name: &str, field: &Field) -> Value {
    let value = match field.of {
        FieldType::Line if field.required => {
            return json!({ "type": "string", "maxLength": LINE_MAX_CHARS, "pattern": VISIBLE });
        }
        FieldType::Line => line(name),
        FieldType::Note | FieldType::Json => json!({ "type": "string", "description": "At most 64 KiB." }),
        FieldType::Int { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        FieldType::Cents => json!({ "type": "integer", "minimum": 0, "maximum": model::schema::CENTS_MAX }),
        FieldType::Flag => json!({ "type": "boolean" }),
        FieldType::Date => json!({ "type": "string", "format": "date" }),
        FieldType::Time => time(),
        FieldType::Choice(choices) => json!({ "type": "string", "enum": choices }),
        FieldType::Link(_) | FieldType::LinkedId => id(),
        FieldType::Words => {
            return list(json!({ "type": "string", "maxLength": MEMBER_MAX_CHARS, "pattern": VISIBLE }));
        }
        FieldType::Labels => return list(written_label(name)),
        FieldType::Custom => return custom(),
    };
    if field.required { value } else { nullable(value) }
}

/// One line; addresses and numbers say which form they have to have.
fn line(name: &str) -> Value {
    let mut line = json!({ "type": "string", "maxLength": LINE_MAX_CHARS });
    if let Some((format, about)) = format_of(name) {
        line["format"] = format.into();
        line["description"] = about.into();
    }
    line
}

/// What forms make of a field's text, and refuse when they can't.
fn format_of(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "email" | "emails" => Some(("email", "Written down as in ann@example.org; `mailto:` and a name around it go.")),
        "phone" | "phones" => Some(("phone-number", "Written down with its country, as far as it can be told.")),
        name if NORMALISED.contains(&name) => {
            Some(("web-address", "Written down with a scheme, which may be left out."))
        }
        _ => None,
    }
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items, "maxItems": MEMBERS_MAX })
}

fn written_label(field: &str) -> Value {
    let (key, label) = label_names(field);
    let member = match field {
        "contacts" => id(),
        _ => {
            let mut member = json!({ "type": "string", "maxLength": ADDRESS_MAX_CHARS });
            match format_of(field) {
                Some((format, _)) => member["format"] = format.into(),
                None => member["pattern"] = ADDRESS.into(),
            }
            member
        }
    };
    json!({
        "type": "object",
        "properties": { key: member, label: { "type": ["string", "null"], "maxLength": LINE_MAX_CHARS } },
        "required": [key],
        "additionalProperties": false,
    })
}

fn custom() -> Value {
    json!({
        "type": "object",
        "propertyNames": { "maxLength": MEMBER_MAX_CHARS, "pattern": VISIBLE },
        "additionalProperties": {
            "type": ["string", "integer", "boolean", "null"],
            "maxLength": LINE_MAX_CHARS,
            "minimum": -CUSTOM_MAX,
            "maximum": CUSTOM_MAX,
        },
        "maxProperties": MEMBERS_MAX,
        "description": "The workspace's own fields by their key, as `own_fields` of the settings lists them; a value of another type, or of a field that nobody has defined, is refused. Money is in cents, a date is text as in 2026-10-03. Fields that are not mentioned stay as they are; null removes a value.",
    })
}

/// An id.
pub(super) fn id() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

/// A moment.
pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// The same, or null.
pub(super) fn nullable(mut schema: Value) -> Value {
    if let Some(choices) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        choices.push(Value::Null);
    }
    let of = schema["type"].take();
    schema["type"] = json!([of, "null"]);
    schema
}
