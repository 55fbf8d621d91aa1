//! A client as it runs on somebody's machine: the replica on a thread of its own, its socket on another.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use model::IdSource as _;
use model::app::{Request, SyncState, Update};
use replica::{Input, Output};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;

use super::figure::{BenchError, moment};
use super::pipe::{Device, ME};

/// Inputs handled before watched answers are worked out, at most.
const BURST: usize = 64;
/// The longest sleep.
const NAP_MAX: Duration = Duration::from_secs(10);
/// The longest wait for news.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a station has to say, with the moment it said it.
pub(crate) enum News {
    /// To the interface.
    Update(Update),
    /// Everything that a bootstrap brought has been checked.
    Checked,
}

enum Event {
    Input(Input),
    Stop,
}

/// A running client.
pub(crate) struct Station {
    events: Sender<Event>,
    news: Receiver<(Instant, News)>,
    thread: JoinHandle<Device>,
}

impl Station {
    /// Starts a device's replica; it connects to `url`, whatever its account says.
    pub(crate) fn start(device: Device, url: String) -> Result<Self, BenchError> {
        let (events, inbox) = channel();
        let (teller, news) = channel();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let checked = device.replica.is_checked();
        let running = Running { device, url, runtime, socket: None, inbox, events: events.clone(), teller, checked };
        let thread = thread::Builder::new().name("replica".into()).spawn(move || running.run())?;
        Ok(Self { events, news, thread })
    }

    /// Sends a request as an interface.
    pub(crate) fn request(&self, request: Request) {
        // A station that has ended shows itself when its news are awaited.
        let _ = self.events.send(Event::Input(Input::FromUi { client: ME, request }));
    }

    /// Waits for news that `wanted` knows, and returns what it makes of them with their moment.
    pub(crate) fn wait<T>(
        &self,
        what: &'static str,
        mut wanted: impl FnMut(News) -> Option<T>,
    ) -> Result<(Instant, T), BenchError> {
        loop {
            let (at, news) = self.news.recv_timeout(PATIENCE).map_err(|_| BenchError::Stalled(what))?;
            if let Some(found) = wanted(news) {
                return Ok((at, found));
            }
        }
    }

    /// Waits until everything is exchanged.
    pub(crate) fn wait_synced(&self) -> Result<Instant, BenchError> {
        let synced = |news| match news {
            News::Update(Update::Session(session)) => (session.sync == SyncState::Synced).then_some(()),
            _ => None,
        };
        Ok(self.wait("everything to be exchanged", synced)?.0)
    }

    /// Ends the client and hands its device back.
    pub(crate) fn stop(self) -> Result<Device, BenchError> {
        // It may have ended already.
        let _ = self.events.send(Event::Stop);
        self.thread.join().map_err(|_| BenchError::Stalled("a client to end"))
    }
}

struct Running {
    device: Device,
    url: String,
    runtime: Runtime,
    socket: Option<UnboundedSender<Vec<u8>>>,
    inbox: Receiver<Event>,
    events: Sender<Event>,
    teller: Sender<(Instant, News)>,
    checked: bool,
}

impl Running {
    fn run(mut self) -> Device {
        loop {
            let first = match self.inbox.recv_timeout(self.nap()) {
                Ok(Event::Input(input)) => input,
                Err(RecvTimeoutError::Timeout) => Input::Wake,
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return self.device,
            };
            self.handle(first);
            for _ in 1..BURST {
                match self.inbox.try_recv() {
                    Ok(Event::Input(input)) => self.handle(input),
                    Ok(Event::Stop) => return self.device,
                    Err(_) => break,
                }
            }
            let outputs = self.device.replica.flush(&self.device.env);
            self.carry(outputs);
            if !self.checked && self.device.replica.is_checked() {
                self.tell(News::Checked);
            }
            self.checked = self.device.replica.is_checked();
        }
    }

    fn nap(&self) -> Duration {
        let Some(at) = self.device.replica.next_wake() else { return NAP_MAX };
        let millis = u64::try_from(at.millis_since(self.device.env.now())).unwrap_or(0);
        Duration::from_millis(millis).min(NAP_MAX)
    }

    fn handle(&mut self, input: Input) {
        let outputs = self.device.replica.handle(&mut self.device.env, input);
        self.carry(outputs);
    }

    fn carry(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::ToUi { update, .. } => self.tell(News::Update(*update)),
                Output::Connect { .. } => self.connect(),
                Output::Send(frame) => {
                    if let Some(socket) = &self.socket {
                        // A socket that is gone has said so, or will.
                        let _ = socket.send(frame);
                    }
                }
                Output::Disconnect => self.socket = None,
                Output::Http { id, .. } => {
                    let tokens = self.device.tokens(id);
                    self.handle(tokens);
                }
                Output::File { .. } => {}
            }
        }
    }

    fn tell(&self, news: News) {
        // Nobody listens any more when the measurement is over.
        let _ = self.teller.send((moment(), news));
    }

    fn connect(&mut self) {
        let (sender, receiver) = unbounded_channel();
        self.socket = Some(sender);
        self.runtime.spawn(run_socket(self.url.clone(), receiver, self.events.clone()));
    }
}

async fn run_socket(url: String, mut outgoing: UnboundedReceiver<Vec<u8>>, events: Sender<Event>) {
    // Nobody listens any more when the client has ended.
    let say = |input| drop(events.send(Event::Input(input)));
    let stream = match tokio_tungstenite::connect_async_with_config(url, None, true).await {
        Ok((stream, _)) => stream,
        Err(error) => return say(Input::SocketClosed { reason: error.to_string() }),
    };
    say(Input::SocketOpened);
    let (mut sink, mut stream) = stream.split();
    loop {
        tokio::select! {
            frame = outgoing.recv() => {
                let Some(frame) = frame else { break };
                if sink.send(Message::binary(frame)).await.is_err() {
                    break;
                }
            }
            message = stream.next() => match message {
                Some(Ok(Message::Binary(bytes))) => say(Input::SocketMessage(bytes.into())),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => break,
            },
        }
    }
    say(Input::SocketClosed { reason: "closed".into() });
}
