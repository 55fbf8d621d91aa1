//! Entries and documents as they travel: without what the receiver has already or can work out.
//!
//! A change's hash and checksum follow from its bytes. What a change was written on is nearly always the entry before
//! it in its record, which the receiver holds: then that entry's place in the log stands for the record, the
//! dependency and often the author. The receiver puts back what was left out and computes the hash over the whole,
//! and the log's digest is over the hashes: whatever was put back wrongly shows there.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use model::{ChangeHash, CommandId, DeviceId, RecordId, RecordRef, Timestamp, UserId};

use crate::block::OpenBlockError;
use crate::chunk::{self, Parts};
use crate::wire::{Entries, Entry, Proof, SnapshotDocument, SnapshotPage};
use crate::{Block, Receipt};

/// An entry of the log that a later one builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Its sequence number.
    pub seq: u64,
    /// Its record.
    pub record: RecordRef,
    /// Its change.
    pub hash: ChangeHash,
    /// The change's actor.
    pub actor: [u8; 16],
}

impl Earlier {
    const fn of(entry: &Entry) -> Self {
        Self { seq: entry.proof.seq, record: entry.record, hash: entry.proof.hash, actor: entry.proof.actor }
    }
}

/// Entries that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenEntriesError {
    /// The block is damaged.
    #[error(transparent)]
    Block(#[from] OpenBlockError),
    /// They build on an entry that is not known here.
    #[error("entry {0} is not known")]
    Unknown(u64),
}

/// An entry without its sequence number, which its place among the others says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SlimEntry {
    /// How far back in the log the entry lies that this one builds on.
    #[n(0)]
    back: Option<u64>,
    /// Its record; `None` when it is that of the earlier entry.
    #[cbor(n(1), with = "crate::wire::record_ref_option")]
    record: Option<RecordRef>,
    #[n(2)]
    change: SlimChange,
    #[n(3)]
    accepted: Acceptance,
}

/// A change without what follows from it or from the change before it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct SlimChange {
    /// What it was written on; `None` for the change before it alone, or for nothing when there is none.
    #[cbor(n(0), with = "crate::wire::hashes_option")]
    deps: Option<Vec<ChangeHash>>,
    /// `None` for that of the change before it.
    #[cbor(n(1), with = "minicbor::bytes")]
    actor: Option<[u8; 16]>,
    /// What follows the actor in the chunk.
    #[cbor(n(2), with = "minicbor::bytes")]
    rest: Vec<u8>,
}

/// How a change was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Acceptance {
    #[cbor(n(0), with = "crate::wire::as_bytes")]
    user: UserId,
    #[cbor(n(1), with = "crate::wire::as_bytes")]
    device: DeviceId,
    #[cbor(n(2), with = "crate::wire::as_bytes")]
    command: CommandId,
    #[cbor(n(3), with = "crate::wire::as_millis")]
    received_at: Timestamp,
    #[n(4)]
    receipt: Receipt,
}

/// A document of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SlimDocument {
    #[cbor(n(0), with = "crate::wire::record_ref")]
    record: RecordRef,
    /// The document as Automerge saves it, with its heads; `None` when its changes stand below.
    #[n(1)]
    saved: Option<Saved>,
    #[cbor(n(2), with = "minicbor::bytes")]
    row: Vec<u8>,
    #[n(3)]
    stage_entered_at: Option<i64>,
    #[n(4)]
    conflicted: bool,
    #[n(5)]
    proofs: Vec<SlimProof>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Saved {
    #[cbor(n(0), with = "minicbor::bytes")]
    bytes: Vec<u8>,
    #[cbor(n(1), with = "crate::wire::hashes")]
    heads: Vec<ChangeHash>,
}

/// The proof of a document's change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct SlimProof {
    #[n(0)]
    seq: u64,
    #[n(1)]
    of: Proven,
    #[n(2)]
    accepted: Acceptance,
}

/// Which change is proven.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
enum Proven {
    /// This one.
    #[n(0)]
    Change(#[n(0)] SlimChange),
    /// One that is in the saved document.
    #[n(1)]
    Named(#[cbor(n(0), with = "crate::wire::hash")] ChangeHash, #[cbor(n(1), with = "minicbor::bytes")] [u8; 16]),
}

/// Makes entries ready to travel, which follow each other in the log. `earlier` is asked for the entry before another
/// in its record, where that is none of these; whoever does not know it costs the receiver some bytes.
pub fn slim_entries(entries: &[Entry], mut earlier: impl FnMut(&Entry) -> Option<Earlier>) -> Vec<SlimEntry> {
    let mut newest: BTreeMap<RecordId, Earlier> = BTreeMap::new();
    let mut slim = Vec::with_capacity(entries.len());
    for entry in entries {
        let deps = Parts::read(&entry.change).map(|parts| parts.deps).unwrap_or_default();
        let before = match deps {
            [_] => newest.get(&entry.record.id).copied().or_else(|| earlier(entry)),
            _ => None,
        };
        let before = before.filter(|before| deps == [before.hash.0] && before.record == entry.record);
        slim.push(SlimEntry {
            back: before.map(|before| entry.proof.seq.wrapping_sub(before.seq)),
            record: if before.is_some() { None } else { Some(entry.record) },
            change: SlimChange::of(&entry.change, before.map(|before| (before.hash, before.actor))),
            accepted: Acceptance::of(&entry.proof),
        });
        newest.insert(entry.record.id, Earlier::of(entry));
    }
    slim
}

impl Entries {
    /// Reads the entries; `known` finds those before them in the receiver's own log.
    ///
    /// # Errors
    /// When the block is damaged, or builds on what is not known.
    pub fn open(&self, known: impl Fn(u64) -> Option<Earlier>) -> Result<Vec<Entry>, OpenEntriesError> {
        let mut entries: Vec<Entry> = Vec::new();
        for (seq, slim) in (self.from..).zip(self.entries.open()?) {
            let before = match slim.back {
                None => None,
                Some(back) => {
                    let at = seq.checked_sub(back).ok_or(OpenEntriesError::Unknown(0))?;
                    let index = at.checked_sub(self.from).and_then(|index| usize::try_from(index).ok());
                    let here = index.and_then(|index| entries.get(index)).map(Earlier::of);
                    Some(here.or_else(|| known(at)).ok_or(OpenEntriesError::Unknown(at))?)
                }
            };
            entries.push(slim.whole(seq, before)?);
        }
        Ok(entries)
    }
}

impl SlimEntry {
    fn whole(self, seq: u64, before: Option<Earlier>) -> Result<Entry, OpenBlockError> {
        let record = self.record.or_else(|| before.map(|before| before.record)).ok_or_else(|| missing("record"))?;
        let whole = self.change.whole(before.map(|before| (before.hash, before.actor)))?;
        Ok(Entry { record, proof: self.accepted.proof(seq, whole.hash, whole.actor), change: whole.bytes })
    }
}

/// A change with what had been left out.
struct Whole {
    hash: ChangeHash,
    actor: [u8; 16],
    deps: Vec<ChangeHash>,
    bytes: Vec<u8>,
}

impl SlimChange {
    /// Bytes that are no plain change travel as if they were the rest of one: no receiver takes what comes of them.
    fn of(bytes: &[u8], before: Option<(ChangeHash, [u8; 16])>) -> Self {
        let Some(parts) = Parts::read(bytes) else { return Self { deps: None, actor: None, rest: bytes.to_vec() } };
        let expected = before.map(|(hash, _)| hash.0);
        let as_expected = parts.deps == expected.as_slice();
        let deps = parts.deps.iter().copied().map(ChangeHash).collect();
        Self {
            deps: if as_expected { None } else { Some(deps) },
            actor: Some(parts.actor).filter(|actor| before.is_none_or(|(_, before)| *actor != before)),
            rest: parts.rest.to_vec(),
        }
    }

    fn whole(self, before: Option<(ChangeHash, [u8; 16])>) -> Result<Whole, OpenBlockError> {
        let deps = self.deps.unwrap_or_else(|| before.map(|(hash, _)| hash).into_iter().collect());
        let actor = self.actor.or_else(|| before.map(|(_, actor)| actor)).ok_or_else(|| missing("actor"))?;
        let plain: Vec<[u8; 32]> = deps.iter().map(|hash| hash.0).collect();
        let (hash, bytes) = Parts { deps: &plain, actor, rest: &self.rest }.join();
        Ok(Whole { hash, actor, deps, bytes })
    }
}

fn missing(what: &str) -> OpenBlockError {
    OpenBlockError::Malformed(format!("a change without {what}"))
}

impl Acceptance {
    const fn of(proof: &Proof) -> Self {
        let Proof { user, device, command, received_at, receipt, .. } = *proof;
        Self { user, device, command, received_at, receipt }
    }

    const fn proof(self, seq: u64, hash: ChangeHash, actor: [u8; 16]) -> Proof {
        let Self { user, device, command, received_at, receipt } = self;
        Proof { seq, hash, actor, user, device, command, received_at, receipt }
    }
}

impl SlimDocument {
    /// Makes a document ready to travel. One that is stored as its changes travels as its changes.
    pub fn of(document: &SnapshotDocument) -> Self {
        let changes = chunk::split(&document.saved).filter(|changes| are_proven(changes, &document.proofs));
        let proofs = document.proofs.iter();
        let proofs = match &changes {
            Some(changes) => {
                let mut before = None;
                let slim = |(change, proof): (&&[u8], &Proof)| {
                    let of = Proven::Change(SlimChange::of(change, before));
                    before = Some((proof.hash, proof.actor));
                    SlimProof { seq: proof.seq, of, accepted: Acceptance::of(proof) }
                };
                changes.iter().zip(proofs).map(slim).collect()
            }
            None => {
                let named = |proof: &Proof| Proven::Named(proof.hash, proof.actor);
                proofs
                    .map(|proof| SlimProof { seq: proof.seq, of: named(proof), accepted: Acceptance::of(proof) })
                    .collect()
            }
        };
        let saved = Saved { bytes: document.saved.clone(), heads: document.heads.clone() };
        Self {
            record: document.record,
            saved: if changes.is_some() { None } else { Some(saved) },
            row: document.row.clone(),
            stage_entered_at: document.stage_entered_at,
            conflicted: document.conflicted,
            proofs,
        }
    }

    /// The document as it was.
    ///
    /// # Errors
    /// When something is missing.
    fn whole(self) -> Result<SnapshotDocument, OpenBlockError> {
        let (mut bytes, mut heads) = (Vec::new(), BTreeSet::new());
        let mut proofs: Vec<Proof> = Vec::with_capacity(self.proofs.len());
        for SlimProof { seq, of, accepted } in self.proofs {
            let (hash, actor) = match of {
                Proven::Named(hash, actor) => (hash, actor),
                Proven::Change(change) => {
                    let whole = change.whole(proofs.last().map(|proof| (proof.hash, proof.actor)))?;
                    bytes.extend(whole.bytes);
                    heads.retain(|head| !whole.deps.contains(head));
                    heads.insert(whole.hash);
                    (whole.hash, whole.actor)
                }
            };
            proofs.push(accepted.proof(seq, hash, actor));
        }
        let changes = Saved { bytes, heads: heads.into_iter().collect() };
        let Saved { bytes: saved, heads } = self.saved.unwrap_or(changes);
        let Self { record, row, stage_entered_at, conflicted, .. } = self;
        Ok(SnapshotDocument { record, saved, heads, row, stage_entered_at, conflicted, proofs })
    }
}

/// Whether there is one change for each proof, in their order.
fn are_proven(changes: &[&[u8]], proofs: &[Proof]) -> bool {
    let names = |(change, proof): (&&[u8], &Proof)| {
        chunk::ChunkHead::read(change).is_ok_and(|head| (head.hash, head.actor) == (proof.hash, proof.actor))
    };
    changes.len() == proofs.len() && changes.iter().zip(proofs).all(names)
}

impl SnapshotPage {
    /// Packs documents into a page's block.
    pub fn pack(documents: &[SnapshotDocument]) -> Block<SlimDocument> {
        Block::pack(&documents.iter().map(SlimDocument::of).collect::<Vec<_>>())
    }

    /// Reads the documents.
    ///
    /// # Errors
    /// When the block is damaged.
    pub fn open(&self) -> Result<Vec<SnapshotDocument>, OpenBlockError> {
        self.documents.open()?.into_iter().map(SlimDocument::whole).collect()
    }
}
