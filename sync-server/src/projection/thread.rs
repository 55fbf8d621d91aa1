//! The thread that follows the log and answers questions; only it touches the file.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sync::Cursor;
use tokio::sync::{mpsc, watch};

use super::cache::Cache;
use super::take::TakeError;
use super::{Asked, View, WAITING_MAX, is_damage};
use crate::domain::FollowError;
use crate::http::describe;
use crate::hub::{HubHandle, HubStopped};
use crate::identity::Surroundings;

/// While nobody asks, entries gather for this long, so that a busy team is followed in large batches.
const LINGER: Duration = Duration::from_millis(200);
/// After a failure that a rebuild does not mend, this long passes before the next try.
const FAILURE_PAUSE: Duration = Duration::from_secs(2);

/// Follows the log.
pub(super) struct Follower {
    path: PathBuf,
    hub: HubHandle,
    head: watch::Receiver<Cursor>,
    env: Arc<dyn Surroundings>,
    inbox: mpsc::Receiver<Asked>,
    waiting: VecDeque<Asked>,
}

/// Why following paused.
enum Interrupted {
    /// The core has stopped.
    Stopped,
    /// The file has to be built anew.
    BuildAnew,
    /// The disk or the log failed; said in the log already.
    Failed,
}

impl From<HubStopped> for Interrupted {
    fn from(_: HubStopped) -> Self {
        Self::Stopped
    }
}

impl Follower {
    pub(super) fn new(path: PathBuf, hub: HubHandle, env: Arc<dyn Surroundings>, inbox: mpsc::Receiver<Asked>) -> Self {
        let head = hub.head();
        Self { path, hub, head, env, inbox, waiting: VecDeque::new() }
    }

    /// Follows until the core stops or nobody can ask any more.
    pub(super) async fn run(mut self) {
        let mut anew = false;
        loop {
            let opened = if anew { Cache::anew(&self.path) } else { Cache::open(&self.path) };
            let interrupted = match opened {
                Ok(cache) => self.follow(cache).await,
                Err(error) => {
                    tracing::error!(error = %describe(&error), "the projection can't be opened");
                    Interrupted::Failed
                }
            };
            match interrupted {
                Interrupted::Stopped => return,
                Interrupted::BuildAnew => {
                    if std::mem::replace(&mut anew, true) {
                        // Building it anew has not helped lately.
                        tokio::time::sleep(FAILURE_PAUSE).await;
                    }
                }
                Interrupted::Failed => {
                    anew = false;
                    self.waiting.clear();
                    tokio::time::sleep(FAILURE_PAUSE).await;
                }
            }
        }
    }

    async fn follow(&mut self, mut cache: Cache) -> Interrupted {
        loop {
            if let Err(interrupted) = self.catch_up(&mut cache).await {
                return interrupted;
            }
            if !self.await_work().await {
                return Interrupted::Stopped;
            }
        }
    }

    /// Waits for a question, or for entries to gather; `false` when it is time to end.
    async fn await_work(&mut self) -> bool {
        tokio::select! {
            asked = self.inbox.recv() => match asked {
                Some(asked) => self.waiting.push_back(asked),
                None => return false,
            },
            moved = self.head.changed() => {
                if moved.is_err() {
                    return false;
                }
                if let Ok(asked) = tokio::time::timeout(LINGER, self.inbox.recv()).await {
                    match asked {
                        Some(asked) => self.waiting.push_back(asked),
                        None => return false,
                    }
                }
            }
        }
        self.gather();
        true
    }

    fn gather(&mut self) {
        while self.waiting.len() < WAITING_MAX {
            let Ok(asked) = self.inbox.try_recv() else { return };
            self.waiting.push_back(asked);
        }
    }

    /// Takes pages until the log's end, and answers what is due after each.
    async fn catch_up(&mut self, cache: &mut Cache) -> Result<(), Interrupted> {
        loop {
            self.answer(cache)?;
            let head = *self.head.borrow_and_update();
            if cache.cursor == Some(head) {
                return Ok(());
            }
            let page = self.hub.follow(cache.cursor).await?.map_err(|error| failed_follow(&error))?;
            if page.entries.is_empty() {
                // The head has moved on since; what it is now is looked at in the next round.
                return Ok(());
            }
            cache.take(page).map_err(|error| failed_take(&error))?;
            self.gather();
        }
    }

    /// Answers every question whose place in the log is reached.
    fn answer(&mut self, cache: &Cache) -> Result<(), Interrupted> {
        let reached = cache.cursor.map_or(0, |cursor| cursor.seq);
        let mut later = VecDeque::new();
        while let Some(asked) = self.waiting.pop_front() {
            if asked.seq > reached {
                later.push_back(asked);
                continue;
            }
            let view = View { store: &cache.store, settings: &cache.settings, now: self.env.now() };
            if let Err(error) = (asked.question)(&view)
                && is_damage(&error)
            {
                tracing::warn!("the projection is damaged; it is built anew");
                self.waiting.append(&mut later);
                return Err(Interrupted::BuildAnew);
            }
        }
        self.waiting = later;
        Ok(())
    }
}

fn failed_follow(error: &FollowError) -> Interrupted {
    match error {
        FollowError::NotOurs => {
            tracing::warn!("the projection is of another log; it is built anew");
            Interrupted::BuildAnew
        }
        FollowError::Store(_) => {
            tracing::error!(error = %describe(error), "the log can't be followed");
            Interrupted::Failed
        }
    }
}

/// What doesn't fit is damage of the projection: every entry has passed the gates of the log.
fn failed_take(error: &TakeError) -> Interrupted {
    match error {
        TakeError::Store(store) if !is_damage(store) => {
            tracing::error!(error = %describe(error), "the projection can't be written");
            Interrupted::Failed
        }
        _ => {
            tracing::warn!(error = %describe(error), "the projection is damaged; it is built anew");
            Interrupted::BuildAnew
        }
    }
}
