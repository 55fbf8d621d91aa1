//! Personal tokens: shown once, bounded by their scopes, ended with their owner.

use serde_json::{Value, json};

use crate::harness::ADA;
use crate::team::{Member, Team, id};

async fn token(team: &Team, who: &Member, scopes: Value) -> (String, String) {
    let made = team.made("/tokens", who, json!({"name": "script", "scopes": scopes})).await;
    (id(&made).to_owned(), made["token"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_records_within_its_scopes_and_nothing_else() {
    let team = Team::new().await;
    let (_, reader) = token(&team, &team.ben, json!(["read"])).await;
    let (_, writer) = token(&team, &team.ben, json!(["read", "write"])).await;
    let new = || Some(json!({"name": "Acme"}));

    assert_eq!(team.send("GET", "/accounts", Some(&reader), None).await.status, 200);
    let refused = team.send("POST", "/accounts", Some(&reader), new()).await;
    assert_eq!((refused.status, refused.code()), (403, "scope_missing"));
    let made = team.send("POST", "/accounts", Some(&writer), new()).await;
    assert_eq!((made.status, &made.body["owner_id"]), (201, &json!(team.ben.id)));
    for (method, path) in
        [("GET", "/tokens"), ("POST", "/tokens"), ("POST", "/auth/register"), ("POST", "/auth/logout")]
    {
        let body = (method == "POST").then(|| json!({}));
        let answer = team.send(method, path, Some(&writer), body).await;
        assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let team = Team::new().await;
    let (_, secret) = token(&team, &team.ben, json!(["read"])).await;

    let list = team.get("/tokens", &team.ben).await;
    let others = team.get("/tokens", &team.ada).await;

    assert_eq!(list.body["items"][0]["scopes"], json!(["read"]));
    assert!(!String::from_utf8_lossy(&list.bytes).contains(&secret));
    assert_eq!(others.body["items"], json!([]));
    let dir = team.relay.stop().await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let path = file.unwrap().path();
        // Files that people attach lie in a folder of their own.
        let bytes = if path.is_file() { std::fs::read(path).unwrap() } else { continue };
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_or_expired_token_opens_nothing() {
    let team = Team::new().await;
    let (name, secret) = token(&team, &team.ben, json!(["read"])).await;
    let body = json!({"name": "short", "scopes": ["read"], "expires_at": "2099-01-01T00:00:00Z"});
    let short = team.made("/tokens", &team.ben, body).await["token"].as_str().unwrap().to_owned();

    assert_eq!(team.delete(&format!("/tokens/{name}"), &team.ada).await.status, 404, "somebody else's");
    assert_eq!(team.delete(&format!("/tokens/{name}"), &team.ben).await.status, 204);
    assert_eq!(team.send("GET", "/leads", Some(&secret), None).await.status, 401);
    assert_eq!(team.send("GET", "/leads", Some(&short), None).await.status, 200);
    team.relay.clock.advance(80 * 366 * 86_400_000);
    assert_eq!(team.send("GET", "/leads", Some(&short), None).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_loses_their_tokens_for_good() {
    let team = Team::new().await;
    let (_, secret) = token(&team, &team.ben, json!(["read", "write"])).await;
    let (_, adas) = token(&team, &team.ada, json!(["read"])).await;
    let dir = team.relay.stop().await;
    let database = rusqlite::Connection::open(dir.path().join("relay.db")).unwrap();
    let disable = |at: Option<i64>| {
        database.execute("UPDATE credential SET disabled_at = ? WHERE email <> ?", rusqlite::params![at, ADA]).unwrap()
    };

    disable(Some(1));
    disable(None);

    let hashes: i64 = database.query_row("SELECT count(*) FROM api_token", [], |row| row.get(0)).unwrap();
    assert_eq!(hashes, 1, "{} is left, {} is gone", adas.len(), secret.len());
}
