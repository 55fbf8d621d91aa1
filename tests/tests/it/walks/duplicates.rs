//! Finding and merging what is there twice.

use egui::{Key, Modifiers, Role};
use model::{Kind, Value};

use super::desk::{Hands, desk};

#[test]
fn two_contacts_become_one_value_by_value_and_one_undo_brings_both_back() {
    let mut harness = desk("/duplicates");
    assert!(harness.sees("No duplicates found"));
    let contact = |title: &str, phone: &str| -> [(&'static str, Value); 5] {
        [
            ("first_name", "Ann".into()),
            ("last_name", "Lee".into()),
            ("email", "ann@acme.com".into()),
            ("title", title.into()),
            ("phone", phone.into()),
        ]
    };
    let desk = harness.state_mut();
    let old = desk.create(Kind::Contact, &contact("Buyer", ""));
    let new = desk.create(Kind::Contact, &contact("Head of purchasing", "+1 212 555 0147"));
    harness.run();

    harness.button("Merge Ann Lee with what looks like it");
    harness.button("Title: Head of purchasing, 2 of 2");
    harness.button("Merge");

    let ann = harness.state().record(old);
    assert_eq!((ann.text("title"), ann.text("phone")), ("Head of purchasing", "+1 212 555 0147"));
    assert_eq!(harness.state().record(new).link("merged_into"), Some(old.id));
    assert!(harness.sees("Merged 2 contacts"));
    assert!(harness.sees("No duplicates found"));

    harness.chord(Modifiers::COMMAND, Key::Z);

    assert_eq!(harness.state().record(old).text("title"), "Buyer");
    assert_eq!(harness.state().record(new).link("merged_into"), None);
    assert!(harness.sees("1 group of records may be the same"));
}

#[test]
fn what_only_looks_alike_is_not_proposed_again() {
    let mut harness = desk("/duplicates");
    let desk = harness.state_mut();
    desk.create(Kind::Account, &[("name", "Acme".into())]);
    desk.create(Kind::Account, &[("name", "Acme Ltd".into())]);
    harness.run();

    harness.button("Different: Acme");

    assert!(harness.sees("No duplicates found"));
}

#[test]
fn selected_rows_are_merged_from_the_list() {
    let mut harness = desk("/accounts");
    let desk = harness.state_mut();
    let old = desk.create(Kind::Account, &[("name", "Acme".into())]);
    desk.create(Kind::Account, &[("name", "Zenith".into())]);
    harness.run();

    harness.press(Role::CheckBox, "Select Acme");
    assert!(!harness.all_names().contains("Merge…"), "one record alone can't be merged");
    harness.press(Role::CheckBox, "Select Zenith");
    harness.button("Merge…");
    harness.chord(Modifiers::COMMAND, Key::Enter);

    let accounts = harness.state_mut().records(Kind::Account);
    assert_eq!(accounts.iter().map(|account| account.id).collect::<Vec<_>>(), [old.id]);
}
