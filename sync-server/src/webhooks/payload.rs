//! What a webhook is sent: small JSON with a version, that says what happened and what the record is like now.

use ::store::{AcceptedChange, StoreError};
use model::{RecordId, Timestamp, UserId, WorkspaceId};
use serde_json::{Map, Value, json};

use super::event::{is_told, name_for};
use super::log::Delivery;
use crate::access::Webhook;
use crate::projection::View;
use crate::projection::told::{field_told, row_json, via_of_device};

/// The form of what is sent. It rises only when something that is there becomes something else.
const VERSION: u32 = 1;

/// The next thing in the log that a webhook is to be told, and how far the log was looked through.
pub(super) struct Ahead {
    pub(super) found: Option<(AcceptedChange, String)>,
    pub(super) up_to: u64,
    pub(super) more: bool,
}

/// Looks along the log for what a webhook asks for.
pub(super) fn look_ahead(view: &View<'_>, after: u64, webhook: &Webhook) -> Result<Ahead, StoreError> {
    let named = |change: &AcceptedChange| name_for(&webhook.events, change, view.settings);
    let next = view.store.next_accepted(after, &mut |change| named(change).is_some())?;
    let found = next.found.and_then(|change| named(&change).map(|name| (change, name)));
    Ok(Ahead { found, up_to: next.up_to, more: next.more })
}

/// Writes what a delivery sends; `None` when the log does not hold any more what it tells of.
pub(super) fn body_of(
    view: &View<'_>,
    delivery: &Delivery,
    workspace: WorkspaceId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let told = match delivery.log_seq {
        None => Some(Told::of_test(delivery)),
        Some(seq) => Told::of_entry(view, seq, workspace)?,
    };
    let Some(told) = told else { return Ok(None) };
    let user = told.user.map(|user| named(view, user)).transpose()?;
    let body = json!({
        "version": VERSION,
        "id": delivery.event_id,
        "type": delivery.event,
        "at": told.at,
        "workspace": workspace,
        "record": told.record,
        "changed": told.changed,
        "actor": { "user": user, "via": told.via },
    });
    Ok(Some(body.to_string().into_bytes()))
}

/// What there is to tell of an event.
struct Told {
    at: Timestamp,
    record: Value,
    changed: Map<String, Value>,
    user: Option<UserId>,
    via: &'static str,
}

impl Told {
    fn of_test(delivery: &Delivery) -> Self {
        let (record, changed) = (Value::Null, Map::new());
        Self { at: delivery.created_at, record, changed, user: delivery.asked_by, via: "api" }
    }

    fn of_entry(view: &View<'_>, seq: u64, workspace: WorkspaceId) -> Result<Option<Self>, StoreError> {
        let next = view.store.next_accepted(seq.saturating_sub(1), &mut |_| true)?;
        let Some(change) = next.found.filter(|change| change.log_seq == seq) else { return Ok(None) };
        let Some(reference) = change.fields.first().map(|row| row.record) else { return Ok(None) };
        let row = view.store.row(reference, &view.context(change.user))?;
        let via = match via_of_device(change.device, workspace) {
            Some(via) => via,
            None => view.store.means_of(change.command, seq)?.name(),
        };
        Ok(Some(Self {
            at: change.received_at,
            record: row.as_ref().map_or(Value::Null, row_json),
            changed: changed(&change),
            user: Some(change.user),
            via,
        }))
    }
}

/// Each field that changed, as histories name it.
fn changed(change: &AcceptedChange) -> Map<String, Value> {
    let told = change.fields.iter().filter(|row| is_told(&row.key)).map(|row| {
        let (field, before, after) = field_told(row);
        (field.to_owned(), json!({ "before": before, "after": after }))
    });
    told.collect()
}

fn named(view: &View<'_>, user: UserId) -> Result<Value, StoreError> {
    let id: RecordId = user.record();
    let name = view.store.record(id)?.map(|record| record.display_name());
    Ok(json!({ "id": id, "name": name }))
}
