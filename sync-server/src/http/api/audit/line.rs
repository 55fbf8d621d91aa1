//! One line: a field that changed, or something else that was done.

use std::collections::BTreeMap;

use ::store::{AcceptedChange, FieldChangeRow, StoreError};
use model::{DeviceId, Kind, RecordId, Timestamp, UserId, Value as Field};
use serde_json::{Map, Value, json};

use crate::audit::AuditEntry;
use crate::http::api::history::{field_told, stage_seconds};
use crate::projection::View;

/// A line of the audit log, as JSON and CSV show it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) id: String,
    /// By the relay's clock.
    pub(super) at: Timestamp,
    /// By the author's clock.
    pub(super) claimed_at: Option<Timestamp>,
    pub(super) action: String,
    pub(super) user: Named,
    pub(super) device: Named,
    pub(super) via: &'static str,
    pub(super) kind: Option<Kind>,
    pub(super) record: Named,
    pub(super) field: Option<String>,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
    pub(super) stage_seconds: Option<i64>,
    pub(super) address: Option<String>,
    pub(super) detail: Map<String, Value>,
}

/// Something with its name, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) id: Option<RecordId>,
    pub(super) name: Option<String>,
}

impl Line {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "at": self.at,
            "claimed_at": self.claimed_at,
            "action": self.action,
            "user_id": self.user.id,
            "user_name": self.user.name,
            "device_id": self.device.id,
            "device_name": self.device.name,
            "via": self.via,
            "kind": self.kind.map(Kind::name),
            "record_id": self.record.id,
            "record_name": self.record.name,
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "stage_seconds": self.stage_seconds,
            "address": self.address,
            "detail": self.detail,
        })
    }
}

/// What things are called, looked up once for each page.
pub(super) struct Names<'a> {
    view: &'a View<'a>,
    known: BTreeMap<RecordId, Option<(Kind, String)>>,
}

impl<'a> Names<'a> {
    pub(super) const fn new(view: &'a View<'a>) -> Self {
        Self { view, known: BTreeMap::new() }
    }

    fn look_up(&mut self, id: RecordId) -> Result<Option<(Kind, String)>, StoreError> {
        if let Some(found) = self.known.get(&id) {
            return Ok(found.clone());
        }
        let found = self.view.store.record(id)?.map(|record| (record.kind, record.display_name()));
        self.known.insert(id, found.clone());
        Ok(found)
    }

    fn named(&mut self, id: Option<RecordId>) -> Result<Named, StoreError> {
        let name = id.map(|id| self.look_up(id)).transpose()?.flatten().map(|(_, name)| name);
        Ok(Named { id, name })
    }

    /// Tells a field of an accepted change.
    pub(super) fn change(
        &mut self,
        change: &AcceptedChange,
        row: &FieldChangeRow,
        via: &'static str,
    ) -> Result<Line, StoreError> {
        let (field, before, after) = field_told(row);
        Ok(Line {
            id: format!("{}/{}", change.log_seq, row.key),
            at: change.received_at,
            claimed_at: Some(row.at),
            action: action_of(row).to_owned(),
            user: self.named(Some(change.user.record()))?,
            device: self.named(Some(change.device.record()))?,
            via,
            kind: Some(row.record.kind),
            record: self.named(Some(row.record.id))?,
            field: Some(field.to_owned()),
            before,
            after,
            stage_seconds: stage_seconds(self.view, row)?,
            address: None,
            detail: Map::new(),
        })
    }

    /// Tells an entry of the audit log.
    pub(super) fn event(&mut self, entry: AuditEntry) -> Result<Line, StoreError> {
        let subject = entry.subject.map(|id| self.look_up(id)).transpose()?.flatten();
        let (kind, name) = subject.unzip();
        let mut detail = entry.detail;
        let (before, after) = (detail.remove("before"), detail.remove("after"));
        Ok(Line {
            id: format!("relay/{}", entry.seq),
            at: entry.at,
            claimed_at: None,
            action: entry.action,
            user: self.named(entry.by.map(UserId::record))?,
            device: self.named(entry.device.map(DeviceId::record))?,
            via: "relay",
            kind,
            record: Named { id: entry.subject, name },
            field: None,
            before,
            after,
            stage_seconds: None,
            address: entry.address,
            detail,
        })
    }
}

/// What a change of a field amounts to.
pub(super) fn action_of(row: &FieldChangeRow) -> &'static str {
    let is = |value: &Option<Field>| value.is_some();
    match row.key.as_str() {
        _ if row.created => "created",
        "deleted_at" if is(&row.after) => "trashed",
        "deleted_at" => "restored",
        "place" if field_told(row).0 == "stage" => "moved",
        _ => "changed",
    }
}
