//! A relay with a filled workspace, and a browser that has joined it.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use crate::chromium::{Chromium, Session};
use crate::processes::{EMAIL, Native, PASSWORD, TestRelay};

/// Questions asked before a browser counts as stuck; each takes a round trip.
const QUESTIONS: u32 = 200_000;

/// Everything lives as long as this value.
pub(crate) struct World {
    pub(crate) browser: Session,
    pub(crate) relay: TestRelay,
    _chromium: Chromium,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn with_leads(count: usize) -> Self {
        Self::filled("deals.csv", &deals(count), "lead", count).await
    }

    pub(crate) async fn with_contacts(count: usize) -> Self {
        Self::filled("contacts.csv", &contacts(count), "contact", count).await
    }

    async fn filled(name: &str, csv: &str, kind: &str, count: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let mut relay = TestRelay::new(folder.path(), Some(web_client()));
        relay.start();
        let file = folder.path().join(name);
        std::fs::write(&file, csv).unwrap();
        let native = Native::new(folder.path(), "native");
        native.join(&relay.url());
        let imported = native.run(&["import", &file.display().to_string()]);
        assert_eq!(imported["created"][kind], count, "{imported}");
        native.sync();
        let chromium = Chromium::new();
        let browser = chromium.open(&relay.url()).await;
        join(&browser, &relay.url()).await;
        browser.wait_until("navigator.serviceWorker.controller !== null").await;
        Self { browser, relay, _chromium: chromium, _folder: folder }
    }
}

/// Signs in and waits until everything is here.
pub(crate) async fn join(browser: &Session, url: &str) {
    browser.verb(json!({ "verb": "join", "server": url, "email": EMAIL, "password": PASSWORD })).await;
    for _ in 0..QUESTIONS {
        if browser.verb(json!({ "verb": "session" })).await["sync"] == "Synced" {
            return;
        }
    }
    panic!("the browser does not come to rest");
}

/// The web client that `cargo xtask bench --browser` has built.
pub(crate) fn web_client() -> PathBuf {
    std::env::var_os("TRAILTRACK_WEB").map(PathBuf::from).expect("TRAILTRACK_WEB names the built web client")
}

pub(crate) fn contacts(count: usize) -> String {
    let mut csv = String::from("Record ID,First Name,Last Name,Email,Phone Number,Job Title,Associated Company\n");
    for index in 0..count {
        let firm = index % 1_000;
        let _ = writeln!(
            csv,
            "{index},First{index},Last{index},p{index}@firm{firm}.example,+1 202 555 {:04},Buyer,Firm {firm}",
            index % 10_000
        );
    }
    csv
}

fn deals(count: usize) -> String {
    let mut csv =
        String::from("Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Associated Company\n");
    for index in 0..count {
        let stage = ["New", "Qualified", "Proposal", "Negotiation"][index % 4];
        let (month, day) = (index % 12 + 1, index % 28 + 1);
        let _ = writeln!(
            csv,
            "d{index},Deal {index},{stage},Sales,{}.50,2026-{month:02}-{day:02},2026-03-12 09:14,Firm {}",
            index % 5_000,
            index % 1_000
        );
    }
    csv
}
