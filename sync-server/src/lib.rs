//! The relay: where a team's clients meet. `http` talks to the outside, `identity` and `access` know who is who,
//! `attachments` keeps files, `audit` remembers who did what, `projection` answers lists, `webhooks` tell other programs, `hub` feeds the core, `domain` decides, `store` keeps. Arrows
//! point only that way.

pub mod access;
pub mod attachments;
pub mod audit;
mod calendar;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod hub;
pub mod identity;
pub mod projection;
pub mod store;
pub mod webhooks;
