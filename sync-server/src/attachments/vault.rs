//! Where bytes lie: objects named by upload and part number while they arrive, and by their checksum for good. No
//! name here comes from outside.
//!
//! An object appears as a whole or not at all, and is on the disk (file and folder) before a write returns.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, MultipartUpload, ObjectStore, ObjectStoreExt as _};

use super::Checksum;
use super::place::Place;
use super::rows::UploadId;

type Result<T> = std::result::Result<T, Error>;

/// The bytes of a file, piece by piece.
pub type Pieces = BoxStream<'static, Result<Bytes>>;

/// Pieces of a file that is being stored are put down in this size, which object stores ask for at least.
const WRITE_BYTES: usize = 8 * 1024 * 1024;

/// The object store of attachments.
#[derive(Clone)]
pub struct Vault {
    store: Arc<dyn ObjectStore>,
}

impl Vault {
    /// Keeps objects in a folder; makes it when missing, and removes what a crash left half written.
    ///
    /// # Errors
    /// When the folder can't be used.
    pub fn in_folder(folder: &FilePath) -> Result<Self> {
        let unusable = |source: io::Error| Error::Generic { store: "folder", source: source.into() };
        make_private(folder).map_err(unusable)?;
        remove_half_written(folder).map_err(unusable)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Keeps objects in a place; for the one process that serves them.
    ///
    /// # Errors
    /// When the place can't be used.
    pub fn open(place: &Place) -> Result<Self> {
        match place {
            Place::Folder(folder) => Self::in_folder(folder),
            Place::Bucket(bucket) => Ok(Self { store: bucket.open()? }),
        }
    }

    /// Reads objects of a place that another process may be serving: what is being written there is left alone.
    ///
    /// # Errors
    /// When the place can't be used.
    pub fn beside(place: &Place) -> Result<Self> {
        match place {
            Place::Folder(folder) => Ok(Self { store: Arc::new(LocalFileSystem::new_with_prefix(folder)?) }),
            Place::Bucket(bucket) => Ok(Self { store: bucket.open()? }),
        }
    }

    /// Stores a part of an upload.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_part(&self, upload: UploadId, part: u64, bytes: Bytes) -> Result<()> {
        self.store.put(&part_path(upload, part), bytes.into()).await.map(drop)
    }

    /// The bytes of an upload's parts, one after the other.
    pub fn parts(&self, upload: UploadId, count: u64) -> Pieces {
        let vault = self.clone();
        let parts = futures_util::stream::iter(0..count);
        parts
            .then(move |part| {
                let vault = vault.clone();
                async move { vault.part(upload, part).await }
            })
            .boxed()
    }

    async fn part(&self, upload: UploadId, part: u64) -> Result<Bytes> {
        self.store.get(&part_path(upload, part)).await?.bytes().await
    }

    /// Removes the parts of an upload.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_parts(&self, upload: UploadId) -> Result<()> {
        let mut parts = self.store.list(Some(&upload_path(upload)));
        while let Some(part) = parts.next().await {
            self.remove(&part?.location).await?;
        }
        Ok(())
    }

    /// The uploads that have parts here.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn uploads(&self) -> Result<Vec<UploadId>> {
        let listed = self.store.list_with_delimiter(Some(&Path::from(UPLOADS))).await?;
        let names = listed.common_prefixes.iter().filter_map(|path| path.filename()?.parse().ok());
        Ok(names.collect())
    }

    /// Begins to store a file for good; it appears when the writing is completed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self, checksum: Checksum) -> Result<Writing> {
        let upload = self.store.put_multipart(&blob_path(checksum)).await?;
        Ok(Writing { upload, pending: Vec::new(), pending_bytes: 0 })
    }

    /// Whether a file is here.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has(&self, checksum: Checksum) -> Result<bool> {
        match self.store.head(&blob_path(checksum)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A file's bytes, or a part of them.
    ///
    /// # Errors
    /// When there is no such file, or the store fails.
    pub async fn read(&self, checksum: Checksum, range: Option<Range<u64>>) -> Result<Pieces> {
        let options = object_store::GetOptions { range: range.map(Into::into), ..Default::default() };
        Ok(self.store.get_opts(&blob_path(checksum), options).await?.into_stream())
    }

    /// Removes a file.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_blob(&self, checksum: Checksum) -> Result<()> {
        self.remove(&blob_path(checksum)).await
    }

    /// The files that are stored, as far as their names are ours.
    pub fn blobs(&self) -> BoxStream<'static, Result<Checksum>> {
        let listed = self.store.list(Some(&Path::from(BLOBS)));
        listed
            .filter_map(async |object| match object {
                Ok(object) => object.location.filename().and_then(|name| name.parse().ok()).map(Ok),
                Err(error) => Some(Err(error)),
            })
            .boxed()
    }

    /// What is gone already needs no removing.
    async fn remove(&self, path: &Path) -> Result<()> {
        match self.store.delete(path).await {
            Err(Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }
}

/// A file that is being stored. Dropped before it is completed, it leaves nothing behind.
pub struct Writing {
    upload: Box<dyn MultipartUpload>,
    pending: Vec<Bytes>,
    pending_bytes: usize,
}

impl Writing {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.pending_bytes += bytes.len();
        self.pending.push(bytes);
        if self.pending_bytes >= WRITE_BYTES { self.put_down().await } else { Ok(()) }
    }

    /// Makes the file appear, on the disk for good.
    ///
    /// # Errors
    /// When the store fails; the file has not appeared.
    pub async fn complete(mut self) -> Result<()> {
        self.put_down().await?;
        self.upload.complete().await.map(drop)
    }

    /// Throws away what was written.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn abandon(mut self) -> Result<()> {
        self.upload.abort().await
    }

    async fn put_down(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.pending_bytes = 0;
        let payload = std::mem::take(&mut self.pending).into_iter().collect();
        self.upload.put_part(payload).await
    }
}

/// The folder of uploads.
const UPLOADS: &str = "uploads";
/// The folder of files.
const BLOBS: &str = "blobs";

/// The name under which a file is stored.
pub fn blob_name(checksum: Checksum) -> String {
    let digits = checksum.to_string();
    format!("{BLOBS}/{}/{digits}", &digits[..2])
}

fn blob_path(checksum: Checksum) -> Path {
    Path::from(blob_name(checksum))
}

fn upload_path(upload: UploadId) -> Path {
    Path::from(format!("{UPLOADS}/{upload}"))
}

fn part_path(upload: UploadId, part: u64) -> Path {
    Path::from(format!("{UPLOADS}/{upload}/{part}"))
}

#[cfg(unix)]
fn make_private(folder: &FilePath) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &FilePath) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// The store writes `name#1` and renames; whatever has a `#` in its name was being written when the program died.
fn remove_half_written(folder: &FilePath) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_half_written(&entry.path())?;
        } else if entry.file_name().to_string_lossy().contains('#') {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_file_appears_only_when_it_is_completed() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::in_folder(dir.path()).unwrap();
        let checksum = Checksum([7; 32]);

        let mut writing = vault.begin(checksum).await.unwrap();
        writing.write(Bytes::from(vec![1; WRITE_BYTES + 1])).await.unwrap();
        assert!(vault.read(checksum, None).await.is_err());
        writing.write(Bytes::from_static(b"end")).await.unwrap();
        writing.complete().await.unwrap();

        let mut pieces = vault.read(checksum, Some(WRITE_BYTES as u64..WRITE_BYTES as u64 + 4)).await.unwrap();
        assert_eq!(pieces.next().await.unwrap().unwrap(), b"\x01end".as_slice());
        assert_eq!(
            vault.blobs().collect::<Vec<_>>().await.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
            [checksum]
        );
    }

    #[tokio::test]
    async fn what_a_crash_left_half_written_is_gone_after_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::in_folder(dir.path()).unwrap();
        let upload = UploadId(Uuid::from_bytes([1; 16]));
        vault.put_part(upload, 0, Bytes::from_static(b"whole")).await.unwrap();
        let half = dir.path().join(format!("uploads/{upload}/1#1"));
        fs::write(&half, "hal").unwrap();

        let vault = Vault::in_folder(dir.path()).unwrap();

        assert!(!half.exists());
        assert_eq!(vault.uploads().await.unwrap(), [upload]);
        assert_eq!(vault.part(upload, 0).await.unwrap(), b"whole".as_slice());
        vault.remove_parts(upload).await.unwrap();
        assert!(vault.part(upload, 0).await.is_err());
    }
}
