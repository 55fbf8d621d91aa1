//! The changes of a document by hash and by actor: what Automerge knows but gives no cheap access to.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeMetadata};
use model::{ChangeHash, Timestamp};

use crate::ActorId;
use crate::engine::{actor_from_engine, from_engine};

/// What is known of a change without looking at its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMeta {
    /// Its name everywhere.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: ActorId,
    /// The how many-th change of that actor, from 1.
    pub seq: u64,
    /// When, by the author's clock.
    pub at: Timestamp,
    /// The changes it was written on.
    pub deps: Vec<ChangeHash>,
    /// The number of its first operation.
    pub start_op: u64,
    /// The number of its last operation; `start_op - 1` when it has none.
    pub max_op: u64,
}

impl ChangeMeta {
    /// Reads Automerge's view of a change; `None` when its actor is not one of ours.
    pub(crate) fn read(meta: &ChangeMetadata<'_>) -> Option<Self> {
        Some(Self {
            hash: from_engine(meta.hash),
            actor: actor_from_engine(&meta.actor)?,
            seq: meta.seq,
            at: Timestamp::from_millis(meta.timestamp),
            deps: meta.deps.iter().copied().map(from_engine).collect(),
            start_op: meta.start_op,
            max_op: meta.max_op,
        })
    }
}

/// All changes of a document, dependencies first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    changes: Vec<ChangeMeta>,
    by_hash: BTreeMap<ChangeHash, usize>,
    by_actor: BTreeMap<ActorId, Vec<usize>>,
    op_count: u64,
}

impl Graph {
    /// Reads the graph; `None` when an actor is not one of ours.
    pub(crate) fn read(doc: &Automerge) -> Option<Self> {
        let mut graph = Self::default();
        for meta in doc.get_changes_meta(&[]) {
            graph.push(ChangeMeta::read(&meta)?);
        }
        Some(graph)
    }

    pub(crate) fn push(&mut self, meta: ChangeMeta) {
        let index = self.changes.len();
        self.op_count += (meta.max_op + 1).saturating_sub(meta.start_op);
        self.by_hash.insert(meta.hash, index);
        self.by_actor.entry(meta.actor).or_default().push(index);
        self.changes.push(meta);
    }

    /// How many operations all changes hold.
    pub(crate) const fn op_count(&self) -> u64 {
        self.op_count
    }

    pub(crate) fn changes(&self) -> &[ChangeMeta] {
        &self.changes
    }

    pub(crate) fn get(&self, hash: &ChangeHash) -> Option<&ChangeMeta> {
        self.by_hash.get(hash).map(|index| &self.changes[*index])
    }

    pub(crate) fn contains(&self, hash: &ChangeHash) -> bool {
        self.by_hash.contains_key(hash)
    }

    /// Those of `hashes` that are not here.
    pub(crate) fn unknown(&self, hashes: &[ChangeHash]) -> Vec<ChangeHash> {
        hashes.iter().filter(|hash| !self.contains(hash)).copied().collect()
    }

    pub(crate) fn actors(&self) -> impl Iterator<Item = &ActorId> {
        self.by_actor.keys()
    }

    /// The actor's newest change.
    pub(crate) fn last_of(&self, actor: &ActorId) -> Option<&ChangeMeta> {
        self.by_actor.get(actor)?.last().map(|index| &self.changes[*index])
    }

    /// The change that holds the actor's operation with this number.
    pub(crate) fn holder(&self, actor: &ActorId, counter: u64) -> Option<&ChangeMeta> {
        let of_actor = self.by_actor.get(actor)?;
        let after = of_actor.partition_point(|index| self.changes[*index].start_op <= counter);
        let candidates = of_actor[..after].iter().rev().map(|index| &self.changes[*index]);
        // An empty change shares its first number with the change after it.
        candidates.take(2).find(|meta| meta.max_op >= counter)
    }

    /// The part of the graph that `covered` names, which must hold the dependencies of all its changes.
    pub(crate) fn only(&self, covered: &BTreeSet<ChangeHash>) -> Self {
        let mut part = Self::default();
        self.changes.iter().filter(|meta| covered.contains(&meta.hash)).for_each(|meta| part.push(meta.clone()));
        part
    }

    /// The hashes that `heads` cover: themselves and everything they were written on.
    pub(crate) fn covered_by(&self, heads: &[ChangeHash]) -> BTreeSet<ChangeHash> {
        let mut covered = BTreeSet::new();
        let mut open = heads.to_vec();
        while let Some(hash) = open.pop() {
            let Some(meta) = self.get(&hash) else { continue };
            if covered.insert(hash) {
                open.extend(&meta.deps);
            }
        }
        covered
    }
}
