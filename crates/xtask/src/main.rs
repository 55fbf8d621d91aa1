//! `cargo xtask`: builds the web client, runs TrailTrack on this machine, tests and measures it.
//!
//! Every task first sees to what it needs on a fresh Debian or Ubuntu (`setup`), saying what it does; a step
//! that cannot be done says exactly what to type instead.

mod api_test;
mod check;
mod fonts;
mod licences;
mod pictures;
mod python;
mod run;
mod s3_test;
mod setup;
mod shell;
mod wasm_fallback;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs, tests and measures TrailTrack.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Builds the relay and the web client, starts the relay here and prints the links to open.
    Run(run::RunOptions),
    /// Builds the web client into `target/web-dist`.
    Web(web::WebOptions),
    /// Checks everything: format, lints, licences, tests, simulation, the web client in a real browser.
    Test(check::TestOptions),
    /// Runs seeded simulations of whole teams; arguments go to the simulator.
    Sim(PassOn),
    /// Measures and prints JSON; arguments go to the benchmark. With `--browser` first: the bars of a browser, in
    /// Chromium (`--browser [newcomer|start|frames|edits|reports|live|import|search]...`).
    Bench(PassOn),
    /// Tests the relay's REST API by its own description, as nobody, viewer, user and administrator.
    ApiTest(api_test::ApiTestOptions),
    /// Tests attachments in a bucket, against a server that speaks S3 on this machine.
    S3Test,
    /// Attacks a part with made-up input and prints JSON: `guard --cases N [--start S] [--honest N] [--bombs N]`.
    Fuzz(PassOn),
    /// Draws the kept pictures of every view anew; look at them before they are committed.
    Pictures,
    /// Checks the licences and bans of `deny.toml` without the network.
    Licences,
}

/// Arguments for another program.
#[derive(Debug, clap::Args)]
struct PassOn {
    /// Passed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Run(options) => run::run(&options),
        Task::Web(options) => web::build(&options).map(|_| ()),
        Task::Test(options) => check::test(&options),
        Task::Sim(pass_on) => check::sim(&pass_on.arguments),
        Task::Bench(pass_on) => check::bench(&pass_on.arguments),
        Task::ApiTest(options) => api_test::api_test(&options),
        Task::S3Test => s3_test::s3_test(),
        Task::Fuzz(pass_on) => check::fuzz(&pass_on.arguments),
        Task::Pictures => pictures::draw(),
        Task::Licences => licences::check(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(format!("\nerror: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
