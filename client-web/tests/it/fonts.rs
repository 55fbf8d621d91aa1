//! Names in scripts that the app doesn't bring, in a real Chromium.

use serde_json::json;

use crate::chromium::Chromium;
use crate::files::FileServer;

const NAMES: [&str; 8] = [
    "株式会社テスト 東京",
    "한국전자 서울",
    "محمد",
    "شركة النور",
    "שלום עולם",
    "บริษัท สยามกลการ",
    "🚀 Rocket & Söhne",
    "देवनागरी नाम",
];

/// JavaScript for whether a font lies in the browser's cache.
fn is_kept(name: &str) -> String {
    format!(
        "(caches.match('/fonts/{name}.ttf').then((found) => {{ window.kept_{name} = found !== undefined; }}), window.kept_{name} === true)"
    )
}

#[tokio::test]
async fn a_font_is_fetched_once_when_a_name_needs_it_and_is_there_offline() {
    let server = FileServer::start();
    let chromium = Chromium::new();
    let session = chromium.open(&server.url()).await;
    session.verb(json!({ "verb": "init", "name": "Ada" })).await;
    for name in NAMES {
        session.verb(json!({ "verb": "add", "kind": "account", "fields": { "name": name } })).await;
    }
    session.wait_until("navigator.serviceWorker.controller !== null").await;

    session.open_address(&format!("{}accounts", server.url())).await;
    // Arabic letters join, so no device draws them one by one.
    session.wait_until(&is_kept("arabic")).await;
    session.wait_until("performance.getEntriesByName(location.origin + '/fonts/arabic.ttf').length === 1").await;
    session.wait_until("performance.getEntriesByName(location.origin + '/fonts/georgian.ttf').length === 0").await;
    session.script("await new Promise((resolve) => setTimeout(resolve, 3000));").await;
    session.picture("fonts").await;
    session.quit().await;

    let url = server.url();
    drop(server);
    let session = chromium.open(&format!("{url}accounts")).await;
    session.wait_until("document.getElementById('mirror').innerHTML.includes('محمد')").await;
    session.wait_until(&is_kept("arabic")).await;
    session.wait_until("performance.getEntriesByName(location.origin + '/fonts/arabic.ttf').length === 0").await;
    session.script("await new Promise((resolve) => setTimeout(resolve, 3000));").await;
    session.picture("fonts-offline").await;
    session.quit().await;
}
