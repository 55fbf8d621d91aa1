//! What a group of inputs has led to so far: accepted but not yet committed, answered but not yet said.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use model::{CommandId, Kind, RecordId, RecordRef};
use sync::wire::{Accepted, Farewell, Nack, RelayFrame, Retry, Returned, nack};
use sync::{Cursor, Digest};

use super::relay::frame;
use super::withdraw::rights_changed;
use super::{ConnId, Output, Relay, RelayEnv, RelayError, Session};
use crate::store::{AppendError, Authorship, Group, LogEntry, LogStore, StoreError};

/// What is said after the commit, in this order.
#[derive(Debug)]
pub(super) enum Event {
    /// Entries have joined the log. With `own`, they are one command of that connection.
    Entries { range: Range<usize>, own: Option<(ConnId, Accepted)> },
    /// A command was accepted before, or consists of what was; it is said again.
    Repeated { conn: ConnId, accepted: Accepted },
    /// A command is refused.
    Refused { conn: ConnId, nack: Nack },
    /// Changes were brought back.
    TookBack { conn: ConnId, returned: Returned },
}

/// The group so far.
#[derive(Debug, Default)]
pub(super) struct Staging {
    pub group: Group,
    pub events: Vec<Event>,
    pub actors: BTreeMap<[u8; 16], Authorship>,
    /// On whose rights it relies.
    pub sessions: BTreeMap<[u8; 16], Session>,
}

impl Staging {
    /// The staged entries of a record.
    pub(super) fn entries_of(&self, record: RecordId) -> impl Iterator<Item = &LogEntry> {
        self.group.entries.iter().filter(move |entry| entry.record.id == record)
    }

    /// The staged entries of a command.
    pub(super) fn entries_of_command(&self, command: CommandId) -> impl Iterator<Item = &LogEntry> {
        self.group.entries.iter().filter(move |entry| entry.command == command)
    }

    /// The digest after the staged entry at `index`.
    pub(super) fn digest(&self, index: usize) -> Digest {
        self.group.digests.get(index).copied().unwrap_or(Digest::EMPTY)
    }

    /// Adds an entry to the end of the log.
    pub(super) fn push(&mut self, head: Cursor, mut entry: LogEntry) -> u64 {
        let before = self.group.digests.last().copied().unwrap_or(head.digest);
        entry.seq = head.seq + self.group.entries.len() as u64 + 1;
        let seq = entry.seq;
        self.group.digests.push(before.then(seq, entry.record.id, entry.hash));
        self.actors.entry(entry.actor).or_insert(entry.by);
        self.group.entries.push(entry);
        seq
    }
}

impl<S: LogStore> Relay<S> {
    /// Commits what is staged and says what came of it. Roles are read again when nothing can come between any more:
    /// what relies on one that has changed is judged again.
    pub(super) fn commit(
        &mut self,
        env: &mut impl RelayEnv,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), RelayError> {
        loop {
            let staging = std::mem::take(&mut self.staging);
            let mut changed = Vec::new();
            let fate = self.commit_if(staging, outputs, &mut |staging| {
                changed = rights_changed(env, staging);
                changed.is_empty()
            })?;
            match fate {
                Fate::Withdrawn(staging) => self.judge_again(env, *staging, changed, outputs)?,
                Fate::Committed | Fate::NoRoom => return Ok(()),
            }
        }
    }

    /// Commits what relies on nobody's rights.
    pub(super) fn commit_staged(
        &mut self,
        staging: Staging,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<Fate, RelayError> {
        self.commit_if(staging, outputs, &mut |_| true)
    }

    fn commit_if(
        &mut self,
        staging: Staging,
        outputs: &mut Vec<(ConnId, Output)>,
        still: &mut dyn FnMut(&Staging) -> bool,
    ) -> Result<Fate, RelayError> {
        let touched: BTreeSet<RecordRef> = staging.group.entries.iter().map(|entry| entry.record).collect();
        let stored = match touched.is_empty() {
            true => Ok(()),
            false => self.store.append_if(&staging.group, &mut || still(&staging)),
        };
        if stored.is_err() {
            touched.iter().for_each(|record| self.documents.forget(record.id));
            if touched.iter().any(|record| record.kind == Kind::Settings) {
                self.refresh_settings()?;
            }
        }
        match stored {
            Ok(()) => {
                self.settle(&staging, &touched)?;
                self.announce(&staging, outputs);
                Ok(Fate::Committed)
            }
            Err(AppendError::Full) => {
                self.refuse_for_lack_of_room(staging, outputs);
                Ok(Fate::NoRoom)
            }
            Err(AppendError::Withdrawn) => Ok(Fate::Withdrawn(Box::new(staging))),
            Err(AppendError::Store(error)) => Err(error.into()),
        }
    }

    /// Takes note of what is committed.
    fn settle(&mut self, staging: &Staging, touched: &BTreeSet<RecordRef>) -> Result<(), StoreError> {
        if let (Some(entry), Some(digest)) = (staging.group.entries.last(), staging.group.digests.last()) {
            self.head = Cursor { seq: entry.seq, digest: *digest, ..self.head };
        }
        self.note_actors(&staging.actors);
        let single: BTreeMap<RecordId, &LogEntry> = new_records(staging);
        for record in touched {
            self.snapshots.forget(*record);
            if let Some(entry) = single.get(&record.id) {
                self.snapshot_of_new(entry);
            }
        }
        if touched.iter().any(|record| record.kind == Kind::Settings) {
            self.refresh_settings()?;
        }
        Ok(())
    }

    fn refuse_for_lack_of_room(&mut self, staging: Staging, outputs: &mut Vec<(ConnId, Output)>) {
        let full = |command: CommandId| Nack {
            command,
            code: nack::STORAGE_FULL.into(),
            fields: Vec::new(),
            detail: "the relay's disk is full".into(),
            retry: Retry::Later,
        };
        for event in staging.events {
            let (conn, nack) = match event {
                Event::Entries { own: None, .. } => continue,
                Event::Entries { own: Some((conn, accepted)), .. } | Event::Repeated { conn, accepted } => {
                    (conn, full(accepted.command))
                }
                Event::Refused { conn, nack } => (conn, nack),
                Event::TookBack { conn, .. } => {
                    self.close(conn, Farewell::Internal, "the relay's disk is full".into(), outputs);
                    continue;
                }
            };
            outputs.push((conn, frame(&RelayFrame::Nack(nack))));
        }
    }
}

/// What became of a group.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is stored.
    Committed,
    /// Nothing of it is: the disk is full.
    NoRoom,
    /// Nothing of it is: somebody's rights have changed meanwhile.
    Withdrawn(Box<Staging>),
}

/// The records that began in this group and have one entry.
fn new_records(staging: &Staging) -> BTreeMap<RecordId, &LogEntry> {
    let mut found: BTreeMap<RecordId, Option<&LogEntry>> = BTreeMap::new();
    for entry in &staging.group.entries {
        found.entry(entry.record.id).and_modify(|only| *only = None).or_insert(Some(entry));
    }
    found.into_iter().filter_map(|(record, entry)| Some((record, entry?))).collect()
}
