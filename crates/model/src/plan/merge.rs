//! Making several records one (PRODUCT 10, Merge).
//!
//! The oldest record stays. That is a rule and no choice: two devices that merge the same records at the same time
//! then point the same way, and never at each other.

use std::collections::BTreeSet;

use super::{Circumstances, Planned, allowed, count};
use crate::action::{Edit, Label};
use crate::app::Trouble;
use crate::schema::{FieldType, NOTE_MAX_BYTES};
use crate::value::FieldChanges;
use crate::{Kind, Record, RecordId, RecordRef, Value};

/// Most records that are merged in one step.
pub const RECORDS_MAX: usize = 5;
/// Most records that hang on those that go.
pub const HANGING_MAX: usize = 5_000;

/// Fields that are not passed on from one record to the other: they tell of the record itself.
const OWN: [&str; 17] = [
    "closed_on",
    "closed_value_cents",
    "lost_reason",
    "lost_note",
    "competitor",
    "owner_id",
    "created_at",
    "updated_at",
    "deleted_at",
    "archived_at",
    "merged_into",
    "import_ref",
    "sample",
    "place",
    "probability",
    "probability_pinned",
    "distinct",
];

/// What tells how a lead was closed.
const CLOSE: [&str; 5] = ["closed_on", "closed_value_cents", "lost_reason", "lost_note", "competitor"];

/// Whether a field tells of the record itself, so that neither a merge nor a copy takes it over.
pub fn is_own(key: &str) -> bool {
    OWN.contains(&key)
}

/// Whether records of this kind can be merged.
pub const fn can_merge(kind: Kind) -> bool {
    matches!(kind, Kind::Account | Kind::Contact | Kind::Lead)
}

/// Whether a person picks this field's value when records are merged. Sets are united, and what tells of the record
/// itself stays.
pub fn is_picked(kind: Kind, key: &str) -> bool {
    let is_set = |of: FieldType| of.has_members();
    kind.fields().iter().any(|field| field.key == key && !is_set(field.of) && !field.root_only)
        && (!is_own(key) || matches!(key, "owner_id" | "place"))
}

/// The records in the order of their ids, the one that stays first; those that go behind it.
pub fn in_order(records: &[RecordRef]) -> Vec<RecordRef> {
    let ordered: BTreeSet<RecordRef> = records.iter().copied().collect();
    ordered.into_iter().collect()
}

impl Circumstances<'_> {
    pub(super) fn merge(&self, records: &[RecordRef], picked: FieldChanges) -> Result<Planned, Trouble> {
        let (stays, going) = self.mergeable(records)?;
        let picked = self.with_stage(stays, &going, picked);
        let passed_on = self.checked(stays, united(stays, &going, picked))?;
        let mut edits = Vec::new();
        if !passed_on.is_empty() {
            edits.push(set(stays.reference(), passed_on));
        }
        for record in &going {
            let to = FieldChanges::from([("merged_into".to_owned(), Some(stays.id.into()))]);
            edits.push(set(record.reference(), self.checked(record, to)?));
        }
        let gone: BTreeSet<RecordId> = going.iter().map(|record| record.id).collect();
        for child in self.hanging {
            let moved = relinked(child, &gone, stays.id);
            if !moved.is_empty() {
                edits.push(set(child.reference(), self.checked(child, moved)?));
            }
        }
        Ok(Planned { label: Label::Merged(stays.kind, count(records.len())), edits })
    }

    /// The record that stays and those that go.
    fn mergeable(&self, records: &[RecordRef]) -> Result<(&Record, Vec<&Record>), Trouble> {
        let ordered = in_order(records);
        let kind = ordered.first().map_or(Kind::Settings, |record| record.kind);
        if ordered.len() < 2 || !can_merge(kind) || ordered.iter().any(|record| record.kind != kind) {
            return Err(Trouble::NotAllowed("choose at least two records of one kind".into()));
        }
        if ordered.len() > RECORDS_MAX {
            return Err(Trouble::NotAllowed(format!("at most {RECORDS_MAX} records can be merged at once")));
        }
        if self.hanging.len() > HANGING_MAX {
            return Err(Trouble::NotAllowed(format!(
                "more than {HANGING_MAX} records would move; merge fewer at once"
            )));
        }
        let found = ordered.iter().map(|record| self.editable(*record)).collect::<Result<Vec<_>, _>>()?;
        if found.iter().any(|record| record.is_deleted() || record.link("merged_into").is_some()) {
            return Err(Trouble::NotAllowed("one of the records lies in the trash or was merged already".into()));
        }
        let (first, rest) = found.split_first().ok_or(Trouble::NotHere)?;
        Ok((first, rest.to_vec()))
    }

    /// A stage that was picked brings the close of the lead it was picked from.
    fn with_stage(&self, stays: &Record, going: &[&Record], picked: FieldChanges) -> FieldChanges {
        let stage = picked.get("stage").and_then(Option::as_ref).and_then(Value::as_text).unwrap_or("").to_owned();
        let mut fields = self.with_consequences(stays, picked);
        if let Some(from) = going.iter().find(|record| !stage.is_empty() && record.place().0 == stage) {
            for key in CLOSE {
                if let Some(value) = from.get(key) {
                    fields.insert(key.to_owned(), Some(value.clone()));
                }
            }
        }
        fields
    }

    pub(super) fn keep_apart(&self, records: &[RecordRef]) -> Result<Planned, Trouble> {
        let ordered = in_order(records);
        let mut edits = Vec::new();
        for record in &ordered {
            let current = self.here(*record)?;
            let others = ordered.iter().filter(|other| *other != record);
            let fields: FieldChanges = others.map(|other| (distinct_key(other.id), Some(true.into()))).collect();
            // One side is enough to tell: what belongs to somebody else is left alone.
            if allowed(self.actor.may_edit(current.kind, current.owner())).is_ok() {
                edits.push(set(*record, self.checked(current, fields)?));
            }
        }
        match edits.is_empty() {
            true => Err(Trouble::NotAllowed("these records belong to others".into())),
            false => Ok(Planned { label: Label::KeptApart(count(ordered.len())), edits }),
        }
    }
}

/// The key that says that a record only looks like this other one.
pub fn distinct_key(other: RecordId) -> String {
    format!("distinct/{other}")
}

fn set(record: RecordRef, fields: FieldChanges) -> Edit {
    Edit::Set { record, base_heads: Vec::new(), fields }
}

/// What the record that stays gets: what was picked, what it lacks, the members of all sets, all notes, and every
/// address and number that was not picked.
fn united(stays: &Record, going: &[&Record], picked: FieldChanges) -> FieldChanges {
    let mut fields = picked;
    for record in going {
        for (key, value) in &record.fields {
            let Some(field) = stays.kind.field(key) else { continue };
            let own = is_own(field.key) || field.root_only;
            if !own && is_blank(stays.get(key)) && !is_blank(Some(value)) {
                fields.entry(key.clone()).or_insert_with(|| Some(value.clone()));
            }
        }
    }
    unite_notes(stays, going, &mut fields);
    for (single, all) in [("email", "emails"), ("phone", "phones")] {
        keep_addresses(stays, going, (single, all), &mut fields);
    }
    // Itself among its contacts' or lookalikes' ids would be nonsense.
    fields.retain(|key, value| key != &distinct_key(stays.id) && stays.get(key) != value.as_ref());
    fields
}

fn is_blank(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.as_text().is_some_and(|text| text.trim().is_empty()))
}

fn unite_notes(stays: &Record, going: &[&Record], fields: &mut FieldChanges) {
    let notes = going.iter().map(|record| record.text("notes").trim()).filter(|note| !note.is_empty());
    let mut all = stays.text("notes").trim().to_owned();
    let own_length = all.len();
    for note in notes {
        if !all.contains(note) && all.len() + note.len() + 2 <= NOTE_MAX_BYTES {
            if !all.is_empty() {
                all.push_str("\n\n");
            }
            all.push_str(note);
        }
    }
    if all.len() > own_length {
        fields.insert("notes".to_owned(), Some(Value::Text(all)));
    }
}

/// Addresses that were not picked stay among the others.
fn keep_addresses(stays: &Record, going: &[&Record], (single, all): (&str, &str), fields: &mut FieldChanges) {
    if stays.kind.field(&format!("{all}/x")).is_none() {
        return;
    }
    let kept = match fields.get(single) {
        Some(value) => value.as_ref().and_then(Value::as_text).unwrap_or("").to_owned(),
        None => stays.text(single).to_owned(),
    };
    let each = std::iter::once(stays).chain(going.iter().copied()).map(|record| record.text(single));
    for address in each.filter(|address| !address.is_empty() && *address != kept) {
        let key = format!("{all}/{address}");
        let fits = crate::schema::check_field(stays.kind, &key, &"Other".into()).is_ok();
        if fits && stays.get(&key).is_none() {
            fields.entry(key).or_insert_with(|| Some("Other".into()));
        }
    }
}

/// What changes in a record that hangs on one that goes.
fn relinked(child: &Record, gone: &BTreeSet<RecordId>, stays: RecordId) -> FieldChanges {
    let mut moved = FieldChanges::new();
    for (key, value) in &child.fields {
        let Some(field) = child.kind.field(key) else { continue };
        match (field.of, value) {
            (FieldType::Link(_) | FieldType::LinkedId, Value::Id(id))
                if gone.contains(id) && !field.root_only && field.key != "merged_into" =>
            {
                moved.insert(key.clone(), Some(stays.into()));
            }
            (FieldType::Labels, role) if field.key == "contacts" => {
                let listed: Option<RecordId> = key.split_once('/').and_then(|(_, id)| id.parse().ok());
                if listed.is_some_and(|id| gone.contains(&id)) {
                    moved.insert(key.clone(), None);
                    let to = format!("contacts/{stays}");
                    if child.get(&to).is_none() {
                        moved.insert(to, Some(role.clone()));
                    }
                }
            }
            _ => {}
        }
    }
    moved
}
