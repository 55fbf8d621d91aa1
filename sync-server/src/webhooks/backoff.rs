//! When a delivery is tried again.

use model::Timestamp;
use model::time::DAY_MILLIS;

/// Waits after the first failures; later ones wait a day.
const WAITS_MILLIS: [i64; 6] = [5_000, 30_000, 120_000, 600_000, 3_600_000, 6 * 3_600_000];
/// How long a delivery is tried before its webhook is paused.
pub(super) const TRIED_FOR_MILLIS: i64 = 3 * DAY_MILLIS;
/// A wait becomes longer by chance, by up to this part of it, so that receivers are not asked by everybody at once.
const JITTER_PART: i64 = 5;

/// The next try after `attempts` failures, the first of which was at `first_at`; `None` when it was tried long enough.
/// `chance` is random.
pub(super) fn next_try(attempts: u32, (first_at, now): (Timestamp, Timestamp), chance: u16) -> Option<Timestamp> {
    let end = first_at.plus_millis(TRIED_FOR_MILLIS);
    if now >= end {
        return None;
    }
    let failures = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = WAITS_MILLIS.get(failures).copied().unwrap_or(DAY_MILLIS);
    let jitter = wait / JITTER_PART * i64::from(chance) / i64::from(u16::MAX);
    // The last try is at the very end.
    Some(now.plus_millis(wait + jitter).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_day_and_end_after_three() {
        let first = Timestamp::from_millis(1_000_000);
        let (mut now, mut waits) = (first, Vec::new());
        for attempts in 1.. {
            let Some(next) = next_try(attempts, (first, now), 0) else { break };
            waits.push(next.millis_since(now) / 1_000);
            now = next;
        }

        assert_eq!(waits, [5, 30, 120, 600, 3_600, 21_600, 86_400, 86_400, 60_445]);
        assert_eq!(now.millis_since(first), TRIED_FOR_MILLIS);
    }

    #[test]
    fn chance_makes_a_wait_up_to_a_fifth_longer() {
        let now = Timestamp::from_millis(0);
        let wait = |chance| next_try(2, (now, now), chance).map(|next| next.millis_since(now));

        assert_eq!((wait(0), wait(u16::MAX)), (Some(30_000), Some(36_000)));
    }
}
