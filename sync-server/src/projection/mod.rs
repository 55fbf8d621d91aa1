//! What lists, counts and searches on the relay are answered from: the client's own query tables, filled from the log.
//!
//! A pure cache in a file of its own. It follows the log in batches after the relay's commits, so that nobody who
//! pushes waits for it; whoever reads waits until it has reached the end that the log had when they asked. When the
//! file is missing, damaged, of another form or of another log, it is built again from the beginning.

mod cache;
mod take;
mod thread;
pub(crate) mod told;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::store::{QueryContext, Reader, StoreError};
use model::{Settings, Timestamp, UserId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::hub::HubHandle;
use crate::identity::Surroundings;
use sync::Cursor;
use thread::Follower;

/// Longest wait for the projection to reach the log's end; a rebuild may take longer.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
/// Most reads that wait at once.
const WAITING_MAX: usize = 512;

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is being built, or too many are asking.
    #[error("the relay is busy")]
    Busy,
    /// The projection's thread has ended.
    #[error("the relay has stopped")]
    Stopped,
    /// The tables could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a question is asked of.
pub struct View<'a> {
    /// The tables.
    pub store: &'a Reader,
    /// The workspace's settings.
    pub settings: &'a Settings,
    /// The moment.
    pub now: Timestamp,
}

impl View<'_> {
    /// What answers depend on besides the records.
    pub const fn context(&self, me: UserId) -> QueryContext<'_> {
        QueryContext { now: self.now, me, settings: self.settings }
    }
}

/// Work for the projection's thread: called with the tables, or dropped.
type Question = Box<dyn FnOnce(&View<'_>) -> Result<(), StoreError> + Send>;

/// A question with the place in the log that it waits for.
struct Asked {
    seq: u64,
    question: Question,
}

/// Asks the projection. Cheap to clone.
#[derive(Clone)]
pub struct Projection {
    questions: mpsc::Sender<Asked>,
    head: watch::Receiver<Cursor>,
}

impl Projection {
    /// Starts the thread that follows the log into the file at `path`; it ends with the core, or when nobody can ask
    /// any more.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(path: PathBuf, hub: &HubHandle, env: Arc<dyn Surroundings>) -> std::io::Result<Self> {
        let (questions, inbox) = mpsc::channel(WAITING_MAX);
        let head = hub.head();
        let follower = Follower::new(path, hub.clone(), env, inbox);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name("projection".into()).spawn(move || runtime.block_on(follower.run()))?;
        Ok(Self { questions, head })
    }

    /// Asks something once everything is in that the log holds now.
    ///
    /// # Errors
    /// When that takes too long, or the tables can't be read.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&View<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let seq = self.head.borrow().seq;
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |view| {
            let done = work(view);
            let fault = done.as_ref().err().map(fault_of);
            // Whoever asked may be gone.
            let _ = answer.send(done);
            fault.map_or(Ok(()), Err)
        });
        self.questions.try_send(Asked { seq, question }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ReadError::Busy,
            mpsc::error::TrySendError::Closed(_) => ReadError::Stopped,
        })?;
        let answered = tokio::time::timeout(READ_TIMEOUT, answered).await.map_err(|_| ReadError::Busy)?;
        // A question is dropped unanswered when the file turned out to be damaged.
        Ok(answered.map_err(|_| ReadError::Busy)??)
    }
}

/// What the thread has to know of an error: whether the file is damaged.
fn fault_of(error: &StoreError) -> StoreError {
    match error {
        StoreError::Damaged(_) | StoreError::Unreadable(_) => StoreError::Unreadable("projection"),
        _ => StoreError::Full,
    }
}

/// Whether only a rebuild helps.
const fn is_damage(error: &StoreError) -> bool {
    matches!(error, StoreError::Damaged(_) | StoreError::Unreadable(_))
}
