//! Settings › API: tokens and the calendar's address, asked of the relay and shown once.

use egui::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use model::app::{CalendarFeed, Request, SyncState, TeamAnswer, TeamRequest, TokenRow, Update};
use ui::Effect;

use crate::desk::{Desk, desk, now};
use crate::stub::StubReplica;

pub(crate) fn in_a_team(sync: SyncState) -> Harness<'static, Desk> {
    let mut replica = StubReplica::started(now());
    replica.session.server = "https://crm.example.org".into();
    replica.session.sync = sync;
    desk(replica, "/settings?s=api")
}

/// The number under which this was asked last.
pub(crate) fn asked(harness: &Harness<'static, Desk>, wanted: impl Fn(&TeamRequest) -> bool) -> u64 {
    let found = harness.state().replica.requests.iter().rev().find_map(|request| match request {
        Request::Team(id, request) if wanted(request) => Some(*id),
        _ => None,
    });
    found.expect("the relay is asked")
}

pub(crate) fn answer(harness: &mut Harness<'static, Desk>, id: u64, answer: TeamAnswer) {
    harness.state_mut().app.receive(Update::Team(id, Ok(answer)));
    harness.run();
}

pub(crate) fn click(harness: &mut Harness<'static, Desk>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

fn row() -> TokenRow {
    TokenRow {
        id: "7".into(),
        name: "Nightly report".into(),
        writes: false,
        created_at: now(),
        expires_at: None,
        last_used_at: Some(now()),
    }
}

#[test]
fn a_token_is_made_shown_once_copied_and_revoked() {
    let mut harness = in_a_team(SyncState::Synced);
    let id = asked(&harness, |request| *request == TeamRequest::Tokens);
    answer(&mut harness, id, TeamAnswer::Tokens(Vec::new()));
    harness.get_by_label("You have no tokens");

    click(&mut harness, "New token…");
    click(&mut harness, "Make the token");
    harness.get_by_label("Say what it is for");
    harness.get_by_role_and_label(Role::TextInput, "What it is for").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "What it is for").type_text("Nightly report");
    harness.run();
    click(&mut harness, "Make the token");
    let made = harness.state().replica.requests.iter().rev().find_map(|request| match request {
        Request::Team(id, TeamRequest::MakeToken { name, writes, expires_at }) => {
            Some((*id, name.clone(), *writes, *expires_at))
        }
        _ => None,
    });
    let (id, name, writes, expires_at) = made.expect("the relay is asked");
    let ninety_days = now().plus_millis(90 * model::time::DAY_MILLIS);
    assert_eq!((name.as_str(), writes, expires_at), ("Nightly report", false, Some(ninety_days)));
    answer(&mut harness, id, TeamAnswer::Secret("ttp_secret".into()));
    click(&mut harness, "Copy");
    assert!(harness.state().effects.contains(&Effect::CopyText("ttp_secret".into())));
    click(&mut harness, "Done");
    assert!(harness.query_by_label_contains("ttp_secret").is_none());

    let id = asked(&harness, |request| *request == TeamRequest::Tokens);
    answer(&mut harness, id, TeamAnswer::Tokens(vec![row()]));
    click(&mut harness, "Revoke Nightly report");
    click(&mut harness, "Revoke");
    let id = asked(&harness, |request| *request == TeamRequest::RevokeToken("7".into()));
    answer(&mut harness, id, TeamAnswer::Done);
    harness.get_by_label_contains("Token revoked");
}

#[test]
fn a_calendars_address_is_made_changed_and_switched_off() {
    let mut harness = in_a_team(SyncState::Synced);
    let id = asked(&harness, |request| *request == TeamRequest::Calendar);
    answer(&mut harness, id, TeamAnswer::Calendar(CalendarFeed { created_at: None, last_used_at: None }));

    click(&mut harness, "Make an address");
    let id = asked(&harness, |request| *request == TeamRequest::MakeCalendar);
    answer(&mut harness, id, TeamAnswer::Secret("https://crm.example.org/calendar/ttc_x.ics".into()));
    harness.get_by_label_contains("ttc_x");
    click(&mut harness, "Done");
    let id = asked(&harness, |request| *request == TeamRequest::Calendar);
    answer(&mut harness, id, TeamAnswer::Calendar(CalendarFeed { created_at: Some(now()), last_used_at: None }));
    let before = harness.state().replica.requests.len();
    click(&mut harness, "New address…");
    assert_eq!(harness.state().replica.requests.len(), before, "it is asked first");
    click(&mut harness, "Make a new address");
    asked(&harness, |request| *request == TeamRequest::MakeCalendar);
    click(&mut harness, "Switch the calendar off");

    asked(&harness, |request| *request == TeamRequest::EndCalendar);
}

#[test]
fn without_a_connection_it_is_said_why_nothing_can_be_done() {
    let harness = in_a_team(SyncState::Offline { since: None, reason: "no network".into() });

    let nothing = harness.state().replica.requests.iter().all(|request| !matches!(request, Request::Team(..)));
    assert!(nothing, "nobody is asked in vain");
    assert!(harness.query_all_by_label("This can be done when you are connected to your team's server").count() >= 1);
    assert!(harness.get_by_role_and_label(Role::Button, "New token…").accesskit_node().is_disabled());
}

#[test]
fn whoever_works_alone_is_shown_the_way_to_a_team() {
    let harness = desk(StubReplica::started(now()), "/settings?s=api");

    harness.get_by_role_and_label(Role::Button, "Join a team…");
}
