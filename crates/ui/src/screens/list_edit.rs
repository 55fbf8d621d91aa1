//! Editing a cell of a list in place: F2 or a double click opens it, Enter and leaving it save, Escape reverts.

use egui::{Id, Key, Popup, Rect, Ui, UiBuilder};
use model::input::read_field;
use model::query::Row;
use model::{FieldChanges, Kind, RecordId};

use super::list::ListState;
use crate::act::Act;
use crate::picking::Wanted;
use crate::present::columns::Column;
use crate::present::fields::{self, Editor, Spec, options, picked_value, shown};
use crate::scene::Scene;
use crate::theme::tokens;
use crate::widgets::Field;
use crate::widgets::picker::{Picked, Picker};

type Typing<'a> = &'a mut Option<Wanted>;

/// The cell that is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellEdit {
    /// The row.
    pub(crate) record: RecordId,
    /// The column.
    pub(crate) key: String,
    text: String,
    problem: Option<String>,
    /// It gets the keyboard in this frame.
    fresh: bool,
}

/// How a column is edited; `None` when it can't be.
pub(super) fn spec_of<'a>(kind: Kind, key: &str, scene: &Scene<'a>) -> Option<Spec<'a>> {
    fields::spec_of(kind, key, scene).filter(|spec| spec.editor != Editor::Note)
}

/// Opens a cell, if the column can be edited and the person may; says why not otherwise.
pub(super) fn begin(state: &mut ListState, scene: &Scene<'_>, (row, key): (&Row, &str), out: &mut Vec<Act>) -> bool {
    if spec_of(row.record.kind, key, scene).is_none() {
        return false;
    }
    if let Some(reason) = scene.denied_edit(&row.record) {
        out.push(Act::Say(reason));
        return false;
    }
    let text = shown(row, key, scene);
    state.editing = Some(CellEdit { record: row.record.id, key: key.to_owned(), text, problem: None, fresh: true });
    true
}

/// Opens the first cell of a row that can be edited.
pub(super) fn begin_first(
    state: &mut ListState,
    scene: &Scene<'_>,
    (row, columns): (&Row, &[Column<'_>]),
    out: &mut Vec<Act>,
) {
    let first = columns.iter().find(|column| spec_of(row.record.kind, column.key, scene).is_some());
    if let Some(column) = first {
        begin(state, scene, (row, column.key), out);
    }
}

/// Draws the editor over its cell.
pub(super) fn cell_edit_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (rect, row, columns): (Rect, &Row, &[Column<'_>]),
    state: &mut ListState,
    (typing, out): (Typing<'_>, &mut Vec<Act>),
) {
    let Some(edit) = state.editing.clone() else { return };
    let Some(spec) = spec_of(row.record.kind, &edit.key, scene) else { return };
    let area = rect.shrink2(egui::vec2(0.0, 4.0));
    ui.painter().rect_filled(rect, 0, tokens(ui).surface);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let builder = UiBuilder::new().id_salt(("cell", edit.record, &edit.key)).max_rect(area).layout(layout);
    let mut inner = ui.new_child(builder);
    inner.set_width(area.width());
    if spec.editor.is_picked() {
        picked_ui(&mut inner, scene, (&spec, row, edit), state, (typing, out));
    } else {
        typed_ui(&mut inner, scene, (&spec, row, columns, edit), state, out);
    }
}

fn picked_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (spec, row, edit): (&Spec<'_>, &Row, CellEdit),
    state: &mut ListState,
    (typing, out): (Typing<'_>, &mut Vec<Act>),
) {
    let name = scene.field_words(row.record.kind, spec.key);
    let choices = options(spec.editor, scene);
    let mut picker = Picker::new(&name, &edit.text, &choices).bare().placeholder("Empty").width(ui.available_width());
    picker = match spec.editor {
        Editor::Link(_) => picker.records(None).clearable(),
        Editor::Own(_) => picker.searchable().clearable(),
        Editor::Owner | Editor::Source => picker.searchable(),
        _ => picker,
    };
    let output = picker.show(ui);
    let popup = Popup::default_response_id(&output.response);
    if edit.fresh {
        Popup::open_id(ui.ctx(), popup);
        state.editing = Some(CellEdit { fresh: false, ..edit });
    } else if !Popup::is_id_open(ui.ctx(), popup) {
        state.editing = None;
    }
    if let (Some(text), Editor::Link(kind)) = (output.typing, spec.editor) {
        *typing = Some(Wanted::Of(kind, text));
    }
    let record = row.record.reference();
    let value = match output.picked {
        Some(Picked::Choice(stage)) if spec.editor == Editor::Stage => {
            out.push(Act::Move { lead: record.id, stage, after: None });
            state.editing = None;
            return;
        }
        Some(Picked::Choice(key)) => picked_value(spec.editor, key),
        Some(Picked::Clear) => None,
        _ => return,
    };
    out.push(Act::SaveTo(record, FieldChanges::from([(spec.key.to_owned(), value)])));
    state.editing = None;
}

fn typed_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (spec, row, columns, mut edit): (&Spec<'_>, &Row, &[Column<'_>], CellEdit),
    state: &mut ListState,
    out: &mut Vec<Act>,
) {
    let name = scene.field_words(row.record.kind, spec.key);
    let id = Id::unique(("cell field", edit.record, &edit.key));
    let tip = edit.problem.clone();
    let response = Field::new(&name).bare().id(id).show(ui, &mut edit.text);
    if std::mem::take(&mut edit.fresh) {
        response.request_focus();
        crate::widgets::select_all(ui.ctx(), id, &edit.text);
    }
    if let Some(problem) = tip {
        let at = response.rect;
        ui.painter().rect_stroke(at, 6, egui::Stroke::new(2.0, tokens(ui).danger), egui::StrokeKind::Inside);
        response.clone().on_hover_text(&problem);
    }
    let (escaped, tabbed) = ui.input(|input| (input.key_pressed(Key::Escape), input.key_pressed(Key::Tab)));
    if !response.lost_focus() {
        state.editing = Some(edit);
        return;
    }
    if escaped {
        state.editing = None;
        return;
    }
    let ctx = scene.input();
    match read_field(row.record.kind, spec.key, &edit.text, &ctx) {
        Ok(input) => {
            state.editing = None;
            if input.value.as_ref() != row.record.get(spec.key) {
                let changes = FieldChanges::from([(spec.key.to_owned(), input.value)]);
                out.push(Act::SaveTo(row.record.reference(), changes));
            }
            if tabbed {
                begin_next(state, scene, (row, columns, &edit.key), out);
            }
        }
        Err(problem) => {
            let problem = crate::words::capital(&problem.problem);
            out.push(Act::Say(format!("{name}: {problem}")));
            state.editing = Some(CellEdit { problem: Some(problem), fresh: true, ..edit });
        }
    }
}

fn begin_next(
    state: &mut ListState,
    scene: &Scene<'_>,
    (row, columns, from): (&Row, &[Column<'_>], &str),
    out: &mut Vec<Act>,
) {
    let rest = columns.iter().skip_while(|column| column.key != from).skip(1);
    let next = rest.map(|column| column.key).find(|key| spec_of(row.record.kind, key, scene).is_some());
    if let Some(key) = next {
        begin(state, scene, (row, key), out);
    }
}
