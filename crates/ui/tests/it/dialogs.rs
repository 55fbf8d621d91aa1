//! The dialogs that a person meets, and how each is opened.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use model::Kind;
use model::app::{Overwrite, Trouble};
use model::query::Author;

use crate::desk::{Desk, now};
use crate::scenes::Scene;

/// All of them; what is behind them can't be reached.
pub(crate) fn dialogs() -> Vec<Scene> {
    let next_row = [Key::ArrowDown, Key::X];
    let mut all = vec![
        Scene::at("palette_found", "/settings").with(Modifiers::COMMAND, Key::K).typing("an"),
        Scene::at("won_dialog", "/leads/first").with(Modifiers::SHIFT, Key::W),
        Scene::at("lost_dialog", "/leads/first").with(Modifiers::SHIFT, Key::X),
        Scene::at("quick_log_dialog", "/leads/first").pressing(&[Key::L]),
        Scene::at("keyboard_dialog", "/settings").pressing(&[Key::Questionmark]),
        Scene::at("merge", "/contacts?f=none").pressing(&next_row).pressing(&next_row).clicking(&["Merge…"]),
        Scene::at("merge_with", "/contacts/first").clicking(&["More actions", "Merge with…"]),
        Scene::at("pick_a_day", "/").clicking(&["Actions for", "Pick a day…"]),
        Scene::at("bulk_edit", "/leads").with(Modifiers::COMMAND, Key::A).clicking(&["Move to stage", "Proposal"]),
        Scene::at("bulk_trash", "/leads").with(Modifiers::COMMAND, Key::A).clicking(&["Move to trash"]),
        Scene::at("undo_overwrites", "/leads/first")
            .with(Modifiers::SHIFT, Key::W)
            .with(Modifiers::COMMAND, Key::Enter)
            .given(somebody_wrote_meanwhile)
            .with(Modifiers::COMMAND, Key::Z),
        Scene::at("new_field", "/settings?s=fields").clicking(&["New lead field…"]),
        Scene::at("remove_stage", "/settings?s=pipeline").clicking(&["Remove"]),
        Scene::at("join", "/settings?s=sync").clicking(&["Join a team"]),
        Scene::at("save_view", "/leads").clicking(&["Views", "Save"]),
    ];
    let forms = [("lead", Key::L), ("contact", Key::C), ("account", Key::A), ("task", Key::T), ("activity", Key::V)];
    all.extend(forms.map(|(name, key)| Scene::at(&format!("new_{name}_form"), "/settings").pressing(&[Key::N, key])));
    all.push(Scene::at("new_lead_more", "/settings").pressing(&[Key::N, Key::L]).clicking(&["More fields"]));
    all
}

/// The next undo would overwrite what a colleague wrote.
fn somebody_wrote_meanwhile(harness: &mut Harness<'static, Desk>) {
    let clash = Overwrite {
        record: harness.state().record(Kind::Lead, |_| true),
        name: "Website".into(),
        key: "value_cents".into(),
        newer: Some(300_000.into()),
        older: Some(100_000.into()),
        author: Author { name: "Grace Hopper".into(), ..Author::default() },
        at: now(),
    };
    harness.state_mut().replica.fail_next = Some(Trouble::WouldOverwrite { clashes: vec![clash], rest: 1 });
}
