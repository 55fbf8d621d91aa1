//! The part of the document about sessions and people.

use model::schema::LINE_MAX_CHARS;
use serde_json::{Map, Value, json};

use super::{answer, body, nothing, object, open, operation, parameter, path_id, put, reference, text, whole};
use crate::http::api::schema::{id, nullable, time};
use crate::identity::password::PASSWORD_MAX_CHARS;
use crate::identity::service::EMAIL_MAX_BYTES;

const ROLES: [&str; 3] = ["admin", "user", "viewer"];

/// Adds the operations.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let signed_in = || answer("The session.", reference("session"));
    let device = || json!({ "device_id": id(), "device_name": text() });

    let mut set_up = open(operation("Creates the first administrator", "set_up", ("201", signed_in())));
    let person = json!({ "token": text(), "name": name(), "email": email(), "password": password() });
    set_up["requestBody"] = body(carried(with(device(), person)));
    put(paths, "/auth/setup", "post", set_up);

    let mut login = open(operation("Signs in", "sign_in", ("200", signed_in())));
    login["requestBody"] = body(carried(with(device(), json!({ "email": text(), "password": text() }))));
    put(paths, "/auth/login", "post", login);

    let mut refresh = open(operation("Continues a session", "refresh", ("200", signed_in())));
    let mut token = carried(object(json!({ "refresh_token": text() })));
    // A browser's is in its cookie.
    token["required"] = json!([]);
    refresh["requestBody"] = body(token);
    put(paths, "/auth/refresh", "post", refresh);

    let out = nothing("The session has ended.");
    put(paths, "/auth/logout", "post", operation("Signs out", "sign_out", ("204", out)));

    let made = answer("The person exists now.", reference("person"));
    let mut register = operation("Creates a person (administrators)", "register", ("201", made));
    let role = json!({ "type": "string", "enum": ROLES });
    register["requestBody"] =
        body(object(json!({ "name": name(), "email": email(), "role": role, "password": password() })));
    put(paths, "/auth/register", "post", register);

    add_links(paths);
    add_people(paths);
    let me = answer("You.", reference("person"));
    put(paths, "/me", "get", operation("Shows yourself", "me", ("200", me.clone())));
    let mut rename = operation("Changes your name", "change_me", ("200", me));
    rename["requestBody"] = body(object(json!({ "name": name() })));
    put(paths, "/me", "patch", rename);
}

/// One-time links: invitations and new passwords.
fn add_links(paths: &mut Map<String, Value>) {
    let role = json!({ "type": "string", "enum": ROLES });
    let made = || answer("The link, shown here and never again.", reference("link"));
    let mut invite = operation("Invites a person (administrators)", "invite", ("201", made()));
    invite["requestBody"] = body(object(json!({ "name": name(), "email": email(), "role": role })));
    put(paths, "/auth/invite", "post", invite);

    let found = answer("Whom it is for.", object(json!({ "purpose": text(), "name": text(), "email": text() })));
    let mut look = open(operation("Looks at a one-time link", "look_at_link", ("200", found)));
    look["requestBody"] = body(object(json!({ "token": text() })));
    put(paths, "/auth/link", "post", look);

    let signed_in = answer("The session.", reference("session"));
    let mut accept = open(operation("Chooses a password by a one-time link", "accept_link", ("201", signed_in)));
    let fields = json!({ "token": text(), "password": password(), "device_id": id(), "device_name": text() });
    accept["requestBody"] = body(carried(object(fields)));
    put(paths, "/auth/accept", "post", accept);

    let changed = nothing("The new password counts.");
    let mut own = operation("Changes your password", "change_password", ("204", changed));
    own["requestBody"] = body(object(json!({ "current_password": text(), "new_password": password() })));
    put(paths, "/auth/password", "post", own);

    let mut reset = operation("Offers a person a new password (administrators)", "offer_reset", ("201", made()));
    reset["parameters"] = json!([path_id()]);
    put(paths, "/users/{id}/reset-link", "post", reset);
}

/// People and the devices they sign in on.
fn add_people(paths: &mut Map<String, Value>) {
    let role = json!({ "type": "string", "enum": ROLES });
    let changed = answer("The person.", reference("person"));
    let mut change = operation("Changes a person (administrators)", "change_user", ("200", changed));
    change["parameters"] = json!([path_id()]);
    change["requestBody"] = body(json!({
        "type": "object",
        "properties": { "name": nullable(name()), "role": nullable(role), "disabled": { "type": ["boolean", "null"] } },
        "additionalProperties": false,
    }));
    put(paths, "/users/{id}", "patch", change);

    let device = object(json!({
        "id": id(),
        "user_id": id(),
        "name": text(),
        "created_at": time(),
        "last_seen_at": time(),
        "revoked_at": nullable(time()),
        "signed_in": { "type": "boolean" },
        "current": { "type": "boolean" },
    }));
    let devices = object(json!({ "devices": { "type": "array", "items": device } }));
    let mut list = operation("Lists devices", "list_devices", ("200", answer("The devices.", devices)));
    let everybody = json!({ "type": "boolean" });
    list["parameters"] = json!([parameter("everybody", "Everybody's (administrators).", everybody)]);
    put(paths, "/devices", "get", list);
    let signed_out = nothing("The device is signed out for good.");
    let mut revoke = operation("Revokes a device", "revoke_device", ("204", signed_out));
    revoke["parameters"] = json!([path_id()]);
    put(paths, "/devices/{id}", "delete", revoke);
}

/// A person's name: one line.
fn name() -> Value {
    json!({ "type": "string", "maxLength": LINE_MAX_CHARS, "format": "person-name" })
}

fn email() -> Value {
    json!({ "type": "string", "maxLength": EMAIL_MAX_BYTES, "format": "email" })
}

fn password() -> Value {
    let about = "At least 15 characters, none that are easily guessed, and neither name nor address.";
    json!({ "type": "string", "minLength": 15, "maxLength": PASSWORD_MAX_CHARS, "format": "password", "description": about })
}

fn with(mut properties: Value, more: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (properties.as_object_mut(), more) {
        all.extend(more);
    }
    object(properties)
}

/// The same with a say in where the refresh token goes.
fn carried(mut schema: Value) -> Value {
    let about = "Into the answer, or into a cookie that pages can't read.";
    schema["properties"]["carrier"] =
        json!({ "type": "string", "enum": ["body", "cookie"], "default": "body", "description": about });
    schema
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
    let mut session = object(json!({
        "access_token": text(),
        "refresh_token": text(),
        "expires_in": whole(),
        "user": reference("person"),
        "workspace_id": id(),
    }));
    session["required"] = json!(["access_token", "expires_in", "user", "workspace_id"]);
    let link = object(json!({ "user": reference("person"), "link": text(), "expires_at": time() }));
    Map::from_iter([("link".to_owned(), link), ("person".to_owned(), person), ("session".to_owned(), session)])
}
