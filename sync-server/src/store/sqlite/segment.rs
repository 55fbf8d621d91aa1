//! Segments: older entries of the log, packed together. Reading one entry inflates its segment, which is kept for
//! the next.
//!
//! Inflated, a segment is its entries one after another: kind, record, the seq of the record's entry before (0 is
//! none), author, command (0 and its id and time, or the seq of its first entry), length of the change, checksum and
//! content of the change. Numbers are unsigned LEB128.

use std::collections::VecDeque;
use std::sync::Arc;

use model::{CommandId, Kind, RecordId, RecordRef, Timestamp};
use sync::chunk::{MAGIC, read_uleb, write_uleb};

use crate::store::{ChunkHead, PackError};

/// Entries in a segment.
pub(super) const SEGMENT_ENTRIES: u64 = 128;
/// Most bytes that a segment inflates to: its entries are at most 1 MiB each.
pub(super) const SEGMENT_INFLATED_MAX: usize = 160 << 20;
/// Inflated segments that are kept.
const KEPT_MAX: usize = 8;
/// Bytes of inflated segments that are kept.
const KEPT_BYTES_MAX: usize = 16 << 20;

/// The seq of the first entry in the segment that `seq` belongs to.
pub(super) const fn segment_start(seq: u64) -> u64 {
    (seq.saturating_sub(1) / SEGMENT_ENTRIES) * SEGMENT_ENTRIES + 1
}

/// How an entry names its command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandColumn {
    /// It is the first: id and time of receipt.
    Here(CommandId, Timestamp),
    /// The first is that one.
    At(u64),
}

/// An entry as it is stored, its change unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub seq: u64,
    pub record: RecordRef,
    pub previous: Option<u64>,
    pub author: i64,
    pub command: CommandColumn,
    pub change: Vec<u8>,
}

/// An inflated segment.
#[derive(Debug)]
pub(super) struct Segment {
    first: u64,
    plain: Vec<u8>,
    starts: Vec<usize>,
}

impl Segment {
    /// Finds the entries' places.
    pub(super) fn open(first: u64, plain: Vec<u8>) -> Result<Self, PackError> {
        let mut starts = Vec::new();
        let mut rest = plain.as_slice();
        while !rest.is_empty() {
            starts.push(plain.len() - rest.len());
            read_entry(&mut rest).ok_or(PackError::Format)?;
        }
        if starts.len() as u64 != SEGMENT_ENTRIES {
            return Err(PackError::Format);
        }
        Ok(Self { first, plain, starts })
    }

    /// Reads one of its entries.
    pub(super) fn entry(&self, seq: u64) -> Result<Stored, PackError> {
        let index = seq.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        let start = index.and_then(|index| self.starts.get(index)).ok_or(PackError::Format)?;
        let mut rest = &self.plain[*start..];
        let (fields, change) = read_entry(&mut rest).ok_or(PackError::Format)?;
        let kind = Kind::from_code(fields.kind).ok_or(PackError::Format)?;
        Ok(Stored {
            seq,
            record: RecordRef::new(kind, fields.record),
            previous: fields.previous,
            author: fields.author,
            command: fields.command,
            change: [&MAGIC[..], change].concat(),
        })
    }
}

/// Writes entries as a segment, not yet compressed.
pub(super) fn encode_segment(entries: &[Stored]) -> Vec<u8> {
    let mut plain = Vec::new();
    for entry in entries {
        plain.push(entry.record.kind.code());
        plain.extend(entry.record.id.as_bytes());
        write_uleb(&mut plain, entry.previous.unwrap_or(0));
        write_uleb(&mut plain, entry.author.cast_unsigned());
        match entry.command {
            CommandColumn::At(first) => write_uleb(&mut plain, first),
            CommandColumn::Here(command, at) => {
                plain.push(0);
                plain.extend(command.as_bytes());
                plain.extend(at.as_millis().to_be_bytes());
            }
        }
        let change = entry.change.get(MAGIC.len()..).unwrap_or_default();
        write_uleb(&mut plain, change.len() as u64);
        plain.extend(change);
    }
    plain
}

struct Fields {
    kind: u8,
    record: RecordId,
    previous: Option<u64>,
    author: i64,
    command: CommandColumn,
}

fn read_entry<'a>(rest: &mut &'a [u8]) -> Option<(Fields, &'a [u8])> {
    let kind = take::<1>(rest)?[0];
    let record = RecordId::from_bytes(take::<16>(rest)?);
    let previous = Some(read_uleb(rest)?).filter(|seq| *seq > 0);
    let author = read_uleb(rest)?.cast_signed();
    let command = match read_uleb(rest)? {
        0 => {
            let command = CommandId::from_bytes(take::<16>(rest)?);
            CommandColumn::Here(command, Timestamp::from_millis(i64::from_be_bytes(take::<8>(rest)?)))
        }
        first => CommandColumn::At(first),
    };
    let length = usize::try_from(read_uleb(rest)?).ok()?;
    let (change, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some((Fields { kind, record, previous, author, command }, change))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*taken)
}

/// The segments read last.
#[derive(Debug, Default)]
pub(super) struct SegmentCache {
    kept: VecDeque<Arc<Segment>>,
}

impl SegmentCache {
    pub(super) fn get(&self, first: u64) -> Option<Arc<Segment>> {
        self.kept.iter().find(|segment| segment.first == first).cloned()
    }

    pub(super) fn keep(&mut self, segment: Arc<Segment>) {
        self.kept.push_back(segment);
        let bytes = |kept: &VecDeque<Arc<Segment>>| kept.iter().map(|segment| segment.plain.len()).sum::<usize>();
        while self.kept.len() > KEPT_MAX || (self.kept.len() > 1 && bytes(&self.kept) > KEPT_BYTES_MAX) {
            self.kept.pop_front();
        }
    }
}

impl Stored {
    /// What the change says of itself.
    pub(super) fn head(&self) -> Result<ChunkHead, PackError> {
        Ok(ChunkHead::read(&self.change)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<Stored>> {
        let command = prop_oneof![
            (any::<[u8; 16]>(), 0_i64..4_000_000_000_000)
                .prop_map(|(id, at)| CommandColumn::Here(CommandId::from_bytes(id), Timestamp::from_millis(at))),
            (1_u64..1_000_000).prop_map(CommandColumn::At),
        ];
        let change = prop::collection::vec(any::<u8>(), 4..60).prop_map(|content| [&MAGIC[..], &content].concat());
        let entry = (1_u8..10, any::<[u8; 16]>(), prop::option::of(1..u64::MAX), 0..i64::MAX, command, change);
        prop::collection::vec(entry, 128).prop_map(|parts| {
            let stored = |(seq, (kind, id, previous, author, command, change))| Stored {
                seq,
                record: RecordRef::new(Kind::from_code(kind).unwrap_or(Kind::Lead), RecordId::from_bytes(id)),
                previous,
                author,
                command,
                change,
            };
            (129..).zip(parts).map(stored).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_segment_holds_what_was_put_into_it(entries in entries()) {
            let segment = Segment::open(129, encode_segment(&entries)).expect("whole");

            for entry in &entries {
                prop_assert_eq!(&segment.entry(entry.seq).expect("there"), entry);
            }
            prop_assert!(segment.entry(128).is_err() && segment.entry(257).is_err());
        }

        #[test]
        fn damaged_segments_are_refused_or_read_without_panic(
            entries in entries(),
            at in any::<prop::sample::Index>(),
            flip in 1_u8..,
            cut in any::<prop::sample::Index>(),
        ) {
            let mut plain = encode_segment(&entries);
            let at = at.index(plain.len());
            plain[at] ^= flip;
            let cut = plain[..cut.index(plain.len())].to_vec();

            prop_assert!(Segment::open(129, cut).is_err());
            if let Ok(segment) = Segment::open(129, plain) {
                let _ = (129..257).map(|seq| segment.entry(seq)).collect::<Vec<_>>();
            }
        }
    }
}
