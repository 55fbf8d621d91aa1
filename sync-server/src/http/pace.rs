//! How fast somebody's changes are taken, over all their sockets. Whoever sends faster is read more slowly, so that
//! TCP holds them back: nothing is refused, nothing is lost.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::app::Limits;

/// Bytes of frames a second.
const BYTES_PER_SEC: u32 = 2 * 1024 * 1024;
/// Bytes of frames at once: the largest command.
const BYTES_BURST_SECS: u32 = 4;
/// The longest pause before the next frame is read: the client still sees that somebody is there.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(10);

/// One person's pace.
#[derive(Debug)]
pub(super) struct Pace {
    changes: Allowance,
    bytes: Allowance,
    state: Mutex<State>,
}

/// So many a second, and so many at once.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    per_sec: u32,
    burst: Duration,
}

/// When each is full again; what is taken moves it.
#[derive(Debug, Clone, Copy)]
struct State {
    changes: Instant,
    bytes: Instant,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Self {
        let rate = limits.changes_per_second;
        let burst = Duration::from_secs(u64::from(limits.changes_burst)) / rate.max(1);
        Self {
            changes: Allowance { per_sec: rate, burst },
            bytes: Allowance { per_sec: BYTES_PER_SEC, burst: Duration::from_secs(u64::from(BYTES_BURST_SECS)) },
            state: Mutex::new(State { changes: Instant::now(), bytes: Instant::now() }),
        }
    }

    /// Counts what was taken and says how long to wait before taking more. How many changes a frame holds is known
    /// only when it has been read, so they are owed.
    pub(super) fn charge(&self, changes: u64, bytes: usize, now: Instant) -> Duration {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let of_changes = self.changes.charge(&mut state.changes, changes, now);
        let of_bytes = self.bytes.charge(&mut state.bytes, bytes as u64, now);
        of_changes.max(of_bytes)
    }

    /// Whether nothing is owed any more, so that it need not be remembered.
    pub(super) fn is_rested(&self, now: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.changes <= now && state.bytes <= now
    }
}

impl Allowance {
    fn charge(self, full_at: &mut Instant, count: u64, now: Instant) -> Duration {
        if self.per_sec == 0 {
            return Duration::ZERO;
        }
        let nanos = count.saturating_mul(1_000_000_000) / u64::from(self.per_sec);
        *full_at = (*full_at).max(now) + Duration::from_nanos(nanos);
        full_at.saturating_duration_since(now).saturating_sub(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> (Pace, Instant) {
        let limits = Limits { changes_per_second: 100, changes_burst: 1_000, ..Limits::default() };
        (Pace::new(&limits), Instant::now())
    }

    #[test]
    fn a_burst_is_free_and_what_is_owed_is_waited_for() {
        let (pace, now) = pace();

        assert_eq!(pace.charge(1_000, 0, now), Duration::ZERO);
        assert_eq!(pace.charge(100, 0, now), Duration::from_secs(1));
        assert_eq!(pace.charge(0, 0, now + Duration::from_secs(1)), Duration::ZERO);
        assert_eq!(pace.charge(50, 0, now + Duration::from_secs(1)), Duration::from_millis(500));
    }

    #[test]
    fn bytes_are_held_to_a_pace_as_well() {
        let (pace, now) = pace();
        let second = BYTES_PER_SEC as usize;

        assert_eq!(pace.charge(0, 4 * second, now), Duration::ZERO);
        assert_eq!(pace.charge(0, second, now), Duration::from_secs(1));
    }

    #[test]
    fn whoever_rests_for_long_enough_owes_nothing() {
        let (pace, now) = pace();
        pace.charge(500, 0, now);

        assert!(!pace.is_rested(now + Duration::from_secs(4)));
        assert!(pace.is_rested(now + Duration::from_secs(5)));
    }

    #[test]
    fn there_may_be_no_limit() {
        let pace = Pace::new(&Limits { changes_per_second: 0, ..Limits::default() });

        assert_eq!(pace.charge(1_000_000, 0, Instant::now()), Duration::ZERO);
    }
}
