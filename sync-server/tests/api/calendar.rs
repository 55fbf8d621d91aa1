//! Calendar feeds: an address that only its owner knows, read by another program.

use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty, ICalendarValue};
use serde_json::{Value, json};

use crate::harness::Answer;
use crate::team::{Member, Team, id};

async fn address(team: &Team, who: &Member) -> String {
    let made = team.post("/calendar-feed", who, json!({})).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["path"].as_str().unwrap().to_owned()
}

async fn look(team: &Team, path: &str) -> Answer {
    team.relay.get(path, None).await
}

/// The events of a feed as another crate reads them: each property's text by its name.
fn events(answer: &Answer) -> Vec<Vec<(ICalendarProperty, String)>> {
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let calendar = ICalendar::parse(&text).unwrap();
    let of = calendar.components.iter().filter(|one| one.component_type == ICalendarComponentType::VEvent);
    of.map(|event| {
        let texts = event.entries.iter().map(|entry| {
            let value = entry.values.iter().find_map(|value| match value {
                ICalendarValue::Text(text) => Some(text.clone()),
                ICalendarValue::PartialDateTime(at) => Some(format!(
                    "{:04}-{:02}-{:02} {:?}:{:?} {}",
                    at.year.unwrap_or(0),
                    at.month.unwrap_or(0),
                    at.day.unwrap_or(0),
                    at.hour,
                    at.minute,
                    if at.tz_hour == Some(0) { "UTC" } else { "" }
                )),
                other => other.as_text().map(str::to_owned),
            });
            (entry.name.clone(), value.unwrap_or_default())
        });
        texts.collect()
    })
    .collect()
}

fn value(event: &[(ICalendarProperty, String)], name: ICalendarProperty) -> &str {
    event.iter().find(|(of, _)| *of == name).map_or("", |(_, value)| value)
}

async fn meeting(team: &Team, who: &Member, subject: &str) -> Value {
    let account = team.made("/accounts", who, json!({"name": "Acme; Sons, Ltd"})).await;
    let meeting = json!({
        "type": "meeting", "subject": subject, "body": "Bring:\n- plan, v2; final\\draft",
        "occurred_at": "2096-03-09T13:00:00Z", "duration_minutes": 45, "account_id": id(&account),
    });
    team.made("/activities", who, meeting).await
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_and_open_tasks_are_events_that_another_program_reads() {
    let team = Team::new().await;
    let long = "Kick-off with a very long name, so long that its line has to be folded: äöü ☕ and more";
    let meeting = meeting(&team, &team.ben, long).await;
    let about = meeting["account_id"].clone();
    let task = |title: &str, due: &str, all_day: bool| json!({"title": title, "due_at": due, "all_day": all_day, "linked_type": "account", "linked_id": about});
    let zone = team.get("/settings", &team.ada).await.body["time_zone"].clone();
    assert_eq!(zone, "UTC");
    team.made("/tasks", &team.ben, task("Call back", "2096-03-10T08:30:00Z", false)).await;
    team.made("/tasks", &team.ben, task("Send offer", "2096-03-11T00:00:00Z", true)).await;
    let done = team.made("/tasks", &team.ben, task("Done", "2096-03-11T00:00:00Z", true)).await;
    team.patch(&format!("/tasks/{}", id(&done)), &team.ben, json!({"status": "done"})).await;
    team.made("/tasks", &team.ada, task("Somebody else's", "2096-03-11T00:00:00Z", true)).await;

    let path = address(&team, &team.ben).await;
    let feed = look(&team, &path).await;

    assert_eq!(feed.status, 200, "{feed:?}");
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(feed.header("cache-control"), "private, max-age=300");
    let events = events(&feed);
    let of = |title: &str| {
        let found = events.iter().find(|event| value(event, ICalendarProperty::Summary) == title);
        found.unwrap_or_else(|| panic!("{title} in {events:#?}"))
    };
    assert_eq!(events.len(), 3, "{events:#?}");
    let shown = of(long);
    assert_eq!(value(shown, ICalendarProperty::Uid), format!("{}@trailtrack", id(&meeting)));
    assert_eq!(value(shown, ICalendarProperty::Description), "Acme; Sons, Ltd\nBring:\n- plan, v2; final\\draft");
    assert_eq!(value(shown, ICalendarProperty::Dtstart), "2096-03-09 Some(13):Some(0) UTC");
    assert_eq!(value(shown, ICalendarProperty::Dtend), "2096-03-09 Some(13):Some(45) UTC");
    assert_eq!(value(of("Call back"), ICalendarProperty::Dtend), "2096-03-10 Some(9):Some(0) UTC");
    let all_day = of("Send offer");
    assert_eq!(value(all_day, ICalendarProperty::Dtstart), "2096-03-11 None:None ");
    assert_eq!(value(all_day, ICalendarProperty::Dtend), "2096-03-12 None:None ");
    let again = look(&team, &path).await;
    assert_eq!(feed.bytes, again.bytes, "nothing has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_rotated_switched_off_and_never_told_again() {
    let team = Team::new().await;
    assert_eq!(team.get("/calendar-feed", &team.cat).await.body["on"], false);
    let first = address(&team, &team.cat).await;
    let second = address(&team, &team.cat).await;

    assert_eq!(look(&team, &first).await.status, 404);
    assert_eq!(look(&team, &second).await.status, 200);
    let state = team.get("/calendar-feed", &team.cat).await;
    assert_eq!(state.body["on"], true);
    assert!(state.body["last_used_at"].is_string(), "{state:?}");
    assert!(!String::from_utf8_lossy(&state.bytes).contains("ttc_"));
    assert_eq!(team.delete("/calendar-feed", &team.cat).await.status, 204);
    assert_eq!(look(&team, &second).await.status, 404);
    assert_eq!(team.delete("/calendar-feed", &team.cat).await.code(), "no_such_feed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_kept_as_a_hash_and_ends_with_its_owner() {
    let team = Team::new().await;
    let path = address(&team, &team.ben).await;
    let secret = path.trim_start_matches("/calendar/").trim_end_matches(".ics").to_owned();

    let disabled = team.patch(&format!("/users/{}", team.ben.id), &team.ada, json!({"disabled": true})).await;
    assert_eq!(disabled.status, 200, "{disabled:?}");
    assert_eq!(look(&team, &path).await.status, 404);
    team.patch(&format!("/users/{}", team.ben.id), &team.ada, json!({"disabled": false})).await;
    assert_eq!(look(&team, &path).await.status, 404, "it does not come back");

    let dir = team.relay.stop().await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(path).unwrap() } else { continue };
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_learn_nothing_and_are_slowed_down() {
    let team = Team::new().await;
    let path = address(&team, &team.ben).await;
    let longer = format!("{}x.ics", path.trim_end_matches(".ics"));

    for bad in ["/calendar/x.ics", "/calendar/.ics", &longer, path.trim_end_matches(".ics")] {
        let answer = look(&team, bad).await;
        assert_eq!((answer.status, answer.code()), (404, "no_such_feed"), "{bad}");
    }
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(look(&team, "/calendar/ttc_guess.ics").await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(look(&team, &path).await.status, 200, "who knows the address is not kept out");
    let method = team.relay.request("POST", &path, &[], None, Vec::new()).await;
    assert_eq!(method.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_session_reaches_the_address() {
    let team = Team::new().await;
    let token = team.made("/tokens", &team.ben, json!({"name": "script", "scopes": ["read", "write"]})).await;
    let secret = token["token"].as_str();

    for method in ["GET", "POST", "DELETE"] {
        let body = (method == "POST").then(|| json!({}));
        assert_eq!(team.send(method, "/calendar-feed", secret, body.clone()).await.status, 401, "{method}");
        assert_eq!(team.send(method, "/calendar-feed", None, body).await.status, 401, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_token_was_used_is_told_to_its_owner() {
    let team = Team::new().await;
    let made = team.made("/tokens", &team.ben, json!({"name": "script", "scopes": ["read"]})).await;
    assert!(made["last_used_at"].is_null());

    team.send("GET", "/leads", made["token"].as_str(), None).await;
    let first = team.get("/tokens", &team.ben).await.body["items"][0]["last_used_at"].clone();
    team.relay.clock.advance(30_000);
    team.send("GET", "/leads", made["token"].as_str(), None).await;
    let soon = team.get("/tokens", &team.ben).await.body["items"][0]["last_used_at"].clone();
    team.relay.clock.advance(90_000);
    team.send("GET", "/leads", made["token"].as_str(), None).await;
    let later = team.get("/tokens", &team.ben).await.body["items"][0]["last_used_at"].clone();

    assert!(first.is_string() && first == soon && first != later, "{first} {soon} {later}");
}
