//! The same figures on the command line, over REST, and in a real Chromium.

use std::path::PathBuf;
use std::process::Command;

use model::report::Name;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::end_to_end::{synced, web_client};
use crate::processes::{EMAIL, Native, PASSWORD, TestRelay};

/// Asks the relay's API, as scripts do.
fn curl(url: &str, more: &[&str]) -> Json {
    let output = Command::new("curl").args(["-sS", "--fail-with-body", url]).args(more).output().unwrap();
    assert!(output.status.success(), "{url}: {}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn deals_csv() -> String {
    let header = "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Associated Company\n";
    let rows = (0..60).map(|index| {
        let stage = ["New", "Qualified", "Proposal", "Negotiation"][index % 4];
        format!("d{index},Deal {index},{stage},Sales,{}.50,2026-12-15,2026-03-12 09:14,Firm {index}\n", index * 100)
    });
    std::iter::once(header.to_owned()).chain(rows).collect()
}

/// Some are won, lost, reopened, revalued and moved on.
fn work(native: &Native) {
    let leads = native.list("lead");
    let id = |index: usize| leads[index]["id"].as_str().unwrap().to_owned();
    for index in 0..5 {
        native.run(&["set", "lead", &id(index), "stage=won"]);
        native.run(&["set", "lead", &id(index + 5), "stage=lost", "lost_reason=Price"]);
        native.run(&["set", "lead", &id(index + 10), "stage=negotiation", "source=Referral"]);
    }
    native.run(&["set", "lead", &id(0), "stage=proposal"]);
    native.run(&["set", "lead", &id(1), "value_cents=99900"]);
}

/// A relay with deals of a team of two that were worked on offline, and the header of a script that may ask it.
fn prepared(folder: &TempDir, web: Option<PathBuf>) -> (TestRelay, Native, String) {
    let mut relay = TestRelay::new(folder.path(), web);
    relay.add_person("ben@example.org", "Ben Ode", "user");
    relay.start();
    let native = Native::new(folder.path(), "ann");
    std::fs::write(folder.path().join("deals.csv"), deals_csv()).unwrap();
    native.join(&relay.url());
    native.run(&["import", &folder.path().join("deals.csv").display().to_string()]);
    work(&native);
    native.sync();
    let login = json!({"email": EMAIL, "password": PASSWORD, "device_name": "script",
        "device_id": "6f2c1a52-9c1e-4f0a-8d57-0d5a3f6f1c11"});
    let session = curl(&format!("{}/api/v1/auth/login", relay.url()), &["--json", &login.to_string()]);
    let bearer = format!("Authorization: Bearer {}", session["access_token"].as_str().unwrap());
    (relay, native, bearer)
}

#[test]
fn command_line_and_rest_tell_the_same_figures() {
    let folder = TempDir::new().unwrap();
    let (relay, native, bearer) = prepared(&folder, None);

    for name in Name::ALL {
        for parameters in [&["--period", "this_year"][..], &["--period", "last_month", "--where", "source=Referral"]] {
            let on_the_command_line = native.run(&[&["report", name.word()], parameters].concat());
            let query = if parameters.len() == 2 { "period=this_year" } else { "period=last_month&source=Referral" };
            let over_rest = curl(&format!("{}/api/v1/reports/{name}?{query}", relay.url()), &["-H", &bearer]);
            assert_eq!(on_the_command_line, over_rest, "{name}?{query}");
        }
    }
    let won = native.run(&["report", "won", "--period", "this_year"]);
    assert_eq!(
        (&won["figures"]["won"]["sum"]["leads"], &won["figures"]["lost"]["sum"]["leads"]),
        (&json!(4), &json!(5))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn command_line_rest_and_browser_tell_the_same_figures() {
    let folder = TempDir::new().unwrap();
    let (relay, native, bearer) = prepared(&folder, Some(web_client()));
    let chromium = Chromium::new();
    let browser = chromium.open(&relay.url()).await;
    browser.verb(json!({ "verb": "join", "server": relay.url(), "email": EMAIL, "password": PASSWORD })).await;
    synced(&browser).await;
    browser.wait_until("navigator.serviceWorker.controller !== null").await;

    // The same numbers from all three, to the last cent.
    for name in Name::ALL {
        let on_the_command_line = native.run(&["report", name.word(), "--period", "this_year"]);
        let over_rest = curl(&format!("{}/api/v1/reports/{name}?period=this_year", relay.url()), &["-H", &bearer]);
        assert_eq!(on_the_command_line, over_rest, "{name}");
        let asked = json!({ "verb": "report", "name": name, "filter": { "period": "this_year" } });
        // A browser that has just bootstrapped reads the histories in the background.
        let in_the_browser = loop {
            let report = browser.verb(asked.clone()).await;
            if report["unread_histories"] == 0 {
                break report;
            }
        };
        assert_eq!(in_the_browser, over_rest, "{name}");
    }

    // What REST says is what stands on the browser's screen, and each figure opens the list behind it.
    let pipeline = curl(&format!("{}/api/v1/reports/pipeline", relay.url()), &["-H", &bearer]);
    browser.open_address(&format!("{}/reports", relay.url())).await;
    for stage in pipeline["figures"]["stages"].as_array().unwrap() {
        let (name, leads) = (stage["name"].as_str().unwrap(), stage["leads"].as_u64().unwrap());
        let money = model::format::money(stage["value_cents"].as_i64().unwrap(), "USD");
        browser.wait_for_name(&format!("{name}, Leads: {leads}")).await;
        browser.wait_for_name(&format!("{name}, Value: {money}")).await;
    }
    let negotiation = &pipeline["figures"]["stages"][3];
    browser.press_named(&format!("Negotiation, Leads: {}", negotiation["leads"])).await;
    browser.wait_until("location.pathname === '/leads' && location.search.includes('figure=pipeline')").await;
    browser.wait_for_name("Remove the filter Pipeline summary · Open · Negotiation").await;
    browser.back().await;
    browser.wait_until("location.pathname === '/reports'").await;
    browser.quit().await;
}
