//! The network between clients and relay: delays, cuts, losses, duplicates, reordering.

use std::collections::{BTreeMap, VecDeque};

use super::dice::Dice;

/// Faults and how often they were injected.
pub(crate) type Faults = BTreeMap<&'static str, u64>;

/// One connection's frames under way.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) to_relay: VecDeque<Vec<u8>>,
    pub(crate) to_client: VecDeque<Vec<u8>>,
    /// A frame was lost: the connection will be noticed to be broken.
    pub(crate) broken: bool,
}

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToRelay,
    ToClient,
}

impl Wire {
    pub(crate) fn queue(&mut self, way: Way) -> &mut VecDeque<Vec<u8>> {
        match way {
            Way::ToRelay => &mut self.to_relay,
            Way::ToClient => &mut self.to_client,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.to_relay.is_empty() && self.to_client.is_empty()
    }

    /// Lets something happen to the frames under way.
    pub(crate) fn disturb(&mut self, dice: &mut Dice, faults: &mut Faults) {
        let way = *dice.pick(&[Way::ToRelay, Way::ToClient]);
        let queue = self.queue(way);
        match dice.below(3) {
            0 if !queue.is_empty() => {
                let index = dice.index(queue.len());
                queue.remove(index);
                self.broken = true;
                *faults.entry("frame lost").or_default() += 1;
            }
            1 if !queue.is_empty() => {
                let index = dice.index(queue.len());
                let again = queue[index].clone();
                queue.insert(index, again);
                *faults.entry("frame duplicated").or_default() += 1;
            }
            2 if queue.len() > 1 => {
                let index = dice.index(queue.len() - 1);
                queue.swap(index, index + 1);
                *faults.entry("frames reordered").or_default() += 1;
            }
            _ => {}
        }
    }
}
