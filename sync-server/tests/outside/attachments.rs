//! Claims about `/attachments`.

use std::path::{Path, PathBuf};

use model::{Kind, RecordId, RecordRef};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sync_server::attachments::AttachmentLimits;
use sync_server::attachments::service::{TRASH_LIFE_MILLIS, UNUSED_LIFE_MILLIS};
use sync_server::domain::Write;
use sync_server::store::Authorship;

use crate::attacks::files::account;
use crate::harness::{Answer, Author, Files, TestRelay, device_id};

const MIB: usize = 1024 * 1024;

/// Bytes that no two parts share.
fn noise(length: usize) -> Vec<u8> {
    let mut dice = model::build::Dice::new(7);
    (0..length).map(|_| u8::try_from(dice.below(256)).unwrap()).collect()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn upload(relay: &TestRelay, by: &Value, account: RecordId, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/attachments/upload?linked_type=account&linked_id={account}&filename=quote.pdf");
    relay
        .request("POST", &path, &[("content-type", "application/pdf")], by["access_token"].as_str(), bytes.to_vec())
        .await
}

async fn download(relay: &TestRelay, by: &Value, id: &str, range: Option<&str>) -> Answer {
    let headers: Vec<(&'static str, &str)> = range.map(|range| ("range", range)).into_iter().collect();
    let path = format!("/api/v1/attachments/{id}/download");
    relay.request("GET", &path, &headers, by["access_token"].as_str(), Vec::new()).await
}

/// An attachment's record, as a client makes it before it uploads.
async fn announce(relay: &TestRelay, by: &Value, account: RecordId, bytes: &[u8]) -> RecordId {
    let (user, id) = (by["user"]["id"].as_str().unwrap().parse().unwrap(), relay.app.identity.fresh_record_id());
    let record = RecordRef::new(Kind::Attachment, id);
    let fields: [(&str, model::Value); 7] = [
        ("linked_type", "account".into()),
        ("linked_id", account.into()),
        ("filename", "plan.bin".into()),
        ("checksum", sum(bytes).into()),
        ("size_bytes", i64::try_from(bytes.len()).unwrap().into()),
        ("uploaded_at", relay.app.identity.now().into()),
        ("owner_id", model::Value::from(user)),
    ];
    let changes = fields.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect();
    relay.app.hub.write_as(Authorship { user, device: device_id(1) }, vec![Write { record, changes }]).await.unwrap();
    id
}

async fn begin(relay: &TestRelay, by: &Value, attachment: RecordId, bytes: &[u8]) -> Answer {
    let body = json!({"attachment_id": attachment, "checksum": sum(bytes), "size_bytes": bytes.len()});
    relay.ask("POST", "/api/v1/attachments/uploads", by, &body).await
}

async fn put(relay: &TestRelay, by: &Value, upload: &str, part: usize, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/attachments/uploads/{upload}/parts/{part}");
    relay.request("PUT", &path, &[], by["access_token"].as_str(), bytes.to_vec()).await
}

async fn finish(relay: &TestRelay, by: &Value, upload: &str) -> Answer {
    relay.ask("POST", &format!("/api/v1/attachments/uploads/{upload}/finish"), by, &Value::Null).await
}

fn part(bytes: &[u8], part: usize) -> &[u8] {
    bytes.chunks(MIB).nth(part).unwrap()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_goes_up_and_comes_down_whole_or_in_ranges() {
    let (relay, ada) = TestRelay::with_ada().await;
    let (account, bytes) = (account(&relay, &ada).await, noise(2 * MIB + 100));

    let made = upload(&relay, &ada, account, &bytes).await;
    let id = made.body["id"].as_str().unwrap();
    let whole = download(&relay, &ada, id, None).await;
    let end = download(&relay, &ada, id, Some("bytes=2097140-")).await;
    let middle = download(&relay, &ada, id, Some("bytes=1048570-1048580")).await;
    let beyond = download(&relay, &ada, id, Some("bytes=3000000-")).await;

    assert_eq!(made.status, 201, "{made:?}");
    for (key, value) in [
        ("linked_type", json!("account")),
        ("linked_id", json!(account)),
        ("filename", json!("quote.pdf")),
        ("mime_type", json!("application/pdf")),
        ("size_bytes", json!(bytes.len())),
        ("checksum", json!(sum(&bytes))),
        ("owner_id", ada["user"]["id"].clone()),
        ("on_relay", json!(true)),
        ("scan", json!("not_scanned")),
    ] {
        assert_eq!(made.body[key], value, "{key}");
    }
    assert_eq!((whole.status, sum(&whole.bytes)), (200, sum(&bytes)));
    assert_eq!((end.status, end.bytes.as_slice()), (206, &bytes[2_097_140..]));
    assert_eq!(end.header("content-range"), format!("bytes 2097140-2097251/{}", bytes.len()));
    assert_eq!((middle.status, middle.bytes.as_slice()), (206, &bytes[1_048_570..=1_048_580]));
    assert_eq!((beyond.status, beyond.header("content-range")), (416, format!("bytes */{}", bytes.len()).as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_a_page_is_taken() {
    let (relay, ada) = TestRelay::with_ada().await;
    let account = account(&relay, &ada).await;
    let path = format!("/api/v1/attachments/upload?linked_type=account&linked_id={account}");
    let body = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"../../note.txt\"\r\n\
        content-type: text/plain\r\n\r\nhello\r\n--x--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=x")];

    let made = relay.request("POST", &path, &headers, ada["access_token"].as_str(), body.into()).await;

    assert_eq!((made.status, &made.body["filename"]), (201, &json!("_.._note.txt")), "{made:?}");
    assert_eq!((&made.body["mime_type"], &made.body["size_bytes"]), (&json!("text/plain"), &json!(5)));
    let cut = relay.request("POST", &path, &headers, ada["access_token"].as_str(), body[..100].into()).await;
    assert!((400..500).contains(&cut.status), "{cut:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_goes_on_where_it_was() {
    let (relay, ada) = TestRelay::with_ada().await;
    let (account, bytes) = (account(&relay, &ada).await, noise(3 * MIB + 5));
    let attachment = announce(&relay, &ada, account, &bytes).await;

    let begun = begin(&relay, &ada, attachment, &bytes).await;
    let id = begun.body["upload_id"].as_str().unwrap();
    assert_eq!(
        (begun.status, &begun.body["part_count"], &begun.body["missing"]),
        (201, &json!(4), &json!([0, 1, 2, 3]))
    );
    for number in [3, 0] {
        assert_eq!(put(&relay, &ada, id, number, part(&bytes, number)).await.status, 204);
    }
    let early = finish(&relay, &ada, id).await;
    let again = begin(&relay, &ada, attachment, &bytes).await;
    let unseen = download(&relay, &ada, &attachment.to_string(), None).await;
    for number in [1, 2, 2] {
        assert_eq!(put(&relay, &ada, id, number, part(&bytes, number)).await.status, 204);
    }
    let mut socket = relay.connect_as(&ada, 1).await;
    let done = finish(&relay, &ada, id).await;
    let done_again = finish(&relay, &ada, id).await;

    assert_eq!((early.status, early.code()), (409, "parts_missing"));
    assert_eq!((&again.body["upload_id"], &again.body["missing"]), (&json!(id), &json!([1, 2])));
    assert_eq!(unseen.status, 404, "half a file is no file");
    assert_eq!((done.status, &done.body["on_relay"]), (200, &json!(true)), "{done:?}");
    assert_eq!(done.body["path"], format!("blobs/{}/{}", &sum(&bytes)[..2], sum(&bytes)));
    assert_eq!((done_again.status, &done_again.body["checksum"]), (200, &json!(sum(&bytes))));
    let unheard = begin(&relay, &ada, attachment, &bytes).await;
    assert_eq!(
        (&unheard.body["upload_id"], &unheard.body["missing"]),
        (&json!(id), &json!([])),
        "nothing is sent twice"
    );
    assert_eq!(sum(&download(&relay, &ada, &attachment.to_string(), None).await.bytes), sum(&bytes));
    socket
        .send(tokio_tungstenite::tungstenite::Message::binary(
            sync::wire::ClientFrame::Pull(sync::wire::Pull { after: 0 }).encode(),
        ))
        .await;
    assert!(matches!(socket.frame().await, sync::wire::RelayFrame::Entries(_)), "the record's news reach clients");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_do_not_fit_are_refused_and_false_ones_thrown_away() {
    let (relay, ada) = TestRelay::with_ada().await;
    let (account, bytes) = (account(&relay, &ada).await, noise(MIB + 5));
    let attachment = announce(&relay, &ada, account, &bytes).await;
    let begun = begin(&relay, &ada, attachment, &bytes).await;
    let id = begun.body["upload_id"].as_str().unwrap();

    for (number, body, status, code) in [
        (0, &bytes[..10], 422, "wrong_size"),
        (0, &bytes[..], 413, "too_large"),
        (1, &bytes[..6], 422, "wrong_size"),
        (2, &bytes[..1], 404, "not_found"),
    ] {
        let answer = put(&relay, &ada, id, number, body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "part {number}");
    }
    put(&relay, &ada, id, 0, &vec![0; MIB]).await;
    put(&relay, &ada, id, 1, part(&bytes, 1)).await;
    let false_file = finish(&relay, &ada, id).await;

    assert_eq!((false_file.status, false_file.code()), (422, "wrong_checksum"));
    assert_eq!(begin(&relay, &ada, attachment, &bytes).await.body["missing"], json!([0, 1]));
    assert_eq!(download(&relay, &ada, &attachment.to_string(), None).await.status, 404);
    for (checksum, size) in [(sum(b"another"), bytes.len()), (sum(&bytes), 7), ("../..".to_owned(), bytes.len())] {
        let body = json!({"attachment_id": attachment, "checksum": checksum, "size_bytes": size});
        let answer = relay.ask("POST", "/api/v1/attachments/uploads", &ada, &body).await;
        assert_eq!((answer.status, answer.code()), (422, "invalid_field"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_bytes_by_naming_their_checksum() {
    let (relay, ada) = TestRelay::with_ada().await;
    let ben = relay.join(&ada, "ben", "user", 2).await;
    let (account, secret) = (account(&relay, &ada).await, noise(2 * MIB));
    assert_eq!(upload(&relay, &ada, account, &secret).await.status, 201);

    let known = announce(&relay, &ben, account, &secret).await;
    let unknown = announce(&relay, &ben, account, b"nobody has this").await;
    let begun = begin(&relay, &ben, known, &secret).await;
    let id = begun.body["upload_id"].as_str().unwrap();
    let other = begin(&relay, &ben, unknown, b"nobody has this").await;

    assert_eq!(begun.body["missing"], json!([0, 1]), "every byte has to be sent all the same");
    assert_eq!((begun.status, other.status), (201, 201));
    assert_eq!(finish(&relay, &ben, id).await.code(), "parts_missing");
    for attachment in [known, unknown] {
        let answer = download(&relay, &ben, &attachment.to_string(), None).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_stored_once_and_goes_with_the_last_attachment_that_held_it() {
    let (relay, ada) = TestRelay::with_ada().await;
    let (account, bytes) = (account(&relay, &ada).await, noise(1_000));
    let ids = [upload(&relay, &ada, account, &bytes).await, upload(&relay, &ada, account, &bytes).await]
        .map(|made| made.body["id"].as_str().unwrap().to_owned());
    assert_eq!(relay.stored().await, (1, 0));

    let remove =
        async |id: &str| relay.ask("DELETE", &format!("/api/v1/attachments/{id}"), &ada, &Value::Null).await.status;
    let pass = async |millis: i64| {
        relay.clock.advance(millis);
        relay.app.look_after_files(None).await;
    };
    assert_eq!(remove(&ids[0]).await, 204);
    pass(TRASH_LIFE_MILLIS + 1).await;
    pass(UNUSED_LIFE_MILLIS + 1).await;
    assert_eq!(relay.stored().await, (1, 0), "the other still holds it");
    let ada = relay.sign_in(crate::harness::ADA, crate::harness::PASSWORD, 1).await.body;
    assert_eq!(download(&relay, &ada, &ids[1], None).await.bytes, bytes);
    let removed = relay.ask("DELETE", &format!("/api/v1/attachments/{}", ids[1]), &ada, &Value::Null).await;
    assert_eq!(removed.status, 204);
    assert_eq!(download(&relay, &ada, &ids[1], None).await.status, 404);
    pass(TRASH_LIFE_MILLIS - 1_000).await;
    assert_eq!(relay.stored().await, (1, 0), "it can still be restored");
    pass(2_000).await;
    assert_eq!(relay.stored().await, (1, 0), "a grace for whoever uploads it again just now");
    pass(UNUSED_LIFE_MILLIS + 1).await;
    assert_eq!(relay.stored().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_and_a_person_have_only_so_much_room() {
    let limits = AttachmentLimits { file_bytes_max: 2_000, user_bytes_max: 3_000, user_files_max: 3 };
    let (relay, ada) = TestRelay::with_ada_keeping(Files { limits, ..Files::default() }).await;
    let ben = relay.join(&ada, "ben", "user", 2).await;
    let account = account(&relay, &ada).await;

    let too_large = upload(&relay, &ada, account, &noise(2_001)).await;
    let empty = upload(&relay, &ada, account, b"").await;
    let first = upload(&relay, &ada, account, &noise(2_000)).await;
    let beyond = upload(&relay, &ada, account, &noise(1_001)).await;
    let announced = announce(&relay, &ada, account, &noise(1_001)).await;
    let begun = begin(&relay, &ada, announced, &noise(1_001)).await;
    let of_another = upload(&relay, &ben, account, &noise(1_001)).await;

    assert_eq!((too_large.status, too_large.code()), (413, "too_large"));
    assert_eq!((empty.status, empty.code()), (422, "empty_file"));
    assert_eq!(first.status, 201);
    assert_eq!((beyond.status, beyond.code()), (409, "quota_reached"));
    assert_eq!((begun.status, begun.code()), (409, "quota_reached"));
    assert_eq!(of_another.status, 201);
    assert_eq!(relay.stored().await.1, 0, "nothing is left of what was refused");
    for number in 0..2 {
        assert_eq!(upload(&relay, &ben, account, &noise(10 + number)).await.status, 201);
    }
    let fourth = upload(&relay, &ben, account, b"small").await;
    assert_eq!((fourth.status, fourth.code()), (409, "quota_reached"), "by number");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_follow_the_rights_on_the_record_they_hang_on() {
    let (relay, ada) = TestRelay::with_ada().await;
    let ben = relay.join(&ada, "ben", "user", 2).await;
    let adas = account(&relay, &ada).await;
    let (bens, push) = Author::new(&ben, 2).create_account("Ben's");
    let mut socket = relay.connect_as(&ben, 2).await;
    socket.send(push).await;
    socket.verdict().await.unwrap();
    let user = ada["user"]["id"].as_str().unwrap().parse().unwrap();
    let only_owners = Write {
        record: RecordRef::new(Kind::Settings, model::settings::SETTINGS_ID),
        changes: [("only_owners_edit".to_owned(), Some(true.into()))].into(),
    };
    relay.app.hub.write_as(Authorship { user, device: device_id(1) }, vec![only_owners]).await.unwrap();

    let on_adas = upload(&relay, &ben, adas, b"bytes").await;
    let on_own = upload(&relay, &ben, bens, b"bytes").await;
    let by_admin = upload(&relay, &ada, bens, b"bytes").await;
    let nowhere = upload(&relay, &ben, RecordId::from_bytes([9; 16]), b"bytes").await;

    assert_eq!((on_own.status, by_admin.status), (201, 201));
    assert_eq!((on_adas.status, on_adas.code()), (403, "not_allowed"), "{on_adas:?}");
    assert_eq!((nowhere.status, nowhere.code()), (404, "not_found"));
    let admins = by_admin.body["id"].as_str().unwrap();
    let removed = relay.ask("DELETE", &format!("/api/v1/attachments/{admins}"), &ben, &Value::Null).await;
    assert_eq!((removed.status, removed.code()), (403, "not_allowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_damaged_or_gone_is_found() {
    let (relay, ada) = TestRelay::with_ada().await;
    let account = account(&relay, &ada).await;
    for length in [10, 20, 30] {
        assert_eq!(upload(&relay, &ada, account, &noise(length)).await.status, 201);
    }
    let attachments = relay.app.options.attachments.clone().unwrap();
    assert_eq!(attachments.verify().await.unwrap().problems.len(), 0);
    let stored = files(&relay.folder().join("attachments/blobs"));
    std::fs::write(&stored[0], "something else").unwrap();
    std::fs::remove_file(&stored[1]).unwrap();

    let report = attachments.verify().await.unwrap();

    assert_eq!((report.files, report.problems.len()), (3, 2), "{:?}", report.problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_uploads_and_downloads_with_a_token_that_may_write() {
    let (relay, ada) = TestRelay::with_ada_keeping(Files::default()).await;
    let account = account(&relay, &ada).await;
    let path = format!("/api/v1/attachments/upload?linked_type=account&linked_id={account}&filename=a.txt");
    let token = |scopes: &[&str]| json!({ "name": "script", "scopes": scopes });
    let made = relay.ask("POST", "/api/v1/tokens", &ada, &token(&["read", "write"])).await;
    let writes = made.body["token"].as_str().unwrap().to_owned();
    let made = relay.ask("POST", "/api/v1/tokens", &ada, &token(&["read"])).await;
    let reads = made.body["token"].as_str().unwrap().to_owned();

    let refused = relay.request("POST", &path, &[], Some(&reads), b"hello".to_vec()).await;
    assert_eq!((refused.status, refused.code()), (403, "scope_missing"));
    let made = relay.request("POST", &path, &[], Some(&writes), b"hello".to_vec()).await;
    assert_eq!((made.status, &made.body["owner_id"]), (201, &ada["user"]["id"]));
    let id = made.body["id"].as_str().unwrap();
    let came = relay.request("GET", &format!("/api/v1/attachments/{id}/download"), &[], Some(&reads), Vec::new()).await;
    assert_eq!((came.status, came.bytes.as_slice()), (200, b"hello".as_slice()));
}
