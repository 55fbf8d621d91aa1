//! What is due once in a while: scanning, and removing what nobody holds any more.

use futures_util::TryStreamExt as _;
use model::RecordId;

use super::{Attachments, UNUSED_LIFE_MILLIS};
use crate::attachments::Checksum;
use crate::attachments::checksum::Summing;
use crate::attachments::errors::AttachmentFailure;
use crate::attachments::rows::{AttachedFile, ScanState};
use crate::attachments::scan::{Finding, scan};

/// Files that are checked in one go.
const CHECKED_AT_ONCE: u32 = 500;
/// Most problems that are listed.
const PROBLEMS_MAX: usize = 1_000;

/// What a check of every file has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilesReport {
    /// Files checked.
    pub files: u64,
    /// What is wrong, one line for each file, the first [`PROBLEMS_MAX`] of them.
    pub problems: Vec<String>,
}

impl Attachments {
    /// Reads every file and holds it against its checksum.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn verify(&self) -> Result<FilesReport, AttachmentFailure> {
        let (mut report, mut after) = (FilesReport::default(), None);
        loop {
            let blobs = self.run(move |tables| tables.blobs_after(after, CHECKED_AT_ONCE)).await?;
            let Some((last, _)) = blobs.last() else { return Ok(report) };
            after = Some(*last);
            for (checksum, size_bytes) in blobs {
                report.files += 1;
                let problem = self.check(checksum, size_bytes).await;
                report.problems.extend(problem.map(|problem| format!("file {checksum}: {problem}")));
                report.problems.truncate(PROBLEMS_MAX);
            }
        }
    }

    /// What is wrong with a file.
    async fn check(&self, checksum: Checksum, size_bytes: u64) -> Option<String> {
        let (mut summing, mut size) = (Summing::default(), 0);
        let read = async {
            let mut pieces = self.vault.read(checksum, None).await?;
            while let Some(bytes) = pieces.try_next().await? {
                summing.update(&bytes);
                size += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            }
            Ok::<_, object_store::Error>(())
        };
        match read.await {
            Err(error) => Some(error.to_string()),
            Ok(()) if size != size_bytes || summing.finish() != checksum => Some("its bytes have changed".into()),
            Ok(()) => None,
        }
    }

    /// Scans what waits for it, one file after the other, and returns what attachments hold of it. A scanner
    /// that fails is asked again at the next call.
    ///
    /// # Errors
    /// When scanner, tables or store fail.
    pub async fn scan_waiting(&self) -> Result<Vec<AttachedFile>, AttachmentFailure> {
        let mut scanned = Vec::new();
        let Some(clamd) = &self.clamd else { return Ok(scanned) };
        let _turn = self.scanning.lock().await;
        while let Some(checksum) = self.run(|tables| tables.next_to_scan()).await? {
            let state = match scan(clamd, self.vault.read(checksum, None).await?).await? {
                Finding::Clean => ScanState::Clean,
                Finding::Found(name) => {
                    tracing::warn!(%checksum, finding = name, "the virus scanner has found something");
                    ScanState::Blocked
                }
            };
            let now = self.now();
            self.run(move |tables| tables.scanned(checksum, state, now)).await?;
            scanned.extend(self.run(move |tables| tables.holders(checksum)).await?);
        }
        Ok(scanned)
    }

    /// The files that attachments hold, in the order of the attachments' ids.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn attached_after(
        &self,
        after: Option<RecordId>,
        most: u32,
    ) -> Result<Vec<AttachedFile>, AttachmentFailure> {
        self.run(move |tables| tables.attached_after(after, most)).await
    }

    /// Lets an attachment hold its file no more; the bytes go when their time comes and nobody else holds them.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn detach(&self, attachment: RecordId) -> Result<(), AttachmentFailure> {
        let now = self.now();
        self.run(move |tables| tables.detach(attachment, now)).await
    }

    /// Removes files that no attachment holds any more, and uploads whose time is over.
    ///
    /// # Errors
    /// When tables or store fail; what is left is removed the next time.
    pub async fn remove_unused(&self) -> Result<(), AttachmentFailure> {
        let now = self.now();
        for upload in self.run(move |tables| tables.take_expired_uploads(now)).await? {
            self.vault.remove_parts(upload).await?;
        }
        let _storing = self.storing.lock().await;
        let before = now.plus_millis(-UNUSED_LIFE_MILLIS);
        for checksum in self.run(move |tables| tables.take_unused(before)).await? {
            self.vault.remove_blob(checksum).await?;
        }
        Ok(())
    }

    /// Removes what a crash has left between store and tables: files and parts that nobody knows of. Only for a
    /// relay that does not serve yet.
    ///
    /// # Errors
    /// When tables or store fail.
    pub async fn tidy_up(&self) -> Result<(), AttachmentFailure> {
        for upload in self.vault.uploads().await? {
            if !self.run(move |tables| tables.is_open(upload)).await? {
                self.vault.remove_parts(upload).await?;
            }
        }
        let stored: Vec<Checksum> = self.vault.blobs().try_collect().await?;
        for checksum in stored {
            if !self.run(move |tables| tables.has_blob(checksum)).await? {
                tracing::warn!(%checksum, "a file that nobody knows of is removed");
                self.vault.remove_blob(checksum).await?;
            }
        }
        Ok(())
    }
}
