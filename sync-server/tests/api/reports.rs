//! Reports over the API: the figures, the lists behind them, and what is refused.

use serde_json::{Value, json};

use crate::team::{Team, id};

async fn with_deals() -> Team {
    let team = Team::new().await;
    let won = team.made("/leads", &team.ada, json!({"title": "Website", "value_cents": 30_000, "source": "Web"})).await;
    team.patch(&format!("/leads/{}", id(&won)), &team.ada, json!({"stage": "won"})).await;
    team.made("/leads", &team.ada, json!({"title": "Shop", "value_cents": 1_001, "probability": 50})).await;
    team
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_shows_the_figures_of_what_was_just_written() {
    let team = with_deals().await;

    let pipeline = team.get("/reports/pipeline", &team.ada).await.body;
    let won = team.get("/reports/won?period=this_month", &team.ada).await.body;

    assert_eq!(pipeline["figures"]["total"]["leads"], 1);
    assert_eq!(pipeline["figures"]["total"]["weighted_cents"], 501);
    assert_eq!((&won["report"], &won["figures"]["won"]["sum"]), (&json!("won"), &json!({"leads": 1, "cents": 30_000})));
    assert_eq!(won["figures"]["rate"], json!({"part": 1, "whole": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_behind_a_figure_holds_what_it_counts() {
    let team = with_deals().await;

    let list = team.get("/leads?figure=won;won;period=this_month", &team.ada).await.body;

    assert_eq!((&list["total"], &list["items"][0]["title"]), (&json!(1), &json!("Website")));
    let odd = team.get("/leads?figure=won", &team.ada).await;
    assert_eq!((odd.status, odd.code()), (422, "invalid_parameter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_comes_as_csv_too() {
    let team = with_deals().await;
    let page = team.get("/reports/sources?period=this_month&format=csv", &team.ada).await;

    assert!(page.header("content-type").starts_with("text/csv"));
    let text = String::from_utf8(page.bytes.clone()).unwrap();
    assert!(text.contains("\r\nWeb,1,0,1,0,100%,100%,300.00,0\r\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_comes_on_paper_too() {
    let team = with_deals().await;
    let page = team.get("/reports/pipeline?format=pdf", &team.ada).await;

    assert_eq!(page.header("content-type"), "application/pdf");
    assert!(page.bytes.starts_with(b"%PDF-") && page.bytes.ends_with(b"%%EOF"), "{} bytes", page.bytes.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_report_knows_is_refused() {
    let team = Team::new().await;
    for (path, status, code) in [
        ("/reports/nothing", 404, "no_such_report"),
        ("/reports/won?perod=this_month", 422, "invalid_parameter"),
        ("/reports/won?period=soon", 422, "invalid_parameter"),
        ("/reports/won?owner_id=nobody", 422, "invalid_parameter"),
        ("/reports/won?format=doc", 422, "invalid_parameter"),
    ] {
        let refused = team.get(path, &team.ada).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_report_is_for_everybody_of_the_team_and_mine_means_mine() {
    let team = with_deals().await;
    for name in ["pipeline", "won", "sources", "forecast", "leaderboard", "conversion", "hygiene"] {
        let path = format!("/reports/{name}?owner_id=me");
        for person in [&team.ada, &team.ben, &team.cat] {
            let report = team.get(&path, person).await;
            assert_eq!((report.status, &report.body["report"]), (200, &json!(name)));
            assert_ne!(report.body["figures"], Value::Null);
        }
        assert_eq!(team.send("GET", &path, None, None).await.status, 401);
    }
    let of_ben = team.get("/reports/pipeline?owner_id=me", &team.ben).await.body;
    assert_eq!(of_ben["figures"]["total"]["leads"], 0);
}
