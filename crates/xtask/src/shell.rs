//! Running other programs, and telling the person at the terminal what is being done and how long it took.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// Returns the folder of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .expect("xtask lies two folders below the root")
}

/// Returns the folder cargo builds into.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Returns a cargo command that runs in the checkout.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Says one line to the person at the terminal.
#[expect(clippy::print_stdout, reason = "the terminal is where this program speaks")]
pub(crate) fn say(line: impl AsRef<str>) {
    println!("{}", line.as_ref());
}

/// Runs a command, its output going to the terminal; fails when it fails.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = line_of(command);
    say(format!("$ {line}"));
    let status = command.status().with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Returns a command's standard output, or nothing when it cannot be run or fails.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns whether a program of this name is on the search path.
pub(crate) fn has_program(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Returns a command as a person would type it.
pub(crate) fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// The steps of a long task, each with its time.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<(String, Duration)>,
}

impl Steps {
    /// Does one step under a heading and remembers how long it took.
    #[expect(clippy::disallowed_methods, reason = "xtask is a shell: it measures its own steps")]
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        say(format!("\n== {name}"));
        let start = Instant::now();
        let result = work().with_context(|| format!("step \u{201c}{name}\u{201d} failed"))?;
        self.done.push((name.to_owned(), start.elapsed()));
        Ok(result)
    }

    /// Prints the time of every step and their sum.
    pub(crate) fn summary(&self) {
        say("\n== Time per step");
        for (name, time) in &self.done {
            say(format!("{:>7.1} s  {name}", time.as_secs_f64()));
        }
        let sum: Duration = self.done.iter().map(|(_, time)| *time).sum();
        say(format!("{:>7.1} s  in all", sum.as_secs_f64()));
    }
}
