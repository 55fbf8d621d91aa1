//! Settings: what an administrator changes takes effect everywhere at once, and can be taken back.

use egui::{Key, Modifiers, Role};
use model::settings::SETTINGS_ID;
use model::{Kind, RecordRef, Settings};

use super::desk::{Desk, Hands, desk};

fn settings(desk: &Desk) -> Settings {
    Settings::read(&desk.record(RecordRef::new(Kind::Settings, SETTINGS_ID)))
}

fn names(desk: &Desk) -> Vec<String> {
    settings(desk).stages.into_iter().map(|stage| stage.name).collect()
}

#[test]
fn stages_are_renamed_reordered_added_and_removed_with_their_leads() {
    let mut harness = desk("/settings?s=pipeline");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.run();

    harness.fill("Name of stage 2", "Talking");
    harness.key(Key::Enter);
    harness.button("Move Talking down");
    assert_eq!(names(harness.state())[..4], ["New", "Proposal", "Talking", "Negotiation"]);
    harness.fill("Chance in Talking, percent", "40 %");
    harness.key(Key::Enter);
    harness.fill("Days until a lead rots in Talking", "12");
    harness.key(Key::Enter);
    let talking = settings(harness.state()).stages.remove(2);
    assert_eq!((talking.probability, talking.rot_days), (40, 12));

    harness.button("New stage");
    assert_eq!(names(harness.state())[4..], ["New stage", "Closed-Won", "Closed-Lost"]);

    harness.button("Remove New");
    harness.choose("Its leads move to", "Talking");
    harness.button("Remove the stage");
    assert_eq!(names(harness.state())[..2], ["Proposal", "Talking"]);
    let moved = harness.state().record(lead);
    assert_eq!((moved.place().0, moved.int("probability")), ("qualified", Some(40)));

    harness.chord(Modifiers::COMMAND, Key::Z);
    assert_eq!(names(harness.state())[..2], ["New", "Proposal"]);
    assert_eq!(harness.state().record(lead).place().0, "new");
}

#[test]
fn the_workspace_is_named_and_reads_money_and_days_its_own_way() {
    let mut harness = desk("/settings?s=workspace");

    harness.fill("Workspace name", "Ada & Co");
    harness.key(Key::Enter);
    harness.fill("Currency", "euro");
    harness.key(Key::Enter);
    assert!(harness.sees("A currency has three letters, such as USD or EUR"));
    harness.fill("Currency", "eur");
    harness.key(Key::Enter);
    harness.press(Role::ComboBox, "Time zone");
    harness.fill("Search time zone", "berlin");
    harness.press(Role::ListBoxOption, "Europe/Berlin");

    let settings = settings(harness.state());
    assert_eq!((settings.name.as_str(), settings.currency.as_str()), ("Ada & Co", "EUR"));
    assert_eq!(settings.time_zone, "Europe/Berlin");
}

#[test]
fn sources_come_and_go() {
    let mut harness = desk("/settings?s=pipeline");

    harness.fill("New source", "Podcast");
    harness.key(Key::Enter);
    assert_eq!(settings(harness.state()).sources.last().map(String::as_str), Some("Podcast"), "behind the others");
    harness.reach(Role::Button, "Archive the source Podcast");

    assert!(!settings(harness.state()).sources.contains(&"Podcast".to_owned()));
    assert_eq!(settings(harness.state()).old_sources, ["Podcast"]);
}
