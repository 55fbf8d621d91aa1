//! A profile: the folder that holds one replica. One process at a time uses it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use replica::{Mended, Replica, ReplicaError};
use store::{OpenStoreError, Store};

use crate::env::SystemEnv;
use crate::files::Files;

const DATABASE: &str = "crm.db";
/// The new database while it is filled from a damaged one.
const FRESH: &str = "crm.db.new";
const LOCK: &str = "lock";

/// An open profile; the lock is held as long as it lives.
pub(crate) struct Profile {
    /// The replica in it.
    pub(crate) replica: Replica,
    /// What became of the data when the database had to be mended at this start.
    pub(crate) mended: Option<Mended>,
    /// The files it keeps.
    pub(crate) files: Files,
    /// Where all of it lies.
    pub(crate) folder: PathBuf,
    _lock: File,
}

/// Why a profile can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenProfileError {
    /// No folder was named and the system names none.
    #[error("no home folder is known; name a profile with --profile DIR")]
    NoHome,
    /// Another process uses it.
    #[error("another TrailTrack is using this profile; close it first or choose another with --profile DIR ({})", .0.display())]
    InUse(PathBuf),
    /// The folder can't be made or written.
    #[error("the profile folder can't be used: {source} ({})", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database can't be used.
    #[error("{0}")]
    Store(#[from] OpenStoreError),
    /// The replica in it can't be used.
    #[error("{0}")]
    Replica(#[from] ReplicaError),
}

/// The profile used when none is named.
pub(crate) fn default_folder() -> Result<PathBuf, OpenProfileError> {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = std::env::home_dir().map(|home| home.join(".local/share"));
    data.or(home).map(|base| base.join("trailtrack")).ok_or(OpenProfileError::NoHome)
}

impl Profile {
    /// Opens or creates the profile in a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenProfileError> {
        let lock = take_lock(folder)?;
        finish_mending(folder).map_err(|source| OpenProfileError::Folder { path: folder.to_owned(), source })?;
        match open_replica(folder) {
            Ok(replica) => {
                Ok(Self { replica, mended: None, files: open_files(folder)?, folder: folder.to_owned(), _lock: lock })
            }
            Err(None) => Self::mend_locked(folder, lock),
            Err(Some(error)) => Err(error),
        }
    }

    /// Opens the profile with a database that is mended whether or not damage was seen.
    pub(crate) fn mend(folder: &Path) -> Result<Self, OpenProfileError> {
        let lock = take_lock(folder)?;
        Self::mend_locked(folder, lock)
    }

    fn mend_locked(folder: &Path, lock: File) -> Result<Self, OpenProfileError> {
        let mended = mend(folder)?;
        let replica = Replica::open(Store::open(&folder.join(DATABASE))?, &mut SystemEnv)?;
        Ok(Self { replica, mended: Some(mended), files: open_files(folder)?, folder: folder.to_owned(), _lock: lock })
    }
}

fn open_files(folder: &Path) -> Result<Files, OpenProfileError> {
    Files::open(folder).map_err(|source| OpenProfileError::Folder { path: folder.to_owned(), source })
}

/// Makes the folder ours alone as long as the file that is returned is open.
fn take_lock(folder: &Path) -> Result<File, OpenProfileError> {
    let fail = |source| OpenProfileError::Folder { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(fail)?;
    keep_private(folder).map_err(fail)?;
    let lock = File::create(folder.join(LOCK)).map_err(fail)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenProfileError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(fail(error)),
    }
}

/// Opens the replica; `None` when the database is damaged.
fn open_replica(folder: &Path) -> Result<Replica, Option<OpenProfileError>> {
    let store = match Store::open(&folder.join(DATABASE)) {
        Ok(store) => store,
        Err(OpenStoreError::Damaged(_)) => return Err(None),
        Err(error) => return Err(Some(error.into())),
    };
    match Replica::open(store, &mut SystemEnv) {
        Ok(replica) => Ok(replica),
        Err(error) if error.is_damage() => Err(None),
        Err(error) => Err(Some(error.into())),
    }
}

/// Fills a new database with what can be saved of the damaged one, then puts it in its place. The damaged one stays
/// beside it.
fn mend(folder: &Path) -> Result<Mended, OpenProfileError> {
    let fail = |source| OpenProfileError::Folder { path: folder.to_owned(), source };
    let (damaged, fresh) = (folder.join(DATABASE), folder.join(FRESH));
    let saved = store::salvage(&damaged);
    remove_database(&fresh).map_err(fail)?;
    let mended = Replica::mend(Store::open(&fresh)?, &saved, &mut SystemEnv)?;
    if damaged.exists() {
        store::set_aside(&damaged).map_err(fail)?;
    }
    finish_mending(folder).map_err(fail)?;
    Ok(mended)
}

/// Puts a filled new database in the place of one that was set aside, also where an earlier start was interrupted.
fn finish_mending(folder: &Path) -> io::Result<()> {
    let (database, fresh) = (folder.join(DATABASE), folder.join(FRESH));
    if !fresh.exists() || database.exists() {
        return Ok(());
    }
    std::fs::rename(&fresh, &database)?;
    sync_folder(folder)
}

fn remove_database(path: &Path) -> io::Result<()> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Makes renames in the folder durable.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn keep_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}
