//! What shells and the replica say to each other.

use interchange::backup::Prepared;
use model::app::{FileSource, Request, Update};

use crate::backup::{Packed, Unpacked};

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
    /// `Output::File` was done, or why not, in words.
    FileDone {
        /// The job's number.
        job: u64,
        /// What came of it.
        outcome: Result<FileOutcome, String>,
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
        /// What is done there.
        method: Method,
        /// The JSON body; may be empty.
        body: Vec<u8>,
        /// The access token to send along.
        bearer: Option<String>,
    },
    /// Do something with the bytes of a file; answered by `Input::FileDone`.
    File {
        /// The job's number.
        job: u64,
        /// What.
        work: FileWork,
    },
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or does.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Work on the bytes of files. This device keeps them by their SHA-256, written in 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileWork {
    /// Copy a file among those that this device keeps; it is on the disk for good when that is done.
    Keep {
        /// Where it comes from.
        source: FileSource,
    },
    /// Send a part of a file with `PUT`.
    SendPart {
        /// The address.
        url: String,
        /// The access token.
        bearer: String,
        /// The file.
        checksum: String,
        /// The part's first byte.
        offset: u64,
        /// Its bytes.
        length: u64,
    },
    /// Get a file, going on where an earlier try ended, and keep it if it is the right one.
    Fetch {
        /// The address.
        url: String,
        /// The access token.
        bearer: String,
        /// The file.
        checksum: String,
        /// How many bytes it has.
        size_bytes: u64,
    },
    /// Read a file that is on this device, and check that it is the right one.
    Read {
        /// The file.
        checksum: String,
    },
    /// Remove a file from this device.
    Drop {
        /// The file.
        checksum: String,
    },
    /// Write a backup, with the files that are here.
    Pack {
        /// What it holds.
        prepared: Box<Prepared>,
        /// Where to; without it the archive's bytes are the outcome.
        to: Option<String>,
    },
    /// Read a backup, check all of it, and only then keep its files.
    Unpack {
        /// Where it comes from.
        source: FileSource,
    },
}

/// What came of work on a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOutcome {
    /// The file is kept.
    Kept {
        /// Its SHA-256.
        checksum: String,
        /// How many bytes it has.
        size_bytes: u64,
    },
    /// The relay has answered with this status and body.
    Answered(u16, Vec<u8>),
    /// The right file is here.
    Fetched,
    /// The right file's bytes.
    Read(Vec<u8>),
    /// The file is gone.
    Dropped,
    /// The backup is written.
    Packed(Box<Packed>),
    /// The backup is sound, and its files are kept.
    Unpacked(Box<Unpacked>),
}
