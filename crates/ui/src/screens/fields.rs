//! Fields of a record's page: they look like text until they are hovered, save themselves, and show what is
//! wrong or in conflict under themselves.

use std::collections::BTreeMap;

use egui::{
    Align2, CornerRadius, Frame, Id, Key, Margin, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2,
};
use model::input::read_field;
use model::query::{Conflict, Detail, TimelineEntry};
use model::{ChangeHash, FieldChanges, Kind, OwnType, RecordRef, Value};

use crate::act::Act;
use crate::icons;
use crate::picking::Wanted;
use crate::present::fields::{Editor, Spec, options, picked_value, shown, shown_value};
use crate::present::format;
use crate::scene::Scene;
use crate::theme::{Type, radius, space, tokens};
use crate::widgets::field::problem_line;
use crate::widgets::picker::{Picked, Picker};
use crate::widgets::text::tip;
use crate::widgets::{Button, icon, paint, paragraph};

/// A text that is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    /// What is typed.
    pub(crate) text: String,
    /// The document's heads when the typing began.
    pub(crate) heads: Vec<ChangeHash>,
}

/// What the fields of the open record remember between frames.
#[derive(Debug, Default)]
pub(crate) struct FieldDrafts {
    /// What is typed, by place and field.
    pub(crate) drafts: BTreeMap<String, Draft>,
    /// What is wrong, by field.
    pub(crate) problems: BTreeMap<String, String>,
    /// The heads of the draft that is being saved.
    pub(crate) saved_heads: Option<Vec<ChangeHash>>,
    /// The field whose history is open.
    pub(crate) history_of: Option<String>,
}

/// What a field is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldView<'a> {
    /// The open record.
    pub(crate) detail: &'a Detail,
    /// Why it can't be edited.
    pub(crate) denied: Option<&'a str>,
    /// Where on the page the field stands; the same field may stand twice.
    pub(crate) place: &'a str,
    /// Width of the labels' column; 0 puts labels above.
    pub(crate) label_width: f32,
    /// Every value of the field whose history is open; `None` where fields offer none.
    pub(crate) history: Option<&'a [TimelineEntry]>,
}

type Typing<'a> = &'a mut Option<Wanted>;

/// Draws one field.
pub(crate) fn field_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, spec): (&FieldView<'_>, &Spec<'_>),
    drafts: &mut FieldDrafts,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let name = scene.field_words(view.detail.row.record.kind, spec.key);
    let note = spec.editor == Editor::Note;
    let right = ui.available_rect_before_wrap().right();
    let line = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let height = ui.spacing().interact_size.y.max(30.0);
        let (rect, _) = ui.allocate_exact_size(vec2(view.label_width, height), Sense::hover());
        let at = (pos2(rect.left(), rect.center().y), Align2::LEFT_CENTER);
        paint(ui, at, &name, (Type::Dense, t.text_2), rect.width() - 4.0);
        let end = if view.history.is_some() { super::field_history::CLOCK } else { 0.0 };
        let room = ui.available_width() - end;
        ui.vertical(|ui| {
            ui.set_max_width(room);
            ui.spacing_mut().item_spacing.y = 2.0;
            if spec.editor.is_picked() {
                picked_ui(ui, scene, (view, spec, &name), typing, out);
            } else {
                typed_ui(ui, scene, (view, spec, &name), drafts, out);
            }
            if let Some(problem) = drafts.problems.get(spec.key) {
                problem_line(ui, problem);
            }
            if let Some(conflict) = view.detail.conflicts.iter().find(|conflict| conflict.key == spec.key) {
                conflict_ui(ui, scene, (conflict, ""), view.denied, out);
            }
        });
    });
    if let Some(entries) = view.history {
        super::field_history::clock_ui(
            ui,
            scene,
            (view, spec.key, entries),
            (line.response.rect.with_max_x(right), drafts),
            out,
        );
    }
    if note {
        ui.add_space(space::XS);
    }
}

fn picked_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, spec, name): (&FieldView<'_>, &Spec<'_>, &str),
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    ui.spacing_mut().interact_size.y = ui.spacing().interact_size.y.max(30.0);
    let record = &view.detail.row.record;
    let current = match spec.editor {
        Editor::Owner => scene.person(record.link("owner_id").unwrap_or(record.id)).to_owned(),
        _ => shown(&view.detail.row, spec.key, scene),
    };
    let current = if current.is_empty() { shown(&view.detail.row, spec.key, scene) } else { current };
    let choices = options(spec.editor, scene);
    let mut picker = Picker::new(name, &current, &choices).bare().placeholder("Empty").disabled(view.denied);
    picker = match spec.editor {
        Editor::Link(kind) => picker.records(Some(match kind {
            Kind::Account => "new account",
            _ => "new contact",
        })),
        Editor::Owner | Editor::Source | Editor::Own(_) => picker.searchable(),
        _ => picker,
    };
    if !matches!(spec.editor, Editor::Owner | Editor::Stage) {
        picker = picker.clearable();
    }
    if spec.editor == Editor::Source {
        picker = picker.creatable("new source");
    }
    let output = picker.quiet().show(ui);
    if let (Some(text), Editor::Link(kind)) = (output.typing, spec.editor) {
        *typing = Some(Wanted::Of(kind, text));
    }
    match output.picked {
        Some(Picked::Choice(key)) => out.push(chosen(record.reference(), spec, key)),
        Some(Picked::Create(name)) => match spec.editor {
            Editor::Link(kind) => out.push(Act::CreateLinked { key: spec.key.to_owned(), kind, name }),
            _ => out.push(Act::Save(FieldChanges::from([(spec.key.to_owned(), Some(name.into()))]))),
        },
        Some(Picked::Clear) => out.push(Act::Save(FieldChanges::from([(spec.key.to_owned(), None)]))),
        None => {}
    }
}

fn chosen(record: RecordRef, spec: &Spec<'_>, key: String) -> Act {
    if spec.editor == Editor::Stage {
        return Act::Move { lead: record.id, stage: key, after: None };
    }
    Act::Save(FieldChanges::from([(spec.key.to_owned(), picked_value(spec.editor, key))]))
}

fn typed_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, spec, name): (&FieldView<'_>, &Spec<'_>, &str),
    drafts: &mut FieldDrafts,
    out: &mut Vec<Act>,
) {
    let slot = format!("{}/{}", view.place, spec.key);
    let held = editable_text(view.detail, spec, scene);
    let mut text = drafts.drafts.get(&slot).map_or_else(|| held.clone(), |draft| draft.text.clone());
    let id = Id::unique(("field", view.detail.row.record.id, &slot));
    let rows = if spec.editor == Editor::Note { 4 } else { 1 };
    let response = quiet_edit(ui, (id, name, rows), &mut text, view.denied);
    if response.changed() {
        let heads = || view.detail.heads.clone();
        drafts.drafts.entry(slot.clone()).or_insert_with(|| Draft { text: String::new(), heads: heads() }).text =
            text.clone();
        drafts.problems.remove(spec.key);
    }
    if let Some(echo) = echo(&text, &held, spec, view, scene).filter(|_| response.has_focus()) {
        paragraph(ui, &echo, Type::Caption, tokens(ui).text_3);
    }
    let escaped = ui.input(|input| input.key_pressed(Key::Escape));
    if response.lost_focus() && escaped {
        drafts.drafts.remove(&slot);
        drafts.problems.remove(spec.key);
    } else if response.lost_focus() {
        commit(&slot, (view, spec, scene), drafts, out);
    }
}

/// What the value is read as, while it is typed; doubts too.
fn echo(text: &str, held: &str, spec: &Spec<'_>, view: &FieldView<'_>, scene: &Scene<'_>) -> Option<String> {
    if text == held {
        return None;
    }
    let ctx = scene.input();
    let kind = view.detail.row.record.kind;
    let input = read_field(kind, spec.key, text, &ctx).ok()?;
    if let Some(doubt) = input.warnings.first() {
        return Some(crate::words::capital(&doubt.to_string()));
    }
    let read = shown_value(kind, spec.key, &input.value?, scene);
    let worth_saying = is_echoed(spec.editor);
    (worth_saying && read != text.trim()).then(|| format!("= {read}"))
}

/// Whether what is typed there is worth repeating as it is read.
pub(crate) const fn is_echoed(editor: Editor<'_>) -> bool {
    match editor {
        Editor::Money | Editor::Date | Editor::Moment => true,
        Editor::Own(field) => matches!(field.of, OwnType::Money | OwnType::Date | OwnType::Number),
        _ => false,
    }
}

fn commit(
    slot: &str,
    (view, spec, scene): (&FieldView<'_>, &Spec<'_>, &Scene<'_>),
    drafts: &mut FieldDrafts,
    out: &mut Vec<Act>,
) {
    let Some(draft) = drafts.drafts.get(slot) else { return };
    let record = &view.detail.row.record;
    let ctx = scene.input();
    match read_field(record.kind, spec.key, &draft.text, &ctx) {
        Ok(input) => {
            let draft = drafts.drafts.remove(slot);
            drafts.problems.remove(spec.key);
            if input.value.as_ref() == record.get(spec.key) {
                return;
            }
            drafts.saved_heads = draft.map(|draft| draft.heads);
            out.push(Act::Save(FieldChanges::from([(spec.key.to_owned(), input.value)])));
        }
        Err(problem) => {
            drafts.problems.insert(spec.key.to_owned(), crate::words::capital(&problem.problem));
        }
    }
}

/// The text that editing starts from.
fn editable_text(detail: &Detail, spec: &Spec<'_>, scene: &Scene<'_>) -> String {
    let value = detail.row.record.get(spec.key);
    match (spec.editor, value) {
        (Editor::Percent, Some(Value::Int(percent))) => format!("{percent} %"),
        (Editor::Money, Some(Value::Int(cents))) => format::money(*cents, &scene.settings.currency),
        (_, Some(value)) => shown_value(detail.row.record.kind, spec.key, value, scene),
        (_, None) => String::new(),
    }
}

/// A text field that shows its frame only when it is hovered or has the keyboard.
pub(crate) fn quiet_edit(
    ui: &mut Ui,
    (id, name, rows): (Id, &str, usize),
    text: &mut String,
    denied: Option<&str>,
) -> Response {
    let t = tokens(ui);
    let height = ui.spacing().interact_size.y.max(30.0);
    #[expect(clippy::cast_possible_truncation, reason = "a padding is a small number of points")]
    let pad = ((height - 18.0) / 2.0) as i8;
    let mut layouter = one_line(ui, (id, Type::Body), ui.available_width() - 16.0);
    let edit = if rows > 1 {
        TextEdit::multiline(text).desired_rows(rows)
    } else {
        TextEdit::singleline(text).layouter(&mut layouter)
    };
    let edit = edit
        .id(id)
        .frame(Frame::NONE.inner_margin(Margin { left: 8, right: 8, top: pad, bottom: pad }))
        .background_color(egui::Color32::TRANSPARENT)
        .font(Type::Body.font())
        .text_color(t.text)
        .hint_text(egui::RichText::new("Empty").color(t.text_3))
        .interactive(denied.is_none())
        .desired_width(f32::INFINITY)
        .min_size(vec2(0.0, height));
    let ground = ui.painter().add(egui::Shape::Noop);
    let response = ui.add(edit).accessible_name(name);
    surround(ui, (ground, &response), response.rect, denied);
    tip(response, denied.unwrap_or(""))
}

/// The field of a page's title: larger, and flush with the text under it.
pub(crate) fn title_edit(ui: &mut Ui, (id, name): (Id, &str), text: &mut String, denied: Option<&str>) -> Response {
    let t = tokens(ui);
    let mut layouter = one_line(ui, (id, Type::Heading), ui.available_width() - 8.0);
    let edit = TextEdit::singleline(text)
        .id(id)
        .frame(Frame::NONE.inner_margin(Margin { left: 0, right: 8, top: 4, bottom: 4 }))
        .font(Type::Heading.font())
        .text_color(t.text)
        .layouter(&mut layouter)
        .interactive(denied.is_none())
        .desired_width(f32::INFINITY)
        .min_size(vec2(0.0, 36.0));
    let ground = ui.painter().add(egui::Shape::Noop);
    let response = ui.add(edit).accessible_name(name);
    surround(ui, (ground, &response), response.rect.with_min_x(response.rect.left() - 8.0), denied);
    tip(response, denied.unwrap_or(""))
}

/// Lays out a field of one line: whole while it is edited, else cut with an ellipsis where its room ends.
fn one_line(
    ui: &Ui,
    (id, of): (Id, Type),
    room: f32,
) -> impl FnMut(&Ui, &dyn egui::TextBuffer, f32) -> std::sync::Arc<egui::Galley> + use<> {
    let width = if ui.memory(|memory| memory.has_focus(id)) { f32::INFINITY } else { room };
    move |ui: &Ui, text: &dyn egui::TextBuffer, _wrap: f32| {
        ui.painter().layout_job(crate::theme::job(text.as_str(), of, tokens(ui).text, width))
    }
}

fn surround(ui: &Ui, (ground, response): (egui::layers::ShapeIdx, &Response), rect: egui::Rect, denied: Option<&str>) {
    let t = tokens(ui);
    let (fill, stroke) = match (response.has_focus(), response.hovered() && denied.is_none()) {
        (true, _) => (t.surface, Stroke::new(2.0, t.accent)),
        (false, true) => (t.surface_2, Stroke::new(1.0, t.border)),
        _ => (egui::Color32::TRANSPARENT, Stroke::NONE),
    };
    let corner = CornerRadius::same(radius::CONTROL);
    let shape = egui::epaint::RectShape::new(rect, corner, fill, stroke, StrokeKind::Inside);
    ui.painter().set(ground, shape);
}

/// Both values of a field that two people changed at once, with a button for each.
pub(super) fn conflict_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (conflict, of): (&Conflict, &str),
    denied: Option<&str>,
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let frame = Frame::new().fill(t.warning_soft).corner_radius(radius::CONTROL).inner_margin(Margin::same(8));
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            icon(ui, icons::CONFLICT, 14.0, t.warning);
            crate::widgets::cut(ui, "Changed by two people at once", Type::CaptionStrong, t.warning);
        });
        for (index, value) in conflict.values.iter().enumerate() {
            let shown = value.value.as_ref().map(|of| shown_value(conflict.record.kind, &conflict.key, of, scene));
            let shown = shown.filter(|text| !text.is_empty()).unwrap_or_else(|| "Empty".to_owned());
            let who = if value.author.name.is_empty() { "Someone" } else { &value.author.name };
            let when = format::moment(value.at, scene.zone, scene.today);
            let keep = |ui: &mut Ui| {
                let name = format!(
                    "Keep {shown} for {}{of}",
                    scene.field_words(conflict.record.kind, &conflict.key).to_lowercase()
                );
                Button::new("Keep").name(&name).disabled(denied).show(ui).clicked()
            };
            let mark = if index == 0 { " · shows now" } else { "" };
            let told = |ui: &mut Ui| {
                crate::widgets::cut(ui, &shown, Type::DenseStrong, t.text);
                paragraph(ui, &format!("{who}, {when}{mark}"), Type::Caption, t.text_2);
            };
            if beside(ui, keep, told) {
                out.push(Act::Choose(conflict.record, conflict.key.clone(), value.value.clone()));
            }
        }
    });
}

/// Lines of text with a button at their right.
fn beside(ui: &mut Ui, button: impl FnOnce(&mut Ui) -> bool, text: impl FnOnce(&mut Ui)) -> bool {
    let right = egui::Layout::right_to_left(egui::Align::Center);
    let size = vec2(ui.available_width(), 36.0);
    let row = ui.allocate_ui_with_layout(size, right, |ui| {
        let clicked = button(ui);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            text(ui);
        });
        clicked
    });
    row.inner
}
