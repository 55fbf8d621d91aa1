//! What a task needs on this machine, and how to get what is missing on Debian and Ubuntu.

use std::process::Command;

use anyhow::bail;

use crate::shell::{has_program, output_of, run, say};

/// The wasm target's name.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A Debian package, and how to tell that it is not needed.
struct Package {
    name: &'static str,
    why: &'static str,
    present: fn() -> bool,
}

/// What every native build needs.
const NATIVE: &[Package] = &[Package { name: "build-essential", why: "C compiler", present: || has_program("cc") }];

/// What the web client's C parts (SQLite, zstd) need.
const WEB: &[Package] = &[
    Package { name: "clang", why: "C compiler for wasm", present: || tool("clang").is_some() },
    Package { name: "lld", why: "linker for wasm", present: || tool("wasm-ld").is_some() },
    Package { name: "llvm", why: "archiver for wasm", present: || tool("llvm-ar").is_some() },
];

/// What the tests need besides.
const TESTS: &[Package] = &[
    Package { name: "chromium", why: "browser tests", present: || has_program("chromium") },
    Package { name: "chromium-driver", why: "browser tests", present: || has_program("chromedriver") },
    Package {
        name: "clamav-daemon",
        why: "virus scan tests",
        present: || std::path::Path::new("/usr/sbin/clamd").exists(),
    },
    Package {
        name: "python3-venv",
        why: "accessibility rules",
        present: || is_installed("python3-venv") || has_venv(),
    },
    Package { name: "xdotool", why: "native window tests", present: || has_program("xdotool") },
    Package { name: "xvfb", why: "native window tests", present: || has_program("Xvfb") },
    Package { name: "libgl1-mesa-dri", why: "native window tests", present: || is_installed("libgl1-mesa-dri") },
    Package {
        name: "mesa-vulkan-drivers",
        why: "pictures of screens",
        present: || is_installed("mesa-vulkan-drivers"),
    },
    Package {
        name: "fonts-dejavu-core",
        why: "Arabic and Hebrew names in pictures",
        present: || is_installed("fonts-dejavu-core"),
    },
    Package {
        name: "fonts-droid-fallback",
        why: "Chinese, Japanese and Korean names in pictures",
        present: || is_installed("fonts-droid-fallback"),
    },
];

const PICTURES: &[Package] =
    &[Package { name: "optipng", why: "smaller pictures", present: || has_program("optipng") }];

/// Sees to what native builds need.
pub(crate) fn native() -> anyhow::Result<()> {
    install(&missing(&[NATIVE]))
}

/// Sees to what building the web client needs, beside the wasm target.
pub(crate) fn web() -> anyhow::Result<()> {
    install(&missing(&[NATIVE, WEB]))
}

/// Sees to what drawing the kept pictures needs, beside what the tests need.
pub(crate) fn pictures() -> anyhow::Result<()> {
    tests()?;
    install(&missing(&[PICTURES]))
}

/// Sees to what the tests need.
pub(crate) fn tests() -> anyhow::Result<()> {
    install(&missing(&[NATIVE, WEB, TESTS]))?;
    if !has_program("cargo-nextest") {
        say("Installing cargo-nextest, the test runner");
        run(crate::shell::cargo().args(["install", "--locked", "cargo-nextest"]))?;
    }
    Ok(())
}

/// Returns the name of an LLVM tool on this machine: the plain one, or a versioned one.
pub(crate) fn tool(name: &str) -> Option<String> {
    let versions = (14..=24).rev().map(|version| format!("{name}-{version}"));
    std::iter::once(name.to_owned()).chain(versions).find(|candidate| has_program(candidate))
}

/// Installs Debian packages, saying so before; without the right to, says what to type.
pub(crate) fn install(packages: &[(&str, &str)]) -> anyhow::Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    say("Needed and not there yet:");
    for (name, why) in packages {
        say(format!("  {name} ({why})"));
    }
    let names: Vec<&str> = packages.iter().map(|(name, _)| *name).collect();
    let Some(as_root) = as_root() else {
        bail!("please run this, then try again:\n  sudo apt-get install {}", names.join(" "));
    };
    if !has_program("apt-get") {
        bail!("this machine has no apt-get; please install by other means: {}", names.join(" "));
    }
    let apt_get = |arguments: &[&str]| run(Command::new(as_root[0]).args(&as_root[1..]).args(arguments));
    apt_get(&["apt-get", "update", "-qq"])?;
    apt_get(&[&["apt-get", "install", "-y", "-qq", "--no-install-recommends"], names.as_slice()].concat())
}

/// Returns what a command starts with to be run with the right to install, if that needs no question.
fn as_root() -> Option<Vec<&'static str>> {
    let is_root = || output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let may_sudo = || output_of(Command::new("sudo").args(["-n", "true"])).is_some();
    let words = if is_root() {
        vec!["env", "DEBIAN_FRONTEND=noninteractive"]
    } else if may_sudo() {
        vec!["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    } else {
        return None;
    };
    Some(words)
}

fn missing(groups: &[&[Package]]) -> Vec<(&'static str, &'static str)> {
    let all = groups.iter().flat_map(|group| group.iter());
    all.filter(|package| !(package.present)()).map(|package| (package.name, package.why)).collect()
}

fn has_venv() -> bool {
    output_of(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some()
}

/// Whether a Debian package is installed.
pub(crate) fn is_installed(package: &str) -> bool {
    output_of(Command::new("dpkg-query").args(["-W", "-f=${Status}", package]))
        .is_some_and(|status| status.contains("install ok installed"))
}
