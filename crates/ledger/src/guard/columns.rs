//! The columns of a change's operations: counted from their run lengths before anything is unfolded.
//!
//! 119 bytes can stand for a million operations, so Automerge gets to see a change only after this.

use super::bytes::{Flaw, Reader};
use super::{GuardError, LETTERS_MAX, OPS_MAX, Offence};

const OBJECT_ACTOR: u64 = 0x01;
const OBJECT_COUNTER: u64 = 0x02;
const KEY_ACTOR: u64 = 0x11;
const KEY_COUNTER: u64 = 0x13;
const KEY_TEXT: u64 = 0x15;
const INSERT: u64 = 0x34;
const ACTION: u64 = 0x42;
const VALUE_META: u64 = 0x56;
const VALUE: u64 = 0x57;
const PRED_COUNT: u64 = 0x70;
const PRED_ACTOR: u64 = 0x71;
const PRED_COUNTER: u64 = 0x73;
const EXPAND: u64 = 0x94;
const MARK_NAME: u64 = 0xa5;

/// Every column that operations may have, in the order they stand.
const KNOWN: [u64; 12] = [
    OBJECT_ACTOR,
    OBJECT_COUNTER,
    KEY_ACTOR,
    KEY_COUNTER,
    KEY_TEXT,
    INSERT,
    ACTION,
    VALUE_META,
    VALUE,
    PRED_COUNT,
    PRED_ACTOR,
    PRED_COUNTER,
];

const ACTION_SET: u64 = 1;
const ACTION_DELETE: u64 = 3;
const ACTION_MAKE_TEXT: u64 = 4;

/// Most references to replaced values in a change.
const PREDS_MAX: u64 = (OPS_MAX + LETTERS_MAX) as u64;

/// The columns' bytes by their specification.
struct Columns<'a>(Vec<(u64, &'a [u8])>);

/// Checks the columns that begin here and counts the operations in them.
///
/// `actor_count` is the number of actors that operations may refer to, the author included.
pub(super) fn count_operations(bytes: &[u8], actor_count: u64) -> Result<usize, GuardError> {
    let columns = Columns::split(bytes)?;
    let (mut total, mut deleted) = (0_u64, 0_u64);
    runs(columns.get(ACTION), |length, action| {
        total = total.saturating_add(length);
        match action {
            Some(ACTION_SET | ACTION_MAKE_TEXT) => Ok(()),
            Some(ACTION_DELETE) => {
                deleted = deleted.saturating_add(length);
                Ok(())
            }
            Some(_) => Err(Offence::Action.into()),
            None => Err(Flaw::Columns.into()),
        }
    })?;
    let inserted = inserted_count(columns.get(INSERT))?;
    // Each letter brings at least a byte, so a note's worth of them can't hide in a few.
    let letters_max = columns.get(VALUE).len().min(LETTERS_MAX) as u64;
    let others = total.saturating_sub(deleted).saturating_sub(inserted);
    let ops_max = OPS_MAX as u64;
    if inserted > letters_max || deleted > ops_max + LETTERS_MAX as u64 || others > ops_max {
        return Err(GuardError::TooManyOperations);
    }
    check_preds(columns.get(PRED_COUNT))?;
    for column in [OBJECT_ACTOR, KEY_ACTOR, PRED_ACTOR] {
        check_actors(columns.get(column), actor_count)?;
    }
    usize::try_from(total).map_err(|_| GuardError::TooManyOperations)
}

impl<'a> Columns<'a> {
    fn split(bytes: &'a [u8]) -> Result<Self, GuardError> {
        let mut reader = Reader::new(bytes);
        let column_count = reader.length()?;
        let mut headers: Vec<(u64, usize)> = Vec::new();
        for _ in 0..column_count {
            let (specification, length) = (reader.unsigned()?, reader.unsigned()?);
            check_specification(specification, headers.last().map(|last| last.0))?;
            headers.push((specification, usize::try_from(length).map_err(|_| Flaw::Number)?));
        }
        let mut columns = Vec::with_capacity(headers.len());
        for (specification, length) in headers {
            columns.push((specification, reader.take(length)?));
        }
        // What follows the columns is an author's footer, which TrailTrack doesn't use.
        if reader.rest().is_empty() { Ok(Self(columns)) } else { Err(Flaw::Trailing.into()) }
    }

    fn get(&self, specification: u64) -> &'a [u8] {
        self.0.iter().find(|column| column.0 == specification).map_or(&[], |column| column.1)
    }
}

fn check_specification(specification: u64, last: Option<u64>) -> Result<(), GuardError> {
    if [EXPAND, MARK_NAME].contains(&specification) {
        return Err(Offence::Action.into());
    }
    let in_order = last.is_none_or(|last| last < specification);
    if in_order && KNOWN.contains(&specification) { Ok(()) } else { Err(Flaw::Columns.into()) }
}

/// The number of values that are `true`; counts of `false` and `true` alternate.
fn inserted_count(column: &[u8]) -> Result<u64, GuardError> {
    let mut reader = Reader::new(column);
    let (mut inserted, mut value) = (0_u64, false);
    while !reader.rest().is_empty() {
        let length = reader.unsigned()?;
        if value {
            inserted = inserted.saturating_add(length);
        }
        value = !value;
    }
    Ok(inserted)
}

fn check_preds(column: &[u8]) -> Result<(), GuardError> {
    let mut preds = 0_u64;
    runs(column, |length, count| {
        let count = count.ok_or(Flaw::Columns)?;
        preds = preds.saturating_add(length.saturating_mul(count));
        if preds > PREDS_MAX { Err(GuardError::TooManyOperations) } else { Ok(()) }
    })
}

/// Actors are numbers into the change's own list.
fn check_actors(column: &[u8], actor_count: u64) -> Result<(), GuardError> {
    runs(column, |_, actor| match actor {
        Some(actor) if actor >= actor_count => Err(Flaw::Columns.into()),
        _ => Ok(()),
    })
}

/// Goes through a run-length encoded column of numbers: a positive count repeats one, a negative one is followed
/// by as many, and nought is followed by a count of absent ones.
fn runs(column: &[u8], mut each: impl FnMut(u64, Option<u64>) -> Result<(), GuardError>) -> Result<(), GuardError> {
    let mut reader = Reader::new(column);
    while !reader.rest().is_empty() {
        match reader.signed()? {
            0 => each(reader.unsigned()?, None)?,
            count if count > 0 => each(count.unsigned_abs(), Some(reader.unsigned()?))?,
            count => {
                for _ in 0..count.unsigned_abs() {
                    each(1, Some(reader.unsigned()?))?;
                }
            }
        }
    }
    Ok(())
}
