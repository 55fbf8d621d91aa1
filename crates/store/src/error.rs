//! What can go wrong, in words the replica can act on: set a damaged file aside, ask for space, upgrade.

use model::Kind;
use rusqlite::ErrorCode;

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// The file is no database, or its content is damaged; see `salvage`.
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// The file is a healthy database of another program.
    #[error("the file belongs to another program (application id {application_id:#x})")]
    Foreign {
        /// What it says it belongs to.
        application_id: i64,
    },
    /// A later version of this program wrote it.
    #[error("the database was written by a newer version (form {found}, this one knows {known})")]
    Newer {
        /// The file's form.
        found: u32,
        /// The newest form this program knows.
        known: u32,
    },
    /// Another process has it open.
    #[error("the database is in use by another process")]
    InUse,
    /// No space left.
    #[error("no space left for the database")]
    Full,
    /// The platform could not read or write it.
    #[error("the database cannot be read or written")]
    Io(#[source] rusqlite::Error),
    /// The linked SQLite carries a bug that can damage files.
    #[error("SQLite {found} is too old, {needed} is needed")]
    OldSqlite {
        /// The linked version's number.
        found: i32,
        /// The oldest version that is safe.
        needed: i32,
    },
    /// Anything else SQLite says.
    #[error("the database refused an operation")]
    Sqlite(#[source] rusqlite::Error),
}

/// Why reading or writing an open database failed. The transaction it happened in is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is damaged; see `salvage`.
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// A stored value is not what this program writes there.
    #[error("the database holds an unreadable {0}")]
    Unreadable(&'static str),
    /// No space left.
    #[error("no space left for the database")]
    Full,
    /// The platform could not read or write the file.
    #[error("the database cannot be read or written")]
    Io(#[source] rusqlite::Error),
    /// A filter or sort key names a field that the kind doesn't have.
    #[error("a {kind} has no field to filter or sort by: {field}")]
    UnknownField {
        /// The kind asked for.
        kind: Kind,
        /// The field it doesn't have.
        field: String,
    },
    /// Anything else SQLite says.
    #[error("the database refused an operation")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match sort_of(&error) {
            Sort::Damaged => Self::Damaged(error),
            Sort::Full => Self::Full,
            Sort::Io => Self::Io(error),
            Sort::Unreadable => Self::Unreadable("column"),
            Sort::Busy | Sort::Other => Self::Sqlite(error),
        }
    }
}

impl From<rusqlite::Error> for OpenStoreError {
    fn from(error: rusqlite::Error) -> Self {
        match sort_of(&error) {
            Sort::Damaged | Sort::Unreadable => Self::Damaged(error),
            Sort::Full => Self::Full,
            Sort::Io => Self::Io(error),
            Sort::Busy => Self::InUse,
            Sort::Other => Self::Sqlite(error),
        }
    }
}

enum Sort {
    Damaged,
    Full,
    Io,
    Busy,
    Unreadable,
    Other,
}

fn sort_of(error: &rusqlite::Error) -> Sort {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    if matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    ) {
        return Sort::Unreadable;
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Sort::Damaged,
        Some(ErrorCode::DiskFull) => Sort::Full,
        Some(
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied,
        ) => Sort::Io,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Sort::Busy,
        _ => Sort::Other,
    }
}
