//! Changes that the relay makes itself, on behalf of somebody: the user directory, devices, REST.

use ledger::guard::Inspected;
use ledger::{Author, Document, EditError, actor_id};
use model::schema::FieldProblem;
use model::{Fields, IdSource, RecordRef, Timestamp};

use super::gate::judge_bytes;
use super::push::log_entry;
use super::staging::{Event, Fate};
use super::{ConnId, Output, Relay, Write};
use crate::store::{Authorship, LogEntry, LogStore, StoreError};

/// Why the relay did not write.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A field doesn't exist, or its value doesn't fit.
    #[error(transparent)]
    Field(#[from] FieldProblem),
    /// The document can't be edited that way.
    #[error("the record can't be changed that way")]
    Edit(#[source] Box<EditError>),
    /// The change would not pass the relay's own gates.
    #[error("the change is not sound: {0}")]
    Unsound(String),
    /// There is no room left.
    #[error("the relay's disk is full")]
    StorageFull,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The relay failed.
    #[error(transparent)]
    Relay(#[from] super::RelayError),
}

impl From<EditError> for WriteError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Field(problem) => Self::Field(problem),
            error => Self::Edit(Box::new(error)),
        }
    }
}

impl<S: LogStore> Relay<S> {
    /// Writes records on behalf of `by`, all in one transaction and as one command; rights are the caller's affair.
    /// Returns what connections are to hear of it.
    ///
    /// # Errors
    /// When nothing was written.
    pub fn write_as(
        &mut self,
        env: &mut impl IdSource,
        by: Authorship,
        writes: Vec<Write>,
    ) -> Result<Vec<(ConnId, Output)>, WriteError> {
        let mut outputs = Vec::new();
        let author = Authorship { device: self.own_device(), ..by };
        let command = env.fresh_command_id();
        for write in &writes {
            let change = match self.write_one(env.now(), author, write) {
                Ok(Some(change)) => change,
                Ok(None) => continue,
                Err(error) => {
                    self.drop_staged();
                    return Err(error);
                }
            };
            self.staging.push(self.head, log_entry(write.record, &change, author, command, env.now()));
        }
        self.staging.events.push(Event::Entries { range: 0..self.staging.group.entries.len(), own: None });
        let staging = std::mem::take(&mut self.staging);
        match self.commit_staged(staging, &mut outputs)? {
            Fate::Committed => Ok(outputs),
            Fate::NoRoom => Err(WriteError::StorageFull),
            Fate::Withdrawn(_) => Err(WriteError::Unsound("rights have changed meanwhile".into())),
        }
    }

    /// Makes the change; `None` when the record holds all that already.
    pub(super) fn write_one(
        &mut self,
        now: Timestamp,
        by: Authorship,
        write: &Write,
    ) -> Result<Option<Inspected>, WriteError> {
        let author = Author { actor: self.own_actor(by, write.record), at: now };
        let (document, change) = match self.document(write.record)? {
            Some(mut document) => {
                let change = document.edit(&write.changes, &[], &author, &author);
                (document, change?)
            }
            None => {
                let (document, change) = Document::create(write.record, &first_fields(write, now), &author)?;
                (document, Some(change))
            }
        };
        let sound = change.map(|change| judge_bytes(&change.bytes)).transpose();
        let sound = sound.map_err(|refusal| WriteError::Unsound(refusal.detail))?;
        self.documents.put(document);
        Ok(sound)
    }

    /// The actor that the relay writes a record under for somebody; another one in every epoch, so that a restored
    /// relay never uses a sequence number twice.
    pub(super) fn own_actor(&self, by: Authorship, record: RecordRef) -> ledger::ActorId {
        actor_id(by.device, by.user, record.id, 0, &self.head.epoch.0)
    }

    /// Stages the settings' first change.
    pub(super) fn stage_genesis(&mut self, env: &mut impl IdSource, by: Authorship) {
        let (document, change) = Document::settings_genesis();
        let entry = LogEntry {
            seq: 0,
            record: document.record(),
            hash: change.hash,
            actor: change.actor,
            by,
            command: env.fresh_command_id(),
            received_at: env.now(),
            change: change.bytes,
        };
        self.staging.push(self.head, entry);
        self.documents.put(document);
    }

    /// Forgets what is staged, in documents too.
    pub(super) fn drop_staged(&mut self) {
        let staging = std::mem::take(&mut self.staging);
        staging.group.entries.iter().for_each(|entry| self.documents.forget(entry.record.id));
    }
}

fn first_fields(write: &Write, now: Timestamp) -> Fields {
    let set = write.changes.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?)));
    let mut fields: Fields = set.collect();
    if write.record.kind.field("created_at").is_some() {
        fields.entry("created_at".into()).or_insert(now.into());
    }
    fields
}
