//! A newcomer with the native window: from the first launch to the first lead, by keyboard alone, on a display of its
//! own. How long that takes is printed; the browser's half is in `by_ear`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::processes::program;

/// Longest wait for anything, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest wait for what a few keys do, before they are pressed again.
const REPEAT_AFTER: Duration = Duration::from_secs(10);
/// How often somebody looks whether it is done.
const LOOKS_EVERY: Duration = Duration::from_millis(20);
/// Between two keys, as people type.
const KEY_MILLIS: &str = "120";

/// A display that nobody looks at.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    fn new() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`cargo xtask test` installs xvfb");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { server, name: format!(":{}", number.trim()) }
    }

    /// Runs xdotool here.
    fn tool(&self, arguments: &[&str]) -> bool {
        let mut tool = Command::new("xdotool");
        let tool = tool.args(arguments).env("DISPLAY", &self.name).stdout(Stdio::null()).stderr(Stdio::null());
        tool.status().expect("`cargo xtask test` installs xdotool").success()
    }

    fn press(&self, keys: &[&str]) {
        assert!(self.tool(&[&["key", "--delay", KEY_MILLIS], keys].concat()), "{keys:?} can be pressed");
    }

    fn type_text(&self, text: &str) {
        assert!(self.tool(&["type", "--delay", KEY_MILLIS, text]), "{text} can be typed");
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // A display that has ended by itself needs no end.
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

/// The window's process, until dropped.
struct Window(Child);

impl Drop for Window {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Whether words stand in a profile's database, which is written to its log first.
fn is_written(profile: &Path, words: &str) -> bool {
    let files = ["crm.db-wal", "crm.db"].map(|name| std::fs::read(profile.join(name)).unwrap_or_default());
    files.iter().any(|bytes| bytes.windows(words.len()).any(|place| place == words.as_bytes()))
}

#[expect(clippy::disallowed_methods, reason = "a person looks at the clock, too")]
fn now() -> Instant {
    Instant::now()
}

/// Does something until it has come true.
fn until(is_true: impl Fn() -> bool, again: impl Fn()) {
    let end = now() + PATIENCE;
    while now() < end {
        again();
        let next = now() + REPEAT_AFTER;
        while now() < next {
            if is_true() {
                return;
            }
            std::thread::sleep(LOOKS_EVERY);
        }
    }
    panic!("the window does not do what it is asked");
}

/// Starts the window on an empty profile and saves a lead; returns how long it took.
pub(crate) fn first_lead_in_the_window(profile: &Path) -> Duration {
    let display = Display::new();
    let begun = now();
    let window = Command::new(program("trailtrack"))
        .arg("--profile")
        .arg(profile)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the window starts");
    let _window = Window(window);
    let focus = ["search", "--sync", "--onlyvisible", "--name", "TrailTrack", "windowfocus", "--sync"];
    until(|| display.tool(&focus), || {});

    until(
        || is_written(profile, "Ada Newcomer"),
        || {
            display.press(&["Escape", "Tab", "Return"]);
            display.type_text("Ada Newcomer");
            display.press(&["Return"]);
        },
    );
    until(
        || is_written(profile, "Acme website"),
        || {
            display.press(&["Escape", "n", "l"]);
            display.type_text("Acme website 12k");
            display.press(&["Return"]);
        },
    );
    begun.elapsed()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::first_lead_in_the_window;
    use crate::processes::Native;

    #[test]
    fn a_newcomer_saves_the_first_lead_in_the_window() {
        let folder = TempDir::new().unwrap();

        let took = first_lead_in_the_window(&folder.path().join("newcomer"));

        println!("first launch to first lead in the window: {:.1} s", took.as_secs_f64());
        let leads = Native::new(folder.path(), "newcomer").list("lead");
        assert_eq!(leads.len(), 1, "{leads:?}");
        assert_eq!((&leads[0]["title"], &leads[0]["value_cents"]), (&"Acme website".into(), &1_200_000.into()));
    }
}
