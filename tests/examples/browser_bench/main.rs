//! Measures the bars of a browser in a real Chromium: the shipped web client, a relay and native clients on this machine.
//! Prints one JSON object; every figure comes from the run that prints it. `cargo xtask bench --browser` builds what is
//! needed and starts this.
//!
//! Chromium runs without a window and draws with SwiftShader, so whatever waits for a picture waits for the processor.

#![expect(clippy::unwrap_used, reason = "a measurement that meets the unexpected may end")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the report is what this program is for")]

#[path = "../../../client-web/tests/it/chromium.rs"]
#[expect(dead_code, reason = "the browser's own tests use more of their driver")]
mod chromium;
mod figures;
#[path = "../../tests/it/newcomer.rs"]
mod newcomer;
#[path = "../../tests/it/processes.rs"]
#[expect(dead_code, reason = "the tests use more of the processes")]
mod processes;
mod work;
mod world;

use serde_json::json;

use figures::Figure;
use world::World;

/// Leads of the large workspace.
const LEADS: usize = 10_000;
/// Leads of the small one.
const FEW_LEADS: usize = 500;
/// Contacts to search.
const CONTACTS: usize = 100_000;

#[tokio::main]
async fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let is_meant = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    let mut figures = Vec::new();
    if is_meant("newcomer") {
        eprintln!("measuring newcomer");
        figures.extend(work::newcomers().await);
    }
    if is_meant("start") {
        eprintln!("measuring start");
        let world = World::with_leads(FEW_LEADS).await;
        figures.push(work::warm_start(&world, FEW_LEADS, 800.0).await);
    }
    if ["start", "frames", "edits", "reports", "live", "import"].into_iter().any(is_meant) {
        eprintln!("filling a workspace of {LEADS} leads");
        figures.extend(at_many_leads(&is_meant).await);
    }
    if is_meant("search") {
        eprintln!("measuring search at {CONTACTS} contacts");
        let world = World::with_contacts(CONTACTS).await;
        figures.push(work::search(&world).await);
    }
    println!("{:#}", report(&figures));
}

async fn at_many_leads(is_meant: &impl Fn(&str) -> bool) -> Vec<Figure> {
    let world = World::with_leads(LEADS).await;
    let mut figures = Vec::new();
    if is_meant("start") {
        figures.push(work::warm_start(&world, LEADS, 2_000.0).await);
    }
    if is_meant("frames") {
        figures.extend(work::frames(&world).await);
    }
    if is_meant("edits") {
        figures.extend(work::edits(&world).await);
    }
    if is_meant("reports") {
        figures.extend(work::reports(&world).await);
    }
    if is_meant("live") {
        figures.push(work::live(&world).await);
    }
    if is_meant("import") {
        figures.extend(work::import(&world).await);
    }
    figures
}

fn report(figures: &[Figure]) -> serde_json::Value {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    json!({
        "browser": "Chromium without a window, WebGL by SwiftShader on the processor",
        "driver_and_programs": profile,
        "results": figures.iter().map(Figure::to_json).collect::<Vec<_>>(),
    })
}
