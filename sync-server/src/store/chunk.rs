//! The head of a change chunk as Automerge writes it: enough to name a change and its author without Automerge.

use model::ChangeHash;
use sha2::{Digest, Sha256};

/// The four bytes that every chunk begins with.
pub(crate) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Bytes before the chunk's type: magic and checksum.
pub(crate) const PREFIX: usize = 8;
/// The type of a plain change chunk.
const PLAIN_CHANGE: u8 = 1;

/// What a plain change chunk says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkHead {
    /// SHA-256 over everything after the checksum.
    pub hash: ChangeHash,
    /// The actor.
    pub actor: [u8; 16],
    /// The how many-th change of the actor in its document, from 1.
    pub actor_seq: u64,
}

/// Bytes that are not one plain change chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadChunkError {
    /// Too short, of another type, or with an actor of another length.
    #[error("not a plain change")]
    NotAChange,
    /// The checksum is not that of the content.
    #[error("the checksum does not fit")]
    Checksum,
}

impl ChunkHead {
    /// Reads the head and checks the checksum.
    ///
    /// # Errors
    /// When the bytes are not one plain change chunk.
    pub fn read(chunk: &[u8]) -> Result<Self, ReadChunkError> {
        let (actor, actor_seq) = read_author(chunk).ok_or(ReadChunkError::NotAChange)?;
        let hash = ChangeHash(Sha256::digest(&chunk[PREFIX..]).into());
        if chunk[4..PREFIX] != hash.0[..4] {
            return Err(ReadChunkError::Checksum);
        }
        Ok(Self { hash, actor, actor_seq })
    }
}

/// Whether the bytes look like a plain (not deflated) change chunk.
pub(crate) fn is_plain(chunk: &[u8]) -> bool {
    chunk.get(PREFIX) == Some(&PLAIN_CHANGE) && chunk.starts_with(&MAGIC)
}

fn read_author(chunk: &[u8]) -> Option<([u8; 16], u64)> {
    if !is_plain(chunk) {
        return None;
    }
    let mut rest = &chunk[PREFIX + 1..];
    let length = usize::try_from(read_uleb(&mut rest)?).ok()?;
    if length != rest.len() {
        return None;
    }
    let dependencies = usize::try_from(read_uleb(&mut rest)?).ok()?;
    rest = rest.get(dependencies.checked_mul(32)?..)?;
    if read_uleb(&mut rest)? != 16 {
        return None;
    }
    let (actor, mut rest) = rest.split_first_chunk::<16>()?;
    Some((*actor, read_uleb(&mut rest)?))
}

/// Reads an unsigned LEB128 number.
pub(crate) fn read_uleb(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Writes an unsigned LEB128 number.
pub(crate) fn write_uleb(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
