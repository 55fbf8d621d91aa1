//! Randomness and time of a simulation.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use model::{IdSource, Timestamp};

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast and good enough to choose faults with.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// An index of a list of `length` things, which is not empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("below a length")
    }

    /// True once in `times`.
    pub(crate) const fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several things.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }
}

/// The world's clock and dice, shared by everybody in it.
#[derive(Debug, Clone)]
pub(crate) struct Nature {
    now: Rc<Cell<i64>>,
    dice: Rc<RefCell<Dice>>,
}

impl Nature {
    pub(crate) fn new(seed: u64) -> Self {
        // 2026-01-01T00:00:00Z
        Self { now: Rc::new(Cell::new(1_767_225_600_000)), dice: Rc::new(RefCell::new(Dice::new(seed))) }
    }

    pub(crate) fn now_millis(&self) -> i64 {
        self.now.get()
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.now.set(self.now.get() + millis);
    }

    pub(crate) fn dice<T>(&self, roll: impl FnOnce(&mut Dice) -> T) -> T {
        roll(&mut self.dice.borrow_mut())
    }

    /// Time and randomness for somebody whose clock is wrong by `skew_millis`.
    pub(crate) fn for_one(&self, skew_millis: i64) -> OneEnv {
        OneEnv { nature: self.clone(), skew_millis }
    }
}

/// Time and randomness as one participant has them.
#[derive(Debug, Clone)]
pub(crate) struct OneEnv {
    nature: Nature,
    skew_millis: i64,
}

impl IdSource for OneEnv {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.nature.now_millis() + self.skew_millis)
    }

    fn random(&mut self) -> [u8; 10] {
        self.nature.dice(|dice| {
            let mut bytes = [0; 10];
            bytes[..8].copy_from_slice(&dice.next().to_be_bytes());
            bytes[8..].copy_from_slice(&dice.next().to_be_bytes()[..2]);
            bytes
        })
    }
}
