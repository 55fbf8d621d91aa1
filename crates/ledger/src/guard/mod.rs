//! The gates that a change passes before it may touch a document. Automerge is no security boundary: well-formed
//! bytes can make it panic later, grow without bound, or write a file that it refuses to read.
//!
//! [`inspect`] judges the bytes alone, the cheap things first, and hands Automerge only what is small and plain.
//! [`admit`] judges the change against the document it is meant for, operation by operation, with a list of what
//! is allowed: what the ledger itself never writes is refused. [`paths`] says which fields it writes, for the
//! policy that follows. Which user an actor belongs to is the caller's knowledge.

mod admit;
mod bytes;
mod columns;
mod inspect;
mod letters;
mod room;

use model::ChangeHash;
use model::schema::FieldProblem;

pub use admit::{Touched, Write, admit, paths};
pub use bytes::Flaw;
pub use inspect::{Inspected, inspect};
pub use room::check_room;

/// Longest change on the wire, in bytes.
pub const WIRE_MAX: usize = 256 * 1024;
/// Longest change once inflated, in bytes.
pub const INFLATED_MAX: usize = 1 << 20;
/// Most operations in a change, beside the letters of a note.
pub const OPS_MAX: usize = 10_000;
/// Most letters that a change puts into notes, and most that it takes out: a whole note each.
pub const LETTERS_MAX: usize = model::schema::NOTE_MAX_BYTES;
/// Most changes that a change is written on.
pub const DEPS_MAX: usize = 64;
/// Longest message of a change, in bytes. TrailTrack writes none.
pub const MESSAGE_MAX: usize = 256;
/// Most concurrent values on one field.
pub const RIVALS_MAX: usize = 64;

/// Largest document, as Automerge saves it, in bytes.
pub const DOCUMENT_MAX: usize = 8 * 1024 * 1024;
/// Most operations in the history of a document.
pub const DOCUMENT_OPS_MAX: usize = 200_000;

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// The bytes are not one sound, plainly written change.
    #[error("the change is malformed: {0}")]
    Malformed(#[from] Flaw),
    /// It is longer than a change may be, or would make the record so.
    #[error("the change is too large; at most {max} are allowed")]
    TooLarge {
        /// The limit, in bytes or in fields.
        max: usize,
    },
    /// The record's history has grown to its limit; only removals are taken.
    #[error("the record's history is full; take the record over into a new one")]
    DocumentFull,
    /// It holds more operations than a change may.
    #[error("the change holds too many operations")]
    TooManyOperations,
    /// It is written on more changes than a change may.
    #[error("the change names too many others")]
    TooManyDependencies,
    /// It claims a moment before 1970 or after 2100.
    #[error("the change claims an impossible time")]
    WrongTime,
    /// It builds on changes that are not here.
    #[error("{} changes that it builds on are missing", .0.len())]
    Need(Vec<ChangeHash>),
    /// It is not the next change of its actor.
    #[error("the change should be its author's number {expected}")]
    WrongSequence {
        /// The number that is due.
        expected: u64,
    },
    /// Its operations are numbered otherwise than an honest author numbers them.
    #[error("the change's first operation should be number {expected}")]
    WrongStart {
        /// The number that is due.
        expected: u64,
    },
    /// It belongs to another record, or would begin the record without saying which.
    #[error("the change belongs to another record")]
    WrongDocument,
    /// The record has begun already.
    #[error("the record exists already")]
    AlreadyExists,
    /// It does something that TrailTrack never writes.
    #[error("the change does something that is not allowed: {0}")]
    Forbidden(Offence),
    /// It writes a field that doesn't exist, or a value that doesn't fit.
    #[error(transparent)]
    BadValue(FieldProblem),
}

impl GuardError {
    /// The stable name of the reason, as it stands in refusals.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::DocumentFull => "document_full",
            Self::TooManyOperations => "too_many_operations",
            Self::TooManyDependencies => "too_many_dependencies",
            Self::WrongTime => "wrong_time",
            Self::Need(_) => "need",
            Self::WrongSequence { .. } => "wrong_sequence",
            Self::WrongStart { .. } => "wrong_start",
            Self::WrongDocument => "wrong_document",
            Self::AlreadyExists => "already_exists",
            Self::Forbidden(_) => "forbidden_operation",
            Self::BadValue(_) => "bad_value",
        }
    }
}

/// What an operation does that none may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Offence {
    /// Makes a map, list or table, counts, or marks text.
    #[error("an operation of a kind that is never used")]
    Action,
    /// Addresses an object that is not in the record.
    #[error("an operation on an unknown object")]
    Object,
    /// Uses a position where a key is due, or the reverse.
    #[error("an operation on a key of the wrong kind")]
    Key,
    /// Replaces other values than those its author saw.
    #[error("an operation that replaces other values than its author saw")]
    Predecessors,
    /// Makes a note's text after the record's first change, or in a field that is no note.
    #[error("a text object made where none belongs")]
    Container,
    /// Replaces or removes a note's text as a whole.
    #[error("a text object replaced or removed")]
    Replaced,
    /// Changes what only a record's first change may write.
    #[error("a field that never changes")]
    Fixed,
    /// Refers to a letter that is not in the note.
    #[error("a letter that is not in the note")]
    Letter,
    /// Piles up concurrent values on one field.
    #[error("too many concurrent values on one field")]
    Rivals,
}

impl From<Offence> for GuardError {
    fn from(offence: Offence) -> Self {
        Self::Forbidden(offence)
    }
}

/// Whether a change with so many operations may be sent.
pub(crate) const fn fits(op_count: usize) -> bool {
    op_count <= OPS_MAX + 2 * LETTERS_MAX
}
