//! A relay with a team: Ada runs it, Ben works, Cat looks on.

use serde_json::{Value, json};
use sync_server::http::AppOptions;

use crate::harness::{ADA, Answer, PASSWORD, TestRelay};

/// Somebody with a session.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) session: Value,
}

impl Member {
    fn of(session: Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { id: text(&session["user"]["id"]), access: text(&session["access_token"]), session }
    }
}

pub(crate) struct Team {
    pub(crate) relay: TestRelay,
    pub(crate) ada: Member,
    pub(crate) ben: Member,
    pub(crate) cat: Member,
}

/// Device numbers of the three.
pub(crate) const BENS_DEVICE: u8 = 2;

impl Team {
    pub(crate) async fn new() -> Self {
        let (relay, ada) = TestRelay::with_ada_and(AppOptions::default()).await;
        Self::of(relay, ada).await
    }

    /// The team of a relay that only Ada uses so far.
    pub(crate) async fn of(relay: TestRelay, ada: Value) -> Self {
        let ada = Member::of(ada);
        let mut others = Vec::new();
        for (device, name, role) in [(BENS_DEVICE, "ben", "user"), (3, "cat", "viewer")] {
            let email = format!("{name}@example.org");
            let body = json!({"name": name, "email": email, "role": role, "password": PASSWORD});
            let made = relay.post("/api/v1/auth/register", &body, Some(&ada.access)).await;
            assert_eq!(made.status, 201, "{made:?}");
            let session = relay.sign_in(&email, PASSWORD, device).await;
            assert_eq!(session.status, 200, "{session:?}");
            others.push(Member::of(session.body));
        }
        let cat = others.pop().unwrap();
        Self { relay, ada, ben: others.pop().unwrap(), cat }
    }

    /// Everybody has a new session on their device.
    pub(crate) async fn sign_in_again(&mut self) {
        let devices = [(1, ADA), (BENS_DEVICE, "ben@example.org"), (3, "cat@example.org")];
        for ((device, email), who) in devices.into_iter().zip([&mut self.ada, &mut self.ben, &mut self.cat]) {
            let session = self.relay.sign_in(email, PASSWORD, device).await;
            assert_eq!(session.status, 200, "{session:?}");
            *who = Member::of(session.body);
        }
    }

    pub(crate) async fn get(&self, path: &str, who: &Member) -> Answer {
        self.relay.get(&format!("/api/v1{path}"), Some(&who.access)).await
    }

    pub(crate) async fn post(&self, path: &str, who: &Member, body: Value) -> Answer {
        self.relay.post(&format!("/api/v1{path}"), &body, Some(&who.access)).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, bearer: Option<&str>, body: Option<Value>) -> Answer {
        self.send_with(method, path, (bearer, &[]), body).await
    }

    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        (bearer, more): (Option<&str>, &[(&'static str, &str)]),
        body: Option<Value>,
    ) -> Answer {
        let mut headers = more.to_vec();
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.relay.request(method, &format!("/api/v1{path}"), &headers, bearer, body).await
    }

    pub(crate) async fn patch(&self, path: &str, who: &Member, body: Value) -> Answer {
        self.send("PATCH", path, Some(&who.access), Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, who: &Member) -> Answer {
        self.send("DELETE", path, Some(&who.access), None).await
    }

    /// Creates a record that has to be taken; returns it.
    pub(crate) async fn made(&self, path: &str, who: &Member, body: Value) -> Value {
        let made = self.post(path, who, body).await;
        assert_eq!(made.status, 201, "{path}: {made:?}");
        made.body
    }
}

/// A valid new record of each resource; `account` is one that exists.
pub(crate) fn sample(resource: &str, account: &Value) -> Value {
    match resource {
        "accounts" => json!({"name": "Acme"}),
        "contacts" => json!({"first_name": "Ann", "account_id": account}),
        "leads" => json!({"title": "Deal", "account_id": account}),
        "activities" => json!({"type": "call", "subject": "Hello", "account_id": account}),
        _ => json!({"title": "Ring", "linked_type": "account", "linked_id": account}),
    }
}

pub(crate) const RESOURCES: [&str; 5] = ["accounts", "contacts", "leads", "activities", "tasks"];

pub(crate) fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}
