//! The records' part of the API over real sockets: every endpoint for everybody, laws of lists, and what passes
//! between REST and clients.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod audit;
mod calendar;
mod document;
#[allow(dead_code, reason = "shared with the other tests from outside, which need all of it")]
#[path = "../outside/harness.rs"]
mod harness;
mod lists;
mod projection;
mod reports;
mod roles;
mod syncing;
mod team;
mod tokens;
mod walk;
mod webhooks;
mod writes;
