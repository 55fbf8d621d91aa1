//! Tokens: kept by a program in its database, by a browser in a cookie; lost ones lose no work.

use model::app::{Request, SyncState};
use replica::{Input, Output};
use serde_json::{Value as Json, json};

use crate::desk::Desk;

fn bodies(desk: &mut Desk, path: &str) -> Vec<Json> {
    let outputs = std::mem::take(&mut desk.outputs);
    let bodies = outputs.into_iter().filter_map(|output| match output {
        Output::Http { url, body, .. } if url.ends_with(path) => Some(serde_json::from_slice(&body).unwrap()),
        _ => None,
    });
    bodies.collect()
}

fn tokens(refresh_token: Option<&str>) -> Vec<u8> {
    let body = json!({
        "access_token": "token", "refresh_token": refresh_token, "expires_in": 600,
        "user": { "id": "00000000-0000-7000-8000-000000000001", "name": "Ada", "email": "ada@example.org", "role": "user" },
        "workspace_id": "00000000-0000-7000-8000-000000000002",
    });
    body.to_string().into_bytes()
}

/// The connection is lost and tried again after the access token has grown old.
fn reconnect(desk: &mut Desk) {
    desk.advance(600_000);
    desk.input(Input::SocketClosed { reason: "cut".into() });
    let wake = desk.replica.next_wake().unwrap();
    desk.env.set_now(wake);
    desk.outputs.clear();
    desk.input(Input::Wake);
}

#[test]
fn a_browser_never_sees_its_refresh_token() {
    let mut desk = Desk::alone();
    desk.replica.keep_refresh_token_in_cookie();
    let (server, email) = ("http://relay.test".into(), "ada@example.org".into());
    desk.ask(Request::JoinTeam { server, email, password: "irrelevant here".into() });
    assert_eq!(bodies(&mut desk, "/auth/login")[0]["carrier"], "cookie");
    desk.input(Input::HttpAnswered { id: 1, status: Ok(200), body: tokens(None) });
    desk.input(Input::SocketOpened);

    reconnect(&mut desk);

    assert_eq!(bodies(&mut desk, "/auth/refresh"), [json!({"carrier": "cookie"})]);
}

#[test]
fn a_refresh_token_from_before_moves_into_the_cookie() {
    let mut desk = Desk::alone();
    desk.join();
    desk.replica.keep_refresh_token_in_cookie();

    reconnect(&mut desk);
    assert_eq!(bodies(&mut desk, "/auth/refresh"), [json!({"carrier": "cookie", "refresh_token": "again"})]);
    desk.input(Input::HttpAnswered { id: 2, status: Ok(200), body: tokens(None) });
    desk.input(Input::SocketOpened);
    reconnect(&mut desk);

    assert_eq!(bodies(&mut desk, "/auth/refresh"), [json!({"carrier": "cookie"})]);
}

#[test]
fn a_session_that_has_ended_asks_for_the_password_and_keeps_every_unsynced_edit() {
    let mut desk = Desk::alone();
    desk.join();
    desk.accept_all();
    let (lead, _) = desk.create_lead("Made while the answer was lost");
    reconnect(&mut desk);

    desk.input(Input::HttpAnswered { id: 2, status: Ok(401), body: b"{}".to_vec() });

    let session = desk.replica.session_view().unwrap();
    assert_eq!((session.sync, session.waiting), (SyncState::NeedsSignIn, 1));
    assert!(desk.record(lead).is_some());
}

#[test]
fn signing_out_ends_the_session_on_the_relay_too() {
    let mut desk = Desk::alone();
    desk.join();
    desk.accept_all();
    desk.outputs.clear();

    desk.ask(Request::SignOut { even_if_waiting: false });

    assert_eq!(bodies(&mut desk, "/auth/logout").len(), 1);
}
