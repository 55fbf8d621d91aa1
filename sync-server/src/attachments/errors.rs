//! What can go wrong with attachments, one type for each operation.

use super::scan::ScanError;
use super::tables::AttachmentTablesError;

/// Something failed that the caller can't help.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentFailure {
    /// The tables.
    #[error(transparent)]
    Tables(#[from] AttachmentTablesError),
    /// The object store.
    #[error("the store of attachments cannot be used")]
    Vault(#[from] object_store::Error),
    /// A thread of work was lost.
    #[error("the work was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
    /// The virus scanner.
    #[error(transparent)]
    Scan(#[from] ScanError),
}

/// Why an upload did not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginUploadError {
    /// Larger than a file may be.
    #[error("the file is too large; at most {max_bytes} bytes are taken")]
    TooLarge {
        /// The largest size.
        max_bytes: u64,
    },
    /// A file without bytes.
    #[error("the file is empty")]
    Empty,
    /// The person's files take all the room they may.
    #[error("your files take all the room they may; remove some first")]
    QuotaReached,
    /// Too many uploads that are not finished.
    #[error("too many uploads are under way; finish some first")]
    TooManyUploads,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] AttachmentFailure),
}

/// Why a part was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PutPartError {
    /// There is no such upload of this person.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// The file has no such part.
    #[error("the file has no such part")]
    NoSuchPart,
    /// The part has another size.
    #[error("this part has {expected} bytes")]
    WrongSize {
        /// The right size.
        expected: u64,
    },
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] AttachmentFailure),
}

/// Why an upload was not finished.
#[derive(Debug, thiserror::Error)]
pub enum FinishUploadError {
    /// There is no such upload of this person.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// Parts are missing.
    #[error("{0} parts are missing")]
    Incomplete(u64),
    /// What arrived is not what was announced; it is thrown away.
    #[error("the bytes are not those of the checksum; send them again")]
    WrongChecksum,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] AttachmentFailure),
}

/// Why a whole file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeFileError {
    /// It can't be begun, or grew too large.
    #[error(transparent)]
    Begin(#[from] BeginUploadError),
    /// It did not arrive as a whole.
    #[error("the file did not arrive as a whole")]
    Cut,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] AttachmentFailure),
}

/// Why nobody gets a file.
#[derive(Debug, thiserror::Error)]
pub enum ReadFileError {
    /// The attachment holds no bytes.
    #[error("the file is not on the relay")]
    NotHere,
    /// The virus scanner has found something.
    #[error("the virus scanner has found something in this file")]
    Blocked,
    /// The virus scanner has not answered yet.
    #[error("the virus scanner has not answered yet; try again in a moment")]
    Pending,
    /// The relay's fault.
    #[error(transparent)]
    Failed(#[from] AttachmentFailure),
}

macro_rules! fails_with {
    ($($error:ident)*) => { $(
        impl From<AttachmentTablesError> for $error {
            fn from(error: AttachmentTablesError) -> Self {
                Self::Failed(error.into())
            }
        }
        impl From<object_store::Error> for $error {
            fn from(error: object_store::Error) -> Self {
                Self::Failed(error.into())
            }
        }
    )* };
}
fails_with!(BeginUploadError PutPartError FinishUploadError TakeFileError ReadFileError);
