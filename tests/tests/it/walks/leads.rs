//! A lead's life: first run, created, logged, moved, won, lost, reopened, edited, undone.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use model::Kind;

use super::desk::{Hands, desk, new_device};

#[test]
fn a_newcomer_starts_and_saves_the_first_lead_from_one_line() {
    let mut harness = new_device();

    harness.button("Start on this device");
    harness.fill("Your name", "Ada Lovelace");
    harness.key(Key::Enter);
    harness.key(Key::N);
    harness.key(Key::L);
    harness.fill("Title", "Acme website 12k +2w #vip");
    harness.key(Key::Enter);

    let leads = harness.state_mut().records(Kind::Lead);
    let [lead] = leads.as_slice() else { panic!("{leads:?}") };
    assert_eq!((lead.text("title"), lead.int("value_cents")), ("Acme website", Some(1_200_000)));
    assert_eq!(lead.date("expected_close_date").map(|date| date.to_string()).as_deref(), Some("2026-03-16"));
    assert!(harness.sees("Created lead"));
}

#[test]
fn a_call_is_logged_in_two_actions_and_says_how_it_was_logged() {
    let mut harness = desk("/leads");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.run();

    harness.key(Key::J);
    harness.key(Key::L);
    harness.button("Call: talked");

    let calls = harness.state_mut().records(Kind::Activity);
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(call.link("lead_id"), Some(lead.id));
    assert_eq!((call.text("type"), call.text("via")), ("call", "quick_log"));
}

#[test]
fn a_lead_is_moved_won_reopened_and_lost_and_each_step_can_be_taken_back() {
    let mut harness = desk("/pipeline");
    let fields = [("title", "Website".into()), ("value_cents", 250_000.into())];
    let lead = harness.state_mut().create(Kind::Lead, &fields);
    harness.run();

    harness.key(Key::ArrowDown);
    harness.chord(Modifiers::SHIFT, Key::ArrowRight);
    let now = harness.state().record(lead);
    assert_eq!((now.place().0, now.int("probability")), ("qualified", Some(25)));

    harness.chord(Modifiers::SHIFT, Key::W);
    harness.fill("Final value", "3k");
    harness.button("Mark as won");
    let now = harness.state().record(lead);
    assert_eq!((now.place().0, now.int("closed_value_cents")), ("won", Some(300_000)));
    assert!(now.date("closed_on").is_some());

    harness.go(&format!("/leads/{}", lead.id));
    harness.button("Move to Proposal");
    let now = harness.state().record(lead);
    assert_eq!((now.place().0, now.get("closed_on")), ("proposal", None));

    harness.button("Lost");
    harness.button("Mark as lost");
    assert_eq!(harness.state().record(lead).place().0, "proposal", "a reason is asked for");
    harness.choose("Reason", "Price");
    harness.button("Mark as lost");
    let now = harness.state().record(lead);
    assert_eq!((now.place().0, now.text("lost_reason")), ("lost", "Price"));

    for stage in ["proposal", "won", "qualified", "new"] {
        harness.chord(Modifiers::COMMAND, Key::Z);
        assert_eq!(harness.state().record(lead).place().0, stage);
    }
}

#[test]
fn a_field_saves_itself_and_the_page_tells_what_changed() {
    let mut harness = desk("/");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.go(&format!("/leads/{}", lead.id));

    harness.fill("Value", "12.5k");
    harness.key(Key::Enter);

    assert_eq!(harness.state().record(lead).int("value_cents"), Some(1_250_000));
    harness.press(Role::Tab, "Timeline");
    assert!(harness.query_all_by_label_contains("$12,500.00").next().is_some(), "{}", harness.all_names());
}

#[test]
fn what_is_thrown_away_comes_back_from_the_trash() {
    let mut harness = desk("/leads");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.run();

    harness.press(Role::CheckBox, "Select Website");
    harness.button("Move to trash");
    assert!(harness.state().record(lead).is_deleted());
    harness.go("/trash");
    harness.button("Restore Website");

    assert!(!harness.state().record(lead).is_deleted());
}

#[test]
fn a_list_narrows_to_what_is_asked_and_says_when_nothing_is_left() {
    let mut harness = desk("/leads");
    let desk = harness.state_mut();
    desk.create(Kind::Lead, &[("title", "Website".into()), ("value_cents", 500_000.into())]);
    desk.create(Kind::Lead, &[("title", "Newsletter".into()), ("value_cents", 20_000.into())]);
    harness.run();

    harness.button("More filters");
    harness.fill("Value at least", "1k");
    harness.key(Key::Escape);
    assert!(harness.sees("Website") && !harness.sees("Newsletter"));
    harness.fill("Filter leads", "nothing like it");
    harness.button("Clear filters");

    assert!(harness.sees("Website") && harness.sees("Newsletter"));
    assert_eq!(harness.state().app.route(), "/leads?f=none");
}
