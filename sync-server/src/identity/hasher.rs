//! Hashing passwords so that nobody else notices: two at once, a short line before them, each on a thread of its own
//! that takes what the others leave of the processor.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use model::Timestamp;
use thread_priority::ThreadPriority;
#[cfg(not(target_os = "linux"))]
use thread_priority::set_current_thread_priority;
#[cfg(target_os = "linux")]
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use unicode_normalization::UnicodeNormalization;

use super::argon::{self, HashCost, HashError, Memory};
use super::env::{Surroundings, random_bytes};
use super::password::Secret;

/// Most hashes computed at once, so that a flood of sign-ins costs at most this many times 64 MiB.
pub const HASHES_AT_ONCE: usize = 2;
/// Most sign-ins that wait for their turn; the next is told to come back.
pub const HASHES_WAITING_MAX: usize = 32;
/// About how long whoever is told to come back waits for that answer: guessers who begin again at once would otherwise take
/// the processor with being refused.
const REFUSAL_PAUSE: Duration = Duration::from_secs(1);
/// Most who wait for that; the next is told at once.
const REFUSALS_WAITING_MAX: usize = 1_024;
/// One hash in this time may hold its own against everything else, if it is alone: on a relay whose processors are all
/// at work one can still sign in.
const PROMPT_EVERY_MILLIS: i64 = 1_000;

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashPasswordError {
    /// Too many sign-ins wait already.
    #[error("too many sign-ins at once")]
    Busy,
    /// The hash function failed.
    #[error("password hashing failed: {0}")]
    Hash(#[from] HashError),
    /// The system gives no thread.
    #[error("no thread for password hashing")]
    NoThread(#[source] io::Error),
    /// The computation did not finish.
    #[error("password hashing was interrupted")]
    Interrupted,
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
    refusals: Semaphore,
    refusal_pause: Duration,
    /// What was used by hashes before, while others wait. Taking it from the system and giving it back would keep every
    /// thread waiting that asks the system for memory.
    used: Arc<Mutex<Vec<Memory>>>,
    /// When the last hash began that ran like everything else.
    last_prompt: Mutex<Option<Timestamp>>,
    /// Checked in place of an unknown user's hash, so that the answer takes as long.
    dummy: String,
    /// Hashes computed to check a password.
    checked: AtomicU64,
}

/// The right to compute one hash. It goes with the computation, which goes on when the request that asked for it is
/// gone.
pub struct Turn {
    rank: Rank,
    _running: OwnedSemaphorePermit,
}

/// What a computation gets of the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// As much as everything else.
    Prompt,
    /// What nothing else wants.
    Patient,
}

impl PasswordHasher {
    /// Makes a hasher.
    pub fn new(cost: HashCost, env: &dyn Surroundings) -> Self {
        Self {
            cost,
            running: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            waiting: Semaphore::new(HASHES_WAITING_MAX),
            refusals: Semaphore::new(REFUSALS_WAITING_MAX),
            refusal_pause: REFUSAL_PAUSE,
            used: Arc::default(),
            last_prompt: Mutex::default(),
            dummy: argon::dummy_hash(cost, env),
            checked: AtomicU64::new(0),
        }
    }

    /// How many hashes were computed to check passwords: one each time, whoever the user is.
    pub fn checked_count(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Waits for the right to compute a hash. Ask for it before anything else is done for a sign-in, so that one that
    /// is turned away costs nothing.
    ///
    /// # Errors
    /// When too many wait already; that answer takes a while.
    pub async fn turn(&self, env: &dyn Surroundings) -> Result<Turn, HashPasswordError> {
        let Ok(place) = self.waiting.try_acquire() else {
            if let Ok(_refused) = self.refusals.try_acquire() {
                tokio::time::sleep(self.some_pause(env)).await;
            }
            return Err(HashPasswordError::Busy);
        };
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| HashPasswordError::Busy)?;
        drop(place);
        let alone = self.running.available_permits() + 1 == HASHES_AT_ONCE;
        let rank = if alone { self.rank_of_one_alone(env.now()) } else { Rank::Patient };
        Ok(Turn { rank, _running: running })
    }

    /// About the pause: if all who came at once were answered at once, they would be back at once.
    fn some_pause(&self, env: &dyn Surroundings) -> Duration {
        let [share] = random_bytes::<1>(env);
        self.refusal_pause / 2 + self.refusal_pause * u32::from(share) / 256
    }

    fn rank_of_one_alone(&self, now: Timestamp) -> Rank {
        let mut last = lock(&self.last_prompt);
        if last.is_some_and(|last| now.millis_since(last).abs() < PROMPT_EVERY_MILLIS) {
            return Rank::Patient;
        }
        *last = Some(now);
        Rank::Prompt
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// When too many wait already, or the hash function fails.
    pub async fn hash(&self, password: &Secret, env: &dyn Surroundings) -> Result<String, HashPasswordError> {
        let turn = self.turn(env).await?;
        let (cost, password, salt) = (self.cost, normal_form(password), random_bytes::<16>(env));
        self.apart(turn, move |memory| argon::hash(cost, &password, salt, memory)).await
    }

    /// Checks a password against a stored hash; without one (unknown user) it takes as long and is wrong.
    ///
    /// # Errors
    /// When the stored hash can't be read.
    pub async fn verify(
        &self,
        turn: Turn,
        password: &Secret,
        stored: Option<String>,
        env: &dyn Surroundings,
    ) -> Result<Verdict, HashPasswordError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.clone());
        let (cost, password, salt) = (self.cost, normal_form(password), random_bytes::<16>(env));
        self.checked.fetch_add(1, Ordering::Relaxed);
        self.apart(turn, move |memory| {
            let hash = PasswordHash::new(&stored)?;
            let right = argon::is_right(&hash, &password, memory)?;
            match right && known {
                false => Ok(Verdict::Wrong),
                true if argon::is_weaker(&hash, cost) => {
                    argon::hash(cost, &password, salt, memory).map(Verdict::RightRehashed)
                }
                true => Ok(Verdict::Right),
            }
        })
        .await
    }

    /// Computes on a thread of its own. A thread can be ranked lower but, without privileges, not higher again, so each
    /// serves one computation; beside a hash, starting it costs nothing.
    async fn apart<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut Memory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashPasswordError> {
        let (answer, answered) = oneshot::channel();
        let (cost, used) = (self.cost, Arc::clone(&self.used));
        let compute = move || {
            let mut memory = lock(&used).pop().unwrap_or_default();
            memory.make_room(cost);
            if turn.rank == Rank::Patient {
                yield_to_all();
            }
            let done = work(&mut memory);
            lock(&used).push(memory);
            drop(turn);
            // Whoever asked may be gone.
            let _ = answer.send(done);
        };
        thread::Builder::new().name("password".into()).spawn(compute).map_err(HashPasswordError::NoThread)?;
        let done = answered.await.map_err(|_| HashPasswordError::Interrupted)?;
        self.give_memory_back();
        Ok(done?)
    }

    /// Gives back what nobody waits for.
    fn give_memory_back(&self) {
        if self.waiting.available_permits() == HASHES_WAITING_MAX {
            let unused = std::mem::take(&mut *lock(&self.used));
            if !unused.is_empty() {
                tokio::task::spawn_blocking(|| drop(unused));
            }
        }
    }
}

/// Nothing is done while it is held that could be half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ranks this thread below every other: on Linux as `SCHED_IDLE`, elsewhere as low as it goes. Where the system does
/// not allow it, hashes compete with the rest.
fn yield_to_all() {
    #[cfg(target_os = "linux")]
    let lowered = set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Min,
        ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle),
    );
    #[cfg(not(target_os = "linux"))]
    let lowered = set_current_thread_priority(ThreadPriority::Min);
    if let Err(error) = lowered {
        tracing::debug!(%error, "a thread for passwords keeps its rank");
    }
}

/// Different keyboards write the same letters differently.
fn normal_form(password: &Secret) -> String {
    password.reveal().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::{CHEAP, StubSurroundings};

    async fn verify(hasher: &PasswordHasher, password: &str, stored: Option<&str>, env: &StubSurroundings) -> Verdict {
        let turn = hasher.turn(env).await.unwrap();
        hasher.verify(turn, &Secret::new(password), stored.map(str::to_owned), env).await.unwrap()
    }

    #[tokio::test]
    async fn a_password_is_recognised_however_the_keyboard_writes_it() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);
        let hash = hasher.hash(&Secret::new("caf\u{e9} au lait"), &env).await.unwrap();

        let same = verify(&hasher, "cafe\u{301} au lait", Some(&hash), &env).await;
        let other = verify(&hasher, "cafe au lait", Some(&hash), &env).await;

        assert_eq!((same, other), (Verdict::Right, Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_weaker_hash_is_replaced_when_its_password_is_next_used() {
        let env = StubSurroundings::new();
        let stronger = PasswordHasher::new(HashCost { passes: 2, ..CHEAP }, &env);
        let old = PasswordHasher::new(CHEAP, &env).hash(&Secret::new("the same"), &env).await.unwrap();

        let verdict = verify(&stronger, "the same", Some(&old), &env).await;

        let Verdict::RightRehashed(new) = verdict else { panic!("{verdict:?}") };
        assert!(new.contains("t=2"), "{new}");
        assert_eq!(verify(&stronger, "the same", Some(&new), &env).await, Verdict::Right);
    }

    #[tokio::test]
    async fn an_unknown_user_is_wrong_after_the_same_work() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);

        assert_eq!(verify(&hasher, "anything", None, &env).await, Verdict::Wrong);
        let real = hasher.hash(&Secret::new("anything"), &env).await.unwrap();
        let shape = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(shape(&hasher.dummy), shape(&real));
        assert!(hasher.dummy.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", hasher.dummy);
    }

    #[tokio::test]
    async fn a_flood_of_hashes_is_turned_away() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher { refusal_pause: Duration::ZERO, ..PasswordHasher::new(CHEAP, &env) };
        let _all_busy = hasher.running.acquire_many(HASHES_AT_ONCE as u32).await.unwrap();
        let _all_waiting = hasher.waiting.acquire_many(HASHES_WAITING_MAX as u32).await.unwrap();

        let refused = hasher.hash(&Secret::new("one more"), &env).await;

        assert!(matches!(refused, Err(HashPasswordError::Busy)));
    }

    /// Guessers who begin again when they are answered are answered once a second at most.
    #[tokio::test]
    async fn who_is_turned_away_waits_for_it() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);
        let _all_waiting = hasher.waiting.acquire_many(HASHES_WAITING_MAX as u32).await.unwrap();

        let mut refused = Box::pin(hasher.turn(&env));
        let answered_at_once = futures_util::poll!(&mut refused).is_ready();
        let held = hasher.refusals.available_permits();
        drop(refused);

        assert!(!answered_at_once);
        assert_eq!(held, REFUSALS_WAITING_MAX - 1);
        assert_eq!(hasher.refusals.available_permits(), REFUSALS_WAITING_MAX, "who hangs up is not waited for");
    }

    #[tokio::test]
    async fn one_hash_a_second_holds_its_own_and_only_if_it_is_alone() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);
        let rank = async || hasher.turn(&env).await.unwrap().rank;

        assert_eq!((rank().await, rank().await), (Rank::Prompt, Rank::Patient));
        env.advance(PROMPT_EVERY_MILLIS);
        let alone = hasher.turn(&env).await.unwrap();
        env.advance(PROMPT_EVERY_MILLIS);
        let beside = hasher.turn(&env).await.unwrap();
        assert_eq!((alone.rank, beside.rank), (Rank::Prompt, Rank::Patient));
        drop((alone, beside));
        assert_eq!(rank().await, Rank::Prompt);
    }

    #[tokio::test]
    async fn memory_is_kept_while_somebody_waits_for_it() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);
        let kept = || lock(&hasher.used).len();

        let waiting = hasher.waiting.acquire().await.unwrap();
        verify(&hasher, "one", None, &env).await;
        verify(&hasher, "another", None, &env).await;
        assert_eq!(kept(), 1, "used again");
        drop(waiting);
        verify(&hasher, "the last", None, &env).await;
        assert_eq!(kept(), 0);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_others_run_only_when_nothing_else_does() {
        let env = StubSurroundings::new();
        let hasher = PasswordHasher::new(CHEAP, &env);
        let policy = || thread_priority::thread_schedule_policy().unwrap();
        let policy_of = async |turn: Turn| hasher.apart(turn, move |_| Ok(policy())).await.unwrap();
        let (first, second) = (hasher.turn(&env).await.unwrap(), hasher.turn(&env).await.unwrap());

        let (prompt, patient) = (policy_of(first).await, policy_of(second).await);

        assert_eq!(prompt, policy());
        assert_eq!(patient, ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle));
    }
}
