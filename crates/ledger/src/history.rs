//! What happened to a record, change by change, with the values before and after.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ExpandedChange, ObjId, ObjType, ROOT, ReadDoc, ValueRef};
use model::{ChangeHash, Timestamp, Value};

use crate::ActorId;
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

    /// Lists the changes that `heads` don't cover, dependencies first.
    pub fn history_since(&self, heads: &[ChangeHash]) -> Vec<HistoryEntry> {
        let known = to_engine(&self.known(heads));
        let texts = self.text_keys();
        let fresh = self.doc.get_changes(&known).into_iter();
        fresh.filter_map(|change| self.entry(&change.decode(), &from_engine(change.hash()), &texts)).collect()
    }

    fn known(&self, heads: &[ChangeHash]) -> Vec<ChangeHash> {
        heads.iter().filter(|hash| self.contains(hash)).copied().collect()
    }

    fn entry(
        &self,
        change: &ExpandedChange,
        hash: &ChangeHash,
        texts: &BTreeMap<ObjId, String>,
    ) -> Option<HistoryEntry> {
        let meta = self.graph.get(hash)?;
        let keys: BTreeSet<String> = touched_keys(change, texts).filter(|key| !is_frame(key)).collect();
        let created = meta.deps.is_empty();
        let changes = keys.into_iter().map(|key| self.field_change(key, meta));
        // A note that a new record leaves empty is no event.
        let changes = changes.filter(|change| !created || change.after.is_some()).collect();
        Some(HistoryEntry { hash: meta.hash, actor: meta.actor, seq: meta.seq, at: meta.at, changes, created })
    }

    fn field_change(&self, key: String, meta: &ChangeMeta) -> FieldChange {
        let before = if meta.deps.is_empty() { None } else { self.value_at(&key, &meta.deps) };
        let after = self.value_at(&key, &[meta.hash]);
        FieldChange { key, before, after }
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

fn touched_keys<'a>(
    change: &'a ExpandedChange,
    texts: &'a BTreeMap<ObjId, String>,
) -> impl Iterator<Item = String> + 'a {
    use automerge::legacy::{Key, ObjectId};
    change.operations.iter().filter_map(|operation| match (&operation.obj, &operation.key) {
        (ObjectId::Root, Key::Map(key)) => Some(key.to_string()),
        (ObjectId::Id(id), _) => texts.get(&ObjId::Id(id.counter(), id.actor().clone(), 0)).cloned(),
        (ObjectId::Root, Key::Seq(_)) => None,
    })
}
