//! A browser's database with damaged pages: the next start saves what was only there, the relay fills the rest, and the
//! person is told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::chromium::{Chromium, Session};
use crate::end_to_end::{synced, web_client};
use crate::processes::{EMAIL, Native, PASSWORD, TestRelay};

/// What the pool keeps before a database.
const HEADER: usize = 4096;
/// The browser's SQLite has larger pages than the native one.
const PAGE: usize = 8192;
/// What a SQLite file begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";
const ACCOUNTS: usize = 40;

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Overwrites pages of the browser's newest database; returns how many.
fn damage(profile: &Path, is_meant: impl Fn(usize, &[u8]) -> bool) -> usize {
    let is_database = |path: &PathBuf| {
        std::fs::read(path).is_ok_and(|bytes| bytes.get(HEADER..).is_some_and(|database| database.starts_with(MAGIC)))
    };
    let written = |path: &PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
    let databases = files_below(profile).into_iter().filter(is_database);
    let path = databases.max_by_key(written).expect("the database lies in the profile");
    let mut bytes = std::fs::read(&path).unwrap();
    let mut damaged = 0;
    for (number, page) in bytes[HEADER..].chunks_mut(PAGE).enumerate() {
        if is_meant(number, page) {
            page.fill(0xa5);
            damaged += 1;
        }
    }
    std::fs::write(&path, bytes).unwrap();
    damaged
}

fn says(page: &[u8], word: &[u8]) -> bool {
    page.windows(word.len()).any(|place| place == word)
}

async fn names(browser: &Session) -> BTreeSet<String> {
    let accounts = browser.verb(json!({ "verb": "list", "kind": "account" })).await;
    accounts.as_array().unwrap().iter().map(|account| account["name"].as_str().unwrap().to_owned()).collect()
}

async fn add(browser: &Session, name: &str) {
    browser.verb(json!({ "verb": "add", "kind": "account", "fields": { "name": name } })).await;
}

/// Waits for words of a message that passes.
async fn told(browser: &Session, words: &str) {
    browser.wait_until(&format!("document.getElementById('mirror').textContent.includes({})", json!(words))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browsers_damaged_database_is_mended_and_filled_by_the_relay() {
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
    add(&browser, "Only in the browser").await;
    let mut all = names(&browser).await;
    assert_eq!(all.len(), ACCOUNTS + 1);
    browser.quit().await;

    // Pages of records: damage is seen by whoever reads them, and mended at the start after.
    let damaged = damage(chromium.profile.path(), |_, page| {
        says(page, b"Shared ") && !says(page, b"Only in the browser") && !says(page, b"CREATE TABLE")
    });
    assert!(damaged > 0, "the database lies in the profile");
    let browser = chromium.open(&relay.url()).await;
    // Whatever is read first meets the damage: opening the database, or this question.
    if browser.ask(json!({ "verb": "list", "kind": "account" })).await["error"].is_string() {
        told(&browser, "Load the page again to mend it").await;
        browser.reload().await;
    }
    told(&browser, "has been set aside").await;
    assert!(names(&browser).await.contains("Only in the browser"), "it is there before the relay is");
    relay.start();
    synced(&browser).await;
    assert_eq!(names(&browser).await, all);

    // The first page and the schema: nothing says any longer where the tables are.
    relay.stop();
    add(&browser, "Only in the browser, again").await;
    all.insert("Only in the browser, again".to_owned());
    browser.quit().await;
    damage(chromium.profile.path(), |number, page| number == 0 || says(page, b"CREATE TABLE"));
    let browser = chromium.open(&relay.url()).await;
    told(&browser, "1 change that was only here was saved").await;
    relay.start();
    synced(&browser).await;
    assert_eq!(names(&browser).await, all);

    assert_eq!(browser.verb(json!({ "verb": "verify" })).await["problems"], Json::Array(Vec::new()));
    colleague.sync();
    let theirs: BTreeSet<String> =
        colleague.list("account").iter().map(|account| account["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(theirs, all, "what was only there reached the others");
    browser.quit().await;
}
