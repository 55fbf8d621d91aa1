//! Clients and a relay in one thread with a pipe in memory between them, so that each side's time can be told from
//! the other's.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use model::action::Action;
use model::app::{Done, Request, Update};
use model::{DeviceId, FieldChanges, IdSource as _, UserId, WorkspaceId};
use replica::{ConnectionState, Input, Output, Replica};
use serde_json::json;
use store::Store;
use sync_server::domain::{ConnId, Input as RelayInput, Output as RelayOutput, Relay, Write};
use sync_server::hub::{GROUP_BYTES_MAX, GROUP_INPUTS_MAX};
use sync_server::store::{Authorship, SqliteStore};

use super::figure::{BenchError, Took, timed};
use super::relay_side::Env;

/// The interface that asks.
pub(crate) const ME: u64 = 1;
/// Tokens outlive every run.
const TOKEN_SECS: u32 = 86_400;

/// A replica on a device.
pub(crate) struct Device {
    pub(crate) replica: Replica,
    pub(crate) env: Env,
    pub(crate) user: UserId,
    /// The client's share of what was done.
    pub(crate) spent: Took,
    workspace: WorkspaceId,
    path: PathBuf,
    wants: VecDeque<Output>,
    conn: Option<ConnId>,
}

impl Device {
    /// Opens what lies at `path`.
    pub(crate) fn open(path: PathBuf, user: UserId, workspace: WorkspaceId, seed: u64) -> Result<Self, BenchError> {
        let mut env = Env::new(seed);
        let replica = open(&path, &mut env)?;
        let (spent, wants) = (Took::default(), VecDeque::new());
        Ok(Self { replica, env, user, spent, workspace, path, wants, conn: None })
    }

    /// Closes the file and opens it again; says how long opening took.
    pub(crate) fn reopen(&mut self) -> Result<Took, BenchError> {
        self.wants.clear();
        let nowhere = Store::open_in_memory()?;
        self.replica = Replica::open(nowhere, &mut self.env)?;
        let (replica, took) = timed(|| open(&self.path, &mut self.env));
        self.replica = replica?;
        Ok(took)
    }

    /// Hands one input over, works out what is watched, and returns the news for the interface.
    pub(crate) fn input(&mut self, input: Input) -> Vec<Update> {
        self.inputs([input])
    }

    /// Hands inputs over that came at once.
    pub(crate) fn inputs(&mut self, inputs: impl IntoIterator<Item = Input>) -> Vec<Update> {
        let (outputs, took) = timed(|| {
            let mut outputs = Vec::new();
            for input in inputs {
                outputs.extend(self.replica.handle(&mut self.env, input));
            }
            outputs.extend(self.replica.flush(&self.env));
            outputs
        });
        self.spent += took;
        let mut updates = Vec::new();
        for output in outputs {
            match output {
                Output::ToUi { update, .. } => updates.push(*update),
                output => self.wants.push_back(output),
            }
        }
        updates
    }

    /// Does something as a person.
    pub(crate) fn act(&mut self, action: Action) -> Result<Done, BenchError> {
        let updates = self.input(Input::FromUi { client: ME, request: Request::Do(0, action) });
        let done =
            updates.into_iter().find_map(|update| if let Update::Done(_, done) = update { Some(done) } else { None });
        Ok(done.ok_or(BenchError::Stalled("an action"))??)
    }

    /// Asks to join the team; nothing is sent before the next exchange.
    pub(crate) fn join(&mut self, server: &str) {
        let (email, password) = (self.user.to_string(), "irrelevant here".to_owned());
        self.input(Input::FromUi { client: ME, request: Request::JoinTeam { server: server.into(), email, password } });
    }

    /// The answer to signing in: the token is the user's id.
    pub(crate) fn tokens(&self, id: u64) -> Input {
        let body = json!({
            "access_token": self.user,
            "refresh_token": "again",
            "expires_in": TOKEN_SECS,
            "user": { "id": self.user, "name": "Bench", "email": "bench@example.org", "role": "admin" },
            "workspace_id": self.workspace,
        });
        Input::HttpAnswered { id, status: Ok(200), body: body.to_string().into_bytes() }
    }

    /// Bytes of the token that this device says hello with.
    pub(crate) fn token_bytes(&self) -> u64 {
        self.user.to_string().len() as u64
    }

    /// Looks through everything that a bootstrap brought.
    pub(crate) fn finish_checks(&mut self) {
        while !self.replica.is_checked() {
            self.input(Input::Wake);
        }
    }

    fn is_due(&self) -> bool {
        // Checking what a bootstrap brought is not the network's affair.
        self.replica.is_checked() && self.replica.next_wake().is_some_and(|at| at <= self.env.now())
    }
}

fn open(path: &Path, env: &mut Env) -> Result<Replica, BenchError> {
    Ok(Replica::open(Store::open(path)?, env)?)
}

/// A relay at the other end of the pipe.
pub(crate) struct Pipe {
    pub(crate) relay: Relay<SqliteStore>,
    pub(crate) env: Env,
    pub(crate) path: PathBuf,
    /// The relay's share of what was done.
    pub(crate) spent: Took,
    /// Transactions' worth of frames that the relay has handled.
    pub(crate) groups: u64,
    next_conn: u64,
}

impl Pipe {
    /// Opens a relay in `folder`.
    pub(crate) fn open(folder: &Path, seed: u64) -> Result<Self, BenchError> {
        let mut env = Env::new(seed);
        let path = folder.join("relay.db");
        let relay = Relay::open(SqliteStore::open(&path)?, &mut env)?;
        Ok(Self { relay, env, path, spent: Took::default(), groups: 0, next_conn: 1 })
    }

    /// Adds somebody to the directory.
    pub(crate) fn add_user(&mut self) -> Result<UserId, BenchError> {
        let user = UserId(self.env.fresh_uuid());
        let fields = [
            ("name".to_owned(), Some("Bench".into())),
            ("email".to_owned(), Some("bench@example.org".into())),
            ("role".to_owned(), Some("admin".into())),
        ];
        let by = Authorship { user, device: DeviceId::from_bytes([9; 16]) };
        self.relay.write_as(&mut self.env, by, vec![Write::user(user, FieldChanges::from(fields))])?;
        Ok(user)
    }

    /// Closes the relay and opens it again, which folds its write-ahead log into the file.
    pub(crate) fn reopen(&mut self) -> Result<(), BenchError> {
        let nowhere = self.path.with_extension("nowhere");
        self.relay = Relay::open(SqliteStore::open(&nowhere)?, &mut self.env)?;
        self.relay = Relay::open(SqliteStore::open(&self.path)?, &mut self.env)?;
        Ok(())
    }

    /// Gives the relay the idle moments in which it makes later answers faster.
    pub(crate) fn idle(&mut self) {
        while self.relay.warm_up() {}
    }

    /// Ends a device's connection.
    pub(crate) fn hang_up(&mut self, device: &mut Device) {
        if let Some(conn) = device.conn.take() {
            self.relay.disconnect(conn);
        }
    }

    /// Carries everything to and fro until nobody has anything left to say.
    pub(crate) fn settle(&mut self, devices: &mut [&mut Device]) -> Result<Vec<Update>, BenchError> {
        let mut updates = Vec::new();
        loop {
            let (frames, went) = self.collect(devices, &mut updates);
            if frames.is_empty() && !went {
                let Some(due) = devices.iter_mut().find(|device| device.is_due()) else { break };
                updates.extend(due.input(Input::Wake));
                continue;
            }
            for outputs in self.serve(frames)? {
                updates.extend(self.deliver(outputs, devices));
            }
        }
        for device in devices {
            match device.replica.connection()? {
                ConnectionState::Idle => {}
                state => return Err(BenchError::Restless(state)),
            }
        }
        Ok(updates)
    }

    /// Does what the devices ask of their shells; returns the frames for the relay and whether anything was done.
    fn collect(
        &mut self,
        devices: &mut [&mut Device],
        updates: &mut Vec<Update>,
    ) -> (VecDeque<(ConnId, Vec<u8>)>, bool) {
        let (mut frames, mut went) = (VecDeque::new(), false);
        for device in devices {
            while let Some(want) = device.wants.pop_front() {
                went = true;
                match want {
                    Output::Send(frame) => frames.extend(device.conn.map(|conn| (conn, frame))),
                    Output::Connect { .. } => {
                        let conn = ConnId(self.next_conn);
                        self.next_conn += 1;
                        self.relay.connect(conn);
                        device.conn = Some(conn);
                        updates.extend(device.input(Input::SocketOpened));
                    }
                    Output::Disconnect => self.hang_up(device),
                    Output::Http { id, .. } => {
                        let tokens = device.tokens(id);
                        updates.extend(device.input(tokens));
                    }
                    Output::ToUi { .. } | Output::File { .. } => {}
                }
            }
        }
        (frames, went)
    }

    /// Has the relay handle frames, in groups as the hub makes them.
    fn serve(
        &mut self,
        mut frames: VecDeque<(ConnId, Vec<u8>)>,
    ) -> Result<Vec<Vec<(ConnId, RelayOutput)>>, BenchError> {
        let mut answers = Vec::new();
        while !frames.is_empty() {
            let (mut group, mut bytes) = (Vec::new(), 0);
            while group.len() < GROUP_INPUTS_MAX && bytes < GROUP_BYTES_MAX {
                let Some((conn, frame)) = frames.pop_front() else { break };
                bytes += frame.len();
                group.push((conn, RelayInput::Frame(frame)));
            }
            let (outputs, took) = timed(|| self.relay.handle(&mut self.env, group));
            self.spent += took;
            self.groups += 1;
            answers.push(outputs?);
        }
        Ok(answers)
    }

    fn deliver(&mut self, outputs: Vec<(ConnId, RelayOutput)>, devices: &mut [&mut Device]) -> Vec<Update> {
        let mut updates = Vec::new();
        for device in devices {
            let mine = outputs.iter().filter(|(conn, _)| device.conn == Some(*conn));
            let inputs: Vec<Input> = mine.map(|(_, output)| input_of(output)).collect();
            if inputs.iter().any(|input| matches!(input, Input::SocketClosed { .. })) {
                self.hang_up(device);
            }
            if !inputs.is_empty() {
                updates.extend(device.inputs(inputs));
            }
        }
        updates
    }
}

fn input_of(output: &RelayOutput) -> Input {
    match output {
        RelayOutput::Frame(frame) => Input::SocketMessage(frame.clone()),
        RelayOutput::Close(why) => Input::SocketClosed { reason: format!("{why:?}") },
    }
}
