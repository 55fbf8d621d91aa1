//! Calendar feeds: one secret address for each person who wants one, kept as a hash, shown once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Timestamp, UserId};
use rusqlite::{OptionalExtension as _, params};

use super::store::{AccessStore, Result, USED_EVERY_MILLIS};
use super::tokens::hash_of;
use super::{Access, AccessFailure};
use crate::audit::{self, Action, Event};
use crate::identity::Secret;
use crate::identity::env::random_bytes;

/// What the secret of a feed starts with.
pub const FEED_PREFIX: &str = "ttc_";
/// How long such a secret is: the prefix and 32 bytes in base64.
const FEED_LENGTH: usize = FEED_PREFIX.len() + 43;

/// A feed without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// Since when this address works.
    pub created_at: Timestamp,
    /// When a calendar program came the last time, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Access {
    /// Makes a feed for somebody; an address that they had before works no more.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn make_feed(&self, user: UserId) -> std::result::Result<Secret, AccessFailure> {
        let env = self.env.as_ref();
        let secret = format!("{FEED_PREFIX}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>(env)));
        let (hash, now) = (hash_of(&secret), env.now());
        self.run(move |store| store.keep_feed(user, hash, now)).await?;
        Ok(Secret::new(secret))
    }

    /// Somebody's feed.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn feed_of(&self, user: UserId) -> std::result::Result<Option<Feed>, AccessFailure> {
        self.run(move |store| store.feed_of(user)).await
    }

    /// Ends somebody's feed; `false` when they have none.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn end_feed(&self, user: UserId) -> std::result::Result<bool, AccessFailure> {
        let now = self.env.now();
        self.run(move |store| store.end_feed(user, now)).await
    }

    /// Whose calendar stands behind a secret; nobody's when it is unknown or its owner disabled.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn feed_owner(&self, secret: &str) -> std::result::Result<Option<UserId>, AccessFailure> {
        if secret.len() != FEED_LENGTH || !secret.starts_with(FEED_PREFIX) {
            return Ok(None);
        }
        let (hash, now) = (hash_of(secret), self.env.now());
        self.run(move |store| store.feed_owner(hash, now)).await
    }
}

impl AccessStore {
    fn keep_feed(&mut self, user: UserId, hash: [u8; 32], now: Timestamp) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        tx.execute(
            "INSERT OR REPLACE INTO calendar_feed (user_id, token_hash, workspace_id, created_at) VALUES (?, ?, ?, ?)",
            params![user.as_bytes(), hash, workspace.as_bytes(), now.as_millis()],
        )?;
        audit::append(&tx, workspace, &Event::new(Action::CalendarFeedMade, now).by(user))?;
        Ok(tx.commit()?)
    }

    fn feed_of(&self, user: UserId) -> Result<Option<Feed>> {
        let sql = "SELECT created_at, last_used_at FROM calendar_feed WHERE user_id = ? AND workspace_id = ?";
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement.query_row(params![user.as_bytes(), self.workspace.as_bytes()], |row| {
            let last_used_at: Option<i64> = row.get(1)?;
            let last_used_at = last_used_at.map(Timestamp::from_millis);
            Ok(Feed { created_at: Timestamp::from_millis(row.get(0)?), last_used_at })
        });
        Ok(found.optional()?)
    }

    fn end_feed(&mut self, user: UserId, now: Timestamp) -> Result<bool> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let sql = "DELETE FROM calendar_feed WHERE user_id = ? AND workspace_id = ?";
        if tx.execute(sql, params![user.as_bytes(), workspace.as_bytes()])? == 0 {
            return Ok(false);
        }
        audit::append(&tx, workspace, &Event::new(Action::CalendarFeedEnded, now).by(user))?;
        tx.commit()?;
        Ok(true)
    }

    fn feed_owner(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<UserId>> {
        let sql = "SELECT f.user_id FROM calendar_feed f JOIN credential c ON c.user_id = f.user_id
                   WHERE f.token_hash = ? AND f.workspace_id = ? AND c.disabled_at IS NULL";
        let mut statement = self.db.prepare_cached(sql)?;
        let values = params![hash, self.workspace.as_bytes()];
        let owner = statement.query_row(values, |row| Ok(UserId::from_bytes(row.get(0)?))).optional()?;
        if let Some(owner) = owner {
            let sql = "UPDATE calendar_feed SET last_used_at = ?1
                       WHERE user_id = ?2 AND coalesce(last_used_at <= ?1 - ?3, 1)";
            self.db.prepare_cached(sql)?.execute(params![now.as_millis(), owner.as_bytes(), USED_EVERY_MILLIS])?;
        }
        Ok(owner)
    }
}
