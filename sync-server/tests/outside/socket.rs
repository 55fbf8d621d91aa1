//! Claims about the sync socket.

use std::time::Duration;

use serde_json::json;
use sync::wire::{ClientFrame, FRAME_MAX, Farewell, Pull, RelayFrame};
use sync_server::http::{AppOptions, Limits};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{ADA, PASSWORD, TestRelay};

fn farewell(frame: Option<RelayFrame>) -> Option<Farewell> {
    match frame {
        Some(RelayFrame::Goodbye(goodbye)) => Some(goodbye.why),
        _ => None,
    }
}

fn hasty() -> AppOptions {
    let limits = Limits { hello_timeout: Duration::from_millis(200), ..Limits::default() };
    AppOptions { limits, ..AppOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_hello_is_welcomed() {
    let (relay, ada) = TestRelay::with_ada().await;
    let mut socket = relay.connect().await;
    socket.hello(ada["access_token"].as_str().unwrap(), 1).await;

    let RelayFrame::Welcome(welcome) = socket.frame().await else { panic!() };

    assert_eq!(json!(welcome.workspace), ada["workspace_id"]);
    assert_eq!(json!(welcome.user), ada["user"]["id"]);
    assert_eq!(welcome.role, "admin");
    assert!(welcome.head.seq >= 3, "settings, a user and a device: {welcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hello_without_a_valid_token_for_this_device_is_turned_away() {
    let (relay, ada) = TestRelay::with_ada().await;
    let access = ada["access_token"].as_str().unwrap();

    for (token, device) in [("", 1), ("nonsense", 1), (ada["refresh_token"].as_str().unwrap(), 1), (access, 2)] {
        let mut socket = relay.connect().await;
        socket.hello(token, device).await;
        let (goodbye, code) = socket.ending().await;
        assert_eq!((farewell(goodbye), code), (Some(Farewell::SignIn), Some(4401)), "{token} {device}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_is_hung_up_on() {
    let relay = TestRelay::start_with(hasty()).await;

    let (goodbye, code) = relay.connect().await.ending().await;

    assert_eq!((farewell(goodbye), code), (Some(Farewell::SignIn), Some(4401)));
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_do_not_put_the_hello_off() {
    let relay = TestRelay::start_with(hasty()).await;
    let mut socket = relay.connect().await;
    for _ in 0..10 {
        socket.send(Message::Ping(Vec::new().into())).await;
    }

    let (goodbye, _) = socket.ending().await;

    assert_eq!(farewell(goodbye), Some(Farewell::SignIn));
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_answered_with_goodbye_and_the_relay_goes_on() {
    let (relay, ada) = TestRelay::with_ada().await;
    let pull = ClientFrame::Pull(Pull { after: 0 }).encode();
    let garbage: [Message; 5] = [
        Message::binary(vec![1, 0xff, 0xff]),
        Message::binary(Vec::new()),
        Message::binary(vec![1; 5_000]),
        Message::binary(pull),
        Message::text("hello"),
    ];
    for message in garbage {
        let mut socket = relay.connect().await;
        socket.send(message.clone()).await;
        let (goodbye, code) = socket.ending().await;
        assert_eq!((farewell(goodbye), code), (Some(Farewell::Protocol), Some(1002)), "{message:?}");
    }
    relay.connect_as(&ada, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_version_is_told_to_upgrade() {
    let relay = TestRelay::start().await;
    let mut socket = relay.connect().await;
    socket.send(Message::binary(vec![99, 0x80])).await;

    let (goodbye, code) = socket.ending().await;

    assert_eq!((farewell(goodbye), code), (Some(Farewell::Upgrade), Some(4426)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversize_message_is_too_much() {
    let (relay, ada) = TestRelay::with_ada().await;
    for size in [FRAME_MAX + 1, FRAME_MAX + 100_000] {
        let mut socket = relay.connect_as(&ada, 1).await;
        socket.send(Message::binary(vec![1; size])).await;
        let (goodbye, code) = socket.ending().await;
        assert_eq!((farewell(goodbye), code), (Some(Farewell::TooMuch), Some(1009)), "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pings_is_too_much() {
    let (relay, ada) = TestRelay::with_ada().await;
    let mut socket = relay.connect_as(&ada, 1).await;
    for _ in 0..100 {
        socket.send(Message::Ping(Vec::new().into())).await;
    }

    let (goodbye, _) = socket.ending().await;

    assert_eq!(farewell(goodbye), Some(Farewell::TooMuch));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_takes_its_sockets_with_it_and_no_other() {
    let (relay, ada) = TestRelay::with_ada().await;
    let phone = relay.sign_in(ADA, PASSWORD, 2).await.body;
    let (laptop_socket, mut phone_socket) = (relay.connect_as(&ada, 1).await, relay.connect_as(&phone, 2).await);

    relay.post("/api/v1/auth/logout", &json!({}), ada["access_token"].as_str()).await;
    let ending = tokio::time::timeout(Duration::from_secs(1), laptop_socket.ending()).await.unwrap();

    assert_eq!((farewell(ending.0), ending.1), (Some(Farewell::SignIn), Some(4401)));
    phone_socket.send(Message::binary(ClientFrame::Pull(Pull { after: 0 }).encode())).await;
    assert!(matches!(phone_socket.frame().await, RelayFrame::Entries(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_may_not_connect() {
    let relay = TestRelay::start().await;
    let own = format!("http://{}", relay.address);

    assert!(relay.connect_from(Some(&own)).await.is_ok());
    for foreign in ["null", "https://evil.example", &format!("{own}.evil.example"), "http://127.0.0.1:1"] {
        assert_eq!(relay.connect_from(Some(foreign)).await.err(), Some(403), "{foreign}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_address_is_refused() {
    let relay = TestRelay::start().await;
    let answer = relay.get("/api/v1/sync?token=secret", None).await;
    let no_socket = relay.get("/api/v1/sync", None).await;

    assert_eq!((answer.status, answer.code()), (400, "no_query"));
    assert_eq!(no_socket.code(), "websocket_only");
    assert!((400..500).contains(&no_socket.status));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_only_so_many_sockets() {
    let limits = Limits { sockets_per_user_max: 2, ..Limits::default() };
    let (relay, ada) = TestRelay::with_ada_and(AppOptions { limits, ..AppOptions::default() }).await;
    let (first, _second) = (relay.connect_as(&ada, 1).await, relay.connect_as(&ada, 1).await);

    let mut third = relay.connect().await;
    third.hello(ada["access_token"].as_str().unwrap(), 1).await;
    let (goodbye, _) = third.ending().await;

    assert_eq!(farewell(goodbye), Some(Farewell::TooMuch));
    drop(first);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_beyond_the_limit_are_told_to_come_back() {
    let limits = Limits { strangers_per_address_max: 2, ..hasty().limits };
    let relay = TestRelay::start_with(AppOptions { limits, ..AppOptions::default() }).await;
    let limits = Limits { hello_timeout: Duration::from_secs(60), ..limits };
    let patient = TestRelay::start_with(AppOptions { limits, ..AppOptions::default() }).await;
    let _held = (patient.connect().await, patient.connect().await);

    let sockets = futures_util::future::join_all((0..6).map(|_| relay.connect_from(None))).await;
    let waiting = tokio::time::timeout(Duration::from_millis(200), patient.connect_from(None)).await;

    assert!(sockets.iter().filter(|socket| socket.is_ok()).count() >= 2);
    assert!(waiting.is_err(), "it waits for its turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_says_goodbye_and_closes_the_database() {
    let (relay, ada) = TestRelay::with_ada().await;
    let socket = relay.connect_as(&ada, 1).await;

    let (ending, dir) = tokio::join!(socket.ending(), relay.stop());

    assert_eq!((farewell(ending.0), ending.1), (Some(Farewell::ShuttingDown), Some(1001)));
    assert!(dir.path().join("relay.db").exists());
}
