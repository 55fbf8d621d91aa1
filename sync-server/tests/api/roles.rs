//! Every endpoint for everybody: nobody, a viewer, a user, an administrator.

use serde_json::{Value, json};

use crate::team::{Member, RESOURCES, Team, id, sample};

/// What each of the four gets, in the order nobody, viewer, user, administrator.
type Statuses = [u16; 4];

async fn check(team: &Team, method: &str, path: &str, body: Option<Value>, expected: Statuses) {
    let bearers = [None, Some(&team.cat), Some(&team.ben), Some(&team.ada)];
    for (bearer, expected) in bearers.into_iter().zip(expected) {
        let bearer = bearer.map(|member: &Member| member.access.as_str());
        let answer = team.send(method, path, bearer, body.clone()).await;
        assert_eq!(answer.status, expected, "{method} {path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers_each_role_as_it_should() {
    let team = Team::new().await;
    let account = team.made("/accounts", &team.ada, json!({"name": "Acme"})).await["id"].clone();

    for resource in RESOURCES {
        let all = format!("/{resource}");
        check(&team, "GET", &all, None, [401, 200, 200, 200]).await;
        check(&team, "POST", &all, Some(sample(resource, &account)), [401, 403, 201, 201]).await;
        let record = team.made(&all, &team.ada, sample(resource, &account)).await;
        let one = format!("{all}/{}", id(&record));
        check(&team, "GET", &one, None, [401, 200, 200, 200]).await;
        check(&team, "GET", &format!("{one}/history"), None, [401, 200, 200, 200]).await;
        check(&team, "PATCH", &one, Some(json!({"owner_id": team.ben.id})), [401, 403, 200, 200]).await;
        check(&team, "DELETE", &one, None, [401, 403, 204, 404]).await;
        check(&team, "POST", &format!("{one}/restore"), None, [401, 403, 200, 200]).await;
    }
    check(&team, "GET", "/users", None, [401, 200, 200, 200]).await;
    check(&team, "GET", &format!("/users/{}", team.ben.id), None, [401, 200, 200, 200]).await;
    check(&team, "GET", "/settings", None, [401, 200, 200, 200]).await;
    check(&team, "GET", "/reports/pipeline", None, [401, 200, 200, 200]).await;
    check(&team, "GET", "/tokens", None, [401, 200, 200, 200]).await;
    let token = json!({"name": "script", "scopes": ["read"]});
    check(&team, "POST", "/tokens", Some(token), [401, 201, 201, 201]).await;
    check(&team, "GET", "/openapi.json", None, [200; 4]).await;
    check(&team, "GET", "/docs", None, [200; 4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_names_nothing_is_not_found() {
    let team = Team::new().await;
    let account = team.made("/accounts", &team.ada, json!({"name": "Acme"})).await;

    for resource in RESOURCES {
        for name in ["0192b5e4-0000-7000-8000-000000000000", "nonsense"] {
            for (method, body) in [("GET", None), ("PATCH", Some(json!({}))), ("DELETE", None)] {
                let path = format!("/{resource}/{name}");
                let answer = team.send(method, &path, Some(&team.ada.access), body).await;
                assert_eq!((answer.status, answer.code()), (404, "no_such_record"), "{method} {path}");
            }
        }
    }
    let as_contact = team.get(&format!("/contacts/{}", id(&account)), &team.ada).await;
    assert_eq!(as_contact.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_only_owners_edit_others_read_and_log() {
    let team = Team::new().await;
    crate::syncing::only_owners_edit(&team).await;
    let account = team.made("/accounts", &team.ada, json!({"name": "Acme"})).await;
    let path = format!("/accounts/{}", id(&account));

    let refused = team.patch(&path, &team.ben, json!({"city": "Oslo"})).await;
    let trashed = team.delete(&path, &team.ben).await;
    let logged = team.post("/activities", &team.ben, sample("activities", &account["id"])).await;

    assert_eq!((refused.status, refused.code()), (403, "not_allowed"));
    assert_eq!(trashed.status, 403);
    assert_eq!(logged.status, 201, "{logged:?}");
    assert_eq!(team.get(&path, &team.ben).await.body["city"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_relay_writes_is_refused() {
    let team = Team::new().await;
    let lead = team.made("/leads", &team.ada, json!({"title": "Deal"})).await;

    for key in ["id", "created_at", "updated_at", "deleted_at", "status", "board_key", "role", "nonsense"] {
        let body = json!({ key: "2026-01-01T00:00:00Z" });
        let answer = team.patch(&format!("/leads/{}", id(&lead)), &team.ada, body).await;
        assert_eq!((answer.status, answer.code()), (422, "invalid_field"), "{key}");
        assert_eq!(answer.body["fields"][0]["field"], key);
    }
}
