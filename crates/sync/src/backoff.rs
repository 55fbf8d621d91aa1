//! How long a client waits before it tries to connect again: doubling, with jitter, bounded.

/// The first wait, in milliseconds.
pub const FIRST_MILLIS: u64 = 250;
/// The longest wait, in milliseconds.
pub const LONGEST_MILLIS: u64 = 30_000;

/// Counts failures in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Notes a failure and returns the wait in milliseconds: between half and all of the doubled span, by `dice`.
    pub fn fail(&mut self, dice: u64) -> u64 {
        let span = FIRST_MILLIS.saturating_mul(1 << self.failures.min(16)).min(LONGEST_MILLIS);
        self.failures = self.failures.saturating_add(1);
        span / 2 + dice % (span / 2 + 1)
    }

    /// Notes a success.
    pub fn succeed(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_start_again_after_a_success() {
        let mut backoff = Backoff::default();

        let waits: Vec<u64> = (0..12).map(|_| backoff.fail(u64::MAX)).collect();
        backoff.succeed();

        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1] || pair[1] >= LONGEST_MILLIS / 2));
        assert!(waits.iter().all(|wait| (FIRST_MILLIS / 2..=LONGEST_MILLIS).contains(wait)));
        assert!(backoff.fail(0) <= FIRST_MILLIS);
    }
}
