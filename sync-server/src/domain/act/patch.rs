//! What a request says about fields, and what that comes to for a record as it stands.

use std::collections::BTreeMap;

use model::{FieldChanges, Fields, Record, Value};

/// What is said about fields, by the key of the schema; a lead's `stage` stands for its place.
pub type Patch = BTreeMap<String, FieldPatch>;

/// What is said about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldPatch {
    /// It gets this value, or none.
    Value(Option<Value>),
    /// Its members are these and no others.
    Members(BTreeMap<String, Value>),
    /// These of its members change.
    Merge(BTreeMap<String, Option<Value>>),
}

/// The fields of a new record.
pub(super) fn new_fields(patch: &Patch) -> Fields {
    let mut fields = Fields::new();
    for (key, said) in patch {
        let member = |member: &String| format!("{key}/{member}");
        match said {
            FieldPatch::Value(Some(value)) => drop(fields.insert(key.clone(), value.clone())),
            FieldPatch::Value(None) => {}
            FieldPatch::Members(members) => {
                fields.extend(members.iter().map(|(name, value)| (member(name), value.clone())));
            }
            FieldPatch::Merge(members) => {
                fields.extend(members.iter().filter_map(|(name, value)| Some((member(name), value.clone()?))));
            }
        }
    }
    fields
}

/// The changes that a patch comes to.
pub(super) fn changes_to(record: &Record, patch: &Patch) -> FieldChanges {
    let mut changes = FieldChanges::new();
    for (key, said) in patch {
        let member = |member: &str| format!("{key}/{member}");
        match said {
            FieldPatch::Value(value) => drop(changes.insert(key.clone(), value.clone())),
            FieldPatch::Members(members) => {
                let gone = record.members(key).filter(|(name, _)| !members.contains_key(*name));
                changes.extend(gone.map(|(name, _)| (member(name), None)));
                changes.extend(members.iter().map(|(name, value)| (member(name), Some(value.clone()))));
            }
            FieldPatch::Merge(members) => {
                changes.extend(members.iter().map(|(name, value)| (member(name), value.clone())));
            }
        }
    }
    changes.retain(|key, value| record.get(key) != value.as_ref());
    changes
}

#[cfg(test)]
mod tests {
    use model::{Kind, RecordId};

    use super::*;

    fn lead(fields: &[(&str, Value)]) -> Record {
        let mut record = Record::new(Kind::Lead, RecordId::from_bytes([1; 16]));
        record.fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        record
    }

    #[test]
    fn a_list_of_members_takes_the_place_of_those_there_were() {
        let record = lead(&[("tags/hot", true.into()), ("tags/old", true.into())]);
        let tags = [("hot", true), ("new", true)].map(|(tag, on)| (tag.to_owned(), Value::from(on)));
        let patch = Patch::from([("tags".to_owned(), FieldPatch::Members(tags.into()))]);

        let changes = changes_to(&record, &patch);

        let expected = [("tags/new".to_owned(), Some(true.into())), ("tags/old".to_owned(), None)];
        assert_eq!(changes, FieldChanges::from(expected));
    }

    #[test]
    fn merged_members_leave_the_others_alone() {
        let record = lead(&[("custom/a", 1.into()), ("custom/b", 2.into())]);
        let members = [("b".to_owned(), None), ("c".to_owned(), Some(3.into()))];
        let patch = Patch::from([("custom".to_owned(), FieldPatch::Merge(members.into()))]);

        let changes = changes_to(&record, &patch);

        let expected = [("custom/b".to_owned(), None), ("custom/c".to_owned(), Some(3.into()))];
        assert_eq!(changes, FieldChanges::from(expected));
    }

    #[test]
    fn what_stands_already_is_no_change() {
        let record = lead(&[("title", "Deal".into())]);
        let patch = Patch::from([
            ("title".to_owned(), FieldPatch::Value(Some("Deal".into()))),
            ("source".to_owned(), FieldPatch::Value(None)),
        ]);

        assert!(changes_to(&record, &patch).is_empty());
    }
}
