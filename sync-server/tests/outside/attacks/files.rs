//! Files that want to be something else.

use model::RecordId;
use serde_json::{Value, json};

use crate::harness::{Answer, Author, TestRelay};

/// An account of Ada's on the relay.
pub(crate) async fn account(relay: &TestRelay, ada: &Value) -> RecordId {
    let (account, push) = Author::new(ada, 1).create_account("Acme");
    let mut socket = relay.connect_as(ada, 1).await;
    socket.send(push).await;
    socket.verdict().await.unwrap();
    account
}

async fn upload(relay: &TestRelay, ada: &Value, account: RecordId, name: &str, bytes: &[u8]) -> Answer {
    let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let path = format!("/api/v1/attachments/upload?linked_type=account&linked_id={account}&filename={encoded}");
    let headers = [("content-type", "image/png")];
    relay.request("POST", &path, &headers, ada["access_token"].as_str(), bytes.to_vec()).await
}

/// An upload that Ada has begun for an attachment of hers.
pub(super) async fn begun_upload(relay: &TestRelay, ada: &Value, account: RecordId) -> String {
    let file = upload(relay, ada, account, "begun.txt", b"some bytes").await;
    let body = json!({"attachment_id": file.body["id"], "checksum": file.body["checksum"], "size_bytes": 10});
    let begun = relay.ask("POST", "/api/v1/attachments/uploads", ada, &body).await;
    begun.body["upload_id"].as_str().unwrap().to_owned()
}

/// Row: attachment name `../`, `..\`, `%2e%2e`, absolute, NUL, CON, RTL override, 4 KB, CRLF, quotes.
#[tokio::test(flavor = "multi_thread")]
async fn attachment_name_dots_absolute_nul_con_rtl_override_4_kb_crlf_quotes() {
    let (relay, ada) = TestRelay::with_ada().await;
    let account = account(&relay, &ada).await;
    let long = "x".repeat(4_096);

    for name in [
        "../../../etc/passwd",
        "..\\..\\boot.ini",
        "%2e%2e%2f%2e%2e",
        "/etc/passwd",
        "nul\0byte",
        "CON",
        "invoice\u{202e}fdp.exe",
        &long,
        "a\r\nset-cookie: x=y",
        "say \"hi\".txt",
        "Übersicht.pdf",
    ] {
        let made = upload(&relay, &ada, account, name, name.as_bytes()).await;
        assert_eq!(made.status, 201, "{name:?} {made:?}");
        let path = made.body["path"].as_str().unwrap();
        assert!(path.starts_with("blobs/") && path.len() == 73 && !path.contains(".."), "{path}");
        let id = made.body["id"].as_str().unwrap();
        let got = relay.ask("GET", &format!("/api/v1/attachments/{id}/download"), &ada, &Value::Null).await;
        let disposition = got.header("content-disposition");
        assert_eq!((got.status, got.bytes.as_slice()), (200, name.as_bytes()));
        assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
        assert!(disposition.contains("\"; filename*=UTF-8''"), "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        assert_eq!(got.header("set-cookie"), "");
    }
}

/// Row: HTML/SVG/polyglot labelled image/png.
#[tokio::test(flavor = "multi_thread")]
async fn html_svg_polyglot_labelled_image_png() {
    let (relay, ada) = TestRelay::with_ada().await;
    let account = account(&relay, &ada).await;

    for (bytes, media_type) in [
        (b"<html><script>alert(1)</script>".as_slice(), "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "application/octet-stream"),
        (b"GIF89a/*<script>*/=alert(1)", "image/gif"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
    ] {
        let made = upload(&relay, &ada, account, "a.png", bytes).await;
        let id = made.body["id"].as_str().unwrap();
        let got = relay.ask("GET", &format!("/api/v1/attachments/{id}/download"), &ada, &Value::Null).await;

        assert_eq!(got.header("content-type"), media_type);
        assert!(got.header("content-disposition").starts_with("attachment;"));
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert_eq!(got.header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(got.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(got.header("cache-control"), "no-store");
    }
}
