//! Claims about the program: the command line, signals, logs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::harness::{ADA, PASSWORD, device_id};

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailtrack-relay"));
    command.env_clear().env("TRAILTRACK_DATA", data).env("RUST_LOG", "trace");
    command
}

/// Runs a task to its end, with a line on standard input.
fn run(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = program(data)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A task that reads nothing may be gone already.
    let _ = writeln!(child.stdin.take().unwrap(), "{input}");
    child.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A relay in its own process; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
    setup_token: Option<String>,
}

impl Serving {
    pub(crate) fn start(data: &Path) -> Self {
        let mut child = program(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        let mut serving = Self { child, url, setup_token: None };
        if !has_admin(data) {
            line.clear();
            out.read_line(&mut line).unwrap();
            serving.setup_token = line.trim().split_once("/setup?token=").map(|(_, token)| token.to_owned());
        }
        serving
    }

    pub(crate) fn post(&self, path: &str, body: &Value, bearer: Option<&str>) -> (u16, Value) {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let mut request = ureq::Agent::new_with_config(config).post(format!("{}{path}", self.url));
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut answer = request.header("content-type", "application/json").send(body.to_string()).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
    }

    pub(crate) fn sign_in(&self, password: &str) -> (u16, Value) {
        let body = json!({"email": ADA, "password": password, "device_id": device_id(1), "device_name": "laptop"});
        self.post("/api/v1/auth/login", &body, None)
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
    }

    /// Stops the relay with a signal; whether it ended well, and its log.
    pub(crate) fn stop(mut self, signal: &str) -> (bool, String) {
        self.signal(signal);
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().success(), log)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Stopped already unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn has_admin(data: &Path) -> bool {
    !lines(&run(data, &["admin", "list"], "")).is_empty()
}

pub(crate) fn create_ada(data: &Path) -> Output {
    run(data, &["admin", "create", "--email", ADA, "--name", "Ada Lovelace"], PASSWORD)
}

#[test]
fn an_administrator_made_on_the_command_line_can_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let created = create_ada(dir.path());
    assert!(created.status.success(), "{}", errors(&created));
    assert_eq!(lines(&created)[0]["role"], "admin");

    let relay = Serving::start(dir.path());

    assert_eq!(relay.setup_token, None);
    let (status, body) = relay.sign_in(PASSWORD);
    assert_eq!((status, &body["user"]["email"]), (200, &json!(ADA)));
    assert_eq!(lines(&run(dir.path(), &["admin", "list"], "")), lines(&created));
}

#[test]
fn people_are_changed_while_the_relay_is_stopped_and_not_while_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    create_ada(dir.path());
    let relay = Serving::start(dir.path());

    let busy = run(dir.path(), &["admin", "reset", "--email", ADA], "a completely new one");
    assert_eq!(busy.status.code(), Some(1));
    assert!(errors(&busy).contains("a relay is running"), "{}", errors(&busy));
    let second = run(dir.path(), &["serve", "--listen", "127.0.0.1:0"], "");
    assert!(errors(&second).contains("a relay is running"), "{}", errors(&second));
    assert!(relay.stop("TERM").0);

    assert!(run(dir.path(), &["admin", "reset", "--email", ADA], "a completely new one").status.success());
    let last = run(dir.path(), &["admin", "set-role", "--email", ADA, "--role", "viewer"], "");
    assert!(errors(&last).contains("last administrator"), "{}", errors(&last));
    let relay = Serving::start(dir.path());
    assert_eq!(relay.sign_in(PASSWORD).0, 401);
    assert_eq!(relay.sign_in("a completely new one").0, 200);
}

#[test]
fn what_cannot_be_done_is_said_with_the_right_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let create = |input| run(dir.path(), &["admin", "create", "--email", ADA, "--name", "Ada"], input);

    for (output, code, words) in [
        (create("short"), 1, "at least 15 characters"),
        (create(""), 1, "standard input"),
        (run(dir.path(), &["admin", "create", "--email", "nobody", "--name", "N"], PASSWORD), 1, "e-mail address"),
        (run(dir.path(), &["admin", "reset", "--email", "no@example.org"], PASSWORD), 1, "nobody has this"),
        (run(dir.path(), &["frobnicate"], ""), 2, "frobnicate"),
        (run(&dir.path().join("nothing"), &["verify"], ""), 1, "no relay's data"),
        (run(dir.path(), &["serve", "--web", "/nonexistent"], ""), 1, "index.html"),
        (run(dir.path(), &["health", "--url", "http://127.0.0.1:1"], ""), 1, "no answer"),
    ] {
        assert_eq!(output.status.code(), Some(code), "{words}");
        assert!(errors(&output).contains(words), "{words} in {}", errors(&output));
    }
}

#[test]
fn a_signal_ends_the_relay_well() {
    let dir = tempfile::tempdir().unwrap();
    create_ada(dir.path());
    for signal in ["TERM", "INT"] {
        let relay = Serving::start(dir.path());
        relay.sign_in(PASSWORD);

        let (well, log) = relay.stop(signal);

        assert!(well, "{log}");
        assert!(log.contains("\"stopped\""), "{log}");
        assert!(!dir.path().join("relay.db-wal").exists(), "a database that was closed has no log beside it");
    }
}

#[test]
fn health_says_whether_the_relay_answers() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Serving::start(dir.path());

    let well = run(dir.path(), &["health", "--url", &relay.url], "");
    let by_address = run(dir.path(), &["health", "--listen", relay.url.trim_start_matches("http://")], "");

    assert_eq!((well.status.code(), by_address.status.code()), (Some(0), Some(0)), "{}", errors(&by_address));
}

#[test]
fn a_backup_of_a_running_relay_can_be_restored_and_verified() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create_ada(dir.path());
    let relay = Serving::start(dir.path());
    relay.sign_in(PASSWORD);
    let file = elsewhere.path().join("backup.db");
    let file = file.to_str().unwrap();
    let restored = elsewhere.path().join("data");

    let backup = run(dir.path(), &["backup", file], "");
    assert!(backup.status.success(), "{}", errors(&backup));
    let again = run(dir.path(), &["backup", file], "");
    assert_eq!(again.status.code(), Some(1), "nothing is overwritten");
    assert!(relay.stop("TERM").0);
    let done = run(&restored, &["restore", file], "");
    assert!(done.status.success(), "{}", errors(&done));
    let verified = [run(dir.path(), &["verify"], ""), run(&restored, &["verify"], "")];
    let [original, copy] = verified.map(|output| {
        assert!(output.status.success(), "{}", errors(&output));
        lines(&output).remove(0)
    });

    assert_eq!((&original["ok"], &original["documents"]), (&json!(true), &json!(3)));
    assert_eq!((&copy["entries"], &copy["head"]["digest"]), (&original["entries"], &original["head"]["digest"]));
    assert_ne!(copy["head"]["epoch"], original["head"]["epoch"], "clients see that history may be missing");
    assert_eq!(run(&restored, &["restore", file], "").status.code(), Some(1), "nothing is overwritten");
    let relay = Serving::start(&restored);
    assert_eq!(relay.sign_in(PASSWORD).0, 200);
}

#[test]
fn a_damaged_database_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("relay.db"), "this is no database, and long enough to be looked at".repeat(50))
        .unwrap();

    let verified = run(dir.path(), &["verify"], "");

    assert_eq!(verified.status.code(), Some(1));
    assert_eq!(lines(&verified)[0]["ok"], false, "{}", errors(&verified));
}

#[test]
fn the_setup_link_is_printed_until_somebody_used_it() {
    let dir = tempfile::tempdir().unwrap();
    let first = Serving::start(dir.path());
    let old = first.setup_token.clone().unwrap();
    first.stop("TERM");
    let relay = Serving::start(dir.path());
    let token = relay.setup_token.clone().unwrap();
    assert_ne!(old, token);
    let set_up = |token: &str| {
        let body = json!({"token": token, "name": "Ada", "email": ADA, "password": PASSWORD,
            "device_id": device_id(1), "device_name": "laptop"});
        relay.post("/api/v1/auth/setup", &body, None).0
    };

    assert_eq!(set_up(&old), 404);
    assert_eq!(set_up(&token), 201);
    assert_eq!(set_up(&token), 409);
}

#[test]
fn the_log_holds_no_secret_and_no_address_even_when_everything_is_logged() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Serving::start(dir.path());
    let token = relay.setup_token.clone().unwrap();
    let canaries =
        ["canary password one", "canary-wrong-password", "canary@example.org", "Canary Person", "canary-query"];
    let body = json!({"token": token, "name": canaries[3], "email": canaries[2], "password": canaries[0],
        "device_id": device_id(1), "device_name": "laptop"});

    let (status, session) = relay.post("/api/v1/auth/setup", &body, None);
    assert_eq!(status, 201, "{session}");
    let wrong = json!({"email": canaries[2], "password": canaries[1], "device_id": device_id(1), "device_name": ""});
    assert_eq!(relay.post("/api/v1/auth/login", &wrong, None).0, 401);
    let (_, continued) = relay.post("/api/v1/auth/refresh", &json!({"refresh_token": session["refresh_token"]}), None);
    let access = continued["access_token"].as_str().unwrap().to_owned();
    relay.post("/api/v1/sync?token=canary-query", &json!({}), Some(&access));
    let links = plant_in_links_and_passwords(&relay, &access, &canaries);
    let metrics = ureq::get(format!("{}/metrics", relay.url)).call().unwrap().body_mut().read_to_string().unwrap();
    relay.post("/api/v1/auth/logout", &json!({}), Some(&access));
    let (well, log) = relay.stop("TERM");

    assert!(well && log.contains("signed_out"), "{log}");
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "not JSON: {line}");
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let tokens = [
        token,
        text(&session["access_token"]),
        text(&session["refresh_token"]),
        access,
        text(&continued["refresh_token"]),
    ];
    for secret in tokens.iter().chain(&links).map(String::as_str).chain(canaries) {
        assert!(!log.contains(secret), "{secret} in the log");
        assert!(!metrics.contains(secret), "{secret} in the metrics");
    }
}

/// Uses every other route that takes or gives a secret; returns the secrets that the relay made.
fn plant_in_links_and_passwords(relay: &Serving, access: &str, canaries: &[&str]) -> Vec<String> {
    let admin = Some(access);
    let change = json!({"current_password": canaries[1], "new_password": "canary password changed"});
    assert_eq!(relay.post("/api/v1/auth/password", &change, admin).0, 403);
    let change = json!({"current_password": canaries[0], "new_password": "canary password changed"});
    assert_eq!(relay.post("/api/v1/auth/password", &change, admin).0, 204);
    let register =
        json!({"name": canaries[3], "email": "canary2@example.org", "role": "user", "password": canaries[0]});
    let (_, registered) = relay.post("/api/v1/auth/register", &register, admin);
    let invite = json!({"name": canaries[3], "email": "canary3@example.org", "role": "user"});
    let (_, invited) = relay.post("/api/v1/auth/invite", &invite, admin);
    let reset = format!("/api/v1/users/{}/reset-link", registered["id"].as_str().unwrap());
    let (_, offered) = relay.post(&reset, &json!({}), admin);
    let token = |made: &Value| made["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    let (invitation, reset) = (token(&invited), token(&offered));
    relay.post("/api/v1/auth/link", &json!({"token": "canary-link"}), None);
    let accept = json!({"token": invitation, "password": "canary password chosen", "device_id": device_id(7),
        "device_name": "canary-device", "carrier": "cookie"});
    let (status, session) = relay.post("/api/v1/auth/accept", &accept, None);
    assert_eq!(status, 201, "{session}");
    let own =
        ["canary password changed", "canary password chosen", "canary-link", "canary2@", "canary3@", "canary-device"];
    let made = [invitation, reset, session["access_token"].as_str().unwrap().to_owned()];
    own.into_iter().map(str::to_owned).chain(made).collect()
}

#[test]
fn the_audit_log_is_verified_and_survives_a_restore() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create_ada(dir.path());
    let relay = Serving::start(dir.path());
    relay.sign_in(PASSWORD);
    assert!(relay.stop("TERM").0);
    let file = elsewhere.path().join("backup.db");
    let restored = elsewhere.path().join("data");

    assert!(run(dir.path(), &["backup", file.to_str().unwrap()], "").status.success());
    assert!(run(&restored, &["restore", file.to_str().unwrap()], "").status.success());

    let actions = |data: &Path| {
        let db = rusqlite::Connection::open(data.join("relay.db")).unwrap();
        let mut statement = db.prepare("SELECT action FROM audit ORDER BY seq").unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(actions(&restored), ["person_created", "sign_in", "backed_up", "restored"]);
    let verified = run(&restored, &["verify"], "");
    assert!(verified.status.success(), "{}", errors(&verified));
    assert_eq!(lines(&verified)[0]["audit"]["entries"], 4);

    let db = rusqlite::Connection::open(restored.join("relay.db")).unwrap();
    db.execute_batch("DROP TRIGGER audit_is_never_changed; UPDATE audit SET by_user = zeroblob(16) WHERE seq = 2;")
        .unwrap();
    drop(db);
    let verified = run(&restored, &["verify"], "");
    assert_eq!(verified.status.code(), Some(1));
    assert_eq!(lines(&verified)[0]["problems"][0], "audit entry 2 was changed, or one after it is gone");
}

#[test]
fn a_backup_holds_the_files_and_a_restore_checks_every_byte() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create_ada(dir.path());
    let relay = Serving::start(dir.path());
    let token = relay.sign_in(PASSWORD).1["access_token"].as_str().unwrap().to_owned();
    let account = relay.post("/api/v1/accounts", &json!({"name": "Acme"}), Some(&token)).1;
    let place = format!("{}/api/v1/attachments/upload?linked_type=account&filename=a.txt", relay.url);
    let upload = |bytes: &[u8]| {
        let url = format!("{place}&linked_id={}", account["id"].as_str().unwrap());
        let request = ureq::post(url).header("authorization", format!("Bearer {token}"));
        let text = request.send(bytes).unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let (small, large) = (upload(b"small"), upload(&vec![7; 3 << 20]));
    let file = elsewhere.path().join("backup.db");
    let file = file.to_str().unwrap();
    let restored = elsewhere.path().join("data");

    let backup = run(dir.path(), &["backup", file], "");
    assert!(backup.status.success(), "{}", errors(&backup));
    assert_eq!((&lines(&backup)[0]["files"], &lines(&backup)[0]["file_bytes"]), (&json!(2), &json!(5 + (3 << 20))));
    assert!(relay.stop("TERM").0);
    assert!(run(&restored, &["restore", file], "").status.success());
    let verified = run(&restored, &["verify"], "");

    assert_eq!((&lines(&verified)[0]["ok"], &lines(&verified)[0]["files"]), (&json!(true), &json!(2)), "{verified:?}");
    let again = Serving::start(&restored);
    let token = again.sign_in(PASSWORD).1["access_token"].as_str().unwrap().to_owned();
    for (attachment, length) in [(&small, 5), (&large, 3 << 20)] {
        let url = format!("{}/api/v1/attachments/{}/download", again.url, attachment["id"].as_str().unwrap());
        let got = ureq::get(url).header("authorization", format!("Bearer {token}")).call().unwrap();
        assert_eq!(got.into_body().read_to_vec().unwrap().len(), length);
    }
    let damaged = format!("{file}.files/{}", small["checksum"].as_str().unwrap());
    std::fs::write(damaged, "smell").unwrap();
    let other = elsewhere.path().join("other");
    let partly = run(&other, &["restore", file], "");
    assert_eq!(partly.status.code(), Some(1), "what could be saved is, and the rest is named");
    assert!(lines(&partly)[0]["problems"][0].as_str().unwrap().contains("bytes have changed"), "{partly:?}");
    assert_eq!(lines(&partly)[0]["files"], 1);
}
