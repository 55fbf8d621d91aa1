//! What can be said of a change in the light of the document it is meant for.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{ObjType, ScalarValue};
use model::schema::{FIELDS_MAX, Field, FieldProblem, FieldType, KEY_MAX_BYTES, Unfit};
use model::{ChangeHash, RecordRef, Value};

use super::letters::{Id, Letters, id_of, id_of_object, texts_of};
use super::{Flaw, GuardError, Inspected, Offence, RIVALS_MAX};
use crate::Document;
use crate::codec::value_from_scalar;
use crate::document::{ID_KEY, KIND_KEY, SCHEMA_KEY};
use crate::engine::guarded;
use crate::read::is_frame;

/// Judges a change against the record's document, `None` when the record has not begun. A change that the document
/// holds already is admitted again.
///
/// # Errors
/// When it is out of order ([`GuardError::Need`] names what has to come first), belongs elsewhere, or does
/// something that an honest author of the ledger never does.
pub fn admit(document: Option<&Document>, record: RecordRef, inspected: &Inspected) -> Result<(), GuardError> {
    if let Some(document) = document {
        if document.record() != record {
            return Err(GuardError::WrongDocument);
        }
        if document.contains(&inspected.hash) {
            return Ok(());
        }
        if inspected.is_root {
            return Err(GuardError::AlreadyExists);
        }
    }
    check_order(document, inspected)?;
    guarded(|| Judge::new(document, record, inspected).run()).map_err(|_| Flaw::Unusual)?
}

/// Dependencies known, the actor's next change, operations numbered on from the dependencies'.
fn check_order(document: Option<&Document>, inspected: &Inspected) -> Result<(), GuardError> {
    let Some(document) = document else {
        return match inspected {
            one if !one.is_root => Err(GuardError::Need(one.deps.clone())),
            one if one.seq != 1 => Err(GuardError::WrongSequence { expected: 1 }),
            one if one.start_op != 1 => Err(GuardError::WrongStart { expected: 1 }),
            _ => Ok(()),
        };
    };
    let graph = &document.graph;
    let missing = graph.unknown(&inspected.deps);
    if !missing.is_empty() {
        return Err(GuardError::Need(missing));
    }
    let expected = document.next_seq(&inspected.actor);
    if inspected.seq != expected {
        return Err(GuardError::WrongSequence { expected });
    }
    let last_op = inspected.deps.iter().filter_map(|hash| graph.get(hash)).map(|meta| meta.max_op).max();
    let expected = last_op.unwrap_or(0) + 1;
    if inspected.start_op != expected {
        return Err(GuardError::WrongStart { expected });
    }
    check_lineage(document, inspected)
}

/// The author has seen its own last change, and names no other together with one that was written on it.
fn check_lineage(document: &Document, inspected: &Inspected) -> Result<(), GuardError> {
    if document.heads() == frontier(document, inspected) {
        return Ok(());
    }
    let graph = &document.graph;
    let known = graph.covered_by(&inspected.deps);
    let last = graph.last_of(&inspected.actor);
    if let Some(last) = last.filter(|last| !known.contains(&last.hash)) {
        return Err(GuardError::WrongSequence { expected: last.seq + 1 });
    }
    let parents = inspected.deps.iter().filter_map(|hash| graph.get(hash)).flat_map(|meta| meta.deps.clone());
    let behind = graph.covered_by(&parents.collect::<Vec<_>>());
    let is_own = |hash: &ChangeHash| last.is_some_and(|last| last.hash == *hash);
    if inspected.deps.iter().any(|hash| behind.contains(hash) && !is_own(hash)) {
        return Err(Flaw::Unusual.into());
    }
    Ok(())
}

/// The changes it is written on. Automerge names the author's own last change among them even where others cover
/// it; without that one they are the document's heads more often, which are quicker to read at.
fn frontier(document: &Document, inspected: &Inspected) -> Vec<ChangeHash> {
    let last = document.graph.last_of(&inspected.actor).map(|last| last.hash);
    let others: Vec<ChangeHash> = inspected.deps.iter().filter(|hash| Some(**hash) != last).copied().collect();
    if others == document.heads() { others } else { inspected.deps.clone() }
}

/// Goes through the operations of one change in their order, keeping what each key holds as it goes.
struct Judge<'a> {
    document: Option<&'a Document>,
    record: RecordRef,
    inspected: &'a Inspected,
    /// What the change is written on.
    deps: Vec<ChangeHash>,
    /// The values that stand on each key that the change touches.
    standing: BTreeMap<String, Vec<Id>>,
    /// Which of them are objects.
    objects: BTreeSet<Id>,
    /// Notes that the change types in.
    letters: BTreeMap<Id, Letters>,
}

impl<'a> Judge<'a> {
    fn new(document: Option<&'a Document>, record: RecordRef, inspected: &'a Inspected) -> Self {
        Self {
            document,
            record,
            inspected,
            deps: document.map(|document| frontier(document, inspected)).unwrap_or_default(),
            standing: BTreeMap::new(),
            objects: BTreeSet::new(),
            letters: BTreeMap::new(),
        }
    }

    fn run(mut self) -> Result<(), GuardError> {
        for (number, operation) in (self.inspected.start_op..).zip(&self.inspected.change.operations) {
            let id = (number, self.inspected.actor);
            match &operation.obj {
                ObjectId::Root => self.judge_field(operation, id)?,
                ObjectId::Id(object) => self.letters_of(id_of(object)?)?.judge(operation, id)?,
            }
        }
        self.letters.values().try_for_each(Letters::finish)?;
        self.check_required()?;
        self.check_field_count()?;
        let framed = [KIND_KEY, ID_KEY, SCHEMA_KEY].iter().all(|key| self.standing.contains_key(*key));
        if self.inspected.is_root && !framed { Err(GuardError::WrongDocument) } else { Ok(()) }
    }

    fn judge_field(&mut self, operation: &Op, id: Id) -> Result<(), GuardError> {
        let Key::Map(key) = &operation.key else { return Err(Offence::Key.into()) };
        if operation.insert {
            return Err(Offence::Key.into());
        }
        self.stand(key);
        match &operation.action {
            OpType::Put(scalar) if is_frame(key) => self.judge_frame(key, scalar)?,
            OpType::Put(scalar) => self.judge_value(key, scalar)?,
            OpType::Delete => self.judge_delete(key)?,
            OpType::Make(ObjType::Text) => self.judge_text(key)?,
            _ => return Err(Offence::Action.into()),
        }
        self.replace(key, operation, id)
    }

    /// Looks up what stands on a key at the change's dependencies.
    fn stand(&mut self, key: &str) {
        if self.standing.contains_key(key) {
            return;
        }
        let mut ids = Vec::new();
        if let Some(document) = self.document {
            for (value, object) in document.written(key, Some(&self.deps)) {
                let Some(id) = id_of_object(&object) else { continue };
                if value.is_object() {
                    self.objects.insert(id);
                }
                ids.push(id);
            }
        }
        self.standing.insert(key.to_owned(), ids);
    }

    fn is_new(&self, key: &str) -> bool {
        self.standing.get(key).is_none_or(Vec::is_empty)
    }

    fn holds_object(&self, key: &str) -> bool {
        self.standing.get(key).is_some_and(|ids| ids.iter().any(|id| self.objects.contains(id)))
    }

    /// `kind`, `id` and `schema`: once, in the first change, and saying the truth.
    fn judge_frame(&self, key: &str, scalar: &ScalarValue) -> Result<(), GuardError> {
        if !self.inspected.is_root || !self.is_new(key) {
            return Err(Offence::Fixed.into());
        }
        let right = match (key, scalar) {
            (KIND_KEY, ScalarValue::Str(kind)) => kind == self.record.kind.name(),
            (ID_KEY, ScalarValue::Bytes(id)) => id == self.record.id.as_bytes(),
            (SCHEMA_KEY, ScalarValue::Int(version)) => (1..=i64::from(u32::MAX)).contains(version),
            _ => false,
        };
        if right { Ok(()) } else { Err(GuardError::WrongDocument) }
    }

    fn judge_value(&self, key: &str, scalar: &ScalarValue) -> Result<(), GuardError> {
        let field = self.writable(key)?;
        if self.holds_object(key) {
            return Err(Offence::Replaced.into());
        }
        let read = value_from_scalar(field.of, scalar);
        read.map(drop).map_err(|unfit| GuardError::BadValue(FieldProblem::new(key, unfit)))
    }

    fn judge_delete(&self, key: &str) -> Result<(), GuardError> {
        self.writable(key)?;
        if self.is_new(key) {
            return Err(Offence::Predecessors.into());
        }
        if self.holds_object(key) {
            return Err(Offence::Replaced.into());
        }
        Ok(())
    }

    fn judge_text(&self, key: &str) -> Result<(), GuardError> {
        let field = self.writable(key)?;
        let fits = field.of == FieldType::Note && self.inspected.is_root && self.is_new(key);
        if fits { Ok(()) } else { Err(Offence::Container.into()) }
    }

    fn writable(&self, key: &str) -> Result<&'static Field, GuardError> {
        let bad = |problem: &dyn ToString| GuardError::BadValue(FieldProblem::new(key, problem.to_string()));
        if is_frame(key) {
            return Err(Offence::Fixed.into());
        }
        let kind = self.record.kind;
        let field = kind.field(key).ok_or_else(|| bad(&format_args!("a {kind} has no such field")))?;
        if key.len() > KEY_MAX_BYTES {
            return Err(bad(&Unfit::TooLong));
        }
        if field.root_only && !self.inspected.is_root {
            return Err(Offence::Fixed.into());
        }
        Ok(field)
    }

    /// An operation replaces exactly what its author saw: leaving something out would bring it back later.
    fn replace(&mut self, key: &str, operation: &Op, id: Id) -> Result<(), GuardError> {
        let standing = self.standing.entry(key.to_owned()).or_default();
        let mut seen = standing.clone();
        seen.sort();
        let mut replaced = operation.pred.iter().map(id_of).collect::<Result<Vec<Id>, Offence>>()?;
        replaced.sort();
        if seen != replaced {
            return Err(Offence::Predecessors.into());
        }
        match &operation.action {
            OpType::Delete => standing.clear(),
            action => {
                *standing = vec![id];
                if matches!(action, OpType::Make(_)) {
                    self.objects.insert(id);
                    self.letters.insert(id, Letters::fresh(key));
                }
            }
        }
        self.check_rivals(key, &replaced)
    }

    /// Values that others have written meanwhile stay beside this one; there must not be ever more of them.
    fn check_rivals(&self, key: &str, replaced: &[Id]) -> Result<(), GuardError> {
        let Some(document) = self.document else { return Ok(()) };
        let now = document.written(key, None);
        let stays = |object| id_of_object(object).is_some_and(|id| !replaced.contains(&id));
        let rival_count = now.iter().filter(|(_, object)| stays(object)).count();
        if rival_count >= RIVALS_MAX { Err(Offence::Rivals.into()) } else { Ok(()) }
    }

    fn letters_of(&mut self, object: Id) -> Result<&mut Letters, GuardError> {
        if !self.letters.contains_key(&object) {
            let document = self.document.ok_or(Offence::Object)?;
            let texts = texts_of(document);
            let (key, text) = texts.get(&object).ok_or(Offence::Object)?;
            let letters = Letters::at(document, key, text, &self.deps);
            self.letters.insert(object, letters);
        }
        self.letters.get_mut(&object).ok_or_else(|| Offence::Object.into())
    }

    /// What is required of a record is replaced, never removed.
    fn check_required(&self) -> Result<(), GuardError> {
        let is_required = |key: &str| self.record.kind.field(key).is_some_and(|field| field.required);
        let emptied = self.standing.iter().find(|(key, ids)| ids.is_empty() && is_required(key));
        match emptied {
            Some((key, _)) => Err(GuardError::BadValue(FieldProblem::new(key, "is required"))),
            None => Ok(()),
        }
    }

    fn check_field_count(&self) -> Result<(), GuardError> {
        let here = self.document.map_or(0, Document::field_count);
        let touched = self.standing.iter().filter(|(key, ids)| !is_frame(key) && !ids.is_empty());
        let added = touched.filter(|(key, _)| self.document.is_none_or(|document| !document.has_field(key))).count();
        if added > 0 && here + added > FIELDS_MAX { Err(GuardError::TooLarge { max: FIELDS_MAX }) } else { Ok(()) }
    }
}

/// A field that a change writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The field's key.
    pub key: String,
    /// What it does to it.
    pub write: Write,
}

/// What a change does to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Gives it this value.
    Set(Value),
    /// Removes its value.
    Removed,
    /// Types in it.
    Typed,
}

/// Lists the fields that an admitted change writes, whether or not its values come to show, sorted by key.
///
/// Of several writes to one field the last counts. `kind`, `id` and `schema` are not listed.
pub fn paths(document: Option<&Document>, record: RecordRef, inspected: &Inspected) -> Vec<Touched> {
    let mut texts = None;
    let mut touched = BTreeMap::new();
    for operation in &inspected.change.operations {
        match (&operation.obj, &operation.key) {
            (ObjectId::Root, Key::Map(key)) if !is_frame(key) => {
                if let Some(write) = write_of(record, key, &operation.action) {
                    touched.insert(key.to_string(), write);
                }
            }
            (ObjectId::Id(object), _) => {
                let texts = texts.get_or_insert_with(|| document.map(texts_of).unwrap_or_default());
                if let Some((key, _)) = id_of(object).ok().and_then(|id| texts.get(&id)) {
                    touched.insert(key.clone(), Write::Typed);
                }
            }
            _ => {}
        }
    }
    touched.into_iter().map(|(key, write)| Touched { key, write }).collect()
}

fn write_of(record: RecordRef, key: &str, action: &OpType) -> Option<Write> {
    match action {
        OpType::Put(scalar) => value_from_scalar(record.kind.field(key)?.of, scalar).ok().map(Write::Set),
        OpType::Delete => Some(Write::Removed),
        OpType::Make(_) => Some(Write::Typed),
        _ => None,
    }
}
