//! The interface: screens drawn from the replica's answers, the same natively and in the browser.
//!
//! Nothing here reads a file, a socket or the clock: the shell brings the moment, random bytes and updates, and
//! carries out the effects that a frame returns.

mod act;
mod app;
mod archive;
mod attached;
mod copies;
mod dialog;
mod edit;
mod feed;
mod forms;
pub mod icons;
mod importing;
mod keyboard;
mod lists;
mod needs;
mod peek;
mod picking;
mod preferences;
mod present;
mod quick_log;
mod received;
mod recent;
pub mod reminders;
mod routes;
mod scene;
mod screens;
mod subject;
mod tasks;
mod team;
pub mod theme;
mod toasts;
mod undo;
mod update;
pub mod widgets;
mod words;

pub use app::{App, Effect, FilePurpose, FrameEnv, Options};
