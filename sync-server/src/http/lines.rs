//! Counts sockets: all of them, those that have not said who they are, and those of each person.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::app::Limits;
use super::pace::Pace;

/// The open sockets.
pub(super) struct Lines {
    open: watch::Sender<usize>,
    strangers: Arc<Semaphore>,
    per_address: Arc<Mutex<BTreeMap<IpAddr, Arc<Semaphore>>>>,
    per_user: PerUser,
    strangers_per_address_max: usize,
    limits: Limits,
}

/// How many sockets a person has, and how fast their changes are taken.
struct Standing {
    count: usize,
    pace: Arc<Pace>,
}

type PerUser = Arc<Mutex<BTreeMap<UserId, Standing>>>;

impl Lines {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            open: watch::Sender::new(0),
            strangers: Arc::new(Semaphore::new(limits.strangers_max)),
            per_address: Arc::default(),
            per_user: Arc::default(),
            strangers_per_address_max: limits.strangers_per_address_max,
            limits: *limits,
        }
    }

    pub(super) fn open_count(&self) -> usize {
        *self.open.borrow()
    }

    /// Counts a socket while the result lives.
    pub(super) fn open(&self) -> Open {
        self.open.send_modify(|count| *count += 1);
        Open(self.open.clone())
    }

    /// Waits until no socket is open.
    pub(super) async fn drained(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.open.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Lets a stranger in when there is room, waiting a while: after a restart a whole office comes back at once.
    pub(super) async fn admit(&self, address: IpAddr, patience: Duration) -> Option<Stranger> {
        let address = address.to_canonical();
        let own = Arc::clone(
            lock(&self.per_address)
                .entry(address)
                .or_insert_with(|| Arc::new(Semaphore::new(self.strangers_per_address_max))),
        );
        // Made first, so that the address is forgotten however this ends.
        let mut stranger = Stranger { places: Vec::new(), address, per_address: Arc::clone(&self.per_address) };
        let places = async {
            let own = own.acquire_owned().await.ok()?;
            Some([own, Arc::clone(&self.strangers).acquire_owned().await.ok()?])
        };
        stranger.places.extend(tokio::time::timeout(patience, places).await.ok()??);
        Some(stranger)
    }

    /// Takes one of a person's places; `None` when they have too many sockets open.
    pub(super) fn seat(&self, user: UserId) -> Option<Seat> {
        let mut per_user = lock(&self.per_user);
        let now = Instant::now();
        // Whoever hangs up while they owe something owes it when they come back.
        per_user.retain(|_, standing| standing.count > 0 || !standing.pace.is_rested(now));
        let fresh = || Standing { count: 0, pace: Arc::new(Pace::new(&self.limits)) };
        let standing = per_user.entry(user).or_insert_with(fresh);
        if standing.count >= self.limits.sockets_per_user_max {
            return None;
        }
        standing.count += 1;
        Some(Seat { user, pace: Arc::clone(&standing.pace), per_user: Arc::clone(&self.per_user) })
    }
}

/// One open socket.
pub(super) struct Open(watch::Sender<usize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// The places of a socket that has not said who it is.
pub(super) struct Stranger {
    places: Vec<OwnedSemaphorePermit>,
    address: IpAddr,
    per_address: Arc<Mutex<BTreeMap<IpAddr, Arc<Semaphore>>>>,
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut per_address = lock(&self.per_address);
        self.places.clear();
        // Only the map holds it when nobody of this address has or waits for a place.
        if per_address.get(&self.address).is_some_and(|places| Arc::strong_count(places) == 1) {
            per_address.remove(&self.address);
        }
    }
}

/// One of a person's places.
pub(super) struct Seat {
    user: UserId,
    pace: Arc<Pace>,
    per_user: PerUser,
}

impl Seat {
    /// How fast the person's changes are taken.
    pub(super) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.pace)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut per_user = lock(&self.per_user);
        if let Some(standing) = per_user.get_mut(&self.user) {
            standing.count -= 1;
        }
    }
}

/// Counts are changed in one step, so a panic elsewhere leaves them right.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const NOW: Duration = Duration::ZERO;

    fn lines() -> Lines {
        let limits =
            Limits { strangers_max: 3, strangers_per_address_max: 2, sockets_per_user_max: 2, ..Limits::default() };
        Lines::new(&limits)
    }

    fn address(number: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, number))
    }

    #[tokio::test]
    async fn strangers_have_few_places_by_address_and_in_all() {
        let lines = lines();
        let first = lines.admit(address(1), NOW).await.unwrap();
        let _second = lines.admit(address(1), NOW).await.unwrap();

        assert!(lines.admit(address(1), NOW).await.is_none());
        let _third = lines.admit(address(2), NOW).await.unwrap();
        assert!(lines.admit(address(3), NOW).await.is_none());
        drop(first);
        assert!(lines.admit(address(3), NOW).await.is_some());
    }

    #[tokio::test]
    async fn a_place_that_becomes_free_goes_to_who_waits() {
        let lines = lines();
        let held = [lines.admit(address(1), NOW).await.unwrap(), lines.admit(address(1), NOW).await.unwrap()];

        let waiting = lines.admit(address(1), Duration::from_secs(60));
        let freeing = async { drop(held) };
        let (admitted, ()) = tokio::join!(waiting, freeing);

        assert!(admitted.is_some());
    }

    #[tokio::test]
    async fn addresses_are_forgotten_when_nobody_of_them_is_left() {
        let lines = lines();
        let (one, two) = (lines.admit(address(1), NOW).await, lines.admit(address(1), NOW).await);
        assert!(lines.admit(address(1), NOW).await.is_none());
        drop((one, two));

        assert!(lock(&lines.per_address).is_empty());
    }

    #[tokio::test]
    async fn a_person_has_so_many_sockets_and_gets_the_place_back() {
        let lines = lines();
        let ada = UserId::from_bytes([1; 16]);
        let (one, _two) = (lines.seat(ada).unwrap(), lines.seat(ada).unwrap());

        assert!(lines.seat(ada).is_none());
        assert!(lines.seat(UserId::from_bytes([2; 16])).is_some());
        drop(one);
        assert!(lines.seat(ada).is_some());
    }

    #[tokio::test]
    async fn draining_waits_for_the_last_socket() {
        let lines = lines();
        let open = lines.open();
        assert_eq!(lines.open_count(), 1);

        tokio::join!(lines.drained(), async { drop(open) });

        assert_eq!(lines.open_count(), 0);
    }
}
