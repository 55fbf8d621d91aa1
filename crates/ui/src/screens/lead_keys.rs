//! Keys that move or close a lead wherever it has the keyboard: in lists and on its page.

use egui::{Key, Modifiers, Ui};
use model::Kind;
use model::query::Row;

use crate::act::Act;
use crate::scene::Scene;

/// Shift and an arrow move a lead to the stage before or behind its own; Shift+W and Shift+X close it.
pub(super) fn lead_keys(ui: &Ui, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    if row.record.kind != Kind::Lead {
        return;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, key));
    let lead = row.record.id;
    for (key, won) in [(Key::W, true), (Key::X, false)] {
        if pressed(key) {
            out.push(Act::AskClose { lead, won });
        }
    }
    let stages = &scene.settings.stages;
    let place = stages.iter().position(|stage| stage.id == row.record.place().0);
    for (key, step) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
        let target = place.and_then(|at| at.checked_add_signed(step)).and_then(|at| stages.get(at));
        if pressed(key)
            && let Some(target) = target.filter(|_| scene.denied_edit(&row.record).is_none())
        {
            out.push(Act::Move { lead, stage: target.id.clone(), after: None });
        }
    }
}
