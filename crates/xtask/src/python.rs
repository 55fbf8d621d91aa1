//! Tools that come as Python packages, each in an environment of its own under the user's cache folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::shell::{run, say};

/// Carries axe-core, the accessibility rules that browsers are held to.
const AXE: &str = "axe-core-python==0.1.0";

/// Installs a package, if that was not done before, and returns its environment's folder.
pub(crate) fn environment(package: &str) -> anyhow::Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = cache.or_else(home).context("neither XDG_CACHE_HOME nor HOME is set")?;
    let folder = cache.join("trailtrack").join(package.replace("==", "-"));
    let done = folder.join("installed");
    if !done.is_file() {
        say(format!("Installing {package}"));
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", package]))?;
        std::fs::write(&done, "")?;
    }
    Ok(folder)
}

/// Returns where axe-core's script is.
pub(crate) fn axe() -> anyhow::Result<PathBuf> {
    let library = environment(AXE)?.join("lib");
    let versions = std::fs::read_dir(&library).with_context(|| format!("{} can't be read", library.display()))?;
    let script = |version: std::fs::DirEntry| version.path().join("site-packages/axe_core_python/axe.min.js");
    versions.flatten().map(script).find(|script| script.is_file()).context("the package has no axe.min.js")
}
