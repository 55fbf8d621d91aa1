//! A browser's database with damaged pages: the next start saves what was only there, the relay fills the rest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::chromium::{Chromium, Session};
use crate::end_to_end::{synced, web_client};
use crate::processes::{EMAIL, Native, PASSWORD, TestRelay};

const PAGE: usize = 4096;
/// What a SQLite file begins with; the pool keeps a page of its own before it.
const MAGIC: &[u8] = b"SQLite format 3\0";
const ACCOUNTS: usize = 40;

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Overwrites every page of the browser's database that names an account which the relay holds; returns how many.
fn damage(profile: &Path) -> usize {
    let mut damaged = 0;
    for path in files_below(profile) {
        let Ok(mut bytes) = std::fs::read(&path) else { continue };
        if !bytes.get(PAGE..).is_some_and(|database| database.starts_with(MAGIC)) {
            continue;
        }
        let names_one = |page: &&mut [u8]| page.to_ascii_lowercase().windows(7).any(|word| word == b"shared ");
        for page in bytes[2 * PAGE..].chunks_mut(PAGE).filter(names_one) {
            page.fill(0xa5);
            damaged += 1;
        }
        std::fs::write(&path, bytes).unwrap();
    }
    damaged
}

async fn names(browser: &Session) -> BTreeSet<String> {
    let accounts = browser.verb(json!({ "verb": "list", "kind": "account" })).await;
    accounts.as_array().unwrap().iter().map(|account| account["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browsers_damaged_database_is_mended_at_the_next_start_and_filled_by_the_relay() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), Some(web_client()));
    relay.start();
    let colleague = Native::new(folder.path(), "colleague");
    colleague.join(&relay.url());
    for number in 0..ACCOUNTS {
        colleague.run(&["add", "account", &format!("name=Shared {number}")]);
    }
    colleague.sync();
    let chromium = Chromium::new();
    let browser = chromium.open(&relay.url()).await;
    browser.verb(json!({ "verb": "join", "server": relay.url(), "email": EMAIL, "password": PASSWORD })).await;
    synced(&browser).await;
    browser.wait_until("navigator.serviceWorker.controller !== null").await;
    relay.stop();
    browser.verb(json!({ "verb": "add", "kind": "account", "fields": { "name": "Only in the browser" } })).await;
    let all = names(&browser).await;
    assert_eq!(all.len(), ACCOUNTS + 1);
    browser.quit().await;

    assert!(damage(chromium.profile.path()) > 0, "the database lies in the profile");
    let browser = chromium.open(&relay.url()).await;
    // Damage is seen by whoever reads it first, and mended at the start after.
    let ask = r#"window.trailtrack.request('{"verb":"list","kind":"account"}')"#;
    browser
        .wait_until(&format!(
            "(window.asked ??= {ask}.catch(() => 0).then(() => {{ window.seen = true; }}), window.seen)"
        ))
        .await;
    browser.reload().await;
    relay.start();
    synced(&browser).await;

    assert_eq!(names(&browser).await, all);
    assert_eq!(browser.verb(json!({ "verb": "verify" })).await["problems"], Json::Array(Vec::new()));
    colleague.sync();
    let theirs = colleague.list("account");
    assert!(theirs.iter().any(|account| account["name"] == "Only in the browser"), "what was only there was saved");
    browser.quit().await;
}
