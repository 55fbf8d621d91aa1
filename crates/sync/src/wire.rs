//! Frames of protocol version 1: one byte with the version, then one CBOR item (RFC 8949).
//!
//! Fields are numbered and only ever added, so an older peer skips what it doesn't know. Every collection is
//! bounded by the size of a frame; lists of entries and documents travel in compressed [`Block`]s.
//!
//! The conversation (client left, relay right):
//! ```text
//! Hello(token, cursor)        ->
//!                             <- Welcome(head, resume: Live | Pull | Snapshot | Heal)
//! Pull(after)                 ->                     while the cursor is behind
//!                             <- Entries(from..to)
//! SnapshotNext(as_of, after)  ->                     a client without a cursor, page by page
//!                             <- SnapshotPage
//! Push(commands)              ->                     in the outbox's order, at any time after Welcome
//!                             <- Ack | Nack          one for each command, after the commit
//! Offer(hashes)               ->                     after Heal: what the client holds
//!                             <- Want(hashes)
//! Return(entries, receipts)   ->
//!                             <- Returned
//! ```
//! A connection that has caught up is *live*: committed entries of others come as `Entries`, its own as `Ack`,
//! in the order of the log.

use minicbor::{Decode, Encode};
use model::{ChangeHash, CommandId, DeviceId, Kind, RecordId, RecordRef, Timestamp, UserId, WorkspaceId};
use sha2::{Digest as _, Sha256};

use crate::slim::{SlimDocument, SlimEntry};
use crate::{Block, Cursor, Receipt};

/// The protocol version spoken here.
pub const VERSION: u8 = 1;
/// Largest frame, in bytes.
pub const FRAME_MAX: usize = 256 * 1024;
/// Largest command, all its changes together, in bytes.
pub const COMMAND_MAX: usize = 8 * 1024 * 1024;
/// Most commands that a client has in flight.
pub const IN_FLIGHT_MAX: usize = 2_000;
/// Most hashes in one `Offer` or `Want`.
pub const OFFER_MAX: usize = 4_000;

/// From a client to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ClientFrame {
    /// Opens the conversation; the first frame.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// Asks for entries after a sequence number.
    #[n(1)]
    Pull(#[n(0)] Pull),
    /// Asks for the next page of the snapshot.
    #[n(2)]
    SnapshotNext(#[n(0)] SnapshotNext),
    /// Brings commands.
    #[n(3)]
    Push(#[n(0)] Push),
    /// Says which accepted changes the client holds.
    #[n(4)]
    Offer(#[n(0)] Offer),
    /// Brings accepted changes back to a relay that has lost them.
    #[n(5)]
    Return(#[n(0)] Return),
}

/// From the relay to a client.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum RelayFrame {
    /// Answers `Hello`.
    #[n(0)]
    Welcome(#[n(0)] Welcome),
    /// Entries of the log, without gaps.
    #[n(1)]
    Entries(#[n(0)] Entries),
    /// A page of the snapshot.
    #[n(2)]
    SnapshotPage(#[n(0)] SnapshotPage),
    /// Commands that are committed.
    #[n(3)]
    Ack(#[n(0)] Ack),
    /// A command that is refused.
    #[n(4)]
    Nack(#[n(0)] Nack),
    /// Answers `Offer`.
    #[n(5)]
    Want(#[n(0)] Want),
    /// Answers `Return`.
    #[n(6)]
    Returned(#[n(0)] Returned),
    /// The relay stopped sending entries because the client reads too slowly; it should pull.
    #[n(7)]
    Lagging(#[n(0)] Lagging),
    /// The relay closes the connection.
    #[n(8)]
    Goodbye(#[n(0)] Goodbye),
}

/// Opens the conversation.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// Highest protocol version the client speaks.
    #[n(0)]
    pub version: u8,
    /// The record schema the client writes.
    #[n(1)]
    pub schema: u32,
    /// The access token.
    #[n(2)]
    pub token: String,
    /// The client's device.
    #[cbor(n(3), with = "crate::wire::as_bytes")]
    pub device: DeviceId,
    /// Where the client stands; `None` when it holds nothing.
    #[n(4)]
    pub cursor: Option<Cursor>,
}

impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The token stays out of logs.
        f.debug_struct("Hello").field("device", &self.device).field("cursor", &self.cursor).finish_non_exhaustive()
    }
}

/// Answers `Hello`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Welcome {
    /// The version spoken from here on.
    #[n(0)]
    pub version: u8,
    /// The workspace.
    #[cbor(n(1), with = "crate::wire::as_bytes")]
    pub workspace: WorkspaceId,
    /// The user the token belongs to.
    #[cbor(n(2), with = "crate::wire::as_bytes")]
    pub user: UserId,
    /// Their role's name.
    #[n(3)]
    pub role: String,
    /// The log's end.
    #[n(4)]
    pub head: Cursor,
    /// How the client gets there.
    #[n(5)]
    pub resume: Resume,
    /// The relay's clock.
    #[cbor(n(6), with = "crate::wire::as_millis")]
    pub now: Timestamp,
}

/// How a client catches up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Resume {
    /// It is up to date and live from now on.
    #[n(0)]
    Live,
    /// It pulls the entries after its cursor.
    #[n(1)]
    Pull,
    /// It holds nothing: it fetches the snapshot.
    #[n(2)]
    Snapshot,
    /// Its history differs from the relay's: it offers what it holds, then fetches the snapshot.
    #[n(3)]
    Heal,
}

/// Asks for entries.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Pull {
    /// The last sequence number the client has.
    #[n(0)]
    pub after: u64,
}

/// Entries of the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Entries {
    /// The first entry's sequence number.
    #[n(0)]
    pub from: u64,
    /// The cursor after the last entry.
    #[n(1)]
    pub end: Cursor,
    /// The log's end when this was sent; the connection is live when it equals `end.seq`.
    #[n(2)]
    pub head: u64,
    /// The entries; [`open`](Self::open) reads them.
    #[n(3)]
    pub entries: Block<SlimEntry>,
}

/// One accepted change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    /// Its record.
    #[cbor(n(0), with = "crate::wire::record_ref")]
    pub record: RecordRef,
    /// What is known of its acceptance.
    #[n(1)]
    pub proof: Proof,
    /// The change as Automerge wrote it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub change: Vec<u8>,
}

/// Who made an accepted change, when the relay took it, and the relay's receipt.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Proof {
    /// Its sequence number.
    #[n(0)]
    pub seq: u64,
    /// The change's hash.
    #[cbor(n(1), with = "crate::wire::hash")]
    pub hash: ChangeHash,
    /// Its actor.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub actor: [u8; 16],
    /// The user who sent it.
    #[cbor(n(3), with = "crate::wire::as_bytes")]
    pub user: UserId,
    /// The device it was made on.
    #[cbor(n(4), with = "crate::wire::as_bytes")]
    pub device: DeviceId,
    /// The command it is part of.
    #[cbor(n(5), with = "crate::wire::as_bytes")]
    pub command: CommandId,
    /// When the relay took it.
    #[cbor(n(6), with = "crate::wire::as_millis")]
    pub received_at: Timestamp,
    /// Proves all this to the relay that issued it.
    #[n(7)]
    pub receipt: Receipt,
}

/// Asks for the next page of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SnapshotNext {
    /// The sequence number of the first page's `as_of`; `None` asks for the first page.
    #[n(0)]
    pub as_of: Option<u64>,
    /// The last record of the page before.
    #[cbor(n(1), with = "crate::wire::as_bytes_option")]
    pub after: Option<RecordId>,
}

/// A page of the snapshot, in the order of record ids.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SnapshotPage {
    /// The snapshot holds at least every entry up to here; the client pulls from here afterwards.
    #[n(0)]
    pub as_of: Cursor,
    /// Documents in the whole snapshot, for progress.
    #[n(1)]
    pub total: u64,
    /// Whether this is the last page.
    #[n(2)]
    pub last: bool,
    /// The documents; [`open`](Self::open) reads them.
    #[n(3)]
    pub documents: Block<SlimDocument>,
}

/// One document of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotDocument {
    /// Its record.
    pub record: RecordRef,
    /// The document as Automerge saves it, or its changes (may hold a little more than `as_of`).
    pub saved: Vec<u8>,
    /// Its heads, sorted.
    pub heads: Vec<ChangeHash>,
    /// The record's projected fields ([`row`](crate::row)), so that the client can show it before it has loaded the
    /// document; checked against the document later.
    pub row: Vec<u8>,
    /// When a lead entered its stage, in milliseconds since 1970.
    pub stage_entered_at: Option<i64>,
    /// Whether a field holds concurrent values.
    pub conflicted: bool,
    /// The proofs of all its changes, in the order of the log.
    pub proofs: Vec<Proof>,
}

/// Brings commands, in the order of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Push {
    /// The commands.
    #[n(0)]
    pub commands: Block<PushedCommand>,
}

/// One command, or a part of a large one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PushedCommand {
    /// Its name, the idempotency key.
    #[cbor(n(0), with = "crate::wire::as_bytes")]
    pub command: CommandId,
    /// Further changes of this command follow in the next `Push`.
    #[n(1)]
    pub more: bool,
    /// Its changes, in order.
    #[n(2)]
    pub changes: Vec<PushedChange>,
}

/// One change of a command.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PushedChange {
    /// Its record.
    #[cbor(n(0), with = "crate::wire::record_ref")]
    pub record: RecordRef,
    /// The change as Automerge wrote it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub change: Vec<u8>,
}

/// Commands that are committed with FULL sync.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Ack {
    /// The commands, in the order of the log.
    #[n(0)]
    pub accepted: Vec<Accepted>,
    /// The cursor after the last of them; `None` when an old acknowledgement was repeated.
    #[n(1)]
    pub end: Option<Cursor>,
}

/// One committed command.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Accepted {
    /// The command.
    #[cbor(n(0), with = "crate::wire::as_bytes")]
    pub command: CommandId,
    /// The sequence number of its first change; the others follow. 0 when it had none.
    #[n(1)]
    pub first_seq: u64,
    /// When the relay took it.
    #[cbor(n(2), with = "crate::wire::as_millis")]
    pub received_at: Timestamp,
    /// One receipt for each change.
    #[n(3)]
    pub receipts: Vec<Receipt>,
    /// [`change_check`] of its changes: a client that has executed the command anew meanwhile sees that the relay
    /// holds an earlier form of it.
    #[n(4)]
    pub check: u64,
}

/// The first 8 bytes, big-endian, of SHA-256 over the hashes of a command's changes, in order.
pub fn change_check<'a>(hashes: impl IntoIterator<Item = &'a ChangeHash>) -> u64 {
    let mut hasher = Sha256::new();
    hashes.into_iter().for_each(|hash| hasher.update(hash.0));
    let mut check = [0; 8];
    check.copy_from_slice(&hasher.finalize()[..8]);
    u64::from_be_bytes(check)
}

/// A command that is refused. The commands after it that depend on its changes are refused by name too.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Nack {
    /// The command.
    #[cbor(n(0), with = "crate::wire::as_bytes")]
    pub command: CommandId,
    /// Why, from the table in [`nack`].
    #[n(1)]
    pub code: String,
    /// The fields it is about.
    #[n(2)]
    pub fields: Vec<String>,
    /// Why, in words for people.
    #[n(3)]
    pub detail: String,
    /// What the client does.
    #[n(4)]
    pub retry: Retry,
}

/// What a client does with a refused command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Retry {
    /// Puts it into the tray of refused commands.
    #[n(0)]
    Never,
    /// Executes it again under a new actor epoch and sends it again (actor or sequence clash, unknown dependency).
    #[n(1)]
    Rebase,
    /// Sends it again later as it is (storage full, relay shutting down).
    #[n(2)]
    Later,
}

/// Codes of `Nack`.
pub mod nack {
    /// Bytes that are no valid change.
    pub const MALFORMED: &str = "malformed";
    /// Over a size or count limit.
    pub const TOO_LARGE: &str = "too_large";
    /// The change depends on one the relay does not have.
    pub const UNKNOWN_DEPENDENCY: &str = "unknown_dependency";
    /// The actor belongs to another user or device.
    pub const WRONG_ACTOR: &str = "wrong_actor";
    /// The actor's sequence number has been used, or one before it is missing.
    pub const WRONG_SEQUENCE: &str = "wrong_sequence";
    /// An operation or value that the schema does not allow.
    pub const INVALID: &str = "invalid";
    /// The role or the owner rule does not allow it.
    pub const NOT_ALLOWED: &str = "not_allowed";
    /// A command before it, on whose changes it depends, was refused.
    pub const DEPENDS_ON_REFUSED: &str = "depends_on_refused";
    /// The relay's disk is full.
    pub const STORAGE_FULL: &str = "storage_full";
    /// Applying the change took the relay too long.
    pub const TOO_SLOW: &str = "too_slow";
}

/// Says which accepted changes the client holds, in the order of its own log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Offer {
    /// Their hashes, at most `OFFER_MAX`.
    #[cbor(n(0), with = "crate::wire::hashes")]
    pub hashes: Vec<ChangeHash>,
}

/// Which of the offered changes the relay lacks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Want {
    /// Their hashes, in the order offered.
    #[cbor(n(0), with = "crate::wire::hashes")]
    pub hashes: Vec<ChangeHash>,
}

/// Brings accepted changes back, with the receipts of the relay that accepted them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Return {
    /// The entries, dependencies first.
    #[n(0)]
    pub entries: Block<Entry>,
}

/// Answers `Return`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Returned {
    /// How many were taken.
    #[n(0)]
    pub taken: u32,
    /// Those not taken (receipt not valid, bytes damaged).
    #[cbor(n(1), with = "crate::wire::hashes")]
    pub refused: Vec<ChangeHash>,
}

/// The client reads too slowly.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Lagging {
    /// The log's end.
    #[n(0)]
    pub head: u64,
}

/// The relay closes the connection.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Goodbye {
    /// Why.
    #[n(0)]
    pub why: Farewell,
    /// Why, in words.
    #[n(1)]
    pub detail: String,
    /// Come back after this many milliseconds, when it makes sense.
    #[n(2)]
    pub retry_after_millis: Option<u64>,
}

/// Why the relay closes the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Farewell {
    /// The token is not valid (any more).
    #[n(0)]
    SignIn,
    /// The client's version is too old.
    #[n(1)]
    Upgrade,
    /// A frame could not be read, or was out of turn.
    #[n(2)]
    Protocol,
    /// Too much at once.
    #[n(3)]
    TooMuch,
    /// The relay is shutting down.
    #[n(4)]
    ShuttingDown,
    /// The relay failed.
    #[n(5)]
    Internal,
}

/// A frame that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFrameError {
    /// Nothing there.
    #[error("empty frame")]
    Empty,
    /// Longer than `FRAME_MAX`.
    #[error("frame of {0} bytes is too large")]
    TooLarge(usize),
    /// A protocol version that isn't spoken here.
    #[error("protocol version {0} is not supported")]
    Version(u8),
    /// Not the CBOR that is due.
    #[error("frame is malformed: {0}")]
    Malformed(String),
    /// Something stands behind the frame's end.
    #[error("frame has {0} bytes too many")]
    Trailing(usize),
}

macro_rules! frame_codec {
    ($name:ident) => {
        impl $name {
            /// The frame's bytes.
            pub fn encode(&self) -> Vec<u8> {
                let mut bytes = vec![VERSION];
                minicbor::encode(self, &mut bytes).expect("writing to memory cannot fail");
                bytes
            }

            /// Reads a frame.
            ///
            /// # Errors
            /// When the bytes are not exactly one frame of this version.
            pub fn decode(bytes: &[u8]) -> Result<Self, DecodeFrameError> {
                let (&version, body) = bytes.split_first().ok_or(DecodeFrameError::Empty)?;
                if bytes.len() > FRAME_MAX {
                    return Err(DecodeFrameError::TooLarge(bytes.len()));
                }
                if version != VERSION {
                    return Err(DecodeFrameError::Version(version));
                }
                let mut decoder = minicbor::Decoder::new(body);
                let frame = decoder.decode().map_err(|error| DecodeFrameError::Malformed(error.to_string()))?;
                match body.len() - decoder.position() {
                    0 => Ok(frame),
                    left => Err(DecodeFrameError::Trailing(left)),
                }
            }
        }
    };
}
frame_codec!(ClientFrame);
frame_codec!(RelayFrame);

/// Ids as CBOR byte strings of 16.
pub(crate) mod as_bytes {
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};
    use model::{CommandId, DeviceId, RecordId, UserId, WorkspaceId};

    /// What is 16 bytes.
    pub(crate) trait Bytes16: Copy {
        fn to(self) -> [u8; 16];
        fn from(bytes: [u8; 16]) -> Self;
    }
    macro_rules! bytes16 {
        ($($name:ident)*) => { $(impl Bytes16 for $name {
            fn to(self) -> [u8; 16] { *self.as_bytes() }
            fn from(bytes: [u8; 16]) -> Self { Self::from_bytes(bytes) }
        })* };
    }
    bytes16!(CommandId DeviceId RecordId UserId WorkspaceId);

    pub(crate) fn encode<C, T: Bytes16, W: Write>(
        id: &T,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&id.to())?.ok()
    }

    pub(crate) fn decode<C, T: Bytes16>(d: &mut Decoder<'_>, _: &mut C) -> Result<T, Error> {
        let bytes = d.bytes()?;
        bytes.try_into().map(T::from).map_err(|_| Error::message("an id has 16 bytes"))
    }
}

/// An id or null.
pub(crate) mod as_bytes_option {
    use super::as_bytes::{self, Bytes16};
    use minicbor::data::Type;
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, T: Bytes16, W: Write>(
        id: &Option<T>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match id {
            Some(id) => as_bytes::encode(id, e, ctx),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<C, T: Bytes16>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Option<T>, Error> {
        if d.datatype()? == Type::Null {
            d.skip()?;
            return Ok(None);
        }
        as_bytes::decode(d, ctx).map(Some)
    }
}

/// A moment as milliseconds.
pub(crate) mod as_millis {
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};
    use model::Timestamp;

    pub(crate) fn encode<C, W: Write>(
        at: &Timestamp,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.i64(at.as_millis())?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Timestamp, Error> {
        d.i64().map(Timestamp::from_millis)
    }
}

/// A record as kind code and id in one byte string of 17.
pub(crate) mod record_ref {
    use super::{Kind, RecordId, RecordRef};
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        record: &RecordRef,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        let mut bytes = [0; 17];
        bytes[0] = record.kind.code();
        bytes[1..].copy_from_slice(record.id.as_bytes());
        e.bytes(&bytes)?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<RecordRef, Error> {
        let (code, id) = d.bytes()?.split_first().ok_or_else(|| Error::message("a record has 17 bytes"))?;
        let kind = Kind::from_code(*code).ok_or_else(|| Error::message("unknown kind"))?;
        let id = RecordId::from_slice(id).ok_or_else(|| Error::message("a record has 17 bytes"))?;
        Ok(RecordRef::new(kind, id))
    }
}

/// A record or null.
pub(crate) mod record_ref_option {
    use super::{RecordRef, record_ref};
    use minicbor::data::Type;
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        record: &Option<RecordRef>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match record {
            Some(record) => record_ref::encode(record, e, ctx),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Option<RecordRef>, Error> {
        if d.datatype()? == Type::Null {
            d.skip()?;
            return Ok(None);
        }
        record_ref::decode(d, ctx).map(Some)
    }
}

/// A change hash as a byte string of 32.
pub(crate) mod hash {
    use super::ChangeHash;
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        hash: &ChangeHash,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&hash.0)?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<ChangeHash, Error> {
        d.bytes()?.try_into().map(ChangeHash).map_err(|_| Error::message("a hash has 32 bytes"))
    }
}

/// Change hashes as one byte string of 32 each.
pub(crate) mod hashes {
    use super::ChangeHash;
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        hashes: &[ChangeHash],
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
        e.bytes(&bytes)?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Vec<ChangeHash>, Error> {
        let (hashes, rest) = d.bytes()?.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(Error::message("hashes have 32 bytes each"));
        }
        Ok(hashes.iter().copied().map(ChangeHash).collect())
    }
}

/// Change hashes or null.
pub(crate) mod hashes_option {
    use super::{ChangeHash, hashes};
    use minicbor::data::Type;
    use minicbor::decode::Error;
    use minicbor::encode::{self, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        some: &Option<Vec<ChangeHash>>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match some {
            Some(some) => hashes::encode(some, e, ctx),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Option<Vec<ChangeHash>>, Error> {
        if d.datatype()? == Type::Null {
            d.skip()?;
            return Ok(None);
        }
        hashes::decode(d, ctx).map(Some)
    }
}

/// The kinds' codes are part of this protocol.
const _: () = assert!(Kind::Suggestion.code() == 10 && Kind::View.code() == 11);
