//! What is projected, in the words and the JSON in which programs are told of it.

use ::store::{FieldChangeRow, Means};
use model::query::Row;
use model::{DeviceId, Kind, Value as Field, WorkspaceId};
use serde_json::{Map, Value as Json, json};

use crate::domain::api_device;

/// A record with what follows from it.
pub(crate) fn row_json(row: &Row) -> Json {
    let mut out: Map<String, Json> = row.record.to_json();
    let kind = row.record.kind;
    if kind == Kind::Lead {
        out.insert("status".into(), row.status.as_str().into());
        out.insert("stage_entered_at".into(), json!(row.stage_entered_at));
    }
    if matches!(kind, Kind::Lead | Kind::Account | Kind::Contact) {
        out.insert("last_touch_at".into(), json!(row.last_touch_at));
        out.insert("next_task".into(), json!(row.next_task));
    }
    out.into()
}

/// How changes of a device come about that is no installation of the client: the API's, and the relay's own, which
/// writes the directory and where files are.
pub(crate) fn via_of_device(device: DeviceId, workspace: WorkspaceId) -> Option<&'static str> {
    if device == api_device(workspace) {
        return Some(Means::Api.name());
    }
    (device == DeviceId(workspace.0)).then_some("relay")
}

/// A lead's place is told as what moved: its stage, or its card within the stage.
pub(crate) fn field_told(change: &FieldChangeRow) -> (&str, Option<Json>, Option<Json>) {
    let json = |value: &Option<Field>| value.as_ref().map(Field::to_json);
    if change.key != "place" {
        return (&change.key, json(&change.before), json(&change.after));
    }
    let split = |value: &Option<Field>| {
        let (stage, rank) = value.as_ref()?.as_text()?.split_once('|')?;
        Some((stage.to_owned(), rank.to_owned()))
    };
    let (before, after) = (split(&change.before).unzip(), split(&change.after).unzip());
    let text = |text: Option<String>| text.map(Json::from);
    if before.0 == after.0 {
        return ("board_key", text(before.1), text(after.1));
    }
    ("stage", text(before.0), text(after.0))
}
