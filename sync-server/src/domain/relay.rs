//! The relay: one workspace, its log, its connections.

use std::collections::{BTreeMap, BTreeSet};

use model::settings::SETTINGS_ID;
use model::{DeviceId, IdSource, Kind, RecordRef, UserId, WorkspaceId};
use sync::receipt::ReceiptKey;
use sync::wire::{ClientFrame, Farewell, Goodbye, RelayFrame};
use sync::{Cursor, Digest, Epoch};

use super::connection::{Connection, Phase};
use super::documents::Documents;
use super::env::{random_16, random_32};
use super::snapshot::SnapshotCache;
use super::staging::Staging;
use super::{ConnId, Input, Output, RelayEnv, RightsChange, Session};
use crate::store::{AppendError, Authorship, BackupError, LogStore, StoreError, Workspace};

/// Why a relay can't start.
#[derive(Debug, thiserror::Error)]
pub enum OpenRelayError {
    /// The store could not be read.
    #[error("the store can't be read")]
    Read(#[from] StoreError),
    /// The store could not be written.
    #[error("the store can't be written")]
    Write(#[from] AppendError),
    /// The log's end is not where the workspace says.
    #[error("the log ends at {found}, not at {expected}")]
    LogEnd {
        /// Where the workspace says it ends.
        expected: u64,
        /// Where it ends.
        found: u64,
    },
    /// The workspace's first record could not be written.
    #[error("the workspace can't be set up")]
    SetUp(#[from] RelayError),
}

/// Why the relay can't go on. What was acknowledged before is safe.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The thread panicked.
    #[error("the relay panicked")]
    Panicked,
}

/// Counts for health checks and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelayStats {
    /// The log's end.
    pub head_seq: u64,
    /// Open connections.
    pub connections: usize,
    /// Those that are live.
    pub live: usize,
    /// Commands accepted since the start.
    pub accepted: u64,
    /// Commands refused since the start.
    pub refused: u64,
    /// Documents held in memory.
    pub documents_loaded: usize,
}

/// One workspace's relay.
pub struct Relay<S> {
    pub(super) store: S,
    pub(super) workspace: WorkspaceId,
    pub(super) key: ReceiptKey,
    /// The end of what is committed.
    pub(super) head: Cursor,
    pub(super) connections: BTreeMap<ConnId, Connection>,
    pub(super) documents: Documents,
    pub(super) snapshots: SnapshotCache,
    pub(super) staging: Staging,
    /// Whom actors belong to, of those seen lately.
    pub(super) actors: BTreeMap<[u8; 16], Authorship>,
    pub(super) only_owners_edit: bool,
    /// People whose record came back from a client since the last commit.
    pub(super) came_back: BTreeSet<UserId>,
    pub(super) stats: RelayStats,
    pub(super) stopwatch: Stopwatch,
}

/// Says how long there was work to do, in microseconds from some beginning.
pub type Stopwatch = fn() -> u64;

impl<S: LogStore> Relay<S> {
    /// Opens a workspace's relay; a new store gets a workspace with default settings.
    ///
    /// # Errors
    /// When the store can't be read or written.
    pub fn open(mut store: S, env: &mut impl IdSource) -> Result<Self, OpenRelayError> {
        let workspace = match store.workspace()? {
            Some(workspace) => workspace,
            None => create_workspace(&mut store, env)?,
        };
        let mut relay = Self::around(store, &workspace);
        relay.check_log_end()?;
        relay.ensure_settings(env)?;
        Ok(relay)
    }

    /// Opens a relay only to [`verify`](Self::verify) it, however damaged it is; nothing is written.
    ///
    /// # Errors
    /// When there is no workspace to check.
    pub fn open_to_verify(mut store: S) -> Result<Self, OpenRelayError> {
        let workspace = store.workspace()?.ok_or(StoreError::Inconsistent("there is no workspace"))?;
        Ok(Self::around(store, &workspace))
    }

    fn around(store: S, workspace: &Workspace) -> Self {
        Self {
            store,
            workspace: workspace.id,
            key: ReceiptKey::new(workspace.receipt_key),
            head: workspace.head,
            connections: BTreeMap::new(),
            documents: Documents::default(),
            snapshots: SnapshotCache::default(),
            staging: Staging::default(),
            actors: BTreeMap::new(),
            only_owners_edit: false,
            came_back: BTreeSet::new(),
            stats: RelayStats::default(),
            stopwatch: || 0,
        }
    }

    /// Starts another life of the log, after a restore: clients compare what they hold with it.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn begin_epoch(&mut self, env: &mut impl IdSource) -> Result<(), AppendError> {
        let epoch = Epoch(random_16(env));
        self.store.set_epoch(epoch)?;
        self.head.epoch = epoch;
        Ok(())
    }

    /// Holds changes to a time budget by this watch; without one, there is no budget.
    #[must_use]
    pub fn timed_by(self, stopwatch: Stopwatch) -> Self {
        Self { stopwatch, ..self }
    }

    /// How many changes of a connection were judged since the last call.
    pub fn take_judged(&mut self, conn: ConnId) -> u64 {
        self.connections.get_mut(&conn).map_or(0, |connection| std::mem::take(&mut connection.judged))
    }

    /// The workspace's name.
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The end of the log.
    pub const fn head(&self) -> Cursor {
        self.head
    }

    /// Copies everything to a new file while the relay runs.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub fn back_up(&mut self, to: &std::path::Path) -> Result<(), BackupError> {
        self.store.back_up(to)
    }

    /// The store, for tests that look behind the relay's back.
    pub const fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Ends the relay and hands its store back.
    pub fn into_store(self) -> S {
        self.store
    }

    /// Counts for health checks and metrics.
    pub fn stats(&self) -> RelayStats {
        RelayStats {
            head_seq: self.head.seq,
            connections: self.connections.len(),
            live: self.connections.values().filter(|conn| conn.is_live()).count(),
            documents_loaded: self.documents.len(),
            ..self.stats
        }
    }

    /// A client has connected.
    pub fn connect(&mut self, conn: ConnId) {
        self.connections.insert(conn, Connection::default());
    }

    /// A client has gone.
    pub fn disconnect(&mut self, conn: ConnId) {
        self.connections.remove(&conn);
    }

    /// Handles a group of inputs, their changes in one transaction. What is accepted is announced only after the
    /// commit.
    ///
    /// # Errors
    /// When the store failed; nothing of the group was accepted, and the relay should be reopened.
    pub fn handle(
        &mut self,
        env: &mut impl RelayEnv,
        inputs: Vec<(ConnId, Input)>,
    ) -> Result<Vec<(ConnId, Output)>, RelayError> {
        let mut outputs = Vec::new();
        for (conn, input) in inputs {
            // An input of a connection that was closed earlier in this group.
            if !self.connections.contains_key(&conn) {
                continue;
            }
            match input {
                Input::Frame(bytes) => self.receive(env, conn, &bytes, &mut outputs)?,
                Input::QueueFull => outputs.extend(self.queue_full(conn)),
            }
        }
        self.commit(env, &mut outputs)?;
        self.correct_directory(env, &mut outputs)?;
        Ok(outputs)
    }

    fn receive(
        &mut self,
        env: &mut impl RelayEnv,
        conn: ConnId,
        bytes: &[u8],
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), RelayError> {
        let frame = match ClientFrame::decode(bytes) {
            Ok(frame) => frame,
            Err(error) => {
                let why = match error {
                    sync::wire::DecodeFrameError::Version(_) => Farewell::Upgrade,
                    sync::wire::DecodeFrameError::TooLarge(_) => Farewell::TooMuch,
                    _ => Farewell::Protocol,
                };
                self.close(conn, why, error.to_string(), outputs);
                return Ok(());
            }
        };
        let done = match self.turn(conn, frame) {
            Turn::Hello(hello) => {
                self.hello(env, conn, &hello, outputs);
                Ok(())
            }
            Turn::Frame(session, frame) => self.serve(env, conn, &session, frame, outputs),
            Turn::NotDue => Err(ServeError::Protocol("out of turn".into())),
        };
        match done {
            Ok(()) => Ok(()),
            Err(ServeError::Protocol(detail)) => {
                self.close(conn, Farewell::Protocol, detail, outputs);
                Ok(())
            }
            // Damage in one place must not stop the team: only who asked for it is turned away.
            Err(ServeError::Store(error @ (StoreError::Damaged { .. } | StoreError::DamagedRecord { .. }))) => {
                self.close(conn, Farewell::Internal, error.to_string(), outputs);
                Ok(())
            }
            Err(ServeError::Store(error)) => Err(error.into()),
        }
    }

    /// Whether the frame is due.
    fn turn(&self, conn: ConnId, frame: ClientFrame) -> Turn {
        let phase = self.connections.get(&conn).map(|conn| &conn.phase);
        match (phase, frame) {
            (Some(Phase::Greeting), ClientFrame::Hello(hello)) => Turn::Hello(hello),
            (Some(Phase::Welcome(session)), frame) if !matches!(frame, ClientFrame::Hello(_)) => {
                Turn::Frame(session.clone(), frame)
            }
            _ => Turn::NotDue,
        }
    }

    fn serve(
        &mut self,
        env: &mut impl RelayEnv,
        conn: ConnId,
        session: &Session,
        frame: ClientFrame,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), ServeError> {
        match frame {
            ClientFrame::Pull(pull) => self.pull(conn, pull.after, outputs),
            ClientFrame::SnapshotNext(next) => {
                // Documents in memory hold what is staged; a page must not.
                self.commit(env, outputs).map_err(|error| match error {
                    RelayError::Store(error) => ServeError::Store(error),
                    RelayError::Panicked => ServeError::Protocol(error.to_string()),
                })?;
                self.snapshot_next(conn, &next, outputs)
            }
            ClientFrame::Push(push) => self.push(env, conn, session, &push),
            ClientFrame::Offer(offer) => self.offer(conn, &offer, outputs),
            ClientFrame::Return(entries) => self.take_back(conn, session, &entries),
            ClientFrame::Hello(_) => Err(ServeError::Protocol("out of turn".into())),
        }
    }

    /// Stops a connection's entries until it pulls.
    pub fn queue_full(&mut self, conn: ConnId) -> Vec<(ConnId, Output)> {
        let head = self.head.seq;
        let Some(connection) = self.connections.get_mut(&conn).filter(|connection| connection.is_live()) else {
            return Vec::new();
        };
        connection.live = false;
        vec![(conn, frame(&RelayFrame::Lagging(sync::wire::Lagging { head })))]
    }

    /// Applies a change of rights to open connections.
    pub fn change_rights(&mut self, change: RightsChange) -> Vec<(ConnId, Output)> {
        let mut outputs = Vec::new();
        match change {
            RightsChange::Revoked(whose) => {
                let gone: Vec<ConnId> = self.connections_of(|session| whose.includes(session));
                for conn in gone {
                    self.close(conn, Farewell::SignIn, "sign in again".into(), &mut outputs);
                }
            }
            RightsChange::Role(user, role) => self.set_role(user, role),
        }
        outputs
    }

    pub(super) fn set_role(&mut self, user: UserId, role: model::Role) {
        let sessions = self.connections.values_mut().filter_map(Connection::session_mut);
        sessions.filter(|session| session.user == user).for_each(|session| session.role = role);
    }

    /// Says goodbye to every connection.
    pub fn say_goodbye(&mut self, why: Farewell) -> Vec<(ConnId, Output)> {
        let mut outputs = Vec::new();
        for conn in self.connections.keys().copied().collect::<Vec<_>>() {
            let detail = if why == Farewell::ShuttingDown { "the relay is shutting down" } else { "the relay failed" };
            self.close(conn, why, detail.into(), &mut outputs);
        }
        outputs
    }

    pub(super) fn connections_of(&self, whose: impl Fn(&Session) -> bool) -> Vec<ConnId> {
        let matching = |conn: &Connection| conn.session().is_some_and(&whose);
        self.connections.iter().filter(|(_, conn)| matching(conn)).map(|(id, _)| *id).collect()
    }

    /// Says goodbye and forgets the connection.
    pub(super) fn close(&mut self, conn: ConnId, why: Farewell, detail: String, outputs: &mut Vec<(ConnId, Output)>) {
        let retry_after_millis = matches!(why, Farewell::ShuttingDown | Farewell::Internal).then_some(RETRY_MILLIS);
        outputs.push((conn, frame(&RelayFrame::Goodbye(Goodbye { why, detail, retry_after_millis }))));
        outputs.push((conn, Output::Close(why)));
        self.connections.remove(&conn);
    }

    /// Who the relay itself writes as.
    pub(super) const fn own_device(&self) -> DeviceId {
        DeviceId(self.workspace.0)
    }

    fn check_log_end(&mut self) -> Result<(), OpenRelayError> {
        let mut found = self.head.seq.saturating_sub(1);
        self.store.entries_after(found, &mut |entry| {
            found = entry.seq;
            true
        })?;
        let expected = self.head.seq;
        if found == expected { Ok(()) } else { Err(OpenRelayError::LogEnd { expected, found }) }
    }

    /// Every workspace has settings: a new one gets the first change that is the same everywhere.
    fn ensure_settings(&mut self, env: &mut impl IdSource) -> Result<(), OpenRelayError> {
        if self.store.entries_of(SETTINGS_ID)?.is_empty() {
            let by = Authorship { user: UserId(self.workspace.0), device: self.own_device() };
            self.stage_genesis(env, by);
            // Nobody is connected yet, so nothing is announced.
            let staging = std::mem::take(&mut self.staging);
            self.commit_staged(staging, &mut Vec::new())?;
        }
        self.refresh_settings()?;
        Ok(())
    }

    /// Reads the options that decide who may write.
    pub(super) fn refresh_settings(&mut self) -> Result<(), StoreError> {
        let settings = RecordRef::new(Kind::Settings, SETTINGS_ID);
        if let Some(document) = self.document(settings)? {
            self.only_owners_edit = document.read().0.flag("only_owners_edit");
            self.documents.put(document);
        }
        Ok(())
    }
}

/// How long a client waits before it comes back to a relay that is restarting.
const RETRY_MILLIS: u64 = 1_000;

enum Turn {
    Hello(sync::wire::Hello),
    Frame(Session, ClientFrame),
    NotDue,
}

/// Why a frame could not be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServeError {
    /// The client's fault: it is told and turned away.
    #[error("{0}")]
    Protocol(String),
    /// Ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sync::block::OpenBlockError> for ServeError {
    fn from(error: sync::block::OpenBlockError) -> Self {
        Self::Protocol(error.to_string())
    }
}

/// An encoded frame as output.
pub(super) fn frame(frame: &RelayFrame) -> Output {
    Output::Frame(frame.encode())
}

fn create_workspace<S: LogStore>(store: &mut S, env: &mut impl IdSource) -> Result<Workspace, OpenRelayError> {
    let head = Cursor { epoch: Epoch(random_16(env)), seq: 0, digest: Digest::EMPTY };
    let workspace = Workspace { id: WorkspaceId(env.fresh_uuid()), receipt_key: random_32(env), head };
    store.create(&workspace)?;
    Ok(workspace)
}
