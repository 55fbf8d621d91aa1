//! The relay from outside: over real sockets, and as a program.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod attachments;
mod attacks;
mod auth;
mod clamd;
mod docker;
mod harness;
mod limits;
mod program;
mod socket;
mod web;
