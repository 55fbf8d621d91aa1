//! Records that were merged away. What is linked to one, by somebody who did not know, shows at the one that stayed:
//! in tables, in lists and at its page. The records themselves keep the link they were given.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::schema::FieldType;
use model::{Fields, Kind, Record, RecordId, RecordRef, Value};

use crate::codec::get;
use crate::error::StoreError;
use crate::lookups::links_to;
use crate::store::{Reader, Tx};

/// Merged records in a row that are followed; more come only from changes that nobody makes by hand.
const STEPS_MAX: usize = 16;
/// The kinds that can be merged.
const MERGEABLE: [Kind; 3] = [Kind::Account, Kind::Contact, Kind::Lead];
/// The kinds that hang on others.
const LINKING: [Kind; 5] = [Kind::Contact, Kind::Lead, Kind::Activity, Kind::Task, Kind::Attachment];

/// Where each merged record went.
pub(crate) type Merged = BTreeMap<RecordId, RecordId>;

impl Reader {
    /// The record that stands for this one: itself, or what it was merged into. Of records that were merged in a circle,
    /// which nobody does by hand, it is the oldest.
    pub(crate) fn survivor(&self, id: RecordId) -> Result<RecordId, StoreError> {
        self.know_merged()?;
        let merged = self.merged.borrow();
        let next = |id: &RecordId| merged.as_ref().and_then(|merged| merged.get(id)).copied();
        let mut way = vec![id];
        let mut here = id;
        while let Some(to) = next(&here).filter(|_| way.len() < STEPS_MAX) {
            if let Some(start) = way.iter().position(|seen| *seen == to) {
                return Ok(way[start..].iter().copied().min().unwrap_or(to));
            }
            way.push(to);
            here = to;
        }
        Ok(here)
    }

    /// Reads which records were merged, if that has not happened yet.
    fn know_merged(&self) -> Result<(), StoreError> {
        if self.merged.borrow().is_some() {
            return Ok(());
        }
        let mut merged = Merged::new();
        for kind in MERGEABLE {
            let sql = format!("SELECT id, merged_into FROM {kind} WHERE merged_into IS NOT NULL");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let pairs = statement.query_map([], |row| Ok((get(row, 0)?, get(row, 1)?)))?;
            merged.extend(pairs.collect::<Result<Vec<(RecordId, RecordId)>, _>>()?);
        }
        *self.merged.borrow_mut() = Some(merged);
        Ok(())
    }

    /// The record with its links to what stayed of the records they name.
    pub(crate) fn followed<'r>(&self, record: &'r Record) -> Result<Cow<'r, Record>, StoreError> {
        self.know_merged()?;
        let nobody = self.merged.borrow().as_ref().is_none_or(Merged::is_empty);
        if nobody || !LINKING.contains(&record.kind) {
            return Ok(Cow::Borrowed(record));
        }
        let mut moved: Vec<(String, String, Value)> = Vec::new();
        for (key, value) in &record.fields {
            let Some(field) = record.kind.field(key) else { continue };
            match (field.of, value) {
                (FieldType::Link(of), Value::Id(id)) if MERGEABLE.contains(&of) && key != "merged_into" => {
                    moved.push((key.clone(), key.clone(), self.survivor(*id)?.into()));
                }
                (FieldType::LinkedId, Value::Id(id)) => {
                    moved.push((key.clone(), key.clone(), self.survivor(*id)?.into()));
                }
                (FieldType::Labels, role) if field.key == "contacts" => {
                    let Some(id) = key.strip_prefix("contacts/").and_then(|id| id.parse().ok()) else { continue };
                    moved.push((key.clone(), format!("contacts/{}", self.survivor(id)?), role.clone()));
                }
                _ => {}
            }
        }
        moved.retain(|(key, to, value)| key != to || record.get(key) != Some(value));
        if moved.is_empty() {
            return Ok(Cow::Borrowed(record));
        }
        Ok(Cow::Owned(Record { fields: with_moved(&record.fields, moved), ..*record }))
    }
}

fn with_moved(fields: &Fields, moved: Vec<(String, String, Value)>) -> Fields {
    let mut fields = fields.clone();
    for (key, to, value) in moved {
        if key == to {
            fields.insert(to, value);
        } else {
            fields.remove(&key);
            // What the one that stayed is to the lead already counts.
            fields.entry(to).or_insert(value);
        }
    }
    fields
}

impl Tx<'_> {
    /// Notes where a record that is being written was merged into, and lets what is linked to it follow.
    pub(crate) fn follow_merge(&mut self, record: RecordRef, into: Option<RecordId>) -> Result<(), StoreError> {
        if !MERGEABLE.contains(&record.kind) {
            return Ok(());
        }
        self.know_merged()?;
        let before = self.survivor(record.id)?;
        let changed = match (self.merged.borrow_mut().as_mut(), into) {
            (Some(merged), Some(into)) => merged.insert(record.id, into) != Some(into),
            (Some(merged), None) => merged.remove(&record.id).is_some(),
            (None, _) => false,
        };
        if !changed {
            return Ok(());
        }
        let after = self.survivor(record.id)?;
        let ends: BTreeSet<RecordId> = [record.id, before, after].into();
        let mut linked: BTreeSet<RecordId> = BTreeSet::new();
        for id in &ends {
            linked.extend(self.ids_linked_to(RecordRef::new(record.kind, *id))?);
        }
        for id in linked {
            self.relink(id)?;
        }
        self.stale.borrow_mut().extend(ends);
        Ok(())
    }

    /// Writes a record's columns and members again, with its links as they lead now.
    fn relink(&mut self, id: RecordId) -> Result<(), StoreError> {
        let (Some(record), Some((n, _))) = (self.record(id)?, self.row_number(id)?) else { return Ok(()) };
        self.put_kind_row(&record, n, None)?;
        self.put_members(&record, n, true)?;
        self.mark_stale(&record, true)?;
        self.refresh_corpus(record.reference(), n)
    }

    fn ids_linked_to(&self, record: RecordRef) -> Result<Vec<RecordId>, StoreError> {
        let mut found = Vec::new();
        for (kind, condition) in links_to(record.kind) {
            let sql = format!("SELECT t.id FROM {kind} t WHERE {condition}");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let marks = rusqlite::params![record.id.as_bytes(), record.id.to_string()];
            let marks = &marks[..statement.parameter_count()];
            let ids = statement.query_map(marks, |row| get(row, 0))?;
            found.extend(ids.collect::<Result<Vec<RecordId>, _>>()?);
        }
        Ok(found)
    }
}
