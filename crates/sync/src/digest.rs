//! The log's running digest, which proves at every catch-up that client and relay hold the same entries.

use minicbor::{Decode, Encode};
use model::{ChangeHash, RecordId};
use sha2::{Digest as _, Sha256};

/// The digest of a log's entries up to some sequence number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Digest(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl Digest {
    /// The digest of the empty log.
    pub const EMPTY: Self = Self([0; 16]);

    /// The digest after one more entry: the first 16 bytes of SHA-256(digest ‖ seq ‖ record id ‖ change hash).
    #[must_use]
    pub fn then(self, seq: u64, record: RecordId, hash: ChangeHash) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(seq.to_be_bytes());
        hasher.update(record.as_bytes());
        hasher.update(hash.0);
        let mut digest = [0; 16];
        digest.copy_from_slice(&hasher.finalize()[..16]);
        Self(digest)
    }
}

/// Names one life of a relay's log; another one after every restore.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Epoch(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// A position in a relay's log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub struct Cursor {
    /// Which life of the log.
    #[n(0)]
    pub epoch: Epoch,
    /// The last entry's sequence number; 0 is before the first.
    #[n(1)]
    pub seq: u64,
    /// The digest of the entries up to there.
    #[n(2)]
    pub digest: Digest,
}
