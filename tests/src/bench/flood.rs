//! Guessing passwords at the top of one's voice, from many addresses: what everybody else notices of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::figure::{BenchError, Figure, ManySamples, Samples, moment};
use super::relay_process::RelayProcess;
use super::world::Worlds;

const GUESSERS: u8 = 200;
const ASKED: usize = 1_000;
const PASSWORD: &str = "correct horse battery staple";

/// What a request of somebody who is signed in takes, at rest and while two hundred guess.
pub(crate) fn sign_ins(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let asked = worlds.size(ASKED);
    let relay = RelayProcess::start(&worlds.folder()?)?;
    let (rest, flood, guesses) = Runtime::new()?.block_on(measure(&relay, asked))?;
    let times = flood.percentile(99) / rest.percentile(99).max(f64::EPSILON);
    Ok(vec![Figure::new("login_flood_slows_others_p99", times, "times").bar(2.0).detail(json!({
        "at_rest_millis": rest.spread(), "in_the_flood_millis": flood.spread(), "guesses": guesses,
        "how": "GET /me over a new connection, one after the other; 200 guessers, each on an address and for an account of \
                its own, begin again as soon as they are answered; Argon2id as in production",
    }))])
}

async fn measure(relay: &RelayProcess, asked: usize) -> Result<(Samples, Samples, u64), BenchError> {
    let body = json!({ "token": relay.setup_token, "name": "Ada", "email": "ada@example.org", "password": PASSWORD,
        "device_id": "0192b5e4-0000-7000-8000-000000000001", "device_name": "bench" });
    let (_, session) = post(relay.address, Ipv4Addr::LOCALHOST, "/auth/setup", &body).await?;
    let token = session["access_token"].as_str().ok_or(BenchError::Stalled("a session"))?.to_owned();
    let rest = ask(relay.address, &token, asked).await?;
    let (over, guesses) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut guessing = JoinSet::new();
    for number in 1..=GUESSERS {
        guessing.spawn(guess(relay.address, number, (Arc::clone(&over), Arc::clone(&guesses))));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let flood = ask(relay.address, &token, asked).await?;
    over.store(true, Ordering::Relaxed);
    guessing.join_all().await;
    Ok((rest.sorted(), flood.sorted(), guesses.load(Ordering::Relaxed)))
}

async fn ask(at: SocketAddr, token: &str, count: usize) -> Result<ManySamples, BenchError> {
    let request =
        format!("GET /api/v1/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n");
    let mut samples = ManySamples::default();
    for number in 0..count {
        let start = moment();
        let (status, _) = exchange(at, Ipv4Addr::LOCALHOST, &request).await?;
        samples.0.push(start.elapsed());
        // So many a minute are free; who is over it is answered sooner, which would flatter.
        if status != 200 {
            return Err(BenchError::Wrong { what: "status", expected: 200, found: u64::from(status) });
        }
        if number % 4 == 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    Ok(samples)
}

async fn guess(at: SocketAddr, number: u8, (over, guesses): (Arc<AtomicBool>, Arc<AtomicU64>)) {
    let mut tries = 0_u64;
    while !over.load(Ordering::Relaxed) {
        let body = json!({ "email": format!("user{number}-{tries}@example.org"), "password": "not the one that it is",
            "device_id": "0192b5e4-0000-7000-8000-000000000002", "device_name": "guesser" });
        // Every try from another address: what is measured is not the bound on one.
        let from = Ipv4Addr::new(127, number, (tries / 250 % 250) as u8, (tries % 250 + 1) as u8);
        tries += 1;
        if post(at, from, "/auth/login", &body).await.is_ok() {
            guesses.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn post(at: SocketAddr, from: Ipv4Addr, path: &str, body: &Json) -> Result<(u16, Json), BenchError> {
    let body = body.to_string();
    let head = format!("POST /api/v1{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json");
    let (status, text) = exchange(at, from, &format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

/// One request over a connection of its own; the status and the body.
async fn exchange(at: SocketAddr, from: Ipv4Addr, request: &str) -> Result<(u16, String), BenchError> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
    let mut stream = socket.connect(at).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}
