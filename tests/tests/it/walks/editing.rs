//! Tasks and activities are changed and thrown away after they were written.

use egui::{Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::{Kind, RecordRef, Timestamp, Value};

use super::desk::{Desk, Hands, desk};

fn at(text: &str) -> Value {
    Value::Time(text.parse::<Timestamp>().unwrap())
}

fn task(desk: &mut Desk, about: RecordRef, title: &str) -> RecordRef {
    let fields = [
        ("title", title.into()),
        ("linked_type", about.kind.name().into()),
        ("linked_id", about.id.into()),
        ("due_at", at("2026-03-05T14:00:00Z")),
    ];
    desk.create(Kind::Task, &fields)
}

/// Clicks the control whose name begins with these words.
fn press_beginning(harness: &mut Harness<'static, Desk>, words: &str) {
    harness.get_by_label_contains(words).click();
    harness.run();
}

#[test]
fn everything_about_a_task_is_changed_in_one_dialog_and_taken_back_in_one_step() {
    let mut harness = desk("/");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    let contact = harness.state_mut().create(Kind::Contact, &[("first_name", "Grace".into())]);
    let task = task(harness.state_mut(), lead, "Send the quote");
    harness.run();

    harness.press(Role::Link, "Edit Send the quote");
    harness.fill("Title", "Send the offer");
    harness.choose("Priority", "High");
    harness.choose("Reminder", "An hour before");
    harness.press(Role::ComboBox, "Record");
    harness.fill("Search record", "grace");
    harness.press(Role::ListBoxOption, "Grace");
    harness.button("Save");

    let now = harness.state().record(task);
    assert_eq!((now.text("title"), now.text("priority")), ("Send the offer", "high"));
    assert_eq!((now.text("linked_type"), now.link("linked_id")), ("contact", Some(contact.id)));
    assert_eq!(now.get("due_at"), Some(&at("2026-03-05T14:00:00Z")));
    assert_eq!(now.get("reminder_at"), Some(&at("2026-03-05T13:00:00Z")));
    assert!(harness.sees("Changed 1 task"));

    harness.chord(egui::Modifiers::COMMAND, Key::Z);
    let now = harness.state().record(task);
    assert_eq!((now.text("title"), now.text("linked_type"), now.get("reminder_at")), ("Send the quote", "lead", None));
}

#[test]
fn a_reminder_moves_with_the_task_and_a_day_alone_makes_it_a_task_for_the_whole_day() {
    let mut harness = desk("/");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    let task = task(harness.state_mut(), lead, "Send the quote");
    harness.run();

    harness.press(Role::Link, "Edit Send the quote");
    harness.choose("Reminder", "An hour before");
    harness.fill("Due", "2026-03-06 10:00");
    harness.button("Save");
    let now = harness.state().record(task);
    assert_eq!(now.get("due_at"), Some(&at("2026-03-06T10:00:00Z")));
    assert_eq!(now.get("reminder_at"), Some(&at("2026-03-06T09:00:00Z")));

    harness.press(Role::Link, "Edit Send the quote");
    harness.fill("Due", "the day after never");
    harness.button("Save");
    assert_eq!(harness.state().record(task).get("due_at"), Some(&at("2026-03-06T10:00:00Z")));
    harness.fill("Due", "2026-03-07");
    harness.fill("Title", "");
    harness.key(Key::Backspace);
    harness.button("Save");
    assert!(harness.sees("Enter a title"));
    harness.fill("Title", "Quote");
    harness.button("Save");
    let now = harness.state().record(task);
    assert!(now.flag("all_day"));
    assert_eq!(now.text("title"), "Quote");
}

#[test]
fn an_activity_is_edited_and_thrown_away_and_the_timeline_tells_it() {
    let mut harness = desk("/");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    let fields =
        [("type", "call".into()), ("subject", "Bugdet".into()), ("lead_id", lead.id.into()), ("body", "Twelve".into())];
    let call = harness.state_mut().create(Kind::Activity, &fields);
    harness.go(&format!("/leads/{}", lead.id));

    press_beginning(&mut harness, "Actions for Bugdet");
    harness.press(Role::MenuItem, "Edit…");
    harness.fill("Subject", "Budget");
    harness.choose("Direction", "Incoming");
    harness.fill("Minutes", "15");
    harness.button("Save");
    let now = harness.state().record(call);
    assert_eq!((now.text("subject"), now.text("direction"), now.int("duration_minutes")), ("Budget", "in", Some(15)));
    assert_eq!(now.text("body"), "Twelve");

    press_beginning(&mut harness, "Actions for Budget");
    harness.press(Role::MenuItem, "Move to trash");
    assert!(harness.state().record(call).is_deleted());
    assert!(harness.sees("Nothing logged yet"));

    harness.press(Role::Tab, "Timeline");
    assert!(harness.query_by_label_contains("edited subject of the call “Budget”: Bugdet to Budget").is_some());
    assert!(harness.sees("Ada Lovelace moved the call “Budget” to the trash"), "{}", harness.all_names());

    harness.chord(egui::Modifiers::COMMAND, Key::Z);
    assert!(!harness.state().record(call).is_deleted());
}

#[test]
fn where_only_owners_edit_the_reason_is_said_and_nothing_opens() {
    let mut harness = desk("/settings?s=workspace");
    let other = model::UserId::from_bytes([9; 16]);
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    let fields =
        [("type", "note".into()), ("body", "Theirs".into()), ("lead_id", lead.id.into()), ("owner_id", other.into())];
    harness.state_mut().create(Kind::Activity, &fields);
    harness.run();
    harness.press(Role::CheckBox, "Only owners and administrators edit a record");
    harness.state_mut().join("user");

    harness.go(&format!("/leads/{}", lead.id));
    press_beginning(&mut harness, "Actions for Theirs");
    harness.press(Role::MenuItem, "Edit…");

    assert!(!harness.sees("Edit activity"));
}

#[test]
fn quick_log_finds_contacts_and_accounts_by_a_few_letters() {
    let mut harness = desk("/");
    let contact = harness.state_mut().create(Kind::Contact, &[("first_name", "Grace".into())]);
    harness.run();

    harness.key(Key::L);
    harness.press(Role::ComboBox, "About");
    harness.fill("Search about", "gra");
    harness.press(Role::ListBoxOption, "Grace");
    harness.button("Call: talked");

    let calls = harness.state_mut().records(Kind::Activity);
    assert_eq!(calls.first().and_then(|call| call.link("contact_id")), Some(contact.id));
}

#[test]
fn tags_are_put_on_and_taken_off_on_a_page_and_given_to_what_is_created() {
    let mut harness = desk("/");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.go(&format!("/leads/{}", lead.id));

    harness.press(Role::ComboBox, "Add a tag");
    harness.fill("Search add a tag", "#vip");
    harness.press(Role::ListBoxOption, "Create “#vip”");
    assert_eq!(harness.state().record(lead).get("tags/vip"), Some(&Value::Bool(true)));

    harness.go("/accounts");
    harness.key(Key::N);
    harness.key(Key::A);
    harness.fill("Name", "Acme");
    harness.button("More fields");
    harness.press(Role::ComboBox, "Add a tag");
    harness.press(Role::ListBoxOption, "vip");
    harness.button("Save");
    let accounts = harness.state_mut().records(Kind::Account);
    assert_eq!(accounts.first().and_then(|account| account.get("tags/vip")), Some(&Value::Bool(true)));

    harness.go(&format!("/leads/{}", lead.id));
    harness.button("Take off the tag vip");
    assert_eq!(harness.state().record(lead).get("tags/vip"), None);
    harness.chord(egui::Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().record(lead).get("tags/vip"), Some(&Value::Bool(true)));
}
