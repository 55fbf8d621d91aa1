//! `cargo xtask test`: everything that has to hold before a change may land, in the order that fails soonest.
//!
//! One profile (`dev`) serves lints, tests and simulations, and one (`web`) the browser's module, so that no
//! crate is compiled more often than it must be.

use std::path::Path;
use std::process::Command;

use crate::shell::{Steps, cargo, run, target_dir};
use crate::web::{self, WebOptions};
use crate::{licences, python, setup, wasm_fallback};

/// What to check.
#[derive(Debug, clap::Args)]
pub(crate) struct TestOptions {
    /// Seeds the simulation runs through.
    #[arg(long, default_value_t = 300)]
    seeds: u32,
}

/// Checks everything and prints how long each step took.
pub(crate) fn test(options: &TestOptions) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    let result = all_steps(&mut steps, options);
    steps.summary();
    result
}

fn all_steps(steps: &mut Steps, options: &TestOptions) -> anyhow::Result<()> {
    steps.step("what this machine needs", setup::tests)?;
    steps.step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("licences and bans", licences::check)?;
    steps.step("lints", || {
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"]))
    })?;
    let web_options = WebOptions { profile: "web".to_owned(), optimize: false, debian: false, out: None };
    let web = steps.step("web client", || web::build(&web_options))?;
    steps.step("lints of what is built for browsers only", wasm_fallback::lint)?;
    steps.step("programs and tests, built once", || {
        run(cargo().args(["build", "--workspace", "--all-targets", "--locked", "--quiet"]))
    })?;
    let axe = steps.step("accessibility rules", python::axe)?;
    steps.step("tests", || tests(&web, &axe))?;
    steps.step("simulation", || {
        let mut sim = Command::new(target_dir().join("debug/sim"));
        run(sim.args(["--seeds", &options.seeds.to_string()]))
    })?;
    steps.step("hostile and honest changes", || {
        let mut fuzz = Command::new(target_dir().join("debug/examples/guard_fuzz"));
        run(fuzz.args(["--cases", "20000", "--honest", "2000", "--bombs", "2"]))
    })
}

fn tests(web: &Path, axe: &Path) -> anyhow::Result<()> {
    let mut nextest = cargo();
    nextest.args(["nextest", "run", "--workspace", "--all-targets", "--locked", "--no-fail-fast"]);
    run(nextest.env("TRAILTRACK_WEB", web).env("TRAILTRACK_AXE", axe))
}

/// Runs the simulator.
pub(crate) fn sim(arguments: &[String]) -> anyhow::Result<()> {
    run(cargo().args(["run", "--quiet", "--locked", "--package", "tests", "--bin", "sim", "--"]).args(arguments))
}

/// Runs the benchmark, in the profile that is shipped.
pub(crate) fn bench(arguments: &[String]) -> anyhow::Result<()> {
    if let Some((first, rest)) = arguments.split_first()
        && first == "--browser"
    {
        return bench_browser(rest);
    }
    run(cargo()
        .args(["run", "--quiet", "--release", "--locked", "--package", "tests", "--bin", "bench", "--"])
        .args(arguments))
}

/// Measures the web client as it is shipped, with release builds of the programs that it meets.
fn bench_browser(arguments: &[String]) -> anyhow::Result<()> {
    setup::tests()?;
    let web = web::build(&WebOptions { profile: "web".to_owned(), optimize: false, debian: false, out: None })?;
    run(cargo().args(["build", "--quiet", "--release", "--locked", "--bins"]).args([
        "--package",
        "sync-server",
        "--package",
        "client-desktop",
    ]))?;
    let example = ["run", "--quiet", "--release", "--locked", "--package", "tests", "--example", "browser_bench", "--"];
    run(cargo().args(example).args(arguments).env("TRAILTRACK_WEB", web))
}

/// Runs a fuzzer, in the profile that is shipped.
pub(crate) fn fuzz(arguments: &[String]) -> anyhow::Result<()> {
    match arguments.split_first() {
        Some((part, rest)) if part == "guard" => run(cargo()
            .args(["run", "--quiet", "--release", "--locked", "--package", "ledger", "--example", "guard_fuzz", "--"])
            .args(rest)),
        _ => anyhow::bail!("say what to attack: `cargo xtask fuzz guard --cases 100000`"),
    }
}
