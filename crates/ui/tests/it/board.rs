//! The pipeline: moving with keys and pointer, closing, virtual columns.

use egui::{Key, Modifiers, Rect, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::action::Outcome;
use model::app::Trouble;
use model::query::Query;
use model::{Action, Kind, Role as UserRole, build};

use crate::desk::{Desk, desk, desk_sized, lose_over_the_price, now};
use crate::stub::{StubReplica, me};

fn two_leads() -> StubReplica {
    let leads =
        ["Alpha", "Beta"].map(|title| build::lead(title).owned_by(me()).worth(100_000).in_stage("new").record());
    StubReplica::started(now()).with(leads)
}

fn card(harness: &Harness<'_, Desk>, title: &'static str) -> Rect {
    harness
        .get_by(move |node| node.role() == Role::ListItem && node.label().is_some_and(|label| label.starts_with(title)))
        .rect()
}

#[test]
fn shift_and_an_arrow_move_the_focused_card_in_the_same_frame() {
    let mut harness = desk(two_leads(), "/pipeline");
    harness.key_press(Key::ArrowDown);
    harness.run();
    let first =
        harness.get_all_by_role(Role::ListItem).find(egui_kittest::Node::is_focused).expect("a card is focused");
    let (before, label) = (first.rect(), egui_kittest::kittest::NodeT::accesskit_node(&first).label());
    let title = if label.is_some_and(|label| label.starts_with("Alpha")) { "Alpha" } else { "Beta" };
    harness.state_mut().replica.fail_next = None;

    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();

    let after = card(&harness, title);
    assert!(after.left() > before.left() + 200.0, "{before} → {after}");
    let lead = harness.state().record(Kind::Lead, |lead| lead.text("title") == title);
    let expected = Action::MoveLeads { leads: vec![lead.id], stage: "qualified".into(), after: None };
    assert_eq!(harness.state().actions(), [expected]);
}

#[test]
fn a_move_that_is_refused_goes_back_and_says_why() {
    let mut harness = desk(two_leads(), "/pipeline");
    let before = card(&harness, "Alpha");
    harness.state_mut().replica.fail_next = Some(Trouble::NotAllowed("your role is read-only".into()));

    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();

    harness.get_by_label("Not allowed: your role is read-only");
    let back = [card(&harness, "Alpha"), card(&harness, "Beta")];
    assert!(back.iter().all(|rect| (rect.left() - before.left()).abs() < 1.0), "{back:?}");
}

#[test]
fn a_card_is_dragged_to_the_next_column() {
    let mut harness = desk(two_leads(), "/pipeline");
    let from = card(&harness, "Alpha").center();

    harness.drag_at(from);
    harness.step();
    for step in 1..=8_u8 {
        harness.hover_at(from + vec2(35.0 * f32::from(step), 4.0));
        harness.step();
    }
    harness.drop_at(from + vec2(280.0, 4.0));
    harness.run();

    let lead = harness.state().record(Kind::Lead, |lead| lead.text("title") == "Alpha");
    let actions = harness.state().actions();
    let [Action::MoveLeads { leads, stage, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((leads.as_slice(), stage.as_str()), ([lead.id].as_slice(), "qualified"));
}

#[test]
fn dragging_a_selected_card_moves_the_whole_selection_as_one_step() {
    let mut harness = desk(two_leads(), "/pipeline");
    for _ in 0..2 {
        harness.key_press(Key::ArrowDown);
        harness.run();
        harness.key_press(Key::X);
        harness.run();
    }
    harness.get_by_label("2 selected");
    let from = card(&harness, "Beta").center();

    harness.drag_at(from);
    harness.step();
    for step in 1..=8_u8 {
        harness.hover_at(from + vec2(35.0 * f32::from(step), 4.0));
        harness.step();
    }
    harness.drop_at(from + vec2(280.0, 4.0));
    harness.run();

    let actions = harness.state().actions();
    let [Action::MoveLeads { leads, stage, .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((leads.len(), stage.as_str()), (2, "qualified"));
    harness.get_by_label("Moved 2 leads to Qualified");
    assert!(harness.query_by_label("2 selected").is_none());
}

#[test]
fn compact_cards_are_lower_and_say_the_same() {
    let mut replica = two_leads();
    replica.preferences.insert("density".into(), "compact".into());

    let harness = desk(replica, "/pipeline");

    let heights = ["Alpha, $1k, No next step", "Beta, $1k, No next step"].map(|spoken| card(&harness, spoken).height());
    assert_eq!(heights.map(f32::to_bits), [56.0_f32.to_bits(); 2]);
}

#[test]
fn the_first_arrow_goes_to_the_first_card_and_the_next_one_on() {
    let mut harness = desk(two_leads(), "/pipeline");
    let tops = |harness: &Harness<'_, Desk>| {
        harness.get_all_by_role(Role::ListItem).find(egui_kittest::Node::is_focused).map(|node| node.rect().top())
    };

    harness.key_press(Key::ArrowDown);
    harness.run();
    let first = tops(&harness).expect("a card is focused");
    harness.key_press(Key::ArrowDown);
    harness.run();
    let second = tops(&harness).expect("a card is focused");

    assert!(second > first, "{first} → {second}");
}

#[test]
fn selected_cards_move_without_a_drag() {
    let mut harness = desk(two_leads(), "/pipeline");
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::X);
    harness.run();

    harness.get_by_role_and_label(Role::Button, "Move the selected leads").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "Proposal").click();
    harness.run();

    let actions = harness.state().actions();
    assert!(matches!(actions.as_slice(), [Action::MoveLeads { stage, .. }] if stage == "proposal"), "{actions:?}");
}

#[test]
fn escape_puts_a_lifted_card_back() {
    let mut harness = desk(two_leads(), "/pipeline");
    let from = card(&harness, "Alpha").center();

    harness.drag_at(from);
    harness.step();
    harness.hover_at(from + vec2(140.0, 0.0));
    harness.step();
    harness.hover_at(from + vec2(280.0, 0.0));
    harness.step();
    harness.key_press(Key::Escape);
    harness.step();
    harness.drop_at(from + vec2(280.0, 0.0));
    harness.run();

    assert_eq!(harness.state().actions(), []);
}

#[test]
fn a_viewer_cannot_lift_a_card() {
    let mut harness = desk(two_leads().with_role(UserRole::Viewer), "/pipeline");
    let from = card(&harness, "Alpha").center();

    harness.drag_at(from);
    harness.step();
    for step in 1..=8_u8 {
        harness.hover_at(from + vec2(35.0 * f32::from(step), 4.0));
        harness.step();
    }
    harness.drop_at(from + vec2(280.0, 4.0));
    harness.run();

    assert_eq!(harness.state().actions(), []);
}

#[test]
fn losing_a_lead_asks_for_a_reason() {
    let mut harness = desk(two_leads(), "/pipeline");
    harness.key_press(Key::ArrowDown);
    harness.run();

    harness.key_press_modifiers(Modifiers::SHIFT, Key::X);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Mark as lost").click();
    harness.run();
    harness.get_by_label("Choose a reason");
    assert_eq!(harness.state().actions(), []);
    lose_over_the_price(&mut harness);

    let actions = harness.state().actions();
    let [Action::CloseLead { outcome: Outcome::Lost { reason, .. }, cancel_tasks: true, .. }] = actions.as_slice()
    else {
        panic!("{actions:?}")
    };
    assert_eq!(reason, "Price");
    harness.get_by_label("Lead lost");
}

#[test]
fn only_visible_cards_are_laid_out_and_asked_for() {
    let mut harness = desk(StubReplica::with_sample(now(), 600), "/pipeline");
    let laid_out = harness.query_all_by_role(Role::ListItem).count();
    assert!((10..60).contains(&laid_out), "{laid_out} cards");

    let at = harness.get_all_by_role(Role::ListItem).next().expect("a card").rect().center();
    harness.hover_at(at);
    for _ in 0..20 {
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -400.0),
            source: egui::MouseWheelSource::Wheel,
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
        });
        harness.step();
    }
    harness.run();

    let Some(Query::Board(query)) = harness.state().last_watch(|query| matches!(query, Query::Board(_))) else {
        panic!("the board is watched")
    };
    assert!(query.windows.values().any(|(offset, _)| *offset > 0), "{:?}", query.windows);
    assert!(query.windows.values().all(|(_, limit)| *limit <= 100), "{:?}", query.windows);
}

#[test]
fn a_phone_shows_one_stage_at_a_time() {
    let mut harness =
        desk_sized(two_leads(), "/pipeline", ui::Options { touch: true, ..Default::default() }, [360.0, 740.0]);
    assert_eq!(harness.query_all_by_role(Role::ListItem).count(), 2);

    harness.get_by_role_and_label(Role::Tab, "Qualified").click();
    harness.run();

    assert_eq!(harness.query_all_by_role(Role::ListItem).count(), 0);
}
