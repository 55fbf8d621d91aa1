//! The connection to the relay: when to connect, what goes over it, what its frames lead to.

use model::app::SyncState;
use model::{IdSource, Timestamp};
use store::{Reader, StoreError, Tx};
use sync::backoff::Backoff;
use sync::client::{Event, OutgoingChange, Position, Session, SessionError};
use sync::slim::Earlier;
use sync::wire::{ClientFrame, Entry, Farewell, Goodbye, Nack, OFFER_MAX, Proof, PushedChange, Retry};
use sync::{Cursor, Receipt};

use crate::account::Account;
use crate::message::Output;
use crate::rebase::Verdicts;
use crate::replica::{Replica, ReplicaError};

const CURSOR: &str = "cursor";
const SNAPSHOT: &str = "snapshot";
/// How long commands wait after the relay asked to send them later.
const LATER_MILLIS: i64 = 5_000;
/// When so many rounds of executing commands again lead to nothing but refusals, the relay lacks what they build on.
const VAIN_ROUNDS_MAX: u32 = 3;
/// A relay that owes an answer for this long is taken for gone.
const SILENCE_MAX_MILLIS: i64 = 30_000;
/// Entries brought back at once when a relay has lost them.
const BRING_MAX: usize = 500;

/// The connection and what was counted on it.
pub(crate) struct Link {
    state: State,
    backoff: Backoff,
    verdicts: Verdicts,
    /// The outbox's last command that was handed to the session.
    sent_up_to: i64,
    /// When the relay was last heard, or last asked something.
    heard_at: Timestamp,
    /// Rounds of refusals since the relay accepted something.
    vain_rounds: u32,
    /// The relay did not know our access token; a fresh one is being tried.
    renewing: bool,
    /// No pushing before this moment.
    pause_until: Option<Timestamp>,
    /// Where offering stands while a relay is being healed.
    offered: Option<u64>,
    /// Parts brought back that the relay has not answered.
    returns: usize,
    behind: u64,
    received: u64,
    report: SyncReport,
}

enum State {
    /// There is no relay, or nobody is signed in.
    Off,
    /// Waits for the next try.
    Waiting {
        until: Timestamp,
        since: Option<Timestamp>,
        reason: String,
    },
    /// A token is being fetched.
    Authenticating {
        since: Option<Timestamp>,
    },
    /// A socket is being opened.
    Opening {
        since: Option<Timestamp>,
    },
    /// Open.
    Open(Box<Session>),
    NeedsSignIn,
    NeedsUpgrade,
}

/// How the connection stands, for headless use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// Nothing to connect to.
    Off,
    /// Connecting or catching up.
    Busy,
    /// Everything is exchanged.
    Idle,
    /// The relay can't be reached; the reason in words.
    Offline(String),
    /// The session has ended.
    NeedsSignIn,
    /// The relay speaks a newer version only.
    NeedsUpgrade,
}

/// What went over the connection since the replica was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct SyncReport {
    /// Changes the relay accepted.
    pub sent_changes: u64,
    /// Changes received.
    pub received_changes: u64,
    /// Bytes of frames sent.
    pub bytes_sent: u64,
    /// Bytes of frames received.
    pub bytes_received: u64,
    /// Frames in both directions.
    pub messages: u64,
    /// Bytes of files that the relay has taken.
    pub file_bytes_sent: u64,
    /// Bytes of files that were fetched.
    pub file_bytes_received: u64,
}

impl Link {
    pub(crate) fn new(account: Option<&Account>) -> Self {
        let connects = account.is_some_and(Account::is_joined);
        let start = State::Waiting { until: Timestamp::from_millis(0), since: None, reason: String::new() };
        Self {
            state: if connects { start } else { State::Off },
            backoff: Backoff::default(),
            verdicts: Verdicts::default(),
            sent_up_to: 0,
            heard_at: Timestamp::default(),
            vain_rounds: 0,
            renewing: false,
            pause_until: None,
            offered: None,
            returns: 0,
            behind: 0,
            received: 0,
            report: SyncReport::default(),
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        match &self.state {
            State::Waiting { until, .. } => Some(*until),
            State::Open(session) if owes_answer(session) => {
                let patience = self.heard_at.plus_millis(SILENCE_MAX_MILLIS);
                Some(self.pause_until.map_or(patience, |until| until.min(patience)))
            }
            State::Open(_) => self.pause_until,
            _ => None,
        }
    }

    /// When something last came from the relay; the beginning of time when nothing has.
    pub(crate) const fn heard_at(&self) -> Timestamp {
        self.heard_at
    }

    pub(crate) fn sync_state(&self) -> SyncState {
        match &self.state {
            State::Off => SyncState::Alone,
            State::NeedsSignIn => SyncState::NeedsSignIn,
            State::NeedsUpgrade => SyncState::NeedsUpgrade,
            State::Waiting { since, reason, .. } => SyncState::Offline { since: *since, reason: reason.clone() },
            State::Authenticating { since } | State::Opening { since } => {
                SyncState::Offline { since: *since, reason: "connecting".into() }
            }
            State::Open(session) if session.is_live() => SyncState::Synced,
            State::Open(_) => SyncState::CatchingUp { done: self.received, all: self.behind },
        }
    }
}

/// Whether the relay has something to say before anything goes on.
fn owes_answer(session: &Session) -> bool {
    !session.is_live() || session.awaits_answers()
}

/// The cursor as stored.
pub(crate) fn read_cursor(store: &Reader) -> Result<Option<Cursor>, StoreError> {
    // A cursor that can't be read is no cursor: the relay is asked for everything.
    Ok(store.meta(CURSOR)?.and_then(|bytes| minicbor::decode(&bytes).ok()))
}

fn read_position(store: &Reader) -> Result<Position, StoreError> {
    let snapshot = store.meta(SNAPSHOT)?.and_then(|bytes| minicbor::decode(&bytes).ok());
    Ok(Position { cursor: read_cursor(store)?, snapshot })
}

/// An entry that later ones build on. One that can't be read is one that is not here: the relay is asked for all.
fn earlier(store: &Reader, seq: u64) -> Option<Earlier> {
    let entry = store.entry_at(seq).ok()??;
    Some(Earlier { seq, record: entry.record, hash: entry.hash, actor: entry.actor })
}

/// Stores the cursor, past any snapshot.
pub(crate) fn write_cursor(tx: &mut Tx<'_>, cursor: Cursor) -> Result<(), StoreError> {
    tx.set_meta(CURSOR, &minicbor::to_vec(cursor).expect("writing to memory cannot fail"))
}

/// Stores where we stand, in a snapshot too.
pub(crate) fn write_position(tx: &mut Tx<'_>, position: &Position) -> Result<(), StoreError> {
    match position.cursor {
        Some(cursor) => write_cursor(tx, cursor)?,
        None => tx.remove_meta(CURSOR)?,
    }
    match position.snapshot {
        Some(progress) => tx.set_meta(SNAPSHOT, &minicbor::to_vec(progress).expect("writing to memory cannot fail")),
        None => tx.remove_meta(SNAPSHOT),
    }
}

impl Replica {
    /// How the connection stands.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn connection(&self) -> Result<ConnectionState, ReplicaError> {
        Ok(match &self.link.state {
            State::Off => ConnectionState::Off,
            State::NeedsSignIn => ConnectionState::NeedsSignIn,
            State::NeedsUpgrade => ConnectionState::NeedsUpgrade,
            State::Waiting { reason, since, .. } if since.is_some() || !reason.is_empty() => {
                ConnectionState::Offline(reason.clone())
            }
            State::Waiting { .. } | State::Authenticating { .. } | State::Opening { .. } => ConnectionState::Busy,
            State::Open(session) if session.is_live() && self.store.outbox_len()? == 0 && !self.files.has_work() => {
                ConnectionState::Idle
            }
            State::Open(_) => ConnectionState::Busy,
        })
    }

    /// What went over the connection since the replica was opened.
    pub const fn sync_report(&self) -> SyncReport {
        self.link.report
    }

    /// Whether the relay can be asked for something at once.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(&self.link.state, State::Open(session) if session.is_live())
    }

    pub(crate) const fn count_file_bytes_sent(&mut self, bytes: u64) {
        self.link.report.file_bytes_sent = self.link.report.file_bytes_sent.saturating_add(bytes);
    }

    pub(crate) const fn count_file_bytes_received(&mut self, bytes: u64) {
        self.link.report.file_bytes_received = self.link.report.file_bytes_received.saturating_add(bytes);
    }

    /// The position in the relay's log.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn cursor(&self) -> Result<Option<Cursor>, ReplicaError> {
        Ok(read_cursor(&self.store)?)
    }

    /// Whether pages of the snapshot are still to come.
    pub(crate) fn is_bootstrapping(&self) -> bool {
        matches!(&self.link.state, State::Open(session) if session.is_bootstrapping())
    }

    /// Connects now, whatever the next try was planned for.
    pub(crate) fn sync_now(&mut self, env: &mut dyn IdSource) -> Result<(), ReplicaError> {
        if let State::Waiting { since, .. } = self.link.state {
            self.start_connecting(env, since)?;
        }
        Ok(())
    }

    pub(crate) fn link_wake(&mut self, env: &mut dyn IdSource) -> Result<(), ReplicaError> {
        let now = env.now();
        if self.link.pause_until.is_some_and(|until| until <= now) {
            self.link.pause_until = None;
        }
        match &self.link.state {
            State::Waiting { until, since, .. } if *until <= now => {
                let since = *since;
                self.start_connecting(env, since)
            }
            State::Open(session)
                if owes_answer(session) && now.millis_since(self.link.heard_at) >= SILENCE_MAX_MILLIS =>
            {
                self.outputs.push(Output::Disconnect);
                self.retry_later(env, "the relay does not answer".into());
                self.settle_verdicts(env)
            }
            _ => Ok(()),
        }
    }

    /// Begins a connection: a valid token first, then the socket.
    pub(crate) fn start_connecting(
        &mut self,
        env: &mut dyn IdSource,
        since: Option<Timestamp>,
    ) -> Result<(), ReplicaError> {
        let Some(account) = self.account.as_ref().filter(|account| account.is_joined()) else {
            self.link.state = State::Off;
            return Ok(());
        };
        if account.has_fresh_token(env.now()) {
            self.link.state = State::Opening { since };
            self.outputs.push(Output::Connect { url: account.socket_url() });
            return Ok(());
        }
        self.link.state = State::Authenticating { since };
        self.refresh_token(env)
    }

    /// The relay will not have us until somebody signs in.
    pub(crate) fn needs_sign_in(&mut self) {
        self.link.state = State::NeedsSignIn;
        self.outputs.push(Output::Disconnect);
    }

    /// The connection failed; try again later.
    pub(crate) fn retry_later(&mut self, env: &mut dyn IdSource, reason: String) {
        let since = match &self.link.state {
            State::Waiting { since, .. } | State::Authenticating { since } | State::Opening { since } => *since,
            _ => Some(env.now()),
        };
        let dice = u64::from_be_bytes(env.random()[..8].try_into().expect("eight of ten bytes"));
        let wait = i64::try_from(self.link.backoff.fail(dice)).unwrap_or(i64::MAX);
        self.link.state = State::Waiting { until: env.now().plus_millis(wait), since, reason };
        self.link.offered = None;
    }

    pub(crate) fn socket_opened(&mut self, env: &mut dyn IdSource) -> Result<(), ReplicaError> {
        // Nothing of the session before is under way any more, however it ended.
        self.settle_verdicts(env)?;
        if !matches!(self.link.state, State::Opening { .. }) {
            return Ok(());
        }
        let Some(token) = self.account.as_ref().and_then(|account| account.access_token.clone()) else { return Ok(()) };
        let position = read_position(&self.store)?;
        let (session, hello) = Session::open(self.device, model::schema::SCHEMA_VERSION, token, position);
        self.link.state = State::Open(Box::new(session));
        self.link.heard_at = env.now();
        self.link.sent_up_to = 0;
        self.link.offered = None;
        self.link.received = 0;
        self.send(&[hello]);
        Ok(())
    }

    pub(crate) fn socket_closed(&mut self, env: &mut dyn IdSource, reason: String) -> Result<(), ReplicaError> {
        match self.link.state {
            State::Open(_) | State::Opening { .. } => self.retry_later(env, reason),
            _ => {}
        }
        self.settle_verdicts(env)
    }

    pub(crate) fn socket_message(&mut self, env: &mut dyn IdSource, bytes: &[u8]) -> Result<(), ReplicaError> {
        let State::Open(session) = &mut self.link.state else { return Ok(()) };
        self.link.heard_at = env.now();
        self.link.report.messages += 1;
        self.link.report.bytes_received += bytes.len() as u64;
        let store = &self.store;
        let (events, frames) = match session.receive(bytes, |seq| earlier(store, seq)) {
            Ok(received) => received,
            Err(error) => return self.session_failed(env, &error),
        };
        self.send(&frames);
        for event in events {
            if let Err(error) = self.session_event(env, event) {
                // What came could not be stored: the next session brings it again.
                self.outputs.push(Output::Disconnect);
                self.retry_later(env, error.to_string());
                return Err(error);
            }
        }
        Ok(())
    }

    fn session_failed(&mut self, env: &mut dyn IdSource, error: &SessionError) -> Result<(), ReplicaError> {
        if *error == SessionError::Diverged {
            self.doubt()?;
        }
        self.outputs.push(Output::Disconnect);
        self.retry_later(env, error.to_string());
        self.settle_verdicts(env)
    }

    /// Has the next session compare everything we hold with what the relay holds.
    fn doubt(&mut self) -> Result<(), ReplicaError> {
        let cursor = Session::doubting(read_cursor(&self.store)?.unwrap_or_default());
        self.store
            .write(|tx| write_position(tx, &Position { cursor: Some(cursor), snapshot: None }).map_err(Into::into))
    }

    fn session_event(&mut self, env: &mut dyn IdSource, event: Event) -> Result<(), ReplicaError> {
        match event {
            Event::Welcome { workspace, user, role, behind, .. } => {
                self.link.renewing = false;
                self.link.behind = behind;
                self.welcomed(workspace, user, &role)
            }
            Event::Entries { entries, end } => {
                self.link.received += entries.len() as u64;
                self.link.report.received_changes += entries.len() as u64;
                let verdicts = self.take_entries(entries, end)?;
                self.settle_when_answered(env, verdicts)
            }
            Event::Begun(position) => self.store.write(|tx| write_position(tx, &position).map_err(ReplicaError::from)),
            Event::Snapshot { documents, total, position } => {
                self.link.behind = total;
                self.link.received += documents.len() as u64;
                self.link.report.received_changes +=
                    documents.iter().map(|document| document.proofs.len() as u64).sum::<u64>();
                let verdicts = self.take_snapshot(documents, &position)?;
                self.settle_when_answered(env, verdicts)
            }
            Event::Accepted { accepted, end } => {
                self.link.report.sent_changes +=
                    accepted.iter().map(|answer| answer.receipts.len() as u64).sum::<u64>();
                self.link.vain_rounds = 0;
                let verdicts = self.take_accepted(&accepted, end)?;
                self.settle_when_answered(env, verdicts)
            }
            Event::Refused(nack) => self.refused(env, nack),
            Event::Heal => self.offer_next(),
            Event::Bring(hashes) => self.bring_back(&hashes),
            Event::TookBack { refused, .. } => {
                self.not_taken_back(&refused)?;
                self.link.returns = self.link.returns.saturating_sub(1);
                if self.link.returns == 0 { self.offer_next() } else { Ok(()) }
            }
            Event::CaughtUp => {
                self.link.backoff.succeed();
                Ok(())
            }
            Event::Goodbye(goodbye) => self.said_goodbye(env, goodbye),
        }
    }

    fn said_goodbye(&mut self, env: &mut dyn IdSource, goodbye: Goodbye) -> Result<(), ReplicaError> {
        self.outputs.push(Output::Disconnect);
        if self.is_bootstrapping() {
            // Whatever ended it, the next try begins with the first page.
            let position = Position { snapshot: None, ..read_position(&self.store)? };
            self.store.write(|tx| write_position(tx, &position).map_err(ReplicaError::from))?;
        }
        match goodbye.why {
            Farewell::SignIn => {
                if let Some(account) = &mut self.account {
                    account.access_token = None;
                }
                // An access token lives ten minutes: one try with a fresh one at once.
                if std::mem::replace(&mut self.link.renewing, true) {
                    self.retry_later(env, goodbye.detail);
                } else {
                    self.start_connecting(env, None)?;
                }
            }
            Farewell::Upgrade => self.link.state = State::NeedsUpgrade,
            Farewell::Protocol | Farewell::TooMuch | Farewell::ShuttingDown | Farewell::Internal => {
                self.retry_later(env, goodbye.detail);
            }
        }
        self.settle_verdicts(env)
    }

    fn refused(&mut self, env: &mut dyn IdSource, nack: Nack) -> Result<(), ReplicaError> {
        if nack.retry == Retry::Later {
            self.link.pause_until = Some(env.now().plus_millis(LATER_MILLIS));
            self.link.sent_up_to = 0;
        }
        let mut verdicts = Verdicts::default();
        verdicts.note(nack);
        self.settle_when_answered(env, verdicts)
    }

    /// Verdicts wait until everything under way is answered: what is executed again must not meet its own past.
    fn settle_when_answered(&mut self, env: &mut dyn IdSource, verdicts: Verdicts) -> Result<(), ReplicaError> {
        self.link.verdicts.join(verdicts);
        match &self.link.state {
            State::Open(session) if session.awaits_answers() => Ok(()),
            _ => self.settle_verdicts(env),
        }
    }

    fn settle_verdicts(&mut self, env: &mut dyn IdSource) -> Result<(), ReplicaError> {
        let verdicts = std::mem::take(&mut self.link.verdicts);
        if verdicts.is_empty() {
            return Ok(());
        }
        self.link.sent_up_to = 0;
        self.carry_out_verdicts(&verdicts)?;
        if verdicts.rebases() {
            self.link.vain_rounds += 1;
        }
        if self.link.vain_rounds < VAIN_ROUNDS_MAX {
            return Ok(());
        }
        self.link.vain_rounds = 0;
        self.doubt()?;
        self.outputs.push(Output::Disconnect);
        self.retry_later(env, "the relay lacks changes that ours build on".into());
        Ok(())
    }

    /// Hands what waits in the outbox to the session, as far as it has room.
    pub(crate) fn push_outbox(&mut self, now: Timestamp) -> Result<(), ReplicaError> {
        if self.link.pause_until.is_some_and(|until| until > now) || !self.link.verdicts.is_empty() {
            return Ok(());
        }
        let State::Open(session) = &self.link.state else { return Ok(()) };
        let room = u32::try_from(session.room()).unwrap_or(u32::MAX);
        if room == 0 {
            return Ok(());
        }
        let commands = self.store.outbox(self.link.sent_up_to, room)?;
        let Some((last, _)) = commands.last() else { return Ok(()) };
        self.link.sent_up_to = *last;
        let State::Open(session) = &mut self.link.state else { return Ok(()) };
        if !session.awaits_answers() {
            self.link.heard_at = now;
        }
        let outgoing = |change: store::PendingChange| OutgoingChange {
            hash: change.hash,
            change: PushedChange { record: change.record, change: change.bytes },
        };
        let commands = commands
            .into_iter()
            .filter(|(_, command)| !session.in_flight(command.id))
            .map(|(_, command)| (command.id, command.changes.into_iter().map(outgoing).collect()))
            .collect();
        let frames = session.push(commands);
        self.send(&frames);
        Ok(())
    }

    /// Offers the next part of what we hold to a relay that may have lost it, or ends the healing.
    fn offer_next(&mut self) -> Result<(), ReplicaError> {
        let after = self.link.offered.unwrap_or(0);
        let limit = u32::try_from(OFFER_MAX).unwrap_or(u32::MAX);
        let entries = self.store.entries_after(after, limit)?;
        let frames = match entries.last() {
            Some(last) => {
                self.link.offered = Some(last.log_seq);
                vec![Session::offer(entries.iter().map(|entry| entry.hash).collect())]
            }
            None => {
                self.link.offered = None;
                let State::Open(session) = &mut self.link.state else { return Ok(()) };
                let (position, frames) = session.healed();
                // The relay numbers its log anew; what it holds comes again with its own numbers.
                self.store.write(|tx| {
                    write_position(tx, &position)?;
                    tx.set_entries_aside()
                })?;
                frames
            }
        };
        self.send(&frames);
        Ok(())
    }

    fn bring_back(&mut self, hashes: &[model::ChangeHash]) -> Result<(), ReplicaError> {
        if hashes.is_empty() {
            return self.offer_next();
        }
        let mut entries = Vec::new();
        for hash in hashes {
            entries.extend(self.entry_to_bring(*hash)?);
        }
        if entries.is_empty() {
            return self.offer_next();
        }
        let frames: Vec<ClientFrame> = entries.chunks(BRING_MAX).flat_map(Session::bring_back).collect();
        self.link.returns = frames.len();
        self.send(&frames);
        Ok(())
    }

    fn entry_to_bring(&self, hash: model::ChangeHash) -> Result<Option<Entry>, ReplicaError> {
        let Some(entry) = self.store.entry_of(hash)? else { return Ok(None) };
        let Some(bytes) = self.bytes_to_bring(entry.record, hash)? else { return Ok(None) };
        let mut receipt = [0; 16];
        if entry.receipt.len() == receipt.len() {
            receipt.copy_from_slice(&entry.receipt);
        }
        let proof = Proof {
            seq: entry.log_seq,
            hash,
            actor: entry.actor,
            user: entry.user,
            device: entry.device,
            command: entry.command,
            received_at: entry.received_at,
            receipt: Receipt(receipt),
        };
        Ok(Some(Entry { record: entry.record, proof, change: bytes }))
    }

    fn bytes_to_bring(
        &self,
        record: model::RecordRef,
        hash: model::ChangeHash,
    ) -> Result<Option<Vec<u8>>, ReplicaError> {
        let confirmed = match self.store.document(record.id)? {
            Some(stored) => crate::view::load_confirmed(&stored)?,
            None => None,
        };
        let changes = confirmed.map(|document| document.changes()).unwrap_or_default();
        match changes.into_iter().find(|change| change.hash == hash) {
            Some(change) => Ok(Some(change.bytes)),
            None => self.quarantined_bytes(record, hash),
        }
    }

    fn send(&mut self, frames: &[ClientFrame]) {
        for frame in frames {
            let bytes = frame.encode();
            self.link.report.messages += 1;
            self.link.report.bytes_sent += bytes.len() as u64;
            self.outputs.push(Output::Send(bytes));
        }
    }
}
