//! What is due once in a while: scanning, and removing what nobody holds any more.

use futures_util::TryStreamExt as _;
use model::RecordId;

use super::{Attachments, UNUSED_LIFE_MILLIS};
use crate::attachments::Checksum;
use crate::attachments::errors::AttachmentFailure;
use crate::attachments::rows::ScanState;
use crate::attachments::scan::{Finding, scan};

impl Attachments {
    /// Scans what waits for it, one file after the other. A scanner that fails is asked again at the next call.
    ///
    /// # Errors
    /// When scanner, tables or store fail.
    pub async fn scan_waiting(&self) -> Result<(), AttachmentFailure> {
        let Some(clamd) = &self.clamd else { return Ok(()) };
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
        }
        Ok(())
    }

    /// Attachments that hold files, in the order of their ids.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn attached_after(&self, after: Option<RecordId>, most: u32) -> Result<Vec<RecordId>, AttachmentFailure> {
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
