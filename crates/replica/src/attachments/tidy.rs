//! Files in the trash: from the next start on their bytes lie on the relay alone. Whoever restores one fetches it.

use std::collections::BTreeMap;

use model::RecordId;
use store::Reader;

use super::{Job, LocalFile};
use crate::message::{FileWork, Output};
use crate::replica::{Replica, ReplicaError};

/// The files that need not be on this device: their records lie in the trash, and the relay has them.
pub(super) fn trashed(known: &BTreeMap<RecordId, LocalFile>, store: &Reader) -> Result<Vec<RecordId>, ReplicaError> {
    let mut trashed = Vec::new();
    // What is not to be uploaded has been, or came from there.
    for id in known.iter().filter(|(_, file)| !file.to_upload).map(|(id, _)| *id) {
        let in_trash = store.record(id)?.is_some_and(|record| record.is_deleted());
        trashed.extend(in_trash.then_some(id));
    }
    Ok(trashed)
}

impl Replica {
    /// Has the bytes removed that only records in the trash hold here.
    pub(super) fn let_go_of_trashed(&mut self) -> Result<(), ReplicaError> {
        let trashed = std::mem::take(&mut self.files.trashed);
        for id in &trashed {
            let Some(file) = self.files.known.get(id).filter(|file| file.here).cloned() else { continue };
            let held = |(other, theirs): (&RecordId, &LocalFile)| {
                theirs.here && theirs.checksum == file.checksum && !trashed.contains(other)
            };
            if !self.files.known.iter().any(held) {
                let job = self.files.job(Job::Drop);
                let checksum = file.checksum.clone();
                self.outputs.push(Output::File { job, work: FileWork::Drop { checksum } });
            }
            self.remember(*id, LocalFile { here: false, ..file })?;
        }
        Ok(())
    }
}
