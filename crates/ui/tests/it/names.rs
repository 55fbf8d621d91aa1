//! Every control on every screen has a name of its own, at every width.

use std::collections::BTreeMap;

use egui::accessibility::is_input;
use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::desk::{Desk, desk, now};
use crate::scenes::{SIZES, scenes};
use crate::stub::StubReplica;

/// Controls without a name, and names that two controls of one kind share. Rows and cards are named after
/// records, which may share a name.
pub(crate) fn faults(harness: &Harness<'_, Desk>) -> Vec<String> {
    let mut faults = harness.unnamed_widgets();
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        let named_after_record = matches!(node.role(), Role::ListItem | Role::Row | Role::Link | Role::CheckBox);
        if !is_input(node.role()) || node.is_hidden() || named_after_record {
            continue;
        }
        let label = node.label().unwrap_or_default();
        if label.starts_with("Actions for") {
            continue;
        }
        *seen.entry((format!("{:?}", node.role()), label)).or_default() += 1;
    }
    faults.extend(
        seen.into_iter()
            .filter(|(_, count)| *count > 1)
            .map(|((role, name), count)| format!("{count} × {role} {name:?}")),
    );
    faults
}

#[test]
fn every_control_on_every_screen_has_a_name_of_its_own() {
    let mut all = Vec::new();
    // What opens over a view stands for itself in the tests below.
    for scene in scenes().into_iter().filter(|scene| scene.steps.is_empty()) {
        for size in SIZES {
            let harness = scene.open(StubReplica::with_sample(now(), 20), size).expect("the sample has all kinds");
            all.extend(faults(&harness).into_iter().map(|fault| format!("{} at {}: {fault}", scene.name, size[0])));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_control_in_every_dialog_has_a_name_of_its_own() {
    let mut all = Vec::new();
    for second in [Key::L, Key::C, Key::A, Key::T, Key::V] {
        let mut harness = desk(StubReplica::with_sample(now(), 10), "/settings");
        harness.key_press(Key::N);
        harness.run();
        harness.key_press(second);
        harness.run();
        assert!(harness.query_by_role_and_label(Role::Button, "Save").is_some());
        all.extend(faults(&harness));
    }
    let mut harness = desk(StubReplica::with_sample(now(), 10), "/settings");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    all.extend(faults(&harness));
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_first_screen_has_named_controls() {
    for label in ["Start on this device", "Join a team"] {
        let mut harness = desk(StubReplica::empty(now()), "/");
        assert_eq!(faults(&harness), Vec::<String>::new());
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(faults(&harness), Vec::<String>::new());
    }
}
