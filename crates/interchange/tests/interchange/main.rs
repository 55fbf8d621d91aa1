//! The importer as its callers see it: files in, edits and reports out.

mod backups;
mod bad_input;
mod exports;
mod fixtures;
mod given;
mod planning;
mod properties;
mod vcards;
