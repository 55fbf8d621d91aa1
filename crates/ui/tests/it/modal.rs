//! A dialog is modal for everybody: whoever cannot see the screen, or uses the keyboard, does not get behind it either.

use egui::accessibility::is_input;
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::NodeT;
use egui_kittest::{Harness, Node};

use crate::desk::{Desk, desk, now};
use crate::dialogs::dialogs;
use crate::names::faults;
use crate::scenes::{SIZES, Step};
use crate::stub::StubReplica;

/// Whether a control belongs to the dialog, or to a message that stands over it.
fn is_in_front(node: &Node<'_>) -> bool {
    let mut at = Some(node.accesskit_node());
    while let Some(node) = at {
        if node.is_modal() || node.role() == Role::Status {
            return true;
        }
        at = node.parent();
    }
    false
}

/// What is offered although it is behind, by name.
fn offered_behind(harness: &Harness<'_, Desk>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    let offered = nodes.filter(|node| is_input(node.accesskit_node().role()) && !node.accesskit_node().is_hidden());
    offered.filter(|node| !is_in_front(node)).filter_map(|node| node.accesskit_node().label()).collect()
}

#[test]
fn behind_a_dialog_nothing_is_offered_and_nothing_gets_the_keyboard() {
    let mut faults_found = Vec::new();
    for scene in dialogs() {
        // On a phone those that keys open: what else opens one may have to be scrolled to there.
        let by_keys = scene.steps.iter().all(|step| matches!(step, Step::Press(..)));
        for size in [Some(SIZES[0]), by_keys.then_some(SIZES[2])].into_iter().flatten() {
            let mut harness = scene.open(StubReplica::with_sample(now(), 20), size).expect("the sample has all kinds");
            let place = format!("{} at {}", scene.name, size[0]);
            let is_modal = |node: Node<'_>| node.accesskit_node().is_modal();
            assert!(harness.root().children_recursive().any(is_modal), "{place}: no dialog is open");
            faults_found.extend(faults(&harness).into_iter().map(|fault| format!("{place}: {fault}")));
            faults_found.extend(offered_behind(&harness).into_iter().map(|name| format!("{place} offers {name}")));
            faults_found.extend(strays(&mut harness).into_iter().map(|name| format!("{place}: Tab reaches {name}")));
        }
    }
    assert!(faults_found.is_empty(), "{}", faults_found.join("\n"));
}

/// Where Tab gets to behind the dialog, forwards and backwards.
fn strays(harness: &mut Harness<'static, Desk>) -> Vec<String> {
    let mut found = Vec::new();
    for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
        for _ in 0..12 {
            harness.key_press_modifiers(modifiers, Key::Tab);
            harness.run();
            let focused = harness.root().children_recursive().find(|node| node.accesskit_node().is_focused());
            found.extend(focused.filter(|node| !is_in_front(node)).and_then(|node| node.accesskit_node().label()));
        }
    }
    found
}

#[test]
fn the_page_is_offered_again_when_the_dialog_closes() {
    let mut harness = desk(StubReplica::with_sample(now(), 20), "/leads");
    let before = offered_behind(&harness);
    harness.key_press(Key::Questionmark);
    harness.run();
    assert_eq!(offered_behind(&harness), Vec::<String>::new());

    harness.key_press(Key::Escape);
    harness.run();

    assert_eq!(offered_behind(&harness), before);
    assert!(before.len() > 20, "{before:?}");
}
