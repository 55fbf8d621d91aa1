//! What this person may do, by the same rules as the relay's, before anything is tried.

use model::app::Trouble;
use model::policy::{Actor, Denied, Role, Standing};
use model::{Edit, Kind, Record, RecordRef, suggestion};

use crate::replica::{Replica, ReplicaError};

impl Replica {
    /// Says no to edits that the relay would refuse for a lack of rights.
    pub(crate) fn permit(&self, edits: &[Edit]) -> Result<(), ReplicaError> {
        let actor = self.actor()?;
        for edit in edits {
            if let Err(denied) = self.may_make(&actor, edit)? {
                return Err(Trouble::NotAllowed(denied.to_string()).into());
            }
        }
        Ok(())
    }

    /// Whether the person may make an edit, and why not.
    pub(crate) fn may_make(&self, actor: &Actor, edit: &Edit) -> Result<Result<(), Denied>, ReplicaError> {
        let record = edit.record();
        if let Edit::Create { fields, .. } = edit {
            let each = |(key, value): (&String, _)| actor.may_begin_with(record.kind, key, value);
            return Ok(actor.may_create(record.kind).and_then(|()| fields.iter().try_for_each(each)));
        }
        let standing = self.standing(actor, record)?;
        let allowed = match edit {
            Edit::Set { fields, .. } => fields.keys().try_for_each(|key| actor.may_write(&standing, key)),
            Edit::Settle { key, .. } => actor.may_write(&standing, key),
            Edit::Create { .. } => Ok(()),
        };
        Ok(allowed)
    }

    /// A record as far as rights depend on it; what they don't depend on is not looked up.
    fn standing(&self, actor: &Actor, record: RecordRef) -> Result<Standing, ReplicaError> {
        if !actor.only_owners_edit && record.kind != Kind::Suggestion {
            return Ok(Standing::owned(record.kind, None));
        }
        let Some(found) = self.store.record(record.id)? else { return Ok(Standing::owned(record.kind, None)) };
        let about = match suggestion::subject(&found) {
            Some(subject) => self.store.record(subject.id)?,
            None => None,
        };
        Ok(Standing::of(&found, about.as_ref()))
    }

    /// Why the person may not edit a record; `None` when they may.
    pub(crate) fn denied(&self, record: &Record) -> Option<Denied> {
        let actor = self.actor().ok()?;
        actor.may_edit(record.kind, record.owner()).err()
    }

    /// The directory says which name and role a person has by now; what is shown follows at once.
    pub(crate) fn read_own_standing(&mut self) -> Result<(), ReplicaError> {
        let Some(account) = self.account.as_ref().filter(|account| account.is_joined()) else { return Ok(()) };
        let Some(record) = self.store.record(account.user.record())? else { return Ok(()) };
        let new_role = Role::from_name(record.text("role")).filter(|role| *role != account.role);
        let new_name = Some(record.text("name")).filter(|name| !name.is_empty() && *name != account.name);
        if let Some(name) = new_name {
            self.take_name(name.to_owned())?;
        }
        new_role.map_or(Ok(()), |role| self.take_role(role))
    }
}
