//! The kept pictures of every view: drawn by the interface's tests, packed without loss.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::setup;
use crate::shell::{cargo, root, run, say};

/// Where the tests keep them.
const FOLDER: &str = "crates/ui/tests/snapshots";

/// Draws those that look different now, and packs them.
pub(crate) fn draw() -> anyhow::Result<()> {
    setup::pictures()?;
    let tests = ["nextest", "run", "--workspace", "-E", "package(ui) & test(pictures::)"];
    run(cargo().args(tests).env("UPDATE_SNAPSHOTS", "1"))?;
    let mut packed = 0_usize;
    let folder = root().join(FOLDER);
    for before in with_ending(&folder, ".old.png")? {
        std::fs::remove_file(&before).with_context(|| before.display().to_string())?;
    }
    for picture in with_ending(&folder, ".png")? {
        run(Command::new("optipng").args(["-quiet", "-o1"]).arg(&picture))?;
        packed += 1;
    }
    say(format!("{packed} pictures are in {FOLDER}; `git status` names those that changed."));
    Ok(())
}

/// Files below a folder whose name ends so.
fn with_ending(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(with_ending(&path, ending)?);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    Ok(found)
}
