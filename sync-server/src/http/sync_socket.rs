//! `GET /api/v1/sync`: carries frames between a WebSocket and the core. What a frame says is the core's affair; here
//! live the bounds of the wire: sizes, waits, and who may be connected at all.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use sync::wire::{FRAME_MAX, Farewell, Goodbye, RelayFrame};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout, timeout_at};

use super::app::App;
use super::error::ApiError;
use super::extract::{ClientAddress, Place};
use super::lines::{Seat, Stranger};
use super::origin;
use super::pace::{PAUSE_MAX, Pace};
use crate::domain::Output;
use crate::hub::{FrameSender, OutputReceiver};

/// The WebSocket's own largest message: a frame, and room to tell "a little too large" from garbage.
const MESSAGE_MAX: usize = FRAME_MAX + 1_024;
/// Bytes read at once; the default of 128 KiB would be kept by every idle connection.
const READ_BUFFER: usize = 4 * 1_024;
/// Pings, pongs and the like that a client may send within one ping interval.
const CONTROL_FRAMES_MAX: u32 = 64;
/// How long a client may take to hang up after the goodbye.
const HANG_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens the socket for whoever may try; the core sees to the token in `Hello`.
pub(super) async fn open(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    RawQuery(query): RawQuery,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    if !origin::may_connect(&headers, &app.options) {
        return Err(ApiError::foreign_origin());
    }
    if query.is_some() {
        let detail = "the token belongs into the first message, not into the address";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "no_query", detail));
    }
    let upgrade = upgrade.map_err(|error| {
        ApiError::new(error.into_response().status(), "websocket_only", "this address speaks WebSocket")
    })?;
    let patience = app.options.limits.hello_timeout;
    let stranger = app.lines.admit(address, patience).await.ok_or_else(ApiError::busy)?;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * MESSAGE_MAX)
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX);
    Ok(upgrade.on_upgrade(async move |socket| {
        carry(app, socket, stranger).await;
        drop(place);
    }))
}

type Sink = SplitSink<WebSocket, Message>;

/// How a connection ends.
enum Ending {
    /// The client is gone; there is nobody to tell.
    Gone,
    /// The core has said goodbye.
    Said(Farewell),
    /// The wire's bounds were passed; the client is told.
    Passed(Farewell, &'static str),
}

async fn carry(app: Arc<App>, socket: WebSocket, stranger: Stranger) {
    let _open = app.lines.open();
    let (mut sink, mut stream) = socket.split();
    let ending = match app.hub.connect() {
        Ok((frames, mut outputs)) => {
            let pace = OnceLock::new();
            tokio::select! {
                ending = receive(&app, &mut stream, (&frames, &pace)) => ending,
                ending = send(&app, &mut sink, (&mut outputs, &pace), stranger) => ending,
            }
        }
        Err(_) => Ending::Passed(Farewell::ShuttingDown, "the relay is shutting down"),
    };
    // What stands in a full buffer of a client that doesn't read is not worth waiting for.
    let farewell = say_goodbye(&mut sink, &mut stream, ending);
    let _ = timeout(HANG_UP_TIMEOUT, farewell).await;
}

/// Carries messages to the core until the client leaves or passes a bound.
async fn receive(
    app: &App,
    stream: &mut SplitStream<WebSocket>,
    (frames, pace): (&FrameSender, &OnceLock<Arc<Pace>>),
) -> Ending {
    let limits = &app.options.limits;
    let mut patience =
        Patience { deadline: Instant::now() + limits.hello_timeout, window_end: Instant::now(), control_frames: 0 };
    let mut greeted = false;
    loop {
        let message = match timeout_at(patience.deadline, stream.next()).await {
            Err(_) if greeted => return Ending::Gone,
            Err(_) => return Ending::Passed(Farewell::SignIn, "the first message did not come"),
            Ok(None) => return Ending::Gone,
            Ok(Some(Err(error))) => return broken(&error),
            Ok(Some(Ok(message))) => message,
        };
        match message {
            Message::Binary(bytes) => {
                greeted = true;
                let size = bytes.len();
                if frames.send(bytes.into()).await.is_err() {
                    return Ending::Passed(Farewell::ShuttingDown, "the relay is shutting down");
                }
                if let Some(pace) = pace.get() {
                    let pause = pace.charge(frames.take_judged(), size, Instant::now()).min(PAUSE_MAX);
                    if !pause.is_zero() {
                        sleep(pause).await;
                    }
                }
            }
            Message::Text(_) => return Ending::Passed(Farewell::Protocol, "messages are binary"),
            Message::Close(_) => return Ending::Gone,
            Message::Ping(_) | Message::Pong(_) => {
                if !patience.bears_another(limits.ping_every) {
                    return Ending::Passed(Farewell::TooMuch, "too many control frames");
                }
            }
        }
        if greeted {
            patience.deadline = Instant::now() + limits.dead_after;
        }
    }
}

/// How long the next message may take, and how much may come that is no message.
struct Patience {
    deadline: Instant,
    window_end: Instant,
    control_frames: u32,
}

impl Patience {
    fn bears_another(&mut self, window: Duration) -> bool {
        let now = Instant::now();
        if now >= self.window_end {
            (self.window_end, self.control_frames) = (now + window, 0);
        }
        self.control_frames += 1;
        self.control_frames <= CONTROL_FRAMES_MAX
    }
}

/// What the WebSocket could not read.
fn broken(error: &axum::Error) -> Ending {
    use tungstenite::Error;
    let cause = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Error>());
    match cause {
        Some(Error::Capacity(_)) => Ending::Passed(Farewell::TooMuch, "the message is too large"),
        Some(Error::Protocol(_) | Error::Utf8(_)) => Ending::Passed(Farewell::Protocol, "this is not WebSocket"),
        _ => Ending::Gone,
    }
}

/// Carries frames to the client until the core closes the connection or the client reads no more.
async fn send(
    app: &App,
    sink: &mut Sink,
    (outputs, pace): (&mut OutputReceiver, &OnceLock<Arc<Pace>>),
    stranger: Stranger,
) -> Ending {
    let limits = &app.options.limits;
    let mut pings = interval_at(Instant::now() + limits.ping_every, limits.ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut standing = Standing::Stranger(stranger);
    loop {
        let message = tokio::select! {
            output = outputs.recv() => match output {
                Some(Output::Frame(frame)) => {
                    if !standing.settle(app, &frame, pace) {
                        return Ending::Passed(Farewell::TooMuch, "you are connected too often; close other windows");
                    }
                    Message::Binary(frame.into())
                }
                Some(Output::Close(why)) => return Ending::Said(why),
                None => return Ending::Passed(Farewell::Internal, "the relay failed"),
            },
            _ = pings.tick() => Message::Ping(Vec::new().into()),
        };
        match timeout(limits.write_timeout, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Ending::Gone,
        }
    }
}

/// What a socket counts as.
#[expect(dead_code, reason = "places are held, never read")]
enum Standing {
    Stranger(Stranger),
    Seated(Seat),
}

impl Standing {
    /// Looks at the core's first answer: after a welcome the socket is no stranger any more but takes one of its
    /// user's places. `false` when there is none left.
    fn settle(&mut self, app: &App, frame: &[u8], pace: &OnceLock<Arc<Pace>>) -> bool {
        if matches!(self, Self::Seated(_)) {
            return true;
        }
        let Ok(RelayFrame::Welcome(welcome)) = RelayFrame::decode(frame) else { return true };
        let Some(seat) = app.lines.seat(welcome.user) else { return false };
        pace.get_or_init(|| seat.pace());
        *self = Self::Seated(seat);
        true
    }
}

/// Tells the client why, closes, and lets it hang up first: closing while it still sends would tear the goodbye up.
async fn say_goodbye(sink: &mut Sink, stream: &mut SplitStream<WebSocket>, ending: Ending) {
    let (why, detail) = match ending {
        Ending::Gone => return,
        Ending::Said(why) => (why, None),
        Ending::Passed(why, detail) => (why, Some(detail)),
    };
    let goodbye = detail.map(|detail| {
        let goodbye = Goodbye { why, detail: detail.to_owned(), retry_after_millis: None };
        Message::Binary(RelayFrame::Goodbye(goodbye).encode().into())
    });
    let close = Message::Close(Some(CloseFrame { code: close_code(why), reason: "".into() }));
    for message in goodbye.into_iter().chain([close]) {
        if sink.send(message).await.is_err() {
            return;
        }
    }
    while let Some(Ok(_)) = stream.next().await {}
}

/// The WebSocket's close codes (RFC 6455, 7.4); those from 4000 are our own.
const fn close_code(why: Farewell) -> u16 {
    match why {
        Farewell::SignIn => 4401,
        Farewell::Upgrade => 4426,
        Farewell::Protocol => 1002,
        Farewell::TooMuch => 1009,
        Farewell::ShuttingDown => 1001,
        Farewell::Internal => 1011,
    }
}
