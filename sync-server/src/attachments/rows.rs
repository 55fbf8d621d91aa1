//! What goes into the tables of attachments and comes out of them, as plain values.

use std::fmt;
use std::str::FromStr;

use model::{RecordId, Timestamp, UserId};
use serde::Serialize;
use uuid::Uuid;

use super::Checksum;
use super::bitmap::Parts;

/// Names an upload. Drawn at random, so that nobody guesses another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UploadId(pub Uuid);

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UploadId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::from_str(text).map(Self)
    }
}

/// A file to be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewUpload {
    /// The attachment that will hold it.
    pub attachment: RecordId,
    /// Who uploads.
    pub user: UserId,
    /// What its bytes will come to.
    pub checksum: Checksum,
    /// How many there are.
    pub size_bytes: u64,
}

/// An upload under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its name.
    pub id: UploadId,
    /// What is uploaded.
    pub file: NewUpload,
    /// What has arrived.
    pub parts: Parts,
    /// Since when all of it is stored.
    pub finished_at: Option<Timestamp>,
    /// It is forgotten then unless it is finished.
    pub expires_at: Timestamp,
}

/// What the virus scanner says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// There is no scanner: nothing is known.
    NotScanned,
    /// The scanner has not answered yet.
    Pending,
    /// The scanner found nothing.
    Clean,
    /// The scanner found something; nobody gets the bytes.
    Blocked,
}

impl ScanState {
    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotScanned => "not_scanned",
            Self::Pending => "pending",
            Self::Clean => "clean",
            Self::Blocked => "blocked",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::NotScanned, Self::Pending, Self::Clean, Self::Blocked].into_iter().find(|state| state.name() == name)
    }
}

/// The bytes that an attachment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachedFile {
    /// The attachment.
    pub attachment: RecordId,
    /// Its file.
    pub checksum: Checksum,
    /// The file's size.
    pub size_bytes: u64,
    /// Who uploaded it.
    pub user: UserId,
    /// What the virus scanner says.
    pub scan: ScanState,
}

/// What a person has uploaded or is about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Uploads that are not finished.
    pub open_uploads: u64,
}
