//! Claims about connections and requests that don't behave.

use std::time::Duration;

use sync_server::http::{AppOptions, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::TestRelay;

async fn relay(limits: Limits) -> TestRelay {
    TestRelay::start_with(AppOptions { limits, ..AppOptions::default() }).await
}

/// Sends bytes and returns everything that comes back until the relay hangs up.
async fn raw(relay: &TestRelay, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(relay.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("hangs up");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_do_not_end_are_hung_up_on() {
    let relay = relay(Limits { header_timeout: Duration::from_millis(200), ..Limits::default() }).await;

    let answer = raw(&relay, b"GET /healthz HTTP/1.1\r\nhost: x\r\n").await;

    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_hung_up_on() {
    let relay = relay(Limits { header_timeout: Duration::from_millis(200), ..Limits::default() }).await;

    assert_eq!(raw(&relay, b"").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_end_times_out() {
    let relay = relay(Limits { request_timeout: Duration::from_millis(200), ..Limits::default() }).await;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100";

    let answer = raw(&relay, format!("{head}\r\nconnection: close\r\n\r\n{{").as_bytes()).await;

    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn oversize_and_ambiguous_requests_are_refused() {
    let relay = relay(Limits::default()).await;
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "b".repeat(100_000));
    let both = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\
        connection: close\r\n\r\n0\r\n\r\n";

    for (name, request) in [("many", many.as_str()), ("long", &long), ("not HTTP", "\0\0\0\0\r\n\r\n")] {
        let answer = raw(&relay, request.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{name}: {answer}");
    }
    let answer = raw(&relay, both.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_are_told_to_come_back() {
    let relay = relay(Limits { connections_max: 1, ..Limits::default() }).await;
    let _held = relay.connect().await;

    let answer = raw(&relay, b"").await;

    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 5"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    assert!(answer.contains(&format!("content-length: {}", body.len())), "{answer}");
    assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_counts_are_told() {
    let (relay, ada) = TestRelay::with_ada().await;
    let _socket = relay.connect_as(&ada, 1).await;

    let health = relay.get("/healthz", None).await;
    let metrics = String::from_utf8(relay.get("/metrics", None).await.bytes).unwrap();

    assert_eq!((health.status, health.bytes.as_slice()), (200, b"ok\n".as_slice()));
    for line in
        ["trailtrack_sockets 1", "trailtrack_connections 1", "trailtrack_waiting_bytes 0", "trailtrack_head_seq 3"]
    {
        assert!(metrics.lines().any(|found| found == line), "{line} in {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_core_has_ended_is_not_well() {
    let relay = TestRelay::start().await;
    relay.app.hub.shut_down();

    let health = relay.get("/healthz", None).await;

    assert_eq!((health.status, health.code(), health.header("retry-after")), (503, "busy", "2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_too_often_is_told_when_to_come_back() {
    let limits = Limits { requests_per_minute: 5, ..Limits::default() };
    let (relay, ada) = TestRelay::with_ada_and(AppOptions { limits, ..AppOptions::default() }).await;
    let token = ada["access_token"].as_str();
    for _ in 0..5 {
        assert_eq!(relay.get("/api/v1/me", token).await.status, 200);
    }

    let refused = relay.get("/api/v1/accounts", token).await;
    let other = relay.sign_in(crate::harness::ADA, crate::harness::PASSWORD, 2).await;

    assert_eq!((refused.status, refused.code()), (429, "too_many_requests"));
    assert!((1..=13).contains(&refused.header("retry-after").parse::<u32>().unwrap()), "{refused:?}");
    assert_eq!(relay.me(&other.body).await.status, 200, "another session has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_and_exports_have_rates_of_their_own() {
    let (relay, ada) = TestRelay::with_ada().await;
    let token = ada["access_token"].as_str();
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(relay.get("/api/v1/audit.csv", token).await.status);
    }

    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
    assert_eq!(relay.get("/api/v1/accounts?q=acme", token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pushes_too_fast_is_slowed_down_and_loses_nothing() {
    const RATE: u32 = 400;
    let limits = Limits { changes_per_second: RATE, changes_burst: 50, ..Limits::default() };
    let (relay, ada) = TestRelay::with_ada_and(AppOptions { limits, ..AppOptions::default() }).await;
    let mut socket = relay.connect_as(&ada, 1).await;
    let mut author = crate::harness::Author::new(&ada, 1);
    let pushes: Vec<_> = (0..450).map(|number| author.create_account(&format!("Account {number}")).1).collect();
    let start = tokio::time::Instant::now();

    for push in pushes {
        socket.send(push).await;
    }
    let verdicts = socket.verdicts(450).await;

    assert!(verdicts.iter().all(Result::is_ok), "nothing is refused");
    // 400 beyond the burst at 400 a second, less what was on its way when the core had not counted yet.
    assert!(start.elapsed() > Duration::from_millis(500), "{:?}", start.elapsed());
}
