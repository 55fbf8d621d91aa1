//! The board under a thumb, and the bars of narrow windows.

use egui::{Rect, Role, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::build;
use model::time::DAY_MILLIS;
use ui::Options;

use crate::desk::{Desk, desk, desk_sized, now};
use crate::stub::{StubReplica, me};

fn three_leads() -> StubReplica {
    let leads = ["Alpha", "Beta", "Gamma"].map(|title| build::lead(title).owned_by(me()).worth(100_000).record());
    StubReplica::started(now()).with(leads)
}

fn phone(replica: StubReplica, route: &str) -> Harness<'static, Desk> {
    desk_sized(replica, route, Options { touch: true, ..Options::default() }, [360.0, 740.0])
}

/// The cards, the topmost first: where they are, and whose they are.
fn cards(harness: &Harness<'_, Desk>) -> Vec<(Rect, String)> {
    let said = |node: &egui_kittest::Node<'_>| egui_kittest::kittest::NodeT::accesskit_node(node).label();
    let mut cards: Vec<(Rect, String)> = harness
        .query_all_by_role(Role::ListItem)
        .map(|node| (node.rect(), said(&node).unwrap_or_default().split(',').next().unwrap_or_default().to_owned()))
        .collect();
    cards.sort_by(|a, b| a.0.top().total_cmp(&b.0.top()));
    cards
}

#[test]
fn a_card_let_go_just_below_its_own_place_stays_below_the_one_above() {
    let mut harness = desk(three_leads(), "/pipeline?sort=manual");
    let cards = cards(&harness);
    let from = cards[1].0.center();

    harness.drag_at(from);
    harness.step();
    for step in 1..=6_u8 {
        harness.hover_at(from + vec2(0.0, 15.0 * f32::from(step)));
        harness.step();
    }
    harness.drop_at(from + vec2(0.0, 90.0));
    harness.run();

    let actions = harness.state().actions();
    let [model::Action::MoveLeads { after: Some(after), .. }] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(harness.state().replica.records[after].text("title"), cards[0].1);
}

#[test]
fn a_card_lifts_under_a_thumb_that_rests_for_half_a_second() {
    let mut harness = phone(three_leads(), "/pipeline");
    let from = cards(&harness)[0].0.center();
    let won = pos2(60.0, 740.0 - 56.0 - 18.0);

    harness.drag_at(from);
    harness.step();
    harness.step();
    harness.step();
    for step in 1..=4_u8 {
        harness.hover_at(from + (won - from) * 0.25 * f32::from(step));
        harness.step();
    }
    harness.drop_at(won);
    harness.run();

    harness.get_by_role_and_label(Role::Button, "Mark as won");
}

#[test]
fn today_says_how_much_is_due_in_the_rail_and_in_the_phones_bar() {
    let lead = build::lead("Website").owned_by(me()).record();
    let task = build::task("Send the quote", &lead).owned_by(me()).due(now().plus_millis(-DAY_MILLIS)).edit();
    let mut replica = StubReplica::started(now()).with([lead]);
    replica.apply(&[task]);

    let rail = desk_sized(replica.clone(), "/pipeline", Options::default(), [800.0, 700.0]);
    rail.get_by_role_and_label(Role::Link, "Today, 1 due");
    phone(replica, "/pipeline").get_by_role_and_label(Role::Link, "Today, 1 due");
}

#[test]
fn a_phone_orders_the_cards_and_puts_quick_filters_together() {
    let mut harness = phone(three_leads(), "/pipeline");

    for name in ["No next step", "Sort by value"] {
        harness.get_by_role_and_label(Role::Button, "Order and quick filters").click();
        harness.run();
        harness.get_by_role_and_label(Role::MenuItem, name).click();
        harness.run();
    }

    assert_eq!(harness.state().app.route(), "/pipeline?f=unplanned&sort=value");
}
