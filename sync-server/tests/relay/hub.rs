//! The thread around the core.

use model::{FieldChanges, Role, build};
use sync::wire::{ClientFrame, Farewell, RelayFrame};
use sync_server::domain::{Output, Relay, RightsChange, Whose, Write};
use sync_server::hub::{FrameSender, HubHandle, HubStopped, HubThread, OutputReceiver, spawn};
use sync_server::store::{Authorship, MemoryStore};

use crate::support::{ADA, BEN, Person, StubEnv, command, command_id, created, hello, noise, push};

fn start() -> (HubHandle, HubThread) {
    let mut env = StubEnv::new(1);
    let relay = Relay::open(MemoryStore::new(), &mut env).expect("a new store");
    spawn(relay, env).expect("a thread")
}

async fn next(outputs: &mut OutputReceiver) -> RelayFrame {
    match outputs.recv().await {
        Some(Output::Frame(bytes)) => RelayFrame::decode(&bytes).expect("a valid frame"),
        other => panic!("no frame: {other:?}"),
    }
}

async fn send(sender: &FrameSender, frame: ClientFrame) {
    sender.send(frame.encode()).await.expect("the hub runs");
}

/// A live connection.
async fn connect(hub: &HubHandle, who: Person) -> (FrameSender, OutputReceiver) {
    let (sender, mut outputs) = hub.connect().expect("the hub runs");
    send(&sender, ClientFrame::Hello(hello(who, None))).await;
    let RelayFrame::Welcome(welcome) = next(&mut outputs).await else { panic!("not welcome") };
    send(&sender, ClientFrame::Pull(sync::wire::Pull { after: welcome.head.seq })).await;
    assert!(matches!(next(&mut outputs).await, RelayFrame::Entries(_)));
    (sender, outputs)
}

fn new_lead(who: Person, title: &str, low: u8) -> ClientFrame {
    let (lead, first) = created(who, &build::lead(title));
    push(vec![command(command_id(1, low), [(&lead, &first)])])
}

#[tokio::test]
async fn what_one_connection_pushes_the_other_hears() {
    let (hub, thread) = start();
    let (ada, mut to_ada) = connect(&hub, ADA).await;
    let (_ben, mut to_ben) = connect(&hub, BEN).await;

    send(&ada, new_lead(ADA, "Website", 1)).await;

    assert!(matches!(next(&mut to_ada).await, RelayFrame::Ack(_)));
    assert!(matches!(next(&mut to_ben).await, RelayFrame::Entries(_)));
    let stats = hub.stats().await.expect("the hub runs");
    assert_eq!((stats.head_seq, stats.connections, stats.live, stats.accepted), (2, 2, 2, 1));
    assert!(hub.verify().await.expect("the hub runs").expect("readable").is_sound());
    hub.shut_down();
    thread.join().expect("a clean end");
}

#[tokio::test]
async fn a_dropped_sender_disconnects() {
    let (hub, _thread) = start();
    let (ada, _to_ada) = connect(&hub, ADA).await;

    drop(ada);

    assert_eq!(hub.stats().await.expect("the hub runs").connections, 0);
}

#[tokio::test]
async fn revoked_connections_hear_why_and_are_closed() {
    let (hub, _thread) = start();
    let (_ada, mut to_ada) = connect(&hub, ADA).await;

    hub.change_rights(RightsChange::Revoked(Whose::User(ADA.user))).await.expect("the hub runs");

    assert!(matches!(next(&mut to_ada).await, RelayFrame::Goodbye(bye) if bye.why == Farewell::SignIn));
    assert_eq!(to_ada.recv().await, Some(Output::Close(Farewell::SignIn)));
    assert_eq!(to_ada.recv().await, None);
}

#[tokio::test]
async fn a_role_change_is_in_effect_when_the_call_returns() {
    let (hub, _thread) = start();
    let (ada, mut to_ada) = connect(&hub, ADA).await;

    hub.change_rights(RightsChange::Role(ADA.user, Role::Viewer)).await.expect("the hub runs");
    send(&ada, new_lead(ADA, "Website", 1)).await;

    assert!(matches!(next(&mut to_ada).await, RelayFrame::Nack(_)));
}

#[tokio::test]
async fn directory_writes_are_committed_and_heard() {
    let (hub, _thread) = start();
    let (_ben, mut to_ben) = connect(&hub, BEN).await;
    let by = Authorship { user: ADA.user, device: ADA.device };
    let fields = |key: &str, value: &str| FieldChanges::from([(key.to_owned(), Some(value.into()))]);

    hub.write_as(by, vec![Write::user(ADA.user, fields("name", "Ada"))]).await.expect("valid");
    let refused = hub.write_as(by, vec![Write::user(ADA.user, fields("role", "emperor"))]).await;

    assert!(matches!(next(&mut to_ben).await, RelayFrame::Entries(_)));
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_told_to_pull_and_the_others_go_on() {
    let (hub, _thread) = start();
    let (ada, mut to_ada) = connect(&hub, ADA).await;
    let (_ben, mut to_ben) = connect(&hub, BEN).await;

    for low in 0..60 {
        let draft = build::lead(&format!("Lead {low}")).with("custom/text", noise(u64::from(low), 50_000));
        let (lead, first) = created(ADA, &draft);
        send(&ada, push(vec![command(command_id(1, low), [(&lead, &first)])])).await;
        assert!(matches!(next(&mut to_ada).await, RelayFrame::Ack(_)));
    }

    let mut heard = 0;
    while let RelayFrame::Entries(_) = next(&mut to_ben).await {
        heard += 1;
    }
    assert!((10..60).contains(&heard), "{heard} frames before the relay said that it lags");
    assert_eq!(hub.stats().await.expect("the hub runs").live, 1);
}

#[tokio::test]
async fn after_the_end_nobody_waits_in_vain() {
    let (hub, thread) = start();
    let (ada, mut to_ada) = connect(&hub, ADA).await;

    hub.shut_down();
    thread.join().expect("a clean end");

    assert!(matches!(next(&mut to_ada).await, RelayFrame::Goodbye(bye) if bye.why == Farewell::ShuttingDown));
    assert_eq!(ada.send(vec![1]).await, Err(HubStopped));
    assert!(hub.connect().is_err());
    assert_eq!(hub.stats().await, Err(HubStopped));
}
