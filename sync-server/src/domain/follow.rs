//! The log as somebody beside the relay reads it: from a cursor, in pages.

use sync::Cursor;

use super::Relay;
use crate::store::{LogEntry, LogStore, StoreError};

/// Most entries of a page.
pub const PAGE_ENTRIES_MAX: usize = 256;
/// Bytes of changes after which a page ends.
const PAGE_BYTES: usize = 512 * 1024;

/// Why a follower is not given the log.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The cursor is not of this log: the follower begins anew.
    #[error("the cursor is not of this log")]
    NotOurs,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Entries that follow a cursor.
#[derive(Debug, Clone)]
pub struct LogPage {
    /// The entries, in order.
    pub entries: Vec<LogEntry>,
    /// The cursor after the last of them.
    pub end: Cursor,
}

impl<S: LogStore> Relay<S> {
    /// Reads what follows `cursor`; from the beginning without one.
    ///
    /// # Errors
    /// When the cursor is not of this log, or the store can't be read.
    pub fn follow(&mut self, cursor: Option<Cursor>) -> Result<LogPage, FollowError> {
        let start = match cursor {
            Some(cursor) => self.known(cursor)?,
            None => Cursor { seq: 0, digest: sync::Digest::EMPTY, ..self.head },
        };
        let mut page = LogPage { entries: Vec::new(), end: start };
        let mut size = 0;
        self.store.entries_after(start.seq, &mut |entry| {
            size += entry.change.len();
            let digest = page.end.digest.then(entry.seq, entry.record.id, entry.hash);
            page.end = Cursor { seq: entry.seq, digest, ..page.end };
            page.entries.push(entry);
            page.entries.len() < PAGE_ENTRIES_MAX && size < PAGE_BYTES
        })?;
        Ok(page)
    }

    /// The cursor, if it is a place in this log.
    fn known(&mut self, cursor: Cursor) -> Result<Cursor, FollowError> {
        if cursor == self.head {
            return Ok(cursor);
        }
        let ours = cursor.epoch == self.head.epoch && self.store.digest_at(cursor.seq)? == Some(cursor.digest);
        ours.then_some(cursor).ok_or(FollowError::NotOurs)
    }
}
