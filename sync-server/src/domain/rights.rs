//! The gate of policy: every field that a change writes, whether or not it comes to show, against who writes it and
//! who owns the record at this moment.

use ledger::Document;
use ledger::guard::{Inspected, Write, paths};
use model::policy::{Actor, Denied, Standing};
use model::{Kind, RecordRef, UserId, suggestion};
use sync::wire::{Retry, nack};

use super::gate::{Bench, GateError, Refusal};
use super::{Relay, Session};
use crate::store::{LogStore, StoreError};

impl<S: LogStore> Relay<S> {
    /// Somebody with the rights they have now.
    pub(super) const fn actor_of(&self, session: &Session) -> Actor {
        Actor { user: session.user, role: session.role, only_owners_edit: self.only_owners_edit }
    }

    /// Judges an admitted change, operation by operation.
    pub(super) fn permit(
        &mut self,
        bench: &Bench,
        session: &Session,
        record: RecordRef,
        change: &Inspected,
    ) -> Result<(), GateError> {
        let actor = self.actor_of(session);
        let touched = paths(bench.document(record.id), record, change);
        let Some(document) = bench.document(record.id) else {
            let begins = |one: &ledger::guard::Touched| match &one.write {
                Write::Set(value) => actor.may_begin_with(record.kind, &one.key, value),
                Write::Removed | Write::Typed => actor.may_create(record.kind),
            };
            return Ok(touched.iter().try_for_each(begins).map_err(not_allowed)?);
        };
        let standing = self.standing(bench, document)?;
        let may_write = |one: &ledger::guard::Touched| actor.may_write(&standing, &one.key);
        Ok(touched.iter().try_for_each(may_write).map_err(not_allowed)?)
    }

    /// The record's owner at this moment, where it matters.
    fn standing(&mut self, bench: &Bench, document: &Document) -> Result<Standing, StoreError> {
        let kind = document.record().kind;
        if kind == Kind::Suggestion {
            let (record, _) = document.read();
            let owner = match suggestion::subject(&record) {
                Some(subject) => self.owner_now(bench, subject)?,
                None => None,
            };
            let decider = owner.or_else(|| suggestion::addressee(&record));
            return Ok(Standing { kind, owner: record.owner(), decider });
        }
        let owner = if self.only_owners_edit { document.owner() } else { None };
        Ok(Standing::owned(kind, owner))
    }

    /// Who owns a record, the command at hand included.
    fn owner_now(&mut self, bench: &Bench, record: RecordRef) -> Result<Option<UserId>, StoreError> {
        if bench.holds(record.id) {
            return Ok(bench.document(record.id).and_then(Document::owner));
        }
        let Some(document) = self.document(record)? else { return Ok(None) };
        let owner = document.owner();
        self.documents.put(document);
        Ok(owner)
    }
}

/// A refusal for a lack of rights.
pub(super) fn not_allowed(denied: Denied) -> Refusal {
    Refusal::new(nack::NOT_ALLOWED, denied, Retry::Never)
}
