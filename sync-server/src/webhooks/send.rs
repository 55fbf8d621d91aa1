//! One try: find out where the name leads, look at the addresses, and post to exactly these.
//!
//! No redirect is followed, no proxy of the environment is used, no connection is kept. It blocks; each try has a thread
//! of its own, so that a relay that stops does not wait for a receiver.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::address::{self, Names, UrlProblem, is_public};
use crate::http::describe;

/// Most bytes of an answer that are read.
pub const ANSWER_BYTES_MAX: u64 = 4_096;
/// Most characters of it that are kept.
const EXCERPT_CHARS: usize = 500;
/// How long a try may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(10);
/// When a try is given up whose thread hangs, as in a resolver that does not answer.
const THREAD_TIMEOUT: Duration = Duration::from_secs(12);
/// Most addresses of a name that are tried.
const ADDRESSES_MAX: usize = 8;

/// What is sent where.
pub(super) struct Sending {
    pub(super) url: String,
    pub(super) headers: [(&'static str, String); 3],
    pub(super) body: Vec<u8>,
    pub(super) allow_private: bool,
    pub(super) names: Arc<dyn Names>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) excerpt: String,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The address may not be used any more.
    #[error("the address {0}")]
    Url(#[from] UrlProblem),
    /// The name is nobody's.
    #[error("the name can't be resolved")]
    Name(#[source] std::io::Error),
    /// The name leads inside a network.
    #[error("the name leads to {0}, which is not on the public internet")]
    Private(SocketAddr),
    /// It took too long.
    #[error("no answer within {} s", TRY_TIMEOUT.as_secs())]
    Slow,
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Connection(#[source] ureq::Error),
    /// The system gives no thread.
    #[error("the system gives no thread")]
    Thread(#[from] std::io::Error),
}

/// Sends on a thread of its own.
pub(super) async fn send(sending: Sending) -> Result<Answered, SendError> {
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new().name("webhook".into()).spawn(move || {
        // The relay may be stopping: then it is sent again after the start.
        let _ = answer.send(post(&sending));
    })?;
    match tokio::time::timeout(THREAD_TIMEOUT, answered).await {
        Ok(Ok(done)) => done,
        _ => Err(SendError::Slow),
    }
}

fn post(sending: &Sending) -> Result<Answered, SendError> {
    let url = address::parse(&sending.url, sending.allow_private)?;
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    // A number in brackets is no name.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = sending.names.addresses(host, port).map_err(SendError::Name)?;
    let private = addresses.iter().find(|address| !is_public(address.ip()));
    if let Some(private) = private.filter(|_| !sending.allow_private) {
        return Err(SendError::Private(*private));
    }
    let config = Agent::config_builder()
        .max_redirects(0)
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(TRY_TIMEOUT))
        .max_idle_connections(0)
        .user_agent(concat!("TrailTrack/", env!("CARGO_PKG_VERSION")))
        .build();
    let agent = Agent::with_parts(config, DefaultConnector::new(), Checked(addresses));
    let mut request = agent.post(url.as_str()).content_type("application/json");
    for (name, value) in &sending.headers {
        request = request.header(*name, value);
    }
    let mut response = request.send(&sending.body).map_err(failed)?;
    let mut bytes = Vec::new();
    // The status has been said; a body that breaks off changes nothing about it.
    let _ = response.body_mut().as_reader().take(ANSWER_BYTES_MAX).read_to_end(&mut bytes);
    Ok(Answered { status: response.status().as_u16(), excerpt: excerpt(&bytes) })
}

fn failed(error: ureq::Error) -> SendError {
    match error {
        ureq::Error::Timeout(_) => SendError::Slow,
        error => SendError::Connection(error),
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(EXCERPT_CHARS).collect()
}

/// What an administrator reads of it.
pub(super) fn in_words(error: &SendError) -> String {
    describe(error).to_string()
}

/// The addresses that were looked at, whatever the name stands for by now.
#[derive(Debug)]
struct Checked(Vec<SocketAddr>);

impl Resolver for Checked {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        for address in self.0.iter().take(ADDRESSES_MAX) {
            found.push(*address);
        }
        if found.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(found) }
    }
}
