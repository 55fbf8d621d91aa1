//! The chunk around a change and the header in it, read without Automerge and without trusting any length.

use std::io::Read;

use flate2::read::DeflateDecoder;
use model::ChangeHash;
use sha2::{Digest, Sha256};

use super::{DEPS_MAX, GuardError, INFLATED_MAX, MESSAGE_MAX, WIRE_MAX};
use crate::ActorId;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const PLAIN: u8 = 1;
const DEFLATED: u8 = 2;
/// Magic, checksum and chunk type.
const PREFIX: usize = 9;

/// In which way bytes are not one sound change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Cut off.
    #[error("it ends too early")]
    Short,
    /// More follows than one change.
    #[error("something follows the change")]
    Trailing,
    /// Some other kind of chunk, or none.
    #[error("it is no change")]
    NotAChange,
    /// Content and checksum differ.
    #[error("its checksum is wrong")]
    Checksum,
    /// It can't be inflated.
    #[error("it can't be inflated")]
    Inflate,
    /// A number that is too large, or written longer than it has to be.
    #[error("it holds an unsound number")]
    Number,
    /// An author's id of another length than ours.
    #[error("an author's id is unsound")]
    Actor,
    /// Words that are not UTF-8.
    #[error("it holds unsound text")]
    Text,
    /// Columns of operations that no honest author writes.
    #[error("its operations are unsound")]
    Columns,
    /// It could be written more plainly.
    #[error("it is not written in the usual form")]
    Unusual,
}

/// A change's chunk, inflated, with the header that stands before the operations.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The chunk in its plain form.
    pub(super) plain: Vec<u8>,
    /// SHA-256 over the plain form.
    pub(super) hash: ChangeHash,
    /// The changes it is written on.
    pub(super) deps: Vec<ChangeHash>,
    /// Who wrote it.
    pub(super) actor: ActorId,
    /// How many other actors its operations refer to.
    pub(super) other_actors: u64,
    /// When, in milliseconds.
    pub(super) time: i64,
    /// Where the column headers begin in `plain`.
    pub(super) columns_at: usize,
}

impl Chunk {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, GuardError> {
        if bytes.len() > WIRE_MAX {
            return Err(GuardError::TooLarge { max: WIRE_MAX });
        }
        let mut reader = Reader::new(bytes);
        if reader.take(4)? != MAGIC {
            return Err(Flaw::NotAChange.into());
        }
        let checksum: [u8; 4] = reader.array()?;
        let kind = reader.byte()?;
        let length = reader.length()?;
        let body = reader.take(length)?;
        if !reader.rest().is_empty() {
            return Err(Flaw::Trailing.into());
        }
        let plain = match kind {
            PLAIN => plain_chunk(checksum, body),
            DEFLATED => plain_chunk(checksum, &inflate(body)?),
            _ => return Err(Flaw::NotAChange.into()),
        };
        let hash: [u8; 32] = Sha256::digest(&plain[PREFIX - 1..]).into();
        if hash[..4] != checksum {
            return Err(Flaw::Checksum.into());
        }
        Self::read_header(plain, ChangeHash(hash))
    }

    fn read_header(plain: Vec<u8>, hash: ChangeHash) -> Result<Self, GuardError> {
        let mut reader = Reader::new(&plain);
        reader.take(PREFIX)?;
        reader.length()?;
        let dep_count = reader.length()?;
        if dep_count > DEPS_MAX {
            return Err(GuardError::TooManyDependencies);
        }
        let mut deps = Vec::with_capacity(dep_count);
        for _ in 0..dep_count {
            deps.push(ChangeHash(reader.array()?));
        }
        let actor = reader.actor()?;
        let (_seq, _start_op) = (reader.unsigned()?, reader.unsigned()?);
        let time = reader.signed()?;
        let message_length = reader.length()?;
        if message_length > MESSAGE_MAX {
            return Err(GuardError::TooLarge { max: MESSAGE_MAX });
        }
        std::str::from_utf8(reader.take(message_length)?).map_err(|_| Flaw::Text)?;
        let other_actors = reader.unsigned()?;
        for _ in 0..other_actors {
            reader.actor()?;
        }
        let columns_at = plain.len() - reader.rest().len();
        Ok(Self { plain, hash, deps, actor, other_actors, time, columns_at })
    }
}

/// The plain form of a chunk; the checksum is that of the plain form in either case.
fn plain_chunk(checksum: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(PREFIX + 5 + body.len());
    plain.extend(MAGIC);
    plain.extend(checksum);
    plain.push(PLAIN);
    let mut left = body.len();
    while left >= 0x80 {
        plain.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    plain.push(left as u8);
    plain.extend(body);
    plain
}

/// Inflates up to the limit and never past it. The size is found first, so that a bomb takes no room.
fn inflate(body: &[u8]) -> Result<Vec<u8>, GuardError> {
    let mut inflated = Vec::with_capacity(inflated_size(body)?);
    DeflateDecoder::new(body).read_to_end(&mut inflated).map_err(|_| Flaw::Inflate)?;
    Ok(inflated)
}

fn inflated_size(body: &[u8]) -> Result<usize, GuardError> {
    let mut decoder = DeflateDecoder::new(body);
    let mut piece = [0; 4096];
    let mut size = 0;
    loop {
        match decoder.read(&mut piece).map_err(|_| Flaw::Inflate)? {
            0 => break,
            read => size += read,
        }
        if size > INFLATED_MAX {
            return Err(GuardError::TooLarge { max: INFLATED_MAX });
        }
    }
    if decoder.total_in() == body.len() as u64 { Ok(size) } else { Err(Flaw::Trailing.into()) }
}

/// Reads forward through bytes; whatever is missing is an error.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Flaw> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(Flaw::Short)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Flaw> {
        Ok(self.take(1)?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Flaw> {
        self.take(N)?.try_into().map_err(|_| Flaw::Short)
    }

    fn actor(&mut self) -> Result<ActorId, Flaw> {
        if self.unsigned()? != 16 {
            return Err(Flaw::Actor);
        }
        self.array()
    }

    /// A number that counts bytes or things of more than a byte, so it can't exceed what is left.
    pub(super) fn length(&mut self) -> Result<usize, Flaw> {
        let length = usize::try_from(self.unsigned()?).map_err(|_| Flaw::Number)?;
        if length > self.bytes.len() { Err(Flaw::Short) } else { Ok(length) }
    }

    /// An unsigned LEB128 number in its shortest form.
    pub(super) fn unsigned(&mut self) -> Result<u64, Flaw> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Flaw::Number);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                let shortest = shift == 0 || byte != 0;
                return if shortest { Ok(number) } else { Err(Flaw::Number) };
            }
        }
        Err(Flaw::Number)
    }

    /// A signed LEB128 number; re-encoding the change settles whether it was the shortest form.
    pub(super) fn signed(&mut self) -> Result<i64, Flaw> {
        let mut number = 0_i128;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= i128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let width = shift + 7;
                let negative = byte & 0x40 != 0;
                let number = if negative { number - (1_i128 << width) } else { number };
                return i64::try_from(number).map_err(|_| Flaw::Number);
            }
        }
        Err(Flaw::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_their_shortest_form_only() {
        let unsigned = |bytes: &[u8]| Reader::new(bytes).unsigned();

        assert_eq!(unsigned(&[0x7f]), Ok(127));
        assert_eq!(unsigned(&[0x80, 0x01]), Ok(128));
        assert_eq!(unsigned(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), Ok(u64::MAX));
        assert_eq!(unsigned(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), Err(Flaw::Number));
        assert_eq!(unsigned(&[0x81, 0x00]), Err(Flaw::Number));
        assert_eq!(unsigned(&[0x80; 20]), Err(Flaw::Number));
        assert_eq!(unsigned(&[0x80]), Err(Flaw::Short));
    }

    #[test]
    fn signed_numbers_reach_both_ends() {
        let signed = |bytes: &[u8]| Reader::new(bytes).signed();

        assert_eq!(signed(&[0x00]), Ok(0));
        assert_eq!(signed(&[0x7f]), Ok(-1));
        assert_eq!(signed(&[0xc0, 0x00]), Ok(64));
        assert_eq!(signed(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]), Ok(i64::MAX));
        assert_eq!(signed(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]), Ok(i64::MIN));
        assert_eq!(signed(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), Err(Flaw::Number));
        assert_eq!(signed(&[0x80; 20]), Err(Flaw::Number));
    }
}
