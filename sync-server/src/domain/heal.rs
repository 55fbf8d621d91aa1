//! Getting back what the relay has lost: clients offer the accepted changes they hold, and bring those that are
//! missing.

use ledger::guard::Inspected;
use model::{ChangeHash, Kind, RecordRef, Role, UserId};
use sync::wire::{Entry, OFFER_MAX, Offer, RelayFrame, Return, Returned, Want};

use super::gate::{Bench, GateError, Rights, judge_bytes};
use super::push::log_entry;
use super::relay::{ServeError, frame};
use super::staging::Event;
use super::{ConnId, Output, Relay, RelayEnv, RelayError, Session, Write, WriteError};
use crate::store::{Authorship, LogStore, StoreError};

impl<S: LogStore> Relay<S> {
    pub(super) fn offer(
        &mut self,
        conn: ConnId,
        offer: &Offer,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), ServeError> {
        if offer.hashes.len() > OFFER_MAX {
            return Err(ServeError::Protocol("too many hashes in one offer".into()));
        }
        let hashes = self.store.missing(&offer.hashes)?;
        outputs.push((conn, frame(&RelayFrame::Want(Want { hashes }))));
        Ok(())
    }

    /// Takes returned entries one by one; each has its own fate.
    pub(super) fn take_back(&mut self, conn: ConnId, session: &Session, returned: &Return) -> Result<(), ServeError> {
        let start = self.staging.group.entries.len();
        self.staging.sessions.insert(session.sign_in, session.clone());
        let (mut taken, mut refused) = (0, Vec::new());
        for entry in returned.entries.open()? {
            if self.take_back_one(session, &entry)? {
                taken += 1;
            } else {
                refused.push(entry.proof.hash);
            }
        }
        let range = start..self.staging.group.entries.len();
        self.staging.events.push(Event::Entries { range, own: None });
        self.staging.events.push(Event::TookBack { conn, returned: Returned { taken, refused: fitting(refused) } });
        Ok(())
    }

    fn take_back_one(&mut self, session: &Session, entry: &Entry) -> Result<bool, StoreError> {
        let proof = &entry.proof;
        let Ok(change) = judge_bytes(&entry.change) else { return Ok(false) };
        let names_itself = change.hash == proof.hash && change.actor == proof.actor;
        if names_itself && self.holds(entry.record, &change)? {
            return Ok(true);
        }
        let Some(rights) = self.rights_to_return(session, entry).filter(|_| names_itself) else { return Ok(false) };
        let by = Authorship { user: proof.user, device: proof.device };
        let mut bench = Bench::default();
        match self.pass(&mut bench, entry.record, &change, by, rights) {
            Ok(is_new) => {
                self.keep(bench);
                if is_new {
                    self.restore_entry(entry, &change, by);
                    match entry.record.kind {
                        Kind::Settings => self.refresh_settings()?,
                        Kind::User => drop(self.came_back.insert(UserId(entry.record.id.0))),
                        _ => {}
                    }
                }
                Ok(true)
            }
            Err(error) => {
                self.throw_away(bench);
                match error {
                    GateError::Refused(_) => Ok(false),
                    GateError::Store(error) => Err(error),
                }
            }
        }
    }

    /// What a client brings back of people is how they were listed at some time. The identity's tables decide what
    /// they may do, so they have the last word here too, and everybody shows what is true.
    pub(super) fn correct_directory(
        &mut self,
        env: &mut impl RelayEnv,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), RelayError> {
        for user in std::mem::take(&mut self.came_back) {
            let Some(changes) = env.listed(user) else { continue };
            let by = Authorship { user, device: self.own_device() };
            match self.write_as(env, by, vec![Write::user(user, changes)]) {
                Ok(heard) => outputs.extend(heard),
                Err(WriteError::Relay(error)) => return Err(error),
                Err(WriteError::Store(error)) => return Err(error.into()),
                // It is listed anew when the person or the next start changes it.
                Err(WriteError::Field(_) | WriteError::Edit(_) | WriteError::Unsound(_) | WriteError::StorageFull) => {}
            }
        }
        Ok(())
    }

    fn holds(&mut self, record: RecordRef, change: &Inspected) -> Result<bool, StoreError> {
        let Some(document) = self.document(record)? else { return Ok(false) };
        let holds = document.record() == record && document.contains(&change.hash);
        self.documents.put(document);
        Ok(holds)
    }

    fn restore_entry(&mut self, entry: &Entry, change: &Inspected, by: Authorship) {
        let restored = log_entry(entry.record, change, by, entry.proof.command, entry.proof.received_at);
        self.staging.push(self.head, restored);
    }

    /// With our receipt, or vouched for by an administrator, everything may come back. Without, people bring what
    /// they wrote themselves and would be allowed to write now.
    fn rights_to_return<'a>(&self, session: &'a Session, entry: &Entry) -> Option<Rights<'a>> {
        if session.role == Role::Admin || self.key.verify(entry.record, &entry.proof) {
            return Some(Rights::Proven);
        }
        let own = entry.proof.user == session.user && !matches!(entry.record.kind, Kind::User | Kind::Device);
        own.then_some(Rights::Of(session))
    }
}

/// As many hashes as fit a frame.
fn fitting(mut refused: Vec<ChangeHash>) -> Vec<ChangeHash> {
    refused.truncate(OFFER_MAX);
    refused
}
