//! The virus scanner: a small one that speaks clamd's protocol, and the real one where it is installed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sync_server::attachments::scan::Clamd;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::attacks::files::account;
use crate::harness::{Answer, Files, TestRelay};

/// What the scanners of these tests find.
const BAD: &[u8] = b"a line that our own signature knows: trailtrack-test-signature";

/// Answers `INSTREAM` as clamd does; finds [`BAD`]. Returns its address.
async fn stub_clamd() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

async fn answer(mut stream: TcpStream) {
    let mut command = [0; 10];
    stream.read_exact(&mut command).await.unwrap();
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let length = usize::try_from(stream.read_u32().await.unwrap()).unwrap();
        if length == 0 {
            break;
        }
        let from = file.len();
        file.resize(from + length, 0);
        stream.read_exact(&mut file[from..]).await.unwrap();
    }
    let found = file.windows(BAD.len()).any(|part| part == BAD);
    let said: &[u8] = if found { b"stream: Trailtrack.Test FOUND\0" } else { b"stream: OK\0" };
    stream.write_all(said).await.unwrap();
}

async fn upload(relay: &TestRelay, ada: &Value, bytes: Vec<u8>) -> String {
    let account = account(relay, ada).await;
    let path = format!("/api/v1/attachments/upload?linked_type=account&linked_id={account}&filename=a.bin");
    let made = relay.request("POST", &path, &[], ada["access_token"].as_str(), bytes).await;
    assert_eq!((made.status, &made.body["scan"]), (201, &json!("pending")));
    made.body["id"].as_str().unwrap().to_owned()
}

async fn download(relay: &TestRelay, ada: &Value, id: &str) -> Answer {
    relay.ask("GET", &format!("/api/v1/attachments/{id}/download"), ada, &Value::Null).await
}

async fn state(relay: &TestRelay, ada: &Value, id: &str) -> Value {
    relay.ask("GET", &format!("/api/v1/attachments/{id}"), ada, &Value::Null).await.body["scan"].clone()
}

async fn bad_files_are_blocked_and_good_ones_clean(clamd: Clamd) {
    let (relay, ada) = TestRelay::with_ada_keeping(Files { clamd: Some(clamd), ..Files::default() }).await;
    let long = [vec![b'x'; 1_500_000], BAD.to_vec(), vec![b'y'; 700_000]].concat();
    let (good, bad) = (upload(&relay, &ada, b"harmless".to_vec()).await, upload(&relay, &ada, long).await);

    relay.app.look_after_files(None).await;

    assert_eq!(state(&relay, &ada, &good).await, "clean");
    assert_eq!(download(&relay, &ada, &good).await.bytes, b"harmless");
    assert_eq!(state(&relay, &ada, &bad).await, "blocked");
    let blocked = download(&relay, &ada, &bad).await;
    assert_eq!((blocked.status, blocked.code()), (403, "blocked_by_scan"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_scanner_finds_is_blocked_and_the_rest_is_clean() {
    bad_files_are_blocked_and_good_ones_clean(Clamd::Tcp(stub_clamd().await.to_string())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_a_file_waits_and_is_never_called_clean() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    let clamd = Some(Clamd::Tcp(gone.to_string()));
    let (relay, ada) = TestRelay::with_ada_keeping(Files { clamd, ..Files::default() }).await;

    let id = upload(&relay, &ada, b"anything".to_vec()).await;
    relay.app.look_after_files(None).await;

    assert_eq!(state(&relay, &ada, &id).await, "pending");
    let waiting = download(&relay, &ada, &id).await;
    assert_eq!((waiting.status, waiting.code()), (409, "scan_pending"));
}

/// Debian's `clamav-daemon`, with a signature of our own.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_clamd_is_understood() {
    let clamd = "/usr/sbin/clamd";
    assert!(std::fs::exists(clamd).unwrap(), "`cargo xtask test` installs clamav-daemon");
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("clamd.sock");
    write_settings(dir.path(), &socket);
    let mut daemon = Command::new(clamd)
        .arg("--foreground")
        .arg(format!("--config-file={}", dir.path().join("clamd.conf").display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..300 {
        if socket.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let scanned = tokio::spawn(bad_files_are_blocked_and_good_ones_clean(Clamd::Unix(socket))).await;

    daemon.kill().unwrap();
    daemon.wait().unwrap();
    scanned.unwrap();
}

fn write_settings(dir: &Path, socket: &Path) {
    let database = dir.join("db");
    std::fs::create_dir(&database).unwrap();
    let hex: String = BAD.iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(database.join("own.ndb"), format!("Trailtrack.Test:0:*:{hex}\n")).unwrap();
    let settings = format!(
        "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\nUser {}\n",
        socket.display(),
        database.display(),
        whoami()
    );
    std::fs::write(dir.join("clamd.conf"), settings).unwrap();
}

fn whoami() -> String {
    String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned()
}
