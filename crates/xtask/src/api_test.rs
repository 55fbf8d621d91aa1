//! `cargo xtask api-test`: a property-based tester against a running relay, as nobody, viewer, user and administrator.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::shell::{Steps, cargo, root, run, say, target_dir};

/// The tester, from PyPI.
const TESTER: &str = "schemathesis==4.32.5";
/// What the three people sign in with; the relay lives for one run and listens on this machine only.
const PASSWORD: &str = "correct horse battery staple";
/// Tries before a relay that does not answer is given up.
const STARTS_MAX: u32 = 100;

/// How thoroughly to test.
#[derive(Debug, clap::Args)]
pub(crate) struct ApiTestOptions {
    /// Examples for each operation and phase.
    #[arg(long, default_value_t = 25)]
    examples: u32,
    /// Only this role: anonymous, viewer, user or admin.
    #[arg(long)]
    role: Option<String>,
    /// Where chance starts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Phases of the tester, separated by commas.
    #[arg(long, default_value = "examples,coverage,fuzzing,stateful")]
    phases: String,
    /// Only this operation, by its id in the document.
    #[arg(long)]
    operation: Option<String>,
    /// Minutes after which a role's run is ended, which counts as a finding.
    #[arg(long, default_value_t = 20)]
    minutes: u64,
}

/// What the tester said about a role, and after how long.
struct Verdict {
    role: &'static str,
    words: &'static str,
    secs: u64,
}

const CLEAN: &str = "nothing found";

/// Runs the tester for every role.
pub(crate) fn api_test(options: &ApiTestOptions) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    let tester = steps.step("the tester", install)?;
    steps.step("the relay", || run(cargo().args(["build", "--workspace", "--bin", "trailtrack-relay"])))?;
    let mut verdicts = Vec::new();
    for role in ["anonymous", "viewer", "user", "admin"] {
        if options.role.as_deref().is_none_or(|only| only == role) {
            verdicts.push(steps.step(role, || test_as(role, &tester, options))?);
        }
    }
    steps.summary();
    say("\n== The API, tested by its own description");
    for Verdict { role, words, secs } in &verdicts {
        say(format!("{role:>9}: {words} ({secs} s)"));
    }
    if verdicts.iter().all(|verdict| verdict.words == CLEAN) { Ok(()) } else { bail!("the tester has findings") }
}

/// Installs the tester below the user's cache folder, unless it is there.
fn install() -> anyhow::Result<PathBuf> {
    Ok(crate::python::environment(TESTER)?.join("bin/schemathesis"))
}

/// A relay that ends with the value.
struct RelayProcess(Child);

impl Drop for RelayProcess {
    fn drop(&mut self) {
        // One that has ended already needs no killing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Each role gets a relay of its own: one person's findings must not hang on another's records.
fn test_as(role: &'static str, tester: &Path, options: &ApiTestOptions) -> anyhow::Result<Verdict> {
    let data = std::env::temp_dir().join(format!("trailtrack-api-test-{}-{role}", std::process::id()));
    let relay = target_dir().join("debug/trailtrack-relay");
    for person in ["admin", "user", "viewer"] {
        create(&relay, &data, person)?;
    }
    let address = free_address()?;
    let mut serve = Command::new(&relay);
    serve
        .args(["serve", "--requests-per-minute", "0", "--listen", &address, "--data"])
        .arg(&data)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let process = RelayProcess(serve.spawn().context("could not start the relay")?);
    let base = format!("http://{address}/api/v1");
    wait_for(&base)?;
    let result = schemathesis(tester, &base, role, options);
    drop(process);
    std::fs::remove_dir_all(&data)?;
    result
}

fn schemathesis(tester: &Path, base: &str, role: &'static str, options: &ApiTestOptions) -> anyhow::Result<Verdict> {
    let config = root().join("sync-server/docs/schemathesis.toml");
    let mut command = Command::new(tester);
    command.arg("--config-file").arg(config).arg("run").arg(format!("{base}/openapi.json"));
    // No `--checks all`: what is named on the command line can't be turned off for an operation, and all is what runs.
    command.args(["--url", base, "--phases", &options.phases]);
    command.args(["--max-examples", &options.examples.to_string(), "--seed", &options.seed.to_string()]);
    let hooks = root().join("sync-server/docs/schemathesis_hooks.py");
    command.env("SCHEMATHESIS_HOOKS", hooks).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("API_TEST_BASE", base).env("API_TEST_ROLE", role).env("API_TEST_PASSWORD", PASSWORD);
    if let Some(operation) = &options.operation {
        command.args(["--include-operation-id", operation]);
    }
    say(format!("$ schemathesis run {base}/openapi.json (as {role})"));
    let mut child = command.current_dir(std::env::temp_dir()).spawn().context("could not start schemathesis")?;
    for secs in 0..options.minutes.saturating_mul(60) {
        if let Some(status) = child.try_wait()? {
            return Ok(Verdict { role, words: if status.success() { CLEAN } else { "findings, see above" }, secs });
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    child.kill()?;
    child.wait()?;
    Ok(Verdict { role, words: "not finished in time", secs: options.minutes.saturating_mul(60) })
}

fn create(relay: &Path, data: &Path, role: &str) -> anyhow::Result<()> {
    let mut command = Command::new(relay);
    command.args(["admin", "create", "--name", role, "--role", role]);
    command.args(["--email", &format!("{role}@example.org"), "--data"]).arg(data);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    child.stdin.take().context("no standard input")?.write_all(format!("{PASSWORD}\n").as_bytes())?;
    if child.wait()?.success() { Ok(()) } else { bail!("could not create {role}") }
}

fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn curl(arguments: &[&str]) -> Option<String> {
    let output = Command::new("curl").args(["--silent", "--fail"]).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn wait_for(base: &str) -> anyhow::Result<()> {
    for _ in 0..STARTS_MAX {
        if curl(&[&format!("{base}/openapi.json")]).is_some() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("the relay does not answer at {base}")
}
