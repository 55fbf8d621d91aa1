//! Uploading, reading, scanning and removing: the rules, over tables and store.

mod upkeep;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use model::time::DAY_MILLIS;
use model::{RecordId, Timestamp, UserId, WorkspaceId};

pub use upkeep::FilesReport;

use super::Checksum;
use super::bitmap::{PART_BYTES, Parts};
use super::checksum::Summing;
use super::errors::{
    AttachmentFailure, BeginUploadError, FinishUploadError, PutPartError, ReadFileError, TakeFileError,
};
use super::place::Place;
use super::rows::{AttachedFile, NewUpload, ScanState, Upload, UploadId};
use super::scan::Clamd;
use super::tables::{AttachmentTables, AttachmentTablesError};
use super::vault::{Pieces, Vault};
use crate::identity::Surroundings;
use crate::identity::env::random_bytes;

/// An upload is forgotten after this time without a new part.
pub const UPLOAD_LIFE_MILLIS: i64 = 7 * DAY_MILLIS;
/// A file that no attachment holds is removed after this time.
pub const UNUSED_LIFE_MILLIS: i64 = DAY_MILLIS;
/// The bytes of an attachment in the trash are kept this long, as long as it can be restored.
pub const TRASH_LIFE_MILLIS: i64 = 90 * DAY_MILLIS;
/// Most uploads of one person that are not finished.
pub const OPEN_UPLOADS_MAX: u64 = 100;

/// What people may store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachmentLimits {
    /// Largest file.
    pub file_bytes_max: u64,
    /// Most bytes of one person.
    pub user_bytes_max: u64,
    /// Most files of one person.
    pub user_files_max: u64,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        Self { file_bytes_max: 25 * 1024 * 1024, user_bytes_max: 1024 * 1024 * 1024, user_files_max: 10_000 }
    }
}

/// What to open the attachments with.
pub struct AttachmentOptions {
    /// The database file.
    pub database: PathBuf,
    /// Where the bytes lie.
    pub place: Place,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What people may store.
    pub limits: AttachmentLimits,
    /// The virus scanner.
    pub clamd: Option<Clamd>,
    /// Clock and randomness.
    pub env: Arc<dyn Surroundings>,
}

/// The bytes of a workspace's attachments.
pub struct Attachments {
    tables: Arc<Mutex<AttachmentTables>>,
    vault: Vault,
    limits: AttachmentLimits,
    clamd: Option<Clamd>,
    env: Arc<dyn Surroundings>,
    /// Held while a file is stored for good and while unused ones are removed: the one must not remove what the
    /// other has just found to be there.
    storing: tokio::sync::Mutex<()>,
    /// Held while files are scanned: one after the other.
    scanning: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Attachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachments").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Attachments {
    /// Opens tables and store; makes them when they don't exist.
    ///
    /// # Errors
    /// When one can't be used.
    pub fn open(options: AttachmentOptions) -> Result<Self, AttachmentFailure> {
        let mut tables = AttachmentTables::open(&options.database, options.workspace)?;
        if options.clamd.is_some() {
            tables.scan_all()?;
        }
        Ok(Self {
            tables: Arc::new(Mutex::new(tables)),
            vault: Vault::open(&options.place)?,
            limits: options.limits,
            clamd: options.clamd,
            env: options.env,
            storing: tokio::sync::Mutex::default(),
            scanning: tokio::sync::Mutex::default(),
        })
    }

    /// What people may store.
    pub const fn limits(&self) -> AttachmentLimits {
        self.limits
    }

    /// Begins an upload, or finds the same one again. Whether the bytes are stored already makes no difference:
    /// knowing a checksum is not having the file.
    ///
    /// # Errors
    /// When it is too large or there is no room for it.
    pub async fn begin(&self, file: NewUpload) -> Result<Upload, BeginUploadError> {
        let now = self.env.now();
        if let Some(upload) = self.run(move |tables| tables.upload_of(&file, now)).await? {
            return Ok(upload);
        }
        self.check_room(file.user, file.size_bytes).await?;
        let upload = Upload {
            id: self.fresh_upload(),
            file,
            parts: Parts::none_of(file.size_bytes),
            finished_at: None,
            expires_at: now.plus_millis(UPLOAD_LIFE_MILLIS),
        };
        let stored = upload.clone();
        self.run(move |tables| tables.begin_upload(&stored)).await?;
        Ok(upload)
    }

    async fn check_room(&self, user: UserId, size_bytes: u64) -> Result<(), BeginUploadError> {
        let (limits, now) = (self.limits, self.env.now());
        if size_bytes == 0 {
            return Err(BeginUploadError::Empty);
        }
        if size_bytes > limits.file_bytes_max {
            return Err(BeginUploadError::TooLarge { max_bytes: limits.file_bytes_max });
        }
        let usage = self.run(move |tables| tables.usage(user, now)).await?;
        if usage.open_uploads >= OPEN_UPLOADS_MAX {
            return Err(BeginUploadError::TooManyUploads);
        }
        let fits =
            usage.bytes.saturating_add(size_bytes) <= limits.user_bytes_max && usage.files < limits.user_files_max;
        if fits { Ok(()) } else { Err(BeginUploadError::QuotaReached) }
    }

    fn fresh_upload(&self) -> UploadId {
        UploadId(uuid::Builder::from_random_bytes(random_bytes(self.env.as_ref())).into_uuid())
    }

    /// The person's upload of this name; others' are not there.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn upload(&self, id: UploadId, user: UserId) -> Result<Option<Upload>, AttachmentFailure> {
        let now = self.env.now();
        self.run(move |tables| tables.upload(id, user, now)).await
    }

    /// Takes a part; one that is sent again takes the place of the first. It is on the disk when this returns.
    ///
    /// # Errors
    /// When there is no such upload or part, or the part has another size.
    pub async fn put_part(&self, id: UploadId, user: UserId, part: u64, bytes: Bytes) -> Result<(), PutPartError> {
        let upload = self.upload(id, user).await?.ok_or(PutPartError::NoSuchUpload)?;
        let expected = upload.parts.size_of(part).ok_or(PutPartError::NoSuchPart)?;
        if u64::try_from(bytes.len()) != Ok(expected) {
            return Err(PutPartError::WrongSize { expected });
        }
        if upload.finished_at.is_some() {
            return Ok(());
        }
        self.vault.put_part(id, part, bytes).await?;
        let expires_at = self.env.now().plus_millis(UPLOAD_LIFE_MILLIS);
        Ok(self.run(move |tables| tables.part_is_stored(id, part, expires_at)).await?)
    }

    /// Puts the parts together, checks them, and lets the attachment hold the file.
    ///
    /// # Errors
    /// When parts are missing, or they are not what was announced: then none of them counts any more.
    pub async fn finish(&self, id: UploadId, user: UserId) -> Result<AttachedFile, FinishUploadError> {
        let upload = self.upload(id, user).await?.ok_or(FinishUploadError::NoSuchUpload)?;
        let file = self.held_by(&upload.file);
        if upload.finished_at.is_some() {
            return Ok(file);
        }
        match upload.parts.missing().count() {
            0 => {}
            missing => return Err(FinishUploadError::Incomplete(u64::try_from(missing).unwrap_or(u64::MAX))),
        }
        let storing = self.storing.lock().await;
        if !self.store(id, upload.parts.count(), file.checksum).await? {
            self.run(move |tables| tables.forget_parts(&upload)).await?;
            return Err(FinishUploadError::WrongChecksum);
        }
        let now = self.env.now();
        self.run(move |tables| tables.finish_upload(id, &file, now)).await?;
        drop(storing);
        self.vault.remove_parts(id).await?;
        Ok(file)
    }

    fn held_by(&self, file: &NewUpload) -> AttachedFile {
        let scan = if self.clamd.is_some() { ScanState::Pending } else { ScanState::NotScanned };
        let NewUpload { attachment, user, checksum, size_bytes } = *file;
        AttachedFile { attachment, checksum, size_bytes, user, scan }
    }

    /// Stores the parts as one file; `false` when they are not the file of this checksum.
    async fn store(&self, id: UploadId, parts: u64, checksum: Checksum) -> Result<bool, AttachmentFailure> {
        // Tables that came from a backup may know files that are not here.
        let stored = self.run(move |tables| tables.has_blob(checksum)).await? && self.vault.has(checksum).await?;
        let mut writing = if stored { None } else { Some(self.vault.begin(checksum).await?) };
        let (mut summing, mut pieces) = (Summing::default(), self.vault.parts(id, parts));
        while let Some(bytes) = pieces.next().await {
            let bytes = bytes?;
            summing.update(&bytes);
            if let Some(writing) = &mut writing {
                writing.write(bytes).await?;
            }
        }
        let genuine = summing.finish() == checksum;
        match writing {
            Some(writing) if genuine => writing.complete().await?,
            Some(writing) => writing.abandon().await?,
            None => {}
        }
        Ok(genuine)
    }

    /// Takes a whole file as it comes and lets the attachment hold it.
    ///
    /// # Errors
    /// When it is too large, there is no room for it, or it did not arrive as a whole.
    pub async fn take_whole<E>(
        &self,
        attachment: RecordId,
        user: UserId,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<AttachedFile, TakeFileError> {
        self.check_room(user, 1).await?;
        let id = self.fresh_upload();
        let taken = self.take_parts(id, body).await;
        let stored = match taken {
            Ok((checksum, size_bytes)) => {
                self.attach_parts(id, NewUpload { attachment, user, checksum, size_bytes }).await
            }
            Err(error) => Err(error),
        };
        self.vault.remove_parts(id).await?;
        stored
    }

    /// Stores what comes in parts, so that no file is ever in memory.
    async fn take_parts<E>(
        &self,
        id: UploadId,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<(Checksum, u64), TakeFileError> {
        let part_bytes = usize::try_from(PART_BYTES).unwrap_or(usize::MAX);
        let (mut summing, mut size_bytes, mut part, mut waiting) = (Summing::default(), 0, 0, BytesMut::new());
        let mut body = std::pin::pin!(body);
        while let Some(bytes) = body.next().await {
            let bytes = bytes.map_err(|_| TakeFileError::Cut)?;
            size_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if size_bytes > self.limits.file_bytes_max {
                return Err(BeginUploadError::TooLarge { max_bytes: self.limits.file_bytes_max }.into());
            }
            summing.update(&bytes);
            waiting.extend_from_slice(&bytes);
            while waiting.len() >= part_bytes {
                self.vault.put_part(id, part, waiting.split_to(part_bytes).freeze()).await?;
                part += 1;
            }
        }
        if !waiting.is_empty() {
            self.vault.put_part(id, part, waiting.freeze()).await?;
        }
        Ok((summing.finish(), size_bytes))
    }

    async fn attach_parts(&self, id: UploadId, new: NewUpload) -> Result<AttachedFile, TakeFileError> {
        self.check_room(new.user, new.size_bytes).await?;
        let (file, now) = (self.held_by(&new), self.env.now());
        let _storing = self.storing.lock().await;
        if !self.store(id, Parts::none_of(new.size_bytes).count(), new.checksum).await? {
            return Err(TakeFileError::Cut);
        }
        self.run(move |tables| tables.attach(&file, now)).await?;
        Ok(file)
    }

    /// The file that an attachment holds.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn attached(&self, attachment: RecordId) -> Result<Option<AttachedFile>, AttachmentFailure> {
        self.run(move |tables| tables.attached(attachment)).await
    }

    /// The bytes of an attachment's file, or a part of them.
    ///
    /// # Errors
    /// When it is not here, or the virus scanner keeps it back.
    pub async fn read(&self, file: &AttachedFile, range: Option<Range<u64>>) -> Result<Pieces, ReadFileError> {
        match file.scan {
            ScanState::Blocked => return Err(ReadFileError::Blocked),
            ScanState::Pending => return Err(ReadFileError::Pending),
            ScanState::Clean | ScanState::NotScanned => {}
        }
        match self.vault.read(file.checksum, range).await {
            Err(object_store::Error::NotFound { .. }) => Err(ReadFileError::NotHere),
            other => Ok(other?),
        }
    }

    fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// SQLite waits for the disk, so it works on a thread that may wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AttachmentTables) -> Result<T, AttachmentTablesError> + Send + 'static,
    ) -> Result<T, AttachmentFailure> {
        let tables = Arc::clone(&self.tables);
        Ok(tokio::task::spawn_blocking(move || work(&mut lock(&tables))).await??)
    }
}

/// What a panic cut short left nothing half done: a transaction was rolled back.
fn lock(tables: &Mutex<AttachmentTables>) -> MutexGuard<'_, AttachmentTables> {
    tables.lock().unwrap_or_else(PoisonError::into_inner)
}
