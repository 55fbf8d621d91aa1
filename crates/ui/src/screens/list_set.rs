//! Giving one field of all selected rows a value: which field, which value, then the question with the count.

use egui::{Id, Ui};
use model::input::read_field;
use model::{Kind, Value};

use super::list_bulk::{Chosen, ask};
use crate::act::Act;
use crate::icons;
use crate::present::fields::{Editor, Spec, all_fields, options, own_spec, picked_value, shown_value};
use crate::scene::Scene;
use crate::widgets::menu::panel;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Field};

/// What is chosen and typed so far; egui keeps it while the panel is open.
#[derive(Debug, Clone, Default)]
struct Draft {
    field: String,
    text: String,
    problem: Option<String>,
}

/// The fields that several records can be given at once. Owner and stage have buttons of their own.
fn settable<'a>(kind: Kind, scene: &Scene<'a>) -> Vec<Spec<'a>> {
    let own = scene.settings.live_fields(kind).map(own_spec);
    all_fields(kind).iter().copied().filter(is_settable).chain(own).collect()
}

fn is_settable(spec: &Spec<'_>) -> bool {
    match spec.editor {
        Editor::Note | Editor::Stage | Editor::Owner | Editor::Link(_) => false,
        _ => !matches!(spec.key, "title" | "name" | "first_name" | "last_name" | "closed_on" | "closed_value_cents"),
    }
}

/// Draws the button with its panel.
pub(super) fn set_field_ui(ui: &mut Ui, scene: &Scene<'_>, chosen: &Chosen, denied: Option<&str>, out: &mut Vec<Act>) {
    let response = Button::quiet("Set field").icon(icons::FIELD).disabled(denied).show(ui);
    panel(&response, 260.0, |ui| {
        egui::Frame::new().inner_margin(8).show(ui, |ui| set_fields_ui(ui, scene, chosen, out));
    });
}

/// Draws what the panel holds.
pub(super) fn set_fields_ui(ui: &mut Ui, scene: &Scene<'_>, chosen: &Chosen, out: &mut Vec<Act>) {
    let id = Id::unique(("bulk set", chosen.kind));
    let mut draft: Draft = ui.data_mut(|data| data.get_temp(id)).unwrap_or_default();
    draft_ui(ui, scene, chosen, &mut draft, out);
    ui.data_mut(|data| data.insert_temp(id, draft));
}

fn draft_ui(ui: &mut Ui, scene: &Scene<'_>, chosen: &Chosen, draft: &mut Draft, out: &mut Vec<Act>) {
    let kind = chosen.kind;
    let fields = settable(kind, scene);
    let choices: Vec<PickOption> =
        fields.iter().map(|spec| PickOption::new(spec.key, scene.field_words(kind, spec.key))).collect();
    let current = choices.iter().find(|option| option.key == draft.field).map_or("", |option| &option.text);
    let picker = Picker::new("Field to set", current, &choices).placeholder("Choose a field").searchable();
    if let Some(Picked::Choice(field)) = picker.show(ui).picked {
        *draft = Draft { field, ..Draft::default() };
    }
    let Some(spec) = fields.iter().find(|spec| spec.key == draft.field) else { return };
    let name = scene.field_words(kind, spec.key);
    let mut give = |value: Option<Value>| {
        let shown =
            value.as_ref().map_or_else(|| "empty".to_owned(), |value| shown_value(kind, spec.key, value, scene));
        ask(chosen, (spec.key, value), &format!("{name} → {shown}"), out);
    };
    if spec.editor.is_picked() {
        let choices = options(spec.editor, scene);
        let picker = Picker::new("Value to set", "", &choices).placeholder("Choose").searchable();
        if let Some(Picked::Choice(key)) = picker.show(ui).picked {
            give(picked_value(spec.editor, key));
        }
    } else {
        let response = Field::new("Value to set").problem(draft.problem.as_deref()).show(ui, &mut draft.text);
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if Button::primary("Set it").show(ui).clicked() || entered {
            match read_field(kind, spec.key, &draft.text, &scene.input()).map(|input| input.value) {
                Ok(Some(value)) => give(Some(value)),
                Ok(None) => draft.problem = Some("Enter a value, or empty the field".to_owned()),
                Err(problem) => draft.problem = Some(crate::words::capital(&problem.problem)),
            }
        }
    }
    if Button::quiet("Empty the field").show(ui).clicked() {
        give(None);
    }
}
