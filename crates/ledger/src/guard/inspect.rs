//! What can be said of a change from its bytes alone.

use automerge::{Change, ExpandedChange};
use model::time::LATEST_MILLIS;
use model::{ChangeHash, Timestamp};

use super::GuardError;
use super::bytes::{Chunk, Flaw};
use super::columns::count_operations;
use crate::ActorId;
use crate::engine::guarded;

/// A change whose bytes are sound.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// Its name everywhere.
    pub hash: ChangeHash,
    /// Who claims to have written it.
    pub actor: ActorId,
    /// The how many-th change of that actor it claims to be.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// The changes it is written on.
    pub deps: Vec<ChangeHash>,
    /// When, by its author's clock.
    pub at: Timestamp,
    /// How many operations it holds.
    pub op_count: usize,
    /// Whether it begins a record.
    pub is_root: bool,
    /// The chunk in its plain form: what to keep and pass on.
    pub bytes: Vec<u8>,
    pub(super) change: ExpandedChange,
}

/// Judges a change by its bytes: one change chunk and nothing else, plain or deflated within bounds, with the right
/// checksum, not too many operations and dependencies, a possible time, 16-byte actors, and in the one form in
/// which Automerge would write it.
///
/// # Errors
/// The first of these that doesn't hold.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, GuardError> {
    let chunk = Chunk::open(bytes)?;
    if !(0..=LATEST_MILLIS).contains(&chunk.time) {
        return Err(GuardError::WrongTime);
    }
    let columns = chunk.plain.get(chunk.columns_at..).unwrap_or_default();
    let op_count = count_operations(columns, chunk.other_actors.saturating_add(1))?;
    let change = guarded(|| expand(&chunk)).map_err(|_| Flaw::Columns)??;
    if change.operations.len() != op_count || change.deps.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Flaw::Unusual.into());
    }
    Ok(Inspected {
        hash: chunk.hash,
        actor: chunk.actor,
        seq: change.seq,
        start_op: change.start_op.get(),
        is_root: chunk.deps.is_empty(),
        deps: chunk.deps,
        at: Timestamp::from_millis(chunk.time),
        op_count,
        bytes: chunk.plain,
        change,
    })
}

/// Decodes the change and checks that writing it again gives the same: that closes every second spelling of the
/// same thing, such as object `0@x` for the root.
fn expand(chunk: &Chunk) -> Result<ExpandedChange, Flaw> {
    let change = Change::try_from(chunk.plain.as_slice()).map_err(|_| Flaw::Columns)?;
    let expanded = change.decode();
    let again = Change::from(expanded.clone());
    if again.hash().0 == chunk.hash.0 { Ok(expanded) } else { Err(Flaw::Unusual) }
}
