//! Who writes: the actor id of a device in a document, and what a written change looks like from outside.

use model::{ChangeHash, DeviceId, RecordId, Timestamp, UserId};
use sha2::{Digest, Sha256};

/// Names a sequence of changes by one device in one document.
pub type ActorId = [u8; 16];

/// Returns the actor id: the first 16 bytes of SHA-256(device, user, document, epoch, salt).
///
/// `salt` is empty for a device's ordinary changes and a command's id for a branch beside them. The epoch rises
/// after any rollback, so that an actor never uses a sequence number twice.
pub fn actor_id(device: DeviceId, user: UserId, document: RecordId, epoch: u32, salt: &[u8]) -> ActorId {
    let mut hasher = Sha256::new();
    hasher.update(device.as_bytes());
    hasher.update(user.as_bytes());
    hasher.update(document.as_bytes());
    hasher.update(epoch.to_be_bytes());
    hasher.update(salt);
    let digest: [u8; 32] = hasher.finalize().into();
    let mut actor = [0; 16];
    actor.copy_from_slice(&digest[..16]);
    actor
}

/// Under which actor a change is written, and the moment it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The actor.
    pub actor: ActorId,
    /// When, by the author's clock; kept within 1970 and 2100.
    pub at: Timestamp,
}

/// A change as it is stored and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// Its name everywhere.
    pub hash: ChangeHash,
    /// Who wrote it.
    pub actor: ActorId,
    /// The how many-th change of that actor in this document, from 1.
    pub seq: u64,
    /// The changes it was written on.
    pub deps: Vec<ChangeHash>,
    /// The change chunk. Plain rather than deflated wherever it fits the wire, because batches and stores
    /// compress many chunks together, which does far better than each alone.
    pub bytes: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_differs_by_every_ingredient() {
        let id = |byte| [byte; 16];
        let actor = |device, user, document, epoch, salt: &[u8]| {
            actor_id(
                DeviceId::from_bytes(id(device)),
                UserId::from_bytes(id(user)),
                RecordId::from_bytes(id(document)),
                epoch,
                salt,
            )
        };

        let actors = [
            actor(1, 2, 3, 0, b""),
            actor(9, 2, 3, 0, b""),
            actor(1, 9, 3, 0, b""),
            actor(1, 2, 9, 0, b""),
            actor(1, 2, 3, 9, b""),
            actor(1, 2, 3, 0, b"command"),
        ];

        for (index, actor) in actors.iter().enumerate() {
            assert!(!actors[..index].contains(actor));
        }
        assert_eq!(actor(1, 2, 3, 0, b""), actors[0]);
    }
}
