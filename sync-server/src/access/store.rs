//! The tables: the only place of this room that knows SQL. Every write is one transaction with `synchronous=FULL`.

use std::path::Path;
use std::time::Duration;

use model::{CommandId, RecordId, Role, Timestamp, UserId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::Bearer;
use super::requests::{REQUEST_LIFE_MILLIS, Repeated, Request, RequestName};
use super::tokens::{TOKENS_MAX, Token, TokenId};
use crate::audit::{self, Action, Event};

/// Waits this long for another connection's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Each entry brings the tables from the version before to its own, counted from 1.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("schema-2.sql"), include_str!("schema-3.sql")];

/// Whoever is disabled loses their tokens and their calendar's address for good, whichever code disables them. Made at
/// every start, because a new form of the other table would take it along.
const DISABLED_LOSE_TOKENS: &str = "
    CREATE TRIGGER IF NOT EXISTS api_token_of_disabled AFTER UPDATE OF disabled_at ON credential
    WHEN NEW.disabled_at IS NOT NULL
    BEGIN DELETE FROM api_token WHERE user_id = NEW.user_id; END;
    CREATE TRIGGER IF NOT EXISTS calendar_feed_of_disabled AFTER UPDATE OF disabled_at ON credential
    WHEN NEW.disabled_at IS NOT NULL
    BEGIN DELETE FROM calendar_feed WHERE user_id = NEW.user_id; END;";

/// Why the tables could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessStoreError {
    /// SQLite failed.
    #[error("the tables of tokens and requests cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Written by a newer program.
    #[error("the tables of tokens are of version {found}; this program knows versions up to {known}")]
    Newer {
        /// The tables' version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// A row that this program does not write.
    #[error("a row of the tables of tokens is damaged")]
    Damaged,
}

/// How much later than the last noted use of a token the next one is noted.
pub(super) const USED_EVERY_MILLIS: i64 = 60_000;

pub(super) type Result<T> = std::result::Result<T, AccessStoreError>;

/// The tables of one workspace.
pub struct AccessStore {
    pub(super) db: Connection,
    pub(super) workspace: WorkspaceId,
}

impl AccessStore {
    /// Opens the tables in the database file, and makes or upgrades them.
    ///
    /// # Errors
    /// When SQLite fails or the tables are newer than this program.
    pub fn open(path: &Path, workspace: WorkspaceId) -> Result<Self> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;")?;
        migrate(&mut db)?;
        audit::migrate(&mut db)?;
        Ok(Self { db, workspace })
    }

    pub(super) fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    pub(super) fn keep_token(&mut self, user: UserId, hash: [u8; 32], token: &Token) -> Result<bool> {
        let workspace = self.workspace;
        let tx = self.write()?;
        tx.execute("DELETE FROM api_token WHERE expires_at <= ?", [token.created_at.as_millis()])?;
        let sql = "SELECT count(*) FROM api_token WHERE user_id = ?";
        let count: u32 = tx.query_row(sql, [user.as_bytes()], |row| row.get(0))?;
        if count >= TOKENS_MAX {
            return Ok(false);
        }
        tx.execute(
            "INSERT INTO api_token (token_hash, id, workspace_id, user_id, name, writes, created_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                hash,
                token.id.0.as_bytes(),
                workspace.as_bytes(),
                user.as_bytes(),
                token.name,
                token.writes,
                token.created_at.as_millis(),
                token.expires_at.map(Timestamp::as_millis),
            ],
        )?;
        let event = Event::new(Action::TokenMade, token.created_at).by(user).about(token.id.record());
        audit::append(&tx, workspace, &event.with("name", token.name.as_str()).with("writes", token.writes))?;
        tx.commit()?;
        Ok(true)
    }

    pub(super) fn tokens_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Token>> {
        let sql = "SELECT id, name, writes, created_at, expires_at, last_used_at FROM api_token
                   WHERE user_id = ?1 AND workspace_id = ?2 AND coalesce(expires_at > ?3, 1)
                   ORDER BY created_at DESC, id DESC";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![user.as_bytes(), self.workspace.as_bytes(), now.as_millis()], |row| {
                let (expires_at, last_used_at): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
                Ok(Token {
                    id: TokenId(Uuid::from_bytes(row.get(0)?)),
                    name: row.get(1)?,
                    writes: row.get(2)?,
                    created_at: Timestamp::from_millis(row.get(3)?),
                    expires_at: expires_at.map(Timestamp::from_millis),
                    last_used_at: last_used_at.map(Timestamp::from_millis),
                })
            })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(super) fn revoke_token(&mut self, user: UserId, token: TokenId, now: Timestamp) -> Result<bool> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let sql = "DELETE FROM api_token WHERE user_id = ? AND id = ? RETURNING name";
        let key = params![user.as_bytes(), token.0.as_bytes()];
        let name: Option<String> = tx.query_row(sql, key, |row| row.get(0)).optional()?;
        let Some(name) = name else { return Ok(false) };
        let event = Event::new(Action::TokenRevoked, now).by(user).about(token.record()).with("name", name);
        audit::append(&tx, workspace, &event)?;
        tx.commit()?;
        Ok(true)
    }

    pub(super) fn bearer(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Bearer>> {
        let sql = "SELECT t.id, t.user_id, t.writes, c.role FROM api_token t JOIN credential c ON c.user_id = t.user_id
                   WHERE t.token_hash = ?1 AND t.workspace_id = ?2 AND coalesce(t.expires_at > ?3, 1)
                     AND c.disabled_at IS NULL";
        let read = |row: &Row<'_>| {
            let role: String = row.get(3)?;
            let (token, user) = (TokenId(Uuid::from_bytes(row.get(0)?)), UserId::from_bytes(row.get(1)?));
            Ok((token, user, row.get(2)?, Role::from_name(&role)))
        };
        let mut statement = self.db.prepare_cached(sql)?;
        let values = params![hash, self.workspace.as_bytes(), now.as_millis()];
        let Some((token, user, writes, role)) = statement.query_row(values, read).optional()? else { return Ok(None) };
        let sql = "UPDATE api_token SET last_used_at = ?1
                   WHERE token_hash = ?2 AND coalesce(last_used_at <= ?1 - ?3, 1)";
        self.db.prepare_cached(sql)?.execute(params![now.as_millis(), hash, USED_EVERY_MILLIS])?;
        Ok(Some(Bearer { token, user, writes, role: role.ok_or(AccessStoreError::Damaged)? }))
    }

    pub(super) fn begin_request(&mut self, request: &Request) -> Result<Repeated> {
        let tx = self.write()?;
        let oldest = request.at.plus_millis(-REQUEST_LIFE_MILLIS);
        tx.execute("DELETE FROM api_request WHERE created_at < ?", [oldest.as_millis()])?;
        let sql = "SELECT request_hash, command, record, etag, body FROM api_request WHERE user_id = ? AND key = ?";
        let found = tx.query_row(sql, params![request.user.as_bytes(), request.key], known).optional()?;
        if let Some((hash, repeated)) = found {
            return Ok(if hash == request.hash { repeated } else { Repeated::Differs });
        }
        tx.execute(
            "INSERT INTO api_request (user_id, key, request_hash, command, record, created_at)
             VALUES (?, ?, ?, ?, ?, ?)",
            params![
                request.user.as_bytes(),
                request.key,
                request.hash,
                request.name.command.as_bytes(),
                request.name.record.as_bytes(),
                request.at.as_millis(),
            ],
        )?;
        tx.commit()?;
        Ok(Repeated::Do(request.name))
    }

    pub(super) fn end_request(&mut self, user: UserId, key: &str, (etag, body): (&str, &str)) -> Result<()> {
        let sql = "UPDATE api_request SET etag = ?, body = ? WHERE user_id = ? AND key = ?";
        self.db.execute(sql, params![etag, body, user.as_bytes(), key])?;
        Ok(())
    }

    pub(super) fn drop_request(&mut self, user: UserId, key: &str) -> Result<()> {
        let sql = "DELETE FROM api_request WHERE user_id = ? AND key = ? AND body IS NULL";
        self.db.execute(sql, params![user.as_bytes(), key])?;
        Ok(())
    }
}

fn known(row: &Row<'_>) -> rusqlite::Result<([u8; 32], Repeated)> {
    let name = RequestName { command: CommandId::from_bytes(row.get(1)?), record: RecordId::from_bytes(row.get(2)?) };
    let answer: (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
    let repeated = match answer {
        (Some(etag), Some(body)) => Repeated::Answered(etag, body),
        _ => Repeated::Do(name),
    };
    Ok((row.get(0)?, repeated))
}

fn migrate(db: &mut Connection) -> Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS access_version (version INTEGER NOT NULL) STRICT")?;
    let found: u32 = tx.query_row("SELECT coalesce(max(version), 0) FROM access_version", [], |row| row.get(0))?;
    let steps: Vec<(u32, &str)> = (1..).zip(MIGRATIONS.iter().copied()).collect();
    let known = steps.last().map_or(0, |(version, _)| *version);
    if found > known {
        return Err(AccessStoreError::Newer { found, known });
    }
    for (version, sql) in steps.into_iter().filter(|(version, _)| *version > found) {
        tx.execute_batch(sql)?;
        tx.execute("INSERT INTO access_version (version) VALUES (?)", [version])?;
    }
    tx.execute_batch(DISABLED_LOSE_TOKENS)?;
    Ok(tx.commit()?)
}
