//! The part of the document about attachments.

use model::Kind;
use serde_json::{Map, Value, json};

use super::{answer, body, nothing, object, operation, path_id, put, reference, text, whole};
use crate::http::api::schema::{id, shown, time};

/// What files may be shown as, which their first bytes decide.
const MEDIA_TYPES: [&str; 5] = ["application/octet-stream", "image/gif", "image/jpeg", "image/png", "image/webp"];

/// An attachment with what is known of its file.
pub(super) fn attachment() -> Value {
    let mut schema = shown(Kind::Attachment);
    schema["properties"]["on_relay"] = json!({ "type": "boolean", "description": "Whether the relay has the file." });
    schema["properties"]["scan"] = json!({
        "type": "string",
        "enum": ["not_scanned", "pending", "clean", "blocked"],
        "description": "What the virus scanner says; without one, nothing.",
    });
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend(["on_relay".into(), "scan".into()]);
    }
    schema
}

fn bytes() -> Value {
    json!({ "type": "string", "format": "binary" })
}

fn a_file(description: &str) -> Value {
    let content: Map<String, Value> =
        MEDIA_TYPES.iter().map(|of| ((*of).to_owned(), json!({ "schema": bytes() }))).collect();
    json!({ "description": description, "content": content })
}

/// Adds the operations.
pub(super) fn add(paths: &mut Map<String, Value>) {
    add_whole_files(paths);
    add_uploads(paths);
}

fn add_whole_files(paths: &mut Map<String, Value>) {
    let record = || reference("attachment");
    let query = |name: &str, needed: bool, schema: Value| json!({ "name": name, "in": "query", "required": needed, "schema": schema });
    let kinds = json!({ "type": "string", "enum": model::schema::LINKED_TYPES });
    let mut upload = operation("Uploads a file", "upload", ("201", answer("It is attached.", record())));
    upload["parameters"] =
        json!([query("linked_type", true, kinds), query("linked_id", true, id()), query("filename", false, text())]);
    let form = object(json!({ "file": bytes() }));
    upload["requestBody"] = json!({ "required": true, "content": {
        "multipart/form-data": { "schema": form },
        "application/octet-stream": { "schema": bytes() },
    } });
    put(paths, "/attachments/upload", "post", upload);

    let mut show = operation("Shows an attachment", "show_attachment", ("200", answer("The attachment.", record())));
    show["parameters"] = json!([path_id()]);
    put(paths, "/attachments/{id}", "get", show);
    let mut remove =
        operation("Moves an attachment to the trash", "trash_attachment", ("204", nothing("It lies there.")));
    remove["parameters"] = json!([path_id()]);
    put(paths, "/attachments/{id}", "delete", remove);
    let mut download = operation("Downloads a file", "download", ("200", a_file("The file.")));
    download["responses"]["206"] = a_file("The part of the file that was asked for.");
    download["responses"]["416"] = answer("`no_such_range`: The file has no such range.", reference("error"));
    let about = "Which bytes, as in `bytes=0-1023`; without it, all of them.";
    let range = json!({ "name": "Range", "in": "header", "description": about, "schema": text() });
    download["parameters"] = json!([path_id(), range]);
    put(paths, "/attachments/{id}/download", "get", download);
}

/// Uploads in parts, which go on where they were cut.
fn add_uploads(paths: &mut Map<String, Value>) {
    let state = object(json!({
        "upload_id": text(),
        "part_bytes": whole(),
        "part_count": whole(),
        "missing": { "type": "array", "items": whole() },
        "expires_at": time(),
    }));
    let mut begin =
        operation("Begins an upload in parts", "begin_upload", ("201", answer("It is begun.", state.clone())));
    let checksum = json!({ "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256." });
    let size = json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX });
    begin["requestBody"] = body(object(json!({ "attachment_id": id(), "checksum": checksum, "size_bytes": size })));
    put(paths, "/attachments/uploads", "post", begin);
    let mut show = operation("Says which parts are missing", "show_upload", ("200", answer("The upload.", state)));
    show["parameters"] = json!([path_id()]);
    put(paths, "/attachments/uploads/{id}", "get", show);
    let mut part = operation("Uploads a part", "put_part", ("204", nothing("The relay has it.")));
    let number = json!({ "name": "part", "in": "path", "required": true, "schema": { "type": "integer", "minimum": 0, "maximum": i64::MAX } });
    part["parameters"] = json!([path_id(), number]);
    part["requestBody"] = json!({ "required": true, "content": { "application/octet-stream": { "schema": bytes() } } });
    put(paths, "/attachments/uploads/{id}/parts/{part}", "put", part);
    let done = answer("The file is complete.", reference("attachment"));
    let mut finish = operation("Ends an upload", "finish_upload", ("200", done));
    finish["parameters"] = json!([path_id()]);
    put(paths, "/attachments/uploads/{id}/finish", "post", finish);
}
