//! What can be done with rows of a list where they stand: one at a time, and many from the bar.

use egui::{Modifiers, Role};
use egui_kittest::kittest::Queryable;
use model::{Action, Kind, build};
use ui::{Effect, Options};

use crate::desk::{Desk, desk, desk_sized, now};
use crate::stub::{StubReplica, me};

type Harness = egui_kittest::Harness<'static, Desk>;

fn people() -> StubReplica {
    let ada = build::contact("Ada").owned_by(me()).with("email", "ada@example.org").with("phone", "+49 30 1234");
    StubReplica::started(now()).with([ada.record(), build::contact("Bob").owned_by(me()).record()])
}

fn press(harness: &mut Harness, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.run();
}

fn touched(replica: StubReplica, route: &str) -> Harness {
    desk_sized(replica, route, Options { touch: true, ..Options::default() }, [360.0, 740.0])
}

#[test]
fn a_row_under_the_pointer_offers_log_task_and_what_the_person_is_reached_by() {
    let mut harness = desk(people(), "/contacts");
    assert!(harness.query_by_label("Actions for Ada").is_none());

    harness.get_by_role_and_label(Role::Row, "Ada").hover();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Log activity with Ada");
    harness.get_by_role_and_label(Role::Button, "New task for Ada");
    press(&mut harness, Role::Button, "Actions for Ada");
    press(&mut harness, Role::MenuItem, "Write an email");

    assert!(harness.state().effects.contains(&Effect::OpenUrl("mailto:ada@example.org".into())));
}

#[test]
fn a_right_click_opens_the_same_menu() {
    let mut harness = desk(people(), "/contacts");

    harness.get_by_role_and_label(Role::Row, "Ada").click_secondary();
    harness.run();
    press(&mut harness, Role::MenuItem, "Copy phone number");

    assert!(harness.state().effects.contains(&Effect::CopyText("+49 30 1234".into())));
}

#[test]
fn on_a_phone_the_dots_of_a_row_call_and_start_selecting_and_a_tap_selects_more() {
    let mut harness = touched(people(), "/contacts");

    press(&mut harness, Role::Button, "Actions for Ada");
    press(&mut harness, Role::MenuItem, "Call");
    assert!(harness.state().effects.contains(&Effect::OpenUrl("tel:+49301234".into())));

    press(&mut harness, Role::Button, "Actions for Ada");
    press(&mut harness, Role::MenuItem, "Select");
    harness.get_by_label("1 selected");
    press(&mut harness, Role::CheckBox, "Select Bob");
    harness.get_by_label("2 selected");
    press(&mut harness, Role::Button, "More for the selected");
    press(&mut harness, Role::Button, "Move to trash");
    press(&mut harness, Role::Button, "Move 2 contacts to the trash");

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::Delete(records)] if records.len() == 2), "{actions:?}");
}

#[test]
fn nothing_of_the_bar_stands_outside_the_window() {
    for (size, touch) in [([360.0, 740.0], true), ([768.0, 800.0], false), ([1440.0, 900.0], false)] {
        let options = Options { touch, ..Options::default() };
        let mut harness = desk_sized(StubReplica::with_sample(now(), 20), "/leads?f=none", options, size);
        harness.key_press_modifiers(Modifiers::COMMAND, egui::Key::A);
        harness.run();

        for name in ["Clear the selection", "More for the selected", "Move to trash"] {
            let found = harness.query_by_role_and_label(Role::Button, name);
            assert!(found.is_none_or(|node| node.rect().right() <= size[0]), "{name} at {}", size[0]);
        }
        press(&mut harness, Role::Button, "Clear the selection");
        assert!(harness.query_by_label("20 selected").is_none());
    }
}

#[test]
fn the_box_over_the_rows_selects_all_that_match_and_then_nothing() {
    let mut harness = desk(StubReplica::with_sample(now(), 300), "/leads?f=none");

    press(&mut harness, Role::CheckBox, "Select all that match");
    harness.get_by_label("300 selected");
    press(&mut harness, Role::CheckBox, "Select all that match");

    assert!(harness.query_by_label("300 selected").is_none());
}

#[test]
fn records_of_others_are_left_out_of_a_change_and_that_is_said_before() {
    let other = model::UserId::from_bytes([9; 16]);
    let leads = [("Mine", me()), ("Also mine", me()), ("Theirs", other)];
    let leads = leads.map(|(title, owner)| build::lead(title).owned_by(owner).in_stage("new").record());
    let mut replica = StubReplica::started(now()).with(leads);
    replica.settings.only_owners_edit = true;
    let session = std::mem::take(&mut replica.session.me);
    replica.session.me = session.map(|of| model::app::Me { role: model::Role::User, ..of });
    let mut harness = desk(replica, "/leads?f=none");

    harness.key_press_modifiers(Modifiers::COMMAND, egui::Key::A);
    harness.run();
    press(&mut harness, Role::ComboBox, "Move to stage");
    press(&mut harness, Role::ListBoxOption, "Proposal");
    harness.get_by_label_contains("Changes 2 leads: Stage → Proposal. 1 of the selected stays as it is");
    press(&mut harness, Role::Button, "Change 2 leads");

    let mine = harness.state().record(Kind::Lead, |lead| lead.text("title") == "Mine");
    let actions = harness.state().actions();
    let [Action::SetMany { records, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((records.len(), records.contains(&mine)), (2, true));
}

#[test]
fn the_last_column_shows_wholly_on_every_desk() {
    for (width, height) in [(1440.0, 900.0), (1280.0, 800.0), (768.0, 1024.0)] {
        for route in ["/leads", "/accounts", "/contacts"] {
            let replica = StubReplica::with_sample(now(), 30);
            let harness = desk_sized(replica, route, Options::default(), [width, height]);

            let heads: Vec<f32> = harness.get_all_by_role(Role::ColumnHeader).map(|head| head.rect().right()).collect();

            assert!(heads.len() >= 4, "{route} at {width}: {heads:?}");
            assert!(heads.iter().all(|right| *right <= width - 8.0), "{route} at {width}: {heads:?}");
        }
    }
}

#[test]
fn a_follow_up_is_planned_for_any_day() {
    let mut harness = desk(people(), "/contacts");
    harness.get_by_role_and_label(Role::Row, "Ada").hover();
    harness.run();
    press(&mut harness, Role::Button, "Log activity with Ada");

    press(&mut harness, Role::Button, "Follow up on another day");
    harness.get_by_role_and_label(Role::TextInput, "Follow-up day").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Follow-up day").type_text("never");
    harness.run();
    press(&mut harness, Role::Button, "Call: talked");
    assert_eq!(harness.state().actions(), []);
    harness.get_by_role_and_label(Role::TextInput, "Follow-up day").focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, egui::Key::A);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Follow-up day").type_text("2026-04-01");
    harness.run();
    press(&mut harness, Role::Button, "Call: talked");

    let actions = harness.state().actions();
    let [Action::LogActivity { follow_up: Some(follow_up), .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((follow_up.due_at.to_string().get(..10), follow_up.all_day), (Some("2026-04-01"), true));
}

#[test]
fn on_a_phone_the_outcomes_stand_first_and_no_keyboard_comes_up() {
    let mut harness = touched(people(), "/contacts");
    press(&mut harness, Role::Button, "Actions for Ada");
    press(&mut harness, Role::MenuItem, "Log activity…");

    let outcome = harness.get_by_role_and_label(Role::Button, "Call: talked").rect();
    let words = harness.get_by_label("What happened").rect();

    assert!(outcome.bottom() < words.top());
    assert!(!harness.ctx.memory(|memory| memory.focused().is_some_and(|id| id == egui::Id::unique("quick log"))));
}

#[test]
fn a_long_list_on_a_page_is_counted_and_shows_more_when_asked() {
    let account = build::account("Acme").owned_by(me()).record();
    let lead = |n| build::lead(&format!("Lead {n}")).with("account_id", account.id).owned_by(me()).record();
    let leads: Vec<_> = (0..160).map(lead).collect();
    let replica = StubReplica::started(now()).with(leads).with([account.clone()]);
    let mut harness = desk(replica, &format!("/accounts/{}", account.id));

    harness.key_press(egui::Key::Num3);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Show 60 more").scroll_to_me();
    harness.run();
    press(&mut harness, Role::Button, "Show 60 more");

    assert!(harness.query_by_label("Show 60 more").is_none());
}
