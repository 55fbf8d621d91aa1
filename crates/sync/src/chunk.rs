//! A change chunk as Automerge writes it, as far as it can be read without Automerge: enough to name a change and its
//! author, and to take the chunk apart and put it together again.

use model::ChangeHash;
use sha2::{Digest, Sha256};

/// The four bytes that every chunk begins with.
pub const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Bytes before the chunk's type: magic and checksum.
pub const PREFIX: usize = 8;
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
        let parts = Parts::read(chunk).ok_or(ReadChunkError::NotAChange)?;
        let actor_seq = read_uleb(&mut &*parts.rest).ok_or(ReadChunkError::NotAChange)?;
        let hash = ChangeHash(Sha256::digest(&chunk[PREFIX..]).into());
        if chunk[4..PREFIX] != hash.0[..4] {
            return Err(ReadChunkError::Checksum);
        }
        Ok(Self { hash, actor: parts.actor, actor_seq })
    }
}

/// A plain change chunk, taken apart. What is missing here (magic, checksum, lengths) follows from what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The hashes of the changes it was written on.
    pub deps: &'a [[u8; 32]],
    /// The actor.
    pub actor: [u8; 16],
    /// All that follows the actor.
    pub rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Takes a chunk apart; `None` when the bytes are not one plain change chunk. The checksum is not looked at.
    pub fn read(chunk: &'a [u8]) -> Option<Self> {
        let (parts, behind) = Self::read_first(chunk)?;
        behind.is_empty().then_some(parts)
    }

    fn read_first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (mut rest, behind) = split_chunk(bytes)?;
        let dep_count = usize::try_from(read_uleb(&mut rest)?).ok()?;
        let (deps, mut rest) = rest.split_at_checked(dep_count.checked_mul(32)?)?;
        if read_uleb(&mut rest)? != 16 {
            return None;
        }
        let (actor, rest) = rest.split_first_chunk::<16>()?;
        Some((Self { deps: deps.as_chunks().0, actor: *actor, rest }, behind))
    }

    /// Puts the chunk together again, and says what its hash is.
    pub fn join(&self) -> (ChangeHash, Vec<u8>) {
        let mut body = Vec::with_capacity(self.deps.len() * 32 + self.rest.len() + 24);
        write_uleb(&mut body, self.deps.len() as u64);
        body.extend(self.deps.as_flattened());
        write_uleb(&mut body, self.actor.len() as u64);
        body.extend(self.actor);
        body.extend(self.rest);
        let mut chunk = Vec::with_capacity(body.len() + PREFIX + 6);
        chunk.extend(MAGIC);
        chunk.extend([0; 4]);
        chunk.push(PLAIN_CHANGE);
        write_uleb(&mut chunk, body.len() as u64);
        chunk.extend(body);
        let hash: [u8; 32] = Sha256::digest(&chunk[PREFIX..]).into();
        chunk[4..PREFIX].copy_from_slice(&hash[..4]);
        (ChangeHash(hash), chunk)
    }
}

/// The plain change chunks that follow each other in `bytes`; `None` when there is anything else among them.
pub fn split(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let (_, behind) = split_chunk(bytes)?;
        chunks.push(&bytes[..bytes.len() - behind.len()]);
        bytes = behind;
    }
    Some(chunks)
}

/// The body of the first chunk, and what follows it.
fn split_chunk(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if !is_plain(bytes) {
        return None;
    }
    let mut rest = &bytes[PREFIX + 1..];
    let length = usize::try_from(read_uleb(&mut rest)?).ok()?;
    rest.split_at_checked(length)
}

/// Whether the bytes look like a plain (not deflated) change chunk.
pub fn is_plain(chunk: &[u8]) -> bool {
    chunk.get(PREFIX) == Some(&PLAIN_CHANGE) && chunk.starts_with(&MAGIC)
}

/// Reads an unsigned LEB128 number.
pub fn read_uleb(bytes: &mut &[u8]) -> Option<u64> {
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
pub fn write_uleb(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
