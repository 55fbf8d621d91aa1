//! Seals: the audit log says what every segment of the log held when it was packed, with who made its changes and
//! when the relay took them, which the running digest does not cover.

use std::collections::{BTreeMap, BTreeSet};

use model::{Timestamp, WorkspaceId};
use rusqlite::{Connection, Transaction, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::segment::{CommandColumn, SEGMENT_ENTRIES, Segment, Stored, encode_segment, segment_start};
use super::{SqliteStore, WORKSPACE};
use crate::audit::{self, Action, AuditProblem, AuditReport, Event};
use crate::store::{AppendError, Authorship, StoreError};

/// Goes into every seal: another form of segments gets another word.
const FORM: &[u8] = b"trailtrack segment 1";

/// Notes in the audit log what a new segment holds, in the transaction that packs it.
pub(super) fn note_seal(
    tx: &Transaction<'_>,
    entries: &[Stored],
    plain: &[u8],
    authors: &BTreeMap<i64, Authorship>,
) -> Result<(), AppendError> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
    let received = entries.iter().rev().find_map(|entry| match entry.command {
        CommandColumn::Here(_, at) => Some(at),
        CommandColumn::At(_) => None,
    });
    let sha256 = hex(&sealed(first.seq, plain, entries, authors));
    let event = Event { at: received, ..Event::new(Action::LogSealed, Timestamp::default()) };
    let event = event.with("first", first.seq).with("last", last.seq).with("sha256", sha256);
    audit::append(tx, workspace_name(tx)?, &event)?;
    Ok(())
}

/// SHA-256 over a segment and over whom its authors' numbers stand for.
fn sealed(first: u64, plain: &[u8], entries: &[Stored], authors: &BTreeMap<i64, Authorship>) -> [u8; 32] {
    let mut hasher = Sha256::new().chain_update(FORM).chain_update(first.to_be_bytes()).chain_update(plain);
    let numbers: BTreeSet<i64> = entries.iter().map(|entry| entry.author).collect();
    for number in numbers {
        hasher.update(number.to_be_bytes());
        if let Some(by) = authors.get(&number) {
            hasher.update(by.user.as_bytes());
            hasher.update(by.device.as_bytes());
        }
    }
    hasher.finalize().into()
}

fn workspace_name(db: &Connection) -> rusqlite::Result<WorkspaceId> {
    let sql = "SELECT name FROM workspace WHERE id = ?1";
    db.prepare_cached(sql)?.query_row([WORKSPACE], |row| Ok(WorkspaceId::from_bytes(row.get(0)?)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a seal says.
struct Seal {
    seq: u64,
    sha256: String,
}

impl SqliteStore {
    /// Follows the audit log and holds every segment against its seal. Segments that were packed before there was an
    /// audit log have none.
    pub(super) fn check_seals(&mut self) -> Result<AuditReport, StoreError> {
        let workspace = workspace_name(&self.connection)?;
        let mut report = audit::verify(&self.connection, workspace)?;
        let seals = self.read_seals(workspace)?;
        let from = seals.first_key_value().map_or(self.sealed + 1, |(first, _)| *first);
        let mut first = segment_start(from);
        while first <= self.sealed {
            let last = first + SEGMENT_ENTRIES - 1;
            match seals.get(&first) {
                None => report.add(AuditProblem::Unsealed { first, last }),
                Some(seal) if self.seal_of(first)?.is_none_or(|found| hex(&found) != seal.sha256) => {
                    report.add(AuditProblem::Seal { seq: seal.seq, first, last });
                }
                Some(_) => {}
            }
            first = last + 1;
        }
        Ok(report)
    }

    fn read_seals(&self, workspace: WorkspaceId) -> Result<BTreeMap<u64, Seal>, StoreError> {
        let sql = "SELECT seq, detail FROM audit WHERE workspace_id = ? AND action = ? ORDER BY seq";
        let mut statement = self.connection.prepare(sql)?;
        let key = params![workspace.as_bytes(), Action::LogSealed.name()];
        let rows = statement.query_map(key, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let mut seals = BTreeMap::new();
        for row in rows {
            let (seq, detail) = row?;
            let detail: Value = serde_json::from_str(&detail).unwrap_or_default();
            let (Some(first), Some(sha256)) = (detail["first"].as_u64(), detail["sha256"].as_str()) else { continue };
            seals.insert(first, Seal { seq: seq.cast_unsigned(), sha256: sha256.to_owned() });
        }
        Ok(seals)
    }

    /// What the segment that begins with `first` would be sealed as now; `None` when it can't be read.
    fn seal_of(&mut self, first: u64) -> Result<Option<[u8; 32]>, StoreError> {
        let segment = match self.segment(first) {
            Ok(segment) => segment,
            Err(StoreError::Damaged { .. } | StoreError::Inconsistent(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let read = |segment: &Segment| (first..first + SEGMENT_ENTRIES).map(|seq| segment.entry(seq).ok()).collect();
        let entries: Option<Vec<Stored>> = read(&segment);
        Ok(entries.map(|entries| sealed(first, &encode_segment(&entries), &entries, &self.authors)))
    }
}
