//! The browser as a screen reader and a keyboard use it: everything through the ARIA mirror, by role and name, with
//! axe-core's rules over each screen. The card is dragged with a real pointer.

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::chromium::{Chromium, Session};
use crate::end_to_end::{synced, web_client};
use crate::processes::{EMAIL, PASSWORD, TestRelay};

/// Waits for nothing but what the page shows.
async fn sign_in(browser: &Session) {
    browser.wait_for_name("Email").await;
    browser.type_into("Email", EMAIL).await;
    browser.type_into("Password", PASSWORD).await;
    browser.press_named("Sign in").await;
    browser.wait_for_name("Pipeline").await;
}

/// What axe-core calls serious or worse on the page as it stands.
async fn serious(browser: &Session) -> Vec<String> {
    let path = std::env::var_os("TRAILTRACK_AXE").expect("TRAILTRACK_AXE names axe.min.js: `cargo xtask test`");
    let axe = std::fs::read_to_string(path).expect("axe-core can be read");
    let found = browser.audit(&axe).await;
    let violations = found["violations"].as_array().expect("axe-core answers with violations");
    assert!(found["passes"].as_array().is_some_and(|passes| !passes.is_empty()), "its rules met something");
    let is_serious = |of: &&Json| matches!(of["impact"].as_str(), Some("serious" | "critical"));
    violations.iter().filter(is_serious).map(|of| format!("{}: {}", of["id"], of["nodes"])).collect()
}

fn only(list: &Json) -> &Json {
    let rows = list.as_array().expect("lists are arrays");
    assert_eq!(rows.len(), 1, "{list}");
    &rows[0]
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "how long a newcomer takes is printed, not asserted")]
async fn a_day_by_ear_from_the_first_lead_to_a_won_deal() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), Some(web_client()));
    relay.start();
    let chromium = Chromium::new();
    let browser = chromium.open(&relay.url()).await;
    let mut findings = Vec::new();
    let leads = json!({ "verb": "list", "kind": "lead" });

    // First run to the first lead.
    let begun = std::time::Instant::now();
    sign_in(&browser).await;
    findings.extend(serious(&browser).await);
    browser.press_named("New").await;
    browser.press_named("New lead").await;
    browser.fill("Title", "Acme website 12k").await;
    browser.wait_for_name("Created lead").await;
    println!("first launch to first lead in Chromium: {:.1} s", begun.elapsed().as_secs_f64());
    let lead = only(&browser.verb(leads.clone()).await).clone();
    assert_eq!((&lead["title"], &lead["value_cents"]), (&json!("Acme website"), &json!(1_200_000)));
    synced(&browser).await;

    // Quick Log in two actions: open it, tap what came of the call.
    browser.open_address(&format!("{}/leads/{}", relay.url(), lead["id"].as_str().unwrap())).await;
    browser.wait_for_name("Title").await;
    findings.extend(serious(&browser).await);
    browser.press_named("Log").await;
    browser.press_named("Call: talked").await;
    browser.wait_for_name("Logged call").await;
    let call = browser.verb(json!({ "verb": "list", "kind": "activity" })).await;
    assert_eq!((&only(&call)["type"], &only(&call)["via"]), (&json!("call"), &json!("quick_log")));

    // A card is dragged to the next stage.
    browser.open_address(&format!("{}/pipeline", relay.url())).await;
    browser.wait_until(&beginning("Acme website")).await;
    findings.extend(serious(&browser).await);
    browser.drag(&beginning("Acme website"), [280, 6]).await;
    browser.wait_for_name("Moved 1 lead to Qualified").await;
    assert_eq!(only(&browser.verb(leads.clone()).await)["stage"], "qualified");

    // A deal is won.
    browser.open_address(&format!("{}/leads/{}", relay.url(), lead["id"].as_str().unwrap())).await;
    browser.press_named("Won").await;
    browser.press_named("Mark as won").await;
    browser.wait_for_name("Lead won").await;
    let won = browser.verb(leads).await;
    assert_eq!((&only(&won)["status"], &only(&won)["closed_value_cents"]), (&json!("closed_won"), &json!(1_200_000)));
    for route in ["", "leads", "contacts", "accounts", "settings", "settings?s=pipeline", "duplicates", "trash"] {
        browser.open_address(&format!("{}/{route}", relay.url())).await;
        browser.wait_for_name("Search").await;
        findings.extend(serious(&browser).await.into_iter().map(|finding| format!("/{route}: {finding}")));
    }

    assert!(findings.is_empty(), "{}", findings.join("\n"));
    browser.quit().await;
}

/// JavaScript for the control whose name begins so.
fn beginning(name: &str) -> String {
    let name = json!(name);
    format!(
        "[...document.querySelectorAll('#mirror [role=listitem], #mirror [role=button]')].find((element) => \
         (element.getAttribute('aria-label') ?? element.textContent).startsWith({name}))"
    )
}
