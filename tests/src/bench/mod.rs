//! Measurements of what users and operators notice: the real client core and the real relay on real files, in one
//! thread over a pipe in memory, and in threads and processes over sockets on this machine. Every figure comes from
//! the run that prints it.

mod crowd;
mod figure;
mod flood;
mod live;
mod local;
mod machine;
mod newcomer;
mod pipe;
mod reconnect;
mod records;
mod relay_process;
mod relay_side;
mod reports;
mod socket;
mod station;
mod throughput;
mod world;

use std::path::PathBuf;

use serde_json::{Value as Json, json};

pub use figure::BenchError;
use figure::Figure;
pub use newcomer::{Newcomer, arrive};
pub use relay_process::be_a_relay;
use world::Worlds;

/// What to measure, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A tenth of every size.
    pub quick: bool,
    /// Only the cases with these names; empty is all.
    pub only: Vec<String>,
    /// Where the files are put.
    pub folder: PathBuf,
}

type Case = fn(&mut Worlds) -> Result<Vec<Figure>, BenchError>;

/// The cases by name, in the order in which they run: first those that leave a world as it is.
const CASES: [(&str, Case); 17] = [
    ("reconnect", reconnect::nothing_changed),
    ("board", local::board),
    ("search", local::search),
    ("durable", local::durable),
    ("import", local::import),
    ("reports", reports::all),
    ("changed", reconnect::hundred_changed),
    ("bootstrap", newcomer::bootstrap),
    ("disk", throughput::disk),
    ("rate", throughput::accepted_per_second),
    ("live", live::edits),
    ("offline", live::offline),
    ("crowd", crowd::accepts),
    ("large-push", crowd::large_push),
    ("fan-out", crowd::fan_out),
    ("idle", crowd::idle),
    ("flood", flood::sign_ins),
];

/// The names of the cases.
pub fn case_names() -> Vec<&'static str> {
    CASES.iter().map(|(name, _)| *name).collect()
}

/// Runs the cases and returns the report; says on standard error which one is running.
///
/// # Errors
/// When a case could not be measured.
#[expect(clippy::print_stderr, reason = "people want to see what they are waiting for")]
pub fn run(plan: &Plan) -> Result<Json, BenchError> {
    let scratch = tempfile::tempdir_in(&plan.folder)?;
    let mut machine = machine::describe(scratch.path())?;
    let mut worlds = Worlds::new(scratch.path().to_owned(), plan.quick);
    let mut results = Vec::new();
    for (name, case) in CASES {
        if plan.only.is_empty() || plan.only.iter().any(|only| only == name) {
            eprintln!("measuring {name}");
            results.extend(case(&mut worlds)?);
        }
    }
    machine["load_average_at_end"] = json!(machine::load_average());
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    Ok(json!({ "machine": machine, "profile": profile, "quick": plan.quick, "results": results }))
}
