//! The relay: where a team's clients meet. `http` talks to the outside, `identity` knows who is who, `attachments`
//! keeps files, `hub` feeds the core, `domain` decides, `store` keeps. Arrows point only that way; only `store` knows SQL.

pub mod attachments;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod hub;
pub mod identity;
pub mod store;
