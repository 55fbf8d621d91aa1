//! The web client in a real Chromium, with no relay at all: what one device promises.

use crate::chromium::{Chromium, Session};
use crate::files::FileServer;
use serde_json::{Value as Json, json};

/// Adds an account and returns its id.
async fn add_account(session: &Session, name: &str) -> String {
    let record = session.verb(json!({ "verb": "add", "kind": "account", "fields": { "name": name } })).await;
    record["id"].as_str().unwrap().to_owned()
}

async fn account_names(session: &Session) -> Vec<String> {
    let list = session.verb(json!({ "verb": "list", "kind": "account" })).await;
    let mut names: Vec<String> =
        list.as_array().unwrap().iter().map(|record| record["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn start_here(session: &Session) -> Json {
    session.verb(json!({ "verb": "init", "name": "Ada" })).await
}

#[tokio::test]
async fn what_is_saved_survives_reload_restart_and_a_server_that_is_gone() {
    let server = FileServer::start();
    let chromium = Chromium::new();

    let session = chromium.open(&server.url()).await;
    start_here(&session).await;
    add_account(&session, "Acme").await;
    session.reload().await;
    assert_eq!(account_names(&session).await, ["Acme"]);
    add_account(&session, "Globex").await;
    session.wait_until("navigator.serviceWorker.controller !== null").await;
    session.quit().await;

    let url = server.url();
    drop(server);
    let session = chromium.open(&url).await;
    assert_eq!(account_names(&session).await, ["Acme", "Globex"]);
    session.quit().await;
}

#[tokio::test]
async fn two_tabs_share_one_database_and_either_may_close() {
    let server = FileServer::start();
    let chromium = Chromium::new();
    let session = chromium.open(&server.url()).await;
    start_here(&session).await;
    let first = session.tab().await;

    session.open_tab(&server.url()).await;
    let second = session.tab().await;
    add_account(&session, "From the second").await;
    session.go_to_tab(first).await;
    assert_eq!(account_names(&session).await, ["From the second"]);

    session.close_tab(&second).await;
    add_account(&session, "From the first").await;

    assert_eq!(account_names(&session).await, ["From the first", "From the second"]);
    session.quit().await;
}

#[tokio::test]
async fn the_address_bar_and_the_mirror_lead_through_the_app() {
    let server = FileServer::start();
    let chromium = Chromium::new();
    let session = chromium.open(&server.url()).await;
    start_here(&session).await;
    let id = add_account(&session, "Acme").await;

    session.open_address(&format!("{}accounts/{id}", server.url())).await;
    session.wait_for_value("Name", "Acme").await;
    session.picture("account").await;
    session.press_named("Pipeline").await;
    session.wait_until("location.pathname === '/pipeline'").await;
    session.picture("pipeline").await;
    session.back().await;

    session.wait_until(&format!("location.pathname === '/accounts/{id}'")).await;
    session.wait_for_value("Name", "Acme").await;
    session.quit().await;
}

#[tokio::test]
async fn what_is_typed_into_the_mirror_is_saved_like_what_is_typed_on_the_canvas() {
    let server = FileServer::start();
    let chromium = Chromium::new();
    let session = chromium.open(&server.url()).await;
    start_here(&session).await;
    let id = add_account(&session, "Acme").await;
    session.open_address(&format!("{}accounts/{id}", server.url())).await;
    session.wait_for_value("Name", "Acme").await;

    session.fill("Name", "Acme & Söhne").await;

    session.wait_until("document.title.startsWith('Acme & Söhne')").await;
    session.reload().await;
    session.wait_for_value("Name", "Acme & Söhne").await;
    assert_eq!(account_names(&session).await, ["Acme & Söhne"]);
    session.quit().await;
}
