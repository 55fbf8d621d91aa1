//! Whether a document may grow by one more change.

use automerge::legacy::OpType;

use super::{DOCUMENT_MAX, DOCUMENT_OPS_MAX, GuardError, Inspected};
use crate::Document;

/// Refuses a change that would make the document larger than documents may be. What only removes is always taken, or
/// nobody could shorten a note that has become too long.
///
/// A document counts with the bytes of its changes until that is too much, and then with its saved size.
///
/// # Errors
/// When the document is full.
pub fn check_room(document: Option<&mut Document>, inspected: &Inspected) -> Result<(), GuardError> {
    let Some(document) = document else { return Ok(()) };
    if inspected.change.operations.iter().all(|operation| matches!(operation.action, OpType::Delete)) {
        return Ok(());
    }
    let op_count = document.graph.op_count() + inspected.op_count as u64;
    let fits = op_count <= DOCUMENT_OPS_MAX as u64 && document.fits_with(inspected.bytes.len(), DOCUMENT_MAX);
    if fits { Ok(()) } else { Err(GuardError::DocumentFull) }
}
