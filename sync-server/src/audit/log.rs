//! Reading the audit log, and the few entries that are nobody else's.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{DeviceId, RecordId, Timestamp, UserId, WorkspaceId};
use rusqlite::{Connection, TransactionBehavior, params_from_iter, types::Value as Sql};
use serde_json::{Map, Value};

use super::chain::{COLUMNS, Stored, append, migrate};
use super::event::{Action, Event};

/// Waits this long for another connection's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the audit log can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum AuditFailure {
    /// SQLite failed.
    #[error("the audit log cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread that worked on it panicked.
    #[error("the work on the audit log did not end")]
    Panicked(#[from] tokio::task::JoinError),
}

/// An entry as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its number.
    pub seq: u64,
    /// When, by the relay's clock.
    pub at: Timestamp,
    /// What was done; a word that a newer program wrote is kept.
    pub action: String,
    /// Who did it.
    pub by: Option<UserId>,
    /// On what.
    pub device: Option<DeviceId>,
    /// Whom or what it was done to.
    pub subject: Option<RecordId>,
    /// Where from.
    pub address: Option<String>,
    /// What else there is to say.
    pub detail: Map<String, Value>,
}

/// Which entries to read; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by this person.
    pub by: Option<UserId>,
    /// On this device.
    pub device: Option<DeviceId>,
    /// To this person or thing.
    pub subject: Option<RecordId>,
    /// This action; without it, everything but seals.
    pub action: Option<Action>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// The audit log of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct AuditLog {
    db: Arc<Mutex<Connection>>,
    workspace: WorkspaceId,
}

impl AuditLog {
    /// Opens the tables in the database file, and makes them when they don't exist.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn open(path: &Path, workspace: WorkspaceId) -> rusqlite::Result<Self> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;")?;
        migrate(&mut db)?;
        Ok(Self { db: Arc::new(Mutex::new(db)), workspace })
    }

    /// Adds an entry; may wait for the disk.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn note_blocking(&self, event: &Event) -> rusqlite::Result<()> {
        let mut db = lock(&self.db);
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        append(&tx, self.workspace, event)?;
        tx.commit()
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn note(&self, event: Event) -> Result<(), AuditFailure> {
        let log = self.clone();
        Ok(tokio::task::spawn_blocking(move || log.note_blocking(&event)).await??)
    }

    /// Reads at most `limit` entries before `below`, the newest first.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn before(
        &self,
        below: Option<u64>,
        filter: AuditFilter,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, AuditFailure> {
        let log = self.clone();
        Ok(tokio::task::spawn_blocking(move || log.read(below, &filter, limit)).await??)
    }

    fn read(&self, below: Option<u64>, filter: &AuditFilter, limit: usize) -> rusqlite::Result<Vec<AuditEntry>> {
        let mut sql = format!("SELECT {COLUMNS} FROM audit WHERE workspace_id = ?");
        let mut values: Vec<Sql> = vec![blob(self.workspace.as_bytes())];
        let mut also = |condition: &str, value: Option<Sql>| {
            if let Some(value) = value {
                sql.push_str(condition);
                values.push(value);
            }
        };
        also(" AND seq < ?", below.map(|seq| Sql::Integer(i64::try_from(seq).unwrap_or(i64::MAX))));
        also(" AND by_user = ?", filter.by.map(|user| blob(user.as_bytes())));
        also(" AND device = ?", filter.device.map(|device| blob(device.as_bytes())));
        also(" AND subject = ?", filter.subject.map(|subject| blob(subject.as_bytes())));
        also(" AND at >= ?", filter.from.map(|at| Sql::Integer(at.as_millis())));
        also(" AND at < ?", filter.to.map(|at| Sql::Integer(at.as_millis())));
        match filter.action {
            Some(action) => also(" AND action = ?", Some(Sql::Text(action.name().to_owned()))),
            None => also(" AND action <> ?", Some(Sql::Text(Action::LogSealed.name().to_owned()))),
        }
        also(" ORDER BY seq DESC LIMIT ?", Some(Sql::Integer(i64::try_from(limit).unwrap_or(i64::MAX))));
        let db = lock(&self.db);
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| Stored::read(row).map(entry))?;
        rows.collect()
    }
}

fn blob(bytes: &[u8]) -> Sql {
    Sql::Blob(bytes.to_vec())
}

fn entry(stored: Stored) -> AuditEntry {
    AuditEntry {
        seq: stored.seq.cast_unsigned(),
        at: Timestamp::from_millis(stored.at),
        action: stored.action,
        by: stored.by.map(UserId::from_bytes),
        device: stored.device.map(DeviceId::from_bytes),
        subject: stored.subject.map(RecordId::from_bytes),
        address: stored.address,
        detail: serde_json::from_str(&stored.detail).unwrap_or_default(),
    }
}

/// A transaction that a panic cut short was rolled back.
fn lock(db: &Mutex<Connection>) -> std::sync::MutexGuard<'_, Connection> {
    db.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
