//! The relay from outside: over real sockets, and as a program.

mod auth;
mod docker;
mod harness;
mod limits;
mod program;
mod socket;
mod web;
