//! Between REST and clients over real sockets.

use std::time::Duration;

use ledger::{Author, Document, actor_id};
use model::build::{self, Draft};
use model::settings::SETTINGS_ID;
use model::{CommandId, FieldChanges, Kind, OwnField, RecordRef, UserId};
use serde_json::json;
use sync::Block;
use sync::wire::{ClientFrame, Entry, Pull, Push, PushedChange, PushedCommand, RelayFrame};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestSocket, device_id};
use crate::team::{BENS_DEVICE, Member, Team, id};

fn push(record: RecordRef, change: Vec<u8>) -> Message {
    let mut name = [7; 16];
    name[..8].copy_from_slice(&change[change.len() - 8..]);
    let changes = vec![PushedChange { record, change }];
    let command = PushedCommand { command: CommandId::from_bytes(name), more: false, changes };
    Message::binary(ClientFrame::Push(Push { commands: Block::pack(&[command]) }).encode())
}

fn author(who: &Member, device: u8, record: RecordRef) -> Author {
    let user: UserId = who.id.parse().unwrap();
    Author { actor: actor_id(device_id(device), user, record.id, 0, b""), at: build::now() }
}

/// Writes offline, then connects and pushes; returns when the relay has taken it.
async fn push_offline(team: &Team, who: &Member, device: u8, draft: &Draft) {
    let record = draft.reference();
    let (_, change) = Document::create(record, &draft.fields, &author(who, device, record)).unwrap();
    let mut socket = team.relay.connect_as(&who.session, device).await;
    socket.send(push(record, change.bytes)).await;
    await_ack(&mut socket).await;
}

async fn await_ack(socket: &mut TestSocket) {
    loop {
        match socket.frame().await {
            RelayFrame::Ack(_) => return,
            RelayFrame::Nack(nack) => panic!("{nack:?}"),
            _ => {}
        }
    }
}

/// Turns the workspace's option on, as an administrator's client does.
pub(crate) async fn only_owners_edit(team: &Team) {
    change_settings(team, [("only_owners_edit".to_owned(), Some(true.into()))].into(), 0).await;
}

/// Defines a field of the workspace's own, as an administrator's client does.
pub(crate) async fn define(team: &Team, field: &OwnField) {
    let changes: FieldChanges = field.fields().into_iter().map(|(key, value)| (key, Some(value))).collect();
    // Each definition is a writer of its own here, which knows of no other.
    let epoch = field.key.bytes().map(u32::from).sum();
    change_settings(team, changes, epoch).await;
}

async fn change_settings(team: &Team, changes: FieldChanges, epoch: u32) {
    let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
    let (mut settings, _) = Document::settings_genesis();
    let user: UserId = team.ada.id.parse().unwrap();
    let actor = actor_id(device_id(1), user, record.id, epoch, b"");
    let author = Author { actor, at: build::now() };
    let change = settings.edit(&changes, &[], &author, &author).unwrap().unwrap();
    let mut socket = team.relay.connect_as(&team.ada.session, 1).await;
    socket.send(push(record, change.bytes)).await;
    await_ack(&mut socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_wrote_offline_is_in_rest_as_soon_as_it_has_synced() {
    let team = Team::new().await;
    let ben: UserId = team.ben.id.parse().unwrap();
    let draft = build::account("Offline Inc").owned_by(ben);
    push_offline(&team, &team.ben, BENS_DEVICE, &draft).await;

    let list = team.get("/accounts?q=offline", &team.cat).await.body;

    assert_eq!(list["total"], 1, "{list}");
    let history = team.get(&format!("/accounts/{}/history", id(&list["items"][0])), &team.cat).await.body;
    assert_eq!((&history["items"][0]["via"], &history["items"][0]["device_name"]), (&json!("app"), &json!("phone")));
}

/// A client that has everything up to now.
async fn live(team: &Team, who: &Member, device: u8) -> TestSocket {
    let mut socket = team.relay.connect_as(&who.session, device).await;
    let mut after = 0;
    loop {
        socket.send(Message::binary(ClientFrame::Pull(Pull { after }).encode())).await;
        let RelayFrame::Entries(entries) = socket.frame().await else { continue };
        after = entries.end.seq;
        if after == entries.head {
            return socket;
        }
    }
}

async fn entries_about(socket: &mut TestSocket, kind: Kind) -> Vec<Entry> {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(10), socket.frame()).await.unwrap();
        let RelayFrame::Entries(entries) = frame else { continue };
        let mut found = entries.open(|_| None).unwrap();
        found.retain(|entry| entry.record.kind == kind);
        if !found.is_empty() {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rest_writes_reaches_a_connected_client_at_once_as_that_persons_change() {
    let team = Team::new().await;
    let mut socket = live(&team, &team.ben, BENS_DEVICE).await;

    let lead = team.made("/leads", &team.ada, json!({"title": "From a script"})).await;

    let entries = entries_about(&mut socket, Kind::Lead).await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(entry.record.id.to_string(), id(&lead));
    assert_eq!(entry.proof.user.to_string(), team.ada.id);
    let document = Document::from_changes(entry.record, [entry.change.as_slice()]).unwrap();
    assert_eq!(document.read().0.text("title"), "From a script");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_and_rest_edit_one_record_and_both_edits_stand() {
    let team = Team::new().await;
    let lead = team.made("/leads", &team.ben, json!({"title": "Deal"})).await;
    let mut socket = live(&team, &team.ben, BENS_DEVICE).await;
    let path = format!("/leads/{}", id(&lead));
    team.patch(&path, &team.ada, json!({"source": "Event"})).await;
    let record = RecordRef::new(Kind::Lead, id(&lead).parse().unwrap());

    // The client has not seen the change: it writes on what it has.
    let history = team.get(&format!("{path}/history?page_size=200"), &team.ada).await.body;
    let entries = entries_about(&mut socket, Kind::Lead).await;
    let first = {
        let mut fresh = live_entries(&team, record).await;
        fresh.truncate(1);
        fresh
    };
    let mut document = Document::from_changes(record, first.iter().map(Vec::as_slice)).unwrap();
    let author = author(&team.ben, BENS_DEVICE, record);
    let changes = FieldChanges::from([("title".to_owned(), Some("Big deal".into()))]);
    let change = document.edit(&changes, &[], &author, &author).unwrap().unwrap();
    socket.send(push(record, change.bytes)).await;
    await_ack(&mut socket).await;

    let merged = team.get(&path, &team.cat).await.body;
    assert_eq!((&merged["title"], &merged["source"]), (&json!("Big deal"), &json!("Event")), "{history} {entries:?}");
}

/// The changes of a record as the relay hands them to a client without anything.
async fn live_entries(team: &Team, record: RecordRef) -> Vec<Vec<u8>> {
    let mut socket = team.relay.connect_as(&team.cat.session, 3).await;
    socket.send(Message::binary(ClientFrame::Pull(Pull { after: 0 }).encode())).await;
    loop {
        let RelayFrame::Entries(entries) = socket.frame().await else { continue };
        let found = entries.open(|_| None).unwrap();
        return found.into_iter().filter(|entry| entry.record == record).map(|entry| entry.change).collect();
    }
}
