//! Where the relay keeps its log: every accepted change in the order of acceptance, and what is needed to find them
//! again. Only here is SQL known. What a change means is decided elsewhere; a change is bytes with a hash.

mod memory;
mod pack;
mod sqlite;

use model::{ChangeHash, CommandId, DeviceId, RecordId, RecordRef, Timestamp, UserId, WorkspaceId};
use sync::slim::Earlier;
use sync::{Cursor, Digest, Epoch};

use crate::audit::AuditReport;

pub use memory::MemoryStore;
pub use pack::{PackError, Packer, Squeezer};
pub use sqlite::{BackupError, OpenStoreError, RestoreError, SqliteStore, make_durable, restore};
pub use sync::chunk::{ChunkHead, ReadChunkError};

/// What identifies a workspace's log.
#[derive(Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its name everywhere.
    pub id: WorkspaceId,
    /// The secret that receipts are made with.
    pub receipt_key: [u8; 32],
    /// The log's end.
    pub head: Cursor,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of logs.
        f.debug_struct("Workspace").field("id", &self.id).field("head", &self.head).finish_non_exhaustive()
    }
}

/// Who made a change, as the relay established it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Authorship {
    /// The person.
    pub user: UserId,
    /// The installation they used.
    pub device: DeviceId,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place in the log, from 1.
    pub seq: u64,
    /// Its record.
    pub record: RecordRef,
    /// The change's hash.
    pub hash: ChangeHash,
    /// The change's actor.
    pub actor: [u8; 16],
    /// Who made it.
    pub by: Authorship,
    /// The command it is part of.
    pub command: CommandId,
    /// When the relay took it.
    pub received_at: Timestamp,
    /// The change in its plain form.
    pub change: Vec<u8>,
}

impl LogEntry {
    /// What later entries need to know of it.
    pub const fn as_earlier(&self) -> Earlier {
        Earlier { seq: self.seq, record: self.record, hash: self.hash, actor: self.actor }
    }
}

/// Entries that are stored in one transaction.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The entries, continuing the log without a gap.
    pub entries: Vec<LogEntry>,
    /// The digest after each of them.
    pub digests: Vec<Digest>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries of the log.
    pub entries: u64,
    /// Records, those in the trash included.
    pub records: u64,
}

/// Why the store can't be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// A change could not be packed.
    #[error("a change could not be packed")]
    Pack(#[source] PackError),
    /// An entry's bytes are not what was stored.
    #[error("entry {seq} is damaged")]
    Damaged {
        /// Its place in the log.
        seq: u64,
        /// What is wrong with it.
        #[source]
        source: PackError,
    },
    /// The entries of a record don't make a document.
    #[error("{} {} is damaged", .record.kind, .record.id)]
    DamagedRecord {
        /// The record.
        record: RecordRef,
        /// What is wrong with it.
        #[source]
        source: Box<ledger::LoadError>,
    },
    /// The tables contradict each other.
    #[error("the database is inconsistent: {0}")]
    Inconsistent(&'static str),
}

/// Why a group was not stored; nothing of it is.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no room left.
    #[error("the disk is full")]
    Full,
    /// What the group relied on has changed meanwhile.
    #[error("rights have changed meanwhile")]
    Withdrawn,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for AppendError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Store(error.into()),
        }
    }
}

/// A workspace's log. Every implementation passes the same conformance suite.
pub trait LogStore {
    /// Reads the workspace; `None` when the store is new.
    ///
    /// # Errors
    /// When the store can't be read.
    fn workspace(&mut self) -> Result<Option<Workspace>, StoreError>;

    /// Writes the workspace into a new store.
    ///
    /// # Errors
    /// When the store can't be written, or has one.
    fn create(&mut self, workspace: &Workspace) -> Result<(), AppendError>;

    /// Gives the log another epoch.
    ///
    /// # Errors
    /// When the store can't be written.
    fn set_epoch(&mut self, epoch: Epoch) -> Result<(), AppendError>;

    /// Appends a group in one transaction; it is durable when this returns.
    ///
    /// # Errors
    /// When nothing of it was stored.
    fn append(&mut self, group: &Group) -> Result<(), AppendError> {
        self.append_if(group, &mut || true)
    }

    /// The same, if `still` says so once no other transaction can come between: what it reads in this database then
    /// is what holds when the group is committed.
    ///
    /// # Errors
    /// When nothing of it was stored; `Withdrawn` when `still` said no.
    fn append_if(&mut self, group: &Group, still: &mut dyn FnMut() -> bool) -> Result<(), AppendError>;

    /// Hands out the entries after `after`, in order, until `take` returns `false`.
    ///
    /// # Errors
    /// When one of them can't be read.
    fn entries_after(&mut self, after: u64, take: &mut dyn FnMut(LogEntry) -> bool) -> Result<(), StoreError>;

    /// Reads all entries of a record, in order.
    ///
    /// # Errors
    /// When one of them can't be read.
    fn entries_of(&mut self, record: RecordId) -> Result<Vec<LogEntry>, StoreError>;

    /// Reads all entries of a command, in order.
    ///
    /// # Errors
    /// When one of them can't be read.
    fn entries_of_command(&mut self, command: CommandId) -> Result<Vec<LogEntry>, StoreError>;

    /// Returns the entry before `seq` in the same record; `None` when that is its record's first.
    ///
    /// # Errors
    /// When one of them can't be read.
    fn earlier(&mut self, seq: u64) -> Result<Option<Earlier>, StoreError>;

    /// Says whom an actor belongs to: who made the first change under it.
    ///
    /// # Errors
    /// When the store can't be read.
    fn actor(&mut self, actor: &[u8; 16]) -> Result<Option<Authorship>, StoreError>;

    /// Returns the digest after entry `seq`; `None` beyond the log's end.
    ///
    /// # Errors
    /// When an entry can't be read.
    fn digest_at(&mut self, seq: u64) -> Result<Option<Digest>, StoreError>;

    /// Returns those of `hashes` that the log doesn't hold, in their order.
    ///
    /// # Errors
    /// When an entry can't be read.
    fn missing(&mut self, hashes: &[ChangeHash]) -> Result<Vec<ChangeHash>, StoreError>;

    /// Lists at most `limit` records after `after`, in the order of their ids.
    ///
    /// # Errors
    /// When the store can't be read.
    fn records_after(&mut self, after: Option<RecordId>, limit: usize) -> Result<Vec<RecordRef>, StoreError>;

    /// Counts entries and records.
    ///
    /// # Errors
    /// When the store can't be read.
    fn counts(&mut self) -> Result<Counts, StoreError>;

    /// Checks what only the store can see (pages, indexes) and returns what is wrong, in words.
    ///
    /// # Errors
    /// When the check itself fails.
    fn check(&mut self) -> Result<Vec<String>, StoreError>;

    /// Checks the audit log, and the log of changes against what the audit log says about it. A store without one is
    /// sound.
    ///
    /// # Errors
    /// When the check itself fails.
    fn check_audit(&mut self) -> Result<AuditReport, StoreError> {
        Ok(AuditReport::default())
    }

    /// Copies everything to a new file, consistently.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    fn back_up(&mut self, to: &std::path::Path) -> Result<(), BackupError>;
}
