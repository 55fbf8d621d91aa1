//! First run, creating, searching, undoing.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use model::app::Request;
use model::query::{Query, Sort};
use model::{Action, Kind, Role as UserRole, Value};
use ui::{Effect, Options};

use crate::desk::{desk, desk_sized, now};
use crate::stub::StubReplica;

#[test]
fn a_newcomer_starts_with_nothing_but_a_name() {
    let mut harness = desk(StubReplica::empty(now()), "/");

    harness.get_by_label("Start on this device").click();
    harness.run();
    harness.get_by_label("Your name").type_text("Ada Lovelace");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();

    assert!(harness.state().replica.requests.contains(&Request::StartSolo { name: "Ada Lovelace".into() }));
    harness.get_by_label("Welcome to TrailTrack");
}

#[test]
fn a_name_is_asked_for_before_starting() {
    let mut harness = desk(StubReplica::empty(now()), "/");

    harness.get_by_label("Start on this device").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Start").click();
    harness.run();

    harness.get_by_label("Enter your name");
    assert_eq!(harness.state().replica.requests, []);
}

#[test]
fn joining_from_the_browser_asks_only_for_email_and_password() {
    let options = Options { web_server: Some("https://crm.example.org".into()), ..Options::default() };
    let mut harness = desk_sized(StubReplica::empty(now()), "/", options, [1024.0, 768.0]);

    assert!(harness.query_by_role_and_label(Role::TextInput, "Server").is_none());
    harness.get_by_role_and_label(Role::EmailInput, "Email").type_text("ada@example.org");
    harness.run();
    harness.get_by_label("Password").focus();
    harness.run();
    harness.get_by_label("Password").type_text("secret");
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Sign in").click();
    harness.run();

    let request = Request::JoinTeam {
        server: "https://crm.example.org".into(),
        email: "ada@example.org".into(),
        password: "secret".into(),
    };
    assert!(harness.state().replica.requests.contains(&request));
}

#[test]
fn a_lead_is_created_with_two_keys_a_title_and_enter() {
    let mut harness = desk(StubReplica::started(now()), "/pipeline");

    harness.key_press(Key::N);
    harness.run();
    harness.key_press(Key::L);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Title").type_text("Website redesign");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();

    let actions = harness.state().actions();
    let [Action::Create { record, fields }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(record.kind, Kind::Lead);
    assert_eq!(fields.get("title"), Some(&Value::from("Website redesign")));
    assert!(fields.get("place").and_then(Value::as_text).is_some_and(|place| place.starts_with("new|")));
    harness.get_by_label("Created lead");
    harness.get_by_label_contains("Website redesign, $0");
}

#[test]
fn money_is_read_while_it_is_typed_and_saved_in_cents() {
    let mut harness = desk(StubReplica::started(now()), "/");

    harness.get_by_role_and_label(Role::Button, "Add a lead").click();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Title").type_text("Fleet renewal");
    harness.get_by_role_and_label(Role::TextInput, "Value").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Value").type_text("12.5k");
    harness.run();
    harness.get_by_label("= $12,500.00");
    harness.get_by_role_and_label(Role::Button, "Save").click();
    harness.run();

    let actions = harness.state().actions();
    let [Action::Create { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("value_cents"), Some(&Value::Int(1_250_000)));
}

#[test]
fn a_form_says_what_is_missing_under_the_field() {
    let mut harness = desk(StubReplica::started(now()), "/contacts");

    harness.key_press(Key::N);
    harness.run();
    harness.key_press(Key::C);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Save").click();
    harness.run();

    harness.get_by_label("Enter a name or an email address");
    assert_eq!(harness.state().actions(), []);
}

#[test]
fn ctrl_z_takes_back_the_last_command() {
    let mut harness = desk(StubReplica::with_sample(now(), 10), "/pipeline");

    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::MoveLeads { .. }, Action::Undo(_)]), "{actions:?}");
}

#[test]
fn a_click_on_a_column_head_sorts_by_it() {
    let mut harness = desk(StubReplica::with_sample(now(), 30), "/leads");

    harness.get_by_role_and_label(Role::ColumnHeader, "Value").click();
    harness.run();

    let Some(Query::List(query)) = harness.state().last_watch(|query| matches!(query, Query::List(_))) else {
        panic!("a list is watched")
    };
    assert_eq!(query.sort, [Sort { field: "value_cents".into(), descending: true }]);
    harness.get_by_role_and_label(Role::ColumnHeader, "Value, sorted descending");
    assert_eq!(harness.state().app.route(), "/leads?sort=-value_cents");
}

#[test]
fn a_filter_that_finds_nothing_says_so_and_can_be_cleared() {
    let mut harness = desk(StubReplica::with_sample(now(), 10), "/leads?q=zzzz");

    harness.get_by_label("No matches for “zzzz”");
    harness.get_by_role_and_label(Role::Button, "Clear filters").click();
    harness.run();

    assert_eq!(harness.state().app.route(), "/leads?f=none");
    assert!(harness.query_all_by_role(Role::Row).next().is_some());
}

#[test]
fn the_palette_finds_records_and_opens_them_with_enter() {
    let mut harness = desk(StubReplica::with_sample(now(), 10), "/");
    let lead = harness.state().record(Kind::Lead, |_| true);
    let title = harness.state().replica.records[&lead.id].display_name();

    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    harness.get_by_label("Search everything").type_text(&title);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();

    assert!(harness.state().app.route().starts_with("/leads/"), "{}", harness.state().app.route());
}

#[test]
fn letters_typed_into_a_field_are_not_commands() {
    let mut harness = desk(StubReplica::with_sample(now(), 10), "/leads");

    harness.key_press(Key::Slash);
    harness.run();
    harness.key_press(Key::G);
    harness.key_press(Key::P);
    harness.run();

    assert!(harness.state().app.route().starts_with("/leads"));
}

#[test]
fn g_and_a_letter_go_to_a_screen_and_tell_the_address_bar() {
    let mut harness = desk(StubReplica::started(now()), "/");

    harness.key_press(Key::G);
    harness.run();
    harness.key_press(Key::A);
    harness.run();

    assert_eq!(harness.state().app.route(), "/accounts");
    assert!(harness.state().effects.contains(&Effect::RouteChanged("/accounts".into())));
    assert!(harness.state().effects.contains(&Effect::SetTitle("Accounts · TrailTrack".into())));
}

#[test]
fn a_viewer_sees_everything_and_is_told_why_nothing_can_be_created() {
    let replica = StubReplica::with_sample(now(), 10).with_role(UserRole::Viewer);
    let mut harness = desk(replica, "/pipeline");

    harness.key_press(Key::N);
    harness.run();
    harness.key_press(Key::L);
    harness.run();

    harness.get_by_label("Your role is read-only");
    assert_eq!(harness.state().actions(), []);
}

#[test]
fn a_newcomer_saves_a_first_lead_with_the_keyboard_alone() {
    let mut harness = desk(StubReplica::empty(now()), "/");
    let say = |harness: &mut egui_kittest::Harness<'_, crate::desk::Desk>, text: &str| {
        harness.event(egui::Event::Text(text.to_owned()));
        harness.run();
    };

    harness.key_press(Key::Tab);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    say(&mut harness, "Ada");
    harness.key_press(Key::Enter);
    harness.run();
    harness.key_press(Key::N);
    harness.run();
    harness.key_press(Key::L);
    harness.run();
    say(&mut harness, "Acme website 12k #referral");
    harness.get_by_role_and_label(Role::Button, "Keep the words in the title: $12,000.00");
    harness.key_press(Key::Enter);
    harness.run();

    let actions = harness.state().actions();
    let [Action::Create { fields, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(fields.get("title"), Some(&Value::from("Acme website")));
    assert_eq!(fields.get("value_cents"), Some(&Value::Int(1_200_000)));
    assert_eq!(fields.get("source"), Some(&Value::from("Referral")));
}

#[test]
fn the_palette_shows_what_was_looked_at_lately_and_leads_of_a_person() {
    let replica = StubReplica::with_sample(now(), 10);
    let lead = replica.records.values().find(|record| record.kind == Kind::Lead).expect("a lead");
    let (route, title) = (format!("/leads/{}", lead.id), lead.display_name());
    let mut harness = desk(replica, &route);

    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, &title);
    harness.get_by_label("Search everything").type_text("@ada");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();

    assert!(harness.state().app.route().starts_with("/leads?owner="), "{}", harness.state().app.route());
}
