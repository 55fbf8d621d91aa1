//! What the ledger promises, told through its public face.

mod bombs;
mod conflicts;
mod damage;
mod dice;
mod forge;
mod guard_bytes;
mod guard_fuzz;
mod guard_place;
mod history;
mod hostile;
mod merging;
mod reading;
mod support;
mod team;
