//! The relay's core, frame by frame, and its store.

mod catch_up;
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
