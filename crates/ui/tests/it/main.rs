//! The interface driven by accessible name, on a stand-in replica.

mod api;
mod board;
mod closing;
mod days;
mod desk;
mod dialogs;
mod flows;
mod import;
mod layout;
mod list_rows;
mod lists;
mod modal;
mod names;
mod pages;
mod pictures;
mod records;
mod reminding;
mod reports;
mod scenes;
mod stub;
mod team;
mod toasts;
mod today;
mod touch;
mod undoing;
mod webhooks;
