//! The gates that a change passes before the relay takes it, whichever way it comes: bytes, actor, order, operations,
//! policy, trial. What was given away meanwhile is noticed when it is committed (`staging`).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ledger::guard::{GuardError, Inspected, admit, check_room, inspect};
use ledger::{Applied, Document};
use model::{ChangeHash, RecordId, RecordRef};
use sync::Block;
use sync::wire::{Retry, nack};

use super::announce::BLOCK_MAX;
use super::rights::not_allowed;
use super::{Relay, Session};
use crate::store::{Authorship, LogStore, StoreError};

/// Plain bytes of a change below which it is sure to fit a frame.
const SURELY_FITS: usize = BLOCK_MAX / 2;
/// Longest time that applying one change may take of the processor. The gates before it bound the work; this is for
/// what nobody has thought of.
pub const TRIAL_MICROS_MAX: u64 = 250_000;
/// Actors remembered with their owners.
const ACTORS_MAX: usize = 20_000;

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: &'static str,
    pub fields: Vec<String>,
    pub detail: String,
    pub retry: Retry,
    /// Changes that it builds on and that are not here.
    pub missing: Vec<ChangeHash>,
}

impl Refusal {
    pub(super) fn new(code: &'static str, detail: impl ToString, retry: Retry) -> Self {
        Self { code, fields: Vec::new(), detail: detail.to_string(), retry, missing: Vec::new() }
    }
}

impl From<GuardError> for Refusal {
    fn from(error: GuardError) -> Self {
        let (code, retry) = match &error {
            GuardError::Malformed(_) => (nack::MALFORMED, Retry::Never),
            GuardError::TooLarge { .. }
            | GuardError::DocumentFull
            | GuardError::TooManyOperations
            | GuardError::TooManyDependencies => (nack::TOO_LARGE, Retry::Never),
            GuardError::Need(_) => (nack::UNKNOWN_DEPENDENCY, Retry::Rebase),
            GuardError::WrongSequence { .. } => (nack::WRONG_SEQUENCE, Retry::Rebase),
            GuardError::WrongTime
            | GuardError::WrongStart { .. }
            | GuardError::WrongDocument
            | GuardError::AlreadyExists
            | GuardError::Forbidden(_)
            | GuardError::BadValue(_) => (nack::INVALID, Retry::Never),
        };
        let mut refusal = Self::new(code, &error, retry);
        match error {
            GuardError::Need(missing) => refusal.missing = missing,
            GuardError::BadValue(problem) => refusal.fields.push(problem.key),
            _ => {}
        }
        refusal
    }
}

/// A change is not taken, or the store failed.
pub(super) enum GateError {
    Refused(Refusal),
    Store(StoreError),
}

impl From<StoreError> for GateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for GateError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Documents that a command works on, apart from the others until its fate is known.
#[derive(Default)]
pub(super) struct Bench {
    documents: BTreeMap<RecordId, Slot>,
}

struct Slot {
    document: Option<Document>,
    changed: bool,
}

impl Bench {
    /// A record's document as the command leaves it so far.
    pub(super) fn document(&self, record: RecordId) -> Option<&Document> {
        self.documents.get(&record)?.document.as_ref()
    }

    pub(super) fn holds(&self, record: RecordId) -> bool {
        self.documents.contains_key(&record)
    }
}

/// Who a change is taken from.
#[derive(Clone, Copy)]
pub(super) enum Rights<'a> {
    /// Somebody who pushes: their role counts.
    Of(&'a Session),
    /// Somebody whom the relay has believed before.
    Proven,
}

impl<S: LogStore> Relay<S> {
    /// Passes a change through the gates and applies it on the bench; `false` when the document has it already.
    pub(super) fn pass(
        &mut self,
        bench: &mut Bench,
        record: RecordRef,
        change: &Inspected,
        by: Authorship,
        rights: Rights<'_>,
    ) -> Result<bool, GateError> {
        self.lay_out(bench, record)?;
        if bench.document(record.id).is_some_and(|document| document.contains(&change.hash)) {
            return Ok(false);
        }
        if let Rights::Of(session) = rights {
            // Whoever may write nothing of the kind is told before any work is done.
            self.actor_of(session).may_create(record.kind).map_err(not_allowed)?;
        }
        if self.owner_of_actor(change)?.is_some_and(|owner| owner != by) {
            let detail = "the change's actor belongs to another device";
            return Err(Refusal::new(nack::WRONG_ACTOR, detail, Retry::Rebase).into());
        }
        guarded(|| admit(bench.document(record.id), record, change))?.map_err(Refusal::from)?;
        if let Rights::Of(session) = rights {
            self.permit(bench, session, record, change)?;
        }
        let Some(slot) = bench.documents.get_mut(&record.id) else { return Ok(false) };
        slot.changed = true;
        let start = (self.stopwatch)();
        try_apply(&mut slot.document, record, change)?;
        if (self.stopwatch)().saturating_sub(start) > TRIAL_MICROS_MAX {
            return Err(Refusal::new(nack::TOO_SLOW, "the change takes too long to apply", Retry::Never).into());
        }
        Ok(true)
    }

    /// Takes a record's document onto the bench.
    fn lay_out(&mut self, bench: &mut Bench, record: RecordRef) -> Result<(), StoreError> {
        if let Entry::Vacant(place) = bench.documents.entry(record.id) {
            place.insert(Slot { document: self.document(record)?, changed: false });
        }
        Ok(())
    }

    /// Clears the bench of a command that is taken.
    pub(super) fn keep(&mut self, bench: Bench) {
        bench
            .documents
            .into_values()
            .filter_map(|slot| slot.document)
            .for_each(|document| self.documents.put(document));
    }

    /// Clears the bench of a command that is refused: what it has changed is rebuilt when it is needed.
    pub(super) fn throw_away(&mut self, bench: Bench) {
        let untouched = bench.documents.into_values().filter(|slot| !slot.changed);
        untouched.filter_map(|slot| slot.document).for_each(|document| self.documents.put(document));
    }

    /// Whom the change's actor belongs to; nobody when this is its first use.
    fn owner_of_actor(&mut self, change: &Inspected) -> Result<Option<Authorship>, StoreError> {
        let remembered = self.staging.actors.get(&change.actor).or_else(|| self.actors.get(&change.actor));
        if let Some(by) = remembered {
            return Ok(Some(*by));
        }
        let found = self.store.actor(&change.actor)?;
        if let Some(by) = found {
            self.note_actors(&BTreeMap::from([(change.actor, by)]));
        }
        Ok(found)
    }

    /// Remembers whom committed actors belong to.
    pub(super) fn note_actors(&mut self, actors: &BTreeMap<[u8; 16], Authorship>) {
        if self.actors.len() + actors.len() > ACTORS_MAX {
            self.actors.clear();
        }
        self.actors.extend(actors);
    }
}

/// Judges a change by its bytes.
pub(super) fn judge_bytes(bytes: &[u8]) -> Result<Inspected, Refusal> {
    let change = guarded(|| inspect(bytes))??;
    let fits = change.bytes.len() <= SURELY_FITS
        || Block::<Vec<u8>>::pack_encoded(&[&change.bytes]).size_bytes() + ENTRY_ROOM <= BLOCK_MAX;
    if fits { Ok(change) } else { Err(Refusal::new(nack::TOO_LARGE, "the change does not fit a frame", Retry::Never)) }
}

/// What an entry takes beside its change, at most.
const ENTRY_ROOM: usize = 1024;

/// A record begins with everything that is required of it.
fn check_complete(document: &Document) -> Result<(), Refusal> {
    let (record, _) = document.read();
    let problems = model::schema::check_record(record.kind, &record.fields);
    let Some(first) = problems.first() else { return Ok(()) };
    let mut refusal = Refusal::new(nack::INVALID, first, Retry::Never);
    refusal.fields = problems.into_iter().map(|problem| problem.key).collect();
    Err(refusal)
}

fn try_apply(document: &mut Option<Document>, record: RecordRef, change: &Inspected) -> Result<(), Refusal> {
    let invalid = |error: &dyn std::error::Error| Refusal::new(nack::INVALID, error, Retry::Never);
    guarded(|| {
        check_room(document.as_mut(), change)?;
        match document {
            None => {
                let first = Document::from_changes(record, [change.bytes.as_slice()]);
                let first = first.map_err(|error| invalid(&error))?;
                check_complete(&first)?;
                *document = Some(first);
                Ok(())
            }
            Some(document) => match document.apply(&change.bytes) {
                Ok(Applied::New | Applied::AlreadyHere) => Ok(()),
                Err(error) => Err(invalid(&error)),
            },
        }
    })?
}

/// Turns a panic into a refusal. What `work` touches is thrown away then.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| Refusal::new(nack::INVALID, "the change can't be applied", Retry::Never))
}
