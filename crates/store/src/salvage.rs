//! What can be saved from a damaged file: everything that exists on this device only. The rest comes back from the
//! relay.
//!
//! Nothing here changes the file. Whether a change's bytes are what its hash says is for the caller to check, who
//! knows how hashes are made.

use std::collections::BTreeMap;
use std::path::Path;
#[cfg(not(target_arch = "wasm32"))]
use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::types::Value as Key;
use rusqlite::{Connection, OpenFlags, Row};

use crate::outbox::{OutboxCommand, PendingChange, outbox_command, pending_change};
use crate::trays::{RefusedRow, refused_row};

/// Rows between two damaged places that are tried one by one.
const PROBES_MAX: usize = 100_000;
/// Most files that are set aside under one name.
#[cfg(not(target_arch = "wasm32"))]
const SET_ASIDE_MAX: u32 = 1000;

/// What was read from a damaged file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalvagedOutbox {
    /// Commands that were not answered, in order, with those of their changes that could be read.
    pub commands: Vec<OutboxCommand>,
    /// What the relay refused.
    pub refused: Vec<RefusedRow>,
    /// Small values by key: who and where this device is.
    pub meta: BTreeMap<String, Vec<u8>>,
    /// Changes whose command could not be read.
    pub orphans: Vec<PendingChange>,
    /// What could not be read, for the log.
    pub losses: Vec<String>,
    /// Whether the file does not even say which tables it holds.
    pub schema_lost: bool,
}

/// Reads what can be read of the outbox, the refused tray and the small values of a damaged file.
///
/// It never fails: what can't be read is listed as a loss.
pub fn salvage(path: &Path) -> SalvagedOutbox {
    let saved = read_file(path);
    #[cfg(not(target_arch = "wasm32"))]
    if saved.schema_lost {
        return crate::graft::read_without_schema(path).unwrap_or(saved);
    }
    saved
}

pub(crate) fn read_file(path: &Path) -> SalvagedOutbox {
    read(open(path))
}

pub(crate) fn read(opened: rusqlite::Result<Connection>) -> SalvagedOutbox {
    let mut saved = SalvagedOutbox::default();
    let connection = match opened {
        Ok(connection) => connection,
        Err(error) => {
            saved.losses.push(format!("everything: {error}"));
            saved.schema_lost = true;
            return saved;
        }
    };
    saved.schema_lost = !has_tables(&connection);
    saved.read_meta(&connection);
    saved.read_outbox(&connection);
    saved.read_refused(&connection);
    saved
}

fn has_tables(connection: &Connection) -> bool {
    let sql = "SELECT count(*) = 4 FROM sqlite_schema WHERE name IN ('meta', 'outbox', 'pending', 'refused')";
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or(false)
}

/// Opens without touching: no recovery is written back, no journal is removed.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON")?;
    Ok(connection)
}

impl SalvagedOutbox {
    fn read_meta(&mut self, connection: &Connection) {
        let table = Table { name: "meta", columns: "key, value", key: "key" };
        for direction in ["ASC", "DESC"] {
            let scan = table.scan(connection, direction, |row| Ok((row.get(0)?, row.get(1)?)));
            self.meta.extend(scan.rows.into_iter().map(|(_, value): (Key, (String, Vec<u8>))| value));
            self.losses.extend(scan.losses);
            if scan.complete {
                return;
            }
        }
    }

    fn read_outbox(&mut self, connection: &Connection) {
        let table = Table { name: "outbox", columns: "ordinal, id, at, payload", key: "ordinal" };
        let mut commands: BTreeMap<i64, OutboxCommand> =
            self.read_all(connection, &table, outbox_command).into_values().collect();
        let table = Table { name: "pending", columns: "kind, record, hash, bytes, ordinal, position", key: "rowid" };
        let read = |row: &Row<'_>| Ok(((row.get(4)?, row.get(5)?), pending_change(row)?));
        let changes: BTreeMap<(i64, i64), PendingChange> =
            self.read_all(connection, &table, read).into_values().collect();
        for ((ordinal, _), change) in changes {
            match commands.get_mut(&ordinal) {
                Some(command) => command.changes.push(change),
                None => self.orphans.push(change),
            }
        }
        self.commands = commands.into_values().collect();
    }

    fn read_refused(&mut self, connection: &Connection) {
        let columns = "command, at, payload, code, detail, changes";
        let table = Table { name: "refused", columns, key: "ordinal" };
        self.refused = self.read_all(connection, &table, refused_row).into_values().collect();
    }

    /// Reads a table from both ends up to where it is damaged, then tries what lies between row by row.
    fn read_all<T>(
        &mut self,
        connection: &Connection,
        table: &Table,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T> + Copy,
    ) -> BTreeMap<i64, T> {
        let number = |(key, row): (Key, T)| if let Key::Integer(number) = key { Some((number, row)) } else { None };
        let forward = table.scan(connection, "ASC", read);
        self.losses.extend(forward.losses);
        let mut rows: BTreeMap<i64, T> = forward.rows.into_iter().filter_map(number).collect();
        if forward.complete {
            return rows;
        }
        let reached = rows.last_key_value().map_or(0, |(number, _)| *number);
        let backward = table.scan(connection, "DESC", read);
        self.losses.extend(backward.losses);
        let above: BTreeMap<i64, T> = backward.rows.into_iter().filter_map(number).collect();
        let from = above.first_key_value().map_or(reached, |(number, _)| *number);
        rows.extend(above);
        for number in (reached + 1..from).take(PROBES_MAX) {
            if let Some(row) = table.probe(connection, number, read) {
                rows.insert(number, row);
            }
        }
        rows
    }
}

/// A table as far as it is saved.
struct Table {
    name: &'static str,
    columns: &'static str,
    key: &'static str,
}

/// What one pass over a table brought.
struct Scan<T> {
    rows: Vec<(Key, T)>,
    /// Whether the pass got to the end.
    complete: bool,
    losses: Vec<String>,
}

impl Table {
    /// Reads rows in one direction until the file can't be read on. A row that makes no sense is passed over.
    fn scan<T>(
        &self,
        connection: &Connection,
        direction: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Scan<T> {
        let mut scan = Scan { rows: Vec::new(), complete: false, losses: Vec::new() };
        let outcome = self.scan_into(connection, direction, read, &mut scan);
        scan.complete = outcome.is_ok();
        if let Err(error) = outcome {
            scan.losses.push(format!("part of {}: {error}", self.name));
        }
        scan
    }

    fn scan_into<T>(
        &self,
        connection: &Connection,
        direction: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        scan: &mut Scan<T>,
    ) -> rusqlite::Result<()> {
        let Self { name, columns, key } = self;
        let sql = format!("SELECT {columns}, {key} FROM {name} NOT INDEXED ORDER BY {key} {direction}");
        let mut statement = connection.prepare(&sql)?;
        let last = statement.column_count() - 1;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match (row.get(last), read(row)) {
                (Ok(key), Ok(value)) => scan.rows.push((key, value)),
                (_, Err(error)) | (Err(error), _) => scan.losses.push(format!("a row of {name}: {error}")),
            }
        }
        Ok(())
    }

    fn probe<T>(
        &self,
        connection: &Connection,
        number: i64,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Option<T> {
        let Self { name, columns, key } = self;
        let mut statement =
            connection.prepare_cached(&format!("SELECT {columns} FROM {name} NOT INDEXED WHERE {key} = ?")).ok()?;
        statement.query_row([number], read).ok()
    }
}

/// Moves a damaged database and its journals out of the way, to `<name>.damaged-<n>`; returns where it lies now.
///
/// # Errors
/// When the file can't be renamed.
#[cfg(not(target_arch = "wasm32"))]
pub fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let free = (1..=SET_ASIDE_MAX).map(|number| format!(".damaged-{number}")).find(|suffix| !beside(suffix).exists());
    let suffix = free.ok_or(std::io::ErrorKind::AlreadyExists)?;
    // The journals first: a database that lost its journal is worse than a journal that lost its database.
    for journal in ["-wal", "-shm", "-journal"] {
        if beside(journal).exists() {
            std::fs::rename(beside(journal), beside(&format!("{suffix}{journal}")))?;
        }
    }
    std::fs::rename(path, beside(&suffix))?;
    Ok(beside(&suffix))
}
