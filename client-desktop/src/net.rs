//! The network as the replica sees it: one WebSocket, HTTP requests with JSON, and files that go up and down.

use std::sync::mpsc::Sender;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use replica::{FileWork, Input, Method, Output};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::files::Files;

/// Longest wait for a connection or an HTTP answer.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Largest HTTP answer that is read, in bytes.
const BODY_MAX: u64 = 1024 * 1024;

/// What the network has to say, with the number of the socket it is about (0 is HTTP).
pub(crate) type NetEvent = (u64, Input);

/// The network. Dropping it closes everything.
pub(crate) struct Net {
    runtime: Runtime,
    files: Files,
    events: Sender<NetEvent>,
    socket: Option<UnboundedSender<Vec<u8>>>,
    /// The current socket's number; what older ones still say is not heard.
    number: u64,
}

impl Net {
    /// Starts the network; what happens on it goes to `events`.
    pub(crate) fn start(files: Files, events: Sender<NetEvent>) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("network").enable_all().build()?;
        Ok(Self { runtime, files, events, socket: None, number: 0 })
    }

    /// Whether an event is about the current socket.
    pub(crate) const fn is_current(&self, number: u64) -> bool {
        number == 0 || number == self.number
    }

    /// Does what the replica asks; hands back what is not for the network.
    pub(crate) fn carry(&mut self, output: Output) -> Option<Output> {
        match output {
            Output::Connect { url } => self.connect(url),
            Output::Send(bytes) => {
                if let Some(socket) = &self.socket {
                    // A socket that is gone has said so, or will.
                    let _ = socket.send(bytes);
                }
            }
            Output::Disconnect => {
                self.socket = None;
                self.number += 1;
            }
            Output::Http { id, url, method, body, bearer } => {
                self.request(id, Call { url, method, body, bearer });
            }
            Output::File { job, work } => self.work_on_file(job, work),
            output @ Output::ToUi { .. } => return Some(output),
        }
        None
    }

    fn connect(&mut self, url: String) {
        let (sender, receiver) = unbounded_channel();
        self.socket = Some(sender);
        self.number += 1;
        let line = Line { events: self.events.clone(), number: self.number };
        self.runtime.spawn(run_socket(url, receiver, line));
    }

    fn work_on_file(&self, job: u64, work: FileWork) {
        let (files, events) = (self.files.clone(), self.events.clone());
        self.runtime.spawn_blocking(move || {
            let outcome = files.carry_out(job, work).map_err(|error| error.to_string());
            // Nobody listens any more when the client is closing.
            let _ = events.send((0, Input::FileDone { job, outcome }));
        });
    }

    fn request(&self, id: u64, call: Call) {
        let events = self.events.clone();
        self.runtime.spawn_blocking(move || {
            let (status, body) = match send_request(&call) {
                Ok((status, body)) => (Ok(status), body),
                Err(error) => (Err(error.to_string()), Vec::new()),
            };
            // Nobody listens any more when the client is closing.
            let _ = events.send((0, Input::HttpAnswered { id, status, body }));
        });
    }
}

/// Where a socket's events go.
struct Line {
    events: Sender<NetEvent>,
    number: u64,
}

impl Line {
    fn say(&self, input: Input) {
        // Nobody listens any more when the client is closing.
        let _ = self.events.send((self.number, input));
    }
}

async fn run_socket(url: String, mut outgoing: UnboundedReceiver<Vec<u8>>, line: Line) {
    let limit = sync::wire::FRAME_MAX + 1024;
    let config = WebSocketConfig::default().max_message_size(Some(limit)).max_frame_size(Some(limit));
    let connect = tokio_tungstenite::connect_async_with_config(url, Some(config), true);
    let stream = match tokio::time::timeout(TIMEOUT, connect).await {
        Ok(Ok((stream, _))) => stream,
        Ok(Err(error)) => return line.say(Input::SocketClosed { reason: error.to_string() }),
        Err(_) => return line.say(Input::SocketClosed { reason: "no answer".into() }),
    };
    line.say(Input::SocketOpened);
    let (mut sink, mut stream) = stream.split();
    let reason = loop {
        tokio::select! {
            bytes = outgoing.recv() => match bytes {
                Some(bytes) => {
                    if let Err(error) = sink.send(Message::binary(bytes)).await {
                        break error.to_string();
                    }
                }
                None => {
                    // The replica is done with this socket.
                    let _ = sink.send(Message::Close(None)).await;
                    break "closed".into();
                }
            },
            message = stream.next() => match message {
                Some(Ok(Message::Binary(bytes))) => line.say(Input::SocketMessage(bytes.into())),
                Some(Ok(Message::Close(_))) | None => break "the relay closed the connection".into(),
                Some(Ok(_)) => {}
                Some(Err(error)) => break error.to_string(),
            },
        }
    };
    line.say(Input::SocketClosed { reason });
}

/// An HTTP request.
struct Call {
    url: String,
    method: Method,
    body: Vec<u8>,
    bearer: Option<String>,
}

fn send_request(call: &Call) -> Result<(u16, Vec<u8>), ureq::Error> {
    let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).build();
    let agent = ureq::Agent::new_with_config(config);
    let mut request = ureq::http::Request::builder().method(call.method.name()).uri(&call.url);
    if !call.body.is_empty() {
        request = request.header("Content-Type", "application/json");
    }
    if let Some(bearer) = &call.bearer {
        request = request.header("Authorization", format!("Bearer {bearer}"));
    }
    let mut answer = match call.method {
        Method::Post | Method::Patch => agent.run(request.body(call.body.as_slice())?)?,
        Method::Get | Method::Delete => agent.run(request.body(())?)?,
    };
    let bytes = answer.body_mut().with_config().limit(BODY_MAX).read_to_vec()?;
    Ok((answer.status().as_u16(), bytes))
}
