//! The relay: where a team's clients meet. `http` talks to the outside, `identity` knows who is who, `hub` feeds
//! the core, `domain` decides, `store` keeps. Arrows point only that way; only `store` knows SQL.

pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod hub;
pub mod identity;
pub mod store;
