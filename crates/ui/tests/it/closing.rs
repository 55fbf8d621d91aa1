//! Closing leads: what is asked, wherever it is begun.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use model::action::Outcome;
use model::{Action, build};

use crate::desk::{desk, lose_over_the_price, now};
use crate::stub::{StubReplica, me};

fn two_leads() -> StubReplica {
    let leads = ["Alpha", "Beta"].map(|title| build::lead(title).owned_by(me()).worth(100_000).record());
    StubReplica::started(now()).with(leads)
}

#[test]
fn leads_that_are_moved_to_lost_together_need_a_reason() {
    let mut harness = desk(two_leads(), "/leads?sort=title");
    for _ in 0..2 {
        harness.key_press(Key::J);
        harness.run();
        harness.key_press(Key::X);
        harness.run();
    }

    harness.get_by_role_and_label(Role::ComboBox, "Move to stage").click();
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, "Closed-Lost").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Mark as lost").click();
    harness.run();
    harness.get_by_label("Choose a reason");
    assert_eq!(harness.state().actions(), []);
    lose_over_the_price(&mut harness);

    let actions = harness.state().actions();
    let [Action::CloseLeads { leads, outcome: Outcome::Lost { .. }, .. }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(leads.len(), 2);
}

#[test]
fn leads_of_a_removed_stage_move_to_an_open_one() {
    let mut harness = desk(two_leads(), "/settings?s=pipeline");

    harness.get_by_role_and_label(Role::Button, "Remove New").click();
    harness.run();
    harness.get_by_role_and_label(Role::ComboBox, "Its leads move to").click();
    harness.run();

    harness.get_by_role_and_label(Role::ListBoxOption, "Proposal");
    assert!(harness.query_by_role_and_label(Role::ListBoxOption, "Closed-Lost").is_none());
}

#[test]
fn the_open_tasks_of_a_lead_are_counted_before_they_are_cancelled() {
    let mut replica = two_leads();
    let alpha = replica.records.values().find(|of| of.text("title") == "Alpha").expect("a lead").clone();
    let page = |replica: &StubReplica| desk(replica.clone(), &format!("/leads/{}", alpha.id));
    let mut harness = page(&replica);
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::X);
    harness.run();
    assert!(harness.query_by_label_contains("Cancel the").is_none());

    replica.apply(&["Call", "Write"].map(|title| build::task(title, &alpha).owned_by(me()).edit()));
    let mut harness = page(&replica);
    harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::X);
    harness.run();

    harness.get_by_role_and_label(Role::CheckBox, "Cancel the 2 open tasks");
}

#[test]
fn a_stage_says_what_became_of_the_leads_that_reached_it() {
    let harness = desk(StubReplica::with_sample(now(), 60), "/settings?s=pipeline");

    let said = harness.query_all_by_label_contains("that reached it").count();
    assert!(said > 0, "{said}");
}
