//! The file: opened when it is of this log, thrown away when not.

use std::path::{Path, PathBuf};

use ::store::{OpenStoreError, Store, StoreError, Tx};
use model::Settings;
use model::settings::SETTINGS_ID;
use sync::{Cursor, Digest, Epoch};

/// Rises when what is projected, or how, changes otherwise than by the tables' own form.
const VERSION: u8 = 1;
/// Where the cursor is kept.
const CURSOR: &str = "relay cursor";
/// Version, epoch, seq and digest.
const CURSOR_BYTES: usize = 1 + 16 + 8 + 16;

/// An open file and the place in the log that it has reached.
pub(super) struct Cache {
    pub(super) store: Store,
    pub(super) cursor: Option<Cursor>,
    pub(super) settings: Settings,
}

impl Cache {
    /// Opens the file; one that can't be used is replaced by an empty one.
    pub(super) fn open(path: &Path) -> Result<Self, OpenStoreError> {
        match Self::open_existing(path) {
            Ok(cache) => Ok(cache),
            Err(OpenCacheError::Open(error @ (OpenStoreError::InUse | OpenStoreError::Full))) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the projection is built anew");
                Self::anew(path)
            }
        }
    }

    /// Throws the file away and begins an empty one.
    pub(super) fn anew(path: &Path) -> Result<Self, OpenStoreError> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut file = path.as_os_str().to_owned();
            file.push(suffix);
            // What is not there need not go; what can't go shows when the file is opened.
            let _ = std::fs::remove_file(PathBuf::from(file));
        }
        let store = Store::open_cache(path)?;
        Ok(Self { store, cursor: None, settings: Settings::default() })
    }

    fn open_existing(path: &Path) -> Result<Self, OpenCacheError> {
        let store = Store::open_cache(path)?;
        let cursor = match store.meta(CURSOR)? {
            Some(bytes) => Some(read_cursor(&bytes).ok_or(OpenCacheError::OtherVersion)?),
            None if store.documents_count()? == 0 => None,
            None => return Err(OpenCacheError::OtherVersion),
        };
        let settings = settings_in(&store)?;
        Ok(Self { store, cursor, settings })
    }
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
enum OpenCacheError {
    #[error(transparent)]
    Open(#[from] OpenStoreError),
    #[error(transparent)]
    Read(#[from] StoreError),
    #[error("it is of another version")]
    OtherVersion,
}

/// The settings as they are projected.
pub(super) fn settings_in(store: &Store) -> Result<Settings, StoreError> {
    Ok(store.record(SETTINGS_ID)?.as_ref().map(Settings::read).unwrap_or_default())
}

/// Notes how far the tables have come, in the transaction that brought them there.
pub(super) fn write_cursor(tx: &mut Tx<'_>, cursor: Cursor) -> Result<(), StoreError> {
    let mut bytes = Vec::with_capacity(CURSOR_BYTES);
    bytes.push(VERSION);
    bytes.extend(cursor.epoch.0);
    bytes.extend(cursor.seq.to_be_bytes());
    bytes.extend(cursor.digest.0);
    tx.set_meta(CURSOR, &bytes)
}

fn read_cursor(bytes: &[u8]) -> Option<Cursor> {
    let bytes: &[u8; CURSOR_BYTES] = bytes.try_into().ok()?;
    let (version, rest) = bytes.split_first()?;
    let (epoch, rest) = rest.split_first_chunk::<16>()?;
    let (seq, rest) = rest.split_first_chunk::<8>()?;
    let digest = rest.first_chunk::<16>()?;
    let cursor = Cursor { epoch: Epoch(*epoch), seq: u64::from_be_bytes(*seq), digest: Digest(*digest) };
    (*version == VERSION).then_some(cursor)
}
