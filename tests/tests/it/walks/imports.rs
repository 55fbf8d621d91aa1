//! A file is brought in: mapped, looked at, imported, taken back.

use egui::Role;
use egui_kittest::Harness;
use model::{Kind, Record};

use super::desk::{Desk, Hands, desk};

const PEOPLE: &str = "First Name,Last Name,Email,Associated Company,Shoe size\n\
    Ada,Lovelace,ada@example.org,Analytical Engines,38\n\
    Grace,Hopper,grace@example.org,Navy,39\n\
    ,,not an address,,40\n";

fn bring(harness: &mut Harness<'static, Desk>, target: &str) {
    harness.state_mut().app.file_chosen("people.csv".into(), PEOPLE.as_bytes().to_vec());
    harness.run();
    harness.press(Role::ComboBox, "Target of Shoe size");
    harness.fill("Search target of shoe size", target);
    harness.press(Role::ListBoxOption, target);
    harness.button("Preview");
}

fn contacts(harness: &mut Harness<'static, Desk>) -> Vec<Record> {
    harness.state_mut().records(Kind::Contact)
}

#[test]
fn a_file_is_mapped_previewed_imported_and_taken_back() {
    let mut harness = desk("/import");

    bring(&mut harness, "Contact · new field “Shoe size”");
    assert!(harness.sees("2 to create") && harness.sees("1 with errors"), "{}", harness.all_names());
    assert_eq!(contacts(&mut harness), [], "a preview changes nothing");
    harness.button("Import");
    assert!(harness.sees("2 created"), "{}", harness.all_names());
    let people = contacts(&mut harness);
    let sizes: Vec<&str> = people.iter().map(|person| person.text("custom/Shoe size")).collect();
    assert_eq!((people.len(), sizes), (2, vec!["39", "38"]));

    harness.button("Undo import");
    assert_eq!(contacts(&mut harness), []);
}
