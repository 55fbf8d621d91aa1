//! The importer, the exports and the backup archive as their callers see them: files in, edits and reports out.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected may end")]

mod backups;
mod bad_input;
mod exports;
mod fixtures;
mod given;
mod planning;
mod properties;
mod vcards;
