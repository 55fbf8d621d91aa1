//! What the ledger promises, told through its public face.

#[expect(dead_code, reason = "orphans are for the test that counts allocations")]
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
