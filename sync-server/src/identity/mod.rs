//! Who may use the relay: credentials, sign-in, sessions and their tokens.
//!
//! Nothing here knows HTTP. Time and randomness come in through [`env::Surroundings`]. What people and devices there
//! are is also written into the log, as directory records; see [`directory`].

pub mod argon;
pub mod directory;
pub mod env;
pub mod errors;
pub mod gate;
pub mod hasher;
pub mod keys;
pub mod password;
pub mod rows;
pub mod service;
pub mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod throttle;
pub mod token;

pub use argon::HashCost;
pub use env::{Machine, Surroundings};
pub use password::Secret;
pub use rows::{Device, LiveSession, Person};
pub use service::{Identity, IdentityOptions};
pub use token::SessionId;
