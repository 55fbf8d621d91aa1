//! The relay's core, frame by frame, and its store.

mod attacks;
mod budget;
mod catch_up;
#[path = "../../../crates/ledger/tests/it/forge.rs"]
#[expect(dead_code, reason = "the ledger's tests use more of it")]
mod forge;
mod garbage;
mod greeting;
mod heal;
mod hub;
mod live;
mod policy;
mod push;
mod snapshot;
mod store;
mod support;
mod verify;
