//! Claims about the model that take more than one file to state.

mod fields;
mod input;
mod own_fields;
mod quick;
mod report;
mod rewording;
mod sample;
mod score;

use model::input::InputContext;
use model::{Date, Settings, Timestamp};

/// Settings of a workspace in a region and zone; dates in this order.
fn settings(region: &str, zone: &str, date_order: &str) -> Settings {
    Settings { region: region.into(), time_zone: zone.into(), date_order: date_order.into(), ..Settings::default() }
}

/// Monday, 5 October 2026, 10:00 in Berlin.
fn now() -> Timestamp {
    "2026-10-05T08:00:00Z".parse().expect("is a moment")
}

/// Runs a check in a European workspace: Berlin, `dmy`, decimal comma or point as given.
fn in_europe<T>(decimal: char, check: impl FnOnce(&InputContext<'_>) -> T) -> T {
    let settings = settings("DE", "Europe/Berlin", "dmy");
    check(&InputContext { decimal, ..InputContext::new(&settings, now()) })
}

/// Runs a check in an American workspace: New York, `mdy`, decimal point.
fn in_america<T>(check: impl FnOnce(&InputContext<'_>) -> T) -> T {
    check(&InputContext::new(&settings("US", "America/New_York", "mdy"), now()))
}

fn date(text: &str) -> Date {
    text.parse().expect("is a date")
}
