//! What can be done with several selected rows at once.

use egui::{Key, Modifiers, Rect, Ui, UiBuilder, vec2};
use model::plan::merge::{RECORDS_MAX, can_merge};
use model::query::Row;
use model::{Action, FieldChanges, Kind, RecordId, RecordRef, StageKind, Value};

use super::list::{ListState, ListView};
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
use crate::widgets::{Button, Field, Look, focus_ring, hairline, icon_button, label};

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

/// The selected records that are changed, and how many of the selected are not the person's to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Their kind.
    pub(super) kind: Kind,
    records: Vec<RecordRef>,
    left_out: usize,
}

impl Chosen {
    fn of(selected: &std::collections::BTreeSet<RecordId>, view: &ListView<'_>) -> Self {
        let kind = view.filter.kind;
        let fits = |id: &&RecordId| view.editable.is_none_or(|editable| editable.contains(id));
        let records: Vec<RecordRef> = selected.iter().filter(fits).map(|id| RecordRef::new(kind, *id)).collect();
        Self { kind, left_out: selected.len() - records.len(), records }
    }

    /// What is said before about those that stay as they are.
    fn remark(&self) -> String {
        match self.left_out {
            0 => String::new(),
            1 => ". 1 of the selected stays as it is: only its owner or an administrator can change it".to_owned(),
            several => format!(
                ". {several} of the selected stay as they are: only their owners or an administrator can change them"
            ),
        }
    }
}

/// An action of the bar, in the order in which they stand, with the room that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Owner,
    Stage,
    Field,
    Tag,
    Export,
    Merge,
    Trash,
}

impl Part {
    const ALL: [(Self, f32); 7] = [
        (Self::Owner, 150.0),
        (Self::Stage, 150.0),
        (Self::Field, 110.0),
        (Self::Tag, 76.0),
        (Self::Export, 32.0),
        (Self::Merge, 110.0),
        (Self::Trash, 150.0),
    ];

    const fn fits(self, kind: Kind, count: usize) -> bool {
        match self {
            Self::Stage => matches!(kind, Kind::Lead),
            Self::Merge => can_merge(kind) && count >= 2 && count <= RECORDS_MAX,
            _ => true,
        }
    }
}

/// Draws the bar in place of the list's footer: what does not fit stands behind the dots.
pub(super) fn bar_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (view, total): (&ListView<'_>, u64),
    state: &mut ListState,
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0, t.accent_soft);
    hairline(ui, rect.left_top(), rect.right_top());
    let count = state.selected.len() as u64;
    let chosen = Chosen::of(&state.selected, view);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let area = rect.shrink2(vec2(if scene.is_compact() { space::XS } else { space::L }, 0.0));
    ui.scope_builder(UiBuilder::new().id_salt("bulk").max_rect(area).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if icon_button(ui, icons::CLOSE, "Clear the selection").clicked() {
            state.selected.clear();
        }
        label(ui, &format!("{count} selected"), Type::Label, t.text);
        if count < total && Button::quiet("Select all").tip("Ctrl A").show(ui).clicked() {
            state.select_all = true;
        }
        let refused = scene.denied_create(chosen.kind).or_else(|| {
            let none = chosen.records.is_empty() && chosen.left_out > 0;
            none.then(|| "Only their owners or an administrator can change these".to_owned())
        });
        parts_ui(ui, scene, (&chosen, refused.as_deref()), out);
    });
}

fn parts_ui(ui: &mut Ui, scene: &Scene<'_>, (chosen, denied): (&Chosen, Option<&str>), out: &mut Vec<Act>) {
    let all = Part::ALL.into_iter().filter(|(part, _)| part.fits(chosen.kind, chosen.records.len()));
    let mut room = ui.available_width() - ui.spacing().interact_size.y - space::S;
    let (shown, folded): (Vec<_>, Vec<_>) = all.partition(|(_, width)| {
        room -= width + space::S;
        room >= 0.0
    });
    for (part, _) in shown {
        part_ui(ui, scene, part, (chosen, denied), out);
    }
    if folded.is_empty() {
        return;
    }
    let more = icon_button(ui, icons::MORE, "More for the selected");
    panel(&more, 280.0, |ui| {
        egui::Frame::new().inner_margin(8).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            for (part, _) in folded {
                // A panel inside a panel would close it: what it holds stands here itself.
                match part {
                    Part::Field if denied.is_none() => super::list_set::set_fields_ui(ui, scene, chosen, out),
                    Part::Tag => tag_fields(ui, (chosen, denied), out),
                    part => part_ui(ui, scene, part, (chosen, denied), out),
                }
            }
        });
    });
}

fn part_ui(ui: &mut Ui, scene: &Scene<'_>, part: Part, (chosen, denied): (&Chosen, Option<&str>), out: &mut Vec<Act>) {
    match part {
        Part::Owner => {
            if let Some((id, name)) = choice(ui, scene, ("Set owner", Editor::Owner), denied) {
                let value = id.parse().ok().map(Value::Id);
                ask(chosen, ("owner_id", value), &format!("Owner → {name}"), out);
            }
        }
        Part::Stage => {
            if let Some((id, name)) = choice(ui, scene, ("Move to stage", Editor::Stage), denied) {
                match scene.settings.stage_kind(&id) {
                    StageKind::Open => ask(chosen, ("stage", Some(Value::from(id))), &format!("Stage → {name}"), out),
                    // Closing asks for the day, and for the reason when they are lost.
                    _ => {
                        let leads = chosen.records.iter().map(|record| record.id).collect();
                        out.push(Act::MoveTogether { leads, stage: id, after: None });
                    }
                }
            }
        }
        Part::Field => super::list_set::set_field_ui(ui, scene, chosen, denied, out),
        Part::Tag => {
            let response = Button::quiet("Tag").icon(icons::TAG).disabled(denied).show(ui);
            panel(&response, 240.0, |ui| {
                egui::Frame::new().inner_margin(8).show(ui, |ui| tag_fields(ui, (chosen, denied), out));
            });
        }
        Part::Export => {
            if icon_button(ui, icons::CSV, "Export the selected as CSV").clicked() {
                out.push(Act::ExportSelected);
            }
        }
        Part::Merge => {
            if Button::new("Merge…").icon(icons::COPY).disabled(denied).show(ui).clicked() {
                out.push(Act::Open(Box::new(Dialog::Merge(MergeForm::new(&chosen.records)))));
            }
        }
        Part::Trash => {
            let button = Button::new("Move to trash").icon(icons::TRASH).look(Look::Danger);
            if button.disabled(denied).show(ui).clicked() {
                trash(chosen, out);
            }
        }
    }
}

/// The check box over the rows: selects everything that matches, or nothing.
pub(super) fn head_check(ui: &Ui, rect: Rect, state: &mut ListState) {
    let response = ui.interact(rect, egui::Id::unique("select all rows"), egui::Sense::click());
    let any = !state.selected.is_empty();
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, any, "Select all that match"));
    crate::widgets::check::paint_box(ui, rect.center(), any);
    focus_ring(ui, &response, rect.shrink2(vec2(2.0, 6.0)), 4);
    if response.clicked() && any {
        state.selected.clear();
    } else if response.clicked() {
        state.select_all = true;
    }
}

/// Puts a tag on all selected records, or takes it from them.
fn tag_fields(ui: &mut Ui, (chosen, denied): (&Chosen, Option<&str>), out: &mut Vec<Act>) {
    let id = egui::Id::unique("bulk tag");
    let mut text: String = ui.data_mut(|data| data.get_temp(id)).unwrap_or_default();
    Field::new("Tag to add or remove").disabled(denied).show(ui, &mut text);
    let tag = text.trim().to_owned();
    let nothing = denied.or(tag.is_empty().then_some("Enter a tag"));
    ui.horizontal(|ui| {
        let mut change = |on: bool, words: String| {
            ask(chosen, (&format!("tags/{tag}"), on.then(|| true.into())), &words, out);
        };
        if Button::primary("Add tag").disabled(nothing).show(ui).clicked() {
            change(true, format!("Tag {tag} added"));
        }
        if Button::new("Remove tag").disabled(nothing).show(ui).clicked() {
            change(false, format!("Tag {tag} removed"));
        }
    });
    ui.data_mut(|data| data.insert_temp(id, text));
}

fn choice(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (name, editor): (&str, Editor<'_>),
    denied: Option<&str>,
) -> Option<(String, String)> {
    let options = options(editor, scene);
    let size = vec2(150.0, ui.spacing().interact_size.y);
    let mut picker = Picker::new(name, "", &options).bare().placeholder(name).width(size.x).disabled(denied);
    if editor == Editor::Owner {
        picker = picker.searchable();
    }
    let picked = ui.allocate_ui(size, |ui| picker.show(ui).picked).inner;
    let Some(Picked::Choice(key)) = picked else { return None };
    let words = options.iter().find(|option| option.key == key)?.text.clone();
    Some((key, words))
}

/// Asks before all of them are changed, with the count, and says which are left out.
pub(super) fn ask(chosen: &Chosen, (key, value): (&str, Option<Value>), words: &str, out: &mut Vec<Act>) {
    let count = counted(chosen.kind, chosen.records.len());
    out.push(Act::Confirm(Confirm {
        text: format!("Changes {count}: {words}{}", chosen.remark()),
        button: format!("Change {count}"),
        danger: false,
        action: Action::SetMany {
            records: chosen.records.clone(),
            fields: FieldChanges::from([(key.to_owned(), value)]),
        },
    }));
}

fn trash(chosen: &Chosen, out: &mut Vec<Act>) {
    let action = Action::Delete(chosen.records.clone());
    if chosen.records.len() == 1 && chosen.left_out == 0 {
        out.push(Act::Do(action));
        return;
    }
    let count = counted(chosen.kind, chosen.records.len());
    out.push(Act::Confirm(Confirm {
        text: format!("Moves {count} to the trash. You can restore them for 90 days{}", chosen.remark()),
        button: format!("Move {count} to the trash"),
        danger: true,
        action,
    }));
}

fn counted(kind: Kind, count: usize) -> String {
    many(count as u64, crate::words::kind(kind), &crate::words::kinds(kind).to_lowercase())
}
