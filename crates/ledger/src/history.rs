//! What happened to a record, change by change, with the values before and after.

use std::collections::BTreeMap;

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, ValueRef};
use model::{ChangeHash, Timestamp, Value};

use crate::ActorId;
use crate::codec::value_from_scalar;
use crate::document::Document;
use crate::engine::{from_engine, to_engine};
use crate::graph::ChangeMeta;
use crate::read::is_frame;

/// One change of a record's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The change.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: ActorId,
    /// The how many-th change of that actor, from 1.
    pub seq: u64,
    /// When, by the author's clock.
    pub at: Timestamp,
    /// What it did, by key.
    pub changes: Vec<FieldChange>,
    /// Whether it is the record's first change.
    pub created: bool,
}

/// What one change did to one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field's key.
    pub key: String,
    /// The value its author saw; `None` when there was none or it can't be read.
    pub before: Option<Value>,
    /// The value its author left.
    pub after: Option<Value>,
}

impl Document {
    /// Lists all changes, dependencies first.
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.history_since(&[])
    }

    /// Lists the changes that `heads` don't cover, dependencies first. Heads that are not here cover nothing.
    pub fn history_since(&self, heads: &[ChangeHash]) -> Vec<HistoryEntry> {
        let known: Vec<ChangeHash> = heads.iter().filter(|hash| self.contains(hash)).copied().collect();
        let fresh = self.doc.get_changes(&to_engine(&known));
        let mut teller = Teller { document: self, texts: self.text_keys(), values: BTreeMap::new() };
        fresh.iter().filter_map(|change| teller.entry(change)).collect()
    }

    /// The value that showed at `heads`; `None` also when it can't be read.
    fn value_at(&self, key: &str, heads: &[ChangeHash]) -> Option<Value> {
        let field = self.record.kind.field(key)?;
        let winner = self.written(key, Some(heads)).pop()?;
        self.value_of(field, &winner, Some(heads)).unwrap_or(None)
    }

    /// The keys of the text objects, by object.
    pub(crate) fn text_keys(&self) -> BTreeMap<ObjId, String> {
        let items = self.doc.map_range(ROOT, ..);
        let texts = items.filter(|item| matches!(item.value, ValueRef::Object(ObjType::Text)));
        texts.map(|item| (item.id(), item.key.into_owned())).collect()
    }
}

/// Reads changes one after the other. What they wrote is remembered, since looking a value up as it was in the past
/// costs many times as much as reading a change.
struct Teller<'a> {
    document: &'a Document,
    texts: BTreeMap<ObjId, String>,
    /// What each operation so far has written; `None` when it can't be read.
    values: BTreeMap<ObjId, Option<Value>>,
}

impl Teller<'_> {
    fn entry(&mut self, change: &Change) -> Option<HistoryEntry> {
        let meta = self.document.graph.get(&from_engine(change.hash()))?;
        let created = meta.deps.is_empty();
        let mut changes = BTreeMap::new();
        for (number, operation) in (meta.start_op..).zip(&change.decode().operations) {
            let id = ObjId::Id(number, change.actor_id().clone(), 0);
            self.tell(operation, id, meta, &mut changes);
        }
        // A note that a new record leaves empty is no event.
        let changes = changes.into_values().filter(|change| !created || change.after.is_some()).collect();
        Some(HistoryEntry { hash: meta.hash, actor: meta.actor, seq: meta.seq, at: meta.at, changes, created })
    }

    fn tell(&mut self, operation: &Op, id: ObjId, meta: &ChangeMeta, changes: &mut BTreeMap<String, FieldChange>) {
        match (&operation.obj, &operation.key) {
            (ObjectId::Root, Key::Map(key)) if !is_frame(key) => {
                let after = self.written_by(operation, key, id, meta);
                if let Some(known) = changes.get_mut(key.as_str()) {
                    known.after = after;
                    return;
                }
                let before = self.replaced_by(operation, key, meta);
                changes.insert(key.to_string(), FieldChange { key: key.to_string(), before, after });
            }
            (ObjectId::Id(object), _) => {
                let text = self.texts.get(&ObjId::Id(object.counter(), object.actor().clone(), 0));
                if let Some(key) = text.filter(|key| !changes.contains_key(*key)) {
                    changes.insert(key.clone(), self.typed(key, meta));
                }
            }
            (ObjectId::Root, _) => {}
        }
    }

    fn written_by(&mut self, operation: &Op, key: &str, id: ObjId, meta: &ChangeMeta) -> Option<Value> {
        let after = match &operation.action {
            OpType::Put(scalar) => self.read(key, scalar),
            OpType::Make(_) => return self.document.value_at(key, &[meta.hash]),
            _ => None,
        };
        self.values.insert(id, after.clone());
        after
    }

    fn read(&self, key: &str, scalar: &ScalarValue) -> Option<Value> {
        let field = self.document.record.kind.field(key)?;
        value_from_scalar(field.of, scalar).ok()
    }

    /// The value that showed before: the newest of those that the operation replaces.
    fn replaced_by(&self, operation: &Op, key: &str, meta: &ChangeMeta) -> Option<Value> {
        let replaced = operation.pred.iter().map(|id| ObjId::Id(id.counter(), id.actor().clone(), 0));
        let winner = replaced.max()?;
        match self.values.get(&winner) {
            Some(value) => value.clone(),
            None => self.document.value_at(key, &meta.deps),
        }
    }

    fn typed(&self, key: &str, meta: &ChangeMeta) -> FieldChange {
        let before = if meta.deps.is_empty() { None } else { self.document.value_at(key, &meta.deps) };
        FieldChange { key: key.to_owned(), before, after: self.document.value_at(key, &[meta.hash]) }
    }
}
