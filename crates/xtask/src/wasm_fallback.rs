//! Building for wasm where rustup can download nothing: Debian's own Rust for the web.
//!
//! Its standard library comes as source and is built along, which the pinned toolchain could not do without
//! the same source.

use std::process::Command;

use anyhow::bail;

use crate::setup::{self, WASM_TARGET};
use crate::shell::{output_of, run, say};

/// Debian's packages, the C tools in the version that goes with them.
const PACKAGES: &[(&str, &str)] = &[
    ("rustc-web", "Rust for wasm"),
    ("cargo-web", "Rust for wasm"),
    ("rust-web-src", "Rust's standard library"),
    ("lld-22", "linker for wasm"),
    ("clang-22", "C compiler for wasm"),
    ("llvm-22", "archiver for wasm"),
];

/// How wasm is built on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// rustup's toolchain has the target.
    Rustup,
    /// Debian's packages, the standard library built along.
    Debian,
}

/// Sees to a toolchain that can build for wasm.
pub(crate) fn toolchain() -> anyhow::Result<Toolchain> {
    if has_target() {
        return Ok(Toolchain::Rustup);
    }
    say("Adding the wasm target");
    if run(Command::new("rustup").args(["target", "add", WASM_TARGET])).is_ok() && has_target() {
        return Ok(Toolchain::Rustup);
    }
    say("rustup could not add it; using Debian's packages instead");
    debian()
}

/// Sees to Debian's packages.
pub(crate) fn debian() -> anyhow::Result<Toolchain> {
    let missing = PACKAGES.iter().copied().filter(|(name, _)| !setup::is_installed(name)).collect::<Vec<_>>();
    match setup::install(&missing) {
        Ok(()) => Ok(Toolchain::Debian),
        Err(error) => bail!("no way to build for wasm; try `rustup target add {WASM_TARGET}`, or: {error}"),
    }
}

/// Returns a cargo command that builds for wasm with this toolchain.
pub(crate) fn cargo_build(toolchain: Toolchain) -> Command {
    let mut cargo = match toolchain {
        Toolchain::Rustup => rustup_cargo(),
        Toolchain::Debian => debian_cargo(),
    };
    cargo.args(["build", "--target", WASM_TARGET]);
    if toolchain == Toolchain::Debian {
        cargo.args(["-Z", "build-std=std,panic_abort"]);
    }
    cargo
}

/// Lints the code that exists for wasm only.
pub(crate) fn lint() -> anyhow::Result<()> {
    if toolchain()? == Toolchain::Debian {
        say("Debian's packages for wasm bring no clippy: not linted here");
        return Ok(());
    }
    let target = ["--target", WASM_TARGET, "--package", "client-web", "--locked", "--quiet"];
    run(rustup_cargo().arg("clippy").args(target).args(["--", "-D", "warnings"]))
}

fn rustup_cargo() -> Command {
    let mut cargo = crate::shell::cargo();
    for (variable, name) in [("CC_wasm32_unknown_unknown", "clang"), ("AR_wasm32_unknown_unknown", "llvm-ar")] {
        if std::env::var_os(variable).is_none()
            && let Some(tool) = setup::tool(name)
        {
            cargo.env(variable, tool);
        }
    }
    cargo
}

fn debian_cargo() -> Command {
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo.current_dir(crate::shell::root());
    cargo.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
    cargo.env("CC_wasm32_unknown_unknown", "clang-22").env("AR_wasm32_unknown_unknown", "llvm-ar-22");
    cargo
}

fn has_target() -> bool {
    let sysroot = output_of(Command::new("rustc").current_dir(crate::shell::root()).args(["--print", "sysroot"]));
    sysroot.is_some_and(|path| std::path::Path::new(path.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir())
}
