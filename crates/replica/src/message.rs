//! What shells and the replica say to each other.

use model::app::{Request, Update};

/// Names one interface (a window, a tab) of this replica.
pub type ClientId = u64;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// An interface asks for something.
    FromUi {
        /// Which interface.
        client: ClientId,
        /// What.
        request: Request,
    },
    /// An interface is gone; its watches end.
    UiGone {
        /// Which interface.
        client: ClientId,
    },
    /// The socket asked for by `Output::Connect` is open.
    SocketOpened,
    /// A frame arrived.
    SocketMessage(Vec<u8>),
    /// The socket was closed or could not be opened.
    SocketClosed {
        /// Why, in words.
        reason: String,
    },
    /// The answer to `Output::Http`.
    HttpAnswered {
        /// The request's number.
        id: u64,
        /// The status, or why there is none.
        status: Result<u16, String>,
        /// The body.
        body: Vec<u8>,
    },
    /// The moment named by `Replica::next_wake` has come, or the shell has nothing else to do.
    Wake,
}

/// Something to be done by the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Tell one interface, or all of them.
    ToUi {
        /// Which; `None` is all.
        client: Option<ClientId>,
        /// What.
        update: Box<Update>,
    },
    /// Open a WebSocket; one that is open is closed first.
    Connect {
        /// Its address (`wss://…/api/v1/sync`).
        url: String,
    },
    /// Send a frame.
    Send(Vec<u8>),
    /// Close the socket.
    Disconnect,
    /// Make an HTTP request with a JSON body; answered by `Input::HttpAnswered`.
    Http {
        /// The request's number.
        id: u64,
        /// The address.
        url: String,
        /// The JSON body; empty makes a GET.
        body: Vec<u8>,
        /// The access token to send along.
        bearer: Option<String>,
    },
}
