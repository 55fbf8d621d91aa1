//! A page that is left while its worker has much to do: the next one opens, and nothing is lost. Chromium's process
//! used to end with such a worker, and took the tab with it.

use std::fmt::Write as _;

use serde_json::json;
use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::end_to_end::{synced, web_client};
use crate::processes::{EMAIL, Native, PASSWORD, TestRelay};

/// So many that checking them after the bootstrap takes longer than loading a page.
const LEADS: usize = 1_500;
const TIMES: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_left_while_its_worker_is_busy_takes_nothing_with_it() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), Some(web_client()));
    relay.start();
    let mut csv = String::from("Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date\n");
    for number in 0..LEADS {
        let _ = writeln!(csv, "{number},Deal {number},New,Sales,12,2026-12-01,2026-03-12 09:14");
    }
    let file = folder.path().join("deals.csv");
    std::fs::write(&file, csv).unwrap();
    let native = Native::new(folder.path(), "native");
    native.join(&relay.url());
    native.run(&["import", &file.display().to_string()]);
    native.sync();
    let chromium = Chromium::new();
    let browser = chromium.open(&relay.url()).await;
    browser.verb(json!({ "verb": "join", "server": relay.url(), "email": EMAIL, "password": PASSWORD })).await;
    synced(&browser).await;

    for time in 0..TIMES {
        browser.verb(json!({ "verb": "add", "kind": "account", "fields": { "name": format!("Left {time}") } })).await;
        browser.open_address(&format!("{}/pipeline", relay.url())).await;
    }

    browser.wait_until("/Deal [0-9]/.test(document.getElementById('mirror').innerHTML)").await;
    let accounts = browser.verb(json!({ "verb": "list", "kind": "account", "q": "Left" })).await;
    assert_eq!(accounts.as_array().unwrap().len(), TIMES);
    synced(&browser).await;
    assert_eq!(browser.verb(json!({ "verb": "verify" })).await["problems"], json!([]));
    browser.quit().await;
}
