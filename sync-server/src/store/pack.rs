//! How changes are kept on disk: without what every change has in common, compressed with a dictionary of typical
//! changes. Small changes shrink to a fraction that way, and many together even more.
//!
//! The first byte names the format, so that another dictionary can come later without touching what is stored.

use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

use sync::chunk::{MAGIC, PREFIX, ReadChunkError, is_plain};

/// A plain change chunk: checksum, then the rest with dictionary 1.
const PLAIN_1: u8 = 1;
/// A segment of many entries, with dictionary 1 and zstd's own checksum.
const SEGMENT_1: u8 = 2;

/// Dictionary 1. Made by the example `train`; never replaced, only joined by further ones.
const DICTIONARY_1: &[u8] = include_bytes!("../../assets/changes-1.dict");

/// For single changes, which are packed again into segments later.
const LEVEL: i32 = 3;
/// For segments, which stay.
const SEGMENT_LEVEL: i32 = 9;
/// For what is kept in memory.
const FAST_LEVEL: i32 = 1;
/// What every zstd frame begins with; not worth four bytes in every row.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Most bytes a stored change inflates to.
const INFLATED_MAX: usize = 1 << 20;

static ENCODER_1: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_1, LEVEL));
static SEGMENT_ENCODER_1: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_1, SEGMENT_LEVEL));
static FAST_ENCODER_1: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_1, FAST_LEVEL));
static DECODER_1: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY_1));

/// Stored bytes that can't be turned back into the change.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A format that this version doesn't know, or none at all.
    #[error("stored in an unknown format")]
    Format,
    /// Damaged, or too large.
    #[error("the stored bytes are damaged")]
    Inflate(#[source] std::io::Error),
    /// There is no memory to pack it.
    #[error("a change could not be packed")]
    Deflate(#[source] std::io::Error),
    /// They inflate to something else.
    #[error(transparent)]
    Chunk(#[from] ReadChunkError),
}

/// Packs and unpacks changes; keeps zstd's working memory between calls.
pub struct Packer {
    encoder: Compressor<'static>,
    segment_encoder: Compressor<'static>,
    decoder: Decompressor<'static>,
}

impl Packer {
    /// Takes the memory it works in.
    ///
    /// # Errors
    /// When there is none.
    pub fn new() -> std::io::Result<Self> {
        let mut encoder = Compressor::with_prepared_dictionary(&ENCODER_1)?;
        encoder.set_parameter(CParameter::DictIdFlag(false))?;
        let mut segment_encoder = Compressor::with_prepared_dictionary(&SEGMENT_ENCODER_1)?;
        segment_encoder.set_parameter(CParameter::DictIdFlag(false))?;
        segment_encoder.set_parameter(CParameter::ChecksumFlag(true))?;
        let decoder = Decompressor::with_prepared_dictionary(&DECODER_1)?;
        Ok(Self { encoder, segment_encoder, decoder })
    }

    /// Packs a plain change chunk.
    ///
    /// # Errors
    /// When it is none, or zstd has no memory.
    pub fn pack(&mut self, change: &[u8]) -> Result<Vec<u8>, PackError> {
        if !is_plain(change) || change.len() > PREFIX + INFLATED_MAX {
            return Err(PackError::Chunk(ReadChunkError::NotAChange));
        }
        let frame = self.encoder.compress(&change[PREFIX..]).map_err(PackError::Deflate)?;
        Ok([&[PLAIN_1], &change[MAGIC.len()..PREFIX], &frame[ZSTD_MAGIC.len()..]].concat())
    }

    /// Brings a change back; whether it is the one that was packed tells its checksum.
    ///
    /// # Errors
    /// When the bytes can't be inflated.
    pub fn unpack(&mut self, packed: &[u8]) -> Result<Vec<u8>, PackError> {
        match packed.split_first() {
            Some((&PLAIN_1, rest)) => self.unpack_plain(rest),
            _ => Err(PackError::Format),
        }
    }

    /// Packs a segment.
    ///
    /// # Errors
    /// When zstd has no memory.
    pub fn pack_segment(&mut self, plain: &[u8]) -> Result<Vec<u8>, PackError> {
        let frame = self.segment_encoder.compress(plain).map_err(PackError::Deflate)?;
        Ok([&[SEGMENT_1], &frame[ZSTD_MAGIC.len()..]].concat())
    }

    /// Brings a segment back, of at most `plain_max` bytes.
    ///
    /// # Errors
    /// When the bytes are not what was packed.
    pub fn unpack_segment(&mut self, packed: &[u8], plain_max: usize) -> Result<Vec<u8>, PackError> {
        let Some((&SEGMENT_1, frame)) = packed.split_first() else { return Err(PackError::Format) };
        let frame = [&ZSTD_MAGIC[..], frame].concat();
        self.decoder.decompress(&frame, plain_max).map_err(PackError::Inflate)
    }

    fn unpack_plain(&mut self, rest: &[u8]) -> Result<Vec<u8>, PackError> {
        let (checksum, frame) = rest.split_first_chunk::<4>().ok_or(PackError::Format)?;
        let frame = [&ZSTD_MAGIC[..], frame].concat();
        let content = self.decoder.decompress(&frame, INFLATED_MAX).map_err(PackError::Inflate)?;
        Ok([&MAGIC[..], &checksum[..], &content].concat())
    }
}

/// Compresses what is kept in memory, with the same dictionary and for speed.
pub struct Squeezer {
    encoder: Compressor<'static>,
    decoder: Decompressor<'static>,
}

impl Squeezer {
    /// Takes the memory it works in.
    ///
    /// # Errors
    /// When there is none.
    pub fn new() -> std::io::Result<Self> {
        let encoder = Compressor::with_prepared_dictionary(&FAST_ENCODER_1)?;
        let decoder = Decompressor::with_prepared_dictionary(&DECODER_1)?;
        Ok(Self { encoder, decoder })
    }

    /// Makes bytes smaller.
    ///
    /// # Errors
    /// When zstd has no memory.
    pub fn squeeze(&mut self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
        self.encoder.compress(plain)
    }

    /// Brings them back; `plain_max` bounds what they may have been.
    ///
    /// # Errors
    /// When they were not squeezed here.
    pub fn restore(&mut self, squeezed: &[u8], plain_max: usize) -> std::io::Result<Vec<u8>> {
        self.decoder.decompress(squeezed, plain_max)
    }
}
