//! Blocks: a list of items as CBOR, compressed with zstd (RFC 8878), inflated only up to a hard cap.

use std::cell::RefCell;
use std::marker::PhantomData;

use minicbor::{Decode, Encode};
use zstd::bulk::{Compressor, Decompressor};

/// Most bytes a block may inflate to.
pub const INFLATED_MAX: usize = 4 * 1024 * 1024;

const LEVEL: i32 = 3;

/// Blocks up to this size are worked on in memory that each thread keeps: most hold a single change, and setting zstd up
/// would take longer than using it. Larger ones are few, and their memory would be much.
const SMALL_MAX: usize = 16 * 1024;

thread_local! {
    static COMPRESSOR: RefCell<Compressor<'static>> =
        RefCell::new(Compressor::new(LEVEL).expect("there is memory for zstd's smallest tables"));
    static DECOMPRESSOR: RefCell<Decompressor<'static>> =
        RefCell::new(Decompressor::new().expect("there is memory for zstd's smallest tables"));
}

/// A compressed list of `T`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Block<T> {
    #[cbor(n(0), with = "minicbor::bytes")]
    bytes: Vec<u8>,
    #[cbor(skip)]
    of: PhantomData<T>,
}

/// A block that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenBlockError {
    /// Not zstd, or larger than `INFLATED_MAX`.
    #[error("block is damaged or too large: {0}")]
    Inflate(String),
    /// Not the items that are due.
    #[error("block is malformed: {0}")]
    Malformed(String),
}

impl<T: Encode<()>> Block<T> {
    /// Compresses a list.
    pub fn pack(items: &[T]) -> Self {
        let mut plain = Vec::new();
        minicbor::encode(items, &mut plain).expect("writing to memory cannot fail");
        let bytes = deflate(&plain);
        Self { bytes, of: PhantomData }
    }
}

/// An item as it stands in a block, for those who keep items ready and pack them later.
pub fn encode_item<T: Encode<()>>(item: &T) -> Vec<u8> {
    let mut plain = Vec::new();
    minicbor::encode(item, &mut plain).expect("writing to memory cannot fail");
    plain
}

impl<T> Block<T> {
    /// Compresses a list of items that [`encode_item`] has encoded.
    pub fn pack_encoded<I: AsRef<[u8]>>(items: &[I]) -> Self {
        let mut encoder = minicbor::Encoder::new(Vec::new());
        encoder.array(items.len() as u64).expect("writing to memory cannot fail");
        let mut plain = encoder.into_writer();
        items.iter().for_each(|item| plain.extend_from_slice(item.as_ref()));
        let bytes = deflate(&plain);
        Self { bytes, of: PhantomData }
    }

    /// Compressed size in bytes.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl<T: for<'b> Decode<'b, ()>> Block<T> {
    /// Inflates and reads the list.
    ///
    /// # Errors
    /// When the bytes are damaged, inflate to too much, or hold something else.
    pub fn open(&self) -> Result<Vec<T>, OpenBlockError> {
        let plain = inflate(&self.bytes).map_err(|error| OpenBlockError::Inflate(error.to_string()))?;
        minicbor::decode(&plain).map_err(|error| OpenBlockError::Malformed(error.to_string()))
    }
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let deflated = match plain.len() {
        ..=SMALL_MAX => COMPRESSOR.with_borrow_mut(|compressor| compressor.compress(plain)),
        _ => zstd::bulk::compress(plain, LEVEL),
    };
    deflated.expect("compressing memory to memory cannot fail")
}

fn inflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    match bytes.len() {
        ..=SMALL_MAX => DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.decompress(bytes, INFLATED_MAX)),
        _ => zstd::bulk::decompress(bytes, INFLATED_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_memory_gives_what_fresh_memory_gives_after_damage_too() {
        for count in [0_u32, 1, 500, 20_000] {
            let items: Vec<u32> = (0..count).map(|item| item.wrapping_mul(2_654_435_761)).collect();
            let mut plain = Vec::new();
            minicbor::encode(&items, &mut plain).unwrap();

            let block = Block::pack(&items);
            assert_eq!(block.bytes, zstd::bulk::compress(&plain, LEVEL).unwrap(), "{count}");
            let torn = Block::<u32> { bytes: block.bytes[..block.bytes.len() - 1].to_vec(), of: PhantomData };
            assert!(torn.open().is_err(), "{count}");
            assert_eq!(block.open().unwrap(), items);
        }
    }
}
