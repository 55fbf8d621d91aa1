//! People and devices: what the relay is asked, with which token, and what its answers come to.

use model::Role;
use model::app::{Request, TeamAnswer, TeamRequest, Trouble, Update};
use replica::{Input, Method, Output};
use serde_json::{Value as Json, json};

use crate::desk::Desk;

const BEN: &str = "00000000-0000-7000-8000-000000000007";

pub(crate) fn asked(desk: &mut Desk, request: TeamRequest) -> Option<(u64, Method, String, Option<Json>)> {
    desk.updates.clear();
    desk.outputs.clear();
    desk.ask(Request::Team(9, request));
    sent(desk)
}

fn sent(desk: &mut Desk) -> Option<(u64, Method, String, Option<Json>)> {
    let outputs = std::mem::take(&mut desk.outputs);
    outputs.into_iter().find_map(|output| match output {
        Output::Http { id, url, method, body, bearer } if bearer.is_some() => {
            let path = url.strip_prefix("http://relay.test/api/v1/")?.to_owned();
            Some((id, method, path, serde_json::from_slice(&body).ok()))
        }
        _ => None,
    })
}

pub(crate) fn answer(desk: &mut Desk, id: u64, status: u16, body: &Json) -> Result<TeamAnswer, Trouble> {
    desk.input(Input::HttpAnswered { id, status: Ok(status), body: body.to_string().into_bytes() });
    told(desk).expect("it is told")
}

fn told(desk: &Desk) -> Option<Result<TeamAnswer, Trouble>> {
    desk.updates.iter().find_map(|update| match update {
        Update::Team(9, answer) => Some(answer.clone()),
        _ => None,
    })
}

#[test]
fn an_invitation_comes_back_as_a_link() {
    let mut desk = Desk::alone();
    desk.join();
    let invite = TeamRequest::Invite { name: "Ben".into(), email: "ben@example.org".into(), role: Role::Viewer };

    let (id, method, path, body) = asked(&mut desk, invite).expect("the relay is asked");
    assert_eq!((method, path.as_str()), (Method::Post, "auth/invite"));
    assert_eq!(body, Some(json!({ "name": "Ben", "email": "ben@example.org", "role": "viewer" })));
    let body = json!({ "user": {}, "link": "http://relay.test/accept#x", "expires_at": "2026-03-09T09:00:00Z" });
    let told = answer(&mut desk, id, 201, &body);

    let Ok(TeamAnswer::Link { link, .. }) = told else { panic!("{told:?}") };
    assert_eq!(link, "http://relay.test/accept#x");
}

#[test]
fn a_role_is_changed_and_a_refusal_is_told_in_the_relays_words() {
    let mut desk = Desk::alone();
    desk.join();
    let role = || TeamRequest::SetRole(BEN.parse().unwrap(), Role::User);

    let (id, method, path, body) = asked(&mut desk, role()).expect("the relay is asked");
    assert_eq!((method, path), (Method::Patch, format!("users/{BEN}")));
    assert_eq!(body, Some(json!({ "role": "user" })));
    assert_eq!(answer(&mut desk, id, 200, &json!({})), Ok(TeamAnswer::Done));

    let (id, ..) = asked(&mut desk, role()).expect("the relay is asked");
    let body = json!({ "detail": "the last administrator stays one", "code": "last_admin" });
    let refused = answer(&mut desk, id, 409, &body);
    assert_eq!(refused, Err(Trouble::NotAllowed("the last administrator stays one".into())));
}

#[test]
fn devices_are_listed_and_signed_out() {
    let mut desk = Desk::alone();
    desk.join();

    let (id, method, path, body) = asked(&mut desk, TeamRequest::Devices { everybody: true }).expect("asked");
    assert_eq!((method, path.as_str(), body), (Method::Get, "devices?everybody=true", None));
    let device = json!({
        "id": BEN, "user_id": BEN, "name": "Laptop", "created_at": "2026-03-01T09:00:00Z",
        "last_seen_at": "2026-03-02T08:00:00Z", "revoked_at": null, "signed_in": true, "current": false,
    });
    let told = answer(&mut desk, id, 200, &json!({ "devices": [device] }));
    let Ok(TeamAnswer::Devices(devices)) = told else { panic!("{told:?}") };
    assert_eq!(devices[0].name, "Laptop");

    let (_, method, path, _) = asked(&mut desk, TeamRequest::RevokeDevice(devices[0].id)).expect("asked");
    assert_eq!((method, path), (Method::Delete, format!("devices/{BEN}")));
}

#[test]
fn an_old_token_is_renewed_first_and_nothing_is_sent_twice() {
    let mut desk = Desk::alone();
    desk.join();
    desk.advance(900_000);

    assert_eq!(asked(&mut desk, TeamRequest::ResetLink(BEN.parse().unwrap())), None);
    let body = json!({
        "access_token": "fresh", "refresh_token": "again", "expires_in": 600,
        "user": { "id": "00000000-0000-7000-8000-000000000001", "name": "Ada", "email": "ada@example.org", "role": "user" },
        "workspace_id": "00000000-0000-7000-8000-000000000002",
    });
    desk.input(Input::HttpAnswered { id: 3, status: Ok(200), body: body.to_string().into_bytes() });
    let (_, method, path, _) = sent(&mut desk).expect("sent with the fresh token");
    assert_eq!((method, path), (Method::Post, format!("users/{BEN}/reset-link")));
    desk.input(Input::HttpAnswered { id: 3, status: Ok(200), body: body.to_string().into_bytes() });

    assert_eq!(sent(&mut desk), None);
}

#[test]
fn whoever_works_alone_or_offline_is_told_so() {
    let mut desk = Desk::alone();
    assert_eq!(asked(&mut desk, TeamRequest::Devices { everybody: false }), None);
    assert!(matches!(told(&desk), Some(Err(Trouble::Offline(_)))));

    desk.join();
    let (id, ..) = asked(&mut desk, TeamRequest::Devices { everybody: false }).expect("asked");
    desk.input(Input::HttpAnswered { id, status: Err("no route".into()), body: Vec::new() });
    assert_eq!(told(&desk), Some(Err(Trouble::Offline("no route".into()))));
}

#[test]
fn tokens_are_listed_made_and_revoked() {
    let mut desk = Desk::alone();
    desk.join();

    let (id, method, path, _) = asked(&mut desk, TeamRequest::Tokens).expect("the relay is asked");
    assert_eq!((method, path.as_str()), (Method::Get, "tokens"));
    let item = json!({
        "id": "7", "name": "script", "scopes": ["read", "write"], "created_at": "2026-03-09T09:00:00Z",
        "expires_at": null, "last_used_at": "2026-03-10T09:00:00Z",
    });
    let told = answer(&mut desk, id, 200, &json!({ "items": [item] }));
    let Ok(TeamAnswer::Tokens(rows)) = told else { panic!("{told:?}") };
    assert!(rows[0].writes && rows[0].expires_at.is_none() && rows[0].last_used_at.is_some());

    let make = TeamRequest::MakeToken { name: "backup".into(), writes: false, expires_at: None };
    let (id, method, path, body) = asked(&mut desk, make).expect("the relay is asked");
    assert_eq!((method, path.as_str()), (Method::Post, "tokens"));
    assert_eq!(body, Some(json!({ "name": "backup", "scopes": ["read"], "expires_at": null })));
    assert_eq!(answer(&mut desk, id, 201, &json!({ "token": "ttp_x" })), Ok(TeamAnswer::Secret("ttp_x".into())));

    let (id, method, path, _) = asked(&mut desk, TeamRequest::RevokeToken("../7".into())).expect("the relay is asked");
    assert_eq!((method, path.as_str()), (Method::Delete, "tokens/7"));
    assert_eq!(answer(&mut desk, id, 204, &json!(null)), Ok(TeamAnswer::Done));
}

#[test]
fn a_calendars_address_stands_below_the_relays() {
    let mut desk = Desk::alone();
    desk.join();

    let (id, method, path, _) = asked(&mut desk, TeamRequest::MakeCalendar).expect("the relay is asked");
    assert_eq!((method, path.as_str()), (Method::Post, "calendar-feed"));
    let told = answer(&mut desk, id, 201, &json!({ "path": "/calendar/ttc_x.ics" }));
    assert_eq!(told, Ok(TeamAnswer::Secret("http://relay.test/calendar/ttc_x.ics".into())));

    let (id, ..) = asked(&mut desk, TeamRequest::Calendar).expect("the relay is asked");
    let told = answer(&mut desk, id, 200, &json!({ "on": false, "created_at": null, "last_used_at": null }));
    let Ok(TeamAnswer::Calendar(feed)) = told else { panic!("{told:?}") };
    assert!(feed.created_at.is_none());
}
