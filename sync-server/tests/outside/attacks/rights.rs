//! Rights that are claimed, exceeded, or taken away under way.

use model::RecordId;
use serde_json::{Value, json};

use super::same;
use crate::harness::{ADA, Author, PASSWORD, TestRelay, device_id};

/// Row: role user to viewer mid-session, with 100 changes in flight.
#[tokio::test(flavor = "multi_thread")]
async fn role_user_to_viewer_mid_session_with_100_changes_in_flight() {
    let (relay, ada) = TestRelay::with_ada().await;
    let ben = relay.join(&ada, "ben", "user", 2).await;
    let mut socket = relay.connect_as(&ben, 2).await;
    let mut author = Author::new(&ben, 2);
    let pushes: Vec<_> = (0..100).map(|number| author.create_account(&format!("Account {number}")).1).collect();
    let user = format!("/api/v1/users/{}", ben["user"]["id"].as_str().unwrap());

    let to_viewer = json!({"role": "viewer"});
    let (_, demoted) = tokio::join!(
        async {
            for push in pushes {
                socket.send(push).await;
            }
        },
        relay.ask("PATCH", &user, &ada, &to_viewer)
    );
    let (_, late) = author.create_account("After the demotion was answered");
    socket.send(late).await;
    let verdicts = socket.verdicts(101).await;

    assert_eq!((demoted.status, &demoted.body["role"]), (200, &json!("viewer")));
    let accepted = verdicts.iter().take_while(|verdict| verdict.is_ok()).count();
    assert!(verdicts[accepted..].iter().all(|verdict| *verdict == Err("not_allowed".into())), "{verdicts:?}");
    assert!(accepted <= 100, "what comes after the answer is refused");
    assert_eq!(relay.me(&ben).await.body["role"], "viewer", "the socket and the session stay");
}

/// Row: viewer pushes change, attachment, ephemeral spoof, DELETE, bulk import. (There are no ephemeral frames yet;
/// an import is a push of changes.)
#[tokio::test(flavor = "multi_thread")]
async fn viewer_pushes_change_attachment_delete_bulk_import() {
    let (relay, ada) = TestRelay::with_ada().await;
    let vic = relay.join(&ada, "vic", "viewer", 2).await;
    let (account, push) = Author::new(&ada, 1).create_account("Acme");
    let mut ada_socket = relay.connect_as(&ada, 1).await;
    ada_socket.send(push).await;
    ada_socket.verdict().await.unwrap();
    let path = format!("/api/v1/attachments/upload?linked_type=account&linked_id={account}&filename=a.txt");
    let file = relay.request("POST", &path, &[], ada["access_token"].as_str(), b"hello".to_vec()).await;
    let id = file.body["id"].as_str().unwrap();
    let head = relay.app.hub.stats().await.unwrap().head_seq;

    let mut socket = relay.connect_as(&vic, 2).await;
    let mut author = Author::new(&vic, 2);
    let mut refused = Vec::new();
    for name in ["One", "Two", "Three"] {
        socket.send(author.create_account(name).1).await;
        refused.push(socket.verdict().await);
    }
    let upload = relay.request("POST", &path, &[], vic["access_token"].as_str(), b"hello".to_vec()).await;
    let body = json!({"attachment_id": id, "checksum": file.body["checksum"], "size_bytes": 5});
    let begin = relay.ask("POST", "/api/v1/attachments/uploads", &vic, &body).await;
    let remove = relay.ask("DELETE", &format!("/api/v1/attachments/{id}"), &vic, &Value::Null).await;

    assert_eq!(refused, vec![Err("not_allowed".to_owned()); 3]);
    for answer in [upload, begin, remove] {
        assert_eq!((answer.status, answer.code()), (403, "not_allowed"));
    }
    assert_eq!(relay.app.hub.stats().await.unwrap().head_seq, head, "nothing is stored");
    let read = relay.ask("GET", &format!("/api/v1/attachments/{id}/download"), &vic, &Value::Null).await;
    assert_eq!((read.status, read.bytes.as_slice()), (200, b"hello".as_slice()), "reading is theirs");
}

/// Row: role, owner, id, `created_at`, `password_hash` in a REST body (mass assignment).
#[tokio::test(flavor = "multi_thread")]
async fn role_owner_id_created_at_password_hash_in_a_rest_body() {
    let (relay, ada) = TestRelay::with_ada().await;
    let ben = relay.join(&ada, "ben", "user", 2).await;
    let user = format!("/api/v1/users/{}", ben["user"]["id"].as_str().unwrap());
    let login = json!({"email": ADA, "password": PASSWORD, "device_id": device_id(1), "device_name": ""});
    let register = json!({"name": "N", "email": "n@example.org", "role": "user", "password": PASSWORD});
    let invite = json!({"name": "N", "email": "n@example.org", "role": "user"});
    let password = json!({"current_password": PASSWORD, "new_password": "a completely new one"});

    for (method, path, body) in [
        ("POST", "/api/v1/auth/login", login),
        ("POST", "/api/v1/auth/register", register),
        ("POST", "/api/v1/auth/invite", invite),
        ("POST", "/api/v1/auth/password", password),
        ("PATCH", user.as_str(), json!({"name": "Benjamin"})),
    ] {
        for (field, value) in [
            ("owner_id", json!(ada["user"]["id"])),
            ("id", json!(ada["user"]["id"])),
            ("created_at", json!("2020-01-01T00:00:00Z")),
            ("password_hash", json!("$argon2id$x")),
        ] {
            let mut body = body.clone();
            body[field] = value;
            let answer = relay.ask(method, path, &ada, &body).await;
            assert_eq!((answer.status, answer.code()), (422, "invalid_body"), "{field} to {path}");
        }
    }
    let own_role = relay.ask("PATCH", &user, &ben, &json!({"role": "admin"})).await;
    assert_eq!((own_role.status, own_role.code()), (403, "not_allowed"));
    assert_eq!(relay.me(&ben).await.body["role"], "user");
}

/// Row: other user's document, attachment, session id (guessed, sequential, deleted). (Everybody may see every
/// record, so what is another's here are uploads, devices and administration.)
#[tokio::test(flavor = "multi_thread")]
async fn other_users_document_attachment_session_id_by_rest() {
    let (relay, ada) = TestRelay::with_ada().await;
    let ben = relay.join(&ada, "ben", "user", 2).await;
    let (account, push) = Author::new(&ada, 1).create_account("Acme");
    let mut socket = relay.connect_as(&ada, 1).await;
    socket.send(push).await;
    socket.verdict().await.unwrap();
    let upload = format!("/api/v1/attachments/upload?linked_type=account&linked_id={account}&filename=a.txt");
    let file = relay.request("POST", &upload, &[], ada["access_token"].as_str(), b"hello".to_vec()).await;
    let id = file.body["id"].as_str().unwrap();
    assert_eq!(relay.ask("DELETE", &format!("/api/v1/attachments/{id}"), &ada, &Value::Null).await.status, 204);
    let begun = super::files::begun_upload(&relay, &ada, account).await;

    let nothing =
        relay.ask("GET", "/api/v1/attachments/00000000-0000-7000-8000-000000000000", &ben, &Value::Null).await;
    assert_eq!((nothing.status, nothing.code()), (404, "not_found"));
    for (method, path) in [
        ("GET", format!("/api/v1/attachments/{id}")),
        ("GET", format!("/api/v1/attachments/{id}/download")),
        ("DELETE", format!("/api/v1/attachments/{id}")),
        ("GET", format!("/api/v1/attachments/{account}/download")),
        ("GET", "/api/v1/attachments/1/download".to_owned()),
        ("GET", format!("/api/v1/attachments/uploads/{begun}")),
        ("PUT", format!("/api/v1/attachments/uploads/{begun}/parts/0")),
        ("POST", format!("/api/v1/attachments/uploads/{begun}/finish")),
        ("DELETE", format!("/api/v1/devices/{}", device_id(1))),
        ("DELETE", format!("/api/v1/devices/{}", device_id(77))),
        ("DELETE", "/api/v1/devices/1".to_owned()),
    ] {
        same(&relay.ask(method, &path, &ben, &Value::Null).await, &nothing);
    }
    let mut slowed = 0;
    for number in 10..50_u8 {
        let path = format!("/api/v1/attachments/{}/download", RecordId::from_bytes([number; 16]));
        let answer = relay.ask("GET", &path, &ben, &Value::Null).await;
        match answer.status {
            404 => {}
            429 => {
                assert_eq!(answer.code(), "too_many_misses");
                assert!(!answer.header("retry-after").is_empty());
                slowed += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert!(slowed > 0, "twenty misses a minute are free");
    let devices = relay.ask("GET", "/api/v1/devices", &ben, &Value::Null).await;
    assert_eq!(devices.body["devices"].as_array().unwrap().len(), 1, "only one's own");
    let all = relay.ask("GET", "/api/v1/devices?everybody=true", &ben, &Value::Null).await;
    assert_eq!((all.status, all.code()), (403, "not_allowed"));
}

/// Row: last admin demotes or deletes self.
#[tokio::test(flavor = "multi_thread")]
async fn last_admin_demotes_or_deletes_self() {
    let (relay, ada) = TestRelay::with_ada().await;
    let me = format!("/api/v1/users/{}", ada["user"]["id"].as_str().unwrap());
    let invited = json!({"name": "Cat", "email": "cat@example.org", "role": "admin"});
    assert_eq!(relay.ask("POST", "/api/v1/auth/invite", &ada, &invited).await.status, 201);

    for change in [json!({"role": "user"}), json!({"role": "viewer"}), json!({"disabled": true})] {
        let answer = relay.ask("PATCH", &me, &ada, &change).await;
        assert_eq!((answer.status, answer.code()), (409, "last_admin"), "{change}: the other has not joined yet");
    }
    relay.join(&ada, "ben", "admin", 2).await;
    let now = relay.ask("PATCH", &me, &ada, &json!({"role": "user"})).await;

    assert_eq!((now.status, &now.body["role"]), (200, &json!("user")));
}

/// Row: first admin: setup called twice at once; after setup; with old token.
#[tokio::test(flavor = "multi_thread")]
async fn first_admin_setup_called_twice_at_once_after_setup_with_old_token() {
    let relay = TestRelay::start().await;
    let old = relay.app.identity.offer_setup().await.unwrap().unwrap();
    let token = relay.app.identity.offer_setup().await.unwrap().unwrap();

    let with_old = relay.set_up(old.reveal(), ADA, 1).await;
    let (one, two) =
        tokio::join!(relay.set_up(token.reveal(), ADA, 1), relay.set_up(token.reveal(), "eve@example.org", 2));
    let after = relay.set_up(token.reveal(), "late@example.org", 3).await;

    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!((with_old.status, statuses, after.status), (404, [201, 409], 409));
    assert!(relay.app.identity.offer_setup().await.unwrap().is_none());
}
