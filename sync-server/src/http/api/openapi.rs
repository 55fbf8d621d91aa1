//! The OpenAPI document, made from the tables that the routes work by. A test holds both together.

use model::own_field::KINDS as OWN_KINDS;
use model::{Kind, OwnType};
use serde_json::{Map, Value, json};

use super::create::{KEY, KEY_MAX_BYTES};
use super::query::{BEGIN, PAGE_MAX, PAGE_SIZE, PAGE_SIZE_MAX, WORDS_MAX_CHARS};
use super::resource::{FilterType, RESOURCES, Resource};
use super::schema::{VISIBLE, id, nullable, shown, time, written};
use super::tokens::NAME_MAX_CHARS;

mod audit;
mod auth;
mod calendar;
mod files;
mod reports;
mod webhooks;

/// What errors are called, with their status and what they mean.
pub(super) const CODES: &[(u16, &str, &str)] = &[
    (400, "invalid_body", "The body is not JSON, or not of the form that is asked for."),
    (400, "cut", "The body did not arrive as a whole."),
    (401, "sign_in", "There is no valid session or token."),
    (401, "wrong_credentials", "The e-mail address or the password is wrong."),
    (401, "session_ended", "The refresh token is used up or its session has ended."),
    (403, "not_allowed", "Your role, or the record's owner, does not allow it; `detail` says which."),
    (403, "scope_missing", "The personal token may only read."),
    (403, "wrong_password", "The current password is wrong."),
    (403, "foreign_page", "A cookie was used by another page than the relay's own."),
    (403, "blocked_by_scan", "The virus scanner has found something in the file."),
    (404, "no_such_route", "There is nothing under this address."),
    (404, "no_such_record", "There is no such record, or it lies in the trash."),
    (404, "no_such_token", "You have no such personal token."),
    (404, "no_such_feed", "Your calendar has no address."),
    (404, "no_such_webhook", "There is no such webhook."),
    (404, "no_such_delivery", "The webhook has no such delivery, or it is forgotten by now."),
    (404, "not_found", "There is no such thing, or it is not yours."),
    (404, "setup_link_invalid", "The set-up token is unknown, used or expired."),
    (404, "link_invalid", "The one-time link is unknown, used or expired."),
    (404, "no_such_report", "There is no report of this name."),
    (405, "method_not_allowed", "The address is used with another method."),
    (408, "", "The request took too long."),
    (
        409,
        "unknown_reference",
        "A field names a record, person or stage that does not exist, or is an own field that nobody has defined.",
    ),
    (409, "idempotency_key_reused", "The key was used for another request within a day."),
    (409, "too_many_tokens", "One person has only so many tokens."),
    (409, "too_many_webhooks", "A workspace has only so many webhooks."),
    (409, "too_many_waiting", "Too many deliveries wait already that people asked for."),
    (409, "already_over", "A moment that has to come has passed."),
    (409, "email_taken", "Somebody has this e-mail address."),
    (409, "device_taken", "Somebody else uses this device."),
    (409, "already_set_up", "The relay has an administrator."),
    (409, "last_admin", "The last administrator stays one."),
    (409, "name_taken", "The record's name is somebody else's."),
    (409, "quota_reached", "Your files take all the room they may."),
    (409, "too_many_uploads", "Too many uploads are under way."),
    (409, "parts_missing", "Parts of the upload are missing."),
    (409, "scan_pending", "The virus scanner has not looked at the file yet."),
    (412, "version_mismatch", "The record is of none of the versions that `If-Match` names."),
    (413, "too_large", "The body, or the record's history, is too large."),
    (415, "not_json", "The body's content type is not JSON."),
    (416, "no_such_range", "The file has no such range."),
    (422, "invalid_field", "Fields are not valid; `fields` lists them."),
    (422, "invalid_parameter", "Parameters are not valid; `fields` lists them."),
    (422, "weak_password", "The password is too easy to guess."),
    (422, "empty_file", "The file is empty."),
    (422, "wrong_size", "The part has another size."),
    (422, "wrong_checksum", "The parts are not the file that was announced; send them again."),
    (422, "invalid_query", "Parameters are not valid."),
    (422, "invalid_form", "The form's first field has to be the file."),
    (429, "too_many_requests", "You ask too often; wait as long as `Retry-After` says."),
    (429, "too_many_tries", "Wait as long as `Retry-After` says."),
    (429, "too_many_misses", "You ask for what is not there too often; wait as long as `Retry-After` says."),
    (500, "internal", "The relay failed; its log says more."),
    (503, "busy", "The relay is busy; try again in a moment."),
    (507, "storage_full", "The relay's disk is full."),
];

/// The document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for resource in RESOURCES {
        add_resource(&mut paths, resource);
    }
    add_rest(&mut paths);
    audit::add(&mut paths);
    auth::add(&mut paths);
    files::add(&mut paths);
    reports::add(&mut paths);
    webhooks::add(&mut paths);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "TrailTrack relay",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Records of a TrailTrack workspace. What is written here reaches every connected client at \
                once, as a change of the person who asks; what a client writes offline is here as soon as it has synced.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "The access token of a session, or a personal token.",
            } },
            "schemas": schemas(),
        },
    })
}

fn schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    for resource in RESOURCES {
        let name = resource.kind.name();
        schemas.insert(name.into(), shown(resource.kind));
        schemas.insert(format!("new_{name}"), written(resource.kind, true));
        schemas.insert(format!("{name}_changes"), written(resource.kind, false));
    }
    schemas.insert("user".into(), shown(model::Kind::User));
    schemas.insert("error".into(), error_schema());
    schemas.insert("history_entry".into(), history_schema());
    schemas.insert("settings".into(), settings_schema());
    schemas.insert("token".into(), token_schema(false));
    schemas.insert("new_token".into(), token_schema(true));
    schemas.insert("audit_entry".into(), audit::schema());
    schemas.extend(auth::schemas());
    schemas.extend(webhooks::schemas());
    schemas.insert("attachment".into(), files::attachment());
    schemas
}

fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().map(|all| all.keys().collect()).unwrap_or_default();
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn whole() -> Value {
    json!({ "type": "integer" })
}

fn error_schema() -> Value {
    let field = object(json!({ "field": text(), "detail": text(), "code": text() }));
    json!({
        "type": "object",
        "properties": { "detail": text(), "code": text(), "fields": { "type": "array", "items": field } },
        "required": ["detail", "code"],
        "additionalProperties": false,
    })
}

fn history_schema() -> Value {
    object(json!({
        "field": text(),
        "before": {},
        "after": {},
        "created": { "type": "boolean", "description": "Part of the record's first change." },
        "changed_at": { "type": "string", "format": "date-time", "description": "By the author's clock." },
        "received_at": nullable(time()),
        "user_id": nullable(id()),
        "user_name": nullable(text()),
        "device_id": nullable(id()),
        "device_name": nullable(text()),
        "via": { "type": "string", "enum": ["app", "quick_log", "import", "api"] },
        "stage_seconds": nullable(json!({ "type": "integer", "description": "How long a lead had been in the stage it left, by its authors' clocks." })),
        "change": { "type": "string", "description": "The change's hash: fields that changed together share it." },
    }))
}

fn settings_schema() -> Value {
    let words = json!({ "type": "array", "items": text() });
    let stage = object(json!({
        "id": text(),
        "name": text(),
        "kind": { "type": "string", "enum": ["open", "won", "lost"] },
        "probability": whole(),
        "rot_days": whole(),
        "color": whole(),
    }));
    let own_field = object(json!({
        "kind": { "type": "string", "enum": OWN_KINDS.map(Kind::name) },
        "key": { "type": "string", "description": "Its name in `custom`; it never changes." },
        "name": text(),
        "type": { "type": "string", "enum": OwnType::ALL.map(OwnType::name) },
        "options": words,
        "archived": { "type": "boolean" },
    }));
    object(json!({
        "name": text(),
        "currency": text(),
        "time_zone": text(),
        "region": text(),
        "date_order": { "type": "string", "description": "Order of numeric dates: `dmy`, `mdy` or `ymd`." },
        "week_start": { "type": "string", "enum": ["monday", "sunday", "saturday"] },
        "fiscal_month": { "type": "integer", "minimum": 1, "maximum": 12, "description": "The month that a fiscal year begins with." },
        "only_owners_edit": { "type": "boolean", "description": "Standard users edit only what they own." },
        "leaderboard_off": { "type": "boolean", "description": "Nobody sees the leaderboard." },
        "stages": { "type": "array", "items": stage },
        "sources": words,
        "lost_reasons": words,
        "old_sources": { "type": "array", "items": text(), "description": "No longer proposed." },
        "old_lost_reasons": { "type": "array", "items": text(), "description": "No longer proposed." },
        "own_fields": { "type": "array", "items": own_field },
        "tag_colors": { "type": "object", "additionalProperties": whole(), "description": "Tags with a colour of the palette." },
    }))
}

fn token_schema(new: bool) -> Value {
    let scopes = json!({ "type": "array", "items": { "type": "string", "enum": ["read", "write"] } });
    let mut properties = json!({
        "id": id(),
        "name": text(),
        "scopes": scopes,
        "created_at": time(),
        "expires_at": nullable(time()),
        "last_used_at": nullable(time()),
    });
    if new {
        properties["token"] = json!({ "type": "string", "description": "Shown here and never again." });
    }
    object(properties)
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn body(schema: Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// An operation with one good answer and every error.
fn operation(summary: &str, name: &str, (status, answer): (&str, Value)) -> Value {
    let mut responses = Map::from_iter([(status.to_owned(), answer)]);
    let mut statuses: Vec<u16> = CODES.iter().map(|(status, ..)| *status).collect();
    statuses.dedup();
    for status in statuses.into_iter().filter(|status| ![408, 416, 500].contains(status)) {
        let meant: Vec<String> = CODES
            .iter()
            .filter(|(found, ..)| *found == status)
            .map(|(_, code, what)| format!("`{code}`: {what}"))
            .collect();
        let content = json!({ "application/json": { "schema": reference("error") } });
        responses.insert(status.to_string(), json!({ "description": meant.join(" "), "content": content }));
    }
    json!({ "summary": summary, "operationId": name, "responses": responses })
}

fn answer(description: &str, schema: Value) -> Value {
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

fn with_etag(mut answer: Value) -> Value {
    answer["headers"] = json!({ "ETag": { "description": "Names this state of the record.", "schema": text() } });
    answer
}

fn nothing(description: &str) -> Value {
    json!({ "description": description })
}

fn put(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let entry = paths.entry(path).or_insert_with(|| json!({}));
    entry[method] = operation;
}

fn parameter(name: &str, about: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": about, "schema": schema })
}

fn path_id() -> Value {
    json!({ "name": "id", "in": "path", "required": true, "schema": id() })
}

fn if_match() -> Value {
    let about = "Does it only to one of these versions, as `ETag` named them.";
    json!({ "name": "If-Match", "in": "header", "description": about, "schema": text() })
}

fn paging() -> Vec<Value> {
    vec![
        parameter(
            "page",
            "The page, from 1.",
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": 1 }),
        ),
        parameter(
            "page_size",
            "Rows of a page.",
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE }),
        ),
    ]
}

fn list_parameters(resource: &Resource) -> Vec<Value> {
    let about = "Words that must all occur in the record, whatever their case and accents.";
    let mut parameters = vec![parameter("q", about, json!({ "type": "string", "maxLength": WORDS_MAX_CHARS }))];
    parameters.extend(resource.filters.iter().map(|filter| {
        let schema = match filter.of {
            FilterType::Id => id(),
            FilterType::Word => json!({ "type": "string", "maxLength": WORDS_MAX_CHARS }),
            FilterType::Choice(choices) => json!({ "type": "string", "enum": choices }),
            FilterType::Moment => time(),
            FilterType::Figure => json!({ "type": "string", "format": "figure" }),
        };
        parameter(filter.name, filter.about, schema)
    }));
    let keys: Vec<&str> = resource.sort_keys().collect();
    let key = format!("-?({})", keys.join("|"));
    let sort = format!("Keys to sort by, `-` in front for descending. Without it: {}.", resource.sorts[0]);
    parameters.push(parameter(
        "sort",
        &sort,
        json!({ "type": "string", "pattern": format!("^{key}(,{key}){{0,2}}$") }),
    ));
    parameters.extend(paging());
    let cursor = format!(
        "Walks the whole list in the order of ids, beginning with `{BEGIN}` and going on with `next_cursor`: nothing is \
         left out or told twice, whatever changes meanwhile. Beside it, `page` and `sort` do not count."
    );
    parameters.push(parameter(
        "cursor",
        &cursor,
        json!({ "type": "string", "pattern": format!("^({BEGIN}|[0-9a-f]{{32}})$") }),
    ));
    parameters.push(parameter("trash", "Lists the trash instead.", json!({ "type": "boolean" })));
    parameters
}

fn page_of(item: Value) -> Value {
    object(json!({
        "items": { "type": "array", "items": item },
        "total": { "type": "integer", "description": "Everything that matches." },
        "page": nullable(whole()),
        "page_size": whole(),
        "next_cursor": nullable(text()),
    }))
}

fn add_resource(paths: &mut Map<String, Value>, resource: &Resource) {
    let (name, plural, one) = (resource.kind.name(), resource.kind.plural(), resource.one());
    let all = format!("/{plural}");
    let single = format!("/{plural}/{{id}}");
    let page = answer("A page of the list.", page_of(reference(name)));
    let mut list = operation(&format!("Lists {plural}"), &format!("list_{plural}"), ("200", page));
    list["parameters"] = list_parameters(resource).into();
    put(paths, &all, "get", list);

    let made = with_etag(answer("It exists now.", reference(name)));
    let mut create = operation(&format!("Creates {one}"), &format!("create_{name}"), ("201", made));
    let about = "Names the request: sent again within a day it is not done again, and brings the same answer.";
    let key = json!({ "type": "string", "minLength": 1, "maxLength": KEY_MAX_BYTES, "pattern": "^[!-~]+$" });
    create["parameters"] = json!([{ "name": KEY, "in": "header", "description": about, "schema": key }]);
    create["requestBody"] = body(reference(&format!("new_{name}")));
    put(paths, &all, "post", create);

    let found = with_etag(answer("The record.", reference(name)));
    let mut show = operation(&format!("Shows {one}"), &format!("show_{name}"), ("200", found.clone()));
    show["parameters"] = json!([path_id()]);
    put(paths, &single, "get", show);

    let mut change = operation(&format!("Changes {one}"), &format!("change_{name}"), ("200", found.clone()));
    change["description"] = "Fields that are not mentioned stay as they are; null empties one.".into();
    change["parameters"] = json!([path_id(), if_match()]);
    change["requestBody"] = body(reference(&format!("{name}_changes")));
    put(paths, &single, "patch", change);

    let gone = nothing("It lies in the trash.");
    let mut trash = operation(&format!("Moves {one} to the trash"), &format!("trash_{name}"), ("204", gone));
    trash["parameters"] = json!([path_id(), if_match()]);
    put(paths, &single, "delete", trash);

    let mut restore = operation(&format!("Takes {one} out of the trash"), &format!("restore_{name}"), ("200", found));
    restore["parameters"] = json!([path_id()]);
    put(paths, &format!("{single}/restore"), "post", restore);

    let changes = answer(
        "A page of changes, the newest first.",
        object(json!({
            "items": { "type": "array", "items": reference("history_entry") },
            "page": whole(),
            "page_size": whole(),
            "more": { "type": "boolean", "description": "Whether there are further pages." },
        })),
    );
    let mut history =
        operation(&format!("Tells what happened to {one}"), &format!("history_of_{name}"), ("200", changes));
    history["parameters"] = std::iter::once(path_id()).chain(paging()).collect();
    put(paths, &format!("{single}/history"), "get", history);
}

fn add_rest(paths: &mut Map<String, Value>) {
    let people = answer(
        "A page of people, by name.",
        object(json!({
            "items": { "type": "array", "items": reference("user") },
            "total": whole(),
            "page": whole(),
            "page_size": whole(),
        })),
    );
    let mut users = operation("Lists people", "list_users", ("200", people));
    users["parameters"] = paging().into();
    put(paths, "/users", "get", users);
    let mut user = operation("Shows a person", "show_user", ("200", answer("The person.", reference("user"))));
    user["parameters"] = json!([path_id()]);
    put(paths, "/users/{id}", "get", user);
    let settings = answer("The settings.", reference("settings"));
    put(paths, "/settings", "get", operation("Shows the workspace's settings", "show_settings", ("200", settings)));
    add_tokens(paths);
    calendar::add(paths);
    let itself = answer("This document.", json!({ "type": "object" }));
    put(paths, "/openapi.json", "get", open(operation("Describes the API", "openapi", ("200", itself))));
    let html = |description: &str, of: &str| json!({ "description": description, "content": { of: {} } });
    let page = html("The page.", "text/html");
    put(paths, "/docs", "get", open(operation("Describes the API for people", "docs", ("200", page))));
    let style = html("The style sheet.", "text/css");
    put(paths, "/docs/style.css", "get", open(operation("Styles that page", "docs_style", ("200", style))));
}

fn add_tokens(paths: &mut Map<String, Value>) {
    let own = answer(
        "Your tokens, the newest first.",
        object(json!({
            "items": { "type": "array", "items": reference("token") },
        })),
    );
    put(paths, "/tokens", "get", operation("Lists your personal tokens", "list_tokens", ("200", own)));
    let made = answer("It works now.", reference("new_token"));
    let mut create = operation("Makes a personal token", "create_token", ("201", made));
    create["requestBody"] = body(json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "maxLength": NAME_MAX_CHARS, "pattern": VISIBLE },
            "scopes": { "type": "array", "items": { "type": "string", "enum": ["read", "write"] }, "minItems": 1, "maxItems": 2 },
            "expires_at": nullable(time()),
        },
        "required": ["name", "scopes"],
        "additionalProperties": false,
    }));
    put(paths, "/tokens", "post", create);
    let mut revoke = operation("Revokes a personal token", "revoke_token", ("204", nothing("It works no more.")));
    revoke["parameters"] = json!([path_id()]);
    put(paths, "/tokens/{id}", "delete", revoke);
}

/// An operation that needs no session.
fn open(mut operation: Value) -> Value {
    operation["security"] = json!([]);
    operation
}
