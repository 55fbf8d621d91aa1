//! One of a crowd: a socket and nothing behind it, so that the relay is what is measured.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use model::{CommandId, DeviceId, UserId};
use sync::wire::{ClientFrame, Hello, Push, PushedChange, PushedCommand, RelayFrame, VERSION};
use sync::{Block, Cursor};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::bench::figure::BenchError;

/// Somebody who is connected.
pub(super) struct Member {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    user: UserId,
    device: DeviceId,
    /// The log's end when they came.
    pub(super) head: u64,
    pub(super) cursor: Cursor,
}

impl Member {
    /// Connects; with the log's end as cursor they are live from then on.
    pub(super) async fn connect(at: SocketAddr, number: usize, cursor: Option<Cursor>) -> Result<Self, BenchError> {
        let (user, device) = names(number);
        let url = format!("ws://{at}/api/v1/sync");
        let (mut socket, _) = tokio_tungstenite::connect_async_with_config(url, None, true).await?;
        let hello = Hello { version: VERSION, schema: 1, token: user.to_string(), device, cursor };
        socket.send(Message::binary(ClientFrame::Hello(hello).encode())).await?;
        let mut member = Self { socket, user, device, head: 0, cursor: Cursor::default() };
        let RelayFrame::Welcome(welcome) = member.frame().await? else {
            return Err(BenchError::Stalled("a welcome"));
        };
        (member.head, member.cursor) = (welcome.head.seq, welcome.head);
        Ok(member)
    }

    pub(super) async fn send(&mut self, message: Message) -> Result<(), BenchError> {
        Ok(self.socket.send(message).await?)
    }

    async fn frame(&mut self) -> Result<RelayFrame, BenchError> {
        while let Some(message) = self.socket.next().await {
            if let Message::Binary(bytes) = message? {
                return Ok(RelayFrame::decode(&bytes)?);
            }
        }
        Err(BenchError::Stalled("a frame"))
    }

    /// Waits until the relay has taken what was sent.
    pub(super) async fn answered(&mut self) -> Result<(), BenchError> {
        loop {
            match self.frame().await? {
                RelayFrame::Ack(_) => return Ok(()),
                RelayFrame::Entries(_) => {}
                _ => return Err(BenchError::Stalled("a change to be taken")),
            }
        }
    }

    /// Waits for an answer to commands; how many they are.
    pub(super) async fn acknowledged(&mut self) -> Result<usize, BenchError> {
        match self.frame().await? {
            RelayFrame::Ack(ack) => Ok(ack.accepted.len()),
            _ => Err(BenchError::Stalled("commands to be taken")),
        }
    }

    /// Waits for entries; their first and last number.
    pub(super) async fn entries(&mut self) -> Result<(u64, u64), BenchError> {
        match self.frame().await? {
            RelayFrame::Entries(entries) => Ok((entries.from, entries.end.seq)),
            _ => Err(BenchError::Stalled("entries")),
        }
    }
}

/// Everybody is somebody else.
fn names(number: usize) -> (UserId, DeviceId) {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&(number as u64).to_be_bytes());
    (UserId::from_bytes(bytes), DeviceId::from_bytes(bytes))
}

/// Makes somebody's changes.
pub(super) struct Author {
    user: UserId,
    device: DeviceId,
    number: usize,
}

impl Author {
    pub(super) const fn new(member: &Member, number: usize) -> Self {
        Self { user: member.user, device: member.device, number }
    }

    /// Pushes of new accounts, a command each.
    pub(super) fn prepare(self, count: usize) -> Vec<Message> {
        (0..count).map(|index| self.create(index)).collect()
    }

    /// Pushes of commands that create many accounts each.
    pub(super) fn prepare_large(self, commands: usize, each: usize) -> Vec<Message> {
        let command = |command: usize| {
            let changes = (0..each).map(|index| self.account(command * each + index)).collect();
            self.push(command, changes)
        };
        (0..commands).map(command).collect()
    }

    fn create(&self, index: usize) -> Message {
        self.push(index, vec![self.account(index)])
    }

    fn account(&self, index: usize) -> PushedChange {
        let name = format!("Account {index} of {}", self.number);
        let draft = model::build::account(&name).with("owner_id", self.user.record());
        let record = draft.reference();
        let actor = ledger::actor_id(self.device, self.user, record.id, 0, b"");
        let author = ledger::Author { actor, at: model::build::now() };
        let change = ledger::Document::create(record, &draft.fields, &author).map(|(_, change)| change.bytes);
        PushedChange { record, change: change.expect("an account with a name and an owner is sound") }
    }

    fn push(&self, index: usize, changes: Vec<PushedChange>) -> Message {
        let mut command = *self.device.as_bytes();
        command[..8].copy_from_slice(&(index as u64).to_be_bytes());
        let command = PushedCommand { command: CommandId::from_bytes(command), more: false, changes };
        Message::binary(ClientFrame::Push(Push { commands: Block::pack(&[command]) }).encode())
    }
}
