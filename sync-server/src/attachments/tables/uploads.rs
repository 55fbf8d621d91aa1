//! Uploads under way.

use model::{RecordId, Timestamp, UserId};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{AttachmentTables, AttachmentTablesError, Result, attach, int};
use crate::attachments::Checksum;
use crate::attachments::bitmap::Parts;
use crate::attachments::rows::{AttachedFile, NewUpload, Upload, UploadId};

/// The columns that `upload` reads.
const UPLOAD: &str = "upload_id, attachment_id, user_id, checksum, size_bytes, parts, finished_at, expires_at";

impl AttachmentTables {
    /// Notes a new upload.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn begin_upload(&mut self, upload: &Upload) -> Result<()> {
        self.db.execute(
            "INSERT INTO upload (upload_id, workspace_id, attachment_id, user_id, checksum, size_bytes, parts, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                upload.id.0.as_bytes(),
                self.workspace.as_bytes(),
                upload.file.attachment.as_bytes(),
                upload.file.user.as_bytes(),
                upload.file.checksum.0,
                int(upload.file.size_bytes),
                upload.parts.bits(),
                upload.expires_at.as_millis()
            ],
        )?;
        Ok(())
    }

    /// The person's upload of this name, while it lives.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn upload(&self, id: UploadId, user: UserId, now: Timestamp) -> Result<Option<Upload>> {
        let sql = format!(
            "SELECT {UPLOAD} FROM upload WHERE upload_id = ? AND workspace_id = ? AND user_id = ? AND expires_at > ?"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let key = params![id.0.as_bytes(), self.workspace.as_bytes(), user.as_bytes(), now.as_millis()];
        let mut rows = statement.query(key)?;
        rows.next()?.map(upload).transpose()
    }

    /// The person's upload of exactly this file for this attachment, also a finished one: whoever has not heard that
    /// it is finished need not send it again.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn upload_of(&self, file: &NewUpload, now: Timestamp) -> Result<Option<Upload>> {
        let sql = format!(
            "SELECT {UPLOAD} FROM upload WHERE workspace_id = ? AND user_id = ? AND attachment_id = ? AND checksum = ?
             AND size_bytes = ? AND expires_at > ?"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![
            self.workspace.as_bytes(),
            file.user.as_bytes(),
            file.attachment.as_bytes(),
            file.checksum.0,
            int(file.size_bytes),
            now.as_millis()
        ])?;
        rows.next()?.map(upload).transpose()
    }

    /// Notes that a part is stored, and gives the upload more time.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn part_is_stored(&mut self, id: UploadId, part: u64, expires_at: Timestamp) -> Result<()> {
        let tx = self.write()?;
        let Some(mut parts) = parts_of(&tx, id)? else { return Ok(()) };
        parts.insert(part);
        tx.execute(
            "UPDATE upload SET parts = ?, expires_at = ? WHERE upload_id = ?",
            params![parts.bits(), expires_at.as_millis(), id.0.as_bytes()],
        )?;
        Ok(tx.commit()?)
    }

    /// Notes that none of the parts is any good.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn forget_parts(&mut self, upload: &Upload) -> Result<()> {
        let none = Parts::none_of(upload.file.size_bytes);
        let sql = "UPDATE upload SET parts = ? WHERE upload_id = ?";
        self.db.execute(sql, params![none.bits(), upload.id.0.as_bytes()])?;
        Ok(())
    }

    /// Notes that an upload's file is stored and attached.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn finish_upload(&mut self, id: UploadId, file: &AttachedFile, now: Timestamp) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        attach(&tx, workspace, file, now)?;
        let sql = "UPDATE upload SET finished_at = ? WHERE upload_id = ?";
        tx.execute(sql, params![now.as_millis(), id.0.as_bytes()])?;
        Ok(tx.commit()?)
    }

    /// Forgets the uploads whose time is over; returns them.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn take_expired_uploads(&mut self, now: Timestamp) -> Result<Vec<UploadId>> {
        let sql = "DELETE FROM upload WHERE workspace_id = ? AND expires_at <= ? RETURNING upload_id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![self.workspace.as_bytes(), now.as_millis()], |row| {
            Ok(UploadId(Uuid::from_bytes(row.get(0)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether parts of this upload are still wanted.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn is_open(&self, id: UploadId) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM upload WHERE upload_id = ? AND finished_at IS NULL)";
        Ok(self.db.query_row(sql, [id.0.as_bytes()], |row| row.get(0))?)
    }
}

fn parts_of(db: &Connection, id: UploadId) -> Result<Option<Parts>> {
    let mut statement = db.prepare_cached(&format!("SELECT {UPLOAD} FROM upload WHERE upload_id = ?"))?;
    let mut rows = statement.query([id.0.as_bytes()])?;
    Ok(rows.next()?.map(upload).transpose()?.map(|upload| upload.parts))
}

fn upload(row: &Row<'_>) -> Result<Upload> {
    let (size, bits, finished_at): (i64, Vec<u8>, Option<i64>) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let size_bytes = u64::try_from(size).map_err(|_| AttachmentTablesError::Damaged("size"))?;
    let file = NewUpload {
        attachment: RecordId::from_bytes(row.get(1)?),
        user: UserId::from_bytes(row.get(2)?),
        checksum: Checksum(row.get(3)?),
        size_bytes,
    };
    Ok(Upload {
        id: UploadId(Uuid::from_bytes(row.get(0)?)),
        file,
        parts: Parts::read(size_bytes, &bits).ok_or(AttachmentTablesError::Damaged("parts"))?,
        finished_at: finished_at.map(Timestamp::from_millis),
        expires_at: Timestamp::from_millis(row.get(7)?),
    })
}
