//! Rights that change while somebody is offline: what is refused stays with its author and goes nowhere else.

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::end_to_end::{synced, web_client};
use crate::processes::{Native, PASSWORD, TestRelay};

const BEN: &str = "ben@example.org";

fn only(list: &Json) -> &Json {
    let rows = list.as_array().expect("lists are arrays");
    assert_eq!(rows.len(), 1, "{list}");
    &rows[0]
}

fn lead(native: &Native, id: &str) -> Json {
    native.list("lead").into_iter().find(|lead| lead["id"] == id).expect("the lead is here")
}

/// Exchanges everything; the code says that something was refused.
fn sync_refused(native: &Native) {
    assert_eq!(native.command(&["sync", "--once"]).output().unwrap().status.code(), Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_somebody_elses_lead_is_refused_suggested_and_taken() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), Some(web_client()));
    relay.add_person(BEN, "Ben Ode", "user");
    relay.start();
    let (ann, ben) = (Native::new(folder.path(), "ann"), Native::new(folder.path(), "ben"));
    ann.join(&relay.url());
    let id = ann.run(&["add", "lead", "title=Website"])["id"].as_str().unwrap().to_owned();
    ann.sync();
    ben.join_as(&relay.url(), BEN);
    let chromium = Chromium::new();
    let browser = chromium.open(&relay.url()).await;
    browser.verb(json!({ "verb": "join", "server": relay.url(), "email": BEN, "password": PASSWORD })).await;
    synced(&browser).await;
    browser.wait_until("navigator.serviceWorker.controller !== null").await;

    // Ben is offline on two devices while Ann lets only owners edit.
    relay.stop();
    ben.run(&["set", "lead", &id, "title=Shop"]);
    browser.verb(json!({ "verb": "set", "kind": "lead", "id": id, "fields": { "source": "Fair" } })).await;
    browser.quit().await;
    relay.start();
    let settings = only(&ann.run(&["list", "settings"]))["id"].as_str().unwrap().to_owned();
    ann.run(&["set", "settings", &settings, "only_owners_edit=true"]);
    ann.sync();
    sync_refused(&ben);
    let browser = chromium.open(&relay.url()).await;
    synced(&browser).await;

    // Each device shows what it wanted, and why it may not; the record is Ann's again.
    let refused = ben.run(&["refused"]);
    let command = only(&refused)["id"].as_str().unwrap().to_owned();
    assert!(refused.to_string().contains("Shop"), "{refused}");
    let in_browser = browser.verb(json!({ "verb": "refused" })).await;
    assert!(only(&in_browser).to_string().contains("Fair"), "{in_browser}");
    assert_eq!(lead(&ben, &id)["title"], "Website");

    // Suggested, taken with one command, and then Ann's own change.
    ben.run(&["suggest", &command, "--note", "They said so on the phone"]);
    assert_eq!(ben.run(&["refused"]), json!([]));
    ben.sync();
    ann.sync();
    let suggestions = ann.run(&["suggestions"]);
    let suggestion = only(&suggestions)["id"].as_str().unwrap().to_owned();
    ann.run(&["accept", &suggestion]);
    ann.sync();
    ben.sync();
    synced(&browser).await;
    assert_eq!((&lead(&ann, &id)["title"], &lead(&ben, &id)["title"]), (&json!("Shop"), &json!("Shop")));
    assert_eq!(lead(&ben, &id)["source"], Json::Null, "what the browser wanted went nowhere");
    let digest = ann.run(&["verify"])["digest"].clone();
    assert_eq!(ben.run(&["verify"])["digest"], digest);
    assert_eq!(browser.verb(json!({ "verb": "verify" })).await["digest"], digest);
    browser.quit().await;
}

#[test]
fn whoever_is_made_a_viewer_while_offline_keeps_what_was_refused() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), None);
    relay.add_person(BEN, "Ben Ode", "user");
    relay.start();
    let (ann, ben) = (Native::new(folder.path(), "ann"), Native::new(folder.path(), "ben"));
    ben.join_as(&relay.url(), BEN);
    let id = ben.run(&["add", "lead", "title=Website"])["id"].as_str().unwrap().to_owned();
    ben.sync();

    relay.stop();
    ben.run(&["set", "lead", &id, "title=Shop"]);
    relay.set_role(BEN, "viewer");
    relay.start();
    sync_refused(&ben);

    assert!(only(&ben.run(&["refused"])).to_string().contains("Shop"));
    ann.join(&relay.url());
    ann.sync();
    ben.sync_whatever();
    assert_eq!((&lead(&ann, &id)["title"], &lead(&ben, &id)["title"]), (&json!("Website"), &json!("Website")));
    assert_eq!(ann.run(&["verify"])["digest"], ben.run(&["verify"])["digest"]);
    let denied = ben.command(&["set", "lead", &id, "title=Again"]).output().unwrap();
    assert!(!denied.status.success(), "what isn't allowed is not tried");
}
