//! Bytes that are not HTTP, not WebSocket, or too many.

use std::time::Duration;

use sync::wire::{ClientFrame, FRAME_MAX, Farewell, Pull, RelayFrame};
use sync_server::http::{AppOptions, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestRelay, TestSocket};

async fn goodbye(socket: TestSocket) -> (Option<Farewell>, Option<u16>) {
    let (frame, code) = tokio::time::timeout(Duration::from_secs(10), socket.ending()).await.expect("it is closed");
    let why = match frame {
        Some(RelayFrame::Goodbye(goodbye)) => Some(goodbye.why),
        _ => None,
    };
    (why, code)
}

/// Row: subscribe before auth; auth twice with another user; token in query. (What is out of turn is a protocol
/// error here, 1002, and not a code of its own.)
#[tokio::test(flavor = "multi_thread")]
async fn subscribe_before_auth_auth_twice_with_another_user_token_in_query() {
    let limits = Limits { hello_timeout: Duration::from_millis(200), ..Limits::default() };
    let (relay, ada) = TestRelay::with_ada_and(AppOptions { limits, ..AppOptions::default() }).await;
    let ben = relay.join(&ada, "ben", "user", 2).await;

    assert_eq!(goodbye(relay.connect().await).await, (Some(Farewell::SignIn), Some(4401)), "silence");
    let mut early = relay.connect().await;
    early.send(Message::binary(ClientFrame::Pull(Pull { after: 0 }).encode())).await;
    assert_eq!(goodbye(early).await, (Some(Farewell::Protocol), Some(1002)));
    let mut twice = relay.connect_as(&ada, 1).await;
    twice.hello(ben["access_token"].as_str().unwrap(), 2).await;
    assert_eq!(goodbye(twice).await, (Some(Farewell::Protocol), Some(1002)));
    let token = ada["access_token"].as_str().unwrap();
    let in_query = relay.get(&format!("/api/v1/sync?token={token}"), None).await;
    assert_eq!((in_query.status, in_query.code()), (400, "no_query"));
    assert!(!String::from_utf8_lossy(&in_query.bytes).contains(token));
}

/// Sends bytes and returns what comes back until the relay hangs up.
async fn raw(relay: &TestRelay, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(relay.address).await.unwrap();
    // A relay that has heard enough hangs up while we still talk.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("hangs up");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Row: Content-Length and Transfer-Encoding both, TRACE, 100 KB headers, 10,000 headers, HTTP/2 rapid reset.
#[tokio::test(flavor = "multi_thread")]
async fn content_length_and_transfer_encoding_trace_large_headers_many_headers_http2() {
    let relay = TestRelay::start().await;
    let both = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\
        connection: close\r\n\r\n0\r\n\r\n";
    let trace = "TRACE /api/v1/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "b".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    let settings_and_resets = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &[0, 0, 0, 4, 0, 0, 0, 0, 0]].concat();

    for (name, request, statuses) in [
        ("both lengths", both.as_bytes(), ["400", "415"].as_slice()),
        ("trace", trace.as_bytes(), &["405"]),
        ("long", long.as_bytes(), &["431"]),
        ("many", many.as_bytes(), &["431"]),
        ("http/2", &settings_and_resets, &["400", "505"]),
    ] {
        let answer = raw(&relay, request).await;
        let fits = statuses.iter().any(|status| answer.starts_with(&format!("HTTP/1.1 {status}")));
        assert!(answer.is_empty() || fits, "{name}: {answer}");
    }
    assert_eq!(relay.get("/healthz", None).await.status, 200);
}

/// A WebSocket by hand, so that frames can be wrong.
async fn upgraded(relay: &TestRelay) -> TcpStream {
    let mut stream = TcpStream::connect(relay.address).await.unwrap();
    let request = format!(
        "GET /api/v1/sync HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        relay.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    stream
}

/// The code in the close frame that answers these bytes.
async fn close_code(relay: &TestRelay, bytes: &[u8]) -> Option<u16> {
    let mut stream = upgraded(relay).await;
    // A relay that has heard enough hangs up while we still talk.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("hangs up");
    let close = answer.windows(4).rposition(|bytes| bytes[0] == 0x88 && bytes[1] >= 2)?;
    Some(u16::from_be_bytes([answer[close + 2], answer[close + 3]]))
}

/// A frame with a mask of zeros.
fn frame(first: u8, length: &[u8], payload: &[u8]) -> Vec<u8> {
    [&[first], length, &[0; 4], payload].concat()
}

/// Row: oversize frame, 1 byte over, 2^63 length, unmasked frame, bad UTF-8, text for binary, reserved bits.
#[tokio::test(flavor = "multi_thread")]
async fn oversize_frame_one_byte_over_huge_length_unmasked_bad_utf8_text_reserved_bits() {
    let (relay, ada) = TestRelay::with_ada().await;
    let huge = [&[0x80 | 127], u64::MAX.to_be_bytes().as_slice()].concat();
    let half = [&[0x80 | 127], (1_u64 << 62).to_be_bytes().as_slice()].concat();

    for (name, bytes, codes) in [
        ("2^64-1", frame(0x82, &huge, b"x"), [1009, 1002]),
        ("2^62", frame(0x82, &half, b"x"), [1009, 1009]),
        ("unmasked", vec![0x82, 1, 1], [1002, 1002]),
        ("bad UTF-8", frame(0x81, &[0x80 | 2], &[0xff, 0xff]), [1002, 1007]),
        ("text", frame(0x81, &[0x80 | 2], b"hi"), [1002, 1002]),
        ("reserved bits", frame(0xf2, &[0x80 | 1], b"x"), [1002, 1002]),
        ("reserved opcode", frame(0x83, &[0x80 | 1], b"x"), [1002, 1002]),
    ] {
        let code = close_code(&relay, &bytes).await;
        assert!(code.is_some_and(|code| codes.contains(&code)), "{name}: {code:?}");
    }
    let mut over = relay.connect_as(&ada, 1).await;
    over.send(Message::binary(vec![1; FRAME_MAX + 1])).await;
    assert_eq!(goodbye(over).await, (Some(Farewell::TooMuch), Some(1009)));
}
