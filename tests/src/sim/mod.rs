//! The simulation: a team of replicas and a relay in one thread; every fault and every choice comes from one seed.

mod chores;
mod dice;
mod member;
mod net;
mod verdict;
mod world;

pub use verdict::Failure;
pub use world::{Outcome, Plan, run};
