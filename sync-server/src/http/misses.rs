//! Slows down whoever asks for what is not there again and again, as one does who guesses names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use model::UserId;
use tokio::time::Instant;

use super::app::App;
use super::error::ApiError;
use super::extract::Caller;

/// Misses of one person at once.
const BURST: u32 = 20;
/// One more after this time.
const REFILL: Duration = Duration::from_secs(3);
/// Most people that are remembered; beyond it those who may go on soonest are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// When each person's misses are forgotten; every miss moves it by one refill.
#[derive(Default)]
pub(super) struct Misses(Mutex<BTreeMap<UserId, Instant>>);

impl Misses {
    /// How long the person has to wait, if at all.
    fn wait(&self, user: UserId, now: Instant) -> Option<Duration> {
        let forgotten_at = *self.people().get(&user)?;
        let left = forgotten_at.saturating_duration_since(now).checked_sub(REFILL * (BURST - 1))?;
        (!left.is_zero()).then_some(left)
    }

    fn count(&self, user: UserId, now: Instant) {
        let mut people = self.people();
        if people.len() >= REMEMBERED_MAX {
            people.retain(|_, forgotten_at| *forgotten_at > now);
        }
        if people.len() >= REMEMBERED_MAX
            && let Some(soonest) = people.iter().min_by_key(|(_, at)| **at).map(|(user, _)| *user)
        {
            people.remove(&soonest);
        }
        let forgotten_at = people.entry(user).or_insert(now);
        *forgotten_at = (*forgotten_at).max(now) + REFILL;
    }

    /// A map is whole after every step.
    fn people(&self) -> MutexGuard<'_, BTreeMap<UserId, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds the routes' callers to a number of misses.
pub(super) fn throttled(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    let state = (Arc::clone(app), Arc::<Misses>::default());
    routes.route_layer(middleware::from_fn_with_state(state, slow_down))
}

async fn slow_down(State((app, misses)): State<(Arc<App>, Arc<Misses>)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &app).await.ok().map(|Caller(session)| session.person.id);
    let request = Request::from_parts(parts, body);
    let Some(user) = caller else { return next.run(request).await };
    if app.options.limits.requests_per_minute == 0 {
        return next.run(request).await;
    }
    if let Some(wait) = misses.wait(user, Instant::now()) {
        return ApiError::too_many_misses(wait).into_response();
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        misses.count(user, Instant::now());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_misses_are_free_and_then_one_in_three_seconds() {
        let (misses, user, other) = (Misses::default(), UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let start = Instant::now();
        for _ in 0..BURST {
            assert_eq!(misses.wait(user, start), None);
            misses.count(user, start);
        }

        assert_eq!(misses.wait(user, start), Some(REFILL));
        assert_eq!(misses.wait(other, start), None);
        let later = start + REFILL;
        assert_eq!(misses.wait(user, later), None);
        misses.count(user, later);
        assert_eq!(misses.wait(user, later), Some(REFILL));
    }
}
