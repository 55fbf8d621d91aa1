//! The web client on a phone of 360 pixels with a touch screen: the main flows by thumb alone.

use serde_json::json;
use tempfile::TempDir;

use crate::chromium::{Chromium, Session};
use crate::end_to_end::{synced, web_client};
use crate::processes::{EMAIL, PASSWORD, TestRelay};

/// The smallest target a thumb meets, in CSS pixels.
const TARGET: u32 = 40;

/// The controls that a thumb can't reach or hit on the page as it stands.
async fn out_of_reach(browser: &Session, page: &str) -> Vec<String> {
    let found = browser
        .script(&format!(
            "const tapped = [...document.querySelectorAll('#mirror [role=button], #mirror [role=tab], #mirror input, #mirror [role=checkbox], #mirror [role=combobox]')];
             return tapped.map((control) => [control, control.getBoundingClientRect()])
                 .filter(([, at]) => at.bottom > 0 && at.top < innerHeight && at.right > 0 && at.left < innerWidth)
                 .filter(([, at]) => at.height < {TARGET} || at.width < {TARGET} || at.right > innerWidth + 1 && at.left < 8)
                 .map(([control, at]) => (control.getAttribute('aria-label') ?? control.textContent)
                     + ' ' + Math.round(at.left) + ',' + Math.round(at.top) + ' ' + Math.round(at.width) + 'x' + Math.round(at.height));"
        ))
        .await;
    let controls = found.as_array().expect("a list").iter().map(|control| format!("{page}: {control}"));
    controls.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_flows_work_with_a_thumb_at_360_pixels() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), Some(web_client()));
    relay.start();
    let chromium = Chromium::new();
    let browser = chromium.open_phone(&relay.url()).await;
    let mut found = Vec::new();

    browser.wait_for_name("Email").await;
    found.extend(out_of_reach(&browser, "sign in").await);
    browser.picture("phone-sign-in").await;
    browser.type_into("Email", EMAIL).await;
    browser.type_into("Password", PASSWORD).await;
    browser.tap_named("Sign in").await;
    browser.wait_for_name("New").await;
    synced(&browser).await;
    for (title, value) in [("Acme website relaunch with a long name", "12000"), ("Kestrel audit", "800")] {
        let fields = json!({ "title": title, "value_cents": value });
        browser.verb(json!({ "verb": "add", "kind": "lead", "fields": fields })).await;
    }
    let leads = browser.verb(json!({ "verb": "list", "kind": "lead" })).await;
    let lead = leads[0]["id"].as_str().expect("leads have ids").to_owned();

    let pages = ["", "pipeline", "leads", "contacts", "reports", "settings", "settings?s=pipeline"];
    let detail = format!("leads/{lead}");
    for page in pages.into_iter().chain([detail.as_str()]) {
        browser.open_address(&format!("{}/{page}", relay.url())).await;
        browser.wait_for_name("New").await;
        let name = if page.starts_with("leads/") { "lead".to_owned() } else { format!("page-{page}") };
        found.extend(out_of_reach(&browser, &name).await);
        browser.picture(&format!("phone-{}", name.replace(['?', '='], "-"))).await;
    }

    browser.tap_named("Log activity").await;
    browser.wait_for_name("Call: talked").await;
    found.extend(out_of_reach(&browser, "quick log").await);
    browser.picture("phone-quick-log").await;
    browser.tap_named("Call: talked").await;
    browser.wait_for_name("Logged call").await;
    browser.open_address(&relay.url()).await;
    browser.tap_named("New").await;
    browser.wait_for_name("New lead").await;
    browser.picture("phone-new").await;
    browser.tap_named("New lead").await;
    browser.wait_for_name("Title").await;
    found.extend(out_of_reach(&browser, "new lead").await);
    browser.picture("phone-new-lead").await;
    browser.fill("Title", "By thumb 3k").await;
    browser.wait_for_name("Created lead").await;

    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.quit().await;
}
