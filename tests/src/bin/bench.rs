//! `bench`: measures what users and operators notice, and prints one JSON object.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::Value as Json;
use tests::bench::{BenchError, Newcomer, Plan, arrive, be_a_relay, case_names, run};

/// Measures clients and relay on real files and prints JSON.
#[derive(Debug, Parser)]
struct Arguments {
    /// A tenth of every size
    #[arg(long)]
    quick: bool,
    /// Only this case; may be repeated
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(case_names()))]
    only: Vec<String>,
    /// Where the files are put; should be on a disk and not in memory
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Plays a new device for another process of this program: socket, user, workspace, file, leads
    #[arg(long, num_args = 5, hide = true)]
    newcomer: Vec<String>,
    /// Plays a relay for another process of this program, with its files in a folder
    #[arg(long, hide = true)]
    relay: Option<PathBuf>,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the report is what this program is for")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.relay {
        return match be_a_relay(folder, |said| println!("{said}")) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        };
    }
    match measure(arguments) {
        Ok(report) => {
            println!("{report:#}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: Arguments) -> Result<Json, BenchError> {
    match newcomer(&arguments.newcomer) {
        Some(newcomer) => arrive(newcomer),
        None => run(&Plan { quick: arguments.quick, only: arguments.only, folder: arguments.folder }),
    }
}

fn newcomer(arguments: &[String]) -> Option<Newcomer> {
    let [url, user, workspace, path, leads] = arguments else { return None };
    Some(Newcomer {
        url: url.clone(),
        user: user.parse().ok()?,
        workspace: workspace.parse().ok()?,
        path: path.into(),
        leads: leads.parse().ok()?,
    })
}
