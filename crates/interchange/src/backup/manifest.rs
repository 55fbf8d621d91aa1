//! `manifest.json`: what an archive holds, and how each part of it can be checked.

use std::collections::BTreeMap;

use model::{Kind, Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// What the manifest calls its own form.
pub const FORMAT: &str = "trailtrack-backup";
/// The form's version; archives of a newer one are refused.
pub const VERSION: u32 = 1;
/// The folder of attached files.
pub const FILES: &str = "files/";

/// Who made a backup; after restoring, whoever works on the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail; empty when they work alone.
    pub email: String,
}

/// Where a backup comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub person: Person,
    /// Their team; `None` when they work alone.
    pub workspace: Option<WorkspaceId>,
    /// Changes of theirs that the relay refused: they stand in no record, so the backup doesn't have them.
    pub refused: u64,
}

/// An archive's table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `FORMAT`.
    pub format: String,
    /// The archive's version.
    pub version: u32,
    /// The version of the records' field table.
    pub schema: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub person: Person,
    /// Their team; `None` when they worked alone.
    #[serde(default)]
    pub workspace: Option<WorkspaceId>,
    /// Refused changes that are not in it.
    #[serde(default)]
    pub refused: u64,
    /// Records and histories, by name.
    pub parts: BTreeMap<String, PartEntry>,
    /// Attached files, each once; those that were not on the device too.
    pub files: Vec<FileEntry>,
}

/// One NDJSON file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEntry {
    /// Its lines: records, or what happened to them.
    pub count: u64,
    /// Its size.
    pub size_bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its SHA-256, as its attachment's record has it.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
    /// It was not on the device: the archive has its record alone.
    #[serde(default)]
    pub missing: bool,
}

impl Manifest {
    /// Records of all kinds.
    pub fn record_count(&self) -> u64 {
        let of = |kind: Kind| self.parts.get(&records_name(kind)).map_or(0, |part| part.count);
        Kind::ALL.into_iter().map(of).sum()
    }

    /// Files that are named, but were not on the device.
    pub fn missing_files(&self) -> impl Iterator<Item = &FileEntry> {
        self.files.iter().filter(|file| file.missing)
    }
}

/// The name of a kind's records in the archive.
pub fn records_name(kind: Kind) -> String {
    format!("{}.ndjson", kind.plural())
}

/// The name of their histories.
pub fn history_name(kind: Kind) -> String {
    format!("history/{}.ndjson", kind.plural())
}

/// The checksum that a file of this name must have; `None` when the name is none of a file.
pub(super) fn checksum_in(name: &str) -> Option<&str> {
    let checksum = name.strip_prefix(FILES)?;
    is_checksum(checksum).then_some(checksum)
}

/// Whether this is a SHA-256 as records write it.
pub(super) fn is_checksum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
