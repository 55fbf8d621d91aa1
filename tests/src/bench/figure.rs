//! A measured figure, the clock it is measured with, and what can go wrong on the way.

use std::time::{Duration, Instant};

use replica::ConnectionState;
use serde::Serialize;
use serde_json::Value as Json;

/// Why a case could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The replica failed.
    #[error(transparent)]
    Replica(#[from] replica::ReplicaError),
    /// A client's store can't be opened.
    #[error(transparent)]
    OpenStore(#[from] store::OpenStoreError),
    /// A client's store can't be read.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The relay failed.
    #[error(transparent)]
    Relay(#[from] sync_server::domain::RelayError),
    /// The relay can't be opened.
    #[error(transparent)]
    OpenRelay(#[from] sync_server::domain::OpenRelayError),
    /// The relay's store can't be opened.
    #[error(transparent)]
    OpenRelayStore(#[from] sync_server::store::OpenStoreError),
    /// A socket of a crowd.
    #[error(transparent)]
    Socket(#[from] tokio_tungstenite::tungstenite::Error),
    /// A frame that the relay should not have sent.
    #[error(transparent)]
    Frame(#[from] sync::wire::DecodeFrameError),
    /// The relay refused to add a person.
    #[error(transparent)]
    Write(#[from] sync_server::domain::WriteError),
    /// The relay's identity can't be opened.
    #[error(transparent)]
    Identity(#[from] sync_server::identity::errors::IdentityFailure),
    /// Files, sockets, processes.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A part of the report can't be read or written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Client and relay did not come to rest together.
    #[error("a client did not come to rest: {0:?}")]
    Restless(ConnectionState),
    /// The product did something else than it was asked to, so that a time means nothing.
    #[error("{what}: expected {expected}, found {found}")]
    Wrong {
        /// What was counted.
        what: &'static str,
        /// What it should be.
        expected: u64,
        /// What it is.
        found: u64,
    },
    /// An action was not done.
    #[error("not done: {0}")]
    NotDone(#[from] model::app::Trouble),
    /// Nothing happened for a minute.
    #[error("nothing happened while waiting for {0}")]
    Stalled(&'static str),
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    bar: Option<f64>,
    detail: Json,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value: rounded(value), unit, bar: None, detail: Json::Null }
    }

    /// What the figure should not pass; for a rate, what it should reach.
    pub(crate) fn bar(mut self, bar: f64) -> Self {
        self.bar = Some(bar);
        self
    }

    /// What one has to know to read the figure.
    pub(crate) fn detail(mut self, detail: Json) -> Self {
        self.detail = detail;
        self
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Fails when a count is not what it has to be.
pub(crate) fn expect_count(what: &'static str, expected: usize, found: u64) -> Result<(), BenchError> {
    let expected = expected as u64;
    if expected == found { Ok(()) } else { Err(BenchError::Wrong { what, expected, found }) }
}

/// How long something took by the clock, and on this thread's processor.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Took {
    pub(crate) clock: Duration,
    pub(crate) processor: Duration,
}

impl std::ops::AddAssign for Took {
    fn add_assign(&mut self, other: Self) {
        self.clock += other.clock;
        self.processor += other.processor;
    }
}

impl std::ops::Add for Took {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

/// The moment, for measuring.
#[expect(clippy::disallowed_methods, reason = "a benchmark is where the clock is read")]
pub(crate) fn moment() -> Instant {
    Instant::now()
}

/// Does some work and says how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let (start, processor) = (moment(), processor_time());
    let done = work();
    (done, Took { clock: start.elapsed(), processor: processor_time().saturating_sub(processor) })
}

/// What this thread has used.
#[cfg(unix)]
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(used.tv_sec).unwrap_or(0), u32::try_from(used.tv_nsec).unwrap_or(0))
}

/// Not known here.
#[cfg(not(unix))]
const fn processor_time() -> Duration {
    Duration::ZERO
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Many measurements of one thing, sorted when all are there.
#[derive(Debug, Default)]
pub(crate) struct ManySamples(pub(crate) Vec<Duration>);

impl ManySamples {
    /// The measurements for reading.
    pub(crate) fn sorted(mut self) -> Samples {
        self.0.sort_unstable();
        Samples(self.0.into_iter().map(millis).collect())
    }
}

/// Many measurements of one thing, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, duration: Duration) {
        let value = millis(duration);
        let place = self.0.partition_point(|other| *other < value);
        self.0.insert(place, value);
    }

    /// The smallest value that `percent` of a hundred don't pass; 0 without measurements.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
    }

    /// The usual ones, for a detail.
    pub(crate) fn spread(&self) -> Json {
        let at = |percent| rounded(self.percentile(percent));
        serde_json::json!({ "count": self.0.len(), "p50": at(50), "p95": at(95), "p99": at(99), "max": at(100) })
    }
}
