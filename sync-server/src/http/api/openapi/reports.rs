//! Reports in the OpenAPI document.

use model::report::{Name, Question};
use serde_json::{Map, Value, json};

use super::{answer, id, object, operation, parameter, put, text, whole};
use crate::http::api::reports::FORMAT;

/// Adds the operation.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let report = object(json!({
        "report": { "type": "string", "enum": names() },
        "parameters": { "type": "object", "description": "What was asked; what is as usual is left out." },
        "from": { "type": "string", "format": "date" },
        "to": { "type": "string", "format": "date" },
        "today": { "type": "string", "format": "date", "description": "The workspace's day." },
        "figures": {
            "type": "object",
            "description": "Money in cents, shares as part and whole, days in tenths; what is not known is null.",
        },
        "unread_histories": whole(),
    }));
    let mut shown = answer("The figures.", report);
    shown["content"]["text/csv"] = json!({ "schema": text() });
    shown["content"]["application/pdf"] = json!({});
    let mut show = operation("Shows a report", "show_report", ("200", shown));
    show["description"] =
        "The figures that every client shows. `GET /leads?figure=…` lists what a figure counts.".into();
    let name =
        json!({ "name": "name", "in": "path", "required": true, "schema": { "type": "string", "enum": names() } });
    let mut parameters = vec![name];
    parameters.extend(Question::PARAMETERS.map(|name| {
        let (about, schema) = described(name);
        parameter(name, about, schema)
    }));
    let about = "`csv` for spreadsheets, `pdf` for paper.";
    parameters.push(parameter(
        FORMAT,
        about,
        json!({ "type": "string", "enum": ["json", "csv", "pdf"], "default": "json" }),
    ));
    show["parameters"] = parameters.into();
    put(paths, "/reports/{name}", "get", show);
}

fn names() -> Vec<&'static str> {
    Name::ALL.map(Name::word).to_vec()
}

fn described(name: &str) -> (&'static str, Value) {
    let flag = || json!({ "type": "boolean", "default": false });
    match name {
        "period" => {
            let about = "Which days: `this_` or `last_` and `month`, `quarter` or `year`, or days as in \
                         `2026-01-01..2026-03-31`, from 1970 to 2199. Reports of the present don't look at it.";
            (about, json!({ "type": "string", "format": "period", "default": "this_month" }))
        }
        "as_of" => ("The pipeline as it stood at the end of this day.", json!({ "type": "string", "format": "date" })),
        "owner_id" => ("Only this person's; `me` is who asks.", json!({ "anyOf": [id(), { "const": "me" }] })),
        "source" => ("Only leads from this source; `(none)` is leads without one.", text()),
        "tag" => ("Only leads with this tag.", text()),
        "archived" => ("The archive counts too.", flag()),
        "as_closed" => ("Values as they stood at the close.", flag()),
        _ => ("Imports count in the leaderboard too.", flag()),
    }
}
