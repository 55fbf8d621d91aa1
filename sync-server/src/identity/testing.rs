//! Doubles for tests: a clock that stands still and randomness that repeats.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use model::Timestamp;
use sha2::{Digest as _, Sha256};

use super::argon::HashCost;
use super::env::Surroundings;

/// As cheap as Argon2 gets.
pub(crate) const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };

/// Time that moves only when told, and bytes that follow from a counter.
#[derive(Debug)]
pub(crate) struct StubSurroundings {
    millis: AtomicI64,
    drawn: AtomicU64,
}

impl StubSurroundings {
    pub(crate) fn new() -> Self {
        Self { millis: AtomicI64::new(1_790_000_000_000), drawn: AtomicU64::new(0) }
    }

    pub(crate) fn advance(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Surroundings for StubSurroundings {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
