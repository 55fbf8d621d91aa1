//! The audit log: who did what, with filters, page by page, as JSON and CSV.

use serde_json::{Value, json};

use crate::harness::{ADA, Answer, Author, PASSWORD, device_id};
use crate::team::{BENS_DEVICE, Member, Team, id};

async fn items(team: &Team, query: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = team.get(&format!("/audit?{query}{cursor}"), &team.ada).await;
        assert_eq!(page.status, 200, "{page:?}");
        all.extend(page.body["items"].as_array().unwrap().iter().cloned());
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn actions(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["action"].as_str().unwrap()).collect()
}

/// A lead that Ben made and moved.
async fn moved_lead(team: &Team) -> Value {
    let account = team.made("/accounts", &team.ben, json!({"name": "Acme"})).await;
    let lead = team.made("/leads", &team.ben, json!({"title": "Deal", "account_id": account["id"]})).await;
    let path = format!("/leads/{}", id(&lead));
    assert_eq!(team.patch(&path, &team.ben, json!({"stage": "qualified"})).await.status, 200);
    lead
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_read_it() {
    let team = Team::new().await;

    for path in ["/audit", "/audit.csv"] {
        for who in [&team.ben, &team.cat] {
            let refused: Answer = team.get(path, who).await;
            assert_eq!((refused.status, refused.code()), (403, "not_allowed"), "{path}");
        }
        assert_eq!(team.send("GET", path, None, None).await.status, 401);
        assert_eq!(team.get(path, &team.ada).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_with_who_what_when_and_how() {
    let team = Team::new().await;
    let lead = moved_lead(&team).await;

    let moved = items(&team, &format!("record_id={}&action=moved", id(&lead))).await;

    let [line] = moved.as_slice() else { panic!("{moved:?}") };
    assert_eq!(
        (&line["field"], &line["before"], &line["after"]),
        (&json!("stage"), &json!("new"), &json!("qualified"))
    );
    assert_eq!((&line["user_id"], &line["user_name"]), (&json!(team.ben.id), &json!("ben")));
    assert_eq!((&line["via"], &line["device_name"], &line["kind"]), (&json!("api"), &json!("API"), &json!("lead")));
    assert_eq!(line["record_name"], "Deal");
    assert!(line["stage_seconds"].as_i64().is_some_and(|secs| (0..60).contains(&secs)), "{line}");
    assert!(line["at"].is_string() && line["claimed_at"].is_string());
    let history = team.get(&format!("/leads/{}/history", id(&lead)), &team.cat).await;
    let stage = history.body["items"].as_array().unwrap().iter().find(|item| item["field"] == "stage").unwrap().clone();
    assert_eq!((&stage["stage_seconds"], &stage["via"]), (&line["stage_seconds"], &json!("api")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_about_people_devices_and_tokens_is_told() {
    let team = Team::new().await;
    let ben = team.ben.id.clone();
    team.patch(&format!("/users/{ben}"), &team.ada, json!({"role": "viewer", "name": "Benjamin"})).await;
    team.patch(&format!("/users/{ben}"), &team.ada, json!({"disabled": true})).await;
    team.patch(&format!("/users/{ben}"), &team.ada, json!({"disabled": false})).await;
    team.post("/auth/invite", &team.ada, json!({"name": "Dan", "email": "dan@example.org", "role": "user"})).await;
    team.post(&format!("/users/{ben}/reset-link"), &team.ada, json!({})).await;
    let token = team.made("/tokens", &team.ada, json!({"name": "script", "scopes": ["read"]})).await;
    team.delete(&format!("/tokens/{}", id(&token)), &team.ada).await;
    team.delete(&format!("/devices/{}", device_id(BENS_DEVICE)), &team.ada).await;
    team.relay.sign_in("cat@example.org", "wrong wrong wrong wrong", 3).await;
    team.post("/auth/logout", &team.cat, json!({})).await;

    // A failed sign-in is written down while nobody waits for it.
    let mut told = items(&team, "via=relay&kind=user").await;
    while !actions(&told).contains(&"sign_in_failed") {
        told = items(&team, "via=relay&kind=user").await;
    }

    let about_people = actions(&told);
    for action in [
        "set_up",
        "sign_in",
        "person_created",
        "role_changed",
        "person_renamed",
        "person_disabled",
        "person_enabled",
        "invited",
        "reset_link_made",
        "sign_in_failed",
        "sign_out",
    ] {
        assert!(about_people.contains(&action), "{action} in {about_people:?}");
    }
    let role = told.iter().find(|line| line["action"] == "role_changed").unwrap();
    assert_eq!((&role["before"], &role["after"]), (&json!("user"), &json!("viewer")));
    assert_eq!((&role["user_id"], &role["record_id"]), (&json!(team.ada.id), &json!(ben)));
    let failed = told.iter().find(|line| line["action"] == "sign_in_failed").unwrap();
    assert_eq!((&failed["address"], &failed["user_id"]), (&json!("127.0.0.1"), &Value::Null));
    for action in ["token_made", "token_revoked", "device_revoked"] {
        assert_eq!(items(&team, &format!("action={action}")).await.len(), 1, "{action}");
    }
    let text = json!(items(&team, "").await).to_string();
    for secret in [token["token"].as_str().unwrap(), "wrong wrong", PASSWORD] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_leaves_out_what_it_should() {
    let team = Team::new().await;
    let lead = moved_lead(&team).await;
    team.made("/accounts", &team.ada, json!({"name": "Other"})).await;

    let of = async |query: String| items(&team, &query).await;
    let all =
        |items: &[Value], key: &str, value: &Value| !items.is_empty() && items.iter().all(|line| line[key] == *value);
    assert!(all(&of(format!("user_id={}", team.ben.id)).await, "user_id", &json!(team.ben.id)));
    assert!(all(&of("kind=account".into()).await, "kind", &json!("account")));
    assert!(all(&of(format!("record_id={}", id(&lead))).await, "record_id", &lead["id"]));
    assert!(all(&of("field=title".into()).await, "field", &json!("title")));
    assert!(all(&of("via=api".into()).await, "via", &json!("api")));
    assert!(all(&of("action=created&kind=lead".into()).await, "action", &json!("created")));
    assert!(all(&of("action=sign_in".into()).await, "action", &json!("sign_in")));
    assert!(of("to=2020-01-01T00:00:00Z".into()).await.is_empty());
    assert!(of("from=2099-01-01T00:00:00Z".into()).await.is_empty());
    assert!(of(format!("device_id={}", device_id(99))).await.is_empty());
    for bad in [
        "user_id=me",
        "kind=deal",
        "field=nonsense",
        "via=mail",
        "action=eaten",
        "from=now",
        "cursor=x",
        "page_size=501",
        "who=me",
    ] {
        let refused = team.get(&format!("/audit?{bad}"), &team.ada).await;
        assert_eq!((refused.status, refused.code()), (422, "invalid_parameter"), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_tell_everything_once_and_the_newest_first() {
    let team = Team::new().await;
    moved_lead(&team).await;
    let whole = items(&team, "page_size=500").await;

    for size in [1, 2, 7] {
        let paged = items(&team, &format!("page_size={size}")).await;
        let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&paged), ids(&whole), "pages of {size}");
    }
    let numbers = |of_relay: bool| {
        let ids = whole
            .iter()
            .map(|item| item["id"].as_str().unwrap())
            .filter(move |id| id.starts_with("relay/") == of_relay);
        let number = |id: &str| id.trim_start_matches("relay/").split('/').next().unwrap().parse::<u64>().unwrap();
        ids.map(number).collect::<Vec<_>>()
    };
    for numbers in [numbers(true), numbers(false)] {
        assert!(!numbers.is_empty() && numbers.is_sorted_by(|newer, older| newer >= older), "{numbers:?}");
    }
    assert!(whole.len() > 40, "{}", whole.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_holds_the_same_lines_and_no_formulas() {
    let team = Team::new().await;
    team.made("/accounts", &team.ben, json!({"name": "=1+1"})).await;

    let csv = team.get("/audit.csv?kind=account", &team.ada).await;

    assert!(csv.header("content-type").starts_with("text/csv"), "{csv:?}");
    assert!(csv.header("content-disposition").contains("audit.csv"));
    let text = String::from_utf8(csv.bytes).unwrap();
    let lines: Vec<&str> = text.split("\r\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), items(&team, "kind=account").await.len() + 1);
    assert!(lines[0].starts_with("at,claimed_at,action,user_id"), "{}", lines[0]);
    assert!(lines.iter().any(|line| line.contains(",name,,'=1+1,")), "{text}");
    assert_eq!(items(&team, "action=audit_exported").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_and_a_quick_log_are_told_as_such() {
    let team = Team::new().await;
    let mut socket = team.relay.connect_as(&team.ben.session, BENS_DEVICE).await;
    let mut author = Author::new(&team.ben.session, BENS_DEVICE);
    let owner = |draft: model::build::Draft, member: &Member| {
        draft.with("owner_id", member.id.parse::<model::RecordId>().unwrap())
    };
    for (name, key, value) in [("Imported", "import_ref", "csv:1"), ("By hand", "city", "Oslo")] {
        let draft = owner(model::build::account(name).with(key, value), &team.ben);
        socket.send(author.create(&draft).1).await;
        socket.verdict().await.unwrap();
    }

    let names = |items: Vec<Value>| {
        let told = items.into_iter().filter(|line| line["field"] == "name" && line["kind"] == "account");
        told.map(|line| line["after"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(items(&team, "via=import").await), ["Imported"]);
    assert_eq!(names(items(&team, "via=app").await), ["By hand"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_line_of_all_is_that_the_relay_was_set_up() {
    let team = Team::new().await;

    let events = items(&team, "via=relay&kind=user").await;
    let first = events.iter().rev().find(|line| line["id"].as_str().unwrap().starts_with("relay/")).unwrap();

    assert_eq!((&first["action"], &first["user_id"]), (&json!("set_up"), &json!(team.ada.id)));
    assert!(!json!(events).to_string().contains(ADA) || first["detail"].to_string().len() < 400);
}
