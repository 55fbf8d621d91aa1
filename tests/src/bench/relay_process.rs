//! A relay in a process of its own, so that its memory and its threads are not the crowd's.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Value as Json, json};

use super::figure::BenchError;
use super::relay_side::Env;
use super::socket::Served;

/// A relay that ends with the value.
pub(crate) struct RelayProcess {
    child: Child,
    /// It stops when this is closed.
    hold: Option<ChildStdin>,
    pub(crate) address: SocketAddr,
    /// Sets the relay up.
    pub(crate) setup_token: String,
}

impl RelayProcess {
    /// Starts a new relay with its files in `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self, BenchError> {
        let mut command = Command::new(std::env::current_exe()?);
        let piped = command.arg("--relay").arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn()?;
        let hold = child.stdin.take();
        let mut line = String::new();
        let out = child.stdout.take().ok_or(BenchError::Stalled("a relay"))?;
        BufReader::new(out).read_line(&mut line)?;
        let said: Json = serde_json::from_str(&line)?;
        let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
        let address = text("address").parse().map_err(|_| BenchError::Stalled("a relay's address"))?;
        Ok(Self { child, hold, address, setup_token: text("setup_token") })
    }

    /// Bytes of memory that it holds now.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1_024
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        self.hold.take();
        // It ends by itself; one that does not would hold the folder.
        let _ = self.child.wait();
    }
}

/// Is that relay: serves until standard input ends. `say` is called once, with a line for whoever started it.
///
/// # Errors
/// When it can't be served.
pub fn be_a_relay(folder: &Path, say: impl FnOnce(&Json)) -> Result<(), BenchError> {
    let served = Served::start(folder, &folder.join("relay.db"), Env::new(4_712))?;
    let token = served.setup_token()?;
    say(&json!({ "address": served.address().to_string(), "setup_token": token }));
    std::io::stdin().read_to_end(&mut Vec::new())?;
    served.stop()
}
