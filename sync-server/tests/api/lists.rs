//! Laws of lists: pages, walks, filters, order, words.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::team::{Team, id};

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

async fn with_leads(count: i64) -> Team {
    let team = Team::new().await;
    for index in 0..count {
        let body = json!({"title": format!("Lead {index:02}"), "value_cents": index * 100});
        team.made("/leads", &team.ada, body).await;
    }
    team
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_put_together_are_the_whole_list_in_order() {
    let team = with_leads(23).await;

    let mut seen = Vec::new();
    for page in 1..=5 {
        let list = team.get(&format!("/leads?sort=-value_cents&page={page}&page_size=5"), &team.ada).await.body;
        assert_eq!(list["total"], 23);
        seen.extend(titles(&list).into_iter().map(str::to_owned));
    }

    let expected: Vec<String> = (0..23).rev().map(|index| format!("Lead {index:02}")).collect();
    assert_eq!(seen, expected);
    let beyond = team.get("/leads?page=9&page_size=5", &team.ada).await.body;
    assert_eq!(beyond["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_tells_everything_once_whatever_comes_and_goes() {
    let team = with_leads(12).await;

    let mut cursor = "begin".to_owned();
    let mut seen = Vec::new();
    loop {
        let list = team.get(&format!("/leads?cursor={cursor}&page_size=5"), &team.ada).await.body;
        seen.extend(list["items"].as_array().unwrap().iter().map(|item| id(item).to_owned()));
        let first = seen.first().cloned().unwrap();
        team.delete(&format!("/leads/{first}"), &team.ada).await;
        let Some(next) = list["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }

    assert_eq!(seen.len(), 12);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_words_find_what_they_name_and_nothing_else() {
    let team = Team::new().await;
    let acme = team.made("/accounts", &team.ada, json!({"name": "Ácme Çorp"})).await;
    let ben = &team.ben.id;
    let mine = json!({"title": "Mine", "stage": "qualified", "owner_id": ben, "account_id": acme["id"]});
    let mine = team.made("/leads", &team.ada, mine).await;
    team.made("/leads", &team.ada, json!({"title": "Other"})).await;
    team.made("/leads", &team.ada, json!({"title": "Gone", "stage": "won"})).await;
    let call = json!({"type": "call", "subject": "Hi", "lead_id": mine["id"]});
    team.made("/activities", &team.ada, call).await;
    let task =
        json!({"title": "Ring", "linked_type": "lead", "linked_id": mine["id"], "due_at": "2026-03-01T09:00:00Z"});
    team.made("/tasks", &team.ada, task).await;
    let (lead, account) = (id(&mine), id(&acme));

    for (path, count) in [
        ("/leads?stage=qualified".to_owned(), 1),
        (format!("/leads?owner_id={ben}"), 1),
        (format!("/leads?account_id={account}"), 1),
        ("/leads?status=closed_won".to_owned(), 1),
        ("/leads?status=open".to_owned(), 2),
        ("/leads?stage=nowhere".to_owned(), 0),
        ("/leads?q=acme%20corp".to_owned(), 1),
        ("/accounts?q=ACME".to_owned(), 1),
        ("/accounts?q=zzz".to_owned(), 0),
        (format!("/activities?lead_id={lead}"), 1),
        (format!("/activities?contact_id={lead}"), 0),
        ("/activities?type=email".to_owned(), 0),
        ("/tasks?due_before=2026-03-01T09:00:01Z".to_owned(), 1),
        ("/tasks?due_before=2026-03-01T09:00:00Z".to_owned(), 0),
        (format!("/tasks?linked_type=lead&linked_id={lead}"), 1),
        ("/tasks?linked_type=account".to_owned(), 0),
    ] {
        let list = team.get(&path, &team.ada).await;
        assert_eq!(list.body["total"], count, "{path}: {list:?}");
        assert_eq!(list.body["items"].as_array().unwrap().len(), count, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_mean_nothing_are_refused() {
    let team = Team::new().await;

    for query in [
        "nonsense=1",
        "page=0",
        "page=x",
        "page=-1",
        "page_size=201",
        "page_size=0",
        "sort=password",
        "sort=",
        "cursor=x",
        "owner_id=me",
        "status=x",
        "page=1&page=2",
        "trash=maybe",
    ] {
        let answer = team.get(&format!("/leads?{query}"), &team.ada).await;
        assert_eq!((answer.status, answer.code()), (422, "invalid_parameter"), "{query}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_listed_apart_and_gives_back() {
    let team = with_leads(2).await;
    let lead = team.get("/leads?q=01", &team.ada).await.body["items"][0].clone();
    let path = format!("/leads/{}", id(&lead));

    assert_eq!(team.delete(&path, &team.ada).await.status, 204);

    assert_eq!(titles(&team.get("/leads", &team.ada).await.body), ["Lead 00"]);
    assert_eq!(titles(&team.get("/leads?trash=true", &team.ada).await.body), ["Lead 01"]);
    assert_eq!(team.get(&path, &team.ada).await.status, 404);
    let restored = team.send("POST", &format!("{path}/restore"), Some(&team.ada.access), None).await;
    assert_eq!((restored.status, &restored.body["deleted_at"]), (200, &Value::Null));
    assert_eq!(team.get("/leads", &team.ada).await.body["total"], 2);
}
