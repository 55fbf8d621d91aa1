//! The log in one SQLite file: WAL, FULL sync, one writing connection.

mod open;
mod read;
mod seal;
mod segment;
mod write;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use model::{ChangeHash, CommandId, RecordId, RecordRef, WorkspaceId};
use rusqlite::{Connection, OptionalExtension, params};
use sync::slim::Earlier;
use sync::{Cursor, Digest, Epoch};

use super::{AppendError, Authorship, Counts, Group, LogEntry, LogStore, Packer, StoreError, Workspace};
use crate::audit::AuditReport;
use segment::SegmentCache;

pub use open::{BackupError, OpenStoreError, RestoreError, make_durable, restore};

/// The row of the one workspace; every row carries it so that one file may hold several later.
const WORKSPACE: i64 = 1;

/// A log in a SQLite file.
pub struct SqliteStore {
    connection: Connection,
    packer: Packer,
    authors: BTreeMap<i64, Authorship>,
    author_ids: BTreeMap<Authorship, i64>,
    segments: SegmentCache,
    /// The last entry that is in a segment.
    sealed: u64,
    /// The first 8 bytes of every change's hash, once somebody has asked for missing ones.
    known: Option<HashSet<u64>>,
}

impl LogStore for SqliteStore {
    fn workspace(&mut self) -> Result<Option<Workspace>, StoreError> {
        let sql = "SELECT name, receipt_key, epoch, head_seq, head_digest FROM workspace WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([WORKSPACE], |row| {
            let head = Cursor {
                epoch: Epoch(row.get(2)?),
                seq: row.get::<_, i64>(3)?.cast_unsigned(),
                digest: Digest(row.get(4)?),
            };
            Ok(Workspace { id: WorkspaceId::from_bytes(row.get(0)?), receipt_key: row.get(1)?, head })
        });
        Ok(found.optional()?)
    }

    fn create(&mut self, workspace: &Workspace) -> Result<(), AppendError> {
        self.connection.execute(
            "INSERT INTO workspace (id, name, receipt_key, epoch, head_seq, head_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                WORKSPACE,
                workspace.id.as_bytes(),
                workspace.receipt_key,
                workspace.head.epoch.0,
                workspace.head.seq.cast_signed(),
                workspace.head.digest.0
            ],
        )?;
        Ok(())
    }

    fn set_epoch(&mut self, epoch: Epoch) -> Result<(), AppendError> {
        self.connection.execute("UPDATE workspace SET epoch = ?2 WHERE id = ?1", params![WORKSPACE, epoch.0])?;
        Ok(())
    }

    fn append_if(&mut self, group: &Group, still: &mut dyn FnMut() -> bool) -> Result<(), AppendError> {
        self.append_group(group, still)
    }

    fn entries_after(&mut self, after: u64, take: &mut dyn FnMut(LogEntry) -> bool) -> Result<(), StoreError> {
        self.read_after(after, take)
    }

    fn entries_of(&mut self, record: RecordId) -> Result<Vec<LogEntry>, StoreError> {
        self.read_record(record)
    }

    fn entries_of_command(&mut self, command: CommandId) -> Result<Vec<LogEntry>, StoreError> {
        self.read_command(command)
    }

    fn earlier(&mut self, seq: u64) -> Result<Option<Earlier>, StoreError> {
        self.read_earlier(seq)
    }

    fn actor(&mut self, actor: &[u8; 16]) -> Result<Option<Authorship>, StoreError> {
        self.read_actor(actor)
    }

    fn digest_at(&mut self, seq: u64) -> Result<Option<Digest>, StoreError> {
        self.read_digest(seq)
    }

    fn missing(&mut self, hashes: &[ChangeHash]) -> Result<Vec<ChangeHash>, StoreError> {
        if self.known.is_none() {
            let newest = self.workspace()?.map_or(0, |workspace| workspace.head.seq);
            self.known = Some(self.read_known(newest)?);
        }
        let known = self.known.as_ref();
        let is_known = |hash: &ChangeHash| known.is_some_and(|known| known.contains(&known_key(hash)));
        Ok(hashes.iter().filter(|hash| !is_known(hash)).copied().collect())
    }

    fn records_after(&mut self, after: Option<RecordId>, limit: usize) -> Result<Vec<RecordRef>, StoreError> {
        self.read_records(after, limit)
    }

    fn counts(&mut self) -> Result<Counts, StoreError> {
        let count = |sql: &str| self.connection.query_row(sql, [WORKSPACE], |row| row.get::<_, i64>(0));
        Ok(Counts {
            entries: self.sealed + count("SELECT count(*) FROM log WHERE workspace = ?1")?.cast_unsigned(),
            records: count("SELECT count(*) FROM record WHERE workspace = ?1")?.cast_unsigned(),
        })
    }

    fn check(&mut self) -> Result<Vec<String>, StoreError> {
        self.check_file()
    }

    fn check_audit(&mut self) -> Result<AuditReport, StoreError> {
        self.check_seals()
    }

    fn back_up(&mut self, to: &Path) -> Result<(), BackupError> {
        self.copy_to(to)
    }
}

/// What `known` keeps of a hash. Two changes that share it by chance are one in 2^64.
fn known_key(hash: &ChangeHash) -> u64 {
    hash.0.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// Where a command is looked up.
fn command_tag(command: CommandId) -> i64 {
    command.as_bytes().first_chunk().map_or(0, |first| i64::from_be_bytes(*first))
}

/// Where an actor is looked up.
fn actor_tag(actor: &[u8; 16]) -> i32 {
    actor.first_chunk().map_or(0, |first| i32::from_be_bytes(*first))
}
