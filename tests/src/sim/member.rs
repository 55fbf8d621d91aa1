//! One member of the team: a replica on a device, its part of the network, and what it was promised.

use std::path::PathBuf;

use model::action::Action;
use model::app::{Done, Request, Trouble, Update};
use model::{CommandId, Record, RecordRef, UserId};
use replica::{Input, Output, Replica};
use store::Store;

use super::dice::{Nature, OneEnv};

/// A replica on a device.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) user: UserId,
    pub(crate) replica: Replica,
    pub(crate) path: PathBuf,
    pub(crate) env: OneEnv,
    /// What the replica asked of its shell and has not got yet.
    pub(crate) wants: Vec<Output>,
    /// Commands the replica said were committed, with what they touched.
    pub(crate) promised: Vec<(CommandId, Vec<RecordRef>)>,
    /// Refused commands that the person has taken from the tray, with the relay's code.
    pub(crate) settled: Vec<(CommandId, String)>,
    /// The current connection's number.
    pub(crate) conn: Option<u64>,
    /// Not reachable.
    pub(crate) cut_off: bool,
    requests: u64,
}

impl Member {
    pub(crate) fn new(name: String, user: UserId, path: PathBuf, nature: &Nature, skew_millis: i64) -> Self {
        let mut env = nature.for_one(skew_millis);
        let replica = open(&path, &mut env);
        Self {
            name,
            user,
            replica,
            path,
            env,
            wants: Vec::new(),
            promised: Vec::new(),
            settled: Vec::new(),
            conn: None,
            cut_off: false,
            requests: 0,
        }
    }

    /// The process dies and starts again on the same disk.
    pub(crate) fn crash(&mut self) {
        self.wants.clear();
        self.conn = None;
        // The old connection to the file is closed before a new one is opened, as when a process dies.
        let nowhere = Store::open_in_memory().expect("memory can be opened");
        self.replica = Replica::open(nowhere, &mut self.env).expect("an empty store can be opened");
        self.replica = open(&self.path, &mut self.env);
    }

    pub(crate) fn input(&mut self, input: Input) -> Vec<Update> {
        let mut outputs = self.replica.handle(&mut self.env, input);
        outputs.extend(self.replica.flush(&self.env));
        let mut updates = Vec::new();
        for output in outputs {
            match output {
                Output::ToUi { update, .. } => updates.push(*update),
                output => self.wants.push(output),
            }
        }
        updates
    }

    /// Does something as a person; remembers what was promised.
    pub(crate) fn act(&mut self, action: Action) -> Result<Done, Trouble> {
        self.requests += 1;
        let id = self.requests;
        let updates = self.input(Input::FromUi { client: 1, request: Request::Do(id, action) });
        let done = updates.into_iter().find_map(|update| match update {
            Update::Done(of, done) if of == id => Some(done),
            _ => None,
        });
        let done = done.expect("every action is answered");
        if let Ok(Done { command: Some(command), records, .. }) = &done {
            self.promised.push((*command, records.clone()));
        }
        done
    }

    /// Does something about a refused command; notes whether it has left the tray.
    pub(crate) fn settle(&mut self, command: CommandId, request: Request) {
        let find = |member: &Self| member.replica.store().refused_command(command).expect("the store can be read");
        let before = find(self);
        self.input(Input::FromUi { client: 1, request });
        if let (Some(row), None) = (before, find(self)) {
            self.settled.push((command, row.code));
        }
    }

    pub(crate) fn records(&self, kind: model::Kind) -> Vec<Record> {
        self.replica.store().records(kind, None, 10_000).expect("records can be read")
    }
}

fn open(path: &std::path::Path, env: &mut OneEnv) -> Replica {
    let store = Store::open(path).expect("the store can be opened");
    Replica::open(store, env).expect("the replica can be opened")
}
