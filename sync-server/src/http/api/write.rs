//! What all writes share: references are looked up, the core does it, the record is shown as it stands then.

use std::sync::Arc;

use ::store::StoreError;
use model::input::InputContext;
use model::schema::FieldType;
use model::{Kind, Record, RecordId, RecordRef, Value};

use super::asker::{Asker, rest};
use super::failure::{field as problem, invalid_fields, no_such_record, refused, unknown_reference};
use super::normal::normalised;
use super::resource::Resource;
use super::show::read;
use super::view::Shown;
use crate::domain::{Act, FieldPatch, Patch};
use crate::http::app::App;
use crate::http::error::{ApiError, FieldError};
use crate::projection::View;

/// Does it and shows the record.
pub(super) async fn act(resource: &Resource, app: &Arc<App>, asker: &Asker, act: Act) -> Result<Shown, ApiError> {
    let acted = app.hub.act(asker.user, asker.role_now(app), act).await.map_err(|error| refused(resource, error))?;
    read(app, acted.record, asker).await?.ok_or_else(|| no_such_record(resource))
}

/// Writes addresses down as forms do, looks up what a patch refers to, and the rank of the card on top of the column that a lead goes to.
///
/// Records are never removed, so what exists now exists at the commit.
pub(super) async fn prepare(app: &App, record: RecordRef, patch: Patch) -> Result<(Patch, Option<String>), ApiError> {
    let work = move |view: &View<'_>| {
        let patch = match normalised(record.kind, patch, &InputContext::new(view.settings, view.now)) {
            Ok(patch) => patch,
            Err(problems) => return Ok(Err(invalid_fields(problems))),
        };
        let unknown = unknown_in(view, record, &patch)?;
        let below = top_of_column(view, record.kind, &patch)?;
        Ok(if unknown.is_empty() { Ok((patch, below)) } else { Err(unknown_reference(unknown)) })
    };
    rest(app)?.projection.read(work).await?
}

fn top_of_column(view: &View<'_>, kind: Kind, patch: &Patch) -> Result<Option<String>, StoreError> {
    if kind != Kind::Lead {
        return Ok(None);
    }
    let named = text_in(patch, "stage");
    let first = view.settings.first_stage(model::StageKind::Open).map(|stage| stage.id.as_str());
    match named.or(first) {
        Some(stage) => Ok(view.store.ranks_around(stage, None)?.1),
        None => Ok(None),
    }
}

fn unknown_in(view: &View<'_>, record: RecordRef, patch: &Patch) -> Result<Vec<FieldError>, StoreError> {
    let mut unknown = Vec::new();
    for (key, said) in patch {
        let of = record.kind.field(key).map(|field| field.of);
        match (of, said) {
            (Some(FieldType::Link(kind)), FieldPatch::Value(Some(Value::Id(id)))) => {
                unknown.extend(missing(view, key, kind, *id)?);
            }
            (None, FieldPatch::Members(members)) if key == "contacts" => {
                for id in members.keys().filter_map(|id| id.parse().ok()) {
                    unknown.extend(missing(view, key, Kind::Contact, id)?);
                }
            }
            _ => {}
        }
    }
    unknown.extend(unknown_link(view, record, patch)?);
    Ok(unknown)
}

/// `linked_type` and `linked_id` go together, whichever of them is written.
fn unknown_link(view: &View<'_>, record: RecordRef, patch: &Patch) -> Result<Option<FieldError>, StoreError> {
    if !patch.contains_key("linked_id") && !patch.contains_key("linked_type") {
        return Ok(None);
    }
    let current = view.store.record(record.id)?.unwrap_or_else(|| Record::new(record.kind, record.id));
    let kind = text_in(patch, "linked_type").unwrap_or_else(|| current.text("linked_type")).parse::<Kind>();
    let id = match patch.get("linked_id") {
        Some(FieldPatch::Value(Some(Value::Id(id)))) => Some(*id),
        _ => current.link("linked_id"),
    };
    match (kind, id) {
        (Ok(kind), Some(id)) => missing(view, "linked_id", kind, id),
        // One of them is missing, which is for the checks of required fields to say.
        _ => Ok(None),
    }
}

fn missing(view: &View<'_>, key: &str, kind: Kind, id: RecordId) -> Result<Option<FieldError>, StoreError> {
    let found = view.store.record(id)?.filter(|record| record.kind == kind && record.get("disabled_at").is_none());
    let detail = || problem(key, "unknown_reference", format!("there is no such {kind}"));
    Ok(if found.is_some() { None } else { Some(detail()) })
}

fn text_in<'a>(patch: &'a Patch, key: &str) -> Option<&'a str> {
    match patch.get(key) {
        Some(FieldPatch::Value(Some(value))) => value.as_text(),
        _ => None,
    }
}
