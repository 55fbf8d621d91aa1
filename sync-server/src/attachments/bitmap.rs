//! Which parts of an upload have arrived: one bit each, the first part the lowest bit of the first byte.

/// Bytes in a part; the last part may be shorter.
pub const PART_BYTES: u64 = 1024 * 1024;

/// The parts of one upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    size_bytes: u64,
    bits: Vec<u8>,
}

impl Parts {
    /// No part of a file of this size.
    pub fn none_of(size_bytes: u64) -> Self {
        let bytes = usize::try_from(count_of(size_bytes).div_ceil(8)).unwrap_or(usize::MAX);
        Self { size_bytes, bits: vec![0; bytes] }
    }

    /// Reads what [`bits`](Self::bits) wrote; `None` when it is of another size.
    pub fn read(size_bytes: u64, bits: &[u8]) -> Option<Self> {
        let none = Self::none_of(size_bytes);
        (none.bits.len() == bits.len()).then(|| Self { bits: bits.to_vec(), ..none })
    }

    /// The bits, to be stored.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// How many parts there are.
    pub const fn count(&self) -> u64 {
        count_of(self.size_bytes)
    }

    /// How many bytes a part has; `None` when there is no such part.
    pub fn size_of(&self, part: u64) -> Option<u64> {
        let from = part.checked_mul(PART_BYTES)?;
        (part < self.count()).then(|| (self.size_bytes - from).min(PART_BYTES))
    }

    /// Notes that a part has arrived.
    pub fn insert(&mut self, part: u64) {
        if let Some((byte, bit)) = self.place(part) {
            self.bits[byte] |= bit;
        }
    }

    /// The parts that have not arrived.
    pub fn missing(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.count()).filter(|part| !self.contains(*part))
    }

    /// Bytes that have arrived.
    pub fn received_bytes(&self) -> u64 {
        (0..self.count()).filter(|part| self.contains(*part)).filter_map(|part| self.size_of(part)).sum()
    }

    fn contains(&self, part: u64) -> bool {
        self.place(part).is_some_and(|(byte, bit)| self.bits[byte] & bit != 0)
    }

    fn place(&self, part: u64) -> Option<(usize, u8)> {
        let byte = usize::try_from(part / 8).ok().filter(|byte| *byte < self.bits.len())?;
        Some((byte, 1 << (part % 8)))
    }
}

const fn count_of(size_bytes: u64) -> u64 {
    size_bytes.div_ceil(PART_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_is_what_remains() {
        let parts = Parts::none_of(2 * PART_BYTES + 5);

        assert_eq!((parts.count(), parts.bits().len()), (3, 1));
        assert_eq!([0, 1, 2, 3].map(|part| parts.size_of(part)), [Some(PART_BYTES), Some(PART_BYTES), Some(5), None]);
        assert_eq!(Parts::none_of(PART_BYTES).size_of(1), None);
        assert_eq!(Parts::none_of(0).count(), 0);
        assert_eq!(parts.size_of(u64::MAX), None);
    }

    #[test]
    fn what_arrives_is_missing_no_more_in_whatever_order() {
        let mut parts = Parts::none_of(9 * PART_BYTES + 1);
        for part in [8, 0, 9, 3, 3, 77] {
            parts.insert(part);
        }

        assert_eq!(parts.missing().collect::<Vec<_>>(), [1, 2, 4, 5, 6, 7]);
        assert_eq!(parts.received_bytes(), 3 * PART_BYTES + 1);
        assert_eq!(Parts::read(9 * PART_BYTES + 1, parts.bits()), Some(parts));
        assert_eq!(Parts::read(5, &[0, 0]), None);
    }
}
