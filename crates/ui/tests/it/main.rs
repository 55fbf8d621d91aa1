//! The interface driven by accessible name, on a stand-in replica.

mod address;
mod api;
mod board;
mod closing;
mod days;
mod desk;
mod flows;
mod import;
mod layout;
mod lists;
mod names;
mod pages;
mod pictures;
mod records;
mod reminding;
mod reports;
mod scenes;
mod stub;
mod team;
mod today;
mod touch;
mod undoing;
