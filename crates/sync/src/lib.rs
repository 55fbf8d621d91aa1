//! The protocol between clients and the relay: frames, compressed blocks and what travels in them, the log's digest,
//! receipts, back-off, and the client's session state machine.
//!
//! Nothing here knows what a lead is, and nothing opens a socket, reads a clock or rolls dice.

pub mod backoff;
pub mod block;
pub mod chunk;
pub mod client;
pub mod digest;
pub mod receipt;
pub mod row;
pub mod slim;
pub mod wire;

pub use block::Block;
pub use digest::{Cursor, Digest, Epoch};
pub use receipt::Receipt;
