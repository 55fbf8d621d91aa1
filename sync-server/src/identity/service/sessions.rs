//! Sessions: started by a sign-in, continued by refresh tokens, checked by access tokens, ended in many ways.

use std::net::IpAddr;

use model::schema::LINE_MAX_CHARS;
use model::{IdSource as _, Timestamp, UserId};

use super::{DeviceClaim, Identity, Keeper, REFRESH_GRACE_MILLIS, SESSION_LIFE_MILLIS, SignedIn, lock};
use crate::identity::env::{FreshIds, random_bytes};
use crate::identity::errors::{AuthenticateError, IdentityFailure, RefreshError, SignInError};
use crate::identity::password::Secret;
use crate::identity::rows::{Device, EndedWhy, KnownToken, LiveSession, NewSession, NewToken, Person, SessionOutcome};
use crate::identity::token::{SessionId, TokenHash, hash_token, new_refresh_token, successor_of};

impl Identity {
    pub(super) async fn start_session(
        &self,
        person: Person,
        claim: DeviceClaim,
        address: IpAddr,
    ) -> Result<SignedIn, SignInError> {
        let env = self.env.as_ref();
        let (now, session) = (env.now(), SessionId(FreshIds(env).fresh_uuid()));
        let refresh_token = new_refresh_token(env);
        let new = NewSession {
            id: session,
            device: Device {
                id: claim.id,
                user: person.id,
                name: device_name(&claim.name),
                created_at: now,
                seen_at: now,
                revoked_at: None,
            },
            created_at: now,
            address,
            idle_until: now.plus_millis(claim.keeper.idle_millis()),
            ends_at: now.plus_millis(SESSION_LIFE_MILLIS),
            token: NewToken { hash: hash_token(&refresh_token), salt: random_bytes(env) },
        };
        match self.run(move |store| store.start_session(&new)).await? {
            SessionOutcome::DeviceTaken => return Err(SignInError::DeviceTaken),
            SessionOutcome::Started(replaced) => self.announce(replaced),
        }
        let access_token = self.issue(person.id, session)?;
        Ok(SignedIn { access_token, refresh_token, person, session })
    }

    /// Continues a session: the token is replaced by its successor. Within the grace time it brings the same
    /// successor again; after it, somebody holds a copy, and the session ends.
    ///
    /// # Errors
    /// When the token is unknown, was used before, or its session has ended.
    pub async fn refresh(&self, token: &Secret, keeper: Keeper) -> Result<SignedIn, RefreshError> {
        let (hash, now) = (hash_token(token), self.env.now());
        let found = self.run(move |store| {
            let Some(known) = store.find_token(hash)? else { return Ok(None) };
            let session = store.live_session(known.session, now)?;
            Ok(session.map(|session| (known, session)))
        });
        let (known, session) = found.await?.ok_or(RefreshError::Ended)?;
        let successor = successor_of(token, &known.salt, self.tokens.keys());
        let within_grace = |at: Timestamp| now.millis_since(at) <= REFRESH_GRACE_MILLIS;
        match known.replaced_at {
            None => {
                let token = NewToken { hash: hash_token(&successor), salt: random_bytes(self.env.as_ref()) };
                let idle_until = now.plus_millis(keeper.idle_millis());
                self.replace_token(&known, hash, token, idle_until).await?;
            }
            Some(at) if within_grace(at) => {}
            Some(_) => {
                self.end(known.session, EndedWhy::TokenReused).await?;
                return Err(RefreshError::Ended);
            }
        }
        let access_token = self.issue(session.person.id, session.id)?;
        Ok(SignedIn { access_token, refresh_token: successor, person: session.person, session: session.id })
    }

    /// When two refreshes race, the second finds the token replaced a moment ago: both get the same successor.
    async fn replace_token(
        &self,
        known: &KnownToken,
        old: TokenHash,
        token: NewToken,
        idle_until: Timestamp,
    ) -> Result<(), IdentityFailure> {
        let now = self.env.now();
        let first = self.run(move |store| store.replace_token(old, &token, now, idle_until)).await?;
        tracing::debug!(session.id = %known.session, first, "session continued");
        Ok(())
    }

    /// Says whose an access token is, if its session lives.
    ///
    /// # Errors
    /// When the token is not valid or the session has ended.
    pub async fn authenticate(&self, access_token: &str) -> Result<LiveSession, AuthenticateError> {
        let (user, session) = self.check_access_token(access_token)?;
        let now = self.env.now();
        let live = self.run(move |store| store.live_session(session, now)).await?;
        live.filter(|live| live.person.id == user).ok_or(AuthenticateError::SignIn)
    }

    /// The same for a thread that may wait.
    ///
    /// # Errors
    /// When the token is not valid or the session has ended.
    pub fn authenticate_blocking(&self, access_token: &str) -> Result<LiveSession, AuthenticateError> {
        let (user, session) = self.check_access_token(access_token)?;
        let live = lock(&self.store).live_session(session, self.env.now())?;
        live.filter(|live| live.person.id == user).ok_or(AuthenticateError::SignIn)
    }

    fn check_access_token(&self, access_token: &str) -> Result<(UserId, SessionId), AuthenticateError> {
        self.tokens.check(access_token, self.env.now()).map_err(|error| {
            tracing::debug!(%error, "access token refused");
            AuthenticateError::SignIn
        })
    }

    /// Ends a session at its user's wish.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn sign_out(&self, session: SessionId) -> Result<(), IdentityFailure> {
        self.end(session, EndedWhy::SignedOut).await
    }

    /// Every session that ended before its time and is still remembered.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn ended_so_far(&self) -> Result<Vec<SessionId>, IdentityFailure> {
        self.run(|store| store.ended_so_far()).await
    }

    /// Ends the sessions whose time is over.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn end_expired_sessions(&self) -> Result<(), IdentityFailure> {
        let now = self.env.now();
        self.announce(self.run(move |store| store.end_expired(now)).await?);
        Ok(())
    }

    async fn end(&self, session: SessionId, why: EndedWhy) -> Result<(), IdentityFailure> {
        let now = self.env.now();
        if self.run(move |store| store.end_session(session, why, now)).await? {
            tracing::info!(session.id = %session, why = why.name(), "session ended");
            self.announce(vec![session]);
        }
        Ok(())
    }

    pub(super) fn announce(&self, ended: Vec<SessionId>) {
        for session in ended {
            // An error only means that nobody is connected.
            let _ = self.ended.send(session);
        }
    }
}

/// A device's name is no reason to refuse a sign-in, so it is made to fit.
fn device_name(name: &str) -> String {
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(LINE_MAX_CHARS).collect();
    if name.is_empty() { "Unnamed device".to_owned() } else { name }
}
