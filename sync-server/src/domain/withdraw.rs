//! When somebody's rights change between the judgement of what they pushed and its commit: nothing of the group is
//! stored, and its commands are judged again by what holds now.

use std::collections::BTreeSet;
use std::ops::Range;

use model::{CommandId, Role};
use sync::wire::{Accepted, Farewell, Nack, PushedChange, Retry, nack};

use super::push::Whole;
use super::relay::ServeError;
use super::staging::{Event, Staging};
use super::{ConnId, Output, Rejected, Relay, RelayEnv, RelayError, Session};
use crate::store::LogStore;

/// Somebody's rights as they are now.
pub(super) type RightsNow = (Session, Result<Role, Rejected>);

/// Whose rights are not what the group relies on.
pub(super) fn rights_changed(env: &mut impl RelayEnv, staging: &Staging) -> Vec<RightsNow> {
    let now = |session: &Session| (session.clone(), env.role_now(session));
    let all = staging.sessions.values().map(now);
    all.filter(|(session, role)| *role != Ok(session.role)).collect()
}

impl<S: LogStore> Relay<S> {
    /// Applies the changed rights and judges the group's commands again, in their order.
    pub(super) fn judge_again(
        &mut self,
        env: &mut impl RelayEnv,
        staging: Staging,
        changed: Vec<RightsNow>,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), RelayError> {
        for (session, now) in changed {
            self.apply_rights(&session, now, outputs);
        }
        let mut unnamed = BTreeSet::new();
        let Staging { group, events, .. } = staging;
        for event in events {
            match event {
                Event::Entries { range, own: Some((conn, accepted)) } => {
                    self.stats.accepted = self.stats.accepted.saturating_sub(1);
                    self.push_again(env, conn, accepted.command, &group.entries[range])?;
                }
                Event::Entries { range, own: None } => unnamed.extend(commands(&group.entries, range)),
                Event::Repeated { conn, accepted } if unnamed.contains(&accepted.command) => {
                    self.close(conn, Farewell::Internal, TRY_AGAIN.into(), outputs);
                }
                Event::Repeated { conn, accepted } => self.repeat_again(conn, accepted)?,
                Event::TookBack { conn, .. } => self.close(conn, Farewell::Internal, TRY_AGAIN.into(), outputs),
                Event::Refused { .. } => self.staging.events.push(event),
            }
        }
        Ok(())
    }

    fn apply_rights(&mut self, session: &Session, now: Result<Role, Rejected>, outputs: &mut Vec<(ConnId, Output)>) {
        match now {
            Ok(role) => self.set_role(session.user, role),
            Err(rejected) => {
                for conn in self.connections_of(|other| other.sign_in == session.sign_in) {
                    self.close(conn, Farewell::SignIn, rejected.to_string(), outputs);
                }
            }
        }
    }

    fn push_again(
        &mut self,
        env: &mut impl RelayEnv,
        conn: ConnId,
        command: CommandId,
        entries: &[crate::store::LogEntry],
    ) -> Result<(), RelayError> {
        // Whoever is gone by now gets no answer, and sends the command again.
        let Some(session) = self.connections.get(&conn).and_then(|conn| conn.session().cloned()) else { return Ok(()) };
        let change =
            |entry: &crate::store::LogEntry| PushedChange { record: entry.record, change: entry.change.clone() };
        let whole = Whole { command, changes: entries.iter().map(change).collect(), too_large: false };
        self.execute(env.now(), conn, &session, whole).map_err(|error| match error {
            ServeError::Store(error) => RelayError::Store(error),
            ServeError::Protocol(_) => RelayError::Panicked,
        })
    }

    /// The answer to a command that came twice: as the first of the two is answered now.
    fn repeat_again(&mut self, conn: ConnId, accepted: Accepted) -> Result<(), RelayError> {
        if accepted.first_seq <= self.head.seq {
            self.staging.events.push(Event::Repeated { conn, accepted });
            return Ok(());
        }
        let command = accepted.command;
        let found = self.command_entries(command)?;
        let event = match found.is_empty() {
            false => Event::Repeated { conn, accepted: self.accepted(command, &found) },
            true => Event::Refused { conn, nack: no_longer_allowed(command) },
        };
        self.staging.events.push(event);
        Ok(())
    }
}

const TRY_AGAIN: &str = "rights have changed meanwhile";

fn no_longer_allowed(command: CommandId) -> Nack {
    Nack { command, code: nack::NOT_ALLOWED.into(), fields: Vec::new(), detail: TRY_AGAIN.into(), retry: Retry::Never }
}

fn commands(entries: &[crate::store::LogEntry], range: Range<usize>) -> impl Iterator<Item = CommandId> + '_ {
    entries[range].iter().map(|entry| entry.command)
}
