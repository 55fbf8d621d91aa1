//! Commands that clients push: put together, recognised when they come again, taken or refused as a whole.

use std::collections::BTreeSet;

use ledger::guard::Inspected;
use model::{ChangeHash, CommandId, Timestamp};
use sync::wire::{Accepted, COMMAND_MAX, Nack, Push, PushedChange, PushedCommand, Retry, change_check, nack};

use super::connection::Partial;
use super::gate::{Bench, GateError, Refusal, Rights, judge_bytes};
use super::relay::ServeError;
use super::staging::Event;
use super::{ConnId, Relay, RelayEnv, Session};
use crate::store::{Authorship, LogEntry, LogStore, StoreError};

/// Most changes of a command: their receipts go into one frame.
pub const COMMAND_CHANGES_MAX: usize = 10_000;

/// A command with all its changes.
pub(super) struct Whole {
    pub(super) command: CommandId,
    pub(super) changes: Vec<PushedChange>,
    pub(super) too_large: bool,
}

impl<S: LogStore> Relay<S> {
    pub(super) fn push(
        &mut self,
        env: &mut impl RelayEnv,
        conn: ConnId,
        session: &Session,
        push: &Push,
    ) -> Result<(), ServeError> {
        for part in push.commands.open()? {
            if let Some(whole) = self.put_together(conn, part)? {
                self.execute(env.now(), conn, session, whole)?;
            }
        }
        Ok(())
    }

    /// Joins the parts of a command; `None` while some are to come.
    fn put_together(&mut self, conn: ConnId, part: PushedCommand) -> Result<Option<Whole>, ServeError> {
        let Some(connection) = self.connections.get_mut(&conn) else { return Ok(None) };
        let mut partial = connection.partial.take().unwrap_or_else(|| Partial::new(part.command));
        if partial.command != part.command {
            return Err(ServeError::Protocol("a command was interrupted by another".into()));
        }
        partial.add(part.changes);
        if part.more {
            connection.partial = Some(partial);
            return Ok(None);
        }
        let Partial { command, changes, too_large, .. } = partial;
        connection.judged += changes.len() as u64;
        Ok(Some(Whole { command, changes, too_large }))
    }

    pub(super) fn execute(
        &mut self,
        now: Timestamp,
        conn: ConnId,
        session: &Session,
        whole: Whole,
    ) -> Result<(), ServeError> {
        let command = whole.command;
        match self.judge(now, conn, session, whole) {
            Ok(event) => {
                self.stats.accepted += 1;
                self.staging.sessions.insert(session.sign_in, session.clone());
                self.staging.events.push(event);
                Ok(())
            }
            Err((hashes, GateError::Refused(refusal))) => {
                self.stats.refused += 1;
                self.refuse(conn, command, hashes, refusal);
                Ok(())
            }
            Err((_, GateError::Store(error))) => Err(error.into()),
        }
    }

    /// Takes a command, or says why not, together with the hashes of its changes.
    fn judge(
        &mut self,
        now: Timestamp,
        conn: ConnId,
        session: &Session,
        whole: Whole,
    ) -> Result<Event, (Vec<ChangeHash>, GateError)> {
        let mut inspected = Vec::new();
        let hashes = |inspected: &[(_, Inspected)]| inspected.iter().map(|(_, change)| change.hash).collect();
        if whole.too_large {
            let refusal = Refusal::new(nack::TOO_LARGE, "the command is too large", Retry::Never);
            return Err((Vec::new(), refusal.into()));
        }
        for change in &whole.changes {
            match judge_bytes(&change.change) {
                Ok(sound) => inspected.push((change.record, sound)),
                Err(refusal) => return Err((hashes(&inspected), refusal.into())),
            }
        }
        let found = self.command_entries(whole.command).map_err(|error| (Vec::new(), error.into()))?;
        match self.repeated(session, whole.command, &found, &inspected) {
            Ok(Some(accepted)) => return Ok(Event::Repeated { conn, accepted }),
            Ok(None) => {}
            Err(refusal) => return Err((hashes(&inspected), refusal.into())),
        }
        self.take(now, conn, session, whole.command, &inspected).map_err(|error| (hashes(&inspected), error))
    }

    pub(super) fn command_entries(&mut self, command: CommandId) -> Result<Vec<LogEntry>, StoreError> {
        let mut found = self.store.entries_of_command(command)?;
        found.extend(self.staging.entries_of_command(command).cloned());
        Ok(found)
    }

    /// The answer to a command that was taken before. A command of which only a part has come back after a restore
    /// is not answered but completed.
    fn repeated(
        &self,
        session: &Session,
        command: CommandId,
        found: &[LogEntry],
        pushed: &[(model::RecordRef, Inspected)],
    ) -> Result<Option<Accepted>, Refusal> {
        let Some(first) = found.first() else { return Ok(None) };
        if first.by.user != session.user {
            return Err(Refusal::new(nack::INVALID, "the command's name is somebody else's", Retry::Never));
        }
        let sent: BTreeSet<ChangeHash> = pushed.iter().map(|(_, change)| change.hash).collect();
        let is_part = found.len() < sent.len() && found.iter().all(|entry| sent.contains(&entry.hash));
        Ok((!is_part).then(|| self.accepted(command, found)))
    }

    /// Says what was taken.
    pub(super) fn accepted(&self, command: CommandId, entries: &[LogEntry]) -> Accepted {
        Accepted {
            command,
            first_seq: entries.first().map_or(0, |entry| entry.seq),
            received_at: entries.first().map_or(Timestamp::default(), |entry| entry.received_at),
            receipts: entries.iter().map(|entry| self.proof(entry).receipt).collect(),
            check: change_check(entries.iter().map(|entry| &entry.hash)),
        }
    }

    /// Passes all changes of a command through the gates and stages them; one refusal refuses all.
    fn take(
        &mut self,
        now: Timestamp,
        conn: ConnId,
        session: &Session,
        command: CommandId,
        changes: &[(model::RecordRef, Inspected)],
    ) -> Result<Event, GateError> {
        let by = Authorship { user: session.user, device: session.device };
        let mut bench = Bench::default();
        let mut entries = Vec::with_capacity(changes.len());
        let mut all_new = true;
        for (record, change) in changes {
            match self.pass(&mut bench, *record, change, by, Rights::Of(session)) {
                Ok(true) => entries.push(log_entry(*record, change, by, command, now)),
                Ok(false) => all_new = false,
                Err(error) => {
                    self.throw_away(bench);
                    return Err(error);
                }
            }
        }
        self.keep(bench);
        let start = self.staging.group.entries.len();
        for entry in entries {
            self.staging.push(self.head, entry);
        }
        let range = start..self.staging.group.entries.len();
        if changes.iter().any(|(record, _)| record.kind == model::Kind::Settings) {
            // What follows in this group stands after it in the log, so it counts there already.
            self.refresh_settings()?;
        }
        if all_new && !range.is_empty() {
            let mut accepted = self.accepted(command, &self.staging.group.entries[range.clone()]);
            accepted.received_at = now;
            return Ok(Event::Entries { range, own: Some((conn, accepted)) });
        }
        self.staging.events.push(Event::Entries { range, own: None });
        let accepted = self.accepted_among(now, command, changes)?;
        Ok(Event::Repeated { conn, accepted })
    }

    /// The answer to a command of which some changes were here before, from another command or a restore.
    fn accepted_among(
        &mut self,
        now: Timestamp,
        command: CommandId,
        changes: &[(model::RecordRef, Inspected)],
    ) -> Result<Accepted, StoreError> {
        let mut entries = Vec::with_capacity(changes.len());
        for (record, change) in changes {
            let stored = self.store.entries_of(record.id)?;
            let staged = self.staging.entries_of(record.id);
            let found = stored.iter().chain(staged).find(|entry| entry.hash == change.hash);
            entries.extend(found.cloned());
        }
        let received_at = entries.first().map_or(now, |entry| entry.received_at);
        Ok(Accepted { received_at, ..self.accepted(command, &entries) })
    }

    fn refuse(&mut self, conn: ConnId, command: CommandId, hashes: Vec<ChangeHash>, refusal: Refusal) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        let falls_with = refusal.code == nack::UNKNOWN_DEPENDENCY && connection.refused.contains_any(&refusal.missing);
        connection.refused.add(hashes);
        let (code, detail) = if falls_with {
            (nack::DEPENDS_ON_REFUSED, "a change that this one builds on was refused".to_owned())
        } else {
            (refusal.code, refusal.detail)
        };
        let nack = Nack { command, code: code.into(), fields: refusal.fields, detail, retry: refusal.retry };
        self.staging.events.push(Event::Refused { conn, nack });
    }
}

/// An entry that has no place in the log yet.
pub(super) fn log_entry(
    record: model::RecordRef,
    change: &Inspected,
    by: Authorship,
    command: CommandId,
    received_at: Timestamp,
) -> LogEntry {
    LogEntry {
        seq: 0,
        record,
        hash: change.hash,
        actor: change.actor,
        by,
        command,
        received_at,
        change: change.bytes.clone(),
    }
}

impl Partial {
    fn new(command: CommandId) -> Self {
        Self { command, changes: Vec::new(), size_bytes: 0, too_large: false }
    }

    /// Adds changes while the command stays within its bounds.
    fn add(&mut self, changes: Vec<PushedChange>) {
        self.size_bytes += changes.iter().map(|change| change.change.len()).sum::<usize>();
        let count = self.changes.len() + changes.len();
        self.too_large |= self.size_bytes > COMMAND_MAX || count > COMMAND_CHANGES_MAX;
        if self.too_large {
            self.changes = Vec::new();
        } else {
            self.changes.extend(changes);
        }
    }
}
