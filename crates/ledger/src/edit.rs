//! Writing fields: only what changes, from the heads the form was opened at.

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, Change, ObjId, ObjType, ROOT, ScalarValue, Value as Found};
use model::schema::{FIELDS_MAX, FieldProblem, check_field};
use model::{ChangeHash, FieldChanges, Value};

use crate::codec::scalar_from_value;
use crate::document::{ApplyError, Document};
use crate::engine::{Panicked, guarded, to_engine};
use crate::guard::{INFLATED_MAX, fits};
use crate::{Author, NewChange};

/// Longest difference between two texts, letters taken out and put in together, that is compared letter by
/// letter; the comparison takes time by the square of it. What differs more is replaced as one piece.
const COMPARED_MAX: usize = 4_000;

/// Why an edit was not made; the document is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The kind has no such field, or the value doesn't fit it.
    #[error(transparent)]
    Field(#[from] FieldProblem),
    /// The field is written when the record is created, and never again.
    #[error("{key} never changes")]
    Fixed {
        /// The field's key.
        key: String,
    },
    /// The form was opened at changes that are not here.
    #[error("{} changes that the edit is based on are missing", .0.len())]
    UnknownBase(Vec<ChangeHash>),
    /// The change would be too large to send.
    #[error("the edit is too large")]
    TooLarge,
    /// The actor has written other changes under this sequence number.
    #[error("the change does not fit the document")]
    Unfit(#[source] ApplyError),
    /// Automerge refused it.
    #[error("the document engine refused the edit")]
    Engine(#[from] AutomergeError),
    /// Automerge panicked on it.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// What a key holds now, and what writing to it comes to.
enum Step<'a> {
    Put(&'a str, ScalarValue),
    /// The winner is to stand and its rivals to go: it has to be written anew.
    Rewrite(&'a str, ScalarValue),
    Delete(&'a str),
    Text(ObjId, String, &'a str),
}

impl Document {
    /// Writes the fields that change, as one change; `None` when nothing would.
    ///
    /// When a form was opened at `base_heads` and one of its fields has moved since, the change is written beside
    /// what happened meanwhile, under the `branch` actor: both values stay visible as a conflict, and neither
    /// overwrites the other. Otherwise it is written on the current heads under `author`.
    ///
    /// # Errors
    /// When a field is unknown, fixed or gets an unfit value, or the base is not here; nothing has changed then.
    pub fn edit(
        &mut self,
        changes: &FieldChanges,
        base_heads: &[ChangeHash],
        author: &Author,
        branch: &Author,
    ) -> Result<Option<NewChange>, EditError> {
        self.check(changes)?;
        let unknown = self.graph.unknown(base_heads);
        if !unknown.is_empty() {
            return Err(EditError::UnknownBase(unknown));
        }
        self.on_a_copy(|document| {
            if document.stands_since(base_heads, changes) {
                document.write_changes(changes, author)
            } else {
                document.write_beside(changes, base_heads, branch)
            }
        })
    }

    /// Makes `value` the only value of a field, `None` being no value. Writes even what already shows when there
    /// are rivals to it; `None` comes back when there is nothing to settle.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub fn settle(&mut self, key: &str, value: Option<Value>, author: &Author) -> Result<Option<NewChange>, EditError> {
        let changes = FieldChanges::from([(key.to_owned(), value)]);
        self.edit(&changes, &[], author, author)
    }

    fn check(&self, changes: &FieldChanges) -> Result<(), EditError> {
        let kind = self.record.kind;
        for (key, value) in changes {
            let Some(field) = kind.field(key) else {
                return Err(FieldProblem::new(key, format!("a {kind} has no such field")).into());
            };
            if field.root_only {
                return Err(EditError::Fixed { key: key.clone() });
            }
            match value {
                Some(value) => check_field(kind, key, value)?,
                None if field.required => return Err(FieldProblem::new(key, "is required").into()),
                None => {}
            }
        }
        Ok(())
    }

    fn on_a_copy<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, EditError>) -> Result<T, EditError> {
        let mut copy = self.clone();
        let done = guarded(|| work(&mut copy))??;
        *self = copy;
        Ok(done)
    }

    /// Whether none of the fields has moved since `base`, so that writing now is the same as writing then.
    fn stands_since(&self, base: &[ChangeHash], changes: &FieldChanges) -> bool {
        base.is_empty() || changes.keys().all(|key| self.field_stands_since(base, key))
    }

    fn field_stands_since(&self, base: &[ChangeHash], key: &str) -> bool {
        let (then, now) = (self.written(key, Some(base)), self.written(key, None));
        let same = then.iter().map(|written| &written.1).eq(now.iter().map(|written| &written.1));
        same && now.iter().all(|written| match written.0 {
            Found::Object(_) => self.text(&written.1, Some(base)) == self.text(&written.1, None),
            Found::Scalar(_) => true,
        })
    }

    fn write_changes(&mut self, changes: &FieldChanges, author: &Author) -> Result<Option<NewChange>, EditError> {
        let steps: Vec<Step<'_>> = changes.iter().filter_map(|(key, value)| self.step(key, value.as_ref())).collect();
        if steps.is_empty() {
            return Ok(None);
        }
        let added = steps.iter().filter(|step| matches!(step, Step::Put(key, _) if !self.has_field(key))).count();
        if added > 0 && self.field_count() + added > FIELDS_MAX {
            return Err(EditError::TooLarge);
        }
        self.write(author, |tx| steps.iter().try_for_each(|step| take(tx, step)))
    }

    /// Writes on the document as it was at `base` and brings the change in.
    fn write_beside(
        &mut self,
        changes: &FieldChanges,
        base: &[ChangeHash],
        branch: &Author,
    ) -> Result<Option<NewChange>, EditError> {
        let mut at = base.to_vec();
        // A branch that has been written to goes on from its own last change.
        at.extend(self.graph.last_of(&branch.actor).map(|meta| meta.hash));
        let doc = self.doc.fork_at(&to_engine(&at))?;
        let graph = self.graph.only(&self.graph.covered_by(&at));
        let mut fork = Self { record: self.record, doc, graph, weight: self.weight };
        let Some(change) = fork.write_changes(changes, branch)? else { return Ok(None) };
        self.apply(&change.bytes).map_err(EditError::Unfit)?;
        Ok(Some(change))
    }

    /// What has to be done so that `key` holds `value` alone; `None` when it does.
    fn step<'a>(&self, key: &'a str, value: Option<&'a Value>) -> Option<Step<'a>> {
        let written = self.written(key, None);
        if let Some((Found::Object(ObjType::Text), object)) = written.last() {
            let text = value.and_then(Value::as_text).unwrap_or("");
            let old = self.text(object, None);
            return (old != text).then(|| Step::Text(object.clone(), old, text));
        }
        let Some(value) = value else {
            return (!written.is_empty()).then_some(Step::Delete(key));
        };
        let scalar = scalar_from_value(value);
        let shows = matches!(written.last(), Some((Found::Scalar(winner), _)) if **winner == scalar);
        match (shows, written.len()) {
            (true, 1) => None,
            (true, _) => Some(Step::Rewrite(key, scalar)),
            (false, _) => Some(Step::Put(key, scalar)),
        }
    }
}

fn take(tx: &mut Transaction<'_>, step: &Step<'_>) -> Result<(), AutomergeError> {
    match step {
        Step::Put(key, scalar) => tx.put(ROOT, *key, scalar.clone()),
        // Automerge would only delete the rivals, and the choice would have no author.
        Step::Rewrite(key, scalar) => {
            tx.delete(ROOT, *key)?;
            tx.put(ROOT, *key, scalar.clone())
        }
        Step::Delete(key) => tx.delete(ROOT, *key),
        Step::Text(object, old, new) => retype(tx, object, old, new),
    }
}

/// Changes a text where it differs, so that what others type meanwhile stays.
fn retype(tx: &mut Transaction<'_>, object: &ObjId, old: &str, new: &str) -> Result<(), AutomergeError> {
    let old: Vec<char> = old.chars().collect();
    let new: Vec<char> = new.chars().collect();
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (removed, added) = (old.len() - start - end, new.len() - start - end);
    if removed + added <= COMPARED_MAX {
        return tx.update_text(object, new.iter().collect::<String>());
    }
    let middle: String = new[start..start + added].iter().collect();
    tx.splice_text(object, start, isize::try_from(removed).unwrap_or(isize::MAX), &middle)
}

/// Refuses what no relay would take.
pub(crate) fn check_size(change: &Change) -> Result<(), EditError> {
    let too_large = change.raw_bytes().len() > INFLATED_MAX || !fits(change.len());
    if too_large { Err(EditError::TooLarge) } else { Ok(()) }
}
