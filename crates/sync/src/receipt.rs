//! Receipts: the relay's proof, to itself, that it once accepted a change. After a restore, clients bring
//! changes back with them, whoever wrote the change.

use hmac::{Hmac, KeyInit, Mac};
use minicbor::{Decode, Encode};
use model::RecordRef;
use sha2::Sha256;

use crate::wire::Proof;

/// The first 16 bytes of an HMAC-SHA-256 (RFC 2104) over record, change, author and time of receipt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Receipt(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// A relay's secret for receipts.
#[derive(Clone)]
pub struct ReceiptKey([u8; 32]);

impl ReceiptKey {
    /// Wraps a secret of 32 random bytes.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Issues the receipt for an accepted change. `proof.seq` and `proof.receipt` don't count: a change keeps its
    /// receipt when it comes back under another sequence number.
    pub fn issue(&self, record: RecordRef, proof: &Proof) -> Receipt {
        let bytes = self.mac(record, proof).finalize().into_bytes();
        let mut receipt = [0; 16];
        receipt.copy_from_slice(&bytes[..16]);
        Receipt(receipt)
    }

    /// Whether `proof.receipt` is ours, in constant time.
    pub fn verify(&self, record: RecordRef, proof: &Proof) -> bool {
        self.mac(record, proof).verify_truncated_left(&proof.receipt.0).is_ok()
    }

    fn mac(&self, record: RecordRef, proof: &Proof) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&[record.kind.code()]);
        mac.update(record.id.as_bytes());
        mac.update(&proof.hash.0);
        mac.update(&proof.actor);
        mac.update(proof.user.as_bytes());
        mac.update(proof.device.as_bytes());
        mac.update(proof.command.as_bytes());
        mac.update(&proof.received_at.as_millis().to_be_bytes());
        mac
    }
}
