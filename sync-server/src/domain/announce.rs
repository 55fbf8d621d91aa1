//! What clients hear of a commit: live ones everything in the order of the log, their own commands as `Ack`, those
//! of others as `Entries`; the rest only the answers to their own commands.

use std::collections::BTreeMap;
use std::ops::Range;

use sync::slim::{Earlier, SlimEntry, slim_entries};
use sync::wire::{Accepted, Ack, Entries, Entry, FRAME_MAX, Proof, RelayFrame};
use sync::{Block, Cursor};

use super::relay::frame;
use super::staging::{Event, Staging};
use super::{ConnId, Output, Relay};
use crate::store::{LogEntry, LogStore};

/// Plain bytes that are packed into one block.
const PLAIN_MAX: usize = 1024 * 1024;
/// Packed bytes that leave room for the rest of the frame.
pub(super) const BLOCK_MAX: usize = FRAME_MAX - 1024;
/// Receipts in one `Ack`, at 17 bytes each.
const RECEIPTS_MAX: usize = 10_000;
/// Commands in one `Ack`.
const ACCEPTED_MAX: usize = 1_000;
/// What an entry takes beside its change.
const ENTRY_OVERHEAD: usize = 200;

/// Frames of entries by their place in the group; most connections get the same ones.
type Packed = BTreeMap<(usize, usize), Vec<Vec<u8>>>;

impl<S: LogStore> Relay<S> {
    pub(super) fn announce(&mut self, staging: &Staging, outputs: &mut Vec<(ConnId, Output)>) {
        let wire: Vec<Entry> = if self.connections.values().any(|conn| conn.live) {
            staging.group.entries.iter().map(|entry| self.wire_entry(entry)).collect()
        } else {
            Vec::new()
        };
        let listeners: Vec<(ConnId, bool)> = self.connections.iter().map(|(id, conn)| (*id, conn.live)).collect();
        let mut packed = Packed::new();
        for (conn, live) in listeners {
            let mut voice = Voice { conn, live, head: self.head, staging, wire: &wire, packed: &mut packed, outputs };
            voice.tell();
        }
    }

    /// An entry as it goes over the wire, with its receipt.
    pub(super) fn wire_entry(&self, entry: &LogEntry) -> Entry {
        Entry { record: entry.record, proof: self.proof(entry), change: entry.change.clone() }
    }

    /// What is known of an entry's acceptance.
    pub(super) fn proof(&self, entry: &LogEntry) -> Proof {
        let mut proof = Proof {
            seq: entry.seq,
            hash: entry.hash,
            actor: entry.actor,
            user: entry.by.user,
            device: entry.by.device,
            command: entry.command,
            received_at: entry.received_at,
            receipt: sync::Receipt::default(),
        };
        proof.receipt = self.key.issue(entry.record, &proof);
        proof
    }
}

/// What one connection hears.
struct Voice<'a> {
    conn: ConnId,
    live: bool,
    head: Cursor,
    staging: &'a Staging,
    wire: &'a [Entry],
    packed: &'a mut Packed,
    outputs: &'a mut Vec<(ConnId, Output)>,
}

impl Voice<'_> {
    fn tell(&mut self) {
        let mut others: Range<usize> = 0..0;
        let mut own = Owned::default();
        for event in &self.staging.events {
            match event {
                Event::Entries { range, own: Some((conn, accepted)) } if *conn == self.conn => {
                    self.say_entries(&mut others);
                    if own.is_full(accepted) {
                        self.say_own(&mut own);
                    }
                    own.receipt_count += accepted.receipts.len();
                    own.accepted.push(accepted.clone());
                    own.end = range.end;
                }
                Event::Entries { range, .. } if self.live => {
                    self.say_own(&mut own);
                    let start = if others.is_empty() { range.start } else { others.start };
                    others = start..range.end;
                }
                Event::Repeated { conn, accepted } if *conn == self.conn => {
                    self.say_own(&mut own);
                    self.say_entries(&mut others);
                    self.say(&RelayFrame::Ack(Ack { accepted: vec![accepted.clone()], end: None }));
                }
                Event::Refused { conn, nack } if *conn == self.conn => {
                    self.say_own(&mut own);
                    self.say_entries(&mut others);
                    self.say(&RelayFrame::Nack(nack.clone()));
                }
                Event::TookBack { conn, returned } if *conn == self.conn => {
                    self.say_own(&mut own);
                    self.say_entries(&mut others);
                    self.say(&RelayFrame::Returned(returned.clone()));
                }
                _ => {}
            }
        }
        self.say_own(&mut own);
        self.say_entries(&mut others);
    }

    fn say(&mut self, message: &RelayFrame) {
        self.outputs.push((self.conn, frame(message)));
    }

    fn say_own(&mut self, own: &mut Owned) {
        let Owned { accepted, end, .. } = std::mem::take(own);
        if accepted.is_empty() {
            return;
        }
        let end = self.live.then(|| self.cursor_after(end));
        self.say(&RelayFrame::Ack(Ack { accepted, end }));
    }

    fn say_entries(&mut self, range: &mut Range<usize>) {
        let range = std::mem::take(range);
        if range.is_empty() {
            return;
        }
        let key = (range.start, range.end);
        if !self.packed.contains_key(&key) {
            let frames = self.pack_range(range);
            self.packed.insert(key, frames);
        }
        let frames = self.packed.get(&key).into_iter().flatten();
        self.outputs.extend(frames.map(|bytes| (self.conn, Output::Frame(bytes.clone()))));
    }

    fn pack_range(&self, mut range: Range<usize>) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while !range.is_empty() {
            // Looking up what came before would keep everybody waiting.
            let (count, entries) = pack_entries(&self.wire[range.clone()], |_| None);
            let from = self.wire[range.start].proof.seq;
            range.start += count;
            let end = self.cursor_after(range.start);
            let message = Entries { from, end, head: self.head.seq, entries };
            frames.push(RelayFrame::Entries(message).encode());
        }
        frames
    }

    /// The cursor after the first `count` entries of the group.
    fn cursor_after(&self, count: usize) -> Cursor {
        let last = count.saturating_sub(1);
        let seq = self.staging.group.entries.get(last).map_or(self.head.seq, |entry| entry.seq);
        Cursor { epoch: self.head.epoch, seq, digest: self.staging.digest(last) }
    }
}

/// A run of the connection's own commands.
#[derive(Default)]
struct Owned {
    accepted: Vec<Accepted>,
    receipt_count: usize,
    end: usize,
}

impl Owned {
    fn is_full(&self, next: &Accepted) -> bool {
        self.receipt_count + next.receipts.len() > RECEIPTS_MAX || self.accepted.len() >= ACCEPTED_MAX
    }
}

/// Packs as many entries as fit one frame, at least one. `earlier` finds the entry before another in its record, where
/// that is none of these.
pub(super) fn pack_entries(
    entries: &[Entry],
    earlier: impl FnMut(&Entry) -> Option<Earlier>,
) -> (usize, Block<SlimEntry>) {
    let mut plain = 0;
    let fits = |entry: &&Entry| {
        plain += entry.change.len() + ENTRY_OVERHEAD;
        plain <= PLAIN_MAX
    };
    let mut count = entries.iter().take_while(fits).count().max(1).min(entries.len());
    let slim = slim_entries(&entries[..count], earlier);
    loop {
        let block = Block::pack(&slim[..count]);
        if block.size_bytes() <= BLOCK_MAX || count <= 1 {
            return (count, block);
        }
        count = count.div_ceil(2);
    }
}
