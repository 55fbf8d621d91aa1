//! How often somebody may ask: requests, searches and exports of each session and each personal token. What is over
//! the rate is told when to come back.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use tokio::time::Instant;

use super::app::Limits;
use super::error::ApiError;

/// Searches of a minute.
const SEARCHES: Rate = Rate { count: 60, within: Duration::from_secs(60) };
/// Exports of an hour.
const EXPORTS: Rate = Rate { count: 5, within: Duration::from_secs(60 * 60) };
/// Most askers that are remembered; beyond it those who may go on soonest are forgotten.
const REMEMBERED_MAX: usize = 20_000;
/// A part of an upload: its bytes are bounded by the room that its owner has, and a large file has many.
const NOT_COUNTED: &str = "/parts/{part}";

/// Names a session or a personal token.
pub(super) type AskerKey = [u8; 16];

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// Anything.
    Request,
    /// A list by words.
    Search,
    /// Everything at once.
    Export,
}

/// So many within a time, all at once if need be.
#[derive(Debug, Clone, Copy)]
struct Rate {
    count: u32,
    within: Duration,
}

/// When each bucket is full again; everything that is asked moves it.
pub(super) struct Rates {
    requests_per_minute: u32,
    full_at: Mutex<BTreeMap<(AskerKey, Asked), Instant>>,
}

impl Rates {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { requests_per_minute: limits.requests_per_minute, full_at: Mutex::default() }
    }

    /// Counts something that is asked.
    ///
    /// # Errors
    /// When it is too much; then nothing is counted.
    pub(super) fn charge(&self, asker: AskerKey, asked: Asked) -> Result<(), ApiError> {
        self.charge_at(asker, asked, Instant::now()).map_err(ApiError::too_many_requests)
    }

    fn charge_at(&self, asker: AskerKey, asked: Asked, now: Instant) -> Result<(), Duration> {
        let rate = match asked {
            Asked::Request => Rate { count: self.requests_per_minute, within: Duration::from_secs(60) },
            Asked::Search => SEARCHES,
            Asked::Export => EXPORTS,
        };
        if self.requests_per_minute == 0 {
            return Ok(());
        }
        let mut buckets = self.buckets();
        let full_at = buckets.get(&(asker, asked)).map_or(now, |full_at| (*full_at).max(now));
        let charged = full_at + rate.within / rate.count;
        let wait = charged.saturating_duration_since(now).saturating_sub(rate.within);
        if !wait.is_zero() {
            return Err(wait);
        }
        make_room(&mut buckets, now);
        buckets.insert((asker, asked), charged);
        Ok(())
    }

    /// A map is whole after every step.
    fn buckets(&self) -> MutexGuard<'_, BTreeMap<(AskerKey, Asked), Instant>> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(buckets: &mut BTreeMap<(AskerKey, Asked), Instant>, now: Instant) {
    if buckets.len() < REMEMBERED_MAX {
        return;
    }
    buckets.retain(|_, full_at| *full_at > now);
    if buckets.len() >= REMEMBERED_MAX
        && let Some(soonest) = buckets.iter().min_by_key(|(_, at)| **at).map(|(key, _)| *key)
    {
        buckets.remove(&soonest);
    }
}

/// Whether a request counts.
pub(super) fn counts(parts: &Parts) -> bool {
    parts.extensions.get::<MatchedPath>().is_none_or(|path| !path.as_str().ends_with(NOT_COUNTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_then_one_at_a_time() {
        let rates = Rates::new(&Limits { requests_per_minute: 3, ..Limits::default() });
        let (me, other, start) = ([1; 16], [2; 16], Instant::now());
        for _ in 0..3 {
            assert_eq!(rates.charge_at(me, Asked::Request, start), Ok(()));
        }

        assert_eq!(rates.charge_at(me, Asked::Request, start), Err(Duration::from_secs(20)));
        assert_eq!(rates.charge_at(other, Asked::Request, start), Ok(()));
        assert_eq!(rates.charge_at(me, Asked::Search, start), Ok(()));
        let later = start + Duration::from_secs(20);
        assert_eq!(rates.charge_at(me, Asked::Request, later), Ok(()));
        assert_eq!(rates.charge_at(me, Asked::Request, later), Err(Duration::from_secs(20)));
    }

    #[test]
    fn exports_are_few_and_nothing_is_counted_without_a_limit() {
        let rates = Rates::new(&Limits::default());
        let now = Instant::now();
        let passed = |rates: &Rates| (0..50).filter(|_| rates.charge_at([1; 16], Asked::Export, now).is_ok()).count();

        assert_eq!(passed(&rates), 5);
        assert_eq!(passed(&Rates::new(&Limits { requests_per_minute: 0, ..Limits::default() })), 50);
    }

    #[test]
    fn memory_is_bounded_however_many_ask() {
        let rates = Rates::new(&Limits::default());
        let now = Instant::now();
        for number in 0..REMEMBERED_MAX as u128 + 10 {
            rates.charge_at(number.to_be_bytes(), Asked::Request, now).unwrap();
        }

        assert_eq!(rates.buckets().len(), REMEMBERED_MAX);
    }
}
