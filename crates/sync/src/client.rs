//! The client's side of a session: whose turn it is, what may be sent, whether the relay's log fits ours.
//!
//! Bytes come in, [`Event`]s for the replica and frames for the socket go out. What an event asks for is made
//! durable by the replica, which also keeps the cursor; this state lives only as long as one connection.

use std::collections::BTreeMap;

use model::{ChangeHash, CommandId, DeviceId, RecordId, Timestamp, UserId, WorkspaceId};

use crate::slim::{Earlier, OpenEntriesError};
use crate::wire::{
    Accepted, ClientFrame, DecodeFrameError, Entries, Entry, FRAME_MAX, Farewell, Goodbye, Hello, IN_FLIGHT_MAX, Nack,
    Offer, Pull, Push, PushedChange, PushedCommand, RelayFrame, Resume, Return, SnapshotDocument, SnapshotNext,
    SnapshotPage, VERSION, Welcome, change_check,
};
use crate::{Block, Cursor, Digest, Epoch};

/// Plain bytes that are packed into one block: even incompressible they fit a frame.
const PACK_MAX: usize = FRAME_MAX * 3 / 4;
/// What a change costs beside its own bytes when packed.
const CHANGE_OVERHEAD: usize = 64;

/// What the replica has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The relay knows us.
    Welcome {
        /// The workspace.
        workspace: WorkspaceId,
        /// The user of our token.
        user: UserId,
        /// Their role's name.
        role: String,
        /// The relay's clock.
        now: Timestamp,
        /// Entries that are still to come.
        behind: u64,
    },
    /// Store these entries and the cursor after them.
    Entries {
        /// The entries, in order.
        entries: Vec<Entry>,
        /// The cursor after them.
        end: Cursor,
    },
    /// Store these documents.
    Snapshot {
        /// The documents.
        documents: Vec<SnapshotDocument>,
        /// Documents in the whole snapshot.
        total: u64,
        /// What to store with them.
        position: Position,
    },
    /// A snapshot begins: store this position.
    Begun(Position),
    /// These commands are committed at the relay.
    Accepted {
        /// The commands and their receipts.
        accepted: Vec<Accepted>,
        /// The cursor to store, when they continue the log from where we stand.
        end: Option<Cursor>,
    },
    /// A command is refused.
    Refused(Nack),
    /// The relay's history is not ours: offer it what we hold.
    Heal,
    /// The relay lacks these: bring them.
    Bring(Vec<ChangeHash>),
    /// The relay took back all it wanted of an offer; offer the rest.
    TookBack {
        /// How many.
        taken: u32,
        /// Those it did not take.
        refused: Vec<ChangeHash>,
    },
    /// We have everything the relay has.
    CaughtUp,
    /// The relay closes the connection.
    Goodbye(Goodbye),
}

/// Why a session can't go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// A frame that can't be read.
    #[error("the relay sent something unreadable")]
    Frame(#[from] DecodeFrameError),
    /// A block that can't be read.
    #[error("the relay sent something unreadable")]
    Block(#[from] crate::block::OpenBlockError),
    /// A frame that is not due.
    #[error("the relay answered out of turn")]
    OutOfTurn,
    /// The log is not the one we know; the next session heals it.
    #[error("the relay's history differs from ours")]
    Diverged,
}

impl From<OpenEntriesError> for SessionError {
    fn from(error: OpenEntriesError) -> Self {
        match error {
            OpenEntriesError::Block(error) => Self::Block(error),
            OpenEntriesError::Unknown(_) => Self::Diverged,
        }
    }
}

/// Where a client stands in a relay's log, as it keeps it.
///
/// From the first page of a snapshot to the last, the cursor stands at the log's start: it says in which life of the
/// log everything the client holds was accepted, so that a relay which was restored meanwhile asks for what it lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The end of what the client holds without a gap; `None` when it has never met the relay.
    pub cursor: Option<Cursor>,
    /// How far a snapshot has come.
    pub snapshot: Option<SnapshotProgress>,
}

/// How far a snapshot has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct SnapshotProgress {
    /// The snapshot holds at least every entry up to here.
    #[n(0)]
    pub as_of: Cursor,
    /// The last record that has come.
    #[cbor(n(1), with = "crate::wire::as_bytes")]
    pub after: RecordId,
}

impl Position {
    /// Nothing of the log is here yet.
    const fn start(epoch: Epoch) -> Self {
        Self { cursor: Some(Cursor { epoch, seq: 0, digest: Digest::EMPTY }), snapshot: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Greeting,
    Healing,
    Snapshot,
    Pulling,
    Live,
}

#[derive(Debug)]
struct InFlight {
    check: u64,
    changes: Vec<(RecordId, ChangeHash)>,
}

/// One connection to the relay.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    /// The life of the relay's log.
    epoch: Epoch,
    cursor: Cursor,
    /// Where a snapshot goes on that an earlier session began.
    progress: Option<SnapshotProgress>,
    snapshot_as_of: Option<Cursor>,
    in_flight: BTreeMap<CommandId, InFlight>,
}

/// A change to push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingChange {
    /// The change with its record.
    pub change: PushedChange,
    /// Its hash.
    pub hash: ChangeHash,
}

impl Session {
    /// Opens a session; the frame goes out first.
    pub fn open(device: DeviceId, schema: u32, token: String, position: Position) -> (Self, ClientFrame) {
        let Position { cursor, snapshot } = position;
        let session = Self {
            phase: Phase::Greeting,
            epoch: Epoch::default(),
            cursor: cursor.unwrap_or_default(),
            progress: snapshot,
            snapshot_as_of: None,
            in_flight: BTreeMap::new(),
        };
        (session, ClientFrame::Hello(Hello { version: VERSION, schema, token, device, cursor }))
    }

    /// The cursor that makes a relay compare everything, for the session after a divergence.
    pub const fn doubting(cursor: Cursor) -> Cursor {
        Cursor { digest: Digest([0xff; 16]), ..cursor }
    }

    /// Whether the relay has welcomed us and takes commands.
    pub fn may_push(&self) -> bool {
        !matches!(self.phase, Phase::Greeting | Phase::Healing)
    }

    /// Whether we have everything the relay has.
    pub fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// Whether pages of the snapshot are still to come.
    pub fn is_bootstrapping(&self) -> bool {
        self.phase == Phase::Snapshot
    }

    /// How many more commands may be sent now.
    pub fn room(&self) -> usize {
        if self.may_push() { IN_FLIGHT_MAX.saturating_sub(self.in_flight.len()) } else { 0 }
    }

    /// Whether answers to pushed commands are outstanding.
    pub fn awaits_answers(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Whether this command waits for its answer.
    pub fn in_flight(&self, command: CommandId) -> bool {
        self.in_flight.contains_key(&command)
    }

    /// Takes commands, in the outbox's order, and returns the frames that bring them.
    pub fn push(&mut self, commands: Vec<(CommandId, Vec<OutgoingChange>)>) -> Vec<ClientFrame> {
        let mut packer = Packer::default();
        for (command, changes) in commands {
            let hashes = changes.iter().map(|out| (out.change.record.id, out.hash)).collect::<Vec<_>>();
            let check = change_check(hashes.iter().map(|(_, hash)| hash));
            self.in_flight.insert(command, InFlight { check, changes: hashes });
            packer.add(command, changes.into_iter().map(|out| out.change));
        }
        packer.finish()
    }

    /// The frame that offers changes to a relay that may have lost them.
    pub fn offer(hashes: Vec<ChangeHash>) -> ClientFrame {
        ClientFrame::Offer(Offer { hashes })
    }

    /// The frames that bring accepted changes back.
    pub fn bring_back(entries: &[Entry]) -> Vec<ClientFrame> {
        let mut frames = Vec::new();
        let mut from = 0;
        while from < entries.len() {
            let mut size = 0;
            let fits = |entry: &&Entry| {
                size += entry.change.len() + 2 * CHANGE_OVERHEAD;
                size <= PACK_MAX
            };
            let count = entries[from..].iter().take_while(fits).count().max(1);
            let entries = Block::pack(&entries[from..from + count]);
            frames.push(ClientFrame::Return(Return { entries }));
            from += count;
        }
        frames
    }

    /// Everything is offered: fetch the relay's state anew. The position is to be stored before.
    pub fn healed(&mut self) -> (Position, Vec<ClientFrame>) {
        self.progress = None;
        (Position::start(self.epoch), self.start_snapshot())
    }

    /// Reads a frame from the relay. The frames returned may go out at once. `known` finds entries of our own log.
    ///
    /// # Errors
    /// When the frame is unreadable, out of turn or contradicts our log; the connection should be closed.
    pub fn receive(
        &mut self,
        bytes: &[u8],
        known: impl Fn(u64) -> Option<Earlier>,
    ) -> Result<(Vec<Event>, Vec<ClientFrame>), SessionError> {
        let frame = RelayFrame::decode(bytes)?;
        match (self.phase, frame) {
            (_, RelayFrame::Goodbye(goodbye)) => Ok((vec![Event::Goodbye(goodbye)], Vec::new())),
            (Phase::Greeting, RelayFrame::Welcome(welcome)) => Ok(self.welcomed(welcome)),
            (Phase::Greeting, _) | (_, RelayFrame::Welcome(_)) => Err(SessionError::OutOfTurn),
            (Phase::Pulling | Phase::Live, RelayFrame::Entries(entries)) => self.entries(&entries, known),
            (Phase::Snapshot, RelayFrame::SnapshotPage(page)) => self.page(&page),
            (_, RelayFrame::Ack(ack)) => self.accepted(ack.accepted, ack.end),
            (_, RelayFrame::Nack(nack)) => {
                self.in_flight.remove(&nack.command);
                Ok((vec![Event::Refused(nack)], Vec::new()))
            }
            (Phase::Healing, RelayFrame::Want(want)) => Ok((vec![Event::Bring(want.hashes)], Vec::new())),
            (Phase::Healing, RelayFrame::Returned(returned)) => {
                let event = Event::TookBack { taken: returned.taken, refused: returned.refused };
                Ok((vec![event], Vec::new()))
            }
            (Phase::Live, RelayFrame::Lagging(_)) => Ok((Vec::new(), self.pull())),
            // Entries that were under way when the snapshot was asked for, or a late word about lagging.
            (Phase::Snapshot | Phase::Healing, RelayFrame::Entries(_)) | (_, RelayFrame::Lagging(_)) => {
                Ok((Vec::new(), Vec::new()))
            }
            _ => Err(SessionError::OutOfTurn),
        }
    }

    fn welcomed(&mut self, welcome: Welcome) -> (Vec<Event>, Vec<ClientFrame>) {
        let behind = match welcome.resume {
            Resume::Live => 0,
            _ => welcome.head.seq.saturating_sub(self.cursor.seq).max(1),
        };
        let mut events = vec![Event::Welcome {
            workspace: welcome.workspace,
            user: welcome.user,
            role: welcome.role,
            now: welcome.now,
            behind,
        }];
        self.epoch = welcome.head.epoch;
        let frames = match welcome.resume {
            Resume::Live => {
                self.phase = Phase::Live;
                events.push(Event::CaughtUp);
                Vec::new()
            }
            // A cursor at the log's start is that of a snapshot under way.
            Resume::Pull if self.cursor.seq == 0 => self.start_snapshot(),
            Resume::Pull => self.pull(),
            Resume::Snapshot => {
                self.progress = None;
                events.push(Event::Begun(Position::start(self.epoch)));
                self.start_snapshot()
            }
            Resume::Heal => {
                self.phase = Phase::Healing;
                events.push(Event::Heal);
                Vec::new()
            }
        };
        (events, frames)
    }

    fn pull(&mut self) -> Vec<ClientFrame> {
        self.phase = Phase::Pulling;
        vec![ClientFrame::Pull(Pull { after: self.cursor.seq })]
    }

    fn start_snapshot(&mut self) -> Vec<ClientFrame> {
        self.phase = Phase::Snapshot;
        let progress = self.progress.take().filter(|progress| progress.as_of.epoch == self.epoch);
        self.snapshot_as_of = progress.map(|progress| progress.as_of);
        let (as_of, after) = (progress.map(|progress| progress.as_of.seq), progress.map(|progress| progress.after));
        vec![ClientFrame::SnapshotNext(SnapshotNext { as_of, after })]
    }

    fn entries(
        &mut self,
        frame: &Entries,
        known: impl Fn(u64) -> Option<Earlier>,
    ) -> Result<(Vec<Event>, Vec<ClientFrame>), SessionError> {
        let expected = self.cursor.seq + 1;
        let epoch_differs = frame.end.epoch != self.cursor.epoch;
        if epoch_differs || frame.from > expected {
            return Err(SessionError::Diverged);
        }
        // What we know already (an answer that crossed a pull) is left out.
        let entries: Vec<Entry> = frame.open(known)?.into_iter().filter(|entry| entry.proof.seq >= expected).collect();
        let mut digest = self.cursor.digest;
        let mut seq = self.cursor.seq;
        for entry in &entries {
            if entry.proof.seq != seq + 1 {
                return Err(SessionError::Diverged);
            }
            seq += 1;
            digest = digest.then(seq, entry.record.id, entry.proof.hash);
        }
        if !entries.is_empty() && (seq, digest) != (frame.end.seq, frame.end.digest) {
            return Err(SessionError::Diverged);
        }
        self.cursor = Cursor { epoch: self.cursor.epoch, seq, digest };
        let mut events = Vec::new();
        if !entries.is_empty() {
            events.push(Event::Entries { entries, end: self.cursor });
        }
        Ok(self.after_entries(events, frame.head))
    }

    fn after_entries(&mut self, mut events: Vec<Event>, head: u64) -> (Vec<Event>, Vec<ClientFrame>) {
        if self.phase == Phase::Live {
            return (events, Vec::new());
        }
        if self.cursor.seq < head {
            return (events, self.pull());
        }
        self.phase = Phase::Live;
        events.push(Event::CaughtUp);
        (events, Vec::new())
    }

    fn page(&mut self, page: &SnapshotPage) -> Result<(Vec<Event>, Vec<ClientFrame>), SessionError> {
        let as_of = *self.snapshot_as_of.get_or_insert(page.as_of);
        let documents = page.open()?;
        let after = documents.last().map(|document| document.record.id);
        let (position, frames) = match (page.last, after) {
            (true, _) => {
                self.cursor = as_of;
                (Position { cursor: Some(as_of), snapshot: None }, self.pull())
            }
            (false, Some(after)) => {
                let position =
                    Position { snapshot: Some(SnapshotProgress { as_of, after }), ..Position::start(self.epoch) };
                let next = SnapshotNext { as_of: Some(as_of.seq), after: Some(after) };
                (position, vec![ClientFrame::SnapshotNext(next)])
            }
            (false, None) => return Err(SessionError::OutOfTurn),
        };
        Ok((vec![Event::Snapshot { documents, total: page.total, position }], frames))
    }

    fn accepted(
        &mut self,
        accepted: Vec<Accepted>,
        end: Option<Cursor>,
    ) -> Result<(Vec<Event>, Vec<ClientFrame>), SessionError> {
        let mut cursor = self.cursor;
        let mut complete = true;
        for answer in &accepted {
            match self.in_flight.remove(&answer.command) {
                Some(sent) if sent.check == answer.check => {
                    for (record, hash) in sent.changes {
                        cursor.seq += 1;
                        cursor.digest = cursor.digest.then(cursor.seq, record, hash);
                    }
                }
                _ => complete = false,
            }
        }
        let end = match end {
            Some(end) if complete && end != cursor => return Err(SessionError::Diverged),
            Some(end) if self.phase == Phase::Live && complete => {
                self.cursor = end;
                Some(end)
            }
            // The relay holds another form of a command than we do: its entries tell.
            Some(_) if self.phase == Phase::Live => {
                return Ok((vec![Event::Accepted { accepted, end: None }], self.pull()));
            }
            _ => None,
        };
        Ok((vec![Event::Accepted { accepted, end }], Vec::new()))
    }
}

impl Goodbye {
    /// Whether signing in again is the way on.
    pub const fn needs_sign_in(&self) -> bool {
        matches!(self.why, Farewell::SignIn)
    }
}

/// Packs commands into as few frames as fit.
#[derive(Default)]
struct Packer {
    frames: Vec<ClientFrame>,
    commands: Vec<PushedCommand>,
    size: usize,
}

impl Packer {
    fn add(&mut self, command: CommandId, changes: impl Iterator<Item = PushedChange>) {
        let mut part = PushedCommand { command, more: false, changes: Vec::new() };
        for change in changes {
            let cost = change.change.len() + CHANGE_OVERHEAD;
            if self.size + cost > PACK_MAX && self.size > 0 {
                if !part.changes.is_empty() {
                    let more = PushedCommand { command, more: true, changes: std::mem::take(&mut part.changes) };
                    self.commands.push(more);
                }
                self.flush();
            }
            self.size += cost;
            part.changes.push(change);
        }
        self.size += CHANGE_OVERHEAD;
        self.commands.push(part);
    }

    fn flush(&mut self) {
        if !self.commands.is_empty() {
            let commands = Block::pack(&std::mem::take(&mut self.commands));
            self.frames.push(ClientFrame::Push(Push { commands }));
        }
        self.size = 0;
    }

    fn finish(mut self) -> Vec<ClientFrame> {
        self.flush();
        self.frames
    }
}
