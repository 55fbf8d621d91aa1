//! A damaged file whose first page says no longer where its tables are: every file that the same migrations made has
//! them at the same places, so the first page of an empty one stands in for it. Only on a copy, and only to salvage.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::open::{MIGRATIONS, write_empty};
use crate::salvage::SalvagedOutbox;

/// SQLite's page size here.
const PAGE: usize = 4096;

/// Reads a copy of the file that has been given the first page of an empty one, of the newest form that fits.
pub(crate) fn with_schema(path: &Path, read: fn(&Path) -> SalvagedOutbox) -> Option<SalvagedOutbox> {
    let copy = Copy::of(path).ok()?;
    for form in (1..=MIGRATIONS.len()).rev() {
        let Ok(first) = first_page(&copy, form) else { continue };
        if copy.graft(&first).is_err() {
            continue;
        }
        let mut saved = read(&copy.path);
        if !saved.schema_lost {
            saved.losses.push("the first page".into());
            return Some(saved);
        }
    }
    None
}

/// The first page of an empty database of a form.
fn first_page(copy: &Copy, form: usize) -> io::Result<Vec<u8>> {
    let empty = copy.beside("empty");
    let made = write_empty(&empty, form).map_err(io::Error::other);
    let page = made.and_then(|()| fs::read(&empty)).map(|mut bytes| {
        bytes.truncate(PAGE);
        bytes
    });
    remove(&empty);
    page
}

/// A copy that goes when it is dropped.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn of(path: &Path) -> io::Result<Self> {
        let copy = Self { path: suffixed(path, ".grafted") };
        remove(&copy.path);
        fs::copy(path, &copy.path)?;
        let wal = suffixed(path, "-wal");
        if wal.exists() {
            fs::copy(wal, suffixed(&copy.path, "-wal"))?;
        }
        Ok(copy)
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        suffixed(&self.path, &format!(".{suffix}"))
    }

    fn graft(&self, first: &[u8]) -> io::Result<()> {
        let mut bytes = fs::read(&self.path)?;
        if bytes.len() < PAGE || first.len() != PAGE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let pages = u32::try_from(bytes.len() / PAGE).map_err(io::Error::other)?;
        bytes[..PAGE].copy_from_slice(first);
        // How large the file is; and no page of it is free.
        bytes[28..32].copy_from_slice(&pages.to_be_bytes());
        bytes[32..40].fill(0);
        fs::write(&self.path, bytes)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a database with its journals; one that is not there is removed already.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(suffixed(path, suffix));
    }
}
