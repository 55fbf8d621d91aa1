//! Where identity gets the time and randomness from: the machine in a running relay, a script in tests.

use model::{IdSource, Timestamp};

/// Brings the present moment and random bytes.
pub trait Surroundings: Send + Sync {
    /// Returns the present moment.
    fn now(&self) -> Timestamp;
    /// Fills `bytes` with randomness fit for secrets.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's own clock and random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Surroundings for Machine {
    #[expect(clippy::disallowed_methods, reason = "the one place where the relay's identity reads the clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("an operating system without randomness cannot run a relay");
    }
}

/// Draws `N` random bytes.
pub fn random_bytes<const N: usize>(env: &dyn Surroundings) -> [u8; N] {
    let mut bytes = [0; N];
    env.fill(&mut bytes);
    bytes
}

/// Fresh ids out of [`Surroundings`].
pub struct FreshIds<'a>(pub &'a dyn Surroundings);

impl IdSource for FreshIds<'_> {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn random(&mut self) -> [u8; 10] {
        random_bytes(self.0)
    }
}
