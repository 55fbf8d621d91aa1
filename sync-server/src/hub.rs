//! The relay's one writer: a thread that owns the core, gathers what all connections send, handles it in groups
//! (one transaction each) and spreads the answers. Nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use model::{RecordRef, Role, UserId};
use sync::Cursor;
use sync::wire::{FRAME_MAX, Farewell};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::domain::{
    Act, ActError, Acted, ConnId, FollowError, Input, LogPage, Output, Relay, RelayEnv, RelayError, RelayStats,
    RightsChange, Seen, Speaker, VerifyReport, Write, WriteError,
};
use crate::store::{Authorship, BackupError, LogStore, StoreError};

/// Most inputs in one group.
pub const GROUP_INPUTS_MAX: usize = 256;
/// Most bytes of frames in one group; the group ends with the frame that passes it. A full frame holds some hundred
/// changes, and everybody waits while they are judged.
pub const GROUP_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of frames that wait for the core, over all connections.
pub const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most bytes of one connection's frames that wait for the core: one large frame, or many small ones.
pub const WAITING_OF_ONE_MAX: usize = FRAME_MAX;
/// How long nothing may have come before a moment counts as quiet.
const QUIET: Duration = Duration::from_millis(50);
/// What a frame counts beside its bytes.
const FRAME_COST: usize = 512;
/// Bytes queued for a connection above which it gets no more entries until it pulls.
pub const QUEUE_LAGGING_BYTES: usize = 1024 * 1024;
/// Bytes queued for a connection above which it is closed.
pub const QUEUE_CLOSE_BYTES: usize = 8 * 1024 * 1024;

/// The core's thread has ended: the relay is shutting down or has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the relay has stopped")]
pub struct HubStopped;

/// Why a write on behalf of somebody failed.
#[derive(Debug, thiserror::Error)]
pub enum HubWriteError {
    /// The core has stopped.
    #[error(transparent)]
    Stopped(#[from] HubStopped),
    /// The core refused or failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes down a change of rights and says what it means for open connections.
type DecideRights = Box<dyn FnOnce() -> Vec<RightsChange> + Send>;

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum HubActError {
    /// The core has stopped.
    #[error(transparent)]
    Stopped(#[from] HubStopped),
    /// The core refused or failed.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Looks up the role that somebody has at the moment of the commit; `None` when they are signed out by then.
pub type RoleNow = Box<dyn FnOnce() -> Option<Role> + Send>;

/// Work for the core's thread.
enum Job {
    Connect(ConnId, Line),
    Frame(ConnId, Vec<u8>, [OwnedSemaphorePermit; 2]),
    Disconnect(ConnId),
    Rights(RightsChange, oneshot::Sender<()>),
    Decide(DecideRights, oneshot::Sender<()>),
    Write(Authorship, Vec<Write>, oneshot::Sender<Result<(), WriteError>>),
    Look(RecordRef, oneshot::Sender<Result<Option<Seen>, StoreError>>),
    Act(UserId, RoleNow, Box<Act>, oneshot::Sender<Result<Acted, ActError>>),
    Follow(Option<Cursor>, oneshot::Sender<Result<LogPage, FollowError>>),
    Verify(oneshot::Sender<Result<VerifyReport, RelayError>>),
    Backup(PathBuf, oneshot::Sender<Result<(), BackupError>>),
    Stats(oneshot::Sender<RelayStats>),
    Shutdown,
}

/// Talks to the core's thread. Cheap to clone.
#[derive(Clone)]
pub struct HubHandle {
    jobs: mpsc::UnboundedSender<Job>,
    waiting: Arc<Semaphore>,
    next: Arc<AtomicU64>,
    head: watch::Receiver<Cursor>,
}

/// The core's thread. Dropping it leaves the thread running until it is told to shut down.
pub struct HubThread {
    thread: thread::JoinHandle<Result<(), RelayError>>,
}

impl HubThread {
    /// Waits until the thread has ended; blocks.
    ///
    /// # Errors
    /// When the relay failed rather than shut down.
    pub fn join(self) -> Result<(), RelayError> {
        self.thread.join().unwrap_or(Err(RelayError::Panicked))
    }

    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }
}

/// Starts the core's thread.
///
/// # Errors
/// When the system gives no thread.
pub fn spawn<S, E>(relay: Relay<S>, env: E) -> std::io::Result<(HubHandle, HubThread)>
where
    S: LogStore + Send + 'static,
    E: RelayEnv + Send + 'static,
{
    let (jobs, inbox) = mpsc::unbounded_channel();
    let (head_moved, head) = watch::channel(relay.head());
    let relay = relay.timed_by(processor_micros);
    let clock = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let hub = Hub { relay, env, clock, inbox, lines: BTreeMap::new(), head: head_moved };
    let thread = thread::Builder::new().name("relay".into()).spawn(move || hub.run())?;
    let waiting = Arc::new(Semaphore::new(WAITING_BYTES_MAX));
    Ok((HubHandle { jobs, waiting, next: Arc::new(AtomicU64::new(1)), head }, HubThread { thread }))
}

impl HubHandle {
    /// Opens a connection; its first frame has to be `Hello`.
    ///
    /// # Errors
    /// When the core has stopped.
    pub fn connect(&self) -> Result<(FrameSender, OutputReceiver), HubStopped> {
        let conn = ConnId(self.next.fetch_add(1, Ordering::Relaxed));
        let (outbox, receiver) = mpsc::unbounded_channel();
        let (queued, judged) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
        let line = Line { outbox, queued: Arc::clone(&queued), judged: Arc::clone(&judged), lagging: false };
        self.post(Job::Connect(conn, line))?;
        let own = Arc::new(Semaphore::new(WAITING_OF_ONE_MAX));
        let sender = FrameSender { conn, jobs: self.jobs.clone(), waiting: Arc::clone(&self.waiting), own, judged };
        Ok((sender, OutputReceiver { receiver, queued }))
    }

    /// Applies a change of rights to open connections; returns when it is in effect.
    ///
    /// # Errors
    /// When the core has stopped.
    pub async fn change_rights(&self, change: RightsChange) -> Result<(), HubStopped> {
        self.ask(|answer| Job::Rights(change, answer)).await
    }

    /// Writes down a change of rights between two groups of inputs: what was accepted before had the old rights, what
    /// comes after has the new ones, and nothing is in between. Returns what `decide` returns when all is in effect.
    ///
    /// # Errors
    /// When the core has stopped.
    pub async fn decide_rights<T: Send + 'static>(
        &self,
        decide: impl FnOnce() -> (T, Vec<RightsChange>) + Send + 'static,
    ) -> Result<T, HubStopped> {
        let (told, result) = oneshot::channel();
        let decide = Box::new(move || {
            let (value, changes) = decide();
            reply(told, value);
            changes
        });
        self.ask(|answer| Job::Decide(decide, answer)).await?;
        result.await.map_err(|_| HubStopped)
    }

    /// Writes records on behalf of somebody whose rights have been checked, in one transaction; returns after the
    /// commit. The user directory and devices are written this way and no other.
    ///
    /// # Errors
    /// When the core refuses, fails or has stopped.
    pub async fn write_as(&self, by: Authorship, writes: Vec<Write>) -> Result<(), HubWriteError> {
        Ok(self.ask(|answer| Job::Write(by, writes, answer)).await??)
    }

    /// Looks at a record as it stands.
    ///
    /// # Errors
    /// When the core has stopped, or the record could not be read.
    pub async fn look(&self, record: RecordRef) -> Result<Result<Option<Seen>, StoreError>, HubStopped> {
        self.ask(|answer| Job::Look(record, answer)).await
    }

    /// Does something on behalf of a person, by the rights they have at the commit; returns after it.
    ///
    /// # Errors
    /// When the core refuses, fails or has stopped.
    pub async fn act(&self, user: UserId, role_now: RoleNow, act: Act) -> Result<Acted, HubActError> {
        Ok(self.ask(|answer| Job::Act(user, role_now, Box::new(act), answer)).await??)
    }

    /// Reads what follows a cursor in the log.
    ///
    /// # Errors
    /// When the core has stopped, the cursor is not of this log, or it can't be read.
    pub async fn follow(&self, cursor: Option<Cursor>) -> Result<Result<LogPage, FollowError>, HubStopped> {
        self.ask(|answer| Job::Follow(cursor, answer)).await
    }

    /// The end of the log, and word whenever it moves. Whatever somebody was told of, it includes.
    pub fn head(&self) -> watch::Receiver<Cursor> {
        self.head.clone()
    }

    /// Checks everything in the store; connections wait meanwhile.
    ///
    /// # Errors
    /// When the core has stopped, or the store could not be read.
    pub async fn verify(&self) -> Result<Result<VerifyReport, RelayError>, HubStopped> {
        self.ask(Job::Verify).await
    }

    /// Copies the store to a new file while the relay runs.
    ///
    /// # Errors
    /// When the core has stopped, or the copy failed.
    pub async fn backup(&self, to: PathBuf) -> Result<Result<(), BackupError>, HubStopped> {
        self.ask(|answer| Job::Backup(to, answer)).await
    }

    /// Returns counts for health checks and metrics.
    ///
    /// # Errors
    /// When the core has stopped.
    pub async fn stats(&self) -> Result<RelayStats, HubStopped> {
        self.ask(Job::Stats).await
    }

    /// How many bytes of frames wait for the core.
    pub fn waiting_bytes(&self) -> usize {
        WAITING_BYTES_MAX.saturating_sub(self.waiting.available_permits())
    }

    /// Says goodbye to every connection and ends the thread.
    pub fn shut_down(&self) {
        // A thread that has ended already needs no telling.
        let _ = self.post(Job::Shutdown);
    }

    fn post(&self, job: Job) -> Result<(), HubStopped> {
        self.jobs.send(job).map_err(|_| HubStopped)
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, HubStopped> {
        let (answer, wait) = oneshot::channel();
        self.post(job(answer))?;
        wait.await.map_err(|_| HubStopped)
    }
}

/// The sending half of a connection. Dropping it disconnects.
pub struct FrameSender {
    conn: ConnId,
    jobs: mpsc::UnboundedSender<Job>,
    waiting: Arc<Semaphore>,
    own: Arc<Semaphore>,
    judged: Arc<AtomicU64>,
}

impl FrameSender {
    /// Hands a frame to the core; waits while too much is waiting already.
    ///
    /// # Errors
    /// When the core has stopped.
    pub async fn send(&self, frame: Vec<u8>) -> Result<(), HubStopped> {
        let cost = u32::try_from((frame.len() + FRAME_COST).min(WAITING_OF_ONE_MAX)).unwrap_or(u32::MAX);
        let own = Arc::clone(&self.own).acquire_many_owned(cost).await.map_err(|_| HubStopped)?;
        let room = Arc::clone(&self.waiting).acquire_many_owned(cost).await.map_err(|_| HubStopped)?;
        self.jobs.send(Job::Frame(self.conn, frame, [own, room])).map_err(|_| HubStopped)
    }

    /// How many changes of this connection the core has judged since the last call.
    pub fn take_judged(&self) -> u64 {
        self.judged.swap(0, Ordering::Relaxed)
    }
}

impl Drop for FrameSender {
    fn drop(&mut self) {
        // A core that has stopped knows no connections.
        let _ = self.jobs.send(Job::Disconnect(self.conn));
    }
}

/// The receiving half of a connection.
pub struct OutputReceiver {
    receiver: mpsc::UnboundedReceiver<Output>,
    queued: Arc<AtomicUsize>,
}

impl OutputReceiver {
    /// Waits for the next output; `None` after `Close`, or when the core has stopped.
    pub async fn recv(&mut self) -> Option<Output> {
        let output = self.receiver.recv().await?;
        if let Output::Frame(frame) = &output {
            self.queued.fetch_sub(frame.len(), Ordering::Relaxed);
        }
        Some(output)
    }
}

/// A connection as the thread sees it.
struct Line {
    outbox: mpsc::UnboundedSender<Output>,
    queued: Arc<AtomicUsize>,
    judged: Arc<AtomicU64>,
    lagging: bool,
}

struct Hub<S, E> {
    relay: Relay<S>,
    env: E,
    clock: tokio::runtime::Runtime,
    inbox: mpsc::UnboundedReceiver<Job>,
    lines: BTreeMap<ConnId, Line>,
    head: watch::Sender<Cursor>,
}

/// Whether the thread goes on.
#[derive(PartialEq, Eq)]
enum Next {
    GoOn,
    Stop,
}

impl<S: LogStore, E: RelayEnv> Hub<S, E> {
    fn run(mut self) -> Result<(), RelayError> {
        while let Some(first) = self.next_job() {
            let done = self.round(first);
            match done {
                Ok(Next::GoOn) => {}
                Ok(Next::Stop) => return Ok(()),
                Err(error) => {
                    let outputs = self.relay.say_goodbye(Farewell::Internal);
                    self.spread(outputs);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The next job; spends quiet moments on work that makes later answers faster. Right after a job it would take
    /// the processor from those who are just being answered.
    fn next_job(&mut self) -> Option<Job> {
        let Self { clock, inbox, .. } = self;
        if let Ok(job) = clock.block_on(async { tokio::time::timeout(QUIET, inbox.recv()).await }) {
            return job;
        }
        loop {
            match self.inbox.try_recv() {
                Ok(job) => return Some(job),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
                Err(mpsc::error::TryRecvError::Empty) => {}
            }
            if !self.relay.warm_up() {
                return self.inbox.blocking_recv();
            }
        }
    }

    /// Gathers frames up to the group's bounds, handles them as one, then does the job that ended the group.
    fn round(&mut self, first: Job) -> Result<Next, RelayError> {
        let mut group = Vec::new();
        let mut permits = Vec::new();
        let mut bytes = 0;
        let mut job = Some(first);
        while let Some(Job::Frame(conn, frame, permit)) = job {
            bytes += frame.len();
            permits.push(permit);
            group.push((conn, Input::Frame(frame)));
            let full = group.len() >= GROUP_INPUTS_MAX || bytes >= GROUP_BYTES_MAX;
            job = if full { None } else { self.inbox.try_recv().ok() };
        }
        self.handle(group)?;
        drop(permits);
        job.map_or(Ok(Next::GoOn), |job| self.work(job))
    }

    fn handle(&mut self, group: Vec<(ConnId, Input)>) -> Result<(), RelayError> {
        if !group.is_empty() {
            let senders: BTreeSet<ConnId> = group.iter().map(|(conn, _)| *conn).collect();
            let outputs = self.relay.handle(&mut self.env, group)?;
            for conn in senders {
                let judged = self.relay.take_judged(conn);
                if let Some(line) = self.lines.get(&conn) {
                    line.judged.fetch_add(judged, Ordering::Relaxed);
                }
            }
            self.spread(outputs);
        }
        Ok(())
    }

    fn work(&mut self, job: Job) -> Result<Next, RelayError> {
        match job {
            Job::Frame(conn, frame, _) => self.handle(vec![(conn, Input::Frame(frame))])?,
            Job::Connect(conn, line) => {
                self.lines.insert(conn, line);
                self.relay.connect(conn);
            }
            Job::Disconnect(conn) => {
                self.lines.remove(&conn);
                self.relay.disconnect(conn);
            }
            Job::Rights(change, answer) => {
                let outputs = self.relay.change_rights(change);
                self.spread(outputs);
                reply(answer, ());
            }
            Job::Decide(decide, answer) => {
                for change in decide() {
                    let outputs = self.relay.change_rights(change);
                    self.spread(outputs);
                }
                reply(answer, ());
            }
            Job::Write(by, writes, answer) => {
                let done = self.relay.write_as(&mut self.env, by, writes);
                reply(answer, done.map(|outputs| self.spread(outputs)));
            }
            Job::Look(record, answer) => reply(answer, self.relay.look(record)),
            Job::Act(user, role_now, act, answer) => {
                let done = self.act(user, role_now, &act);
                reply(answer, done);
            }
            Job::Follow(cursor, answer) => reply(answer, self.relay.follow(cursor)),
            Job::Verify(answer) => reply(answer, self.relay.verify()),
            Job::Backup(to, answer) => reply(answer, self.relay.back_up(&to)),
            Job::Stats(answer) => reply(answer, self.relay.stats()),
            Job::Shutdown => {
                let outputs = self.relay.say_goodbye(Farewell::ShuttingDown);
                self.spread(outputs);
                return Ok(Next::Stop);
            }
        }
        Ok(Next::GoOn)
    }

    fn act(&mut self, user: UserId, role_now: RoleNow, act: &Act) -> Result<Acted, ActError> {
        let role = role_now().ok_or(ActError::SignIn)?;
        let (acted, outputs) = self.relay.act(&mut self.env, Speaker { user, role }, act)?;
        self.spread(outputs);
        Ok(acted)
    }

    /// Tells followers where the log ends, before anybody is told of what is new in it.
    fn publish_head(&self) {
        let head = self.relay.head();
        self.head.send_if_modified(|published| std::mem::replace(published, head) != head);
    }

    /// Puts outputs into the connections' queues. A queue that grows too long first stops the entries, then the
    /// connection.
    fn spread(&mut self, outputs: Vec<(ConnId, Output)>) {
        self.publish_head();
        let mut slow = Vec::new();
        for (conn, output) in outputs {
            let Some(line) = self.lines.get_mut(&conn) else { continue };
            let size = if let Output::Frame(frame) = &output { frame.len() } else { 0 };
            let queued = line.queued.fetch_add(size, Ordering::Relaxed) + size;
            let closing = matches!(output, Output::Close(_)) || queued > QUEUE_CLOSE_BYTES;
            // A receiver that is gone will be followed by its `Disconnect`.
            let _ = line.outbox.send(output);
            if queued <= QUEUE_LAGGING_BYTES {
                line.lagging = false;
            } else if !std::mem::replace(&mut line.lagging, true) {
                slow.push(conn);
            }
            if closing {
                self.lines.remove(&conn);
                self.relay.disconnect(conn);
            }
        }
        for conn in slow {
            let outputs = self.relay.queue_full(conn);
            self.spread(outputs);
        }
    }
}

/// What the processor has spent on this thread, in microseconds: a machine that is busy with something else does not
/// make a change slower.
#[cfg(unix)]
fn processor_micros() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let (secs, nanos) = (used.tv_sec.cast_unsigned(), used.tv_nsec.cast_unsigned());
    secs.saturating_mul(1_000_000).saturating_add(nanos / 1_000)
}

/// Not known here, so nothing takes too long.
#[cfg(not(unix))]
const fn processor_micros() -> u64 {
    0
}

/// Answers a question whose asker may be gone.
fn reply<T>(answer: oneshot::Sender<T>, value: T) {
    let _ = answer.send(value);
}
