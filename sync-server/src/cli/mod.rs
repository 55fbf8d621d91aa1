//! The command line: what each task does, how it logs, and how it ends.
//!
//! Exit codes: 0 done, 1 failed or not well, 2 wrong usage (by clap).

mod admin;
mod data_lock;
mod health;
mod logging;
mod open;
mod serve;
mod upkeep;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::config::{CommandLine, Task};

/// What a task came to: `true` when all is well.
type Outcome = Result<bool, Box<dyn Error>>;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    logging::start(line.log_format);
    let outcome = match line.task {
        Task::Serve(options) => serve::serve(options),
        Task::Admin(task) => admin::run(task),
        Task::Verify { data, files } => upkeep::verify(&data.dir, &files),
        Task::Backup { data, files, file } => upkeep::backup(&data.dir, &files, &file),
        Task::Restore { data, files, file } => upkeep::restore(&data.dir, &files, &file),
        Task::Health { url, listen } => health::ask(url.as_deref(), listen),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "trailtrack-relay: {}", crate::http::describe(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard output. A reader that is gone is no failure of the task.
fn say(line: impl std::fmt::Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
