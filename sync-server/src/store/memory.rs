//! The log in memory, for simulations and tests. A clone is a backup; nothing is durable.

use std::collections::BTreeMap;
use std::path::Path;

use model::{ChangeHash, CommandId, RecordId, RecordRef};
use sync::slim::Earlier;
use sync::{Digest, Epoch};

use super::{
    AppendError, Authorship, BackupError, ChunkHead, Counts, Group, LogEntry, LogStore, StoreError, Workspace,
};

/// A log in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    workspace: Option<Workspace>,
    entries: Vec<LogEntry>,
    digests: Vec<Digest>,
    records: BTreeMap<RecordId, Vec<usize>>,
    commands: BTreeMap<CommandId, Vec<usize>>,
    actors: BTreeMap<[u8; 16], Authorship>,
    hashes: BTreeMap<ChangeHash, usize>,
    full: bool,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every append fail as on a full disk, or succeed again.
    pub const fn set_full(&mut self, full: bool) {
        self.full = full;
    }

    fn index(&mut self, entry: &LogEntry) {
        let at = self.entries.len();
        self.records.entry(entry.record.id).or_default().push(at);
        self.commands.entry(entry.command).or_default().push(at);
        self.hashes.insert(entry.hash, at);
        if ChunkHead::read(&entry.change).is_ok_and(|head| head.actor_seq == 1) {
            self.actors.entry(entry.actor).or_insert(entry.by);
        }
    }

    fn gather(&self, found: Option<&Vec<usize>>) -> Vec<LogEntry> {
        found.into_iter().flatten().map(|at| self.entries[*at].clone()).collect()
    }
}

impl LogStore for MemoryStore {
    fn workspace(&mut self) -> Result<Option<Workspace>, StoreError> {
        Ok(self.workspace.clone())
    }

    fn create(&mut self, workspace: &Workspace) -> Result<(), AppendError> {
        if self.workspace.is_some() {
            return Err(StoreError::Inconsistent("there is a workspace already").into());
        }
        self.workspace = Some(workspace.clone());
        Ok(())
    }

    fn set_epoch(&mut self, epoch: Epoch) -> Result<(), AppendError> {
        let workspace = self.workspace.as_mut().ok_or(StoreError::Inconsistent("there is no workspace"))?;
        workspace.head.epoch = epoch;
        Ok(())
    }

    fn append_if(&mut self, group: &Group, still: &mut dyn FnMut() -> bool) -> Result<(), AppendError> {
        if self.full {
            return Err(AppendError::Full);
        }
        if !still() {
            return Err(AppendError::Withdrawn);
        }
        let head = self.entries.len() as u64;
        let continues = (head + 1..).zip(&group.entries).all(|(seq, entry)| seq == entry.seq);
        if !continues || group.entries.len() != group.digests.len() {
            return Err(StoreError::Inconsistent("the group does not continue the log").into());
        }
        for entry in &group.entries {
            self.index(entry);
            self.entries.push(entry.clone());
        }
        self.digests.extend(&group.digests);
        let workspace = self.workspace.as_mut().ok_or(StoreError::Inconsistent("there is no workspace"))?;
        workspace.head.seq = self.entries.len() as u64;
        workspace.head.digest = self.digests.last().copied().unwrap_or(Digest::EMPTY);
        Ok(())
    }

    fn entries_after(&mut self, after: u64, take: &mut dyn FnMut(LogEntry) -> bool) -> Result<(), StoreError> {
        let from = usize::try_from(after).unwrap_or(usize::MAX).min(self.entries.len());
        let _ = self.entries[from..].iter().all(|entry| take(entry.clone()));
        Ok(())
    }

    fn entries_of(&mut self, record: RecordId) -> Result<Vec<LogEntry>, StoreError> {
        Ok(self.gather(self.records.get(&record)))
    }

    fn entries_of_command(&mut self, command: CommandId) -> Result<Vec<LogEntry>, StoreError> {
        Ok(self.gather(self.commands.get(&command)))
    }

    fn earlier(&mut self, seq: u64) -> Result<Option<Earlier>, StoreError> {
        let at = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
        let entry = self.entries.get(at).ok_or(StoreError::Inconsistent("an entry is gone"))?;
        let before = self.records.get(&entry.record.id).into_iter().flatten().rfind(|other| **other < at);
        Ok(before.and_then(|at| self.entries.get(*at)).map(LogEntry::as_earlier))
    }

    fn actor(&mut self, actor: &[u8; 16]) -> Result<Option<Authorship>, StoreError> {
        Ok(self.actors.get(actor).copied())
    }

    fn digest_at(&mut self, seq: u64) -> Result<Option<Digest>, StoreError> {
        let Some(before) = seq.checked_sub(1) else { return Ok(Some(Digest::EMPTY)) };
        Ok(usize::try_from(before).ok().and_then(|at| self.digests.get(at)).copied())
    }

    fn missing(&mut self, hashes: &[ChangeHash]) -> Result<Vec<ChangeHash>, StoreError> {
        Ok(hashes.iter().filter(|hash| !self.hashes.contains_key(hash)).copied().collect())
    }

    fn records_after(&mut self, after: Option<RecordId>, limit: usize) -> Result<Vec<RecordRef>, StoreError> {
        let ids = self.records.iter().filter(|(id, _)| after.is_none_or(|after| **id > after));
        Ok(ids.take(limit).map(|(_, entries)| self.entries[entries[0]].record).collect())
    }

    fn counts(&mut self) -> Result<Counts, StoreError> {
        Ok(Counts { entries: self.entries.len() as u64, records: self.records.len() as u64 })
    }

    fn check(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn back_up(&mut self, _to: &Path) -> Result<(), BackupError> {
        Err(BackupError::NoFile)
    }
}
