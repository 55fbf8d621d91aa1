//! Devices, sessions and refresh tokens.

use model::{DeviceId, Timestamp, UserId, WorkspaceId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use uuid::Uuid;

use super::{IdentityStore, PERSON, Result, person};
use crate::audit::{self, Action, Event};
use crate::identity::rows::{Device, EndedWhy, KnownToken, LiveSession, NewSession, NewToken, SessionOutcome};
use crate::identity::token::{SessionId, TokenHash};

impl IdentityStore {
    /// Starts a session; those of the same device end.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn start_session(&mut self, new: &NewSession) -> Result<SessionOutcome> {
        let workspace = self.workspace;
        let tx = self.write()?;
        tx.execute("DELETE FROM session WHERE ends_at < ?", [new.created_at.as_millis()])?;
        if !claim_device(&tx, workspace, &new.device)? {
            return Ok(SessionOutcome::DeviceTaken);
        }
        let device = new.device.id;
        let ended = end_sessions(&tx, "device_id", device.as_bytes(), EndedWhy::SignedInAgain, new.created_at)?;
        tx.execute(
            "INSERT INTO session (session_id, workspace_id, user_id, device_id, created_at, idle_until, ends_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                new.id.0.as_bytes(),
                workspace.as_bytes(),
                new.device.user.as_bytes(),
                device.as_bytes(),
                new.created_at.as_millis(),
                new.idle_until.as_millis(),
                new.ends_at.as_millis(),
            ],
        )?;
        insert_token(&tx, new.id, &new.token)?;
        let event = Event::new(Action::SignIn, new.created_at).by(new.device.user).to(new.device.user);
        audit::append(&tx, workspace, &event.on(device).from(new.address))?;
        tx.commit()?;
        Ok(SessionOutcome::Started(ended))
    }

    /// The session, if it lives: not ended, not expired, its user not disabled.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn live_session(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>> {
        live_session(&self.db, id, now)
    }

    /// What is known of a presented refresh token.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn find_token(&self, hash: TokenHash) -> Result<Option<KnownToken>> {
        let sql = "SELECT session_id, salt, replaced_at FROM refresh_token WHERE token_hash = ?";
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement.query_row([hash.0], |row| {
            let replaced_at: Option<i64> = row.get(2)?;
            let session = SessionId(Uuid::from_bytes(row.get(0)?));
            Ok(KnownToken { session, salt: row.get(1)?, replaced_at: replaced_at.map(Timestamp::from_millis) })
        });
        Ok(found.optional()?)
    }

    /// Marks a token as replaced and stores its successor; `false` when somebody else has done so meanwhile.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn replace_token(
        &mut self,
        old: TokenHash,
        successor: &NewToken,
        now: Timestamp,
        idle_until: Timestamp,
    ) -> Result<bool> {
        let tx = self.write()?;
        let session: Option<[u8; 16]> = tx
            .query_row(
                "UPDATE refresh_token SET replaced_at = ? WHERE token_hash = ? AND replaced_at IS NULL
                 RETURNING session_id",
                params![now.as_millis(), old.0],
                |row| row.get(0),
            )
            .optional()?;
        let Some(session) = session else { return Ok(false) };
        insert_token(&tx, SessionId(Uuid::from_bytes(session)), successor)?;
        tx.execute(
            "UPDATE session SET idle_until = min(?, ends_at) WHERE session_id = ?",
            params![idle_until.as_millis(), session],
        )?;
        tx.execute(
            "UPDATE device SET seen_at = ? WHERE device_id = (SELECT device_id FROM session WHERE session_id = ?)",
            params![now.as_millis(), session],
        )?;
        tx.commit()?;
        Ok(true)
    }

    /// Ends a session; `false` when it had ended before.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn end_session(&mut self, id: SessionId, why: EndedWhy, now: Timestamp) -> Result<bool> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let ended = end_sessions(&tx, "session_id", id.0.as_bytes(), why, now)?;
        if let Some(event) = ended_event(&tx, id, why, now)?.filter(|_| !ended.is_empty()) {
            audit::append(&tx, workspace, &event)?;
        }
        tx.commit()?;
        Ok(!ended.is_empty())
    }

    /// Every session that ended before its time and is still remembered.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn ended_so_far(&self) -> Result<Vec<SessionId>> {
        let mut statement = self.db.prepare_cached("SELECT session_id FROM session WHERE ended_at IS NOT NULL")?;
        session_ids(statement.query_map([], |row| row.get(0))?)
    }

    /// Ends the sessions whose time is over; returns them.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn end_expired(&mut self, now: Timestamp) -> Result<Vec<SessionId>> {
        let tx = self.write()?;
        let ended = {
            let mut statement = tx.prepare_cached(
                "UPDATE session SET ended_at = ?1, ended_why = 'expired'
                 WHERE ended_at IS NULL AND (idle_until <= ?1 OR ends_at <= ?1) RETURNING session_id",
            )?;
            session_ids(statement.query_map([now.as_millis()], |row| row.get(0))?)?
        };
        tx.commit()?;
        Ok(ended)
    }
}

/// What the audit log says about the end of one session.
fn ended_event(tx: &Transaction<'_>, id: SessionId, why: EndedWhy, now: Timestamp) -> Result<Option<Event>> {
    let action = match why {
        EndedWhy::SignedOut => Action::SignOut,
        EndedWhy::TokenReused => Action::RefreshReused,
        // These are told with what ended it.
        EndedWhy::SignedInAgain
        | EndedWhy::PasswordReset
        | EndedWhy::PasswordChanged
        | EndedWhy::DeviceRevoked
        | EndedWhy::Disabled => return Ok(None),
    };
    let sql = "SELECT user_id, device_id FROM session WHERE session_id = ?";
    let read = |row: &rusqlite::Row<'_>| Ok((UserId::from_bytes(row.get(0)?), DeviceId::from_bytes(row.get(1)?)));
    let found = tx.query_row(sql, [id.0.as_bytes()], read).optional()?;
    // Whoever used a token twice need not be the person it was made for.
    let by = |user| (action == Action::SignOut).then_some(user);
    Ok(found.map(|(user, device)| Event::new(action, now).by(by(user)).to(user).on(device)))
}

/// Remembers a device at its first sign-in, and gives it its access back; `false` when it belongs to somebody else.
fn claim_device(tx: &Transaction<'_>, workspace: WorkspaceId, device: &Device) -> Result<bool> {
    tx.execute(
        "INSERT INTO device (device_id, workspace_id, user_id, name, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (device_id) DO UPDATE SET seen_at = ?6, listed = listed AND revoked_at IS NULL, revoked_at = NULL
         WHERE user_id = ?3 AND workspace_id = ?2",
        params![
            device.id.as_bytes(),
            workspace.as_bytes(),
            device.user.as_bytes(),
            device.name,
            device.created_at.as_millis(),
            device.seen_at.as_millis()
        ],
    )?;
    let sql = "SELECT user_id = ? AND workspace_id = ? FROM device WHERE device_id = ?";
    let key = params![device.user.as_bytes(), workspace.as_bytes(), device.id.as_bytes()];
    Ok(tx.query_row(sql, key, |row| row.get(0))?)
}

fn insert_token(tx: &Transaction<'_>, session: SessionId, token: &NewToken) -> Result<()> {
    tx.execute(
        "INSERT INTO refresh_token (token_hash, session_id, salt) VALUES (?, ?, ?)",
        params![token.hash.0, session.0.as_bytes(), token.salt],
    )?;
    Ok(())
}

fn live_session(db: &Connection, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>> {
    let sql = format!(
        "SELECT session.device_id, {PERSON} FROM session JOIN credential USING (user_id)
         WHERE session_id = ?1 AND ended_at IS NULL AND idle_until > ?2 AND ends_at > ?2 AND disabled_at IS NULL"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id.0.as_bytes(), now.as_millis()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(LiveSession { id, device: DeviceId::from_bytes(row.get(0)?), person: person(row, 1)? }))
}

/// `column` is one of the session table's id columns, never anybody's input.
pub(super) fn end_sessions(
    tx: &Transaction<'_>,
    column: &str,
    id: &[u8; 16],
    why: EndedWhy,
    now: Timestamp,
) -> Result<Vec<SessionId>> {
    let sql = format!(
        "UPDATE session SET ended_at = ?, ended_why = ? WHERE {column} = ? AND ended_at IS NULL RETURNING session_id"
    );
    let mut statement = tx.prepare(&sql)?;
    session_ids(statement.query_map(params![now.as_millis(), why.name(), id], |row| row.get(0))?)
}

/// Ends a person's sessions but one; returns those that ended.
pub(super) fn end_other_sessions(
    tx: &Transaction<'_>,
    user: &[u8; 16],
    kept: SessionId,
    why: EndedWhy,
    now: Timestamp,
) -> Result<Vec<SessionId>> {
    let sql =
        "UPDATE session SET ended_at = ?, ended_why = ? WHERE user_id = ? AND session_id <> ? AND ended_at IS NULL
               RETURNING session_id";
    let mut statement = tx.prepare(sql)?;
    session_ids(statement.query_map(params![now.as_millis(), why.name(), user, kept.0.as_bytes()], |row| row.get(0))?)
}

fn session_ids(rows: impl Iterator<Item = rusqlite::Result<[u8; 16]>>) -> Result<Vec<SessionId>> {
    let ids = rows.map(|id| id.map(|id| SessionId(Uuid::from_bytes(id))));
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}
