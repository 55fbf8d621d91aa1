//! Blocks: a list of items as CBOR, compressed with zstd (RFC 8878), inflated only up to a hard cap.

use std::marker::PhantomData;

use minicbor::{Decode, Encode};

/// Most bytes a block may inflate to.
pub const INFLATED_MAX: usize = 4 * 1024 * 1024;

const LEVEL: i32 = 3;

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
        let bytes = zstd::bulk::compress(&plain, LEVEL).expect("compressing memory to memory cannot fail");
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
        let bytes = zstd::bulk::compress(&plain, LEVEL).expect("compressing memory to memory cannot fail");
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
        let plain = zstd::bulk::decompress(&self.bytes, INFLATED_MAX)
            .map_err(|error| OpenBlockError::Inflate(error.to_string()))?;
        minicbor::decode(&plain).map_err(|error| OpenBlockError::Malformed(error.to_string()))
    }
}
