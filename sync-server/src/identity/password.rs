//! Passwords: which are good enough, and how they are hashed (Argon2id, RFC 9106).

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;

use super::env::{Surroundings, random_bytes};

/// Fewest characters of a password. There is no second factor yet, so NIST SP 800-63B-4 asks for 15.
pub const PASSWORD_MIN_CHARS: usize = 15;
/// Most characters of a password.
pub const PASSWORD_MAX_CHARS: usize = 128;
/// Most hashes computed at once, so that a flood of sign-ins costs at most this many times 64 MiB.
pub const HASHES_AT_ONCE: usize = 2;
/// Most sign-ins that wait for their turn; the next is told to come back.
pub const HASHES_WAITING_MAX: usize = 32;

/// Letters that must remain when the person's own words and the product's name are taken out.
const OWN_CHARS_MIN: usize = 8;
/// Fewest different characters.
const DISTINCT_CHARS_MIN: usize = 5;
/// A word shorter than this may occur in any password.
const PERSONAL_WORD_MIN_CHARS: usize = 4;

/// The most common passwords, one a line, small letters; from the frequency list of zxcvbn (MIT, Dropbox).
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// A password, or another secret that came in a request; never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a password is not accepted, in words for the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("use at least {PASSWORD_MIN_CHARS} characters; a few words in a row are fine")]
    TooShort,
    /// Too many characters.
    #[error("use at most {PASSWORD_MAX_CHARS} characters")]
    TooLong,
    /// On the list of common passwords, or one of them repeated or dressed up with digits.
    #[error("this is one of the most common passwords, choose another")]
    Common,
    /// A row of neighbours or of very few characters.
    #[error("this is too regular, choose another")]
    Regular,
    /// Little more than the person's name, e-mail address or the product's name.
    #[error("this is little more than a name that others know, choose another")]
    Personal,
}

/// Checks a new password; `personal` are words around the person, such as name and e-mail address.
///
/// # Errors
/// The reason why it is not accepted.
pub fn check_password(password: &Secret, personal: &[&str]) -> Result<(), WeakPassword> {
    let folded: String = password.0.nfkc().flat_map(char::to_lowercase).collect();
    match password.0.nfkc().count() {
        count if count < PASSWORD_MIN_CHARS => return Err(WeakPassword::TooShort),
        count if count > PASSWORD_MAX_CHARS => return Err(WeakPassword::TooLong),
        _ => {}
    }
    if is_common(&folded) {
        return Err(WeakPassword::Common);
    }
    if is_regular(&folded) {
        return Err(WeakPassword::Regular);
    }
    if is_personal(&folded, personal) {
        return Err(WeakPassword::Personal);
    }
    Ok(())
}

fn is_common(folded: &str) -> bool {
    let core = folded.trim_matches(|letter: char| !letter.is_alphabetic());
    [folded, core, repeated_unit(folded), repeated_unit(core)].into_iter().any(|text| COMMON.contains(text))
}

/// The shortest text that gives `text` when repeated.
fn repeated_unit(text: &str) -> &str {
    let units = text.char_indices().map(|(at, _)| &text[..at]).skip(1);
    let mut repeating = units.filter(|unit| text.len().is_multiple_of(unit.len()));
    repeating.find(|unit| unit.repeat(text.len() / unit.len()) == text).unwrap_or(text)
}

fn is_regular(folded: &str) -> bool {
    let distinct: HashSet<char> = folded.chars().collect();
    let steps: HashSet<i64> = folded
        .chars()
        .zip(folded.chars().skip(1))
        .map(|(one, next)| i64::from(next as u32) - i64::from(one as u32))
        .collect();
    distinct.len() < DISTINCT_CHARS_MIN || steps.len() == 1
}

fn is_personal(folded: &str, personal: &[&str]) -> bool {
    let words = personal.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let words = words.chain(["trailtrack"]).map(str::to_lowercase);
    let rest = words
        .filter(|word| word.chars().count() >= PERSONAL_WORD_MIN_CHARS)
        .fold(folded.to_owned(), |rest, word| rest.replace(&word, ""));
    rest.len() < folded.len() && rest.chars().filter(|letter| letter.is_alphabetic()).count() < OWN_CHARS_MIN
}

/// What a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl HashCost {
    /// RFC 9106's second recommended option: 64 MiB, three passes, four lanes.
    pub const PRODUCTION: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None)
            .expect("the costs in this program are within Argon2's bounds");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashPasswordError {
    /// Too many sign-ins wait already.
    #[error("too many sign-ins at once")]
    Busy,
    /// The hash function failed.
    #[error("password hashing failed: {0}")]
    Hash(#[from] argon2::password_hash::Error),
    /// The computation did not finish.
    #[error("password hashing was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// What checking a password found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is another one.
    Wrong,
    /// It is right.
    Right,
    /// It is right, and its stored hash is weaker than today's: store this one.
    RightRehashed(String),
}

/// Hashes and checks passwords, a few at a time.
pub struct PasswordHasher {
    cost: HashCost,
    running: Arc<Semaphore>,
    waiting: Semaphore,
    /// Checked in place of an unknown user's hash, so that the answer takes as long.
    dummy: String,
    /// Hashes computed to check a password.
    checked: AtomicU64,
}

impl PasswordHasher {
    /// Makes a hasher.
    pub fn new(cost: HashCost, env: &dyn Surroundings) -> Self {
        let (running, waiting) = (Arc::new(Semaphore::new(HASHES_AT_ONCE)), Semaphore::new(HASHES_WAITING_MAX));
        Self { cost, running, waiting, dummy: dummy_hash(cost, env), checked: AtomicU64::new(0) }
    }

    /// How many hashes were computed to check passwords: one each time, whoever the user is.
    pub fn checked_count(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// When too many wait already, or the hash function fails.
    pub async fn hash(&self, password: &Secret, env: &dyn Surroundings) -> Result<String, HashPasswordError> {
        let turn = self.turn().await?;
        let (cost, password, salt) = (self.cost, normal_form(password), random_bytes::<16>(env));
        tokio::task::spawn_blocking(move || {
            let _until_done = turn;
            hash_now(cost, &password, salt)
        })
        .await?
    }

    /// Checks a password against a stored hash; without one (unknown user) it takes as long and is wrong.
    ///
    /// # Errors
    /// When too many wait already, or the stored hash can't be read.
    pub async fn verify(
        &self,
        password: &Secret,
        stored: Option<String>,
        env: &dyn Surroundings,
    ) -> Result<Verdict, HashPasswordError> {
        let turn = self.turn().await?;
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.clone());
        let (cost, password, salt) = (self.cost, normal_form(password), random_bytes::<16>(env));
        self.checked.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let _until_done = turn;
            let hash = PasswordHash::new(&stored).map_err(argon2::password_hash::Error::from)?;
            let right = cost.argon2().verify_password(password.as_bytes(), &hash).is_ok();
            match right && known {
                false => Ok(Verdict::Wrong),
                true if is_weaker(&hash, cost) => hash_now(cost, &password, salt).map(Verdict::RightRehashed),
                true => Ok(Verdict::Right),
            }
        })
        .await?
    }

    /// The permit goes with the computation, which goes on when the request that asked for it is gone.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, HashPasswordError> {
        let _place = self.waiting.try_acquire().map_err(|_| HashPasswordError::Busy)?;
        Arc::clone(&self.running).acquire_owned().await.map_err(|_| HashPasswordError::Busy)
    }
}

/// A hash of today's cost that no password leads to.
fn dummy_hash(cost: HashCost, env: &dyn Surroundings) -> String {
    let HashCost { memory_kib, passes, lanes } = cost;
    let salt = STANDARD_NO_PAD.encode(random_bytes::<16>(env));
    let output = STANDARD_NO_PAD.encode(random_bytes::<32>(env));
    format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${output}")
}

/// Different keyboards write the same letters differently.
fn normal_form(password: &Secret) -> String {
    password.0.nfkc().collect()
}

fn hash_now(cost: HashCost, password: &str, salt: [u8; 16]) -> Result<String, HashPasswordError> {
    Ok(cost.argon2().hash_password_with_salt(password.as_bytes(), &salt)?.to_string())
}

fn is_weaker(hash: &PasswordHash, cost: HashCost) -> bool {
    Params::try_from(hash).map_or(true, |params| params.m_cost() < cost.memory_kib || params.t_cost() < cost.passes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::{CHEAP, StubSurroundings};

    fn check(password: &str) -> Result<(), WeakPassword> {
        check_password(&Secret::new(password), &["Ada Lovelace", "ada@analytical.example"])
    }

    #[test]
    fn the_rules_ask_for_length_and_refuse_what_everybody_guesses() {
        assert_eq!(PASSWORD_MIN_CHARS, 15);
        assert!(COMMON.len() >= 3_000);
        for good in
            ["correct horse battery staple", "ein Satz mit Umlauten: äöü", "mXq7-tRv2-Lp9z-4", "пятнадцать слов подряд"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", WeakPassword::TooShort),
            ("fourteen chars", WeakPassword::TooShort),
            ("passwordpassword", WeakPassword::Common),
            ("PASSWORD12345678!", WeakPassword::Common),
            ("123456789123456789", WeakPassword::Common),
            ("1qaz2wsx3edc4rfv", WeakPassword::Common),
            ("abcdefghijklmnopq", WeakPassword::Regular),
            ("aaaaaaaaabbbbbbbb", WeakPassword::Regular),
            ("ada lovelace 1815", WeakPassword::Personal),
            ("TrailTrack-TrailTrack-1", WeakPassword::Personal),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
        assert_eq!(check(&"long enough ".repeat(11)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn production_hashes_cost_what_rfc_9106_recommends() {
        let cost = HashCost::PRODUCTION;
        assert_eq!((cost.memory_kib, cost.passes, cost.lanes), (65_536, 3, 4));

        let hash = hash_now(cost, "correct horse battery staple", [7; 16]).unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{hash}");
    }

    #[tokio::test]
    async fn a_password_is_recognised_however_the_keyboard_writes_it() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);
        let hash = hasher.hash(&Secret::new("caf\u{e9} au lait"), &env).await.unwrap();

        let same = hasher.verify(&Secret::new("cafe\u{301} au lait"), Some(hash.clone()), &env).await.unwrap();
        let other = hasher.verify(&Secret::new("cafe au lait"), Some(hash), &env).await.unwrap();

        assert_eq!((same, other), (Verdict::Right, Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_weaker_hash_is_replaced_when_its_password_is_next_used() {
        let env = StubSurroundings::new();
        let stronger = PasswordHasher::new(HashCost { passes: 2, ..CHEAP }, &env);
        let old = PasswordHasher::new(CHEAP, &env).hash(&Secret::new("the same"), &env).await.unwrap();

        let verdict = stronger.verify(&Secret::new("the same"), Some(old), &env).await.unwrap();

        let Verdict::RightRehashed(new) = verdict else { panic!("{verdict:?}") };
        assert!(new.contains("t=2"), "{new}");
        let again = stronger.verify(&Secret::new("the same"), Some(new), &env).await.unwrap();
        assert_eq!(again, Verdict::Right);
    }

    #[tokio::test]
    async fn an_unknown_user_is_wrong_after_the_same_work() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);

        assert_eq!(hasher.verify(&Secret::new("anything"), None, &env).await.unwrap(), Verdict::Wrong);
        let real = hasher.hash(&Secret::new("anything"), &env).await.unwrap();
        let shape = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(shape(&hasher.dummy), shape(&real));
        assert!(hasher.dummy.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", hasher.dummy);
    }

    #[tokio::test]
    async fn a_flood_of_hashes_is_turned_away() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);
        let _all_busy = hasher.running.acquire_many(HASHES_AT_ONCE as u32).await.unwrap();
        let _all_waiting = hasher.waiting.acquire_many(HASHES_WAITING_MAX as u32).await.unwrap();

        let refused = hasher.hash(&Secret::new("one more"), &env).await;

        assert!(matches!(refused, Err(HashPasswordError::Busy)));
    }

    #[test]
    fn a_secret_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("canary")), "Secret(…)");
    }
}
