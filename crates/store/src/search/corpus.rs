//! The words of all records in one stretch of memory, so that a search is one pass over it.

use std::collections::{BTreeSet, HashMap};

use memchr::memmem::Finder;
use model::fold::{digits, fold_words};
use model::{Kind, RecordId};

/// Dead text beyond this share (a half) of the whole is worth moving everything together.
const DEAD_SHARE: usize = 2;
/// Dead text below this is left alone.
const DEAD_KEPT_BYTES: usize = 1 << 20;
/// So many digits make a word a part of a phone number.
const PHONE_DIGITS: usize = 3;

/// A record in the corpus.
#[derive(Debug, Clone)]
pub(crate) struct CorpusEntry {
    pub n: i64,
    pub id: RecordId,
    pub kind: Kind,
    /// Thrown away or merged into another: lists of the trash find it, search doesn't.
    pub hidden: bool,
    /// An open lead.
    pub open: bool,
    pub touch_at: Option<i64>,
    /// Bytes of `text` that name the record.
    pub key_bytes: usize,
}

struct Slot {
    entry: CorpusEntry,
    start: usize,
    end: usize,
    dead: bool,
}

/// The folded words of all records.
#[derive(Default)]
pub(crate) struct Corpus {
    text: Vec<u8>,
    /// In the order of their text.
    slots: Vec<Slot>,
    slot_by_number: HashMap<i64, usize>,
    dead_bytes: usize,
}

/// A word that must occur, in each of the spellings that will do.
pub(crate) struct Needle {
    word: String,
    spellings: Vec<Finder<'static>>,
}

/// Splits what was typed into needles. A piece of a phone number is also looked for by its digits alone.
pub(crate) fn needles(text: &str) -> Vec<Needle> {
    let needle = |word: String| {
        let digits = digits(&word);
        let of_phone = word.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c));
        let mut spellings = vec![Finder::new(&word).into_owned()];
        if of_phone && digits.len() >= PHONE_DIGITS && digits != word {
            spellings.push(Finder::new(&digits).into_owned());
        }
        Needle { word, spellings }
    };
    fold_words(text).into_iter().map(needle).collect()
}

impl Needle {
    fn occurs_in(&self, haystack: &[u8]) -> bool {
        self.spellings.iter().any(|spelling| spelling.find(haystack).is_some())
    }

    /// Whether it begins a word somewhere.
    pub(crate) fn begins_a_word_in(&self, haystack: &[u8]) -> bool {
        self.spellings.iter().any(|spelling| {
            spelling
                .find_iter(haystack)
                .any(|at| at == 0 || (haystack[at - 1] < 0x80 && !haystack[at - 1].is_ascii_alphanumeric()))
        })
    }

    /// The word as it was typed, folded.
    pub(crate) fn word(&self) -> &str {
        &self.word
    }
}

impl Corpus {
    /// Adds a record, in place of what was there of it.
    pub(crate) fn put(&mut self, entry: CorpusEntry, text: &[&str]) {
        self.remove(entry.n);
        let start = self.text.len();
        for line in text {
            self.text.extend_from_slice(line.as_bytes());
            self.text.push(b'\n');
        }
        self.slot_by_number.insert(entry.n, self.slots.len());
        self.slots.push(Slot { entry, start, end: self.text.len(), dead: false });
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, n: i64) {
        let Some(index) = self.slot_by_number.remove(&n) else { return };
        let slot = &mut self.slots[index];
        slot.dead = true;
        self.dead_bytes += slot.end - slot.start;
        if self.dead_bytes > DEAD_KEPT_BYTES && self.dead_bytes > self.text.len() / DEAD_SHARE {
            self.move_together();
        }
    }

    /// Notes a record's last touch.
    pub(crate) fn set_touch(&mut self, n: i64, touch_at: Option<i64>) {
        if let Some(index) = self.slot_by_number.get(&n) {
            self.slots[*index].entry.touch_at = touch_at;
        }
    }

    /// Finds every record in which all needles occur, in no particular order, with its text.
    pub(crate) fn find<'a>(&'a self, needles: &'a [Needle]) -> impl Iterator<Item = (&'a CorpusEntry, &'a [u8])> {
        let rarest = (0..needles.len()).max_by_key(|index| needles[*index].word().len());
        let candidates = rarest.map_or(Vec::new(), |rarest| self.candidates(&needles[rarest]));
        let matches = move |index: usize| {
            let slot = &self.slots[index];
            let text = &self.text[slot.start..slot.end];
            let others = needles.iter().enumerate().filter(|(other, _)| Some(*other) != rarest);
            others.into_iter().all(|(_, needle)| needle.occurs_in(text)).then_some((&slot.entry, text))
        };
        candidates.into_iter().filter_map(matches)
    }

    /// The slots in which a needle occurs, each once.
    fn candidates(&self, needle: &Needle) -> Vec<usize> {
        match needle.spellings.as_slice() {
            [spelling] => self.scan(spelling),
            spellings => {
                let found: BTreeSet<usize> = spellings.iter().flat_map(|spelling| self.scan(spelling)).collect();
                found.into_iter().collect()
            }
        }
    }

    fn scan(&self, finder: &Finder<'_>) -> Vec<usize> {
        let (mut found, mut at, mut index) = (Vec::new(), 0, 0);
        while let Some(offset) = finder.find(&self.text[at..]) {
            index += slots_before(&self.slots[index..], at + offset);
            let Some(slot) = self.slots.get(index) else { break };
            if !slot.dead {
                found.push(index);
            }
            at = slot.end;
            index += 1;
        }
        found
    }

    fn move_together(&mut self) {
        let old = std::mem::take(self);
        for slot in old.slots.into_iter().filter(|slot| !slot.dead) {
            let start = self.text.len();
            self.text.extend_from_slice(&old.text[slot.start..slot.end]);
            self.slot_by_number.insert(slot.entry.n, self.slots.len());
            self.slots.push(Slot { start, end: self.text.len(), ..slot });
        }
    }
}

/// How many slots end at or before a position. Hits lie close together or far apart, so the step doubles.
fn slots_before(slots: &[Slot], position: usize) -> usize {
    let mut step = 1;
    while step < slots.len() && slots[step - 1].end <= position {
        step *= 2;
    }
    let (low, high) = (step / 2, step.min(slots.len()));
    low + slots[low..high].partition_point(|slot| slot.end <= position)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(n: i64) -> CorpusEntry {
        let id = RecordId::from_bytes([u8::try_from(n).unwrap_or(0); 16]);
        CorpusEntry { n, id, kind: Kind::Lead, hidden: false, open: true, touch_at: None, key_bytes: 0 }
    }

    fn found(corpus: &Corpus, text: &str) -> Vec<i64> {
        let needles = needles(text);
        let mut numbers: Vec<i64> = corpus.find(&needles).map(|(entry, _)| entry.n).collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn a_part_of_a_word_is_found_whatever_its_case() {
        let mut corpus = Corpus::default();
        corpus.put(entry(1), &["tototata"]);
        corpus.put(entry(2), &["toto"]);

        assert_eq!(found(&corpus, "TATA"), [1]);
        assert_eq!(found(&corpus, "tot"), [1, 2]);
        assert_eq!(found(&corpus, "tata tot"), [1]);
        assert!(found(&corpus, "").is_empty());
    }

    #[test]
    fn digits_find_a_phone_number_however_it_is_typed() {
        let mut corpus = Corpus::default();
        corpus.put(entry(1), &["ada", "+1 (212) 555-0147", "12125550147"]);
        corpus.put(entry(2), &["order 212-555"]);

        assert_eq!(found(&corpus, "212-555"), [1, 2]);
        assert_eq!(found(&corpus, "(212)"), [1, 2]);
        assert_eq!(found(&corpus, "+1 212 555 0147"), [1]);
    }

    #[test]
    fn a_removed_record_is_not_found_even_after_moving_together() {
        let mut corpus = Corpus::default();
        let long = "x".repeat(DEAD_KEPT_BYTES / 2);
        for n in 0..8 {
            corpus.put(entry(n), &["word", &long]);
        }
        for n in 0..6 {
            corpus.remove(n);
        }

        assert_eq!(found(&corpus, "word"), [6, 7]);
        assert!(corpus.text.len() < 4 * DEAD_KEPT_BYTES);
    }

    proptest! {
        #[test]
        fn a_scan_finds_what_looking_at_each_record_finds(
            texts in prop::collection::vec("[ab ]{0,6}", 0..40),
            changes in prop::collection::vec((0..40_i64, "[ab ]{0,6}"), 0..20),
            query in "[ab]{1,2}( [ab]{1,2})?",
        ) {
            let mut corpus = Corpus::default();
            let mut naive: std::collections::BTreeMap<i64, String> = std::collections::BTreeMap::new();
            let all = (0..).zip(texts).chain(changes);
            for (n, text) in all {
                corpus.put(entry(n), &[&text]);
                naive.insert(n, text);
            }

            let words: Vec<&str> = query.split_whitespace().collect();
            let expected: Vec<i64> =
                naive.iter().filter(|(_, text)| words.iter().all(|word| text.contains(word))).map(|(n, _)| *n).collect();
            prop_assert_eq!(found(&corpus, &query), expected);
        }
    }
}
