//! The browser client: egui on the page, the replica in a worker, one wasm module for both.
//!
//! `page` and `worker` carry messages, bytes and time between the browser and the rooms; what can be decided
//! without a browser (`fonts`, `message`, `mirror`, `tabs`) is pure and tested natively.

pub mod fonts;
pub mod message;
pub mod mirror;
pub mod tabs;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod worker;

#[cfg(target_arch = "wasm32")]
pub use page::start_page;
#[cfg(target_arch = "wasm32")]
pub use worker::start_worker;
