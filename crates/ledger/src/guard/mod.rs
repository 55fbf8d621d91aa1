//! The gates that a change passes before it may touch a document.

/// Longest change on the wire, in bytes.
pub const WIRE_MAX: usize = 256 * 1024;
/// Longest change once inflated, in bytes.
pub const INFLATED_MAX: usize = 1 << 20;
/// Most operations in a change, beside the letters of a note.
pub const OPS_MAX: usize = 10_000;
/// Most letters that a change puts into notes, and most that it takes out: a whole note each.
pub const LETTERS_MAX: usize = model::schema::NOTE_MAX_BYTES;

/// Whether a change with so many operations may be sent.
pub(crate) const fn fits(op_count: usize) -> bool {
    op_count <= OPS_MAX + 2 * LETTERS_MAX
}
