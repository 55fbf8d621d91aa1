//! The chain: how an entry is added, what its hash is made of, and how the whole is checked.

use std::collections::BTreeMap;

use model::{Timestamp, WorkspaceId};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use super::event::Event;

/// Each entry brings the tables from the version before to its own, counted from 1.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];
/// What the first entry carries in place of a predecessor's hash.
const NOTHING_BEFORE: [u8; 32] = [0; 32];
/// Goes into every hash: another form of entries gets another word.
const FORM: &[u8] = b"trailtrack audit 1";
/// Problems listed.
const PROBLEMS_MAX: usize = 1_000;

/// Makes or upgrades the tables. A file that was written by a newer program fails when it is opened by its log.
///
/// # Errors
/// When SQLite fails.
pub fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS audit_version (version INTEGER NOT NULL) STRICT")?;
    let found: u32 = tx.query_row("SELECT coalesce(max(version), 0) FROM audit_version", [], |row| row.get(0))?;
    for (version, sql) in (1_u32..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tx.execute_batch(sql)?;
        tx.execute("INSERT INTO audit_version (version) VALUES (?)", [version])?;
    }
    tx.commit()
}

/// Adds an entry to the end of the chain. `tx` has to be a transaction that nobody else can write beside, and holds
/// what the entry tells.
///
/// # Errors
/// When SQLite fails.
pub fn append(tx: &Connection, workspace: WorkspaceId, event: &Event) -> rusqlite::Result<()> {
    let (before, previous) = head(tx, workspace)?.unwrap_or((0, NOTHING_BEFORE));
    let at = match event.at {
        Some(at) => at.as_millis(),
        None => at_of(tx, workspace, before)?,
    };
    let stored = Stored {
        seq: before + 1,
        at,
        action: event.action.name().to_owned(),
        by: event.by.map(|user| *user.as_bytes()),
        device: event.device.map(|device| *device.as_bytes()),
        subject: event.subject.map(|subject| *subject.as_bytes()),
        address: event.address.map(|address| address.to_string()),
        detail: serde_json::Value::Object(event.detail.clone()).to_string(),
        previous,
    };
    insert(tx, workspace, &stored)?;
    let sql = "INSERT INTO audit_head (workspace_id, seq, hash) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
    tx.prepare_cached(sql)?.execute(params![workspace.as_bytes(), stored.seq, stored.hash(workspace)])?;
    Ok(())
}

fn insert(tx: &Connection, workspace: WorkspaceId, stored: &Stored) -> rusqlite::Result<()> {
    let sql = "INSERT INTO audit (workspace_id, seq, at, action, by_user, device, subject, address, detail, previous)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let Stored { seq, at, action, by, device, subject, address, detail, previous } = stored;
    let values = params![workspace.as_bytes(), seq, at, action, by, device, subject, address, detail, previous];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Number and hash of the last entry.
fn head(tx: &Connection, workspace: WorkspaceId) -> rusqlite::Result<Option<(i64, [u8; 32])>> {
    let mut statement = tx.prepare_cached("SELECT seq, hash FROM audit_head WHERE workspace_id = ?")?;
    statement.query_row([workspace.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

fn at_of(tx: &Connection, workspace: WorkspaceId, seq: i64) -> rusqlite::Result<i64> {
    let mut statement = tx.prepare_cached("SELECT at FROM audit WHERE workspace_id = ? AND seq = ?")?;
    let found = statement.query_row(params![workspace.as_bytes(), seq], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_else(|| Timestamp::default().as_millis()))
}

/// An entry as it is stored.
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) action: String,
    pub(super) by: Option<[u8; 16]>,
    pub(super) device: Option<[u8; 16]>,
    pub(super) subject: Option<[u8; 16]>,
    pub(super) address: Option<String>,
    pub(super) detail: String,
    pub(super) previous: [u8; 32],
}

/// The columns that [`Stored::read`] reads.
pub(super) const COLUMNS: &str = "seq, at, action, by_user, device, subject, address, detail, previous";

impl Stored {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            action: row.get(2)?,
            by: row.get(3)?,
            device: row.get(4)?,
            subject: row.get(5)?,
            address: row.get(6)?,
            detail: row.get(7)?,
            previous: row.get(8)?,
        })
    }

    /// SHA-256 over everything but the number: an entry's place follows from what it was written after.
    fn hash(&self, workspace: WorkspaceId) -> [u8; 32] {
        let parts: [Option<&[u8]>; 9] = [
            Some(FORM),
            Some(workspace.as_bytes()),
            Some(&self.previous),
            Some(self.action.as_bytes()),
            self.by.as_ref().map(|id| id.as_slice()),
            self.device.as_ref().map(|id| id.as_slice()),
            self.subject.as_ref().map(|id| id.as_slice()),
            self.address.as_ref().map(String::as_bytes),
            Some(self.detail.as_bytes()),
        ];
        let mut hasher = Sha256::new().chain_update(self.at.to_be_bytes());
        for part in parts {
            // Length first, so that no two entries have the same bytes; what is not there has none.
            let length = part.map_or(u64::MAX, |part| part.len() as u64);
            hasher.update(length.to_be_bytes());
            hasher.update(part.unwrap_or_default());
        }
        hasher.finalize().into()
    }
}

/// What a check of the chain found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Entries that were read.
    pub entries: u64,
    /// The hash of the last one. Noted elsewhere, it shows later that nothing before it was rewritten.
    pub head: [u8; 32],
    /// What is wrong.
    pub problems: Vec<AuditProblem>,
}

/// One thing that is wrong with the audit log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditProblem {
    /// An entry's number is missing.
    #[error("audit entry {seq} is gone")]
    Gone {
        /// Its number.
        seq: u64,
    },
    /// An entry is not what the one after it was written after.
    #[error("audit entry {seq} was changed, or one after it is gone")]
    Changed {
        /// Its number.
        seq: u64,
    },
    /// An entry stands somewhere else than where it was written.
    #[error("audit entry {seq} stands out of its place: it was written after entry {after}")]
    Moved {
        /// Its number.
        seq: u64,
        /// The entry that it was written after.
        after: u64,
    },
    /// The chain does not end where it was written down to end.
    #[error("the audit log ends at entry {found}, or that entry was changed; it should end at entry {expected}")]
    End {
        /// Where it ends.
        found: u64,
        /// Where it should.
        expected: u64,
    },
    /// A stretch of the log of changes is not what was sealed.
    #[error("entries {first} to {last} of the log are not what audit entry {seq} sealed")]
    Seal {
        /// The audit entry.
        seq: u64,
        /// The first entry of the stretch.
        first: u64,
        /// The last one.
        last: u64,
    },
    /// A stretch of the log of changes has no seal.
    #[error("entries {first} to {last} of the log are not sealed by any audit entry")]
    Unsealed {
        /// The first entry of the stretch.
        first: u64,
        /// The last one.
        last: u64,
    },
}

impl AuditReport {
    /// Notes a problem.
    pub fn add(&mut self, problem: AuditProblem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// Follows the chain from its beginning to its end.
///
/// # Errors
/// When SQLite fails.
pub fn verify(db: &Connection, workspace: WorkspaceId) -> rusqlite::Result<AuditReport> {
    let mut report = AuditReport::default();
    let entries = links(db, workspace)?;
    let places: BTreeMap<[u8; 32], i64> = entries.iter().map(|link| (link.hash, link.seq)).collect();
    let (mut seq, mut hash) = (0, NOTHING_BEFORE);
    for link in &entries {
        let gone = seq + 1..link.seq;
        let whole = gone.is_empty();
        gone.take(PROBLEMS_MAX).for_each(|seq| report.add(AuditProblem::Gone { seq: seq.cast_unsigned() }));
        if whole && link.previous != hash {
            report.add(misplaced(link, &places));
        }
        (seq, hash) = (link.seq, link.hash);
        report.entries += 1;
    }
    report.head = hash;
    let (end, end_hash) = head(db, workspace)?.unwrap_or((0, NOTHING_BEFORE));
    if (end, end_hash) != (seq, hash) {
        report.add(AuditProblem::End { found: seq.cast_unsigned(), expected: end.cast_unsigned() });
    }
    Ok(report)
}

/// What the chain is followed by.
struct Link {
    seq: i64,
    previous: [u8; 32],
    hash: [u8; 32],
}

fn links(db: &Connection, workspace: WorkspaceId) -> rusqlite::Result<Vec<Link>> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM audit WHERE workspace_id = ? ORDER BY seq"))?;
    let rows = statement.query_map([workspace.as_bytes()], Stored::read)?;
    rows.map(|stored| {
        let stored = stored?;
        Ok(Link { seq: stored.seq, previous: stored.previous, hash: stored.hash(workspace) })
    })
    .collect()
}

/// An entry whose predecessor is not the one before it.
fn misplaced(link: &Link, places: &BTreeMap<[u8; 32], i64>) -> AuditProblem {
    let seq = link.seq.cast_unsigned();
    let written_after = if link.previous == NOTHING_BEFORE { Some(0) } else { places.get(&link.previous).copied() };
    match written_after {
        Some(after) => AuditProblem::Moved { seq, after: after.cast_unsigned() },
        None => AuditProblem::Changed { seq: seq.saturating_sub(1) },
    }
}
