//! The open database, its one kind of write transaction, and the small key-value table.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Deref;

use model::RecordId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::merged::Merged;
use crate::search::Corpus;

/// A client's database. Reads are methods of `Reader`; writes happen in `write`.
pub struct Store {
    reader: Reader,
}

/// Everything that can be read, from a `Store` at rest as well as inside a `Tx`.
pub struct Reader {
    pub(crate) connection: Connection,
    /// What search scans; `None` until it is first needed, and after a rollback.
    pub(crate) corpus: RefCell<Option<Corpus>>,
    /// Records whose derived columns are out of date in this transaction.
    pub(crate) stale: RefCell<BTreeSet<RecordId>>,
    /// Where merged records went; `None` until it is first needed, and after a rollback.
    pub(crate) merged: RefCell<Option<Merged>>,
}

/// A write transaction; all of it or nothing reaches the disk.
pub struct Tx<'a> {
    reader: &'a Reader,
    open: bool,
}

impl Deref for Store {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Deref for Tx<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        self.reader
    }
}

impl Store {
    pub(crate) const fn over(reader: Reader) -> Self {
        Self { reader }
    }

    /// Runs `work` in one transaction: committed (and on disk) when it returns `Ok`, without a trace when it
    /// returns `Err`.
    ///
    /// # Errors
    /// What `work` returns, or why the transaction could not begin or commit.
    pub fn write<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut tx = Tx::begin(&self.reader)?;
        let done = work(&mut tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// The same for what others hold and bring again: committed when it returns, but a power cut may take it,
    /// together with all that this transaction says about how far it reaches. What is written after it with
    /// [`write`](Self::write) takes it to the disk as well.
    ///
    /// # Errors
    /// As `write`.
    pub fn write_copy<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.reader.wait_for_disk(false)?;
        let done = self.write(work);
        self.reader.wait_for_disk(true)?;
        done
    }
}

impl<'a> Tx<'a> {
    fn begin(reader: &'a Reader) -> Result<Self, StoreError> {
        reader.step("BEGIN IMMEDIATE")?;
        Ok(Self { reader, open: true })
    }

    fn commit(mut self) -> Result<(), StoreError> {
        self.reader.settle()?;
        self.reader.step("COMMIT")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        // A full disk may have rolled back already; then there is nothing left to roll back. A rollback that
        // fails leaves a connection whose next BEGIN fails, which is reported there.
        if !self.reader.connection.is_autocommit() {
            let _ = self.reader.connection.execute_batch("ROLLBACK");
        }
        self.reader.stale.borrow_mut().clear();
        *self.reader.corpus.borrow_mut() = None;
        *self.reader.merged.borrow_mut() = None;
    }
}

impl Reader {
    pub(crate) const fn over(connection: Connection) -> Self {
        Self {
            connection,
            corpus: RefCell::new(None),
            stale: RefCell::new(BTreeSet::new()),
            merged: RefCell::new(None),
        }
    }

    /// Returns a value that was kept under `key`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Returns what was kept under keys that begin with `prefix`, with the rest of each key, in the order of the keys.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn metas(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let sql =
            "SELECT substr(key, ?2), value FROM meta WHERE key >= ?1 AND substr(key, 1, ?2 - 1) = ?1 ORDER BY key";
        let rest_at = prefix.chars().count() + 1;
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![prefix, crate::codec::int(rest_at)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Runs a statement that returns nothing, and that runs often.
    fn step(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.connection.prepare_cached(sql)?.execute([]).map(drop)?)
    }

    /// Whether the next commits wait for the disk. A write-ahead log is sound without, a rollback journal is not.
    fn wait_for_disk(&self, wait: bool) -> Result<(), StoreError> {
        if cfg!(not(target_arch = "wasm32")) {
            let level = if wait { "FULL" } else { "NORMAL" };
            self.connection.execute_batch(&format!("PRAGMA synchronous = {level}"))?;
        }
        Ok(())
    }

    /// Returns one number.
    pub(crate) fn number(&self, sql: &str) -> Result<u64, StoreError> {
        let number: i64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(number).unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", params![key, value]).map(drop)
    }

    /// Forgets what was kept under `key`.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn remove_meta(&mut self, key: &str) -> Result<(), StoreError> {
        self.run("DELETE FROM meta WHERE key = ?", [key]).map(drop)
    }

    /// Runs a prepared statement and returns how many rows it changed.
    pub(crate) fn run(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, StoreError> {
        Ok(self.connection.prepare_cached(sql)?.execute(values)?)
    }
}
