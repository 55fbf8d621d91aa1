//! One process at a time writes a data directory.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::config::DataDir;

/// Why a data directory can't be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum LockDataError {
    /// Another process writes it.
    #[error("a relay is running on {}; stop it first", .0.display())]
    InUse(PathBuf),
    /// It can't be made or written.
    #[error("the data directory {} cannot be used", path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("there is no relay's data in {}", .0.display())]
    Empty(PathBuf),
}

/// A data directory that this process alone writes, until dropped. The system frees it when the process dies.
#[derive(Debug)]
pub(super) struct LockedData {
    /// The directory's files.
    pub(super) dir: DataDir,
    _lock: File,
}

impl LockedData {
    /// Makes the directory when it is missing, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, LockDataError> {
        let dir = DataDir::new(path);
        let failed = |source| LockDataError::Io { path: path.to_owned(), source };
        make_private(path).map_err(failed)?;
        let file = File::options().create(true).truncate(false).write(true).open(dir.lock()).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { dir, _lock: file }),
            Err(TryLockError::WouldBlock) => Err(LockDataError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// Names the files of a directory that has a database; somebody may be writing it.
pub(super) fn existing(path: &Path) -> Result<DataDir, LockDataError> {
    let dir = DataDir::new(path);
    if dir.database().exists() { Ok(dir) } else { Err(LockDataError::Empty(path.to_owned())) }
}

/// The directory holds password hashes and keys, so only its owner may enter.
fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_told_that_a_relay_is_running() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = LockedData::open(&path).unwrap();

        let second = LockedData::open(&path).unwrap_err();
        drop(first);

        assert!(second.to_string().contains("a relay is running"), "{second}");
        assert!(LockedData::open(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_new_data_directory_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/data");
        let _locked = LockedData::open(&path).unwrap();

        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
