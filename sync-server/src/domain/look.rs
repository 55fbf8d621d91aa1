//! One record as it stands, with what decides who may change it.

use model::policy::Actor;
use model::{Record, RecordRef, Role, UserId};

use super::Relay;
use crate::store::{LogStore, StoreError};

/// A record as it stands at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The record.
    pub record: Record,
    /// The workspace option "only owners edit".
    pub only_owners_edit: bool,
}

impl Seen {
    /// Whether somebody may change the record now.
    ///
    /// # Errors
    /// The reason why not.
    pub fn may_edit(&self, user: UserId, role: Role) -> Result<(), model::policy::Denied> {
        let actor = Actor { user, role, only_owners_edit: self.only_owners_edit };
        actor.may_edit(self.record.kind, self.record.owner())
    }
}

impl<S: LogStore> Relay<S> {
    /// Looks at a record; `None` when there is none of this kind and id.
    ///
    /// # Errors
    /// When the store can't be read or the record is damaged.
    pub fn look(&mut self, record: RecordRef) -> Result<Option<Seen>, StoreError> {
        let Some(document) = self.document(record)? else { return Ok(None) };
        let seen = document.read().0;
        self.documents.put(document);
        let only_owners_edit = self.only_owners_edit;
        Ok((seen.kind == record.kind).then_some(Seen { record: seen, only_owners_edit }))
    }
}
