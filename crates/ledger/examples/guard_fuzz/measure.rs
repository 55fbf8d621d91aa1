//! What refusing a bomb costs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ledger::guard::{GuardError, admit, inspect};
use serde_json::{Value as Json, json};

use crate::bombs::orphans;
use crate::counting::most_taken;
use crate::support::LEAD;

/// Refuses every bomb so many times.
pub(crate) fn bombs(rounds: u64) -> BTreeMap<&'static str, Json> {
    let mut costs = BTreeMap::new();
    if rounds == 0 {
        return costs;
    }
    for (name, bomb) in crate::bombs::bombs() {
        let mut cost = Cost::default();
        for _ in 0..rounds {
            cost.add(|| inspect(&bomb).is_err());
        }
        costs.insert(name, cost.json(bomb.len()));
    }
    let (document, orphans) = orphans();
    let mut cost = Cost::default();
    let mut size = 0;
    for orphan in orphans {
        size = orphan.len();
        cost.add(|| matches!(judge(&document, &orphan), Err(GuardError::Need(_))));
    }
    costs.insert("an orphan, of twelve thousand", cost.json(size));
    costs
}

fn judge(document: &ledger::Document, orphan: &[u8]) -> Result<(), GuardError> {
    admit(Some(document), LEAD, &inspect(orphan)?)
}

/// The most that a refusal took.
#[derive(Default)]
struct Cost {
    refused: u64,
    accepted: u64,
    slowest: Duration,
    bytes: usize,
}

impl Cost {
    fn add(&mut self, refuse: impl FnOnce() -> bool) {
        #[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
        let start = Instant::now();
        let (refused, bytes) = most_taken(refuse);
        self.slowest = self.slowest.max(start.elapsed());
        self.bytes = self.bytes.max(bytes);
        *(if refused { &mut self.refused } else { &mut self.accepted }) += 1;
    }

    fn json(&self, wire_bytes: usize) -> Json {
        json!({
            "wire_bytes": wire_bytes,
            "refused": self.refused,
            "accepted": self.accepted,
            "slowest_micros": u64::try_from(self.slowest.as_micros()).unwrap_or(u64::MAX),
            "most_bytes": self.bytes,
        })
    }
}
