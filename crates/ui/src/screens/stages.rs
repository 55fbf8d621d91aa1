//! How long a lead has been in each stage, read off the history of its place.

use std::collections::BTreeMap;

use model::Timestamp;
use model::query::{Happened, TimelineEntry};

/// Milliseconds in each stage until now, by the stage's id. `entries` are the values of `place`, the latest first.
pub(super) fn time_in_stages(entries: &[TimelineEntry], now: Timestamp) -> BTreeMap<String, i64> {
    let mut spent = BTreeMap::new();
    let mut until = now;
    for entry in entries {
        let Happened::Field { after: Some(place), .. } = &entry.what else { continue };
        let place = place.as_text().unwrap_or("");
        let stage = place.split('|').next().unwrap_or("");
        *spent.entry(stage.to_owned()).or_insert(0) += until.millis_since(entry.at).max(0);
        until = entry.at;
    }
    spent
}

#[cfg(test)]
mod tests {
    use model::query::Author;
    use model::time::DAY_MILLIS;

    use super::*;

    #[test]
    fn a_stage_that_was_entered_twice_counts_both_times() {
        let now = model::build::now();
        let entered = |days: i64, place: &str| TimelineEntry {
            at: now.plus_millis(-days * DAY_MILLIS),
            received_at: None,
            author: Author::default(),
            what: Happened::Field { key: "place".into(), before: None, after: Some(place.into()) },
        };
        let entries = [entered(1, "new|80"), entered(3, "proposal|80"), entered(4, "new|90"), entered(10, "new|80")];

        let spent = time_in_stages(&entries, now);

        assert_eq!(spent["new"], 8 * DAY_MILLIS);
        assert_eq!(spent["proposal"], 2 * DAY_MILLIS);
    }
}
