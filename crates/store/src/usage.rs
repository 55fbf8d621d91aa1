//! How much room things take.

use model::query::{StorageLine, StorageUse};

use crate::error::StoreError;
use crate::store::Reader;

/// What is measured: its word, how many, how many bytes. Lengths of columns, so without what SQLite adds to them.
const MEASURED: [(StorageLine, &str); 5] = [
    (
        StorageLine::Records,
        "SELECT count(*), coalesce(sum(length(name) + length(sort_name) + length(words) + length(fields)), 0)
         FROM record",
    ),
    (StorageLine::Documents, "SELECT count(*), coalesce(sum(length(saved) + length(tail)), 0) FROM document"),
    (
        StorageLine::History,
        "SELECT count(*), coalesce(sum(48 + length(hash) + length(key) + coalesce(length(before), 0)
                                       + coalesce(length(after), 0)), 0)
         FROM field_change",
    ),
    (StorageLine::Waiting, "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM pending"),
    (
        StorageLine::Log,
        "SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM command_log),
                (SELECT coalesce(sum(120 + length(receipt)), 0) FROM entry)
                + (SELECT coalesce(sum(length(payload)), 0) FROM command_log)",
    ),
];

impl Reader {
    /// Measures the database; files lie elsewhere.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn storage_use(&self) -> Result<StorageUse, StoreError> {
        let mut lines = Vec::new();
        for (line, sql) in MEASURED {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
            let (count, bytes) = self.connection.prepare_cached(sql)?.query_row([], read)?;
            let number = |number| u64::try_from(number).unwrap_or(0);
            lines.push((line, number(count), number(bytes)));
        }
        let pages = self.number("SELECT page_count FROM pragma_page_count")?;
        let free = self.number("SELECT freelist_count FROM pragma_freelist_count")?;
        let page_bytes = self.number("SELECT page_size FROM pragma_page_size")?;
        let of_pages = |pages: u64| pages.saturating_mul(page_bytes);
        Ok(StorageUse { lines, database_bytes: of_pages(pages), free_bytes: of_pages(free) })
    }
}
