//! The other side: takes what is sent, answers as told, and checks signatures by its own means.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex as AsyncMutex, mpsc};

/// What arrived.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
    pub(super) body: Value,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }

    /// Whether one of the signatures was made with this secret: HMAC by its definition (RFC 2104), not by the crate
    /// that the relay signs with.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp"));
        let expected = format!("v1,{}", STANDARD.encode(hmac(&key, &[signed.as_bytes(), &self.bytes].concat())));
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([padded(0x36), message.to_vec()].concat());
    Sha256::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}

/// How the next request is answered: status, place of a redirect, body.
type Planned = (u16, Option<String>, String);

#[derive(Clone)]
struct Desk {
    planned: Arc<Mutex<VecDeque<Planned>>>,
    arrived: mpsc::UnboundedSender<Received>,
}

pub(super) struct Receiver {
    pub(super) url: String,
    pub(super) port: u16,
    planned: Arc<Mutex<VecDeque<Planned>>>,
    arrivals: AsyncMutex<mpsc::UnboundedReceiver<Received>>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let planned = Arc::new(Mutex::default());
        let desk = Desk { planned: Arc::clone(&planned), arrived };
        let routes = Router::new().fallback(take).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let url = format!("http://127.0.0.1:{port}/hook");
        Self { url, port, planned, arrivals: AsyncMutex::new(arrivals) }
    }

    /// Answers a request to come like this; those that nothing is planned for get 200.
    pub(super) fn plan(&self, status: u16, body: &str) {
        self.planned.lock().unwrap().push_back((status, None, body.to_owned()));
    }

    /// From now on everything is taken.
    pub(super) fn planned_none(&self) {
        self.planned.lock().unwrap().clear();
    }

    pub(super) fn plan_redirect(&self, status: u16, to: &str) {
        self.planned.lock().unwrap().push_back((status, Some(to.to_owned()), String::new()));
    }

    /// The next that arrives.
    pub(super) async fn next(&self) -> Received {
        let mut arrivals = self.arrivals.lock().await;
        tokio::time::timeout(Duration::from_secs(20), arrivals.recv()).await.expect("nothing arrives").unwrap()
    }

    /// What has arrived and was not looked at.
    pub(super) async fn rest(&self) -> Vec<Received> {
        let mut arrivals = self.arrivals.lock().await;
        std::iter::from_fn(|| arrivals.try_recv().ok()).collect()
    }
}

async fn take(State(desk): State<Desk>, uri: Uri, headers: HeaderMap, bytes: Bytes) -> Response {
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    let planned = desk.planned.lock().unwrap().pop_front();
    desk.arrived.send(Received { path: uri.path().to_owned(), headers, bytes: bytes.to_vec(), body }).unwrap();
    let (status, to, text) = planned.unwrap_or((200, None, "taken".to_owned()));
    let place = to.map(|to| [(header::LOCATION, to)]);
    (StatusCode::from_u16(status).unwrap(), place, text).into_response()
}
