//! Opening: whose file it is, damage, newer forms, a second process, a full disk; and that tables and schema agree.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use model::{Kind, build};
use rusqlite::Connection;

use super::*;
use crate::columns::{Holds, holds};
use crate::{OpenStoreError, Tx};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("crm.db")
    }
}

/// A file with a few hundred leads, closed.
fn filled(path: &Path) {
    let mut store = Store::open(path).unwrap();
    let leads: Vec<Record> = (0..1000).map(|n| build::lead(&format!("Lead {n}")).record()).collect();
    let done: Result<(), StoreError> = store.write(|tx| tx.project_many(leads.iter().map(shown)));
    done.unwrap();
}

fn set_pragma(path: &Path, pragma: &str) {
    Connection::open(path).unwrap().execute_batch(pragma).unwrap();
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let folder = Folder::new();
    filled(&folder.file());

    let store = Store::open(&folder.file()).unwrap();

    assert_eq!(store.records(Kind::Lead, None, 2000).unwrap().len(), 1000);
    assert!(store.integrity_problems().unwrap().is_empty());
}

#[test]
fn every_write_reaches_the_disk_before_it_is_acknowledged() {
    let folder = Folder::new();
    let store = Store::open(&folder.file()).unwrap();
    let pragma = |name: &str| store.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap();
    let journal: String = store.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();

    let [full, keys]: [i64; 2] = [pragma("synchronous"), pragma("foreign_keys")];
    assert_eq!((journal.as_str(), full, keys), ("wal", 2, 1));
}

#[test]
fn what_was_acknowledged_survives_the_process() {
    let (folder, after_crash) = (Folder::new(), Folder::new());
    let mut store = Store::open(&folder.file()).unwrap();
    let lead = build::lead("Website").record();
    project(&mut store, &lead);
    let unfinished: Result<(), StoreError> = store.write(|tx| {
        tx.project(&shown(&build::lead("Half done").record()))?;
        // What a process that dies here leaves on the disk.
        for name in ["crm.db", "crm.db-wal"] {
            fs::copy(folder.0.path().join(name), after_crash.0.path().join(name)).unwrap();
        }
        Ok(())
    });
    unfinished.unwrap();

    let store = Store::open(&after_crash.file()).unwrap();

    assert_eq!(store.records(Kind::Lead, None, 10).unwrap(), [lead]);
    assert!(store.integrity_problems().unwrap().is_empty());
}

#[test]
fn a_second_opening_is_told_that_the_file_is_in_use() {
    let folder = Folder::new();
    let first = Store::open(&folder.file()).unwrap();

    assert!(matches!(Store::open(&folder.file()), Err(OpenStoreError::InUse)));
    drop(first);
    assert!(Store::open(&folder.file()).is_ok());
}

#[test]
fn a_file_that_is_no_database_is_damaged_and_stays_as_it_is() {
    let folder = Folder::new();
    let words = b"these are words, and many of them, but no database at all".repeat(20);
    fs::write(folder.file(), &words).unwrap();

    assert!(matches!(Store::open(&folder.file()), Err(OpenStoreError::Damaged(_))));
    assert_eq!(fs::read(folder.file()).unwrap(), words);
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let folder = Folder::new();
    set_pragma(&folder.file(), "CREATE TABLE theirs (x)");
    assert!(matches!(Store::open(&folder.file()), Err(OpenStoreError::Foreign { application_id: 0 })));

    set_pragma(&folder.file(), "PRAGMA application_id = 7");
    assert!(matches!(Store::open(&folder.file()), Err(OpenStoreError::Foreign { application_id: 7 })));
}

#[test]
fn a_newer_form_is_told_with_its_number() {
    let folder = Folder::new();
    filled(&folder.file());
    set_pragma(&folder.file(), "PRAGMA user_version = 99");

    assert!(matches!(Store::open(&folder.file()), Err(OpenStoreError::Newer { found: 99, known: 5 })));
}

#[test]
fn a_file_of_the_second_form_is_brought_up_to_date_with_what_it_holds() {
    let folder = Folder::new();
    let older = Connection::open(folder.file()).unwrap();
    older.execute_batch(include_str!("../../migrations/0001.sql")).unwrap();
    older.execute_batch(include_str!("../../migrations/0002.sql")).unwrap();
    let change = "INSERT INTO field_change VALUES (x'01', 5, x'02', 'place', x'03', NULL, x'04', 1, 0);
        PRAGMA application_id = 0x5454726b; PRAGMA user_version = 2;";
    older.execute_batch(change).unwrap();
    drop(older);

    let store = Store::open(&folder.file()).unwrap();

    let count = "SELECT count(*) FROM field_change INDEXED BY field_change_reported
        WHERE (key = 'place' AND (created = 1 OR moved = 1))
        OR (created = 0 AND key IN ('value_cents', 'probability', 'expected_close_date', 'owner_id'))";
    let indexed: i64 = store.connection.query_row(count, [], |row| row.get(0)).unwrap();
    let form: i64 = store.connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!((indexed, form), (1, 5));
    assert!(store.integrity_problems().unwrap().is_empty());
}

#[test]
fn a_folder_that_is_not_there_is_an_io_error() {
    let folder = Folder::new();
    assert!(matches!(Store::open(&folder.file().join("deeper.db")), Err(OpenStoreError::Io(_))));
}

#[test]
fn damaged_pages_are_errors_and_never_panics() {
    let folder = Folder::new();
    filled(&folder.file());
    let size = fs::metadata(folder.file()).unwrap().len();
    let mut file = fs::OpenOptions::new().write(true).open(folder.file()).unwrap();
    assert!(size > 120 * 4096, "{size}");
    for page in 100..size / 4096 {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xa5; 512]).unwrap();
    }
    drop(file);

    let store = Store::open(&folder.file()).unwrap();

    assert!(!store.integrity_problems().unwrap().is_empty());
    let read = store.records(Kind::Lead, None, 2000);
    assert!(matches!(read, Err(StoreError::Damaged(_) | StoreError::Unreadable(_))), "{read:?}");
}

#[test]
fn a_full_disk_refuses_the_write_and_loses_nothing() {
    let folder = Folder::new();
    filled(&folder.file());
    let mut store = Store::open(&folder.file()).unwrap();
    let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |store: &Store, pages: i64| {
        store.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    limit(&store, pages + 2);
    let large = vec![7; 100_000];
    let put = |tx: &mut Tx<'_>| tx.put_confirmed(build::lead("Big").reference(), &large, &[], b"");

    let full: Result<(), StoreError> = store.write(put);
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    assert_eq!(store.records(Kind::Lead, None, 2000).unwrap().len(), 1000);

    limit(&store, pages + 1000);
    store.write(put).unwrap();
    assert_eq!(store.documents_count().unwrap(), 1);
    assert!(store.integrity_problems().unwrap().is_empty());
}

#[test]
fn the_first_form_stays_as_it_was_released() {
    let store = empty();
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name";
    let mut statement = store.connection.prepare(sql).unwrap();
    let all: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();

    expect_file!["schema.snap.sql"].assert_eq(&(all.join(";\n\n") + ";\n"));
}

#[test]
fn every_field_of_the_schema_has_its_column() {
    let store = empty();
    for kind in Kind::ALL {
        let sql = format!("SELECT name, type FROM pragma_table_info('{kind}')");
        let mut statement = store.connection.prepare(&sql).unwrap();
        let columns: BTreeMap<String, String> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();

        for field in kind.fields() {
            let Some(holds) = holds(field) else {
                assert_eq!(columns.get(field.key), None, "{kind}.{} is kept elsewhere", field.key);
                continue;
            };
            let wanted = match holds {
                Holds::Folded | Holds::Exact => "TEXT",
                Holds::Int | Holds::Flag | Holds::Date | Holds::Time => "INTEGER",
                Holds::Id | Holds::Link => "BLOB",
                Holds::Any => "ANY",
            };
            assert_eq!(columns.get(field.key).map(String::as_str), Some(wanted), "{kind}.{}", field.key);
        }
    }
}
