//! Network for the replica: one WebSocket and short HTTP requests. What happens on them comes back as inputs.

use js_sys::{ArrayBuffer, Uint8Array};
use replica::{Input, Method};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BinaryType, CloseEvent, Headers, MessageEvent, Request, RequestInit, Response, WebSocket};

use super::{feed, scope};

/// The socket in use; events of one that was replaced are ignored, since its handlers are gone.
#[derive(Default)]
pub(super) struct Net {
    socket: Option<Socket>,
}

struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Closing a socket that is closing already is no news.
        self.socket.close().ok();
    }
}

impl Net {
    /// Opens a socket in place of the one there is.
    pub(super) fn connect(&mut self, url: &str) {
        self.socket = None;
        match Socket::open(url) {
            Ok(socket) => self.socket = Some(socket),
            Err(_) => later(Input::SocketClosed { reason: format!("{url} is no address to connect to") }),
        }
    }

    /// Sends a frame; when that fails the socket closes and says so itself.
    pub(super) fn send(&self, frame: &[u8]) {
        if let Some(socket) = &self.socket {
            socket.socket.send_with_u8_array(frame).ok();
        }
    }

    /// Closes the socket.
    pub(super) fn disconnect(&mut self) {
        self.socket = None;
    }
}

impl Socket {
    fn open(url: &str) -> Result<Self, JsValue> {
        let socket = WebSocket::new(url)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_open = Closure::<dyn FnMut()>::new(|| feed(Input::SocketOpened));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
            if let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() {
                feed(Input::SocketMessage(Uint8Array::new(&buffer).to_vec()));
            }
        });
        let on_close = Closure::<dyn FnMut(CloseEvent)>::new(|event: CloseEvent| {
            feed(Input::SocketClosed { reason: reason_of(&event) });
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Ok(Self { socket, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }
}

fn reason_of(event: &CloseEvent) -> String {
    match event.reason() {
        reason if !reason.is_empty() => reason,
        _ => "the relay cannot be reached".to_owned(),
    }
}

/// An HTTP request of the replica.
pub(super) struct Call {
    pub(super) id: u64,
    pub(super) url: String,
    pub(super) method: Method,
    pub(super) body: Vec<u8>,
    pub(super) bearer: Option<String>,
}

/// Makes an HTTP request; its answer comes back as an input.
pub(super) fn call(call: Call) {
    spawn_local(async move {
        let id = call.id;
        let input = match fetch(call).await {
            Ok((status, body)) => Input::HttpAnswered { id, status: Ok(status), body },
            Err(_) => {
                let reason = "the relay cannot be reached".to_owned();
                Input::HttpAnswered { id, status: Err(reason), body: Vec::new() }
            }
        };
        feed(input);
    });
}

async fn fetch(call: Call) -> Result<(u16, Vec<u8>), JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    // Tells the relay that a request with its cookie is our own page's.
    headers.set("x-trailtrack", "1")?;
    if let Some(bearer) = &call.bearer {
        headers.set("authorization", &format!("Bearer {bearer}"))?;
    }
    let init = RequestInit::new();
    init.set_method(call.method.name());
    if !call.body.is_empty() {
        headers.set("content-type", "application/json")?;
        init.set_body(&Uint8Array::from(call.body.as_slice()));
    }
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init(&call.url, &init)?;
    let response: Response = JsFuture::from(scope().fetch_with_request(&request)).await?.dyn_into()?;
    let body = JsFuture::from(response.array_buffer()?).await?;
    Ok((response.status(), Uint8Array::new(&body).to_vec()))
}

/// Hands over an input after the call under way has ended.
fn later(input: Input) {
    spawn_local(async move { feed(input) });
}
