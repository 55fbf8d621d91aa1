//! Checking documents against what is shown of them: in the background after a bootstrap, and on demand.

use model::{RecordId, RecordRef, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{Reader, Store};

use crate::replica::{Replica, ReplicaError};
use crate::view;

const CHECKED_UP_TO: &str = "checked_up_to";
/// Documents checked at one go, so that people never wait for it: a browser takes some milliseconds for each.
const SLICE: u32 = 16;
/// Slices after which it is written down how far the check has come. Writing waits for the disk; a check that is cut
/// short only repeats some documents.
const SLICES_PER_NOTE: u32 = 8;

/// How far the check after a bootstrap has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Upkeep {
    state: State,
    /// Slices checked since it was written down how far.
    unnoted: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    /// Checked up to this record.
    Running(Option<RecordId>),
}

/// What `Replica::verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Documents checked.
    pub documents: u64,
    /// What is wrong; empty when all is well.
    pub problems: Vec<Problem>,
    /// SHA-256 over all documents' ids and accepted heads, in the order of ids: equal wherever the same is accepted.
    pub digest: String,
}

/// Something that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The record.
    pub record: RecordId,
    /// What is wrong, in words.
    pub problem: String,
}

impl Upkeep {
    pub(crate) fn read(store: &Reader) -> Result<Self, ReplicaError> {
        let state = match store.meta(CHECKED_UP_TO)? {
            Some(bytes) => State::Running(RecordId::from_slice(&bytes)),
            None => State::Done,
        };
        Ok(Self { state, unnoted: 0 })
    }

    /// Starts over: records came whose documents nobody has opened yet.
    pub(crate) fn start(&mut self, store: &mut Store) -> Result<(), ReplicaError> {
        if self.state != State::Running(None) {
            store.write(|tx| tx.set_meta(CHECKED_UP_TO, &[]).map_err(ReplicaError::from))?;
            self.state = State::Running(None);
        }
        Ok(())
    }

    /// Whether the check has reached this record.
    fn has_checked(&self, record: RecordId) -> bool {
        match self.state {
            State::Done => true,
            State::Running(up_to) => up_to.is_some_and(|up_to| record <= up_to),
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        matches!(self.state, State::Running(_)).then(Timestamp::default)
    }
}

impl Replica {
    /// Whether every document that came with a bootstrap has been checked.
    pub fn is_checked(&self) -> bool {
        self.upkeep.state == State::Done
    }

    /// Checks the next few documents.
    pub(crate) fn upkeep_step(&mut self) -> Result<(), ReplicaError> {
        let State::Running(after) = self.upkeep.state else { return Ok(()) };
        // While pages still arrive, showing them comes first.
        if self.is_bootstrapping() {
            return Ok(());
        }
        let records = self.store.document_ids(None, after, SLICE)?;
        let Some(last) = records.last().map(|record| record.id) else {
            self.store.write(|tx| tx.remove_meta(CHECKED_UP_TO).map_err(ReplicaError::from))?;
            self.upkeep.state = State::Done;
            return Ok(());
        };
        self.upkeep.unnoted += 1;
        let is_time = self.upkeep.unnoted >= SLICES_PER_NOTE;
        self.check(&records, is_time.then_some(last))?;
        if is_time {
            self.upkeep.unnoted = 0;
        }
        self.upkeep.state = State::Running(Some(last));
        Ok(())
    }

    /// Checks one record now, because somebody opens its page.
    pub(crate) fn check_if_due(&mut self, record: RecordRef) -> Result<(), ReplicaError> {
        if self.upkeep.has_checked(record.id) { Ok(()) } else { self.check(&[record], None) }
    }

    fn check(&mut self, records: &[RecordRef], up_to: Option<RecordId>) -> Result<(), ReplicaError> {
        let mut mended = Vec::new();
        self.store.write_copy(|tx| {
            for record in records {
                let Some(stored) = tx.document(record.id)? else { continue };
                let Some(document) = view::load_view(&stored)? else { continue };
                if view::check(tx, &stored, &document)? {
                    mended.push(*record);
                }
            }
            if let Some(up_to) = up_to {
                tx.set_meta(CHECKED_UP_TO, up_to.as_bytes())?;
            }
            Ok::<_, ReplicaError>(())
        })?;
        self.note_changed(mended)
    }

    /// Reloads every document and compares heads and projection; changes nothing.
    ///
    /// # Errors
    /// When the store can't be read at all.
    pub fn verify(&self) -> Result<Verification, ReplicaError> {
        let mut problems = Vec::new();
        let mut documents = 0;
        let mut hasher = Sha256::new();
        let mut after = None;
        loop {
            let records = self.store.document_ids(None, after, SLICE)?;
            let Some(last) = records.last() else { break };
            after = Some(last.id);
            for record in records {
                documents += 1;
                let Some(stored) = self.store.document(record.id)? else { continue };
                hasher.update(record.id.as_bytes());
                stored.confirmed_heads.iter().for_each(|head| hasher.update(head.0));
                problems.extend(self.problem_of(&stored)?.map(|problem| Problem { record: record.id, problem }));
            }
        }
        let integrity = self.store.integrity_problems()?;
        let nowhere = RecordId::from_bytes([0; 16]);
        problems.extend(integrity.into_iter().map(|problem| Problem { record: nowhere, problem }));
        let digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Verification { documents, problems, digest })
    }

    fn problem_of(&self, stored: &store::StoredDocument) -> Result<Option<String>, ReplicaError> {
        let document = match view::load_view(stored) {
            Ok(Some(document)) => document,
            Ok(None) => return Ok(Some("nothing of it is stored".into())),
            Err(error) => return Ok(Some(error.to_string())),
        };
        if document.heads() != stored.view_heads {
            return Ok(Some("what is shown is not up to date with the document".into()));
        }
        let (record, _) = document.shown();
        if self.store.record(record.id)?.as_ref() != Some(&record) {
            return Ok(Some("what is shown differs from the document".into()));
        }
        Ok(None)
    }

    /// Every document as Automerge saves it, with what waits for the relay, in the order of record ids.
    ///
    /// # Errors
    /// When the store can't be read or a document is damaged.
    pub fn saved_documents(&self) -> Result<Vec<(RecordRef, Vec<u8>)>, ReplicaError> {
        let mut saved = Vec::new();
        for record in self.store.document_ids(None, None, u32::MAX)? {
            let Some(stored) = self.store.document(record.id)? else { continue };
            if let Some(document) = view::load_view(&stored)? {
                saved.push((record, document.save()));
            }
        }
        Ok(saved)
    }

    /// Projects every document anew, as after a damage; the result must equal what was there.
    ///
    /// # Errors
    /// When the store can't be read or written.
    pub fn rebuild(&mut self) -> Result<(), ReplicaError> {
        let mut after = None;
        self.store.write(|tx| tx.clear_projections().map_err(ReplicaError::from))?;
        loop {
            let records = self.store.document_ids(None, after, SLICE)?;
            let Some(last) = records.last() else { break };
            after = Some(last.id);
            self.check(&records, None)?;
        }
        self.read_settings()
    }

    /// Answers as if every document had been checked, for tests and headless use.
    ///
    /// # Errors
    /// When the store can't be read or written.
    pub fn finish_upkeep(&mut self) -> Result<(), ReplicaError> {
        while !self.is_checked() && !self.is_bootstrapping() {
            self.upkeep_step()?;
        }
        Ok(())
    }
}
