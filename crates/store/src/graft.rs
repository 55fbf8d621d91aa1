//! A damaged file that says no longer where its tables are: every file that the same migrations made has them at the
//! same places, so pages of an empty one stand in for those that held the schema. Only on a copy, and only to salvage.

use std::collections::BTreeSet;
#[cfg(not(target_arch = "wasm32"))]
use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, MAIN_DB};

use crate::error::OpenStoreError;
use crate::open::{MIGRATIONS, empty_database};
use crate::salvage::{SalvagedOutbox, read};

/// Where the first page says how large pages are.
const PAGE_SIZE: std::ops::Range<usize> = 16..18;
/// Where it says how the file is written: 1 with a rollback journal, 2 with a WAL.
#[cfg(not(target_arch = "wasm32"))]
const WRITTEN_AS: std::ops::Range<usize> = 18..20;
/// Where it says how many pages there are.
const PAGE_COUNT: std::ops::Range<usize> = 28..32;
/// Where it lists the free ones.
const FREE_PAGES: std::ops::Range<usize> = 32..40;

/// Reads what can be read of a database's bytes whose schema is lost. For files that no path leads to; a WAL beside
/// them is not read.
pub fn salvage_without_schema(bytes: &[u8]) -> Option<SalvagedOutbox> {
    with_grafts(bytes, |grafted| Some(read(in_memory(grafted))))
}

/// Reads a copy of a file whose schema is lost, with a copy of its WAL.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn read_without_schema(path: &Path) -> Option<SalvagedOutbox> {
    let copy = Copy::of(path).ok()?;
    with_grafts(&fs::read(path).ok()?, |grafted| {
        grafted[WRITTEN_AS].fill(2);
        fs::write(&copy.path, grafted).ok()?;
        Some(crate::salvage::read_file(&copy.path))
    })
}

/// Tries what can stand in for the schema, newest form and fewest pages first, until one says where the tables are.
fn with_grafts(
    bytes: &[u8],
    mut read_grafted: impl FnMut(&mut [u8]) -> Option<SalvagedOutbox>,
) -> Option<SalvagedOutbox> {
    for form in (1..=MIGRATIONS.len()).rev() {
        let Ok(empty) = Empty::of(form) else { continue };
        let grafts = [(vec![0], "the first page"), (empty.schema_pages(), "the pages of the schema")];
        for (pages, loss) in grafts {
            let mut grafted = bytes.to_vec();
            let saved = empty.graft(&mut grafted, &pages).and_then(|()| read_grafted(&mut grafted));
            if let Some(mut saved) = saved.filter(|saved| !saved.schema_lost) {
                saved.losses.push(loss.into());
                return Some(saved);
            }
        }
    }
    None
}

/// An empty database of a form, as bytes.
struct Empty {
    bytes: Vec<u8>,
    page_size: usize,
    /// The pages that tables and indices begin on, counted from one.
    roots: BTreeSet<u32>,
}

impl Empty {
    fn of(form: usize) -> Result<Self, OpenStoreError> {
        let mut empty = empty_database(form)?;
        let roots = roots_of(&empty)?;
        let bytes = empty.serialize(MAIN_DB)?.to_vec();
        let page_size = match bytes.get(PAGE_SIZE) {
            Some(&[0, 1]) => 1 << 16,
            Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
            _ => 0,
        };
        Ok(Self { bytes, page_size, roots })
    }

    /// An empty database has no other pages than its tables' first ones and those of its schema.
    fn schema_pages(&self) -> Vec<usize> {
        let pages = (1..).zip(0..self.bytes.len().checked_div(self.page_size).unwrap_or(0));
        pages.filter(|(number, _)| !self.roots.contains(number)).map(|(_, page)| page).collect()
    }

    /// Puts pages of this database in the place of those of another one.
    fn graft(&self, bytes: &mut [u8], pages: &[usize]) -> Option<()> {
        let count = u32::try_from(bytes.len().checked_div(self.page_size)?).ok()?;
        for page in pages {
            let place = page * self.page_size..(page + 1) * self.page_size;
            bytes.get_mut(place.clone())?.copy_from_slice(self.bytes.get(place)?);
        }
        bytes.get_mut(PAGE_COUNT)?.copy_from_slice(&count.to_be_bytes());
        bytes.get_mut(FREE_PAGES)?.fill(0);
        Some(())
    }
}

fn roots_of(empty: &Connection) -> rusqlite::Result<BTreeSet<u32>> {
    let mut statement = empty.prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn in_memory(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.deserialize_read_exact(MAIN_DB, bytes, bytes.len(), true)?;
    Ok(connection)
}

/// A copy's place beside the file; what is there goes when it is dropped.
#[cfg(not(target_arch = "wasm32"))]
struct Copy {
    path: PathBuf,
}

#[cfg(not(target_arch = "wasm32"))]
impl Copy {
    fn of(path: &Path) -> io::Result<Self> {
        let copy = Self { path: suffixed(path, ".grafted") };
        remove(&copy.path);
        let wal = suffixed(path, "-wal");
        if wal.exists() {
            fs::copy(wal, suffixed(&copy.path, "-wal"))?;
        }
        Ok(copy)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Drop for Copy {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a database with its journals; one that is not there is removed already.
#[cfg(not(target_arch = "wasm32"))]
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(suffixed(path, suffix));
    }
}
