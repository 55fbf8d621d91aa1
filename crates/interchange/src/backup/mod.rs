//! The backup archive (PRODUCT 10): a ZIP of `manifest.json`, one NDJSON file per kind of record sorted by id
//! (`leads.ndjson` ...), their histories (`history/leads.ndjson` ...) and the attached files (`files/<sha256>`).
//!
//! Restoring makes the records again from their histories, and they have to come to what the record lines say. So an
//! archive proves itself twice: by its checksums, and by its two accounts of every record.

mod lines;
mod manifest;
mod pack;
mod past;
mod unpack;

pub use lines::{Happening, ReadLineError, happening_line, history_lines, record_line, record_lines, values_of};
pub use manifest::{About, FILES, FORMAT, FileEntry, Manifest, PartEntry, Person, VERSION, history_name, records_name};
pub use pack::{PackError, Packer, Prepared, checksum_of};
pub use past::straightened;
pub use unpack::{Archive, OpenBackupError};

use model::Kind;

/// Longest `manifest.json`, in bytes.
pub const MANIFEST_MAX_BYTES: u64 = 32 << 20;
/// Longest NDJSON part, in bytes.
pub const PART_MAX_BYTES: u64 = 512 << 20;
/// Longest line of a part, in bytes: a record holds at most two notes and 500 short fields.
pub const LINE_MAX_BYTES: usize = 4 << 20;

/// The kinds whose histories are kept. People and devices are the relay's to write.
pub fn kinds_with_history() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::User | Kind::Device))
}

/// One NDJSON file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name in the archive.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Part {
    /// How many lines it has.
    pub fn line_count(&self) -> u64 {
        crate::export::count(self.bytes.iter().filter(|byte| **byte == b'\n').count())
    }
}
