//! Writing an archive.

use std::io::{self, Read, Seek, Write};

use model::schema::SCHEMA_VERSION;
use sha2::{Digest as _, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::manifest::is_checksum;
use super::{About, FILES, FORMAT, FileEntry, Manifest, Part, PartEntry, VERSION};

/// Bytes copied at once.
const PIECE: usize = 64 * 1024;
/// Files of this size and more need the large form of an entry.
const LARGE_BYTES: u64 = 0xffff_0000;

/// Why an archive could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The archive could not be written.
    #[error("the backup can't be written")]
    Zip(#[from] ZipError),
    /// It could not be written to, or a file not be read.
    #[error("the backup can't be written: {0}")]
    Io(#[from] io::Error),
    /// The manifest could not be written as JSON.
    #[error("the backup's manifest can't be written")]
    Manifest(#[from] serde_json::Error),
}

/// Everything of an archive but the bytes of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where it comes from.
    pub about: About,
    /// Records and histories.
    pub parts: Vec<Part>,
    /// The files that belong in it.
    pub files: Vec<FileEntry>,
}

/// An archive that is being written: the parts, then the files, then the manifest.
pub struct Packer<W: Write + Seek> {
    zip: ZipWriter<W>,
    manifest: Manifest,
}

impl<W: Write + Seek> std::fmt::Debug for Packer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packer").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl<W: Write + Seek> Packer<W> {
    /// Begins an archive.
    pub fn new(out: W, about: About) -> Self {
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            schema: SCHEMA_VERSION,
            made_at: about.made_at,
            person: about.person,
            workspace: about.workspace,
            refused: about.refused,
            parts: std::collections::BTreeMap::new(),
            files: Vec::new(),
        };
        Self { zip: ZipWriter::new(out), manifest }
    }

    /// Adds records or histories.
    ///
    /// # Errors
    /// When the archive can't be written.
    pub fn add_part(&mut self, part: &Part) -> Result<(), PackError> {
        self.zip.start_file(part.name.as_str(), options(CompressionMethod::Deflated))?;
        self.zip.write_all(&part.bytes)?;
        let entry = PartEntry {
            count: part.line_count(),
            size_bytes: crate::export::count(part.bytes.len()),
            sha256: checksum_of(&part.bytes),
        };
        self.manifest.parts.insert(part.name.clone(), entry);
        Ok(())
    }

    /// Adds a file, or names it as missing: when there is no `source`, or when what comes from it is another file.
    ///
    /// # Errors
    /// When the archive can't be written or the source can't be read.
    pub fn add_file(&mut self, file: FileEntry, source: Option<&mut dyn Read>) -> Result<(), PackError> {
        let source = source.filter(|_| is_checksum(&file.sha256));
        let missing = match source {
            None => true,
            Some(source) => !self.copy(&file, source)?,
        };
        self.manifest.files.push(FileEntry { missing, ..file });
        Ok(())
    }

    /// Copies a file; `false`, without a trace, when it is not the one it should be.
    fn copy(&mut self, file: &FileEntry, source: &mut dyn Read) -> Result<bool, PackError> {
        let options = options(CompressionMethod::Stored).large_file(file.size_bytes >= LARGE_BYTES);
        self.zip.start_file(format!("{FILES}{}", file.sha256), options)?;
        // One byte more tells a file that is too long.
        let mut source = source.take(file.size_bytes.saturating_add(1));
        let mut hasher = Sha256::new();
        let mut piece = vec![0; PIECE];
        let mut size = 0;
        loop {
            let length = source.read(&mut piece)?;
            if length == 0 {
                break;
            }
            hasher.update(&piece[..length]);
            self.zip.write_all(&piece[..length])?;
            size += crate::export::count(length);
        }
        let whole = size == file.size_bytes && hexadecimal(&hasher.finalize()) == file.sha256;
        if !whole {
            self.zip.abort_file()?;
        }
        Ok(whole)
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn finish(mut self) -> Result<(W, Manifest), PackError> {
        self.zip.start_file("manifest.json", options(CompressionMethod::Deflated))?;
        serde_json::to_writer_pretty(&mut self.zip, &self.manifest)?;
        Ok((self.zip.finish()?, self.manifest))
    }
}

/// Entries bear no time of their own: the same records make the same archive.
fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default())
}

/// SHA-256 in hexadecimal digits.
pub fn checksum_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
