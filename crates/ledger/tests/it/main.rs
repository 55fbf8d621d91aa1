//! What the ledger promises, told through its public face.

mod conflicts;
mod damage;
mod forge;
mod guard_bytes;
mod guard_place;
mod history;
mod merging;
mod reading;
mod support;
