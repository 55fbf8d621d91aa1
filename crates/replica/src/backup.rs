//! Backups: everything as an archive, and a device filled from one.
//!
//! Records, histories and what has to be in the archive are worked out here; the archive's bytes and those of files
//! are the shell's affair (`FileWork::Pack`, `FileWork::Unpack`).

mod people;
mod restore;
mod straight;

use std::collections::BTreeMap;

use interchange::backup::{About, FileEntry, Manifest, Part, Person, Prepared, history_name, kinds_with_history};
use interchange::backup::{happening_line, record_line, records_name};
use model::app::{BackupDone, FileSource, RequestId, Trouble, Update};
use model::{IdSource, Kind, Timestamp};

use crate::message::{ClientId, FileOutcome, FileWork, Output};
use crate::replica::{Replica, ReplicaError};

pub(crate) use people::{forget_people, from_workspace, project_people};
pub use restore::{RestoreError, Restored};

/// Records read at once.
const PAGE: u32 = 500;

/// Who waits for work on an archive.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Archiving {
    /// A backup is being written.
    Packing(ClientId, RequestId),
    /// One is being read.
    Unpacking(ClientId, RequestId),
}

/// An archive that was checked, with its files kept on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    /// What it holds.
    pub manifest: Manifest,
    /// Its records and histories.
    pub parts: Vec<Part>,
}

/// A written archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// What it holds.
    pub manifest: Manifest,
    /// How large it is.
    pub size_bytes: u64,
    /// Its bytes, unless they were written to a path.
    pub bytes: Vec<u8>,
}

impl Replica {
    /// Gathers everything that a backup holds but the bytes of files.
    ///
    /// # Errors
    /// When nobody has started here, or a record can't be read.
    pub fn prepare_backup(&self, now: Timestamp) -> Result<Prepared, ReplicaError> {
        let account = self.account.as_ref().ok_or(Trouble::NotAllowed("start first: say who you are".into()))?;
        let person = Person { id: account.user, name: account.name.clone(), email: account.email.clone() };
        let workspace = account.workspace.or(from_workspace(&self.store)?);
        let about = About { made_at: now, person, workspace, refused: self.store.refused_len()? };
        let mut files = BTreeMap::new();
        let mut parts = Vec::new();
        for kind in Kind::ALL {
            parts.extend(self.parts_of(kind, &mut files)?);
        }
        let entry = |(sha256, size_bytes)| FileEntry { sha256, size_bytes, missing: false };
        Ok(Prepared { about, parts, files: files.into_iter().map(entry).collect() })
    }

    /// A kind's records and histories; notes the files that hang on them.
    fn parts_of(&self, kind: Kind, files: &mut BTreeMap<String, u64>) -> Result<Vec<Part>, ReplicaError> {
        let mut records = Part { name: records_name(kind), bytes: Vec::new() };
        let mut history = Part { name: history_name(kind), bytes: Vec::new() };
        let has_history = kinds_with_history().any(|of| of == kind);
        let mut after = None;
        loop {
            let page = self.store.records(kind, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for mut record in page {
                if has_history {
                    for happening in self.straight_history(&mut record)? {
                        let line = happening_line(record.reference(), &happening)?;
                        history.bytes.extend_from_slice(line.as_bytes());
                    }
                }
                if kind == Kind::Attachment {
                    let size = record.int("size_bytes").and_then(|size| u64::try_from(size).ok());
                    files.insert(record.text("checksum").to_owned(), size.unwrap_or(0));
                }
                records.bytes.extend_from_slice(record_line(&record, &self.settings).as_bytes());
            }
        }
        Ok(if has_history { vec![records, history] } else { vec![records] })
    }

    /// Has everything written as an archive.
    pub(crate) fn back_up(&mut self, env: &dyn IdSource, (client, id): (ClientId, RequestId), to: Option<String>) {
        match self.prepare_backup(env.now()) {
            Ok(prepared) => {
                let job = self.files.archiving(Archiving::Packing(client, id));
                let work = FileWork::Pack { prepared: Box::new(prepared), to };
                self.outputs.push(Output::File { job, work });
            }
            Err(error) => self.tell(client, Update::BackedUp(id, Err(error.into()))),
        }
    }

    /// Has an archive read and checked; what it holds is taken over when that is done.
    pub(crate) fn restore_backup(&mut self, (client, id): (ClientId, RequestId), source: FileSource) {
        if let Err(error) = self.may_restore() {
            return self.tell(client, Update::BackupRestored(id, Err(error.into())));
        }
        let job = self.files.archiving(Archiving::Unpacking(client, id));
        self.outputs.push(Output::File { job, work: FileWork::Unpack { source } });
    }

    /// The shell has written or read an archive, or could not.
    pub(crate) fn archived(
        &mut self,
        env: &mut dyn IdSource,
        waiting: Archiving,
        outcome: Result<FileOutcome, String>,
    ) -> Result<(), ReplicaError> {
        match (waiting, outcome) {
            (Archiving::Packing(client, id), Ok(FileOutcome::Packed(packed))) => {
                let Packed { manifest, size_bytes, bytes } = *packed;
                self.tell(client, Update::BackedUp(id, Ok((done(&manifest, size_bytes), bytes))));
            }
            (Archiving::Unpacking(client, id), Ok(FileOutcome::Unpacked(unpacked))) => {
                let restored = self.restore(env, &unpacked);
                if restored.is_err() {
                    self.drop_unpacked(&unpacked.manifest);
                }
                let told = restored.map(|_| done(&unpacked.manifest, 0));
                self.tell(client, Update::BackupRestored(id, told.map_err(Trouble::from)));
            }
            (Archiving::Packing(client, id), outcome) => {
                let reason = outcome.err().unwrap_or_else(|| "the backup was not written".into());
                self.tell(client, Update::BackedUp(id, Err(Trouble::BadFile(reason))));
            }
            (Archiving::Unpacking(client, id), outcome) => {
                let reason = outcome.err().unwrap_or_else(|| "the backup was not read".into());
                self.tell(client, Update::BackupRestored(id, Err(Trouble::BadFile(reason))));
            }
        }
        Ok(())
    }
}

fn done(manifest: &Manifest, size_bytes: u64) -> BackupDone {
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    BackupDone {
        records: manifest.record_count(),
        files: count(manifest.files.len()),
        missing_files: count(manifest.missing_files().count()),
        refused: manifest.refused,
        size_bytes,
    }
}
