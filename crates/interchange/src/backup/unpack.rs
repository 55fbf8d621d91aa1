//! Reading an archive from an unknown hand. Nothing of it is given out before all of it has been checked.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use model::schema::SCHEMA_VERSION;
use sha2::{Digest as _, Sha256};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::manifest::{checksum_in, is_checksum};
use super::pack::hexadecimal;
use super::{
    FILES, FORMAT, FileEntry, MANIFEST_MAX_BYTES, Manifest, PART_MAX_BYTES, Part, VERSION, history_name,
    kinds_with_history, records_name,
};

/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// The manifest's name.
const MANIFEST: &str = "manifest.json";

/// Why an archive is not taken; nothing was read out of it.
#[derive(Debug, thiserror::Error)]
pub enum OpenBackupError {
    /// It is no ZIP, or cut off.
    #[error("this is no backup, or a part of it is missing")]
    NotAnArchive(#[from] ZipError),
    /// It can't be read.
    #[error("the backup can't be read: {0}")]
    Io(#[from] io::Error),
    /// It is a ZIP without a manifest.
    #[error("this archive is no TrailTrack backup")]
    NoManifest,
    /// The manifest can't be read.
    #[error("the backup's manifest can't be read")]
    Manifest(#[source] serde_json::Error),
    /// A newer program made it.
    #[error("this backup was made by a newer TrailTrack; update this one first")]
    Newer,
    /// It holds something under a name that no backup has.
    #[error("the backup holds something that does not belong there: {name}")]
    ForeignName {
        /// The name, shortened.
        name: String,
    },
    /// It does not hold what its manifest names.
    #[error("{name} is not in the backup")]
    Missing {
        /// The name.
        name: String,
    },
    /// Something in it is larger than it says, or than it may be.
    #[error("{name} is larger than it may be")]
    TooLarge {
        /// The name.
        name: String,
    },
    /// Something in it was changed or damaged.
    #[error("{name} is damaged")]
    Damaged {
        /// The name.
        name: String,
    },
}

/// An archive that has been checked.
pub struct Archive<R: Read + Seek> {
    zip: ZipArchive<R>,
    manifest: Manifest,
}

impl<R: Read + Seek> std::fmt::Debug for Archive<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive and checks every byte of it.
    ///
    /// # Errors
    /// When it is no sound backup that this program knows.
    pub fn open(mut source: R) -> Result<Self, OpenBackupError> {
        let length = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        let zip = ZipArchive::new(source)?;
        let names = names_of(&zip)?;
        let mut archive = Self { zip, manifest: Manifest::unread() };
        archive.manifest = archive.read_manifest(&names)?;
        archive.compare_names(&names, length)?;
        archive.check_parts()?;
        archive.check_files()?;
        Ok(archive)
    }

    /// What it holds.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads all records and histories.
    ///
    /// # Errors
    /// When the archive can't be read any more.
    pub fn parts(&mut self) -> Result<Vec<Part>, OpenBackupError> {
        let names: Vec<String> = self.manifest.parts.keys().cloned().collect();
        let read = |name: String| {
            let bytes = self.bytes(&name, self.manifest.parts[&name].size_bytes)?;
            Ok(Part { name, bytes })
        };
        names.into_iter().map(read).collect()
    }

    /// Opens the bytes of a file; `None` when the archive only names it.
    ///
    /// # Errors
    /// When the archive can't be read any more.
    pub fn file(&mut self, file: &FileEntry) -> Result<Option<impl Read + '_>, OpenBackupError> {
        if file.missing {
            return Ok(None);
        }
        Ok(Some(self.zip.by_name(&format!("{FILES}{}", file.sha256))?))
    }

    fn read_manifest(&mut self, names: &BTreeSet<String>) -> Result<Manifest, OpenBackupError> {
        if !names.contains(MANIFEST) {
            return Err(OpenBackupError::NoManifest);
        }
        let bytes = self.bytes(MANIFEST, MANIFEST_MAX_BYTES)?;
        let form = Form::read(&bytes)?;
        if form.version > VERSION || form.schema > SCHEMA_VERSION {
            return Err(OpenBackupError::Newer);
        }
        serde_json::from_slice(&bytes).map_err(OpenBackupError::Manifest)
    }

    /// The archive holds what the manifest names, and nothing else.
    fn compare_names(&mut self, names: &BTreeSet<String>, length: u64) -> Result<(), OpenBackupError> {
        let mut named = BTreeSet::from([MANIFEST.to_owned()]);
        let mut size_of_files: u64 = 0;
        for file in self.manifest.files.iter().filter(|file| !file.missing) {
            if !is_checksum(&file.sha256) || !named.insert(format!("{FILES}{}", file.sha256)) {
                return Err(OpenBackupError::ForeignName { name: shortened(&file.sha256) });
            }
            size_of_files = size_of_files.saturating_add(file.size_bytes);
        }
        // Files are not compressed, so together they are no larger than the archive.
        if size_of_files > length {
            return Err(OpenBackupError::TooLarge { name: FILES.to_owned() });
        }
        let every_part = model::Kind::ALL.into_iter().map(records_name).chain(kinds_with_history().map(history_name));
        let every_part: BTreeSet<String> = every_part.collect();
        if let Some(name) = self.manifest.parts.keys().find(|name| !every_part.contains(*name)) {
            return Err(OpenBackupError::ForeignName { name: shortened(name) });
        }
        named.extend(self.manifest.parts.keys().cloned());
        if let Some(name) = names.difference(&named).next() {
            return Err(OpenBackupError::ForeignName { name: shortened(name) });
        }
        match named.difference(names).next() {
            Some(name) => Err(OpenBackupError::Missing { name: name.clone() }),
            None => Ok(()),
        }
    }

    fn check_parts(&mut self) -> Result<(), OpenBackupError> {
        for (name, part) in self.manifest.parts.clone() {
            if part.size_bytes > PART_MAX_BYTES {
                return Err(OpenBackupError::TooLarge { name });
            }
            let summed = self.sum(&name, part.size_bytes)?;
            if summed != (part.size_bytes, part.sha256, part.count) {
                return Err(OpenBackupError::Damaged { name });
            }
        }
        Ok(())
    }

    fn check_files(&mut self) -> Result<(), OpenBackupError> {
        for file in self.manifest.files.clone().into_iter().filter(|file| !file.missing) {
            let name = format!("{FILES}{}", file.sha256);
            if self.zip.by_name(&name)?.compression() != CompressionMethod::Stored {
                return Err(OpenBackupError::TooLarge { name });
            }
            let (size_bytes, sha256, _) = self.sum(&name, file.size_bytes)?;
            if (size_bytes, &sha256) != (file.size_bytes, &file.sha256) {
                return Err(OpenBackupError::Damaged { name });
            }
        }
        Ok(())
    }

    /// Size, checksum and number of lines of an entry of at most `max` bytes.
    fn sum(&mut self, name: &str, max: u64) -> Result<(u64, String, u64), OpenBackupError> {
        let mut entry = self.zip.by_name(name)?.take(max.saturating_add(1));
        let (mut hasher, mut size, mut line_count) = (Sha256::new(), 0, 0);
        let mut piece = vec![0; PIECE];
        loop {
            let length = entry.read(&mut piece).map_err(|_| OpenBackupError::Damaged { name: name.to_owned() })?;
            if length == 0 {
                break;
            }
            size += crate::export::count(length);
            line_count += crate::export::count(piece[..length].iter().filter(|byte| **byte == b'\n').count());
            hasher.update(&piece[..length]);
        }
        if size > max {
            return Err(OpenBackupError::TooLarge { name: name.to_owned() });
        }
        Ok((size, hexadecimal(&hasher.finalize()), line_count))
    }

    /// An entry of at most `max` bytes.
    fn bytes(&mut self, name: &str, max: u64) -> Result<Vec<u8>, OpenBackupError> {
        let mut bytes = Vec::new();
        let mut entry = self.zip.by_name(name)?.take(max.saturating_add(1));
        entry.read_to_end(&mut bytes).map_err(|_| OpenBackupError::Damaged { name: name.to_owned() })?;
        if crate::export::count(bytes.len()) > max {
            return Err(OpenBackupError::TooLarge { name: name.to_owned() });
        }
        Ok(bytes)
    }
}

impl Manifest {
    fn unread() -> Self {
        Self {
            format: String::new(),
            version: 0,
            schema: 0,
            made_at: model::Timestamp::default(),
            person: super::Person { id: model::UserId::from_bytes([0; 16]), name: String::new(), email: String::new() },
            workspace: None,
            refused: 0,
            parts: std::collections::BTreeMap::new(),
            files: Vec::new(),
        }
    }
}

/// What a manifest of any version says of itself.
#[derive(serde::Deserialize)]
struct Form {
    format: String,
    version: u32,
    schema: u32,
}

impl Form {
    fn read(bytes: &[u8]) -> Result<Self, OpenBackupError> {
        let form: Self = serde_json::from_slice(bytes).map_err(OpenBackupError::Manifest)?;
        if form.format == FORMAT { Ok(form) } else { Err(OpenBackupError::NoManifest) }
    }
}

/// The names in the archive, each of which must be one that a backup may hold.
fn names_of<R: Read + Seek>(zip: &ZipArchive<R>) -> Result<BTreeSet<String>, OpenBackupError> {
    let mut names = BTreeSet::new();
    for name in zip.file_names() {
        let name = name?.into_owned();
        let known = name == MANIFEST || name.ends_with(".ndjson") || checksum_in(&name).is_some();
        if !known || names.contains(&name) {
            return Err(OpenBackupError::ForeignName { name: shortened(&name) });
        }
        names.insert(name);
    }
    Ok(names)
}

/// A foreign name, as far as a person wants to read it.
fn shortened(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(80).collect()
}
