//! Files of other programs → records, and records → files. Bytes in, values and problems out: nothing here knows a
//! disk, the network or the clock.
//!
//! An import goes `Table::read` → `preview` → `Mapping` → `Planner`, which walks the rows in chunks against an
//! `Index` of what exists; a dry run is the same walk with the edits thrown away.

pub mod backup;
mod cells;
pub mod csv_file;
mod decode;
mod define;
mod dialect;
mod draft;
pub mod duplicates;
pub mod export;
mod guess;
mod identity;
mod keys;
pub mod mail;
pub mod mapping;
pub mod matching;
pub mod plan;
mod preset_tables;
pub mod presets;
mod preview;
mod report;
mod row_plan;
mod show;
mod spelling;
mod standing;
pub mod target;
pub mod vcard;
mod wanted;
mod words;

pub use csv_file::{ReadTableError, Table};
pub use decode::DecodeTextError;
pub use mapping::{MapColumnsError, Mapping};
pub use matching::Index;
pub use plan::{Chunk, PlanContext, PlanImportError, Planner};
pub use preview::preview;
