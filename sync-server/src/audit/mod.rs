//! The audit log: what was done about people, devices, tokens, files and the relay itself. What was done to records
//! stands in the log of changes; every sealed stretch of that log has an entry here, so that both are one chain.
//!
//! Entries are written by the tables' own code in the transaction of what they tell, so that neither is there without
//! the other. Nothing here decides anything.

mod chain;
mod event;
mod log;

pub use chain::{AuditProblem, AuditReport, append, migrate, verify};
pub use event::{Action, Event};
pub use log::{AuditEntry, AuditFailure, AuditFilter, AuditLog};
