//! A measured figure beside its bar.

use serde_json::{Value as Json, json};

/// One line of the report, in milliseconds.
pub(crate) struct Figure {
    name: String,
    value: f64,
    bar: f64,
    spread: Json,
    how: &'static str,
}

impl Figure {
    /// What one measurement, or a percentile of several, comes to.
    pub(crate) fn new(name: impl Into<String>, samples: &[f64], percent: usize, bar: f64, how: &'static str) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            rounded(sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN))
        };
        let spread = json!({ "count": sorted.len(), "p50": at(50), "p95": at(95), "p99": at(99), "max": at(100) });
        Self { name: name.into(), value: at(percent), bar, spread, how }
    }

    pub(crate) fn to_json(&self) -> Json {
        let Self { name, value, bar, spread, how } = self;
        json!({ "name": name, "value": value, "unit": "ms", "bar": bar, "met": value <= bar, "spread": spread, "how": how })
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
