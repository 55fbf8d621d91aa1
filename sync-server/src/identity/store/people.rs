//! People changed by administrators and by themselves, and the one-time links by which they choose passwords.

use model::{Timestamp, UserId, WorkspaceId};
use rusqlite::{Connection, Transaction, params};

use super::{IdentityStore, PERSON, Result, created, end_sessions, has_admin, insert_credential, person, role_changed};
use crate::audit::{self, Action, Event};
use crate::identity::rows::{
    ChangeOutcome, CreateOutcome, EndedWhy, LinkPurpose, NewCredential, NewLink, Person, PersonChange,
};
use crate::identity::store::IdentityStoreError;
use crate::identity::store::sessions::end_other_sessions;
use crate::identity::token::{SessionId, TokenHash};

impl IdentityStore {
    /// The person of this id.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn find(&self, user: UserId) -> Result<Option<Person>> {
        find(&self.db, self.workspace, user)
    }

    /// Changes a person, unless that would leave the workspace without an administrator. Somebody who is disabled
    /// loses their sessions and links.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn change_person(
        &mut self,
        user: UserId,
        change: &PersonChange,
        (by, now): (UserId, Timestamp),
    ) -> Result<ChangeOutcome> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let Some(before) = find(&tx, workspace, user)? else { return Ok(ChangeOutcome::NoSuchPerson) };
        let after = changed(before.clone(), change, now);
        tx.execute(
            "UPDATE credential SET name = ?, role = ?, disabled_at = ?, listed = 0 WHERE user_id = ?",
            params![after.name, after.role.name(), after.disabled_at.map(Timestamp::as_millis), user.as_bytes()],
        )?;
        if !has_admin(&tx, workspace)? {
            return Ok(ChangeOutcome::LastAdmin);
        }
        let mut ended = Vec::new();
        if after.disabled_at.is_some() {
            ended = end_sessions(&tx, "user_id", user.as_bytes(), EndedWhy::Disabled, now)?;
            void_links(&tx, user)?;
        }
        for event in what_changed(&before, &after, now) {
            audit::append(&tx, workspace, &event.by(by))?;
        }
        tx.commit()?;
        Ok(ChangeOutcome::Changed(after, ended))
    }

    /// Sets another password and ends every other session of the person; returns the sessions that ended.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn change_password(
        &mut self,
        user: UserId,
        password_hash: &str,
        kept: SessionId,
        now: Timestamp,
    ) -> Result<Vec<SessionId>> {
        let workspace = self.workspace;
        let tx = self.write()?;
        set_password(&tx, user, password_hash)?;
        audit::append(&tx, workspace, &Event::new(Action::PasswordChanged, now).by(user).to(user))?;
        let ended = end_other_sessions(&tx, user.as_bytes(), kept, EndedWhy::PasswordChanged, now)?;
        void_links(&tx, user)?;
        tx.commit()?;
        Ok(ended)
    }

    /// Makes somebody without a password, and the link by which they choose one.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn invite(&mut self, new: &NewCredential, link: &NewLink) -> Result<CreateOutcome> {
        let workspace = self.workspace;
        let tx = self.write()?;
        if super::find_by_email(&tx, workspace, &new.email_key)?.is_some() {
            return Ok(CreateOutcome::EmailTaken);
        }
        insert_credential(&tx, workspace, new)?;
        insert_link(&tx, workspace, link)?;
        audit::append(&tx, workspace, &created(Action::Invited, &new.person).by(link.created_by))?;
        tx.commit()?;
        Ok(CreateOutcome::Created)
    }

    /// Stores a link for somebody in place of those before it; `None` when there is nobody who may sign in. Whoever
    /// has never had a password gets an invitation.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn replace_link(&mut self, link: &NewLink, now: Timestamp) -> Result<Option<Person>> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let found = find(&tx, workspace, link.user)?.filter(|person| person.disabled_at.is_none());
        let Some(person) = found else { return Ok(None) };
        let sql = "SELECT password_hash = '' FROM credential WHERE user_id = ?";
        let invited: bool = tx.query_row(sql, [link.user.as_bytes()], |row| row.get(0))?;
        let purpose = if invited { LinkPurpose::Invite } else { link.purpose };
        void_links(&tx, link.user)?;
        insert_link(&tx, workspace, &NewLink { purpose, ..*link })?;
        let event = Event::new(Action::ResetLinkMade, now).by(link.created_by).to(link.user);
        audit::append(&tx, workspace, &event.with("purpose", purpose.name()))?;
        tx.commit()?;
        Ok(Some(person))
    }

    /// Whom a link is for, while it is valid.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn find_link(&self, hash: TokenHash, now: Timestamp) -> Result<Option<(Person, LinkPurpose)>> {
        find_link(&self.db, self.workspace, hash, now)
    }

    /// Uses a link up: sets the password and ends the person's sessions; `None` when the link is not valid.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn use_link(
        &mut self,
        hash: TokenHash,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(Person, Vec<SessionId>)>> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let Some((person, purpose)) = find_link(&tx, workspace, hash, now)? else { return Ok(None) };
        let event = Event::new(Action::LinkUsed, now).by(person.id).to(person.id).with("purpose", purpose.name());
        audit::append(&tx, workspace, &event)?;
        set_password(&tx, person.id, password_hash)?;
        void_links(&tx, person.id)?;
        let ended = end_sessions(&tx, "user_id", person.id.as_bytes(), EndedWhy::PasswordReset, now)?;
        tx.commit()?;
        Ok(Some((person, ended)))
    }
}

fn changed(person: Person, change: &PersonChange, now: Timestamp) -> Person {
    let disabled_at = match change.disabled {
        Some(true) => person.disabled_at.or(Some(now)),
        Some(false) => None,
        None => person.disabled_at,
    };
    let name = change.name.clone().unwrap_or(person.name);
    Person { name, role: change.role.unwrap_or(person.role), disabled_at, ..person }
}

/// What the audit log says about a change.
fn what_changed(before: &Person, after: &Person, now: Timestamp) -> Vec<Event> {
    let mut events = Vec::new();
    if before.role != after.role {
        events.push(role_changed(after.id, (before.role.name(), after.role.name()), now));
    }
    if before.name != after.name {
        let event = Event::new(Action::PersonRenamed, now).to(after.id);
        events.push(event.with("before", before.name.as_str()).with("after", after.name.as_str()));
    }
    match (before.disabled_at, after.disabled_at) {
        (None, Some(_)) => events.push(Event::new(Action::PersonDisabled, now).to(after.id)),
        (Some(_), None) => events.push(Event::new(Action::PersonEnabled, now).to(after.id)),
        _ => {}
    }
    events
}

fn find(db: &Connection, workspace: WorkspaceId, user: UserId) -> Result<Option<Person>> {
    let sql = format!("SELECT {PERSON} FROM credential WHERE workspace_id = ? AND user_id = ?");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![workspace.as_bytes(), user.as_bytes()])?;
    rows.next()?.map(|row| person(row, 0)).transpose()
}

fn find_link(
    db: &Connection,
    workspace: WorkspaceId,
    hash: TokenHash,
    now: Timestamp,
) -> Result<Option<(Person, LinkPurpose)>> {
    let sql = format!(
        "SELECT purpose, {PERSON} FROM link JOIN credential USING (user_id)
         WHERE token_hash = ? AND link.workspace_id = ? AND expires_at > ? AND disabled_at IS NULL"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![hash.0, workspace.as_bytes(), now.as_millis()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let purpose: String = row.get(0)?;
    let purpose = LinkPurpose::from_name(&purpose).ok_or(IdentityStoreError::Damaged("purpose"))?;
    Ok(Some((person(row, 1)?, purpose)))
}

fn set_password(tx: &Transaction<'_>, user: UserId, password_hash: &str) -> Result<()> {
    let sql = "UPDATE credential SET password_hash = ? WHERE user_id = ?";
    tx.execute(sql, params![password_hash, user.as_bytes()])?;
    Ok(())
}

fn insert_link(tx: &Transaction<'_>, workspace: WorkspaceId, link: &NewLink) -> Result<()> {
    tx.execute(
        "INSERT INTO link (token_hash, workspace_id, user_id, purpose, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        params![
            link.hash.0,
            workspace.as_bytes(),
            link.user.as_bytes(),
            link.purpose.name(),
            link.created_by.as_bytes(),
            link.expires_at.as_millis()
        ],
    )?;
    Ok(())
}

fn void_links(tx: &Transaction<'_>, user: UserId) -> Result<()> {
    tx.execute("DELETE FROM link WHERE user_id = ?", [user.as_bytes()])?;
    Ok(())
}
