//! A profile: the folder that holds one replica. One process at a time uses it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use replica::{Replica, ReplicaError};
use store::{OpenStoreError, Store};

use crate::env::SystemEnv;

const DATABASE: &str = "crm.db";
const LOCK: &str = "lock";

/// An open profile; the lock is held as long as it lives.
pub(crate) struct Profile {
    /// The replica in it.
    pub(crate) replica: Replica,
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
        let fail = |source| OpenProfileError::Folder { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(fail)?;
        keep_private(folder).map_err(fail)?;
        let lock = File::create(folder.join(LOCK)).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenProfileError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        let store = Store::open(&folder.join(DATABASE))?;
        Ok(Self { replica: Replica::open(store, &mut SystemEnv)?, _lock: lock })
    }
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
