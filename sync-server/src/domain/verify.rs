//! Checking everything: every entry's bytes, the chain of digests, every document, the counts.

use std::collections::BTreeSet;

use model::{RecordId, RecordRef};
use sync::{Cursor, Digest};

use super::{Relay, RelayError};
use crate::audit::AuditProblem;
use crate::store::{Counts, LogStore, StoreError};

/// Records listed at once.
const LIST_MAX: usize = 512;
/// Problems listed; more are only counted.
pub const PROBLEMS_MAX: usize = 1_000;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// Entries that were read.
    pub entries: u64,
    /// Documents that were rebuilt from their changes.
    pub documents: u64,
    /// The log's end, by the workspace's own account.
    pub head: Cursor,
    /// What became of checking the audit log; what is wrong with it is among the problems.
    pub audit_entries: u64,
    /// The hash of its last entry.
    pub audit_head: [u8; 32],
    /// What is wrong, at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How much is wrong.
    pub problem_count: u64,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An entry can't be read.
    #[error("entry {seq}: {detail}")]
    Entry {
        /// Its place in the log.
        seq: u64,
        /// What is wrong.
        detail: String,
    },
    /// A document can't be rebuilt from its changes, or has other heads than they lead to.
    #[error("{} {}: {detail}", .record.kind, .record.id)]
    Document {
        /// Its record.
        record: RecordRef,
        /// What is wrong.
        detail: String,
    },
    /// The entries lead to another digest than was written down.
    #[error("the digest after entry {seq} is not what was written down")]
    Digest {
        /// Its place in the log.
        seq: u64,
    },
    /// The counts contradict each other.
    #[error("{what}: {found} instead of {expected}")]
    Count {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The audit log is not what was written down.
    #[error(transparent)]
    Audit(AuditProblem),
    /// The file is damaged.
    #[error("the database file: {0}")]
    File(String),
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problem_count == 0
    }

    fn add(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// Where the check of the log stands.
struct Chain {
    seq: u64,
    digest: Digest,
    /// Whether an entry was skipped: no digest can be right after that.
    broken: bool,
    records: BTreeSet<RecordId>,
}

impl Chain {
    const fn skip_to(&mut self, seq: u64) {
        self.seq = seq;
        self.broken = true;
    }
}

impl<S: LogStore> Relay<S> {
    /// Reads and checks everything there is.
    ///
    /// # Errors
    /// When the store fails in a way that leaves nothing to check.
    pub fn verify(&mut self) -> Result<VerifyReport, RelayError> {
        let head = self.head;
        let mut report = VerifyReport {
            entries: 0,
            documents: 0,
            head,
            audit_entries: 0,
            audit_head: [0; 32],
            problems: Vec::new(),
            problem_count: 0,
        };
        self.store.check()?.into_iter().for_each(|line| report.add(Problem::File(line)));
        let audit = self.store.check_audit()?;
        (report.audit_entries, report.audit_head) = (audit.entries, audit.head);
        audit.problems.into_iter().for_each(|problem| report.add(Problem::Audit(problem)));
        let mentioned = self.verify_log(&mut report)?;
        self.verify_documents(&mut report)?;
        let Counts { entries, records } = self.store.counts()?;
        for (what, expected, found) in [("entries", self.head.seq, entries), ("records", mentioned, records)] {
            if expected != found {
                report.add(Problem::Count { what, expected, found });
            }
        }
        Ok(report)
    }

    /// Follows the log and returns how many records it mentions.
    fn verify_log(&mut self, report: &mut VerifyReport) -> Result<u64, StoreError> {
        let mut chain = Chain { seq: 0, digest: Digest::EMPTY, broken: false, records: BTreeSet::new() };
        while chain.seq < self.head.seq {
            let from = chain.seq;
            match self.verify_run(report, &mut chain) {
                Ok(()) if chain.seq == from => {
                    report.add(Problem::Entry { seq: from + 1, detail: "is gone".into() });
                    chain.skip_to(from + 1);
                }
                Ok(()) => {}
                Err(StoreError::Damaged { seq, source }) => {
                    report.add(Problem::Entry { seq, detail: source.to_string() });
                    chain.skip_to(seq.max(from + 1));
                }
                Err(StoreError::Inconsistent(detail)) => {
                    report.add(Problem::Entry { seq: chain.seq + 1, detail: detail.into() });
                    chain.skip_to(chain.seq + 1);
                }
                Err(error) => return Err(error),
            }
        }
        if !chain.broken && chain.digest != self.head.digest {
            report.add(Problem::Digest { seq: chain.seq });
        }
        Ok(chain.records.len() as u64)
    }

    /// Reads on until the end or the first problem.
    fn verify_run(&mut self, report: &mut VerifyReport, chain: &mut Chain) -> Result<(), StoreError> {
        let head = self.head.seq;
        self.store.entries_after(chain.seq, &mut |entry| {
            if entry.seq != chain.seq + 1 || entry.seq > head {
                return false;
            }
            report.entries += 1;
            chain.seq = entry.seq;
            chain.records.insert(entry.record.id);
            chain.digest = chain.digest.then(entry.seq, entry.record.id, entry.hash);
            true
        })
    }

    fn verify_documents(&mut self, report: &mut VerifyReport) -> Result<(), StoreError> {
        let mut after: Option<RecordId> = None;
        loop {
            let records = self.store.records_after(after, LIST_MAX)?;
            let Some(last) = records.last() else { return Ok(()) };
            after = Some(last.id);
            for record in records {
                report.documents += 1;
                if let Some(detail) = self.verify_document(record)? {
                    report.add(Problem::Document { record, detail });
                }
            }
        }
    }

    /// Rebuilds a document from its changes, saves it, loads it again and compares with the one in memory.
    fn verify_document(&mut self, record: RecordRef) -> Result<Option<String>, StoreError> {
        let entries = match self.store.entries_of(record.id) {
            Ok(entries) => entries,
            Err(error @ (StoreError::Damaged { .. } | StoreError::Inconsistent(_))) => {
                return Ok(Some(error.to_string()));
            }
            Err(error) => return Err(error),
        };
        let changes = entries.iter().map(|entry| entry.change.as_slice());
        let document = match ledger::Document::from_changes(record, changes) {
            Ok(document) => document,
            Err(error) => return Ok(Some(error.to_string())),
        };
        if document.change_metas().len() != entries.len() {
            return Ok(Some("its changes are not those of the log".into()));
        }
        let heads = document.heads();
        if let Err(error) = ledger::Document::load(record, &document.save(), &heads) {
            return Ok(Some(error.to_string()));
        }
        let loaded = self.documents.peek(record.id);
        let differs = loaded.is_some_and(|loaded| loaded.heads() != heads);
        Ok(differs.then(|| "the document in memory is another".into()))
    }
}
