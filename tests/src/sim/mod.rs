//! The simulation: a team of replicas and a relay in one thread; every fault and every choice comes from one seed.

mod backups;
mod chores;
mod dice;
mod facts;
mod member;
mod net;
#[cfg(test)]
mod stories;
mod verdict;
mod world;

pub use verdict::Failure;
pub use world::{Outcome, Plan, run};
