//! `GET /{resource}/{id}/history`

use std::sync::Arc;

use ::store::{FieldChangeRow, Means, StoreError};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use model::{DeviceId, RecordId, RecordRef};
use serde_json::{Value, json};

use super::asker::{Asker, rest};
use super::failure::no_such_record;
use super::query::{Paging, Pairs, paging};
use super::resource::Resource;
use super::show::named;
use crate::domain::api_device;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::projection::View;
pub(super) use crate::projection::told::field_told;

/// Lists what happened to a record's fields, the newest first; also of one in the trash.
pub(super) async fn list(
    resource: &'static Resource,
    (State(app), _asker): (State<Arc<App>>, Asker),
    Path(id): Path<String>,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let (record, paging) = (named(resource, &id)?, paging(&query?.0)?);
    let api = api_device(app.workspace);
    let found = rest(&app)?.projection.read(move |view| read(view, record, paging, api)).await?;
    Ok(Json(found.ok_or_else(|| no_such_record(resource))?))
}

fn read(view: &View<'_>, record: RecordRef, paging: Paging, api: DeviceId) -> Result<Option<Value>, StoreError> {
    if view.store.record(record.id)?.is_none_or(|found| found.kind != record.kind) {
        return Ok(None);
    }
    let Paging { page, page_size } = paging;
    let mut changes = view.store.field_changes(record, page * page_size + 1)?;
    let more = changes.len() > (page * page_size) as usize;
    changes.truncate((page * page_size) as usize);
    let items = changes.into_iter().skip(((page - 1) * page_size) as usize);
    let items: Vec<Value> = items.map(|change| told(view, &change, api)).collect::<Result<_, _>>()?;
    Ok(Some(json!({ "items": items, "page": page, "page_size": page_size, "more": more })))
}

fn told(view: &View<'_>, change: &FieldChangeRow, api: DeviceId) -> Result<Value, StoreError> {
    let author = view.store.author_of(change.record.id, change.actor)?;
    let entry = view.store.entry_of(change.hash)?;
    let received_at = entry.as_ref().map(|entry| entry.received_at);
    let (user, device) = author.unzip();
    let via = match (device == Some(api), &entry) {
        (true, _) => Means::Api,
        (false, Some(entry)) => view.store.means_of(entry.command, entry.log_seq)?,
        (false, None) => Means::App,
    };
    let via = via.name();
    let name = |id: Option<RecordId>| -> Result<Option<String>, StoreError> {
        let found = id.map(|id| view.store.record(id)).transpose()?.flatten();
        Ok(found.map(|record| record.display_name()))
    };
    let (field, before, after) = field_told(change);
    Ok(json!({
        "field": field,
        "before": before,
        "after": after,
        "created": change.created,
        "changed_at": change.at,
        "received_at": received_at,
        "user_id": user,
        "user_name": name(user.map(model::UserId::record))?,
        "device_id": device,
        "device_name": name(device.map(DeviceId::record))?,
        "via": via,
        "stage_seconds": stage_seconds(view, change)?,
        "change": change.hash.to_string(),
    }))
}

/// How long a lead had been in the stage that this change took it from, by its authors' clocks.
pub(super) fn stage_seconds(view: &View<'_>, change: &FieldChangeRow) -> Result<Option<i64>, StoreError> {
    if change.key != "place" || change.created || field_told(change).0 != "stage" {
        return Ok(None);
    }
    let entered = view.store.stage_entered_before(change.record.id, change.at)?;
    Ok(entered.map(|entered| change.at.millis_since(entered) / 1_000))
}
