//! One replica in memory, and what its shell would be told.

use model::action::Action;
use model::app::{Done, Request, Trouble, Update};
use model::build::SeededIds;
use model::{CommandId, Fields, IdSource, Kind, Record, RecordRef, Value};
use replica::{Input, Output, Replica};
use store::{Store, StoredDocument};
use sync::wire::{
    Accepted, Ack, ClientFrame, PushedCommand, RelayFrame, Resume, SnapshotDocument, SnapshotPage, Welcome,
    change_check,
};
use sync::{Cursor, Receipt};

pub(crate) struct Desk {
    pub(crate) replica: Replica,
    pub(crate) env: SeededIds,
    pub(crate) outputs: Vec<Output>,
    pub(crate) updates: Vec<Update>,
    /// The end of the relay's log.
    relay_end: Cursor,
}

impl Desk {
    /// Somebody who works alone.
    pub(crate) fn alone() -> Self {
        let mut env = SeededIds::new(7);
        let store = Store::open_in_memory().unwrap();
        let replica = Replica::open(store, &mut env).unwrap();
        let mut desk = Self { replica, env, outputs: Vec::new(), updates: Vec::new(), relay_end: Cursor::default() };
        desk.ask(Request::StartSolo { name: "Ada".into() });
        desk
    }

    pub(crate) fn input(&mut self, input: Input) {
        let mut outputs = self.replica.handle(&mut self.env, input);
        outputs.extend(self.replica.flush(&self.env));
        for output in outputs {
            match output {
                Output::ToUi { update, .. } => self.updates.push(*update),
                output => self.outputs.push(output),
            }
        }
    }

    pub(crate) fn ask(&mut self, request: Request) {
        self.input(Input::FromUi { client: 1, request });
    }

    pub(crate) fn act(&mut self, action: Action) -> Result<Done, Trouble> {
        self.updates.clear();
        self.ask(Request::Do(1, action));
        let done = self.updates.iter().find_map(|update| match update {
            Update::Done(1, done) => Some(done.clone()),
            _ => None,
        });
        done.expect("every action is answered")
    }

    /// Creates a lead and returns it with its command.
    pub(crate) fn create_lead(&mut self, title: &str) -> (RecordRef, Done) {
        let record = RecordRef::new(Kind::Lead, self.env.fresh_record_id());
        let fields = Fields::from([("title".to_owned(), title.into())]);
        let done = self.act(Action::Create { record, fields }).unwrap();
        (record, done)
    }

    pub(crate) fn set(&mut self, record: RecordRef, key: &str, value: Value) -> Done {
        let fields = [(key.to_owned(), Some(value))].into();
        self.act(Action::SetFields { record, base_heads: Vec::new(), fields }).unwrap()
    }

    pub(crate) fn record(&self, record: RecordRef) -> Option<Record> {
        self.replica.record(record).unwrap()
    }

    /// Joins a team on a relay that holds nothing new, and is welcomed there.
    pub(crate) fn join(&mut self) {
        let (server, email) = ("http://relay.test".into(), "ada@example.org".into());
        self.ask(Request::JoinTeam { server, email, password: "irrelevant here".into() });
        let body = serde_json::json!({
            "access_token": "token", "refresh_token": "again", "expires_in": 600,
            "user": { "id": "00000000-0000-7000-8000-000000000001", "name": "Ada", "email": "ada@example.org", "role": "user" },
            "workspace_id": "00000000-0000-7000-8000-000000000002",
        });
        self.input(Input::HttpAnswered { id: 1, status: Ok(200), body: serde_json::to_vec(&body).unwrap() });
        self.outputs.clear();
        self.welcome_again();
    }

    /// The socket opens, and the relay has nothing new for this device.
    pub(crate) fn welcome_again(&mut self) {
        self.welcome(Resume::Live);
    }

    /// The socket opens, and the relay knows this device.
    pub(crate) fn welcome(&mut self, resume: Resume) {
        self.input(Input::Wake);
        self.welcome_with(resume);
    }

    /// The same for a socket that was being opened already.
    pub(crate) fn welcome_with(&mut self, resume: Resume) {
        self.input(Input::SocketOpened);
        self.outputs.clear();
        self.hear(RelayFrame::Welcome(Welcome {
            version: 1,
            workspace: "00000000-0000-7000-8000-000000000002".parse().unwrap(),
            user: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
            role: "user".into(),
            head: Cursor::default(),
            resume,
            now: self.env.now(),
        }));
    }

    /// The relay takes commands as they are.
    pub(crate) fn acknowledge(&mut self, commands: &[CommandId]) {
        let accepted = commands.iter().map(|id| {
            let command = self.replica.store().command(*id).unwrap().expect("it waits");
            let hashes = command.changes.iter().map(|change| &change.hash);
            Accepted {
                command: *id,
                first_seq: 1,
                received_at: self.env.now(),
                receipts: vec![Receipt::default(); command.changes.len()],
                check: change_check(hashes),
            }
        });
        let accepted = accepted.collect();
        self.hear(RelayFrame::Ack(Ack { accepted, end: None }));
    }

    /// The relay's snapshot holds this one document, or what it takes for one.
    pub(crate) fn hear_page(&mut self, record: RecordRef, saved: Vec<u8>, row: Vec<u8>) {
        let (heads, proofs) = (Vec::new(), Vec::new());
        let document =
            SnapshotDocument { record, saved, heads, row, stage_entered_at: None, conflicted: false, proofs };
        let documents = SnapshotPage::pack(&[document]);
        self.hear(RelayFrame::SnapshotPage(SnapshotPage { as_of: Cursor::default(), total: 1, last: true, documents }));
    }

    /// The relay's snapshot holds this one document.
    pub(crate) fn hear_snapshot(&mut self, stored: &StoredDocument) {
        let document = ledger::Document::load(stored.record, &stored.confirmed, &stored.confirmed_heads).unwrap();
        let document = SnapshotDocument {
            record: stored.record,
            saved: document.save(),
            heads: document.heads(),
            row: sync::row::encode(&document.read().0.fields),
            stage_entered_at: None,
            conflicted: false,
            proofs: Vec::new(),
        };
        let documents = SnapshotPage::pack(&[document]);
        self.hear(RelayFrame::SnapshotPage(SnapshotPage { as_of: Cursor::default(), total: 1, last: true, documents }));
    }

    pub(crate) fn hear(&mut self, frame: RelayFrame) {
        self.input(Input::SocketMessage(frame.encode()));
    }

    /// The frames sent since this was asked the last time.
    pub(crate) fn sent(&mut self) -> Vec<ClientFrame> {
        let outputs = std::mem::take(&mut self.outputs);
        let frames = outputs.iter().filter_map(|output| match output {
            Output::Send(bytes) => ClientFrame::decode(bytes).ok(),
            _ => None,
        });
        frames.collect()
    }

    /// The commands pushed since this was asked the last time.
    pub(crate) fn pushed(&mut self) -> Vec<PushedCommand> {
        let mut commands = Vec::new();
        for output in std::mem::take(&mut self.outputs) {
            if let Output::Send(bytes) = output
                && let Ok(ClientFrame::Push(push)) = ClientFrame::decode(&bytes)
            {
                commands.extend(push.commands.open().unwrap());
            }
        }
        commands
    }

    /// The relay accepts everything that is pushed, until nothing is.
    pub(crate) fn accept_all(&mut self) {
        loop {
            let mut commands = Vec::new();
            self.outputs.retain(|output| match output {
                Output::Send(bytes) => {
                    if let Ok(ClientFrame::Push(push)) = ClientFrame::decode(bytes) {
                        commands.extend(push.commands.open().unwrap());
                    }
                    false
                }
                _ => true,
            });
            if commands.is_empty() {
                return;
            }
            let accepted = commands.iter().map(|command| self.log(command)).collect();
            let end = Some(self.relay_end);
            self.hear(RelayFrame::Ack(Ack { accepted, end }));
        }
    }

    /// The relay writes a command into its log.
    fn log(&mut self, command: &PushedCommand) -> Accepted {
        let first_seq = self.relay_end.seq + 1;
        let mut hashes = Vec::new();
        for pushed in &command.changes {
            let hash = ledger::guard::inspect(&pushed.change).unwrap().hash;
            self.relay_end.seq += 1;
            self.relay_end.digest = self.relay_end.digest.then(self.relay_end.seq, pushed.record.id, hash);
            hashes.push(hash);
        }
        Accepted {
            command: command.command,
            first_seq,
            received_at: self.env.now(),
            receipts: vec![sync::Receipt::default(); hashes.len()],
            check: change_check(&hashes),
        }
    }

    /// The same store in a new process.
    pub(crate) fn restarted(self) -> Self {
        let Self { replica, mut env, relay_end, .. } = self;
        let replica = Replica::open(replica.into_store(), &mut env).unwrap();
        Self { replica, env, outputs: Vec::new(), updates: Vec::new(), relay_end }
    }

    pub(crate) fn advance(&mut self, millis: i64) {
        self.env.set_now(self.env.now().plus_millis(millis));
    }
}
