//! The part of the document about attachments.

use serde_json::{Map, Value, json};

use super::{answer, body, nothing, object, operation, path_id, put, text, whole};
use crate::http::api::schema::{id, time};

/// Adds the operations.
pub(super) fn add(paths: &mut Map<String, Value>) {
    add_whole_files(paths);
    add_uploads(paths);
}

fn add_whole_files(paths: &mut Map<String, Value>) {
    let record = || json!({ "type": "object", "description": "The attachment, and where its file is." });
    let query = |name: &str, needed: bool, schema: Value| json!({ "name": name, "in": "query", "required": needed, "schema": schema });
    let kinds = json!({ "type": "string", "enum": model::schema::LINKED_TYPES });
    let mut upload = operation("Uploads a file", "upload", ("201", answer("It is attached.", record())));
    upload["parameters"] =
        json!([query("linked_type", true, kinds), query("linked_id", true, id()), query("filename", false, text())]);
    let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
    let form = json!({ "type": "object", "properties": { "file": file }, "required": ["file"] });
    upload["requestBody"] = json!({ "required": true, "content": {
        "multipart/form-data": { "schema": form },
        "application/octet-stream": {},
    } });
    put(paths, "/attachments/upload", "post", upload);

    let mut show = operation("Shows an attachment", "show_attachment", ("200", answer("The attachment.", record())));
    show["parameters"] = json!([path_id()]);
    put(paths, "/attachments/{id}", "get", show);
    let mut remove =
        operation("Moves an attachment to the trash", "trash_attachment", ("204", nothing("It lies there.")));
    remove["parameters"] = json!([path_id()]);
    put(paths, "/attachments/{id}", "delete", remove);
    let bytes = json!({ "description": "The file.", "content": { "application/octet-stream": {} } });
    let mut download = operation("Downloads a file", "download", ("200", bytes.clone()));
    download["responses"]["206"] = bytes;
    download["responses"]["416"] = nothing("The file has no such range.");
    download["parameters"] = json!([path_id()]);
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
    begin["requestBody"] = body(object(json!({ "attachment_id": id(), "checksum": text(), "size_bytes": whole() })));
    put(paths, "/attachments/uploads", "post", begin);
    let mut show = operation("Says which parts are missing", "show_upload", ("200", answer("The upload.", state)));
    show["parameters"] = json!([path_id()]);
    put(paths, "/attachments/uploads/{id}", "get", show);
    let mut part = operation("Uploads a part", "put_part", ("204", nothing("The relay has it.")));
    let number =
        json!({ "name": "part", "in": "path", "required": true, "schema": { "type": "integer", "minimum": 0 } });
    part["parameters"] = json!([path_id(), number]);
    part["requestBody"] = json!({ "required": true, "content": { "application/octet-stream": {} } });
    put(paths, "/attachments/uploads/{id}/parts/{part}", "put", part);
    let done = answer("The file is complete.", json!({ "type": "object" }));
    let mut finish = operation("Ends an upload", "finish_upload", ("200", done));
    finish["parameters"] = json!([path_id()]);
    put(paths, "/attachments/uploads/{id}/finish", "post", finish);
}
