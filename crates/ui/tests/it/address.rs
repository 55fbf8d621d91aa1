//! The address bar: what is a step in the history, and what only says more of what shows.

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::{Action, Kind, build};
use ui::Effect;

use crate::desk::{Desk, desk, now};
use crate::stub::{StubReplica, me};

fn two_leads() -> StubReplica {
    let leads = ["Alpha", "Beta"].map(|title| build::lead(title).owned_by(me()).worth(100_000).record());
    StubReplica::started(now()).with(leads)
}

fn steps<'a>(harness: &'a Harness<'_, Desk>) -> Vec<&'a str> {
    let effects = harness.state().effects.iter();
    effects
        .filter_map(|effect| if let Effect::RouteChanged(route) = effect { Some(route.as_str()) } else { None })
        .collect()
}

#[test]
fn what_is_typed_into_a_filter_is_one_step_however_many_letters_it_has() {
    let mut harness = desk(two_leads(), "/leads");
    let before = steps(&harness).len();

    harness.key_press(Key::Slash);
    harness.run();
    for letter in ["A", "l", "p"] {
        harness.event(egui::Event::Text(letter.to_owned()));
        harness.run();
    }

    assert_eq!(harness.state().app.route(), "/leads?q=Alp");
    assert_eq!(steps(&harness)[before..], ["/leads?q=A"]);
    assert!(harness.state().effects.contains(&Effect::RouteReplaced("/leads?q=Alp".into())));
}

#[test]
fn the_address_of_a_page_names_its_tab() {
    let replica = two_leads();
    let route = format!("/leads/{}", replica.first(Kind::Lead).expect("a lead").id);
    let mut harness = desk(replica, &format!("{route}?tab=files"));
    let open = |harness: &Harness<'_, Desk>, name: &str| {
        let tab = harness.get_by_role_and_label(Role::Tab, name);
        egui_kittest::kittest::NodeT::accesskit_node(&tab).toggled() == Some(egui::accesskit::Toggled::True)
    };
    assert!(open(&harness, "Files"));

    harness.key_press(Key::Num6);
    harness.run();
    assert!(open(&harness, "Timeline"));
    assert_eq!(harness.state().app.route(), format!("{route}?tab=timeline"));

    harness.state_mut().app.go(&route);
    harness.run();
    assert!(open(&harness, "Activity"));
}

#[test]
fn signing_in_leads_to_today() {
    let harness = desk(two_leads(), "/login");

    assert_eq!(harness.state().app.route(), "/");
    assert!(harness.state().effects.contains(&Effect::RouteReplaced("/".into())));
}

#[test]
fn seven_tabs_have_seven_keys() {
    let acme = build::account("Acme").record();
    let route = format!("/accounts/{}", acme.id);
    let mut harness = desk(StubReplica::started(now()).with([acme]), &route);

    harness.key_press(Key::Num7);
    harness.run();

    assert_eq!(harness.state().app.route(), format!("{route}?tab=timeline"));
}

#[test]
fn a_lead_is_moved_and_closed_with_keys_in_its_list_and_on_its_page() {
    let replica = two_leads();
    let page = format!("/leads/{}", replica.first(Kind::Lead).expect("a lead").id);
    for route in ["/leads", page.as_str()] {
        let mut harness = desk(replica.clone(), route);
        if route == "/leads" {
            harness.key_press(Key::J);
            harness.run();
        }

        harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
        harness.run();
        harness.key_press_modifiers(Modifiers::SHIFT, Key::X);
        harness.run();

        let actions = harness.state().actions();
        assert!(matches!(actions.as_slice(), [Action::MoveLeads { stage, .. }] if stage == "qualified"), "{actions:?}");
        harness.get_by_role_and_label(Role::Button, "Mark as lost");
    }
}

#[test]
fn the_boards_quick_filters_go_together_and_nothing_left_has_a_way_back() {
    let mut harness = desk(two_leads(), "/pipeline");

    for name in ["Rotting", "Closing this month"] {
        harness.get_by_role_and_label(Role::Button, name).click();
        harness.run();
    }
    assert_eq!(harness.state().app.route(), "/pipeline?f=rotting,closing");
    harness.get_by_label("No leads match these filters");
    harness.get_by_role_and_label(Role::Button, "Clear filters").click();
    harness.run();

    assert_eq!(harness.state().app.route(), "/pipeline");
    assert_eq!(harness.query_all_by_role(Role::ListItem).count(), 2);
}

#[test]
fn cards_are_selected_with_the_keys_that_select_rows() {
    let mut harness = desk(two_leads(), "/pipeline");
    harness.key_press(Key::ArrowDown);
    harness.run();

    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    harness.get_by_label("2 selected");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("2 selected").is_none());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();

    harness.get_by_label("2 selected");
}
