//! Messages never lie over what one wants to click.

use egui::{Key, Modifiers, Rect, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::Kind;

use crate::desk::{Desk, desk_sized, now};
use crate::stub::StubReplica;

const PHONE: [f32; 2] = [360.0, 740.0];

fn phone(route: &str) -> Harness<'static, Desk> {
    let options = ui::Options { touch: true, ..ui::Options::default() };
    desk_sized(StubReplica::with_sample(now(), 20), route, options, PHONE)
}

/// A lead's page after the lead was won, so that a message says so.
fn won() -> Harness<'static, Desk> {
    let mut harness = phone("/pipeline");
    let lead = harness.state().record(Kind::Lead, |_| true);
    harness.state_mut().app.go(&format!("/leads/{}", lead.id));
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::W);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    harness
}

/// From the button that takes the message back to the one that sends it away.
fn message(harness: &Harness<'_, Desk>) -> Rect {
    let button = |name: &str| harness.get_by_role_and_label(Role::Button, name).rect();
    button("Undo").union(button("Dismiss"))
}

#[test]
fn the_last_entry_of_the_plus_menu_takes_the_click_though_a_message_stands_there() {
    let mut harness = won();
    harness.state_mut().app.go("/pipeline");
    harness.run();
    harness.get_by_role_and_label(Role::Button, "New").click();
    harness.run();

    let last = harness.get_by_role_and_label(Role::MenuItem, "New task");
    assert!(message(&harness).intersects(last.rect()), "nothing is shown where the message stands elsewhere");
    last.click();
    harness.run();

    harness.get_by_role_and_label(Role::Dialog, "New task");
}

#[test]
fn messages_leave_the_buttons_of_a_dialog_and_under_the_thumb_free() {
    let mut harness = won();

    let free = |harness: &Harness<'_, Desk>, name: &str| {
        let button = harness.get_by_role_and_label(Role::Button, name).rect();
        assert!(!message(harness).intersects(button), "{name} is covered");
    };
    free(&harness, "Log activity");
    harness.key_press(Key::N);
    harness.run();
    harness.key_press(Key::L);
    harness.run();
    free(&harness, "Save");
}
