//! Opening the database: pragmas, whose file it is, and bringing an older form up to date.
//!
//! The time to open doesn't grow with the number of records: nothing here reads more than the header and the
//! schema. Whether every page is sound is for `Reader::integrity_problems`, when there is time.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::OpenStoreError;
use crate::store::{Reader, Store};

/// Says "TrailTrack client" in the file's header ("TTrk").
const APPLICATION_ID: i64 = 0x5454_726b;

/// Older versions may reset a WAL that another connection still reads.
const OLDEST_SQLITE: i32 = 3_051_003;

/// The steps from an empty file to today's form; the n-th makes form n. Released files are never edited.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001.sql"),
    include_str!("../migrations/0002.sql"),
    include_str!("../migrations/0003.sql"),
    include_str!("../migrations/0004.sql"),
    include_str!("../migrations/0005.sql"),
];

/// Statements that are kept ready to run.
const PREPARED_STATEMENTS: usize = 128;

/// Settings of every connection. `locking_mode` comes first: the file is ours alone, so a second process gets
/// `InUse` at once, and a WAL needs no shared memory.
const PRAGMAS: &str = "
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA busy_timeout = 0;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32768;
";

/// Power cuts lost acknowledged writes with anything less than FULL (which on macOS takes `fullfsync`).
#[cfg(not(target_arch = "wasm32"))]
const JOURNAL: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA journal_size_limit = 16777216;
";
#[cfg(target_arch = "wasm32")]
const JOURNAL: &str = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;";

/// Holds the rows of a text filter, and the records behind a report's figure, while one query runs.
const SCRATCH: &str = "PRAGMA temp.journal_mode = OFF; CREATE TEMP TABLE hit (n INTEGER PRIMARY KEY);
    CREATE TEMP TABLE counted (id BLOB PRIMARY KEY) WITHOUT ROWID";

impl Store {
    /// Opens the database at `path`, creating it when there is none.
    ///
    /// # Errors
    /// When the file is damaged, of a newer version, another program's, in use, or can't be read and written.
    pub fn open(path: &Path) -> Result<Self, OpenStoreError> {
        Self::set_up(Connection::open_with_flags(path, flags())?)
    }

    /// Opens a database that holds nothing but what can be built again: a commit does not wait for the disk, so a
    /// power cut may take the last ones, and never damages the file.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_cache(path: &Path) -> Result<Self, OpenStoreError> {
        let store = Self::open(path)?;
        store.connection.execute_batch("PRAGMA synchronous = NORMAL")?;
        Ok(store)
    }

    /// Opens a database by the plain name that a browser's file system knows it by.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_named(name: &str) -> Result<Self, OpenStoreError> {
        Self::set_up(Connection::open_with_flags(name, flags())?)
    }

    /// Opens an empty database that lives as long as the value.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn open_in_memory() -> Result<Self, OpenStoreError> {
        Self::set_up(Connection::open_in_memory_with_flags(flags())?)
    }

    fn set_up(mut connection: Connection) -> Result<Self, OpenStoreError> {
        let found = rusqlite::version_number();
        if found < OLDEST_SQLITE {
            return Err(OpenStoreError::OldSqlite { found, needed: OLDEST_SQLITE });
        }
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        // Otherwise a statement whose plan looked at a bound value is planned again whenever it is bound anew.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch(PRAGMAS)?;
        check_owner(&connection)?;
        check_writable(&connection)?;
        connection.execute_batch(JOURNAL)?;
        migrate(&mut connection)?;
        connection.execute_batch(SCRATCH)?;
        Ok(Self::over(Reader::over(connection)))
    }
}

/// An empty database of a form, in memory.
pub(crate) fn empty_database(form: usize) -> Result<Connection, OpenStoreError> {
    let mut connection = Connection::open_in_memory_with_flags(flags())?;
    connection.execute_batch(PRAGMAS)?;
    migrate_to(&mut connection, form)?;
    Ok(connection)
}

fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn check_owner(connection: &Connection) -> Result<(), OpenStoreError> {
    let application_id = pragma(connection, "application_id")?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let fresh = application_id == 0 && tables == 0;
    if application_id != APPLICATION_ID && !fresh {
        return Err(OpenStoreError::Foreign { application_id });
    }
    let found = form(connection)?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known { Err(OpenStoreError::Newer { found, known }) } else { Ok(()) }
}

/// SQLite opens a protected file for reading without a word.
fn check_writable(connection: &Connection) -> Result<(), OpenStoreError> {
    if connection.is_readonly("main")? {
        let protected = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(OpenStoreError::Io(rusqlite::Error::SqliteFailure(protected, None)));
    }
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), OpenStoreError> {
    migrate_to(connection, MIGRATIONS.len())
}

fn migrate_to(connection: &mut Connection, form: usize) -> Result<(), OpenStoreError> {
    let done = usize::try_from(self::form(connection)?).unwrap_or(0);
    for (index, step) in MIGRATIONS.iter().enumerate().take(form).skip(done) {
        let tx = connection.transaction()?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", crate::codec::int(index + 1))?;
        tx.commit()?;
    }
    Ok(())
}

fn form(connection: &Connection) -> Result<u32, OpenStoreError> {
    Ok(u32::try_from(pragma(connection, "user_version")?).unwrap_or(u32::MAX))
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
