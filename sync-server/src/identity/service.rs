//! Sign-in and everything around it: the rules, over the tables in [`super::store`].

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::schema::{FieldProblem, LINE_MAX_CHARS};
use model::time::DAY_MILLIS;
use model::{DeviceId, IdSource as _, Role, Timestamp, UserId, WorkspaceId};
use tokio::sync::broadcast;

use super::env::{FreshIds, Surroundings, random_bytes};
use super::errors::{
    AuthenticateError, CreatePersonError, IdentityFailure, RefreshError, ResetPasswordError, SetRoleError, SetUpError,
    SignInError,
};
use super::keys::KeyRing;
use super::password::{HashCost, HashPasswordError, PasswordHasher, Secret, Verdict, check_password};
use super::rows::{
    CreateOutcome, Device, EndedWhy, KnownToken, LiveSession, NewCredential, NewSession, NewToken, Person, RoleOutcome,
    SessionOutcome, SetupOutcome,
};
use super::store::{IdentityStore, IdentityStoreError};
use super::throttle::Throttle;
use super::token::{
    ACCESS_LIFE_SECS, AccessTokens, SessionId, TokenHash, hash_token, new_refresh_token, new_setup_token, successor_of,
};

/// A setup token is valid for this long.
pub const SETUP_LIFE_MILLIS: i64 = 60 * 60 * 1_000;
/// A session ends after this time without a refresh.
pub const SESSION_IDLE_MILLIS: i64 = 30 * DAY_MILLIS;
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

/// The device somebody signs in on.
#[derive(Debug, Clone)]
pub struct DeviceClaim {
    /// Its id, made by the device.
    pub id: DeviceId,
    /// What its owner calls it.
    pub name: String,
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
        Ok(self.start_session(person, device).await?)
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
        let key = email_key(email).ok_or(SignInError::Wrong)?;
        self.throttle().charge_sign_in(&key, address, self.env.now())?;
        let judged = self.judge_password(key.clone(), password).await;
        match &judged {
            Ok(_) => self.throttle().sign_in_was_right(&key, address),
            Err(SignInError::Wrong) => {}
            Err(_) => self.throttle().sign_in_was_not_judged(&key, address),
        }
        self.start_session(judged?, device).await
    }

    async fn judge_password(&self, email_key: String, password: &Secret) -> Result<Person, SignInError> {
        let found = self.run(move |store| store.find_by_email(&email_key)).await?;
        let (person, stored) = found.unzip();
        let verdict = self.hasher.verify(password, stored, self.env.as_ref()).await.map_err(|error| match error {
            HashPasswordError::Busy => SignInError::Busy,
            other => SignInError::Failed(IdentityFailure::Hash(other)),
        })?;
        let person = person.filter(|person| person.disabled_at.is_none()).ok_or(SignInError::Wrong)?;
        match verdict {
            Verdict::Wrong => return Err(SignInError::Wrong),
            Verdict::Right => {}
            Verdict::RightRehashed(hash) => {
                let user = person.id;
                self.run(move |store| store.store_rehash(user, &hash)).await?;
            }
        }
        Ok(person)
    }

    async fn start_session(&self, person: Person, claim: DeviceClaim) -> Result<SignedIn, SignInError> {
        let env = self.env.as_ref();
        let (now, session) = (env.now(), SessionId(FreshIds(env).fresh_uuid()));
        let refresh_token = new_refresh_token(env);
        let new = NewSession {
            id: session,
            device: Device { id: claim.id, user: person.id, name: device_name(&claim.name), created_at: now },
            created_at: now,
            idle_until: now.plus_millis(SESSION_IDLE_MILLIS),
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
    pub async fn refresh(&self, token: &Secret) -> Result<SignedIn, RefreshError> {
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
            None => self.replace_token(&known, hash, &successor, now).await?,
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
        successor: &Secret,
        now: Timestamp,
    ) -> Result<(), IdentityFailure> {
        let token = NewToken { hash: hash_token(successor), salt: random_bytes(self.env.as_ref()) };
        let idle_until = now.plus_millis(SESSION_IDLE_MILLIS);
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

    fn announce(&self, ended: Vec<SessionId>) {
        for session in ended {
            // An error only means that nobody is connected.
            let _ = self.ended.send(session);
        }
    }

    /// Creates a person.
    ///
    /// # Errors
    /// When name, e-mail or password can't be used.
    pub async fn register(&self, new: NewPerson) -> Result<Person, CreatePersonError> {
        let credential = self.credential(new).await?;
        let person = credential.person.clone();
        match self.run(move |store| store.create(&credential)).await? {
            CreateOutcome::Created => Ok(person),
            CreateOutcome::EmailTaken => Err(CreatePersonError::EmailTaken),
        }
    }

    async fn credential(&self, new: NewPerson) -> Result<NewCredential, CreatePersonError> {
        let name = person_name(&new.name).map_err(CreatePersonError::Invalid)?;
        let email = new.email.trim().to_owned();
        let invalid = || CreatePersonError::Invalid(FieldProblem::new("email", "is not an e-mail address"));
        let email_key = email_key(&email).ok_or_else(invalid)?;
        check_password(&new.password, &[&name, &email])?;
        let password_hash = self.hash(&new.password).await?;
        let id = UserId(FreshIds(self.env.as_ref()).fresh_uuid());
        let created_at = self.env.now();
        let person = Person { id, email, name, role: new.role, created_at, disabled_at: None };
        Ok(NewCredential { person, email_key, password_hash })
    }

    async fn hash(&self, password: &Secret) -> Result<String, CreatePersonError> {
        self.hasher.hash(password, self.env.as_ref()).await.map_err(|error| match error {
            HashPasswordError::Busy => CreatePersonError::Busy,
            other => CreatePersonError::Failed(IdentityFailure::Hash(other)),
        })
    }

    /// Everybody, in the order of their e-mail addresses.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn people(&self) -> Result<Vec<Person>, IdentityFailure> {
        self.run(|store| store.people()).await
    }

    /// Sets the role of the person with this e-mail address.
    ///
    /// # Errors
    /// When there is nobody, or nobody else is an administrator.
    pub async fn set_role(&self, email: &str, role: Role) -> Result<Person, SetRoleError> {
        let person = self.find(email).await?.ok_or(SetRoleError::NoSuchPerson)?;
        let user = person.id;
        match self.run(move |store| store.set_role(user, role)).await? {
            RoleOutcome::Changed => Ok(Person { role, ..person }),
            RoleOutcome::LastAdmin => Err(SetRoleError::LastAdmin),
        }
    }

    /// Sets a new password for the person with this e-mail address and ends their sessions.
    ///
    /// # Errors
    /// When there is nobody, or the password can't be used.
    pub async fn reset_password(&self, email: &str, password: &Secret) -> Result<Person, ResetPasswordError> {
        let found = self.find(email).await.map_err(CreatePersonError::Failed)?;
        let person = found.ok_or(ResetPasswordError::NoSuchPerson)?;
        check_password(password, &[&person.name, &person.email]).map_err(CreatePersonError::Weak)?;
        let (hash, user, now) = (self.hash(password).await?, person.id, self.env.now());
        let ended = self.run(move |store| store.reset_password(user, &hash, now)).await;
        self.announce(ended.map_err(CreatePersonError::Failed)?);
        Ok(person)
    }

    async fn find(&self, email: &str) -> Result<Option<Person>, IdentityFailure> {
        let Some(key) = email_key(email) else { return Ok(None) };
        let found = self.run(move |store| store.find_by_email(&key)).await?;
        Ok(found.map(|(person, _)| person))
    }

    /// People and devices whose directory records don't say the same yet.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn unlisted(&self) -> Result<(Vec<Person>, Vec<Device>), IdentityFailure> {
        self.run(|store| Ok((store.unlisted_people()?, store.unlisted_devices()?))).await
    }

    /// Notes that a person's directory record is written.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn person_is_listed(&self, person: Person) -> Result<(), IdentityFailure> {
        self.run(move |store| store.person_is_listed(&person)).await
    }

    /// Notes that a device's directory record is written.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn device_is_listed(&self, device: DeviceId) -> Result<(), IdentityFailure> {
        self.run(move |store| store.device_is_listed(device)).await
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

const fn judged(outcome: SetupOutcome) -> Result<(), SetUpError> {
    match outcome {
        SetupOutcome::Created => Ok(()),
        SetupOutcome::AlreadyDone => Err(SetUpError::AlreadyDone),
        SetupOutcome::BadToken => Err(SetUpError::BadToken),
    }
}

/// The address as it is compared; `None` for what can't be an address.
fn email_key(email: &str) -> Option<String> {
    let email = email.trim();
    let (local, domain) = email.rsplit_once('@')?;
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '@';
    let usable = !local.is_empty() && !domain.is_empty() && email.len() <= EMAIL_MAX_BYTES;
    (usable && !local.contains(odd) && !domain.contains(odd)).then(|| email.to_lowercase())
}

fn person_name(name: &str) -> Result<String, FieldProblem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(FieldProblem::new("name", "is required"));
    }
    if name.chars().count() > LINE_MAX_CHARS {
        return Err(FieldProblem::new("name", "is too long"));
    }
    if name.contains(char::is_control) {
        return Err(FieldProblem::new("name", "must be one line"));
    }
    Ok(name.to_owned())
}

/// A device's name is no reason to refuse a sign-in, so it is made to fit.
fn device_name(name: &str) -> String {
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(LINE_MAX_CHARS).collect();
    if name.is_empty() { "Unnamed device".to_owned() } else { name }
}
