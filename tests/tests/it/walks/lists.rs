//! Lists as they are worked with: chips, saved views, columns, files, editing in place, many at once.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use model::{Kind, Value};
use ui::Effect;

use super::desk::{Desk, Hands, desk};

fn lead(title: &str, cents: i64, source: &str) -> [(&'static str, Value); 3] {
    [("title", title.into()), ("value_cents", cents.into()), ("source", source.into())]
}

fn three(desk: &mut Desk) {
    desk.create(Kind::Lead, &lead("Website", 500_000, "Referral"));
    desk.create(Kind::Lead, &lead("Newsletter", 20_000, "Event"));
    desk.create(Kind::Lead, &lead("Shop", 900_000, "Website"));
}

#[test]
fn a_chip_of_any_field_narrows_the_list_and_is_saved_as_a_view() {
    let mut harness = desk("/leads");
    three(harness.state_mut());
    harness.run();

    harness.button("More filters");
    harness.choose("Any other field", "Source");
    harness.choose("Values", "Referral");
    harness.choose("Values", "Event");
    harness.button("Add filter");
    harness.key(Key::Escape);
    assert_eq!(harness.state().app.route(), "/leads?w=source%3Ais%3AReferral%7CEvent");
    assert!(harness.sees("Website") && harness.sees("Newsletter") && !harness.sees("Shop"));

    harness.key(Key::V);
    harness.press(Role::MenuItem, "Save as a new view…");
    harness.fill("Name", "By word of mouth");
    harness.key(Key::Enter);
    let views = harness.state_mut().records(Kind::View);
    let [view] = views.as_slice() else { panic!("{views:?}") };
    assert_eq!((view.text("name"), view.text("screen")), ("By word of mouth", "leads"));
    assert_eq!(view.text("filter/w"), "source:is:Referral|Event");

    harness.go("/leads");
    assert!(harness.sees("Shop"));
    harness.key(Key::V);
    harness.press(Role::MenuItem, "By word of mouth");
    assert!(harness.sees("Website") && !harness.sees("Shop"));

    harness.button("Remove the filter Source is Referral, Event");
    assert!(harness.sees("Shop"));
    harness.button("Views: By word of mouth (changed)");
    harness.press(Role::MenuItem, "Save the changes");
    assert_eq!(harness.state_mut().records(Kind::View)[0].get("filter/w"), None);

    harness.button("Views: By word of mouth");
    harness.press(Role::MenuItem, "Delete the view");
    assert_eq!(harness.state_mut().records(Kind::View), []);
    assert_eq!(harness.state().app.route(), "/leads");
}

#[test]
fn a_value_that_cannot_be_read_is_said_under_its_field() {
    let mut harness = desk("/leads");
    three(harness.state_mut());
    harness.run();

    harness.button("More filters");
    harness.choose("Any other field", "Value");
    harness.choose("Comparison", "is between");
    harness.fill("From", "1k");
    harness.fill("To", "plenty");
    harness.button("Add filter");
    assert!(harness.sees("Enter an amount, such as 5k"));
    harness.fill("To", "6k");
    harness.button("Add filter");

    assert_eq!(harness.state().app.route(), "/leads?w=value_cents%3Abetween%3A1k%7C6k");
    assert!(harness.sees("Remove the filter Value is between 1k and 6k") || harness.sees("Website"));
    assert!(!harness.sees("Shop"));
}

#[test]
fn columns_are_chosen_per_device_and_leave_in_the_file_as_they_show() {
    let mut harness = desk("/leads?sort=title");
    three(harness.state_mut());
    harness.run();
    assert!(harness.query_by_role_and_label(Role::ColumnHeader, "Source").is_none());

    harness.button("Columns");
    harness.press(Role::CheckBox, "Source");
    harness.press(Role::CheckBox, "Prob.");
    harness.button("Move Source left");
    harness.key(Key::Escape);
    assert!(harness.query_by_role_and_label(Role::ColumnHeader, "Source").is_some());
    assert!(harness.query_by_role_and_label(Role::ColumnHeader, "Prob.").is_none());
    assert_eq!(harness.state().app.route(), "/leads?sort=title", "the choice is this device's, not the address's");

    harness.button("Export what matches as CSV");
    let saved = harness.state().effects.iter().find_map(|effect| match effect {
        Effect::SaveFile { name, bytes } => Some((name.clone(), String::from_utf8(bytes.clone()).unwrap())),
        _ => None,
    });
    let (name, text) = saved.expect("a file is offered");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(name, "leads.csv");
    assert_eq!(lines[0], "Title,Account,Stage,Value,Expected close,Next step,Owner,Source,Last touch");
    assert!(lines[1].starts_with("Newsletter,,New,200.00,,,Ada Lovelace,Event,"), "{}", lines[1]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_cell_is_edited_in_place_and_tab_goes_on_to_the_next() {
    let mut harness = desk("/leads?sort=title");
    let desk = harness.state_mut();
    let lead = desk.create(Kind::Lead, &lead("Website", 500_000, "Referral"));
    harness.run();

    harness.key(Key::J);
    harness.key(Key::F2);
    harness.fill("Title", "Web shop");
    harness.key(Key::Enter);
    assert_eq!(harness.state().record(lead).text("title"), "Web shop");

    harness.key(Key::F2);
    harness.fill("Title", "");
    harness.key(Key::Enter);
    assert_eq!(harness.state().record(lead).text("title"), "Web shop", "a title is required");

    harness.chord(Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().record(lead).text("title"), "Website");
}

#[test]
fn a_tag_is_put_on_everything_that_matches_after_a_question() {
    let mut harness = desk("/leads");
    three(harness.state_mut());
    harness.run();

    harness.chord(Modifiers::COMMAND, Key::A);
    assert!(harness.sees("3 selected"));
    harness.button("Tag");
    harness.fill("Tag to add or remove", "spring");
    harness.button("Add tag");
    assert!(harness.sees("Changes 3 leads: Tag spring added"));
    harness.button("Change 3 leads");

    let tagged = harness.state_mut().records(Kind::Lead);
    assert!(tagged.iter().all(|lead| lead.flag("tags/spring")));
    harness.chord(Modifiers::COMMAND, Key::Z);
    let tagged = harness.state_mut().records(Kind::Lead);
    assert!(tagged.iter().all(|lead| !lead.flag("tags/spring")), "one step back for all");
}

#[test]
fn theme_and_density_are_still_there_in_the_next_window() {
    let mut harness = desk("/settings");

    harness.press(Role::RadioButton, "Dark");
    harness.press(Role::RadioButton, "Compact");

    let kept = harness.state().kept();
    assert_eq!(kept, [("density", "compact"), ("theme", "dark")].map(|(key, value)| (key.into(), value.into())));
    harness.press(Role::RadioButton, "Comfortable");
    assert_eq!(harness.state().kept().len(), 1);
}
