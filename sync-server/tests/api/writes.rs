//! Writes: defaults, friendly shapes, versions, requests that are repeated, history.

use model::{Kind, OwnField, OwnType, Settings};
use serde_json::{Value, json};

use crate::syncing::define;
use crate::team::{Team, id};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_record_gets_what_a_client_would_give_it() {
    let team = Team::new().await;

    let lead = team.made("/leads", &team.ben, json!({"title": "Deal"})).await;
    let won = team.made("/leads", &team.ben, json!({"title": "Won", "stage": "won", "value_cents": 500})).await;
    let call =
        team.made("/activities", &team.ben, json!({"type": "call", "subject": "Hi", "lead_id": lead["id"]})).await;
    let task = json!({"title": "Ring", "linked_type": "lead", "linked_id": lead["id"]});
    let task = team.made("/tasks", &team.ben, task).await;

    assert_eq!((&lead["stage"], &lead["probability"], &lead["status"]), (&json!("new"), &json!(10), &json!("open")));
    assert_eq!(lead["owner_id"], json!(team.ben.id));
    assert_eq!((&won["status"], &won["closed_value_cents"]), (&json!("closed_won"), &json!(500)));
    assert!(won["closed_on"].is_string());
    assert_eq!(call["via"], "api");
    assert_eq!((&task["priority"], &task["status"]), (&json!("medium"), &json!("open")));
    assert!(lead["board_key"].as_str() > won["board_key"].as_str() || lead["stage"] != won["stage"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_replaced_and_custom_fields_merged() {
    let team = Team::new().await;
    for (name, of) in [("a", OwnType::Number), ("b", OwnType::Text), ("c", OwnType::Flag)] {
        define(&team, &OwnField::new(Kind::Lead, name, of, &Settings::default())).await;
    }
    let ann = team.made("/contacts", &team.ada, json!({"last_name": "Lee"})).await;
    let body = json!({"title": "Deal", "tags": ["hot", "eu"], "custom": {"a": 1, "b": "x"},
        "contacts": [{"id": ann["id"], "role": "buyer"}]});
    let lead = team.made("/leads", &team.ada, body).await;
    let path = format!("/leads/{}", id(&lead));

    let patch = json!({"tags": ["hot", "new"], "custom": {"b": null, "c": true}});
    let changed = team.patch(&path, &team.ada, patch).await.body;

    assert_eq!(changed["tags"], json!(["hot", "new"]));
    assert_eq!(changed["custom"], json!({"a": 1, "c": true}));
    assert_eq!(changed["contacts"], json!([{"id": ann["id"], "role": "buyer"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_write_own_fields_that_are_defined_and_nothing_else() {
    let team = Team::new().await;
    let mut tier = OwnField::new(Kind::Lead, "Tier", OwnType::Choice, &Settings::default());
    tier.options = ["Gold", "Silver"].map(str::to_owned).to_vec();
    define(&team, &tier).await;
    let post = |custom: Value| team.post("/leads", &team.ada, json!({"title": "Deal", "custom": custom}));

    let made = post(json!({"Tier": "Gold"})).await;
    let unknown = post(json!({"Tyer": "Gold"})).await;
    let unfit = post(json!({"Tier": "Bronze"})).await;
    let path = format!("/leads/{}", id(&made.body));
    let emptied = team.patch(&path, &team.ada, json!({"custom": {"Tier": null, "Tyer": null}})).await;
    let settings = team.get("/settings", &team.cat).await.body;

    assert_eq!((made.status, &made.body["custom"]), (201, &json!({"Tier": "Gold"})));
    assert_eq!((unknown.status, &unknown.body["code"]), (409, &json!("unknown_reference")));
    assert_eq!(unknown.body["fields"][0]["field"], "custom/Tyer");
    assert_eq!((unfit.status, &unfit.body["fields"][0]["field"]), (422, &json!("custom/Tier")));
    assert_eq!((emptied.status, &emptied.body["custom"]), (200, &json!({})));
    let shown = json!([{"kind": "lead", "key": "Tier", "name": "Tier", "type": "choice",
        "options": ["Gold", "Silver"], "archived": false}]);
    assert_eq!(settings["own_fields"], shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_changes_their_own_name_and_nothing_else() {
    let team = Team::new().await;

    let changed = team.patch("/me", &team.cat, json!({"name": " Cat Stevens "})).await;
    let role = team.patch("/me", &team.cat, json!({"name": "Cat", "role": "admin"})).await;
    let empty = team.patch("/me", &team.cat, json!({"name": "  "})).await;
    let nobody = team.send("PATCH", "/me", None, Some(json!({"name": "X"}))).await;

    assert_eq!((changed.status, &changed.body["name"]), (200, &json!("Cat Stevens")));
    assert_eq!(changed.body["role"], "viewer");
    assert_eq!((role.status, empty.status, nobody.status), (422, 422, 401), "{role:?} {empty:?}");
    let users = team.get("/users", &team.ada).await.body;
    assert!(users.to_string().contains("Cat Stevens"), "the directory says it too: {users}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_brings_its_consequences_and_a_done_task_its_moment() {
    let team = Team::new().await;
    let lead = team.made("/leads", &team.ada, json!({"title": "Deal", "value_cents": 700})).await;
    let task = json!({"title": "Ring", "linked_type": "lead", "linked_id": lead["id"]});
    let task = team.made("/tasks", &team.ada, task).await;
    let (lead, task) = (format!("/leads/{}", id(&lead)), format!("/tasks/{}", id(&task)));

    let lost = team.patch(&lead, &team.ada, json!({"stage": "lost", "lost_reason": "Price"})).await.body;
    let reopened = team.patch(&lead, &team.ada, json!({"stage": "proposal"})).await.body;
    let done = team.patch(&task, &team.ada, json!({"status": "done"})).await.body;
    let again = team.patch(&task, &team.ada, json!({"status": "open"})).await.body;

    assert_eq!((&lost["status"], &lost["lost_reason"]), (&json!("closed_lost"), &json!("Price")));
    assert!(lost["closed_on"].is_string());
    assert_eq!((&reopened["probability"], &reopened["closed_on"]), (&json!(50), &Value::Null));
    assert!(done["completed_at"].is_string());
    assert_eq!(again["completed_at"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_can_not_be_referred_to() {
    let team = Team::new().await;
    let nothing = "0192b5e4-0000-7000-8000-000000000000";

    for (path, body, key) in [
        ("/leads", json!({"title": "x", "account_id": nothing}), "account_id"),
        ("/leads", json!({"title": "x", "owner_id": nothing}), "owner_id"),
        ("/leads", json!({"title": "x", "stage": "nowhere"}), "stage"),
        ("/leads", json!({"title": "x", "contacts": [{"id": nothing}]}), "contacts"),
        ("/leads", json!({"title": "x", "account_id": team.ada.id}), "account_id"),
        ("/tasks", json!({"title": "x", "linked_type": "lead", "linked_id": nothing}), "linked_id"),
    ] {
        let answer = team.post(path, &team.ada, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (409, "unknown_reference"), "{body}");
        assert_eq!(answer.body["fields"][0]["field"], key, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_do_not_fit_are_listed_one_by_one() {
    let team = Team::new().await;
    let body =
        json!({"title": " ", "value_cents": -1, "probability": 101, "expected_close_date": "soon", "tags": "hot"});

    let answer = team.post("/leads", &team.ada, body).await;

    assert_eq!((answer.status, answer.code()), (422, "invalid_field"));
    let named: Vec<&str> =
        answer.body["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap()).collect();
    assert_eq!(named, ["expected_close_date", "probability", "tags", "title", "value_cents"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_version_that_was_seen_is_changed() {
    let team = Team::new().await;
    let made = team.post("/accounts", &team.ada, json!({"name": "Acme"})).await;
    let path = format!("/accounts/{}", id(&made.body));
    let seen = made.header("etag").to_owned();
    assert_eq!(team.get(&path, &team.ben).await.header("etag"), seen);
    let change = async |city: &str, tag: &str| {
        let headers = (Some(team.ben.access.as_str()), &[("if-match", tag)][..]);
        team.send_with("PATCH", &path, headers, Some(json!({ "city": city }))).await
    };

    let (first, second) = tokio::join!(change("Oslo", &seen), change("Bergen", &seen));
    let late = team.send_with("DELETE", &path, (Some(&team.ada.access), &[("if-match", &seen)]), None).await;
    let any = change("Moss", "*").await;

    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "one of two with the same version");
    assert_eq!((late.status, late.code()), (412, "version_mismatch"));
    assert_eq!((any.status, &any.body["city"]), (200, &json!("Moss")));
    assert_ne!(any.header("etag"), seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_again_is_not_done_again() {
    let team = Team::new().await;
    let send = async |key: &str, name: &str| {
        let headers = (Some(team.ada.access.as_str()), &[("idempotency-key", key)][..]);
        team.send_with("POST", "/accounts", headers, Some(json!({ "name": name }))).await
    };

    let (first, at_once) = tokio::join!(send("k1", "Acme"), send("k1", "Acme"));
    let again = send("k1", "Acme").await;
    let other_body = send("k1", "Other").await;
    let other_key = send("k2", "Acme").await;

    assert_eq!((first.status, at_once.status, again.status), (201, 201, 201));
    assert_eq!(id(&first.body), id(&at_once.body));
    assert_eq!((&first.body, first.header("etag")), (&again.body, again.header("etag")));
    assert_eq!((other_body.status, other_body.code()), (409, "idempotency_key_reused"));
    assert_ne!(id(&other_key.body), id(&first.body));
    assert_eq!(team.get("/accounts", &team.ada).await.body["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_may_be_mended_under_its_key() {
    let team = Team::new().await;
    let send = async |body: Value| {
        let headers = (Some(team.ada.access.as_str()), &[("idempotency-key", "k")][..]);
        team.send_with("POST", "/accounts", headers, Some(body)).await
    };

    assert_eq!(send(json!({"name": ""})).await.status, 422);
    assert_eq!(send(json!({"name": "Acme"})).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_tells_who_changed_what_and_by_which_way() {
    let team = Team::new().await;
    let lead = team.made("/leads", &team.ada, json!({"title": "Deal"})).await;
    let path = format!("/leads/{}", id(&lead));
    team.patch(&path, &team.ben, json!({"stage": "qualified"})).await;

    let history = team.get(&format!("{path}/history?page_size=200"), &team.cat).await.body;

    let items = history["items"].as_array().unwrap();
    let moved = items.iter().find(|item| item["field"] == "stage" && item["created"] == false).unwrap();
    assert_eq!((&moved["before"], &moved["after"]), (&json!("new"), &json!("qualified")));
    assert_eq!((&moved["user_id"], &moved["user_name"]), (&json!(team.ben.id), &json!("ben")));
    assert_eq!((&moved["device_name"], &moved["via"]), (&json!("API"), &json!("api")));
    assert!(moved["received_at"].is_string() && moved["changed_at"].is_string());
    assert!(items.iter().any(|item| item["field"] == "title" && item["created"] == true));
    let short = team.get(&format!("{path}/history?page_size=1"), &team.cat).await.body;
    assert_eq!((short["items"].as_array().unwrap().len(), &short["more"]), (1, &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_written_down_as_forms_write_them() {
    let team = Team::new().await;
    let new = json!({"first_name": "Ann", "email": "mailto:ann@acme.example", "linkedin_url": "linkedin.com/in/ann",
        "emails": [{"value": "mailto:a@acme.example", "label": "home"}]});

    let contact = team.made("/contacts", &team.ben, new).await;
    let account = team.made("/accounts", &team.ben, json!({"name": "Acme", "website": "acme.example"})).await;
    let path = format!("/contacts/{}", id(&contact));
    let refused = team.patch(&path, &team.ben, json!({"email": "nobody", "first_name": "Bo"})).await;

    assert_eq!(
        (&contact["email"], &contact["linkedin_url"]),
        (&json!("ann@acme.example"), &json!("https://linkedin.com/in/ann"))
    );
    assert_eq!(contact["emails"], json!([{"value": "a@acme.example", "label": "home"}]));
    assert_eq!(account["website"], "https://acme.example");
    assert_eq!(
        (refused.status, refused.code(), &refused.body["fields"][0]["field"]),
        (422, "invalid_field", &json!("email"))
    );
    assert_eq!(team.get(&path, &team.ben).await.body["first_name"], "Ann", "nothing of it is written");
}
