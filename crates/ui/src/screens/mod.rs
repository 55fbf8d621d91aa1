//! The screens. Each draws from its view and the scene, and pushes what a person wants as acts.

pub(crate) mod board;
pub(crate) mod board_card;
pub(crate) mod board_column;
pub(crate) mod board_drag;
pub(crate) mod board_keys;
pub(crate) mod composer;
pub(crate) mod detail;
pub(crate) mod detail_head;
pub(crate) mod dialogs;
pub(crate) mod fields;
pub(crate) mod import;
pub(crate) mod import_map;
pub(crate) mod import_report;
pub(crate) mod list;
mod list_bulk;
pub(crate) mod palette;
pub(crate) mod quick_log;
pub(crate) mod related;
pub(crate) mod rows;
pub(crate) mod settings;
pub(crate) mod shell;
pub(crate) mod start;
pub(crate) mod timeline;
pub(crate) mod today;
mod today_best;
mod today_side;
pub(crate) mod trash;
