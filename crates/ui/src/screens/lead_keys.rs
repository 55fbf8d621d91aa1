//! Keys that hand a record over, or move or close a lead, wherever it has the keyboard: in lists, on the board and on
//! its page.

use egui::{Key, Modifiers, Ui};
use model::Kind;
use model::query::Row;

use super::assign::AssignForm;
use crate::act::Act;
use crate::dialog::Dialog;
use crate::scene::Scene;

/// Shift and an arrow move a lead to the stage before or behind its own; Shift+W and Shift+X close it.
pub(super) fn lead_keys(ui: &Ui, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    owner_key(ui, scene, row, out);
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

/// `O` asks whom the record goes to.
pub(super) fn owner_key(ui: &Ui, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let pressed = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::O));
    if pressed && scene.denied_edit(&row.record).is_none() {
        crate::keyboard::swallow_text(ui.ctx());
        out.push(Act::Open(Box::new(Dialog::Assign(AssignForm::new(&row.record)))));
    }
}
