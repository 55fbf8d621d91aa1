//! The record as it stands, and the fields that several people changed at once.

use std::borrow::Cow;

use automerge::{ObjId, ObjType, ROOT, ReadDoc, Value as Found, ValueRef};
use model::schema::{Field, FieldProblem, FieldType};
use model::{ChangeHash, Kind, Record, Timestamp, UserId, Value};

use crate::ActorId;
use crate::codec::value_from_scalar;
use crate::document::{Document, ID_KEY, KIND_KEY, SCHEMA_KEY};
use crate::engine::to_engine;

/// Moments that devices write by themselves beside what a person did. Two of them at once are no question
/// that anybody could answer, so they don't count as conflicts.
const STAMPS: [&str; 4] = ["updated_at", "deleted_at", "archived_at", "completed_at"];

/// A field with more than one concurrent value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    /// The field's key.
    pub key: String,
    /// All values, the one that shows first.
    pub values: Vec<ConflictValue>,
}

/// One of the values in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictValue {
    /// The value; `None` when it can't be read.
    pub value: Option<Value>,
    /// The change that wrote it.
    pub change: ChangeHash,
    /// Who wrote it.
    pub actor: ActorId,
    /// When, by their clock.
    pub at: Timestamp,
}

/// One value of a key together with the operation that wrote it.
pub(crate) type Written<'a> = (Found<'a>, ObjId);

impl Document {
    /// Reads the record as it is shown: with the moment of its newest change, which is derived and never written.
    pub fn shown(&self) -> (Record, Vec<FieldProblem>) {
        let (mut record, problems) = self.read();
        let touched = self.change_metas().iter().map(|meta| meta.at).max().unwrap_or_default();
        record.fields.insert("updated_at".into(), touched.into());
        (record, problems)
    }

    /// Reads the record. It never fails as a whole: a field that somebody wrote oddly is left out and listed.
    pub fn read(&self) -> (Record, Vec<FieldProblem>) {
        let mut record = Record::new(self.record.kind, self.record.id);
        let mut problems = Vec::new();
        for item in self.doc.map_range(ROOT, ..).filter(|item| !is_frame(&item.key)) {
            let written = (found_from(&item.value), item.id());
            match self.read_field(&item.key, &written) {
                Ok(Some(value)) => {
                    record.fields.insert(item.key.into_owned(), value);
                }
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        (record, problems)
    }

    fn read_field(&self, key: &str, winner: &Written<'_>) -> Result<Option<Value>, FieldProblem> {
        let Some(field) = self.record.kind.field(key) else {
            return Err(FieldProblem::new(key, format!("a {} has no such field", self.record.kind)));
        };
        self.value_of(field, winner, None).map_err(|problem| FieldProblem::new(key, problem))
    }

    /// Every value that stands on a key, frame and fields alike, as text for comparing; the one that shows last.
    pub fn all_values(&self, key: &str) -> Vec<String> {
        self.written(key, None).iter().map(|(value, _)| format!("{value:?}")).collect()
    }

    /// The record's owner, of several at once the one that shows.
    pub fn owner(&self) -> Option<UserId> {
        match self.written("owner_id", None).pop()?.0 {
            Found::Scalar(scalar) => match value_from_scalar(FieldType::Link(Kind::User), &scalar) {
                Ok(Value::Id(id)) => Some(UserId(id.0)),
                _ => None,
            },
            Found::Object(_) => None,
        }
    }

    /// All values that stand on a key, the one that shows last; as it was at `heads`, or now.
    pub(crate) fn written(&self, key: &str, heads: Option<&[ChangeHash]>) -> Vec<Written<'_>> {
        let found = match heads {
            Some(heads) => self.doc.get_all_at(ROOT, key, &to_engine(heads)),
            None => self.doc.get_all(ROOT, key),
        };
        // Only an unknown object is an error, and the root is never unknown.
        found.unwrap_or_default()
    }

    /// Reads one of a key's values. An empty note counts as absent.
    pub(crate) fn value_of(
        &self,
        field: &Field,
        written: &Written<'_>,
        heads: Option<&[ChangeHash]>,
    ) -> Result<Option<Value>, model::schema::Unfit> {
        match &written.0 {
            Found::Scalar(scalar) => value_from_scalar(field.of, scalar).map(Some),
            Found::Object(ObjType::Text) if field.of == FieldType::Note => {
                // Two people's typing may together exceed what one of them may write; it still shows.
                let text = self.text(&written.1, heads);
                Ok((!text.is_empty()).then_some(Value::Text(text)))
            }
            Found::Object(_) => Err(model::schema::Unfit::WrongType),
        }
    }

    pub(crate) fn text(&self, object: &ObjId, heads: Option<&[ChangeHash]>) -> String {
        let text = match heads {
            Some(heads) => self.doc.text_at(object, &to_engine(heads)),
            None => self.doc.text(object),
        };
        text.unwrap_or_default()
    }

    /// How many keys hold a value, set members included.
    pub(crate) fn field_count(&self) -> usize {
        self.doc.keys(ROOT).filter(|key| !is_frame(key)).count()
    }

    pub(crate) fn has_field(&self, key: &str) -> bool {
        !self.written(key, None).is_empty()
    }

    /// Lists the fields that several people changed at once, until somebody chooses.
    pub fn conflicts(&self) -> Vec<FieldConflict> {
        self.contested_keys().filter_map(|key| self.conflict_on(key)).collect()
    }

    /// Whether any field was changed by several people at once.
    pub fn has_conflicts(&self) -> bool {
        self.contested_keys().any(|key| self.conflict_on(key).is_some())
    }

    fn contested_keys(&self) -> impl Iterator<Item = String> + '_ {
        let contested = self.doc.map_range(ROOT, ..).filter(|item| item.conflict);
        let keys = contested.map(|item| item.key.into_owned());
        keys.filter(|key| !STAMPS.contains(&key.as_str()) && !is_frame(key))
    }

    /// Two people who wrote the same are no conflict.
    fn conflict_on(&self, key: String) -> Option<FieldConflict> {
        let field = self.record.kind.field(&key)?;
        let written = self.written(&key, None);
        let values: Vec<ConflictValue> =
            written.iter().rev().filter_map(|written| self.conflict_value(field, written)).collect();
        let differ = values.iter().any(|one| one.value != values[0].value);
        differ.then_some(FieldConflict { key, values })
    }

    fn conflict_value(&self, field: &Field, written: &Written<'_>) -> Option<ConflictValue> {
        let ObjId::Id(counter, actor, _) = &written.1 else { return None };
        let meta = self.graph.holder(&crate::engine::actor_from_engine(actor)?, *counter)?;
        let value = self.value_of(field, written, None).unwrap_or(None);
        Some(ConflictValue { value, change: meta.hash, actor: meta.actor, at: meta.at })
    }
}

fn found_from(value: &ValueRef<'_>) -> Found<'static> {
    match value {
        ValueRef::Object(kind) => Found::Object(*kind),
        ValueRef::Scalar(scalar) => Found::Scalar(Cow::Owned(scalar.into())),
    }
}

/// Keys that hold the record's kind and id rather than a field.
pub(crate) fn is_frame(key: &str) -> bool {
    [KIND_KEY, ID_KEY, SCHEMA_KEY].contains(&key)
}
