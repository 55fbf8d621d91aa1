//! The part of the document about sessions and people.

use serde_json::{Map, Value, json};

use super::{answer, body, nothing, object, open, operation, put, reference, text, whole};
use crate::http::api::schema::{id, nullable, time};

const ROLES: [&str; 3] = ["admin", "user", "viewer"];

/// Adds the operations.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let signed_in = || answer("The session.", reference("session"));
    let device = || json!({ "device_id": id(), "device_name": text() });

    let mut set_up = open(operation("Creates the first administrator", "set_up", ("201", signed_in())));
    set_up["requestBody"] =
        body(with(device(), json!({ "token": text(), "name": text(), "email": text(), "password": text() })));
    put(paths, "/auth/setup", "post", set_up);

    let mut login = open(operation("Signs in", "sign_in", ("200", signed_in())));
    login["requestBody"] = body(with(device(), json!({ "email": text(), "password": text() })));
    put(paths, "/auth/login", "post", login);

    let mut refresh = open(operation("Continues a session", "refresh", ("200", signed_in())));
    refresh["requestBody"] = body(object(json!({ "refresh_token": text() })));
    put(paths, "/auth/refresh", "post", refresh);

    let out = nothing("The session has ended.");
    put(paths, "/auth/logout", "post", operation("Signs out", "sign_out", ("204", out)));

    let made = answer("The person exists now.", reference("person"));
    let mut register = operation("Creates a person (administrators)", "register", ("201", made));
    let role = json!({ "type": "string", "enum": ROLES });
    register["requestBody"] =
        body(object(json!({ "name": text(), "email": text(), "role": role, "password": text() })));
    put(paths, "/auth/register", "post", register);

    let me = answer("You.", reference("person"));
    put(paths, "/me", "get", operation("Shows yourself", "me", ("200", me)));
}

fn with(mut properties: Value, more: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (properties.as_object_mut(), more) {
        all.extend(more);
    }
    object(properties)
}

/// What the operations speak of.
pub(super) fn schemas() -> Map<String, Value> {
    let mut person = object(json!({
        "id": id(),
        "name": text(),
        "email": text(),
        "role": { "type": "string", "enum": ROLES },
        "created_at": time(),
    }));
    // Only of somebody who may not sign in any more.
    person["properties"]["disabled_at"] = nullable(time());
    let session = object(json!({
        "access_token": text(),
        "refresh_token": text(),
        "expires_in": whole(),
        "user": reference("person"),
        "workspace_id": id(),
    }));
    Map::from_iter([("person".to_owned(), person), ("session".to_owned(), session)])
}
