//! The thread that delivers: it goes round the webhooks, one delivery of each at a time and few in all, and sleeps until
//! the log grows, somebody asks, or a try is due.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::Timestamp;
use tokio::task::{self, JoinSet};
use tokio::time::Instant;

use super::backoff::next_try;
use super::event::id_of;
use super::log::{Delivery, DeliveryLog, DeliveryState, Due, NewDelivery, Tried};
use super::send::{Sending, in_words, send};
use super::{Shared, WebhookFailure, payload, sign};
use crate::access::{Pause, Webhook, WebhookId};
use crate::http::describe;
use crate::identity::env::random_bytes;
use crate::projection::ReadError;

/// Most deliveries at once.
const AT_ONCE: usize = 4;
/// Entries of a busy team gather for this long.
const LINGER: Duration = Duration::from_millis(200);
/// After a failure of the relay's own, this long passes before the next try.
const FAILURE_PAUSE_MILLIS: i64 = 2_000;
/// Longest sleep: the machine's clock may have been set.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// The receiver says that it will never be there again.
const GONE: u16 = 410;

/// Why a webhook's turn ended early; it comes again soon.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Tables(#[from] WebhookFailure),
    #[error(transparent)]
    Projection(#[from] ReadError),
}

/// What a webhook does after its turn.
enum Next {
    /// There may be more.
    GoOn,
    /// Nothing before then, or before something new happens.
    Rest(Option<Timestamp>),
}

/// Goes round the webhooks.
pub(super) struct Runner {
    shared: Arc<Shared>,
    ready: VecDeque<WebhookId>,
    /// Whose turn is under way, by the turn's task.
    busy: Vec<(task::Id, WebhookId)>,
    due: BTreeMap<WebhookId, Timestamp>,
    turns: JoinSet<Next>,
    /// The log has grown, and is looked at then.
    gathering_until: Option<Instant>,
}

impl Runner {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let (ready, busy, due) = (VecDeque::new(), Vec::new(), BTreeMap::new());
        Self { shared, ready, busy, due, turns: JoinSet::new(), gathering_until: None }
    }

    /// Delivers until the core stops.
    pub(super) async fn run(mut self) {
        let mut head = self.shared.head.clone();
        self.look_at_all().await;
        loop {
            self.start_turns();
            let sleep = self.sleep();
            tokio::select! {
                Some(ended) = self.turns.join_next_with_id() => self.end_turn(ended),
                () = self.shared.wake.notified() => self.look_at_all().await,
                moved = head.changed(), if self.gathering_until.is_none() => match moved {
                    Ok(()) => self.gathering_until = Some(Instant::now() + LINGER),
                    Err(_) => return,
                },
                () = gathered(self.gathering_until) => {
                    self.gathering_until = None;
                    self.look_at_all().await;
                }
                () = tokio::time::sleep(sleep) => {}
            }
            self.look_at_due();
        }
    }

    fn start_turns(&mut self) {
        let free = self.ready.iter().filter(|id| self.busy.iter().all(|(_, busy)| busy != *id)).copied();
        let next: Vec<WebhookId> = free.take(AT_ONCE.saturating_sub(self.turns.len())).collect();
        for id in next {
            self.ready.retain(|ready| *ready != id);
            self.due.remove(&id);
            let shared = Arc::clone(&self.shared);
            let turn = self.turns.spawn(async move { take_turn(&shared, id).await });
            self.busy.push((turn.id(), id));
        }
    }

    fn end_turn(&mut self, ended: Result<(task::Id, Next), task::JoinError>) {
        let (turn, next) = ended.unwrap_or_else(|error| {
            tracing::error!(%error, "a webhook's turn did not end");
            (error.id(), Next::Rest(Some(after_failure(&self.shared))))
        });
        let Some(place) = self.busy.iter().position(|(busy, _)| *busy == turn) else { return };
        let (_, id) = self.busy.swap_remove(place);
        match next {
            Next::GoOn => self.make_ready(id),
            Next::Rest(until) => self.due.extend(until.map(|until| (id, until))),
        }
    }

    fn make_ready(&mut self, id: WebhookId) {
        if !self.ready.contains(&id) {
            self.ready.push_back(id);
        }
    }

    async fn look_at_all(&mut self) {
        match self.shared.access.webhooks().await {
            Ok(webhooks) => webhooks.iter().for_each(|webhook| self.make_ready(webhook.id)),
            Err(error) => tracing::error!(error = %describe(&error), "webhooks can't be read"),
        }
    }

    fn look_at_due(&mut self) {
        let now = self.shared.env.now();
        let due: Vec<WebhookId> = self.due.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
        for id in due {
            self.due.remove(&id);
            self.make_ready(id);
        }
    }

    fn sleep(&self) -> Duration {
        let now = self.shared.env.now();
        let wait = self.due.values().min().map(|at| at.millis_since(now).max(0));
        wait.map_or(SLEEP_MAX, |millis| Duration::from_millis(millis.unsigned_abs()).min(SLEEP_MAX))
    }
}

/// Resolves when entries have gathered long enough; never while none have come.
async fn gathered(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

async fn take_turn(shared: &Shared, id: WebhookId) -> Next {
    match step(shared, id).await {
        Ok(next) => next,
        Err(error) => {
            // A projection that is being built is no fault.
            if !matches!(error, StepError::Projection(ReadError::Busy | ReadError::Stopped)) {
                tracing::error!(webhook.id = %id.0, error = %describe(&error), "a webhook could not be served");
            }
            Next::Rest(Some(after_failure(shared)))
        }
    }
}

fn after_failure(shared: &Shared) -> Timestamp {
    shared.env.now().plus_millis(FAILURE_PAUSE_MILLIS)
}

/// Makes at most one delivery of a webhook.
async fn step(shared: &Shared, id: WebhookId) -> Result<Next, StepError> {
    let Some(webhook) = shared.access.webhook(id).await.map_err(WebhookFailure::from)? else {
        return Ok(Next::Rest(None));
    };
    let (active, now) = (webhook.paused.is_none(), shared.env.now());
    let delivery = match shared.log(move |log| log.due(id, active, now)).await? {
        Due::Now(delivery) => *delivery,
        Due::At(at) => return Ok(Next::Rest(Some(at))),
        Due::Free if !active => return Ok(Next::Rest(None)),
        Due::Free => match next_of_log(shared, &webhook).await? {
            Ahead::Delivery(delivery) => *delivery,
            Ahead::Nothing(next) => return Ok(next),
        },
    };
    deliver(shared, &webhook, delivery).await?;
    Ok(Next::GoOn)
}

/// What the log has for a webhook.
enum Ahead {
    Delivery(Box<Delivery>),
    Nothing(Next),
}

async fn next_of_log(shared: &Shared, webhook: &Webhook) -> Result<Ahead, StepError> {
    let (id, head) = (webhook.id, shared.head.borrow().seq);
    let known = shared.log(move |log| log.progress(id)).await?;
    let after = match known {
        // A relay that was restored from a backup may have lost what was delivered.
        Some(seq) if seq <= head => seq,
        _ => {
            shared.log(move |log| log.begin_anew(id, head)).await?;
            head
        }
    };
    if after == head {
        return Ok(Ahead::Nothing(Next::Rest(None)));
    }
    let asked = webhook.clone();
    let ahead = shared.projection.read(move |view| payload::look_ahead(view, after, &asked)).await?;
    let Some((change, event)) = ahead.found else {
        let up_to = ahead.up_to;
        shared.log(move |log| log.advance(id, up_to)).await?;
        return Ok(Ahead::Nothing(if ahead.more { Next::GoOn } else { Next::Rest(None) }));
    };
    let new = NewDelivery {
        id: shared.fresh_id(),
        webhook: id,
        event_id: id_of(&change, &event),
        event,
        log_seq: Some(change.log_seq),
        record: change.fields.first().map(|row| row.record.id),
        asked_by: None,
        at: shared.env.now(),
    };
    Ok(Ahead::Delivery(Box::new(shared.log(move |log| log.keep_next(&new)).await?)))
}

/// Tries a delivery and notes how it went.
async fn deliver(shared: &Shared, webhook: &Webhook, delivery: Delivery) -> Result<(), StepError> {
    let (workspace, of) = (shared.workspace, delivery.clone());
    let body = shared.projection.read(move |view| payload::body_of(view, &of, workspace)).await?;
    let (held, begun) = (body.is_some(), shared.env.now());
    let sent = match body {
        Some(body) => send(sending(shared, webhook, (&delivery, begun), body)).await.map_err(|error| in_words(&error)),
        None => Err("the log does not hold this change any more".to_owned()),
    };
    let now = shared.env.now();
    let (status, error, answer) = match sent {
        Ok(answered) => (Some(answered.status), None, answered.excerpt),
        Err(error) => (None, Some(error), String::new()),
    };
    let tried = Tried { at: begun, status, error, duration_millis: now.millis_since(begun).max(0), answer };
    let verdict = if held { verdict(shared, &delivery, &tried) } else { Verdict::Failed };
    tracing::debug!(webhook.id = %webhook.id.0, delivery.id = %delivery.id.0, ?status, "webhook delivery tried");
    let follows = verdict.follows();
    let lost = delivery.log_seq.filter(|_| !held && !delivery.asked_for);
    let settle = move |log: &mut DeliveryLog| {
        log.settle(&delivery, &tried, follows)?;
        lost.map_or(Ok(()), |seq| log.advance(delivery.webhook, seq))
    };
    shared.log(settle).await?;
    if let Verdict::GivenUp(why) = verdict {
        tracing::warn!(webhook.id = %webhook.id.0, reason = why.name(), "a webhook is paused");
        shared.access.pause_webhook(webhook.id, why).await.map_err(WebhookFailure::from)?;
    }
    Ok(())
}

fn sending(shared: &Shared, webhook: &Webhook, (of, now): (&Delivery, Timestamp), body: Vec<u8>) -> Sending {
    let signature = shared.key.signature(webhook, (&of.event_id, now), &body);
    Sending {
        url: webhook.url.clone(),
        headers: [
            ("webhook-id", of.event_id.clone()),
            ("webhook-timestamp", sign::seconds(now).to_string()),
            ("webhook-signature", signature),
        ],
        body,
        allow_private: shared.allow_private,
        names: Arc::clone(&shared.names),
    }
}

/// What a try leads to.
enum Verdict {
    Delivered,
    /// It is tried again then.
    Again(Timestamp),
    /// It is not tried again, and that is all.
    Failed,
    /// It is not tried again, nor is anything else.
    GivenUp(Pause),
}

impl Verdict {
    const fn follows(&self) -> (DeliveryState, Option<Timestamp>) {
        match self {
            Self::Delivered => (DeliveryState::Delivered, None),
            Self::Again(at) => (DeliveryState::Waiting, Some(*at)),
            Self::Failed | Self::GivenUp(_) => (DeliveryState::Failed, None),
        }
    }
}

fn verdict(shared: &Shared, delivery: &Delivery, tried: &Tried) -> Verdict {
    match tried.status {
        Some(200..=299) => return Verdict::Delivered,
        Some(GONE) => return Verdict::GivenUp(Pause::Gone),
        _ if delivery.asked_for => return Verdict::Failed,
        _ => {}
    }
    let chance = u16::from_be_bytes(random_bytes(shared.env.as_ref()));
    let times = (delivery.first_tried_at.unwrap_or(tried.at), tried.at);
    next_try(delivery.attempts + 1, times, chance).map_or(Verdict::GivenUp(Pause::Failing), Verdict::Again)
}
