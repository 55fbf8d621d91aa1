//! The few places that touch Automerge's own types for whole documents and changes, and the net under them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change, LoadOptions, TextEncoding};
use model::ChangeHash;

use crate::{ActorId, NewChange};

/// Positions in text count Unicode scalar values, natively and in the browser alike.
const TEXT_ENCODING: TextEncoding = TextEncoding::UnicodeCodePoint;

/// Automerge gave up on its input with a panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the document engine could not process the data")]
pub struct Panicked;

/// Runs `work` and turns a panic inside Automerge into an error. What `work` touches must be thrown away then.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked)
}

/// An empty document.
pub(crate) fn blank() -> Automerge {
    Automerge::new_with_encoding(TEXT_ENCODING)
}

/// How saved documents are opened: heads verified, nothing skipped.
pub(crate) fn load_options() -> LoadOptions<'static> {
    LoadOptions::new().text_encoding(TEXT_ENCODING)
}

pub(crate) const fn from_engine(hash: automerge::ChangeHash) -> ChangeHash {
    ChangeHash(hash.0)
}

pub(crate) fn to_engine(hashes: &[ChangeHash]) -> Vec<automerge::ChangeHash> {
    hashes.iter().map(|hash| automerge::ChangeHash(hash.0)).collect()
}

/// The actor's 16 bytes; `None` for ids of another length, which TrailTrack never makes.
pub(crate) fn actor_from_engine(actor: &automerge::ActorId) -> Option<ActorId> {
    actor.to_bytes().try_into().ok()
}

/// A change as it is stored and sent; `None` when its actor is not one of ours.
pub(crate) fn new_change(mut change: Change) -> Option<NewChange> {
    let bytes = match change.raw_bytes() {
        raw if raw.len() <= crate::guard::WIRE_MAX => raw.to_vec(),
        _ => change.bytes().into_owned(),
    };
    Some(NewChange {
        hash: from_engine(change.hash()),
        actor: actor_from_engine(change.actor_id())?,
        seq: change.seq(),
        deps: change.deps().iter().copied().map(from_engine).collect(),
        bytes,
    })
}
