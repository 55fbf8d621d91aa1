//! The files that this device keeps, in the profile's folder `files`, by their SHA-256. Done on threads that may
//! wait; nothing is half there: a file is written beside, synced, and renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::app::FileSource;
use replica::archive::{Archive, FileEntry, OpenBackupError, PackError, Packer, Prepared};
use replica::{FileOutcome, FileWork, Packed, Unpacked};
use sha2::{Digest as _, Sha256};

use crate::profile::sync_folder;

/// Bytes read at once.
const PIECE: usize = 256 * 1024;
/// Longest time for sending a part, and longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(180);
/// Longest time for the bytes of one file; the next try goes on where this one ended.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3_600);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// Largest answer to a part that is read, in bytes.
const ANSWER_MAX: u64 = 64 * 1024;
/// What a file is called while it is copied.
const COPYING: &str = "copying-";
/// What a file is called while it is fetched; the next try goes on with it.
const FETCHING: &str = ".part";

/// Why work on a file was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("the file can't be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Http(#[from] ureq::Error),
    #[error("the relay answered {0}")]
    Answer(u16),
    #[error("what came is not the file that was asked for")]
    WrongFile,
    #[error("the file has changed on the disk; fetch it again from the relay or attach it anew")]
    Changed,
    #[error("{0}")]
    Pack(#[from] PackError),
    #[error("{0}")]
    Unpack(#[from] OpenBackupError),
}

/// The folder of files.
#[derive(Debug, Clone)]
pub(crate) struct Files(PathBuf);

impl Files {
    /// Opens the folder below a profile; what was being copied when the program ended is removed.
    pub(crate) fn open(profile: &Path) -> io::Result<Self> {
        let folder = profile.join("files");
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(COPYING) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self(folder))
    }

    /// Does what the replica asks; may take long.
    pub(crate) fn carry_out(&self, job: u64, work: FileWork) -> Result<FileOutcome, FileError> {
        match work {
            FileWork::Keep { source: FileSource::Path(path) } => self.keep(job, &mut File::open(path)?),
            FileWork::Keep { source: FileSource::Bytes(bytes) } => self.keep(job, &mut bytes.as_slice()),
            FileWork::SendPart { url, bearer, checksum, offset, length } => {
                let part = self.part(&checksum, offset, length)?;
                send_part(&url, &bearer, &part)
            }
            FileWork::Fetch { url, bearer, checksum, size_bytes } => {
                self.fetch(&Wanted { url, bearer, checksum, size_bytes })
            }
            FileWork::Read { checksum } => {
                let bytes = fs::read(self.path(&checksum))?;
                if sum_of(&mut bytes.as_slice())?.0 == checksum {
                    Ok(FileOutcome::Read(bytes))
                } else {
                    Err(FileError::Changed)
                }
            }
            FileWork::Drop { checksum } => match fs::remove_file(self.path(&checksum)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(FileOutcome::Dropped),
            },
            FileWork::Pack { prepared, to } => {
                let packed = match to {
                    Some(path) => self.pack_to(*prepared, Path::new(&path))?,
                    None => self.pack_in_memory(*prepared)?,
                };
                Ok(FileOutcome::Packed(Box::new(packed)))
            }
            FileWork::Unpack { source: FileSource::Path(path) } => self.unpack(job, File::open(path)?),
            FileWork::Unpack { source: FileSource::Bytes(bytes) } => self.unpack(job, io::Cursor::new(bytes)),
        }
    }

    /// Where a file is. A checksum is nothing but hexadecimal digits, whoever wrote it.
    pub(crate) fn path(&self, checksum: &str) -> PathBuf {
        let digits: String = checksum.chars().filter(char::is_ascii_hexdigit).collect();
        self.0.join(digits)
    }

    fn keep(&self, job: u64, source: &mut dyn Read) -> Result<FileOutcome, FileError> {
        let beside = self.0.join(format!("{COPYING}{job}"));
        let copied = copy(source, &beside).and_then(|(checksum, size_bytes)| {
            fs::rename(&beside, self.path(&checksum))?;
            sync_folder(&self.0)?;
            Ok(FileOutcome::Kept { checksum, size_bytes })
        });
        if copied.is_err() {
            // What could not be copied may not even have been begun.
            let _ = fs::remove_file(&beside);
        }
        Ok(copied?)
    }

    /// Writes a backup beside `path`, and renames it when all of it is on the disk.
    fn pack_to(&self, prepared: Prepared, path: &Path) -> Result<Packed, FileError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let written = self.write_archive(prepared, &beside, path);
        if written.is_err() {
            // What could not be written may not even have been begun.
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn write_archive(&self, prepared: Prepared, beside: &Path, path: &Path) -> Result<Packed, FileError> {
        let mut packer = Packer::new(io::BufWriter::new(File::create(beside)?), prepared.about.clone());
        self.pack(&mut packer, prepared)?;
        let (out, manifest) = packer.finish()?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let size_bytes = file.metadata()?.len();
        fs::rename(beside, path)?;
        sync_folder(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        Ok(Packed { manifest, size_bytes, bytes: Vec::new() })
    }

    fn pack_in_memory(&self, prepared: Prepared) -> Result<Packed, FileError> {
        let mut packer = Packer::new(io::Cursor::new(Vec::new()), prepared.about.clone());
        self.pack(&mut packer, prepared)?;
        let (out, manifest) = packer.finish()?;
        let bytes = out.into_inner();
        Ok(Packed { manifest, size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), bytes })
    }

    fn pack<W: Write + Seek>(&self, packer: &mut Packer<W>, prepared: Prepared) -> Result<(), FileError> {
        for part in prepared.parts {
            packer.add_part(&part)?;
        }
        for file in prepared.files {
            match File::open(self.path(&file.sha256)) {
                Ok(mut bytes) => packer.add_file(file, Some(&mut bytes))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => packer.add_file(file, None)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn unpack<R: Read + Seek>(&self, job: u64, source: R) -> Result<FileOutcome, FileError> {
        let mut archive = Archive::open(source)?;
        let parts = archive.parts()?;
        let manifest = archive.manifest().clone();
        for file in &manifest.files {
            self.keep_from(job, &mut archive, file)?;
        }
        Ok(FileOutcome::Unpacked(Box::new(Unpacked { manifest, parts })))
    }

    fn keep_from<R: Read + Seek>(&self, job: u64, from: &mut Archive<R>, file: &FileEntry) -> Result<(), FileError> {
        let Some(mut bytes) = from.file(file)? else { return Ok(()) };
        self.keep(job, &mut bytes).map(drop)
    }

    fn part(&self, checksum: &str, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(checksum))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut part = Vec::new();
        file.take(length).read_to_end(&mut part)?;
        Ok(part)
    }

    fn fetch(&self, wanted: &Wanted) -> Result<FileOutcome, FileError> {
        let path = self.path(&wanted.checksum);
        if path.exists() {
            return Ok(FileOutcome::Fetched);
        }
        let beside = path.with_extension(&FETCHING[1..]);
        receive(wanted, &beside)?;
        if sum_of(&mut File::open(&beside)?)?.0 != wanted.checksum {
            fs::remove_file(&beside)?;
            return Err(FileError::WrongFile);
        }
        fs::rename(&beside, &path)?;
        sync_folder(&self.0)?;
        Ok(FileOutcome::Fetched)
    }
}

/// A file to fetch.
struct Wanted {
    url: String,
    bearer: String,
    checksum: String,
    size_bytes: u64,
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_send_body(Some(TIMEOUT))
        .timeout_recv_response(Some(TIMEOUT))
        .timeout_recv_body(Some(FETCH_TIMEOUT))
        .http_status_as_error(false);
    ureq::Agent::new_with_config(config.build())
}

fn send_part(url: &str, bearer: &str, part: &[u8]) -> Result<FileOutcome, FileError> {
    let request = agent().put(url).header("Authorization", format!("Bearer {bearer}"));
    let mut answer = request.header("Content-Type", "application/octet-stream").send(part)?;
    let body = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec()?;
    Ok(FileOutcome::Answered(answer.status().as_u16(), body))
}

/// Brings the file to `beside`, behind what an earlier try has brought.
fn receive(wanted: &Wanted, beside: &Path) -> Result<(), FileError> {
    let had = fs::metadata(beside).map_or(0, |found| found.len());
    let had = if had < wanted.size_bytes { had } else { 0 };
    let mut request = agent().get(&wanted.url).header("Authorization", format!("Bearer {}", wanted.bearer));
    if had > 0 {
        request = request.header("Range", format!("bytes={had}-"));
    }
    let answer = request.call()?;
    let goes_on = answer.status().as_u16() == 206;
    if !answer.status().is_success() {
        return Err(FileError::Answer(answer.status().as_u16()));
    }
    let mut file = OpenOptions::new().create(true).write(true).truncate(!goes_on).open(beside)?;
    file.seek(SeekFrom::End(0))?;
    let mut body = answer.into_body().into_reader().take(wanted.size_bytes + 1);
    io::copy(&mut body, &mut file)?;
    Ok(file.sync_all()?)
}

/// Copies everything to a new file, on the disk for good; returns its checksum and size.
fn copy(source: &mut dyn Read, to: &Path) -> io::Result<(String, u64)> {
    let mut file = File::create(to)?;
    let mut tee = Tee { source, copy: &mut file };
    let summed = sum_of(&mut tee)?;
    file.sync_all()?;
    Ok(summed)
}

/// Writes down what is read.
struct Tee<'a> {
    source: &'a mut dyn Read,
    copy: &'a mut File,
}

impl Read for Tee<'_> {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(piece)?;
        self.copy.write_all(&piece[..length])?;
        Ok(length)
    }
}

fn sum_of(source: &mut dyn Read) -> io::Result<(String, u64)> {
    let (mut sum, mut size, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let length = source.read(&mut piece)?;
        if length == 0 {
            break;
        }
        sum.update(&piece[..length]);
        size += u64::try_from(length).unwrap_or(u64::MAX);
    }
    Ok((sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), size))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    #[test]
    fn a_file_is_kept_by_its_checksum_and_read_in_parts() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path()).unwrap();

        let kept = files.carry_out(1, FileWork::Keep { source: FileSource::Bytes(b"hello".to_vec()) }).unwrap();

        assert_eq!(kept, FileOutcome::Kept { checksum: HELLO.into(), size_bytes: 5 });
        assert_eq!(files.part(HELLO, 3, 10).unwrap(), b"lo");
        assert_eq!(files.carry_out(2, FileWork::Drop { checksum: HELLO.into() }).unwrap(), FileOutcome::Dropped);
        assert!(files.part(HELLO, 0, 1).is_err());
        assert_eq!(files.carry_out(3, FileWork::Drop { checksum: HELLO.into() }).unwrap(), FileOutcome::Dropped);
    }

    #[test]
    fn what_was_being_copied_is_removed_at_the_next_start_and_what_was_fetched_stays() {
        let dir = tempfile::tempdir().unwrap();
        Files::open(dir.path()).unwrap();
        let folder = dir.path().join("files");
        fs::write(folder.join("copying-7"), "hal").unwrap();
        fs::write(folder.join(format!("{HELLO}.part")), "hel").unwrap();

        Files::open(dir.path()).unwrap();

        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [format!("{HELLO}.part").as_str()]);
    }

    #[test]
    fn no_checksum_leads_out_of_the_folder() {
        let files = Files(PathBuf::from("/profile/files"));

        assert_eq!(files.path("../../etc/passwd"), PathBuf::from("/profile/files/ecad"));
    }
}
