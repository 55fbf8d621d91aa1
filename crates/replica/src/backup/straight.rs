//! A record's history as a backup tells it.

use interchange::backup::{Happening, straightened};
use model::{Kind, Record, Value};

use crate::replica::{Replica, ReplicaError};
use crate::view;

impl Replica {
    /// What happened to a record, in a row. The record's last change becomes the last of the row.
    pub(super) fn straight_history(&self, record: &mut Record) -> Result<Vec<Happening>, ReplicaError> {
        let Some(stored) = self.store.document(record.id)? else { return Ok(Vec::new()) };
        let Some(document) = view::load_view(&stored)? else { return Ok(Vec::new()) };
        let mut happenings = Vec::new();
        // The settings' first change is the same everywhere.
        for entry in document.history().into_iter().filter(|entry| !entry.created || record.kind != Kind::Settings) {
            happenings.push(Happening {
                at: entry.at,
                by: self.store.author_of(record.id, entry.actor)?,
                created: entry.created,
                fields: entry.changes.into_iter().map(|change| (change.key, change.after)).collect(),
            });
        }
        let row = match record.kind {
            Kind::Settings => beyond_the_defaults(happenings, record),
            _ => straightened(happenings, record),
        };
        if let Some(latest) = row.iter().map(|step| step.at).max() {
            record.fields.insert("updated_at".into(), Value::Time(latest));
        }
        Ok(row)
    }
}

/// The settings' row goes on from what every workspace begins with.
fn beyond_the_defaults(mut happenings: Vec<Happening>, record: &Record) -> Vec<Happening> {
    let fields = model::settings::default_fields().into_iter().map(|(key, value)| (key, Some(value))).collect();
    let beginning = Happening { at: model::Timestamp::default(), by: None, created: true, fields };
    happenings.insert(0, beginning);
    straightened(happenings, record).split_off(1)
}
