//! Credentials, devices, sessions and token hashes in SQLite: the only place of identity that knows SQL.
//!
//! The tables lie in the relay's database file and have their own connection and their own migrations. Every write
//! is one transaction with `synchronous=FULL`.

mod devices;
mod people;
mod sessions;

use std::path::Path;
use std::time::Duration;

use model::{Role, Timestamp, UserId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::rows::{CreateOutcome, EndedWhy, NewCredential, Person, RoleOutcome, SetupOutcome};
use super::token::{SessionId, TokenHash};
use crate::audit::{self, Action, Event};
use sessions::end_sessions;

/// Waits this long for another connection's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Each entry brings the tables from the version before to its own, counted from 1.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("schema-2.sql")];

/// Why the tables could not be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityStoreError {
    /// SQLite failed.
    #[error("the identity tables cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Written by a newer program.
    #[error("the identity tables are of version {found}; this program knows versions up to {known}")]
    Newer {
        /// The tables' version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// A row that this program does not write.
    #[error("a row of the identity tables is damaged: {0}")]
    Damaged(&'static str),
}

type Result<T> = std::result::Result<T, IdentityStoreError>;

/// The identity tables of one workspace.
pub struct IdentityStore {
    db: Connection,
    workspace: WorkspaceId,
}

impl IdentityStore {
    /// Opens the tables in the database file, and makes or upgrades them.
    ///
    /// # Errors
    /// When SQLite fails or the tables are newer than this program.
    pub fn open(path: &Path, workspace: WorkspaceId) -> Result<Self> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF;",
        )?;
        migrate(&mut db)?;
        audit::migrate(&mut db)?;
        db.execute_batch("PRAGMA foreign_keys=ON")?;
        Ok(Self { db, workspace })
    }

    fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Whether an administrator exists.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn has_admin(&self) -> Result<bool> {
        has_admin(&self.db, self.workspace)
    }

    /// Stores a setup token in place of all before it.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn replace_setup_token(&mut self, hash: TokenHash, expires_at: Timestamp) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        tx.execute("DELETE FROM setup_token WHERE workspace_id = ?", [workspace.as_bytes()])?;
        tx.execute(
            "INSERT INTO setup_token (token_hash, workspace_id, expires_at) VALUES (?, ?, ?)",
            params![hash.0, workspace.as_bytes(), expires_at.as_millis()],
        )?;
        Ok(tx.commit()?)
    }

    /// Whether a setup token would be taken now; decided again by `set_up`.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn judge_setup(&self, token: TokenHash, now: Timestamp) -> Result<SetupOutcome> {
        judge_setup(&self.db, self.workspace, token, now)
    }

    /// Makes the first administrator and uses the token up, or neither.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn set_up(&mut self, token: TokenHash, admin: &NewCredential, now: Timestamp) -> Result<SetupOutcome> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let outcome = judge_setup(&tx, workspace, token, now)?;
        if outcome == SetupOutcome::Created {
            tx.execute("UPDATE setup_token SET used_at = ? WHERE token_hash = ?", params![now.as_millis(), token.0])?;
            insert_credential(&tx, workspace, admin)?;
            let user = admin.person.id;
            audit::append(&tx, workspace, &Event::new(Action::SetUp, now).by(user).to(user))?;
            tx.commit()?;
        }
        Ok(outcome)
    }

    /// Makes a credential unless the e-mail address is taken; `by` is nobody for the command line.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn create(&mut self, new: &NewCredential, by: Option<UserId>) -> Result<CreateOutcome> {
        let workspace = self.workspace;
        let tx = self.write()?;
        if find_by_email(&tx, workspace, &new.email_key)?.is_some() {
            return Ok(CreateOutcome::EmailTaken);
        }
        insert_credential(&tx, workspace, new)?;
        audit::append(&tx, workspace, &created(Action::PersonCreated, &new.person).by(by))?;
        tx.commit()?;
        Ok(CreateOutcome::Created)
    }

    /// Notes that a password for somebody was wrong.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn note_failure(&mut self, event: &Event) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        audit::append(&tx, workspace, event)?;
        Ok(tx.commit()?)
    }

    /// Finds a person and their password hash by the e-mail address as it is compared.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn find_by_email(&self, email_key: &str) -> Result<Option<(Person, String)>> {
        find_by_email(&self.db, self.workspace, email_key)
    }

    /// Everybody, in the order of their e-mail addresses.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn people(&self) -> Result<Vec<Person>> {
        let sql = format!("SELECT {PERSON} FROM credential WHERE workspace_id = ? ORDER BY email_key");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_and_then([self.workspace.as_bytes()], |row| person(row, 0))?;
        rows.collect()
    }

    /// Replaces a password hash by a stronger one of the same password.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn store_rehash(&mut self, user: UserId, password_hash: &str) -> Result<()> {
        let sql = "UPDATE credential SET password_hash = ? WHERE user_id = ?";
        self.db.execute(sql, params![password_hash, user.as_bytes()])?;
        Ok(())
    }

    /// Sets a new password and ends all sessions of the person; returns the sessions that ended.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn reset_password(&mut self, user: UserId, password_hash: &str, now: Timestamp) -> Result<Vec<SessionId>> {
        let workspace = self.workspace;
        let tx = self.write()?;
        tx.execute(
            "UPDATE credential SET password_hash = ? WHERE user_id = ?",
            params![password_hash, user.as_bytes()],
        )?;
        let ended = end_sessions(&tx, "user_id", user.as_bytes(), EndedWhy::PasswordReset, now)?;
        tx.execute("DELETE FROM link WHERE user_id = ?", [user.as_bytes()])?;
        audit::append(&tx, workspace, &Event::new(Action::PasswordReset, now).to(user))?;
        tx.commit()?;
        Ok(ended)
    }

    /// Sets a person's role, unless that would leave the workspace without an administrator.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn set_role(&mut self, user: UserId, role: Role, now: Timestamp) -> Result<RoleOutcome> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let before: Option<String> = tx
            .query_row("SELECT role FROM credential WHERE user_id = ?", [user.as_bytes()], |row| row.get(0))
            .optional()?;
        tx.execute(
            "UPDATE credential SET role = ?1, listed = 0 WHERE user_id = ?2 AND role <> ?1",
            params![role.name(), user.as_bytes()],
        )?;
        if !has_admin(&tx, workspace)? {
            return Ok(RoleOutcome::LastAdmin);
        }
        if let Some(before) = before.filter(|before| before != role.name()) {
            audit::append(&tx, workspace, &role_changed(user, (&before, role.name()), now))?;
        }
        tx.commit()?;
        Ok(RoleOutcome::Changed)
    }

    /// People whose directory record does not say the same yet.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn unlisted_people(&self) -> Result<Vec<Person>> {
        let sql = format!("SELECT {PERSON} FROM credential WHERE workspace_id = ? AND listed = 0 ORDER BY user_id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_and_then([self.workspace.as_bytes()], |row| person(row, 0))?;
        rows.collect()
    }

    /// Whether directory records are expected back from the team's devices.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn expects_returns(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM credential WHERE workspace_id = ? AND listed = ?)";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row(params![self.workspace.as_bytes(), RETURNS], |row| row.get(0))?)
    }

    /// Notes that a person's directory record is written, unless the person changed meanwhile.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn person_is_listed(&mut self, person: &Person) -> Result<()> {
        self.db.execute(
            "UPDATE credential SET listed = 1
             WHERE user_id = ? AND role = ? AND name = ? AND email = ? AND disabled_at IS ?",
            params![
                person.id.as_bytes(),
                person.role.name(),
                person.name,
                person.email,
                person.disabled_at.map(Timestamp::as_millis)
            ],
        )?;
        Ok(())
    }
}

fn migrate(db: &mut Connection) -> Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS identity_version (version INTEGER NOT NULL) STRICT")?;
    let found: u32 = tx.query_row("SELECT coalesce(max(version), 0) FROM identity_version", [], |row| row.get(0))?;
    let steps: Vec<(u32, &str)> = (1..).zip(MIGRATIONS.iter().copied()).collect();
    let known = steps.last().map_or(0, |(version, _)| *version);
    if found > known {
        return Err(IdentityStoreError::Newer { found, known });
    }
    for (version, sql) in steps.into_iter().filter(|(version, _)| *version > found) {
        tx.execute_batch(sql)?;
        tx.execute("INSERT INTO identity_version (version) VALUES (?)", [version])?;
    }
    Ok(tx.commit()?)
}

/// The columns that `person` reads.
const PERSON: &str = "credential.user_id, credential.email, credential.name, credential.role, credential.created_at, credential.disabled_at";

fn person(row: &rusqlite::Row<'_>, from: usize) -> Result<Person> {
    let role: String = row.get(from + 3)?;
    let disabled_at: Option<i64> = row.get(from + 5)?;
    Ok(Person {
        id: UserId::from_bytes(row.get(from)?),
        email: row.get(from + 1)?,
        name: row.get(from + 2)?,
        role: Role::from_name(&role).ok_or(IdentityStoreError::Damaged("role"))?,
        created_at: Timestamp::from_millis(row.get(from + 4)?),
        disabled_at: disabled_at.map(Timestamp::from_millis),
    })
}

/// A person came to be.
fn created(action: Action, person: &Person) -> Event {
    Event::new(action, person.created_at)
        .to(person.id)
        .with("name", person.name.as_str())
        .with("role", person.role.name())
}

/// A person has another role.
fn role_changed(user: UserId, (before, after): (&str, &str), now: Timestamp) -> Event {
    Event::new(Action::RoleChanged, now).to(user).with("before", before).with("after", after)
}

/// Whoever has not used their invitation yet administers nothing.
fn has_admin(db: &Connection, workspace: WorkspaceId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM credential
               WHERE workspace_id = ? AND role = 'admin' AND disabled_at IS NULL AND password_hash <> '')";
    Ok(db.query_row(sql, [workspace.as_bytes()], |row| row.get(0))?)
}

fn judge_setup(db: &Connection, workspace: WorkspaceId, token: TokenHash, now: Timestamp) -> Result<SetupOutcome> {
    if has_admin(db, workspace)? {
        return Ok(SetupOutcome::AlreadyDone);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM setup_token
               WHERE token_hash = ? AND workspace_id = ? AND used_at IS NULL AND expires_at > ?)";
    let valid: bool = db.query_row(sql, params![token.0, workspace.as_bytes(), now.as_millis()], |row| row.get(0))?;
    Ok(if valid { SetupOutcome::Created } else { SetupOutcome::BadToken })
}

fn find_by_email(db: &Connection, workspace: WorkspaceId, email_key: &str) -> Result<Option<(Person, String)>> {
    let sql = format!("SELECT password_hash, {PERSON} FROM credential WHERE workspace_id = ? AND email_key = ?");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![workspace.as_bytes(), email_key])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some((person(row, 1)?, row.get(0)?)))
}

fn insert_credential(tx: &Transaction<'_>, workspace: WorkspaceId, new: &NewCredential) -> Result<()> {
    let person = &new.person;
    tx.execute(
        "INSERT INTO credential (user_id, workspace_id, email_key, email, name, role, password_hash, created_at, listed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            person.id.as_bytes(),
            workspace.as_bytes(),
            new.email_key,
            person.email,
            person.name,
            person.role.name(),
            new.password_hash,
            person.created_at.as_millis(),
            if new.returns { RETURNS } else { UNLISTED },
        ],
    )?;
    Ok(())
}

/// `listed` of somebody whose directory record does not say yet what the tables say.
const UNLISTED: i64 = 0;
/// `listed` of somebody whose directory record comes back from the team's devices.
const RETURNS: i64 = 2;
