//! Opening, migrating, checking, copying and restoring the file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use model::{DeviceId, UserId};
use rusqlite::{Connection, OpenFlags, params};
use sync::Epoch;

use super::segment::{SEGMENT_ENTRIES, SegmentCache};
use super::{SqliteStore, WORKSPACE};
use crate::audit;
use crate::store::{AppendError, Authorship, LogStore, Packer, StoreError};

/// Says that a SQLite file is a relay's log ("TTrl").
const APPLICATION_ID: i32 = 0x5454_726c;
/// Older versions of SQLite can damage a WAL database.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// Every version of the tables, in order; the file's `user_version` counts those applied.
const MIGRATIONS: &[&str] = &[include_str!("../../../migrations/0001_log.sql")];
/// How long another process (a backup, say) may keep the file locked.
const BUSY_MILLIS: u64 = 5_000;
/// Problems listed by SQLite's own check.
const CHECK_PROBLEMS_MAX: u32 = 100;

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// The linked SQLite may damage the file.
    #[error("SQLite {0} is too old; 3.51.3 or newer is needed")]
    SqliteTooOld(i32),
    /// The file belongs to another program, or is no database.
    #[error("not a relay's database: {}", .0.display())]
    NotOurs(PathBuf),
    /// The file was written by a newer relay.
    #[error("the database is of version {found}, this relay knows {known}")]
    TooNew {
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// SQLite failed.
    #[error("the database can't be opened")]
    Sqlite(#[from] rusqlite::Error),
    /// Nothing to pack changes with.
    #[error("no memory for compression")]
    Memory(#[source] std::io::Error),
}

/// Why a backup was not written.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something under that name; nothing is overwritten.
    #[error("file exists: {}", .0.display())]
    Exists(PathBuf),
    /// The store is in memory.
    #[error("this store has no file")]
    NoFile,
    /// The file can't be written.
    #[error("the backup can't be written")]
    Io(#[from] std::io::Error),
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
}

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is a database already; nothing is overwritten.
    #[error("file exists: {}", .0.display())]
    Exists(PathBuf),
    /// The backup is no relay's database.
    #[error(transparent)]
    Open(#[from] OpenStoreError),
    /// The backup is damaged.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// Copying failed.
    #[error("the backup can't be copied")]
    Copy(#[from] BackupError),
    /// It could not be read or written.
    #[error(transparent)]
    Store(#[from] AppendError),
}

impl SqliteStore {
    /// Opens the file, or makes a new one, and brings its tables up to date.
    ///
    /// # Errors
    /// When it isn't ours, is of a newer version, or can't be read and written.
    pub fn open(path: &Path) -> Result<Self, OpenStoreError> {
        let connection = Connection::open(path)?;
        Self::from_connection(connection, path)
    }

    /// Opens a file that has to exist.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when there is none.
    pub fn open_existing(path: &Path) -> Result<Self, OpenStoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::from_connection(Connection::open_with_flags(path, flags)?, path)
    }

    /// Bounds the file's size; what would make it larger fails as on a full disk.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), OpenStoreError> {
        self.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }

    fn from_connection(mut connection: Connection, path: &Path) -> Result<Self, OpenStoreError> {
        let version = rusqlite::version_number();
        if version < SQLITE_VERSION_MIN {
            return Err(OpenStoreError::SqliteTooOld(version));
        }
        configure(&connection).map_err(|error| not_ours(error, path))?;
        migrate(&mut connection, path)?;
        audit::migrate(&mut connection)?;
        let packer = Packer::new().map_err(OpenStoreError::Memory)?;
        let authors = read_authors(&connection)?;
        let author_ids = authors.iter().map(|(id, by)| (*by, *id)).collect();
        let sealed = read_sealed(&connection)?;
        Ok(Self { connection, packer, authors, author_ids, segments: SegmentCache::default(), sealed, known: None })
    }

    pub(super) fn check_file(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare(&format!("PRAGMA integrity_check({CHECK_PROBLEMS_MAX})"))?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Writes a compact copy and makes sure that it is on the disk.
    pub(super) fn copy_to(&self, to: &Path) -> Result<(), BackupError> {
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let unfinished = to.with_added_extension("unfinished");
        let name = unfinished.to_str().ok_or(std::io::ErrorKind::InvalidFilename).map_err(std::io::Error::from)?;
        let _ = fs::remove_file(&unfinished);
        self.connection.execute("VACUUM INTO ?1", [name])?;
        Ok(make_durable(&unfinished, to)?)
    }
}

/// Copies a backup to where a relay expects its database, under a new epoch: clients see that history may have been
/// lost and bring back what they hold.
///
/// # Errors
/// When the backup is damaged or no relay's, or there is a database already.
pub fn restore(backup: &Path, to: &Path, epoch: Epoch) -> Result<(), RestoreError> {
    if to.exists() {
        return Err(RestoreError::Exists(to.to_owned()));
    }
    let unfinished = to.with_added_extension("restoring");
    copy_with_log(backup, &unfinished).map_err(BackupError::Io)?;
    let mut store = SqliteStore::open_existing(&unfinished)?;
    if let Some(problem) = store.check().map_err(AppendError::Store)?.into_iter().next() {
        return Err(RestoreError::Damaged(problem));
    }
    store.set_epoch(epoch)?;
    // The file has to stand alone before it is renamed.
    store.connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(AppendError::from)?;
    drop(store);
    Ok(make_durable(&unfinished, to).map_err(BackupError::Io)?)
}

/// Gives a finished file its name, on the disk when this returns.
///
/// # Errors
/// When it can't be renamed.
pub fn make_durable(unnamed: &Path, to: &Path) -> std::io::Result<()> {
    File::open(unnamed)?.sync_all()?;
    fs::rename(unnamed, to)?;
    sync_directory_of(to)
}

/// Copies a database together with the write-ahead log beside it, if there is one.
fn copy_with_log(from: &Path, to: &Path) -> std::io::Result<()> {
    let log_of = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        PathBuf::from(name)
    };
    fs::copy(from, to)?;
    match fs::copy(log_of(from), log_of(to)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // One that a failed attempt left behind must not be taken for this file's.
            fs::remove_file(log_of(to)).or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
        }
        copied => copied.map(|_| ()),
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MILLIS))?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Otherwise a statement whose plan looked at a bound value is planned again whenever it is bound anew.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenStoreError> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let blank = application == 0 && found == 0 && tables == 0;
    if !blank && application != i64::from(APPLICATION_ID) {
        return Err(OpenStoreError::NotOurs(path.to_owned()));
    }
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let done = usize::try_from(found).ok().filter(|done| *done <= MIGRATIONS.len());
    let Some(done) = done else { return Err(OpenStoreError::TooNew { found, known }) };
    for (version, sql) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let tx = connection.transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
    }
    Ok(())
}

fn read_sealed(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT max(first) FROM segment WHERE workspace = ?1";
    let newest: Option<i64> = connection.query_row(sql, [WORKSPACE], |row| row.get(0))?;
    Ok(newest.map_or(0, |first| first.cast_unsigned() + SEGMENT_ENTRIES - 1))
}

fn read_authors(connection: &Connection) -> rusqlite::Result<std::collections::BTreeMap<i64, Authorship>> {
    let mut statement = connection.prepare("SELECT id, user, device FROM author WHERE workspace = ?1")?;
    let rows = statement.query_map(params![WORKSPACE], |row| {
        let by = Authorship { user: UserId::from_bytes(row.get(1)?), device: DeviceId::from_bytes(row.get(2)?) };
        Ok((row.get(0)?, by))
    })?;
    rows.collect()
}

fn not_ours(error: rusqlite::Error, path: &Path) -> OpenStoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => OpenStoreError::NotOurs(path.to_owned()),
        _ => error.into(),
    }
}

fn sync_directory_of(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
