//! Which files there are, who holds them, and what is on its way, in SQLite: the only place of attachments that knows
//! SQL.
//!
//! The tables lie in the relay's database file and have their own connection and their own migrations. Every write
//! is one transaction with `synchronous=FULL`.

mod uploads;

use std::path::Path;
use std::time::Duration;

use model::{RecordId, Timestamp, UserId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::Checksum;
use super::rows::{AttachedFile, ScanState, Usage};
use crate::audit::{self, Action, Event};

/// Waits this long for another connection's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Each entry brings the tables from the version before to its own, counted from 1.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// Why the tables could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentTablesError {
    /// SQLite failed.
    #[error("the tables of attachments cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Written by a newer program.
    #[error("the tables of attachments are of version {found}; this program knows versions up to {known}")]
    Newer {
        /// The tables' version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// A row that this program does not write.
    #[error("a row of the tables of attachments is damaged: {0}")]
    Damaged(&'static str),
}

type Result<T> = std::result::Result<T, AttachmentTablesError>;

/// The tables of one workspace.
pub struct AttachmentTables {
    db: Connection,
    workspace: WorkspaceId,
}

impl AttachmentTables {
    /// Opens the tables in the database file, and makes or upgrades them.
    ///
    /// # Errors
    /// When SQLite fails or the tables are newer than this program.
    pub fn open(path: &Path, workspace: WorkspaceId) -> Result<Self> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;",
        )?;
        migrate(&mut db)?;
        audit::migrate(&mut db)?;
        Ok(Self { db, workspace })
    }

    fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Whether a file is stored.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn has_blob(&self, checksum: Checksum) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM blob WHERE workspace_id = ? AND checksum = ?)";
        Ok(self.db.query_row(sql, params![self.workspace.as_bytes(), checksum.0], |row| row.get(0))?)
    }

    /// Notes that a file is stored and that an attachment holds it, in place of what it held before.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn attach(&mut self, file: &AttachedFile, now: Timestamp) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        attach(&tx, workspace, file, now)?;
        Ok(tx.commit()?)
    }

    /// The file that an attachment holds.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn attached(&self, attachment: RecordId) -> Result<Option<AttachedFile>> {
        let sql = format!("{ATTACHED} WHERE attachment_id = ? AND workspace_id = ?");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![attachment.as_bytes(), self.workspace.as_bytes()])?;
        rows.next()?.map(attached_file).transpose()
    }

    /// The attachments that hold this file.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn holders(&self, checksum: Checksum) -> Result<Vec<AttachedFile>> {
        let sql = format!("{ATTACHED} WHERE workspace_id = ? AND checksum = ?");
        let mut statement = self.db.prepare_cached(&sql)?;
        statement.query_and_then(params![self.workspace.as_bytes(), checksum.0], attached_file)?.collect()
    }

    /// The files that attachments hold, in the order of the attachments' ids.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn attached_after(&self, after: Option<RecordId>, most: u32) -> Result<Vec<AttachedFile>> {
        let sql = format!(
            "{ATTACHED} WHERE workspace_id = ? AND (?2 IS NULL OR attachment_id > ?2) ORDER BY attachment_id LIMIT ?"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let after = after.map(|id| *id.as_bytes());
        statement.query_and_then(params![self.workspace.as_bytes(), after, most], attached_file)?.collect()
    }

    /// Stored files with their sizes, in the order of their checksums.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn blobs_after(&self, after: Option<Checksum>, most: u32) -> Result<Vec<(Checksum, u64)>> {
        let sql = "SELECT checksum, size_bytes FROM blob WHERE workspace_id = ? AND (?2 IS NULL OR checksum > ?2)
                   ORDER BY checksum LIMIT ?3";
        let mut statement = self.db.prepare_cached(sql)?;
        let after = after.map(|checksum| checksum.0);
        let rows = statement.query_map(params![self.workspace.as_bytes(), after, most], |row| {
            let size: i64 = row.get(1)?;
            Ok((Checksum(row.get(0)?), u64::try_from(size).unwrap_or(0)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Notes that an attachment holds its file no more.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn detach(&mut self, attachment: RecordId, now: Timestamp) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        detach(&tx, workspace, attachment, now)?;
        Ok(tx.commit()?)
    }

    /// Forgets the files that no attachment has held since before `before`; returns them.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn take_unused(&mut self, before: Timestamp) -> Result<Vec<Checksum>> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let taken = {
            let mut statement =
                tx.prepare_cached("DELETE FROM blob WHERE workspace_id = ? AND unused_since < ? RETURNING checksum")?;
            let rows = statement
                .query_map(params![workspace.as_bytes(), before.as_millis()], |row| Ok(Checksum(row.get(0)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()?
        };
        tx.commit()?;
        Ok(taken)
    }

    /// What a person has uploaded, finished or not.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn usage(&self, user: UserId, now: Timestamp) -> Result<Usage> {
        let sum = |sql: &str| -> rusqlite::Result<(i64, i64)> {
            let key = params![self.workspace.as_bytes(), user.as_bytes(), now.as_millis()];
            self.db.prepare_cached(sql)?.query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))
        };
        let held = sum("SELECT count(*), coalesce(sum(size_bytes), 0) FROM attached
                        WHERE workspace_id = ? AND user_id = ? AND ?3 IS NOT NULL")?;
        let coming = sum("SELECT count(*), coalesce(sum(size_bytes), 0) FROM upload
                          WHERE workspace_id = ? AND user_id = ? AND finished_at IS NULL AND expires_at > ?3")?;
        let number = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Usage {
            files: number(held.0) + number(coming.0),
            bytes: number(held.1) + number(coming.1),
            open_uploads: number(coming.0),
        })
    }

    /// The file that has waited longest for the virus scanner.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn next_to_scan(&self) -> Result<Option<Checksum>> {
        let sql = "SELECT checksum FROM blob WHERE workspace_id = ? AND scan = 'pending' ORDER BY stored_at LIMIT 1";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([self.workspace.as_bytes()], |row| Ok(Checksum(row.get(0)?))).optional()?)
    }

    /// Notes what the virus scanner said.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn scanned(&mut self, checksum: Checksum, state: ScanState, now: Timestamp) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        tx.execute(
            "UPDATE blob SET scan = ?, scanned_at = ? WHERE workspace_id = ? AND checksum = ?",
            params![state.name(), now.as_millis(), workspace.as_bytes(), checksum.0],
        )?;
        if state == ScanState::Blocked {
            note_blocked(&tx, workspace, checksum, now)?;
        }
        Ok(tx.commit()?)
    }

    /// Since there is a scanner now, everything that was stored without one waits for it.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn scan_all(&mut self) -> Result<()> {
        let sql = "UPDATE blob SET scan = 'pending' WHERE workspace_id = ? AND scan = 'not_scanned'";
        self.db.execute(sql, [self.workspace.as_bytes()])?;
        Ok(())
    }
}

fn migrate(db: &mut Connection) -> Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS attachment_version (version INTEGER NOT NULL) STRICT")?;
    let found: u32 = tx.query_row("SELECT coalesce(max(version), 0) FROM attachment_version", [], |row| row.get(0))?;
    let steps: Vec<(u32, &str)> = (1..).zip(MIGRATIONS.iter().copied()).collect();
    let known = steps.last().map_or(0, |(version, _)| *version);
    if found > known {
        return Err(AttachmentTablesError::Newer { found, known });
    }
    for (version, sql) in steps.into_iter().filter(|(version, _)| *version > found) {
        tx.execute_batch(sql)?;
        tx.execute("INSERT INTO attachment_version (version) VALUES (?)", [version])?;
    }
    Ok(tx.commit()?)
}

/// What [`attached_file`] reads.
const ATTACHED: &str = "SELECT attachment_id, checksum, attached.size_bytes, user_id, scan
                        FROM attached JOIN blob USING (workspace_id, checksum)";

fn attached_file(row: &Row<'_>) -> Result<AttachedFile> {
    let (size, scan): (i64, String) = (row.get(2)?, row.get(4)?);
    Ok(AttachedFile {
        attachment: RecordId::from_bytes(row.get(0)?),
        checksum: Checksum(row.get(1)?),
        size_bytes: u64::try_from(size).map_err(|_| AttachmentTablesError::Damaged("size"))?,
        user: UserId::from_bytes(row.get(3)?),
        scan: ScanState::from_name(&scan).ok_or(AttachmentTablesError::Damaged("scan"))?,
    })
}

/// The scan state of a file that is stored already stands.
fn attach(tx: &Transaction<'_>, workspace: WorkspaceId, file: &AttachedFile, now: Timestamp) -> Result<()> {
    let size = int(file.size_bytes);
    tx.execute(
        "INSERT INTO blob (workspace_id, checksum, size_bytes, stored_at, scan) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET unused_since = NULL",
        params![workspace.as_bytes(), file.checksum.0, size, now.as_millis(), file.scan.name()],
    )?;
    detach_other(tx, workspace, file, now)?;
    tx.execute(
        "INSERT INTO attached (attachment_id, workspace_id, checksum, user_id, size_bytes, attached_at)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
        params![
            file.attachment.as_bytes(),
            workspace.as_bytes(),
            file.checksum.0,
            file.user.as_bytes(),
            size,
            now.as_millis()
        ],
    )?;
    let stored = Event::new(Action::FileStored, now).by(file.user).about(file.attachment);
    let stored = stored.with("checksum", file.checksum.to_string()).with("size_bytes", file.size_bytes);
    Ok(audit::append(tx, workspace, &stored)?)
}

/// One entry for each attachment that holds the file.
fn note_blocked(tx: &Transaction<'_>, workspace: WorkspaceId, checksum: Checksum, now: Timestamp) -> Result<()> {
    let sql = "SELECT attachment_id FROM attached WHERE workspace_id = ? AND checksum = ? ORDER BY attachment_id";
    let mut statement = tx.prepare_cached(sql)?;
    let key = params![workspace.as_bytes(), checksum.0];
    let holders = statement.query_map(key, |row| Ok(RecordId::from_bytes(row.get(0)?)))?;
    for attachment in holders.collect::<rusqlite::Result<Vec<_>>>()? {
        let blocked = Event::new(Action::FileBlocked, now).about(attachment);
        audit::append(tx, workspace, &blocked.with("checksum", checksum.to_string()))?;
    }
    Ok(())
}

fn detach_other(tx: &Transaction<'_>, workspace: WorkspaceId, file: &AttachedFile, now: Timestamp) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM attached WHERE attachment_id = ? AND checksum <> ?)";
    let other: bool = tx.query_row(sql, params![file.attachment.as_bytes(), file.checksum.0], |row| row.get(0))?;
    if other { detach(tx, workspace, file.attachment, now) } else { Ok(()) }
}

fn detach(tx: &Transaction<'_>, workspace: WorkspaceId, attachment: RecordId, now: Timestamp) -> Result<()> {
    let sql = "DELETE FROM attached WHERE attachment_id = ? AND workspace_id = ? RETURNING checksum";
    let key = params![attachment.as_bytes(), workspace.as_bytes()];
    let checksum: Option<[u8; 32]> = tx.query_row(sql, key, |row| row.get(0)).optional()?;
    let Some(checksum) = checksum else { return Ok(()) };
    tx.execute(
        "UPDATE blob SET unused_since = ?1 WHERE workspace_id = ?2 AND checksum = ?3
         AND NOT EXISTS (SELECT 1 FROM attached WHERE workspace_id = ?2 AND checksum = ?3)",
        params![now.as_millis(), workspace.as_bytes(), checksum],
    )?;
    Ok(())
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
