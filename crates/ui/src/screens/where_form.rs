//! Making a filter chip: field, comparison, value.

use egui::{Id, Ui};
use model::Kind;

use crate::act::Act;
use crate::icons;
use crate::present::fields::{Editor, options};
use crate::present::filters::WHERE;
use crate::present::wheres::{self, Holds, Where, filter_fields, ways};
use crate::scene::Scene;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Field, divider};

/// What is chosen and typed so far; egui keeps it while the panel is open.
#[derive(Debug, Clone, Default)]
struct Draft {
    field: String,
    how: String,
    values: Vec<String>,
    tried: bool,
}

/// Draws the form; a finished chip goes into the address.
pub(super) fn where_form_ui(ui: &mut Ui, scene: &Scene<'_>, (kind, held): (Kind, &str), out: &mut Vec<Act>) {
    let id = Id::unique(("where form", kind));
    let mut draft: Draft = ui.data_mut(|data| data.get_temp(id)).unwrap_or_default();
    divider(ui);
    let fields = filter_fields(kind, scene.settings);
    let choices: Vec<PickOption> = fields.iter().map(|(key, name, _)| PickOption::new(*key, *name)).collect();
    let current = fields.iter().find(|(key, ..)| *key == draft.field).map_or("", |(_, name, _)| name);
    let picker = Picker::new("Any other field", current, &choices).placeholder("Choose a field").searchable();
    if let Some(Picked::Choice(field)) = picker.show(ui).picked {
        draft = Draft { field, ..Draft::default() };
    }
    let holds = fields.iter().find(|(key, ..)| *key == draft.field).map(|(.., holds)| *holds);
    if let Some(chip) = holds.and_then(|holds| rest_ui(ui, scene, (kind, holds), &mut draft)) {
        let mut chips = wheres::parse(held);
        chips.push(chip);
        out.push(Act::Filter(WHERE, wheres::print(&chips)));
        draft = Draft::default();
    }
    ui.data_mut(|data| data.insert_temp(id, draft));
}

/// Comparison, values and the button; returns the chip when it is finished.
fn rest_ui(ui: &mut Ui, scene: &Scene<'_>, (kind, holds): (Kind, Holds<'_>), draft: &mut Draft) -> Option<Where> {
    let ways = ways(holds);
    if draft.how.is_empty() {
        ways[0].0.clone_into(&mut draft.how);
    }
    let choices: Vec<PickOption> = ways.iter().map(|(word, words, _)| PickOption::new(*word, *words)).collect();
    let (_, current, count) = *ways.iter().find(|(word, ..)| *word == draft.how)?;
    if let Some(Picked::Choice(how)) = Picker::new("Comparison", current, &choices).show(ui).picked {
        draft.how = how;
        draft.values.clear();
    }
    let chip = || Where { field: draft.field.clone(), how: draft.how.clone(), values: draft.values.clone() };
    let problem = wheres::problem(kind, &chip(), scene);
    let shown = problem.filter(|_| draft.tried);
    let mut entered = false;
    match holds {
        Holds::Choice(editor) if count > 0 => picked_values(ui, scene, editor, (shown, &mut draft.values)),
        _ => entered = typed_values(ui, (draft.how.as_str(), count, shown), &mut draft.values),
    }
    let add = Button::primary("Add filter").icon(icons::PLUS).show(ui).clicked();
    if !(add || entered) {
        return None;
    }
    draft.tried = true;
    let chip = Where { field: draft.field.clone(), how: draft.how.clone(), values: draft.values.clone() };
    wheres::problem(kind, &chip, scene).is_none().then_some(chip)
}

fn picked_values(
    ui: &mut Ui,
    scene: &Scene<'_>,
    editor: Editor<'_>,
    (problem, values): (Option<&str>, &mut Vec<String>),
) {
    let mut choices = options(editor, scene);
    if editor == Editor::Owner {
        choices.insert(0, PickOption::new("me", "Me"));
    }
    let chosen = values.iter().filter_map(|key| choices.iter().find(|option| option.key == *key));
    let current = chosen.map(|option| option.text.as_str()).collect::<Vec<_>>().join(", ");
    let picker =
        Picker::new("Values", &current, &choices).placeholder("Choose").searchable().clearable().problem(problem);
    match picker.show(ui).picked {
        // Picking again takes a value away.
        Some(Picked::Choice(key)) => match values.iter().position(|value| *value == key) {
            Some(at) => drop(values.remove(at)),
            None => values.push(key),
        },
        Some(Picked::Clear) => values.clear(),
        _ => {}
    }
}

/// `true` when Enter was pressed.
fn typed_values(ui: &mut Ui, (how, count, problem): (&str, usize, Option<&str>), values: &mut Vec<String>) -> bool {
    let mut entered = false;
    values.resize(count, String::new());
    for (index, value) in values.iter_mut().enumerate() {
        let name = match (how, index, count) {
            ("last" | "next", ..) => "Days",
            (_, 0, 2) => "From",
            (_, 1, 2) => "To",
            _ => "Value to compare",
        };
        let response = Field::new(name).problem(problem.filter(|_| index + 1 == count)).show(ui, value);
        entered |= response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    }
    entered
}
