//! The files of a backup: copied out of the store into a folder, and back into a store. Every byte is held against
//! the checksum that names it, on both ways.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use rusqlite::{Connection, OpenFlags};

use super::Checksum;
use super::checksum::Summing;
use super::vault::Vault;

/// Bytes that are copied at once.
const PIECE_BYTES: usize = 1024 * 1024;

/// Why files were not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyFilesError {
    /// The folder.
    #[error("the folder of the backup's files cannot be used")]
    Folder(#[from] io::Error),
    /// The store.
    #[error("the store of attachments cannot be used")]
    Vault(#[from] object_store::Error),
    /// The database that names them.
    #[error("the database of the backup cannot be read")]
    Database(#[from] rusqlite::Error),
}

type Result<T> = std::result::Result<T, CopyFilesError>;

/// A file that a database names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedFile {
    /// Its checksum.
    pub checksum: Checksum,
    /// Whether an attachment holds it; the others may go at any time.
    pub held: bool,
}

/// What was copied, and what could not be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyReport {
    /// Files copied.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is wrong, one line for each file.
    pub problems: Vec<String>,
}

/// The folder of the files that belong to a backup.
pub fn folder_of(backup: &Path) -> PathBuf {
    backup.with_added_extension("files")
}

/// The files that a relay's database names; none when it has never kept any.
///
/// # Errors
/// When the database can't be read.
pub fn files_named_in(database: &Path) -> Result<Vec<NamedFile>> {
    let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'blob' AND type = 'table')";
    if !db.query_row(sql, [], |row| row.get(0))? {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare("SELECT checksum, unused_since IS NULL FROM blob ORDER BY checksum")?;
    let rows = statement.query_map([], |row| Ok(NamedFile { checksum: Checksum(row.get(0)?), held: row.get(1)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl CopyReport {
    fn add(&mut self, checksum: Checksum, outcome: Copied) {
        match outcome {
            Copied::Whole(bytes) => {
                self.files += 1;
                self.bytes += bytes;
            }
            Copied::Gone => self.problems.push(format!("file {checksum} is gone")),
            Copied::Changed => self.problems.push(format!("file {checksum}: its bytes have changed")),
        }
    }
}

/// What became of one file.
enum Copied {
    Whole(u64),
    Gone,
    Changed,
}

/// Copies files out of a store into a new folder, which appears when all that can be copied is on the disk.
///
/// # Errors
/// When folder or store fail. What is wrong with single files is in the report.
pub async fn copy_out(vault: &Vault, files: &[NamedFile], folder: &Path) -> Result<CopyReport> {
    let unfinished = folder.with_added_extension("unfinished");
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir(&unfinished)?,
    }
    let mut report = CopyReport::default();
    for file in files {
        match copy_one_out(vault, file.checksum, &unfinished).await? {
            Copied::Gone if !file.held => {}
            outcome => report.add(file.checksum, outcome),
        }
    }
    sync_folder(&unfinished)?;
    fs::rename(&unfinished, folder)?;
    sync_folder(folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    Ok(report)
}

async fn copy_one_out(vault: &Vault, checksum: Checksum, folder: &Path) -> Result<Copied> {
    let mut pieces = match vault.read(checksum, None).await {
        Err(object_store::Error::NotFound { .. }) => return Ok(Copied::Gone),
        other => other?,
    };
    let path = folder.join(checksum.to_string());
    let (mut file, mut summing, mut bytes) = (File::create_new(&path)?, Summing::default(), 0);
    while let Some(piece) = pieces.try_next().await? {
        summing.update(&piece);
        file.write_all(&piece)?;
        bytes += piece.len() as u64;
    }
    if summing.finish() != checksum {
        drop(file);
        fs::remove_file(path)?;
        return Ok(Copied::Changed);
    }
    file.sync_all()?;
    Ok(Copied::Whole(bytes))
}

/// Copies the files of a backup's folder into a store. One that has changed is not taken; what is not named like a
/// file of ours is left alone.
///
/// # Errors
/// When folder or store fail.
pub async fn copy_in(folder: &Path, files: &[NamedFile], vault: &Vault) -> Result<CopyReport> {
    let mut report = CopyReport::default();
    for file in files {
        match copy_one_in(folder, file.checksum, vault).await? {
            Copied::Gone if !file.held => {}
            outcome => report.add(file.checksum, outcome),
        }
    }
    Ok(report)
}

async fn copy_one_in(folder: &Path, checksum: Checksum, vault: &Vault) -> Result<Copied> {
    let mut file = match File::open(folder.join(checksum.to_string())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Copied::Gone),
        other => other?,
    };
    let (mut writing, mut summing, mut bytes) = (vault.begin(checksum).await?, Summing::default(), 0);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            break;
        }
        summing.update(&piece[..count]);
        writing.write(Bytes::copy_from_slice(&piece[..count])).await?;
        bytes += count as u64;
    }
    if summing.finish() != checksum {
        writing.abandon().await?;
        return Ok(Copied::Changed);
    }
    writing.complete().await?;
    Ok(Copied::Whole(bytes))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn vault_with(dir: &Path, contents: &[&[u8]]) -> (Vault, Vec<NamedFile>) {
        let vault = Vault::in_folder(dir).unwrap();
        let mut files = Vec::new();
        for content in contents {
            let mut summing = Summing::default();
            summing.update(content);
            let checksum = summing.finish();
            let mut writing = vault.begin(checksum).await.unwrap();
            writing.write(Bytes::copy_from_slice(content)).await.unwrap();
            writing.complete().await.unwrap();
            files.push(NamedFile { checksum, held: true });
        }
        (vault, files)
    }

    #[tokio::test]
    async fn files_come_back_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let large = vec![7; 3 * PIECE_BYTES + 5];
        let (vault, files) = vault_with(&dir.path().join("one"), &[b"small", &large]).await;
        let folder = dir.path().join("backup.db.files");

        let out = copy_out(&vault, &files, &folder).await.unwrap();
        let other = Vault::in_folder(&dir.path().join("two")).unwrap();
        let back = copy_in(&folder, &files, &other).await.unwrap();

        assert_eq!((out.files, out.bytes, &out.problems), (2, 5 + large.len() as u64, &Vec::new()));
        assert_eq!(back, out);
        let mut pieces = other.read(files[1].checksum, None).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.try_next().await.unwrap() {
            bytes.extend_from_slice(&piece);
        }
        assert_eq!(bytes, large);
    }

    #[tokio::test]
    async fn what_has_changed_or_is_gone_is_named_and_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let (vault, mut files) = vault_with(&dir.path().join("one"), &[b"first", b"second"]).await;
        let folder = dir.path().join("backup.db.files");
        files.push(NamedFile { checksum: Checksum([9; 32]), held: true });
        files.push(NamedFile { checksum: Checksum([8; 32]), held: false });

        let out = copy_out(&vault, &files, &folder).await.unwrap();
        fs::write(folder.join(files[0].checksum.to_string()), "frist").unwrap();
        let other = Vault::in_folder(&dir.path().join("two")).unwrap();
        let back = copy_in(&folder, &files, &other).await.unwrap();

        assert_eq!((out.files, out.problems.len()), (2, 1), "{out:?}");
        assert_eq!((back.files, back.problems.len()), (1, 2), "{back:?}");
        assert!(!other.has(files[0].checksum).await.unwrap() && other.has(files[1].checksum).await.unwrap());
    }
}
