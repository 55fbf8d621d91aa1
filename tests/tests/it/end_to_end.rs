//! A relay, two native clients and a real Chromium: import, join, work apart, come together.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::chromium::{Chromium, Session};
use crate::processes::{EMAIL, Native, PASSWORD, TestRelay, figures};

const CONTACTS: usize = 2_000;
const DEALS: usize = 120;

fn contacts_csv() -> String {
    let mut csv = String::from("Record ID,First Name,Last Name,Email,Phone Number,Job Title,Associated Company\n");
    for index in 0..CONTACTS {
        let firm = index % 250;
        let _ = writeln!(
            csv,
            "{index},First{index},Last{index},p{index}@firm{firm}.example,+1 202 555 {index:04},Buyer,Firm {firm}"
        );
    }
    csv
}

fn deals_csv() -> String {
    let mut csv =
        String::from("Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Associated Company\n");
    for index in 0..DEALS {
        let stage = ["New", "Qualified", "Proposal"][index % 3];
        let _ = writeln!(
            csv,
            "d{index},Deal {index},{stage},Sales,{}.50,2026-12-15,2026-03-12 09:14,Firm {index}",
            index * 100
        );
    }
    csv
}

pub(crate) fn web_client() -> PathBuf {
    let folder =
        std::env::var_os("TRAILTRACK_WEB").expect("TRAILTRACK_WEB names the built web client: `cargo xtask test`");
    PathBuf::from(folder)
}

async fn list(browser: &Session, kind: &str) -> Vec<Json> {
    match browser.verb(json!({ "verb": "list", "kind": kind })).await {
        Json::Array(records) => records,
        other => panic!("a list is an array, not {other}"),
    }
}

/// Questions asked before a browser counts as stuck; each takes a round trip.
const QUESTIONS: u32 = 5_000;

/// Asks the browser to exchange everything, and asks again until it has.
pub(crate) async fn synced(browser: &Session) {
    for _ in 0..QUESTIONS {
        browser.verb(json!({ "verb": "sync" })).await;
        let session = browser.verb(json!({ "verb": "session" })).await;
        if session["sync"] == "Synced" {
            return;
        }
    }
    panic!("the browser does not come to rest");
}

async fn browser_figures(browser: &Session) -> (usize, usize, usize, i64) {
    let (contacts, accounts) = (list(browser, "contact").await, list(browser, "account").await);
    figures(&contacts, &accounts, &list(browser, "lead").await)
}

fn native_figures(native: &Native) -> (usize, usize, usize, i64) {
    figures(&native.list("contact"), &native.list("account"), &native.list("lead"))
}

fn id_of(leads: &[Json], title: &str) -> String {
    let lead = leads.iter().find(|lead| lead["title"] == title).expect("the lead was imported");
    lead["id"].as_str().expect("ids are text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_natives_and_a_browser_work_apart_and_agree_again() {
    let folder = TempDir::new().expect("a folder can be made");
    let mut relay = TestRelay::new(folder.path(), Some(web_client()));
    relay.start();
    let (first, second) = (Native::new(folder.path(), "first"), Native::new(folder.path(), "second"));

    // A newcomer imports, then joins; a colleague and a browser join too.
    std::fs::write(folder.path().join("contacts.csv"), contacts_csv()).expect("files can be written");
    std::fs::write(folder.path().join("deals.csv"), deals_csv()).expect("files can be written");
    let file = |name: &str| folder.path().join(name).display().to_string();
    first.run(&["init", "--name", "Ann"]);
    first.run(&["import", &file("contacts.csv")]);
    first.run(&["import", &file("deals.csv")]);
    first.join(&relay.url());
    second.join(&relay.url());
    let chromium = Chromium::new();
    let browser = chromium.open(&relay.url()).await;
    let join = json!({ "verb": "join", "server": relay.url(), "email": EMAIL, "password": PASSWORD });
    browser.verb(join).await;
    synced(&browser).await;

    let expected = native_figures(&first);
    assert_eq!((expected.0, expected.1, expected.2), (CONTACTS, 250, DEALS));
    assert_eq!(native_figures(&second), expected);
    assert_eq!(browser_figures(&browser).await, expected);

    // The relay goes; everybody goes on. Different fields of one lead, the same field of another.
    browser.wait_until("navigator.serviceWorker.controller !== null").await;
    relay.stop();
    let leads = first.list("lead");
    let (apart, disputed) = (id_of(&leads, "Deal 1"), id_of(&leads, "Deal 2"));
    first.run(&["set", "lead", &apart, "title=Deal 1, renamed"]);
    second.run(&["set", "lead", &apart, "value_cents=777"]);
    second.run(&["set", "lead", &disputed, "source=Trade fair"]);
    let set = json!({ "verb": "set", "kind": "lead", "id": disputed, "fields": { "source": "Website" } });
    browser.verb(set).await;
    browser.quit().await;
    let browser = chromium.open(&relay.url()).await;
    assert_eq!(browser_figures(&browser).await.2, DEALS, "the browser's data survives a restart without the relay");

    // The relay returns; everybody holds the same.
    relay.start();
    first.sync();
    second.sync();
    synced(&browser).await;
    first.sync();
    second.sync();
    synced(&browser).await;

    let digest = first.run(&["verify"])["digest"].clone();
    assert_eq!(second.run(&["verify"])["digest"], digest);
    assert_eq!(browser.verb(json!({ "verb": "verify" })).await["digest"], digest);
    let show = json!({ "verb": "show", "kind": "lead", "id": disputed });
    let shown =
        [first.run(&["show", "lead", &disputed]), second.run(&["show", "lead", &disputed]), browser.verb(show).await];
    for lead in &shown {
        let values = lead["conflicts"][0]["values"].as_array().expect("the conflict is visible");
        assert_eq!(lead["conflicts"][0]["field"], "source");
        assert_eq!(values.len(), 2);
        assert_eq!(lead["source"], shown[0]["source"]);
    }
    let merged = second.run(&["show", "lead", &apart]);
    assert_eq!((&merged["title"], &merged["value_cents"]), (&json!("Deal 1, renamed"), &json!(777)));
    browser.quit().await;
    relay.stop();
    assert!(relay.verify().status.success());
}
