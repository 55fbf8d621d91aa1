//! Slowing down who guesses: by account (back-off, never a lock-out) and by address (a bucket that refills).
//!
//! Every try is charged before it is looked at and given back when it was right, so that a flood of tries at the
//! same moment gains nothing.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use model::Timestamp;

/// Wrong passwords for one account before it is slowed down.
pub const FREE_FAILURES: u32 = 5;
/// Failures are not counted further than this.
pub const FAILURES_MAX: u32 = 100;
/// The longest an account waits between two tries.
pub const ACCOUNT_DELAY_MAX_MILLIS: i64 = 15 * 60 * 1_000;
/// Failures are forgotten after this time without one.
pub const FAILURES_FORGOTTEN_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// Sign-ins that an address may fail at once; refills within a minute.
pub const SIGN_INS: Rate = Rate { burst: 10, refill_millis: 6_000 };
/// Set-ups that an address may fail at once; refills one in five minutes.
pub const SETUPS: Rate = Rate { burst: 3, refill_millis: 5 * 60 * 1_000 };
/// Most accounts, and most addresses, that are remembered; beyond it the one that waited longest is forgotten.
pub const REMEMBERED_MAX: usize = 10_000;

/// How many tries at once, and how soon another.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Tries at once.
    pub burst: u32,
    /// Milliseconds until one more.
    pub refill_millis: i64,
}

/// Come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; wait {} s", self.after_secs())]
pub struct TooManyTries {
    /// After this many milliseconds.
    pub retry_after_millis: i64,
}

impl TooManyTries {
    /// The waiting time in whole seconds, at least one.
    pub const fn after_secs(self) -> i64 {
        let secs = (self.retry_after_millis + 999).div_euclid(1_000);
        if secs < 1 { 1 } else { secs }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// When the bucket is full again; every try moves it by one refill.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: Timestamp,
}

/// Remembers who failed how often.
#[derive(Debug, Default)]
pub struct Throttle {
    accounts: BTreeMap<String, Failures>,
    sign_ins: BTreeMap<IpAddr, Bucket>,
    setups: BTreeMap<IpAddr, Bucket>,
}

impl Throttle {
    /// Charges a sign-in, before the password is looked at.
    ///
    /// # Errors
    /// When the account or the address has to wait.
    pub fn charge_sign_in(&mut self, account: &str, address: IpAddr, now: Timestamp) -> Result<(), TooManyTries> {
        let failures = self.accounts.get(account).copied().filter(|failures| !failures.is_forgotten(now));
        failures.map_or(Ok(()), |failures| failures.check(now))?;
        charge(&mut self.sign_ins, address, SIGN_INS, now)?;
        let count = failures.map_or(0, |failures| failures.count).saturating_add(1).min(FAILURES_MAX);
        let account = account.to_owned();
        make_room(&mut self.accounts, &account, |failures| failures.last);
        self.accounts.insert(account, Failures { count, last: now });
        Ok(())
    }

    /// Gives a charged sign-in back: the password was right.
    pub fn sign_in_was_right(&mut self, account: &str, address: IpAddr) {
        self.accounts.remove(account);
        give_back(&mut self.sign_ins, address, SIGN_INS);
    }

    /// Gives a charged sign-in back that could not be looked at.
    pub fn sign_in_was_not_judged(&mut self, account: &str, address: IpAddr) {
        if let Some(failures) = self.accounts.get_mut(account) {
            failures.count = failures.count.saturating_sub(1);
        }
        give_back(&mut self.sign_ins, address, SIGN_INS);
    }

    /// Charges the use of a setup token.
    ///
    /// # Errors
    /// When the address has to wait.
    pub fn charge_setup(&mut self, address: IpAddr, now: Timestamp) -> Result<(), TooManyTries> {
        charge(&mut self.setups, address, SETUPS, now)
    }

    /// Gives a charged setup back: the token was right.
    pub fn setup_was_right(&mut self, address: IpAddr) {
        give_back(&mut self.setups, address, SETUPS);
    }
}

impl Failures {
    const fn is_forgotten(self, now: Timestamp) -> bool {
        now.millis_since(self.last) > FAILURES_FORGOTTEN_MILLIS
    }

    /// One second after the first failure that isn't free, then twice as long each time.
    fn check(self, now: Timestamp) -> Result<(), TooManyTries> {
        let Some(beyond) = self.count.checked_sub(FREE_FAILURES) else { return Ok(()) };
        let delay = 1_000_i64.checked_shl(beyond.min(20)).unwrap_or(i64::MAX).min(ACCOUNT_DELAY_MAX_MILLIS);
        wait_until(self.last.plus_millis(delay), now)
    }
}

fn charge(
    buckets: &mut BTreeMap<IpAddr, Bucket>,
    address: IpAddr,
    rate: Rate,
    now: Timestamp,
) -> Result<(), TooManyTries> {
    let address = network_of(address);
    let full_at = buckets.get(&address).map_or(now, |bucket| bucket.full_at.max(now));
    let charged = full_at.plus_millis(rate.refill_millis);
    wait_until(charged.plus_millis(-i64::from(rate.burst) * rate.refill_millis), now)?;
    make_room(buckets, &address, |bucket| bucket.full_at);
    buckets.insert(address, Bucket { full_at: charged });
    Ok(())
}

fn give_back(buckets: &mut BTreeMap<IpAddr, Bucket>, address: IpAddr, rate: Rate) {
    if let Some(bucket) = buckets.get_mut(&network_of(address)) {
        bucket.full_at = bucket.full_at.plus_millis(-rate.refill_millis);
    }
}

fn wait_until(then: Timestamp, now: Timestamp) -> Result<(), TooManyTries> {
    match then.millis_since(now) {
        wait if wait > 0 => Err(TooManyTries { retry_after_millis: wait }),
        _ => Ok(()),
    }
}

/// One home has one IPv4 address or one IPv6 network of 64 bits.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// Forgets the oldest when another one comes to a full map.
fn make_room<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, key: &K, age: impl Fn(&V) -> Timestamp) {
    if map.len() < REMEMBERED_MAX || map.contains_key(key) {
        return;
    }
    let oldest = map.iter().min_by_key(|(_, value)| age(value)).map(|(key, _)| key.clone());
    if let Some(oldest) = oldest {
        map.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + millis)
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from(0x0a00_0000 + number))
    }

    #[test]
    fn an_account_waits_longer_after_each_failure_but_never_more_than_a_quarter_of_an_hour() {
        let mut throttle = Throttle::default();
        let (mut now, mut waits) = (at(0), Vec::new());
        for number in 0..30 {
            if let Err(wait) = throttle.charge_sign_in("ada", address(number), now) {
                waits.push(wait.after_secs());
                now = now.plus_millis(wait.retry_after_millis);
                throttle.charge_sign_in("ada", address(number), now).unwrap();
            }
        }

        assert_eq!(waits[..5], [1, 2, 4, 8, 16]);
        assert_eq!((waits.len(), waits.iter().max()), (25, Some(&900)));
    }

    #[test]
    fn tries_at_the_same_moment_gain_nothing() {
        let mut throttle = Throttle::default();
        let passed = (0..200).filter(|number| throttle.charge_sign_in("ada", address(*number), at(0)).is_ok()).count();

        assert_eq!(passed, 5);
    }

    #[test]
    fn the_right_password_ends_the_back_off_and_costs_nothing() {
        let mut throttle = Throttle::default();
        for number in 0..100 {
            throttle.charge_sign_in("ada", HOME, at(number)).unwrap();
            throttle.sign_in_was_right("ada", HOME);
        }
    }

    #[test]
    fn an_address_that_tries_many_accounts_has_to_wait() {
        let mut throttle = Throttle::default();
        for number in 0..10 {
            throttle.charge_sign_in(&format!("user{number}"), HOME, at(0)).unwrap();
        }

        let refused = throttle.charge_sign_in("user10", HOME, at(0)).unwrap_err();
        assert_eq!(refused.after_secs(), 6);
        assert!(throttle.charge_sign_in("user10", address(1), at(0)).is_ok());
        assert!(throttle.charge_sign_in("user11", HOME, at(6_000)).is_ok());
        assert!(throttle.charge_sign_in("user12", HOME, at(6_000)).is_err());
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_count_as_one() {
        let mut throttle = Throttle::default();
        let address = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 9, 9, 9, last));
        for number in 0..10 {
            throttle.charge_sign_in(&format!("user{number}"), address(number), at(0)).unwrap();
        }

        assert!(throttle.charge_sign_in("another", address(99), at(0)).is_err());
    }

    #[test]
    fn a_day_without_failures_is_a_new_start() {
        let mut throttle = Throttle::default();
        for number in 0..5 {
            throttle.charge_sign_in("ada", address(number), at(0)).unwrap();
        }
        assert!(throttle.charge_sign_in("ada", HOME, at(1)).is_err());

        let tomorrow = at(FAILURES_FORGOTTEN_MILLIS + 1);
        for number in 0..5 {
            throttle.charge_sign_in("ada", address(number), tomorrow).unwrap();
        }
    }

    #[test]
    fn memory_is_bounded_however_many_accounts_are_tried() {
        let mut throttle = Throttle::default();
        for number in 0..REMEMBERED_MAX as u32 + 50 {
            throttle.charge_sign_in(&number.to_string(), address(number), at(i64::from(number))).unwrap();
        }

        assert_eq!((throttle.accounts.len(), throttle.sign_ins.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
    }

    #[test]
    fn setup_allows_three_wrong_tokens_and_then_one_in_five_minutes() {
        let mut throttle = Throttle::default();
        for _ in 0..3 {
            throttle.charge_setup(HOME, at(0)).unwrap();
        }

        assert_eq!(throttle.charge_setup(HOME, at(0)).unwrap_err().after_secs(), 300);
        assert!(throttle.charge_setup(HOME, at(300_000)).is_ok());
    }
}
