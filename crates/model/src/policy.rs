//! Who may do what (PRODUCT 5). The same code shows it in the clients and enforces it on the relay.

use serde::{Deserialize, Serialize};

use crate::{Kind, Record, UserId, Value};

/// A person's role in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Works with the records.
    User,
    /// Runs the workspace.
    Admin,
}

impl Role {
    /// The name in JSON and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::User => "user",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Viewer, Self::User, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// Why something is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Denied {
    /// The person may only read.
    #[error("your role is read-only")]
    ReadOnly,
    /// Only administrators may.
    #[error("only an administrator can change this")]
    AdminsOnly,
    /// Only the record's owner (or an administrator) may.
    #[error("only the owner or an administrator can change this")]
    OwnersOnly,
    /// Only who wrote it (or an administrator) may.
    #[error("only its author can change this")]
    AuthorsOnly,
    /// It would be in somebody else's name.
    #[error("this can only be done in your own name")]
    OwnNameOnly,
    /// Only the relay writes it.
    #[error("this is managed by the team's relay")]
    RelayOnly,
}

/// Who asks, under which workspace option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Their role now.
    pub role: Role,
    /// The workspace option "only owners edit".
    pub only_owners_edit: bool,
}

/// A record as far as rights depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it is.
    pub kind: Kind,
    /// Its owner at this moment; `None` for a record that has none, or is about to begin.
    pub owner: Option<UserId>,
    /// For a suggestion: the owner of the record it is about, at this moment.
    pub decider: Option<UserId>,
}

impl Standing {
    /// A record of this kind with this owner.
    pub const fn owned(kind: Kind, owner: Option<UserId>) -> Self {
        Self { kind, owner, decider: None }
    }

    /// The record as it stands; `about` is the record that a suggestion is about, if it is at hand.
    pub fn of(record: &Record, about: Option<&Record>) -> Self {
        let decider = about.and_then(Record::owner).or_else(|| crate::suggestion::addressee(record));
        Self { kind: record.kind, owner: record.owner(), decider }
    }
}

impl Actor {
    /// Whether the person may create records of this kind.
    ///
    /// # Errors
    /// The reason why not.
    pub const fn may_create(&self, kind: Kind) -> Result<(), Denied> {
        match (self.role, kind) {
            (_, Kind::User | Kind::Device) => Err(Denied::RelayOnly),
            (Role::Viewer, _) => Err(Denied::ReadOnly),
            (Role::User, Kind::Settings) => Err(Denied::AdminsOnly),
            _ => Ok(()),
        }
    }

    /// Whether the person may give a record that begins this value.
    ///
    /// Records may be created for others: whoever owns one may hand it over, so that comes to the same. A suggestion
    /// and a saved view bear their author's name, and a suggestion begins open.
    ///
    /// # Errors
    /// The reason why not.
    pub fn may_begin_with(&self, kind: Kind, key: &str, value: &Value) -> Result<(), Denied> {
        self.may_create(kind)?;
        match (kind, key) {
            (Kind::Suggestion, "owner_id") if value.as_id() != Some(self.user.record()) => Err(Denied::OwnNameOnly),
            (Kind::Suggestion, "status") if value.as_text() != Some(crate::suggestion::OPEN) => Err(Denied::OwnersOnly),
            (Kind::View, "owner_id") if value.as_id() != Some(self.user.record()) => Err(Denied::OwnNameOnly),
            (Kind::Attachment, "path" | "scan") => Err(Denied::RelayOnly),
            _ => Ok(()),
        }
    }

    /// Whether the person may change a record of this kind with this owner.
    ///
    /// # Errors
    /// The reason why not.
    pub fn may_edit(&self, kind: Kind, owner: Option<UserId>) -> Result<(), Denied> {
        self.may_create(kind)?;
        if kind == Kind::View && self.role != Role::Admin && owner.is_some_and(|owner| owner != self.user) {
            return Err(Denied::AuthorsOnly);
        }
        if self.is_outside(owner) { Err(Denied::OwnersOnly) } else { Ok(()) }
    }

    /// Whether the person may write one field of a record, whatever they write.
    ///
    /// To hand a record over is an edit of it: the owner or an administrator may, where only owners edit. What only
    /// a record's first change writes is not a question of rights; the schema marks it.
    ///
    /// # Errors
    /// The reason why not.
    pub fn may_write(&self, standing: &Standing, key: &str) -> Result<(), Denied> {
        match (standing.kind, key) {
            (Kind::Suggestion, "status") => self.may_edit(standing.kind, standing.decider),
            (Kind::Suggestion | Kind::View, _) => {
                self.may_create(standing.kind)?;
                let own = standing.owner == Some(self.user) || self.role == Role::Admin;
                if own { Ok(()) } else { Err(Denied::AuthorsOnly) }
            }
            (Kind::Attachment, "path" | "scan") => Err(Denied::RelayOnly),
            (kind, _) => self.may_edit(kind, standing.owner),
        }
    }

    fn is_outside(&self, owner: Option<UserId>) -> bool {
        self.only_owners_edit && self.role != Role::Admin && owner.is_some_and(|owner| owner != self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId::from_bytes([1; 16]);
    const BEN: UserId = UserId::from_bytes([2; 16]);

    const fn actor(user: UserId, role: Role, only_owners_edit: bool) -> Actor {
        Actor { user, role, only_owners_edit }
    }

    #[test]
    fn a_viewer_writes_nothing() {
        let viewer = actor(ADA, Role::Viewer, false);

        for kind in Kind::ALL {
            assert!(viewer.may_create(kind).is_err());
            assert!(viewer.may_edit(kind, Some(ADA)).is_err());
            assert!(viewer.may_write(&Standing::owned(kind, Some(ADA)), "title").is_err());
        }
    }

    #[test]
    fn where_only_owners_edit_others_read_log_and_propose() {
        let ben = actor(BEN, Role::User, true);
        let adas = Standing::owned(Kind::Lead, Some(ADA));

        for key in ["title", "owner_id", "deleted_at", "tags/hot", "merged_into"] {
            assert_eq!(ben.may_write(&adas, key), Err(Denied::OwnersOnly), "{key}");
        }
        for kind in [Kind::Activity, Kind::Task, Kind::Suggestion] {
            assert_eq!(ben.may_create(kind), Ok(()));
        }
    }

    #[test]
    fn a_record_is_handed_over_by_its_owner_or_an_administrator() {
        let adas = Standing::owned(Kind::Lead, Some(ADA));

        assert_eq!(actor(ADA, Role::User, true).may_write(&adas, "owner_id"), Ok(()));
        assert_eq!(actor(BEN, Role::Admin, true).may_write(&adas, "owner_id"), Ok(()));
        assert_eq!(actor(BEN, Role::User, false).may_write(&adas, "owner_id"), Ok(()));
    }

    #[test]
    fn a_suggestion_bears_its_authors_name_and_is_decided_by_the_owner() {
        let (ada, ben) = (actor(ADA, Role::User, true), actor(BEN, Role::User, true));
        let bens = Standing { kind: Kind::Suggestion, owner: Some(BEN), decider: Some(ADA) };
        let name = |user: UserId| Value::from(user);

        assert_eq!(ben.may_begin_with(Kind::Suggestion, "owner_id", &name(BEN)), Ok(()));
        assert_eq!(ben.may_begin_with(Kind::Suggestion, "owner_id", &name(ADA)), Err(Denied::OwnNameOnly));
        assert_eq!(ben.may_begin_with(Kind::Suggestion, "status", &"accepted".into()), Err(Denied::OwnersOnly));
        assert_eq!(ada.may_write(&bens, "status"), Ok(()));
        assert_eq!(ben.may_write(&bens, "status"), Err(Denied::OwnersOnly));
        assert_eq!(ben.may_write(&bens, "deleted_at"), Ok(()));
        assert_eq!(ada.may_write(&bens, "deleted_at"), Err(Denied::AuthorsOnly));
    }

    #[test]
    fn a_saved_view_is_changed_by_who_made_it() {
        let (ben, admin) = (actor(BEN, Role::User, false), actor(BEN, Role::Admin, false));
        let adas = Standing::owned(Kind::View, Some(ADA));

        assert_eq!(ben.may_begin_with(Kind::View, "owner_id", &Value::from(ADA)), Err(Denied::OwnNameOnly));
        assert_eq!(ben.may_write(&adas, "name"), Err(Denied::AuthorsOnly));
        assert_eq!(ben.may_edit(Kind::View, Some(ADA)), Err(Denied::AuthorsOnly));
        assert_eq!(admin.may_write(&adas, "name"), Ok(()));
        assert_eq!(ben.may_write(&Standing::owned(Kind::View, Some(BEN)), "shared"), Ok(()));
    }

    #[test]
    fn where_a_file_lies_is_the_relays_affair() {
        let admin = actor(ADA, Role::Admin, false);
        let file = Standing::owned(Kind::Attachment, Some(ADA));

        assert_eq!(admin.may_begin_with(Kind::Attachment, "path", &"x".into()), Err(Denied::RelayOnly));
        assert_eq!(admin.may_write(&file, "path"), Err(Denied::RelayOnly));
    }
}
