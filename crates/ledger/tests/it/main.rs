//! What the ledger promises, told through its public face.

mod conflicts;
mod damage;
mod history;
mod merging;
mod reading;
mod support;
