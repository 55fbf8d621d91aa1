//! Sign-in and everything around it: the rules, over the tables in [`super::store`].

mod devices;
mod links;
mod people;
mod sessions;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::time::DAY_MILLIS;
use model::{DeviceId, IdSource as _, RecordId, Role, Timestamp, UserId, WorkspaceId};
use tokio::sync::broadcast;

use super::argon::HashCost;
use super::env::{FreshIds, Surroundings};
use super::errors::{CreatePersonError, IdentityFailure, SetUpError, SignInError};
use super::hasher::{HashPasswordError, PasswordHasher, Verdict};
use super::keys::KeyRing;
use super::password::Secret;
use super::rows::{Person, SetupOutcome};
use super::store::{IdentityStore, IdentityStoreError};
use super::throttle::Throttle;
use super::token::{ACCESS_LIFE_SECS, AccessTokens, SessionId, hash_token, new_setup_token};
use crate::audit::{Action, Event};
pub use links::{Invitation, OfferedLink};
use people::email_key;

/// A setup token is valid for this long.
pub const SETUP_LIFE_MILLIS: i64 = 60 * 60 * 1_000;
/// A session of a program ends after this time without a refresh.
pub const SESSION_IDLE_MILLIS: i64 = 30 * DAY_MILLIS;
/// A session of a browser ends after this time without a refresh.
pub const BROWSER_IDLE_MILLIS: i64 = 7 * DAY_MILLIS;
/// An invitation is valid for this long.
pub const INVITE_LIFE_MILLIS: i64 = 7 * DAY_MILLIS;
/// A link for a new password is valid for this long.
pub const RESET_LIFE_MILLIS: i64 = DAY_MILLIS;
/// A session ends after this time in any case.
pub const SESSION_LIFE_MILLIS: i64 = 90 * DAY_MILLIS;
/// A replaced refresh token still brings the same successor for this long, in case the answer was lost.
pub const REFRESH_GRACE_MILLIS: i64 = 30_000;
/// Longest e-mail address, in bytes (RFC 5321).
pub const EMAIL_MAX_BYTES: usize = 254;
/// Ended sessions that a slow listener may lag behind before it has to look at every session again.
const ENDED_BACKLOG: usize = 1_024;

/// What to open the identity with.
pub struct IdentityOptions {
    /// The database file.
    pub database: PathBuf,
    /// The key file.
    pub keys: PathBuf,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What a password hash costs.
    pub cost: HashCost,
    /// Clock and randomness.
    pub env: Arc<dyn Surroundings>,
}

/// Who keeps a session's refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keeper {
    /// A program, in its own storage.
    #[default]
    Program,
    /// A browser, in a cookie that pages can't read.
    Browser,
}

impl Keeper {
    /// A session ends after this time without a refresh.
    pub const fn idle_millis(self) -> i64 {
        match self {
            Self::Program => SESSION_IDLE_MILLIS,
            Self::Browser => BROWSER_IDLE_MILLIS,
        }
    }
}

/// The device somebody signs in on.
#[derive(Debug, Clone)]
pub struct DeviceClaim {
    /// Its id, made by the device.
    pub id: DeviceId,
    /// What its owner calls it.
    pub name: String,
    /// Who keeps the refresh token on it.
    pub keeper: Keeper,
}

/// A person to be created.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Password.
    pub password: Secret,
}

/// What a client gets when it has signed in or refreshed.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Proves the session for [`ACCESS_LIFE_SECS`].
    pub access_token: Secret,
    /// Continues the session once.
    pub refresh_token: Secret,
    /// Who.
    pub person: Person,
    /// Which session.
    pub session: SessionId,
}

impl SignedIn {
    /// How long the access token is valid, in seconds.
    pub const fn expires_in_secs(&self) -> i64 {
        ACCESS_LIFE_SECS
    }
}

/// The relay's people and their sessions.
pub struct Identity {
    store: Arc<Mutex<IdentityStore>>,
    hasher: PasswordHasher,
    tokens: AccessTokens,
    throttle: Mutex<Throttle>,
    env: Arc<dyn Surroundings>,
    ended: broadcast::Sender<SessionId>,
}

impl Identity {
    /// Opens tables and keys; makes them when they don't exist.
    ///
    /// # Errors
    /// When a file can't be used.
    pub fn open(options: IdentityOptions) -> Result<Self, IdentityFailure> {
        let keys = KeyRing::open(&options.keys, options.env.as_ref())?;
        let store = IdentityStore::open(&options.database, options.workspace)?;
        let hasher = PasswordHasher::new(options.cost, options.env.as_ref());
        Ok(Self {
            store: Arc::new(Mutex::new(store)),
            hasher,
            tokens: AccessTokens::new(options.workspace, keys),
            throttle: Mutex::default(),
            env: options.env,
            ended: broadcast::channel(ENDED_BACKLOG).0,
        })
    }

    /// The key that the secrets of webhooks are derived from.
    pub fn webhook_key(&self) -> [u8; 32] {
        self.tokens.keys().webhook_key()
    }

    /// How many hashes were computed to check passwords.
    pub fn checked_passwords(&self) -> u64 {
        self.hasher.checked_count()
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// Draws an id for a record that the relay makes itself.
    pub fn fresh_record_id(&self) -> RecordId {
        FreshIds(self.env.as_ref()).fresh_record_id()
    }

    /// Hears of every session that ends before its time.
    pub fn ended_sessions(&self) -> broadcast::Receiver<SessionId> {
        self.ended.subscribe()
    }

    /// Makes a setup token while there is no administrator; tokens made before are void.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn offer_setup(&self) -> Result<Option<Secret>, IdentityFailure> {
        let token = new_setup_token(self.env.as_ref());
        let (hash, expires_at) = (hash_token(&token), self.env.now().plus_millis(SETUP_LIFE_MILLIS));
        self.run(move |store| {
            if store.has_admin()? {
                return Ok(None);
            }
            store.replace_setup_token(hash, expires_at)?;
            Ok(Some(token))
        })
        .await
    }

    /// Creates the first administrator with a setup token and signs them in.
    ///
    /// # Errors
    /// When there is an administrator, the token is not valid, or name, e-mail or password can't be used.
    pub async fn set_up(
        &self,
        token: &Secret,
        admin: NewPerson,
        device: DeviceClaim,
        address: IpAddr,
    ) -> Result<SignedIn, SetUpError> {
        let (hash, now) = (hash_token(token), self.env.now());
        self.throttle().charge_setup(address, now)?;
        judged(self.run(move |store| store.judge_setup(hash, now)).await.map_err(CreatePersonError::Failed)?)?;
        self.throttle().setup_was_right(address);
        let credential = self.credential(admin).await?;
        let person = credential.person.clone();
        judged(self.run(move |store| store.set_up(hash, &credential, now)).await.map_err(CreatePersonError::Failed)?)?;
        Ok(self.start_session(person, device, address).await?)
    }

    /// Signs somebody in with their password.
    ///
    /// # Errors
    /// When the password or the address is wrong, or there were too many tries.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &Secret,
        device: DeviceClaim,
        address: IpAddr,
    ) -> Result<SignedIn, SignInError> {
        let person = self.check_current(email, password, address).await?;
        self.start_session(person, device, address).await
    }

    /// Whose password this is; every try is charged.
    async fn check_current(&self, email: &str, password: &Secret, address: IpAddr) -> Result<Person, SignInError> {
        let key = email_key(email).ok_or(SignInError::Wrong)?;
        self.throttle().charge_sign_in(&key, address, self.env.now())?;
        let judged = self.judge_password(key.clone(), password, address).await;
        match &judged {
            Ok(_) => self.throttle().sign_in_was_right(&key, address),
            Err(SignInError::Wrong) => {}
            Err(_) => self.throttle().sign_in_was_not_judged(&key, address),
        }
        judged
    }

    async fn judge_password(
        &self,
        email_key: String,
        password: &Secret,
        address: IpAddr,
    ) -> Result<Person, SignInError> {
        let env = self.env.as_ref();
        let turn = self.hasher.turn(env).await.map_err(not_judged)?;
        let found = self.run(move |store| store.find_by_email(&email_key)).await?;
        let (person, stored) = found.unzip();
        // Whoever has not chosen a password yet is as good as unknown.
        let stored = stored.filter(|hash| !hash.is_empty());
        let verdict = self.hasher.verify(turn, password, stored, env).await.map_err(not_judged)?;
        let person = person.filter(|person| person.disabled_at.is_none()).ok_or(SignInError::Wrong)?;
        match verdict {
            Verdict::Wrong => {
                self.note_failure(&person, address);
                return Err(SignInError::Wrong);
            }
            Verdict::Right => {}
            Verdict::RightRehashed(hash) => {
                let user = person.id;
                self.run(move |store| store.store_rehash(user, &hash)).await?;
            }
        }
        Ok(person)
    }

    /// Writes down that a password for somebody was wrong. Nobody waits for it, or the time it takes would tell who
    /// exists; the back-off of the account bounds how often it happens.
    fn note_failure(&self, person: &Person, address: IpAddr) {
        let event = Event::new(Action::SignInFailed, self.env.now()).to(person.id).from(address);
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = lock(&store).note_failure(&event) {
                tracing::error!(%error, "a failed sign-in could not be written down");
            }
        });
    }

    fn issue(&self, user: UserId, session: SessionId) -> Result<Secret, IdentityFailure> {
        Ok(Secret::new(self.tokens.issue(user, session, self.env.as_ref())?))
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        lock(&self.throttle)
    }

    /// SQLite waits for the disk, so it works on a thread that may wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut IdentityStore) -> Result<T, IdentityStoreError> + Send + 'static,
    ) -> Result<T, IdentityFailure> {
        let store = Arc::clone(&self.store);
        Ok(tokio::task::spawn_blocking(move || work(&mut lock(&store))).await??)
    }
}

/// What a panic cut short left nothing half done: a transaction was rolled back, a throttle counts one try more.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_judged(error: HashPasswordError) -> SignInError {
    match error {
        HashPasswordError::Busy => SignInError::Busy,
        other => SignInError::Failed(IdentityFailure::Hash(other)),
    }
}

const fn judged(outcome: SetupOutcome) -> Result<(), SetUpError> {
    match outcome {
        SetupOutcome::Created => Ok(()),
        SetupOutcome::AlreadyDone => Err(SetUpError::AlreadyDone),
        SetupOutcome::BadToken => Err(SetUpError::BadToken),
    }
}
