//! Personal tokens: made by their owner, shown once, kept as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{IdSource as _, RecordId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Access, AccessFailure, Bearer, lock};
use crate::identity::Secret;
use crate::identity::env::{FreshIds, random_bytes};

/// What a personal token starts with, so that scanners for leaked secrets know one.
pub const PREFIX: &str = "ttp_";
/// Most tokens of one person.
pub const TOKENS_MAX: u32 = 50;

/// Names a personal token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub Uuid);

impl TokenId {
    /// The token as the audit log names it.
    pub const fn record(self) -> RecordId {
        RecordId(self.0)
    }
}

/// What a token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Whose.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Whether it may write.
    pub writes: bool,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Which.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// Whether it may write.
    pub writes: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was used the last time, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What became of a new token.
#[derive(Debug)]
pub enum TokenOutcome {
    /// It works now; the secret is shown here and never again.
    Made(Token, Secret),
    /// The person has as many as one may have.
    TooMany,
}

impl Access {
    /// Makes a token.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn make_token(&self, new: NewToken) -> Result<TokenOutcome, AccessFailure> {
        let env = self.env.as_ref();
        let (id, created_at) = (TokenId(FreshIds(env).fresh_uuid()), env.now());
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>(env)));
        let hash = hash_of(&secret);
        let token = Token {
            id,
            name: new.name,
            writes: new.writes,
            created_at,
            expires_at: new.expires_at,
            last_used_at: None,
        };
        let (user, made) = (new.user, token.clone());
        let kept = self.run(move |store| store.keep_token(user, hash, &made)).await?;
        Ok(if kept { TokenOutcome::Made(token, Secret::new(secret)) } else { TokenOutcome::TooMany })
    }

    /// Lists somebody's tokens, the newest first.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn tokens_of(&self, user: UserId) -> Result<Vec<Token>, AccessFailure> {
        let now = self.env.now();
        self.run(move |store| store.tokens_of(user, now)).await
    }

    /// Ends one of somebody's tokens; `false` when they have none of this id.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn revoke_token(&self, user: UserId, token: TokenId) -> Result<bool, AccessFailure> {
        let now = self.env.now();
        self.run(move |store| store.revoke_token(user, token, now)).await
    }

    /// Says who comes with this token; nobody when it is unknown, expired or its owner disabled.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn bearer(&self, secret: &str) -> Result<Option<Bearer>, AccessFailure> {
        let (hash, now) = (hash_of(secret), self.env.now());
        self.run(move |store| store.bearer(hash, now)).await
    }

    /// The same for a thread that may wait.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub fn bearer_blocking(&self, secret: &str) -> Result<Option<Bearer>, AccessFailure> {
        Ok(lock(&self.store).bearer(hash_of(secret), self.env.now())?)
    }
}

/// 32 random bytes need no slow hash.
pub(super) fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
