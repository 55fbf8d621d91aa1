//! What the import screen and the command line say to the importer, and what it reports.
//! The work is done by `interchange` and `replica`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Kind;

/// Where a column's values go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Target {
    /// Nowhere.
    Skip,
    /// A field of the contact, account, lead or activity in the row (`title`, `emails/work`, `stage` ...).
    Field(Kind, String),
    /// A custom field of that name.
    Custom(Kind, String),
    /// A line in the notes, with the column's name in front.
    AppendToNotes(Kind),
}

/// What to do with a row that matches a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchMode {
    /// Leave the record alone.
    Skip,
    /// Fill only what is empty.
    #[default]
    FillBlanks,
    /// Overwrite with what the file has.
    Overwrite,
    /// Create a new record all the same.
    AlwaysCreate,
}

/// How a file is to be read. `None` means "as detected".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// The preset's name (`google`, `hubspot_deals` ...); `None` detects it.
    pub preset: Option<String>,
    /// Column name → target, over the preset's.
    pub mapping: BTreeMap<String, Target>,
    /// Order of numeric dates: `dmy`, `mdy`, `ymd`.
    pub date_order: Option<String>,
    /// Decimal sign, `.` or `,`.
    pub decimal: Option<char>,
    /// Stage name in the file → stage id.
    pub stages: BTreeMap<String, String>,
    /// Source for leads without one.
    pub default_source: String,
    /// What to do with matches.
    pub mode: MatchMode,
}

/// A file as it was detected, for the mapping screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPreview {
    /// The preset that fits, or empty.
    pub preset: String,
    /// The text encoding (WHATWG name).
    pub encoding: String,
    /// The column delimiter.
    pub delimiter: char,
    /// The header row's index.
    pub header_row: u32,
    /// Data rows.
    pub row_count: u64,
    /// The columns, in order.
    pub columns: Vec<PreviewColumn>,
}

/// One column of the mapping screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewColumn {
    /// Its header.
    pub name: String,
    /// Up to three values that are not empty.
    pub samples: Vec<String>,
    /// Where it goes.
    pub target: Target,
}

/// Counts for one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Records created.
    pub created: u64,
    /// Records changed.
    pub updated: u64,
    /// Matches with nothing to change.
    pub skipped: u64,
    /// Rows that could not be used.
    pub errors: u64,
}

/// What an import would do, or did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Counts by kind.
    pub counts: BTreeMap<Kind, ImportCounts>,
    /// The first 50 rows, before → after.
    pub rows: Vec<RowOutcome>,
    /// Rows with errors: row number in the file (1 is the first data row) and reason; at most 1,000.
    pub errors: Vec<RowError>,
    /// All rows with errors as CSV: the file's columns and `reason`.
    pub errors_csv: String,
}

/// What happens to one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowOutcome {
    /// Row number, 1 is the first data row.
    pub row: u64,
    /// The record's kind.
    pub kind: Kind,
    /// What people would call the record.
    pub name: String,
    /// What happens.
    pub what: RowFate,
    /// Field, before, after; as shown to people.
    pub changes: Vec<(String, String, String)>,
}

/// What happens to one record of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowFate {
    /// A new record.
    Create,
    /// A change to a record.
    Update,
    /// Nothing.
    Skip,
    /// Not usable.
    Error,
}

/// A row that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// Row number, 1 is the first data row.
    pub row: u64,
    /// Why, in words.
    pub reason: String,
}
