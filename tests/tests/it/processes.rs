//! The real programs, as people and scripts start them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value as Json;

pub(crate) const EMAIL: &str = "ann@example.org";
pub(crate) const PASSWORD: &str = "violet harbour kettle 42";

/// A program of this workspace, built beside the tests.
pub(crate) fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("tests know where they are");
    let folder = tests.ancestors().nth(2).expect("tests lie in target/<profile>/deps");
    let path = folder.join(name);
    assert!(path.exists(), "{name} is not built: run the tests with `cargo xtask test`");
    path
}

fn create_person(data: &Path, words: &[&str]) {
    let mut admin = Command::new(program("trailtrack-relay"))
        .args(["admin", "create"])
        .args(words)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the relay's command line starts");
    admin.stdin.take().expect("piped").write_all(PASSWORD.as_bytes()).expect("the password is taken");
    assert!(admin.wait().expect("it ends").success());
}

const ANN: [&str; 4] = ["--email", EMAIL, "--name", "Ann Lee"];

/// A relay with one administrator, on a port that stays the same.
pub(crate) struct TestRelay {
    data: PathBuf,
    web: Option<PathBuf>,
    port: u16,
    process: Option<Child>,
    /// Where the relay's words arrive; it must not find the pipe closed.
    said: Option<BufReader<ChildStdout>>,
}

impl TestRelay {
    /// Prepares a relay; `start` runs it.
    pub(crate) fn new(folder: &Path, web: Option<PathBuf>) -> Self {
        let data = folder.join("relay");
        create_person(&data, &ANN);
        let free = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        let port = free.local_addr().expect("it is bound").port();
        Self { data, web, port, process: None, said: None }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it keeps everything.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Loses the relay's disk; a new relay knows the administrator by the id they had.
    pub(crate) fn lose_disk(&mut self, admin: &str) {
        self.kill();
        std::fs::remove_dir_all(&self.data).expect("there is a disk to lose");
        create_person(&self.data, &[ANN.as_slice(), &["--id", admin]].concat());
    }

    /// Adds somebody while the relay is stopped; their password is everybody's.
    pub(crate) fn add_person(&self, email: &str, name: &str, role: &str) {
        create_person(&self.data, &["--email", email, "--name", name, "--role", role]);
    }

    /// Changes somebody's role while the relay is stopped.
    pub(crate) fn set_role(&self, email: &str, role: &str) {
        let mut command = Command::new(program("trailtrack-relay"));
        command.args(["admin", "set-role", "--email", email, "--role", role, "--data"]).arg(&self.data);
        assert!(command.stdout(Stdio::null()).status().expect("the relay's command line starts").success());
    }

    /// Starts the relay and waits until it listens.
    pub(crate) fn start(&mut self) {
        let mut command = Command::new(program("trailtrack-relay"));
        command.arg("serve").arg("--data").arg(&self.data).arg("--listen").arg(format!("127.0.0.1:{}", self.port));
        command.args(["--file-max", "512"]);
        if let Some(web) = &self.web {
            command.arg("--web").arg(web);
        }
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the relay starts");
        let mut said = BufReader::new(process.stdout.take().expect("piped"));
        let mut line = String::new();
        said.read_line(&mut line).expect("the relay says where it is");
        assert!(line.contains("127.0.0.1"), "{line}");
        self.process = Some(process);
        self.said = Some(said);
    }

    /// Ends the relay as a service manager does.
    pub(crate) fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let ended = Command::new("kill").arg(process.id().to_string()).status().expect("kill runs");
        assert!(ended.success() && process.wait().expect("it ends").success());
    }

    /// Ends the relay without a word of warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it ends");
        }
    }

    /// What the relay finds when it checks its own data.
    pub(crate) fn verify(&self) -> Output {
        Command::new(program("trailtrack-relay")).arg("verify").arg("--data").arg(&self.data).output().expect("it runs")
    }
}

impl Drop for TestRelay {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The native client on one profile.
pub(crate) struct Native {
    profile: PathBuf,
}

impl Native {
    pub(crate) fn new(folder: &Path, name: &str) -> Self {
        Self { profile: folder.join(name) }
    }

    /// The command, ready to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("trailtrack"));
        command.arg("--profile").arg(&self.profile).arg("--json").args(arguments);
        command
    }

    /// Runs a command that must succeed and returns its JSON.
    pub(crate) fn run(&self, arguments: &[&str]) -> Json {
        let output = self.command(arguments).output().expect("the client starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        serde_json::from_slice(&output.stdout).expect("commands print JSON")
    }

    /// Joins the team on a relay.
    pub(crate) fn join(&self, url: &str) {
        assert!(self.try_join(url));
    }

    /// Joins, and exchanges as much as the line lets through; whether that was everything.
    pub(crate) fn try_join(&self, url: &str) -> bool {
        self.try_join_as(url, EMAIL)
    }

    /// Joins as somebody else than the first administrator.
    pub(crate) fn join_as(&self, url: &str, email: &str) {
        assert!(self.try_join_as(url, email));
    }

    fn try_join_as(&self, url: &str, email: &str) -> bool {
        let mut process = self
            .command(&["join", "--server", url, "--email", email])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the client starts");
        process.stdin.take().expect("piped").write_all(PASSWORD.as_bytes()).expect("the password is taken");
        process.wait().expect("it ends").success()
    }

    pub(crate) fn sync(&self) -> Json {
        self.run(&["sync", "--once"])
    }

    /// Exchanges everything, whether or not something lies in the tray.
    pub(crate) fn sync_whatever(&self) {
        self.command(&["sync", "--once"]).output().expect("the client starts");
    }

    pub(crate) fn list(&self, kind: &str) -> Vec<Json> {
        match self.run(&["list", kind]) {
            Json::Array(records) => records,
            other => panic!("a list is an array, not {other}"),
        }
    }
}

/// Records and the sum of leads' values, as every client must show them.
pub(crate) fn figures(contacts: &[Json], accounts: &[Json], leads: &[Json]) -> (usize, usize, usize, i64) {
    let sum = leads.iter().map(|lead| lead["value_cents"].as_i64().expect("leads have values")).sum();
    (contacts.len(), accounts.len(), leads.len(), sum)
}
