//! The letters of one note, as the author of a change saw them and as the change leaves them.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::{ElementId, Key, Op, OpId, OpType};
use automerge::{ObjId, ReadDoc, ScalarValue, ScalarValueRef, ValueRef};
use model::ChangeHash;
use model::schema::{FieldProblem, NOTE_MAX_BYTES, Unfit};

use super::{GuardError, Offence};
use crate::engine::{actor_from_engine, to_engine};
use crate::{ActorId, Document};

/// A letter's or value's operation: its number and its actor.
pub(super) type Id = (u64, ActorId);

pub(super) fn id_of(id: &OpId) -> Result<Id, Offence> {
    Ok((id.counter(), actor_from_engine(id.actor()).ok_or(Offence::Object)?))
}

pub(super) fn id_of_object(id: &ObjId) -> Option<Id> {
    match id {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some((*counter, actor_from_engine(actor)?)),
    }
}

/// One note under judgement.
#[derive(Debug)]
pub(super) struct Letters {
    key: String,
    /// Bytes of each letter that shows at the change's dependencies.
    seen: BTreeMap<Id, usize>,
    added: BTreeSet<Id>,
    removed: BTreeSet<Id>,
    /// Length at the dependencies, and as the change leaves it, in bytes.
    before: usize,
    after: usize,
}

impl Letters {
    /// A note that the change itself makes.
    pub(super) fn fresh(key: &str) -> Self {
        Self::from_seen(key, BTreeMap::new())
    }

    /// A note of the document as it was at `deps`.
    pub(super) fn at(document: &Document, key: &str, object: &ObjId, deps: &[ChangeHash]) -> Self {
        let items = if document.heads() == deps {
            document.doc.list_range(object, ..)
        } else {
            document.doc.list_range_at(object, .., &to_engine(deps))
        };
        let seen = items.filter_map(|item| {
            let size = match &item.value {
                ValueRef::Scalar(ScalarValueRef::Str(letter)) => letter.len(),
                _ => 0,
            };
            Some((id_of_object(&item.id())?, size))
        });
        Self::from_seen(key, seen.collect())
    }

    fn from_seen(key: &str, seen: BTreeMap<Id, usize>) -> Self {
        let before = seen.values().sum();
        Self { key: key.to_owned(), seen, added: BTreeSet::new(), removed: BTreeSet::new(), before, after: before }
    }

    /// Judges the operation that has this id.
    pub(super) fn judge(&mut self, operation: &Op, id: Id) -> Result<(), GuardError> {
        let Key::Seq(place) = &operation.key else { return Err(Offence::Key.into()) };
        match (&operation.action, operation.insert) {
            (OpType::Put(ScalarValue::Str(letter)), true) => self.insert(operation, place, letter, id),
            (OpType::Delete, false) => self.remove(operation, place),
            _ => Err(Offence::Action.into()),
        }
    }

    fn insert(&mut self, operation: &Op, place: &ElementId, letter: &str, id: Id) -> Result<(), GuardError> {
        if !operation.pred.is_empty() {
            return Err(Offence::Predecessors.into());
        }
        if letter.chars().count() != 1 {
            return Err(GuardError::BadValue(FieldProblem::new(&self.key, Unfit::WrongType)));
        }
        if let ElementId::Id(after) = place {
            let after = id_of(after)?;
            if !self.seen.contains_key(&after) && !self.added.contains(&after) {
                return Err(Offence::Letter.into());
            }
        }
        self.added.insert(id);
        self.after += letter.len();
        Ok(())
    }

    /// A letter goes once, and only if its author saw it.
    fn remove(&mut self, operation: &Op, place: &ElementId) -> Result<(), GuardError> {
        let ElementId::Id(letter) = place else { return Err(Offence::Letter.into()) };
        let preds: Vec<&OpId> = operation.pred.iter().collect();
        if preds != [letter] {
            return Err(Offence::Predecessors.into());
        }
        let letter = id_of(letter)?;
        let Some(size) = self.seen.get(&letter).copied() else { return Err(Offence::Letter.into()) };
        if !self.removed.insert(letter) {
            return Err(Offence::Letter.into());
        }
        self.after -= size;
        Ok(())
    }

    /// A note may be long, but not longer than notes may be, unless it was already and shrinks.
    pub(super) fn finish(&self) -> Result<(), GuardError> {
        if self.after > NOTE_MAX_BYTES.max(self.before) {
            return Err(GuardError::BadValue(FieldProblem::new(&self.key, Unfit::TooLong)));
        }
        Ok(())
    }
}

/// The document's text objects by id, with the key each stands on.
pub(super) fn texts_of(document: &Document) -> BTreeMap<Id, (String, ObjId)> {
    let keys = document.text_keys().into_iter();
    keys.filter_map(|(object, key)| Some((id_of_object(&object)?, (key, object)))).collect()
}
