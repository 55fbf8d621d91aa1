//! The table of attacks on authentication and authorisation: each row is a test, named after it. Where the table
//! speaks of time, the test asserts what time would show (a hash is computed for an unknown user, too).

mod browser;
pub(crate) mod files;
mod guessing;
mod rights;
mod sessions;
mod tokens;
mod wire;

use std::time::Duration;

use serde_json::Value;
use sync::wire::{Farewell, RelayFrame};

use crate::harness::{Answer, TestRelay, TestSocket};

/// The bound within which open sockets feel a change of rights.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Waits for the socket to be closed because its session has ended.
async fn is_closed_at_once(socket: TestSocket) {
    let (goodbye, code) = tokio::time::timeout(AT_ONCE, socket.ending()).await.expect("within a second");
    let why = match goodbye {
        Some(RelayFrame::Goodbye(goodbye)) => Some(goodbye.why),
        _ => None,
    };
    assert_eq!((why, code), (Some(Farewell::SignIn), Some(4401)));
}

/// Neither token opens anything any more.
async fn is_over(relay: &TestRelay, session: &Value) {
    assert_eq!(relay.me(session).await.status, 401);
    assert_eq!(relay.refresh(&session["refresh_token"]).await.status, 401);
    let mut socket = relay.connect().await;
    socket.hello(session["access_token"].as_str().unwrap(), 1).await;
    is_closed_at_once(socket).await;
}

/// The same answer to the last byte.
fn same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, &one.bytes), (other.status, &other.bytes));
}
