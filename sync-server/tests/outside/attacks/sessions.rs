//! Sessions that are stolen, lost, or ended.

use serde_json::{Value, json};

use super::{is_closed_at_once, is_over};
use crate::harness::{ADA, PASSWORD, TestRelay, device_id};

/// Row: used refresh token replayed after grace. (That it is logged is held with the program's log.)
#[tokio::test(flavor = "multi_thread")]
async fn used_refresh_token_replayed_after_grace() {
    let (relay, ada) = TestRelay::with_ada().await;
    let phone = relay.sign_in(ADA, PASSWORD, 2).await.body;
    let next = relay.refresh(&ada["refresh_token"]).await.body;
    let (socket, mut phone_socket) = (relay.connect_as(&next, 1).await, relay.connect_as(&phone, 2).await);
    relay.clock.advance(31_000);

    let replayed = relay.refresh(&ada["refresh_token"]).await;

    assert_eq!((replayed.status, replayed.code()), (401, "session_ended"));
    is_closed_at_once(socket).await;
    is_over(&relay, &next).await;
    assert_eq!(relay.me(&phone).await.status, 200, "other devices stay");
    let (_, push) = crate::harness::Author::new(&phone, 2).create_account("Acme");
    phone_socket.send(push).await;
    assert_eq!(phone_socket.verdict().await, Ok(()));
}

/// Row: two parallel refreshes with one token.
#[tokio::test(flavor = "multi_thread")]
async fn two_parallel_refreshes_with_one_token() {
    let (relay, ada) = TestRelay::with_ada().await;

    let answers = futures_util::future::join_all((0..8).map(|_| relay.refresh(&ada["refresh_token"]))).await;

    let successors: std::collections::BTreeSet<String> =
        answers.iter().map(|answer| answer.body["refresh_token"].to_string()).collect();
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(successors.len(), 1, "never a second branch");
}

/// Row: refresh response lost (offline client). (That unsynced edits are kept is held where the replica is tested.)
#[tokio::test(flavor = "multi_thread")]
async fn refresh_response_lost() {
    let (relay, ada) = TestRelay::with_ada().await;
    let lost = relay.refresh(&ada["refresh_token"]).await.body;

    relay.clock.advance(29_000);
    let retried = relay.refresh(&ada["refresh_token"]).await;
    relay.clock.advance(2_000);
    let too_late = relay.refresh(&ada["refresh_token"]).await;

    assert_eq!((retried.status, &retried.body["refresh_token"]), (200, &lost["refresh_token"]));
    assert_eq!((too_late.status, too_late.code()), (401, "session_ended"));
    assert_eq!(relay.sign_in(ADA, PASSWORD, 1).await.status, 200);
}

/// What ends somebody's session, by row.
enum End {
    Logout,
    PasswordChange,
    Disable,
    AdminRevokes,
    OwnRevoke,
    ResetLink,
}

/// Row: logout, password change, disable, delete user, admin revoke. (People are not deleted: what they wrote stays
/// theirs. Disabling is the end of their access.)
#[tokio::test(flavor = "multi_thread")]
async fn logout_password_change_disable_delete_user_admin_revoke() {
    for end in [End::Logout, End::PasswordChange, End::Disable, End::AdminRevokes, End::OwnRevoke, End::ResetLink] {
        let (relay, ada) = TestRelay::with_ada().await;
        let ben = relay.join(&ada, "ben", "user", 2).await;
        let phone = relay.sign_in("ben@example.org", PASSWORD, 3).await.body;
        let socket = relay.connect_as(&ben, 2).await;

        let status = bring_about(&relay, &end, &ada, &ben, &phone).await;

        assert!((200..205).contains(&status), "{status}");
        assert_eq!(relay.me(&ben).await.status, 401, "refused at once");
        is_closed_at_once(socket).await;
        is_over(&relay, &ben).await;
        let others_stay = !matches!(end, End::Disable | End::ResetLink);
        assert_eq!(relay.me(&phone).await.status == 200, others_stay);
    }
}

async fn bring_about(relay: &TestRelay, end: &End, ada: &Value, ben: &Value, phone: &Value) -> u16 {
    let user = ben["user"]["id"].as_str().unwrap();
    let device = format!("/api/v1/devices/{}", device_id(2));
    let answer = match end {
        End::Logout => relay.ask("POST", "/api/v1/auth/logout", ben, &json!({})).await,
        End::PasswordChange => {
            let body = json!({"current_password": PASSWORD, "new_password": "a completely new one"});
            relay.ask("POST", "/api/v1/auth/password", phone, &body).await
        }
        End::Disable => relay.ask("PATCH", &format!("/api/v1/users/{user}"), ada, &json!({"disabled": true})).await,
        End::AdminRevokes => relay.ask("DELETE", &device, ada, &Value::Null).await,
        End::OwnRevoke => relay.ask("DELETE", &device, phone, &Value::Null).await,
        End::ResetLink => {
            let made = relay.ask("POST", &format!("/api/v1/users/{user}/reset-link"), ada, &Value::Null).await;
            let token = made.body["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
            let body = json!({"token": token, "password": "a completely new one", "device_id": device_id(9),
                "device_name": "new"});
            relay.post("/api/v1/auth/accept", &body, None).await
        }
    };
    answer.status
}
