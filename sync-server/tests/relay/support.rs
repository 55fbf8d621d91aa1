//! A relay in memory with people who connect to it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Author, Document, NewChange, actor_id};
use model::build::{Draft, SeededIds};
use model::{CommandId, DeviceId, FieldChanges, IdSource, RecordRef, Role, Timestamp, UserId, Value};
use sync::slim::Earlier;
use sync::wire::{
    Accepted, ClientFrame, Entry, Hello, Nack, Proof, Push, PushedChange, PushedCommand, RelayFrame, VERSION, Welcome,
};
use sync::{Block, Cursor};
use sync_server::domain::{ConnId, Input, Output, Rejected, Relay, RelayEnv, Session, Stopwatch};
use sync_server::store::{LogStore, MemoryStore};

/// Somebody with a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
}

pub(crate) const ADA: Person = person(1, 1);
/// Ada's other device.
pub(crate) const ADA_PHONE: Person = person(1, 2);
pub(crate) const BEN: Person = person(2, 3);
pub(crate) const CAT: Person = person(3, 4);

const fn person(user: u8, device: u8) -> Person {
    Person { user: UserId::from_bytes([user; 16]), device: DeviceId::from_bytes([device; 16]) }
}

/// Time and chance from a seed; a token is its user's id, unless it is no longer good.
pub(crate) struct StubEnv {
    pub(crate) ids: SeededIds,
    pub(crate) roles: BTreeMap<UserId, Role>,
    pub(crate) rejected: BTreeSet<UserId>,
    /// What the directory has to say of people, where it has to say anything.
    pub(crate) listed: BTreeMap<UserId, FieldChanges>,
}

impl StubEnv {
    pub(crate) fn new(seed: u64) -> Self {
        Self { ids: SeededIds::new(seed), roles: BTreeMap::new(), rejected: BTreeSet::new(), listed: BTreeMap::new() }
    }
}

impl IdSource for StubEnv {
    fn now(&self) -> Timestamp {
        self.ids.now()
    }

    fn random(&mut self) -> [u8; 10] {
        self.ids.random()
    }
}

impl RelayEnv for StubEnv {
    fn authenticate(&mut self, token: &str, device: DeviceId) -> Result<Session, Rejected> {
        let user: UserId = token.parse().map_err(|_| Rejected::SignIn)?;
        if self.rejected.contains(&user) {
            return Err(Rejected::Disabled);
        }
        let role = self.roles.get(&user).copied().unwrap_or(Role::User);
        Ok(Session { user, device, role, sign_in: *user.as_bytes() })
    }

    fn role_now(&mut self, session: &Session) -> Result<Role, Rejected> {
        if self.rejected.contains(&session.user) {
            return Err(Rejected::Disabled);
        }
        Ok(self.roles.get(&session.user).copied().unwrap_or(Role::User))
    }

    fn listed(&mut self, user: UserId) -> Option<FieldChanges> {
        self.listed.get(&user).cloned()
    }
}

/// A relay and what it has sent.
pub(crate) struct World<S = MemoryStore> {
    pub(crate) relay: Relay<S>,
    pub(crate) env: StubEnv,
    inbox: BTreeMap<ConnId, Vec<RelayFrame>>,
    pub(crate) closed: BTreeSet<ConnId>,
    next_conn: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::on(MemoryStore::new())
    }
}

impl<S: LogStore> World<S> {
    pub(crate) fn on(store: S) -> Self {
        Self::seeded(store, 1)
    }

    pub(crate) fn seeded(store: S, seed: u64) -> Self {
        let mut env = StubEnv::new(seed);
        let relay = Relay::open(store, &mut env).expect("a sound store opens");
        Self { relay, env, inbox: BTreeMap::new(), closed: BTreeSet::new(), next_conn: 1 }
    }

    /// Holds changes to the time budget, by this watch.
    pub(crate) fn timed_by(self, stopwatch: Stopwatch) -> Self {
        Self { relay: self.relay.timed_by(stopwatch), ..self }
    }

    /// Connects without a word.
    pub(crate) fn dial(&mut self) -> ConnId {
        let conn = ConnId(self.next_conn);
        self.next_conn += 1;
        self.relay.connect(conn);
        conn
    }

    /// Connects and says hello.
    pub(crate) fn connect(&mut self, who: Person, cursor: Option<Cursor>) -> (ConnId, Welcome) {
        let conn = self.dial();
        let frames = self.send(conn, ClientFrame::Hello(hello(who, cursor)));
        let [RelayFrame::Welcome(welcome)] = frames.as_slice() else { panic!("not welcome: {frames:?}") };
        (conn, welcome.clone())
    }

    /// Connects with everything up to now, so that the connection is live.
    pub(crate) fn connect_live(&mut self, who: Person) -> ConnId {
        let head = self.relay.head();
        self.connect(who, Some(head)).0
    }

    /// Sends a frame and returns what this connection hears.
    pub(crate) fn send(&mut self, conn: ConnId, frame: ClientFrame) -> Vec<RelayFrame> {
        self.send_group(vec![(conn, frame)]);
        self.hear(conn)
    }

    /// Sends frames of several connections as one group.
    pub(crate) fn send_group(&mut self, frames: Vec<(ConnId, ClientFrame)>) {
        let inputs = frames.into_iter().map(|(conn, frame)| (conn, Input::Frame(frame.encode()))).collect();
        self.input(inputs);
    }

    pub(crate) fn input(&mut self, inputs: Vec<(ConnId, Input)>) {
        let outputs = self.relay.handle(&mut self.env, inputs).expect("the store works");
        self.sort(outputs);
    }

    /// Puts outputs into the inboxes.
    pub(crate) fn sort(&mut self, outputs: Vec<(ConnId, Output)>) {
        for (conn, output) in outputs {
            match output {
                Output::Frame(bytes) => {
                    let frame = RelayFrame::decode(&bytes).expect("the relay sends valid frames");
                    self.inbox.entry(conn).or_default().push(frame);
                }
                Output::Close(_) => drop(self.closed.insert(conn)),
            }
        }
    }

    /// What a connection has been sent since last asked.
    pub(crate) fn hear(&mut self, conn: ConnId) -> Vec<RelayFrame> {
        self.inbox.remove(&conn).unwrap_or_default()
    }

    /// Pushes commands.
    pub(crate) fn push(&mut self, conn: ConnId, commands: Vec<PushedCommand>) -> Vec<RelayFrame> {
        self.send(conn, push(commands))
    }

    /// Pushes one command that has to be taken.
    pub(crate) fn push_ok(&mut self, conn: ConnId, command: PushedCommand) -> Accepted {
        let frames = self.push(conn, vec![command]);
        match answers(&frames).as_slice() {
            [RelayFrame::Ack(ack)] if ack.accepted.len() == 1 => ack.accepted[0].clone(),
            _ => panic!("not accepted: {frames:?}"),
        }
    }

    /// Pushes one command that has to be refused.
    pub(crate) fn push_refused(&mut self, conn: ConnId, command: PushedCommand) -> Nack {
        let frames = self.push(conn, vec![command]);
        match answers(&frames).as_slice() {
            [RelayFrame::Nack(nack)] => nack.clone(),
            _ => panic!("not refused: {frames:?}"),
        }
    }

    /// Has somebody create a record; returns its document.
    pub(crate) fn create(&mut self, who: Person, draft: &Draft) -> Document {
        let (document, change) = created(who, draft);
        let conn = self.connect_live(who);
        self.push_ok(conn, command(command_id(change.hash.0[0], change.hash.0[1]), [(&document, &change)]));
        self.relay.disconnect(conn);
        document
    }

    /// All entries of the log.
    pub(crate) fn log(&mut self) -> Vec<sync_server::store::LogEntry> {
        let mut entries = Vec::new();
        let read = self.relay.store_mut().entries_after(0, &mut |entry| {
            entries.push(entry);
            true
        });
        read.expect("the log can be read");
        entries
    }
}

pub(crate) fn hello(who: Person, cursor: Option<Cursor>) -> Hello {
    Hello { version: VERSION, schema: 1, token: who.user.to_string(), device: who.device, cursor }
}

pub(crate) fn push(commands: Vec<PushedCommand>) -> ClientFrame {
    ClientFrame::Push(Push { commands: Block::pack(&commands) })
}

/// A command's id that tests can tell apart.
pub(crate) fn command_id(high: u8, low: u8) -> CommandId {
    let mut bytes = [0; 16];
    (bytes[0], bytes[1]) = (high, low);
    CommandId::from_bytes(bytes)
}

pub(crate) fn author(who: Person, record: RecordRef) -> Author {
    Author { actor: actor_id(who.device, who.user, record.id, 0, b""), at: model::build::now() }
}

/// The document of a record that somebody has just created.
pub(crate) fn created(who: Person, draft: &Draft) -> (Document, NewChange) {
    let record = draft.reference();
    Document::create(record, &draft.fields, &author(who, record)).expect("builders make valid records")
}

/// An edit by somebody on their copy.
pub(crate) fn edited(who: Person, document: &mut Document, key: &str, value: impl Into<Value>) -> NewChange {
    let author = author(who, document.record());
    let changes = FieldChanges::from([(key.to_owned(), Some(value.into()))]);
    document.edit(&changes, &[], &author, &author).expect("a valid edit").expect("something changes")
}

pub(crate) fn command<'a>(
    id: CommandId,
    changes: impl IntoIterator<Item = (&'a Document, &'a NewChange)>,
) -> PushedCommand {
    let pushed = |(document, change): (&Document, &NewChange)| PushedChange {
        record: document.record(),
        change: change.bytes.clone(),
    };
    PushedCommand { command: id, more: false, changes: changes.into_iter().map(pushed).collect() }
}

/// The frames beside what others did meanwhile.
fn answers(frames: &[RelayFrame]) -> Vec<&RelayFrame> {
    frames.iter().filter(|frame| !matches!(frame, RelayFrame::Entries(_))).collect()
}

/// Words that don't compress away.
pub(crate) fn noise(seed: u64, length: usize) -> String {
    let mut dice = model::build::Dice::new(seed);
    (0..length).map(|_| char::from(b'!' + u8::try_from(dice.below(90)).unwrap_or(0))).collect()
}

/// The entries that frames carry, for somebody who has nothing yet.
pub(crate) fn entries_in(frames: &[RelayFrame]) -> Vec<Entry> {
    entries_after(&[], frames)
}

/// The entries that frames carry, for somebody who holds a record with these proofs.
pub(crate) fn entries_after(held: &[(RecordRef, Proof)], frames: &[RelayFrame]) -> Vec<Entry> {
    let known = |seq| {
        let (record, proof) = held.iter().find(|(_, proof)| proof.seq == seq)?;
        Some(Earlier { seq, record: *record, hash: proof.hash, actor: proof.actor })
    };
    let entries = frames.iter().filter_map(|frame| match frame {
        RelayFrame::Entries(entries) => Some(entries.open(known).expect("the relay packs valid blocks")),
        _ => None,
    });
    entries.flatten().collect()
}
