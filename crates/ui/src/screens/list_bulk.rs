//! What can be done with several selected rows at once.

use egui::{Key, Modifiers, Rect, Ui, UiBuilder, vec2};
use model::plan::merge::{RECORDS_MAX, can_merge};
use model::query::Row;
use model::{Action, FieldChanges, Kind, RecordId, RecordRef, StageKind, Value};

use super::list::ListState;
use super::merge::MergeForm;
use crate::act::Act;
use crate::dialog::{Confirm, Dialog};
use crate::icons;
use crate::present::fields::{Editor, options};
use crate::present::format::many;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::menu::panel;
use crate::widgets::picker::{Picked, Picker};
use crate::widgets::{Button, Field, Look, hairline, icon_button, label};

/// Takes rows into the selection that were asked for with "all".
pub(super) fn take_all(state: &mut ListState, found: Option<&[RecordId]>) {
    let Some(found) = found.filter(|_| state.select_all) else { return };
    state.selected = found.iter().copied().collect();
    state.select_all = false;
}

/// Keys that select: `X` the row, Shift and down the next one too, Ctrl+A everything, Escape nothing.
pub(super) fn keys(ui: &Ui, row: Option<&Row>, state: &mut ListState) {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND, Key::A) {
        state.select_all = true;
    }
    if !state.selected.is_empty() && pressed(Modifiers::NONE, Key::Escape) {
        state.selected.clear();
    }
    let Some(id) = row.map(|row| row.record.id) else { return };
    if pressed(Modifiers::NONE, Key::X) && !state.selected.remove(&id) {
        state.selected.insert(id);
    }
    if pressed(Modifiers::SHIFT, Key::ArrowDown) {
        state.selected.insert(id);
        state.cursor = state.cursor.map(|at| at + 1);
        state.follow = true;
    }
}

/// Draws the bar in place of the list's footer.
pub(super) fn bar_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (kind, total): (Kind, u64),
    state: &mut ListState,
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0, t.accent_soft);
    hairline(ui, rect.left_top(), rect.right_top());
    let count = state.selected.len() as u64;
    let records: Vec<RecordRef> = state.selected.iter().map(|id| RecordRef::new(kind, *id)).collect();
    in_one_line(ui, rect, |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        label(ui, &format!("{count} selected"), Type::Label, t.text);
        if count < total && Button::quiet("Select all").tip("Ctrl A").show(ui).clicked() {
            state.select_all = true;
        }
        let denied = scene.denied_create(kind);
        let denied = denied.as_deref();
        if let Some((id, name)) = chosen(ui, scene, ("Set owner", Editor::Owner), denied) {
            let value = id.parse().ok().map(Value::Id);
            ask(&records, ("owner_id", value), &format!("Owner → {name}"), out);
        }
        if kind == Kind::Lead
            && let Some((id, name)) = chosen(ui, scene, ("Move to stage", Editor::Stage), denied)
        {
            match scene.settings.stage_kind(&id) {
                StageKind::Open => ask(&records, ("stage", Some(Value::from(id))), &format!("Stage → {name}"), out),
                // Closing asks for the day, and for the reason when they are lost.
                _ => {
                    let leads = records.iter().map(|record| record.id).collect();
                    out.push(Act::MoveTogether { leads, stage: id, after: None });
                }
            }
        }
        super::list_set::set_field_ui(ui, scene, &records, denied, out);
        tag_ui(ui, &records, denied, out);
        if icon_button(ui, icons::CSV, "Export the selected as CSV").clicked() {
            out.push(Act::ExportSelected);
        }
        if can_merge(kind) && (2..=RECORDS_MAX).contains(&records.len()) {
            let merge = Button::new("Merge…").icon(icons::COPY).disabled(denied);
            if merge.show(ui).clicked() {
                out.push(Act::Open(Box::new(Dialog::Merge(MergeForm::new(&records)))));
            }
        }
        if Button::new("Move to trash").icon(icons::TRASH).look(Look::Danger).disabled(denied).show(ui).clicked() {
            trash(&records, out);
        }
        if Button::quiet("Clear").name("Clear the selection").tip("Esc").show(ui).clicked() {
            state.selected.clear();
        }
    });
}

/// A line of controls in the middle of `rect`; what does not fit is reached by a swipe.
fn in_one_line(ui: &mut Ui, rect: Rect, controls: impl FnOnce(&mut Ui)) {
    let area = rect.shrink2(vec2(space::L, 0.0));
    ui.scope_builder(UiBuilder::new().id_salt("bulk").max_rect(area), |ui| {
        let hidden = egui::scroll_area::ScrollBarVisibility::AlwaysHidden;
        egui::ScrollArea::horizontal().id_salt("bulk").scroll_bar_visibility(hidden).show(ui, |ui| {
            let size = vec2(ui.available_width(), rect.height());
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(size, layout, controls);
        });
    });
}

/// Puts a tag on all selected records, or takes it from them.
fn tag_ui(ui: &mut Ui, records: &[RecordRef], denied: Option<&str>, out: &mut Vec<Act>) {
    let response = Button::quiet("Tag").icon(icons::TAG).disabled(denied).show(ui);
    panel(&response, 240.0, |ui| {
        egui::Frame::new().inner_margin(8).show(ui, |ui| {
            let id = egui::Id::unique("bulk tag");
            let mut text: String = ui.data_mut(|data| data.get_temp(id)).unwrap_or_default();
            Field::new("Tag to add or remove").show(ui, &mut text);
            let tag = text.trim().to_owned();
            let nothing = tag.is_empty().then_some("Enter a tag");
            ui.horizontal(|ui| {
                let mut change = |on: bool, words: String| {
                    ask(records, (&format!("tags/{tag}"), on.then(|| true.into())), &words, out);
                };
                if Button::primary("Add tag").disabled(nothing).show(ui).clicked() {
                    change(true, format!("Tag {tag} added"));
                }
                if Button::new("Remove tag").disabled(nothing).show(ui).clicked() {
                    change(false, format!("Tag {tag} removed"));
                }
            });
            ui.data_mut(|data| data.insert_temp(id, text));
        });
    });
}

fn chosen(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (name, editor): (&str, Editor<'_>),
    denied: Option<&str>,
) -> Option<(String, String)> {
    let options = options(editor, scene);
    let size = vec2(150.0, ui.spacing().interact_size.y);
    let picker = Picker::new(name, "", &options).bare().placeholder(name).width(size.x).disabled(denied);
    let picked = ui.allocate_ui(size, |ui| picker.show(ui).picked).inner;
    let Some(Picked::Choice(key)) = picked else { return None };
    let words = options.iter().find(|option| option.key == key)?.text.clone();
    Some((key, words))
}

/// Asks before all of them are changed, with the count.
pub(super) fn ask(records: &[RecordRef], (key, value): (&str, Option<Value>), words: &str, out: &mut Vec<Act>) {
    let Some(first) = records.first() else { return };
    let count = counted(first.kind, records.len());
    out.push(Act::Confirm(Confirm {
        text: format!("Changes {count}: {words}"),
        button: format!("Change {count}"),
        danger: false,
        action: Action::SetMany { records: records.to_vec(), fields: FieldChanges::from([(key.to_owned(), value)]) },
    }));
}

fn trash(records: &[RecordRef], out: &mut Vec<Act>) {
    let Some(first) = records.first() else { return };
    let action = Action::Delete(records.to_vec());
    if records.len() == 1 {
        out.push(Act::Do(action));
        return;
    }
    let count = counted(first.kind, records.len());
    out.push(Act::Confirm(Confirm {
        text: format!("Moves {count} to the trash. You can restore them for 90 days."),
        button: format!("Move {count} to the trash"),
        danger: true,
        action,
    }));
}

fn counted(kind: Kind, count: usize) -> String {
    many(count as u64, crate::words::kind(kind), &crate::words::kinds(kind).to_lowercase())
}
