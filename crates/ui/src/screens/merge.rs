//! Merging records: side by side, the value of each field that differs is picked (PRODUCT 10, Merge).

use std::collections::BTreeMap;

use egui::{Context, Key, Modifiers, Ui, vec2};
use model::plan::merge::{in_order, is_picked};
use model::query::{List, Row};
use model::{Action, FieldChanges, Kind, OwnField, RecordId, RecordRef, Value};

use crate::act::Act;
use crate::dialog::{Dialog, MergeWith};
use crate::picking::Wanted;
use crate::present::fields::{Editor, options, shown};
use crate::present::format;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::picker::{Picked, Picker};
use crate::widgets::{Button, Look, caption, label, paragraph};

/// What the dialog remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MergeForm {
    /// The records, all of one kind.
    pub(crate) records: Vec<RecordRef>,
    /// Whose value was picked, by field.
    pub(crate) picks: BTreeMap<String, RecordId>,
}

impl MergeForm {
    /// Nothing picked yet: the oldest record's values stand.
    pub(crate) fn new(records: &[RecordRef]) -> Self {
        Self { records: in_order(records), picks: BTreeMap::new() }
    }

    /// Of which kind they are.
    pub(crate) fn kind(&self) -> Kind {
        self.records.first().map_or(Kind::Contact, |record| record.kind)
    }

    fn action(&self, rows: &[&Row]) -> Action {
        let mut fields = FieldChanges::new();
        for (key, id) in &self.picks {
            let Some(row) = rows.iter().find(|row| row.record.id == *id) else { continue };
            match key.as_str() {
                "place" => drop(fields.insert("stage".to_owned(), Some(row.record.place().0.into()))),
                key => drop(fields.insert(key.to_owned(), row.record.get(key).cloned())),
            }
        }
        Action::Merge { records: self.records.clone(), fields }
    }
}

/// Draws the dialog; `true` when it should close.
pub(crate) fn merge_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    (form, found): (&mut MergeForm, Option<&List>),
    out: &mut Vec<Act>,
) -> bool {
    let kind = form.kind();
    let mut rows: Vec<&Row> = found.map(|list| list.rows.iter().collect()).unwrap_or_default();
    rows.sort_by_key(|row| row.record.id);
    let several = crate::words::kinds(kind).to_lowercase();
    let title = format!("Merge {}", format::many(form.records.len() as u64, crate::words::kind(kind), &several));
    let denied = denied(scene, form, &rows);
    let mut sure = denied.is_none() && ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut apart = false;
    let mut footer = |ui: &mut Ui| {
        sure |= Button::primary("Merge").disabled(denied.as_deref()).tip("Ctrl Enter").show(ui).clicked();
        apart = Button::new("They are different").tip("They are not proposed again").show(ui).clicked();
    };
    let frame = Frame { title: &title, width: 720.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(ctx, |ui| fields_ui(ui, scene, form, &rows), Some(&mut footer));
    if sure {
        out.push(Act::Do(form.action(&rows)));
    } else if apart {
        out.push(Act::Do(Action::KeepApart(form.records.clone())));
    }
    closed || sure || apart
}

fn denied(scene: &Scene<'_>, form: &MergeForm, rows: &[&Row]) -> Option<String> {
    if rows.len() < form.records.len() {
        return Some("Not all of these records are here any more".to_owned());
    }
    rows.iter().find_map(|row| scene.denied_edit(&row.record))
}

fn fields_ui(ui: &mut Ui, scene: &Scene<'_>, form: &mut MergeForm, rows: &[&Row]) {
    let t = tokens(ui);
    let text = "Pick what stays. Tags, addresses, notes, activities, tasks and files of all are kept, and one undo brings everything back.";
    paragraph(ui, text, Type::Dense, t.text_2);
    let Some(first) = rows.first() else { return };
    let differing = differing(form.kind(), rows, scene);
    if differing.is_empty() {
        paragraph(ui, "They say the same in every field.", Type::Body, t.text);
    }
    if !scene.is_compact() {
        heads_ui(ui, scene, rows);
    }
    for (key, values) in differing {
        let fallback = || values.iter().position(|value| !value.is_empty()).map(|at| rows[at].record.id);
        let picked = form.picks.get(key).copied().or_else(fallback).unwrap_or(first.record.id);
        if let Some(id) = field_ui(ui, scene, (key, &values, rows), picked) {
            form.picks.insert(key.to_owned(), id);
        }
    }
}

/// Fields in which the records differ, with the value of each.
fn differing<'a>(kind: Kind, rows: &[&Row], scene: &Scene<'a>) -> Vec<(&'a str, Vec<String>)> {
    let fields = kind.fields().iter().filter(|field| is_picked(kind, field.key) && field.key != "notes");
    let own = scene.settings.own_fields_of(kind).map(OwnField::value_key);
    let with_values = fields.map(|field| field.key).chain(own).map(|key| {
        let values: Vec<String> = rows.iter().map(|row| shown(row, key, scene)).collect();
        (key, values)
    });
    with_values.filter(|(_, values)| values.iter().any(|value| *value != values[0])).collect()
}

const NAMES: f32 = 130.0;

fn column_width(ui: &Ui, count: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
    let count = count.max(1) as f32;
    ((ui.available_width() - NAMES) / count - space::S).max(80.0)
}

fn heads_ui(ui: &mut Ui, scene: &Scene<'_>, rows: &[&Row]) {
    let t = tokens(ui);
    let width = column_width(ui, rows.len());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.allocate_exact_size(vec2(NAMES - space::S, 1.0), egui::Sense::hover());
        for (index, row) in rows.iter().enumerate() {
            ui.allocate_ui(vec2(width, 36.0), |ui| {
                ui.set_width(width);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let name = if index == 0 { "Stays" } else { "Joins it" };
                    label(ui, name, Type::Label, t.text);
                    let made = row.record.time("created_at");
                    let made = made.map(|at| format::moment(at, scene.zone, scene.today)).unwrap_or_default();
                    caption(ui, &format!("created {made}"));
                });
            });
        }
    });
}

/// One field: a choice for each record; returns whose value was picked.
fn field_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (key, values, rows): (&str, &[String], &[&Row]),
    picked: RecordId,
) -> Option<RecordId> {
    let t = tokens(ui);
    let name = scene.field_words(rows.first().map_or(Kind::Contact, |row| row.record.kind), key);
    let width = column_width(ui, rows.len());
    let mut taken = None;
    let mut choices = |ui: &mut Ui| {
        for (index, (row, value)) in rows.iter().zip(values).enumerate() {
            let text = if value.is_empty() { "None" } else { value.as_str() };
            let spoken = format!("{name}: {text}, {} of {}", index + 1, rows.len());
            let button = Button::new(text).look(Look::Secondary).name(&spoken).selected(row.record.id == picked);
            let wide = if scene.is_compact() { ui.available_width() } else { width };
            let size = vec2(wide, ui.spacing().interact_size.y);
            let shown = ui.allocate_ui(size, |ui| {
                ui.set_width(wide);
                button.fill().tip(text).show(ui)
            });
            if shown.inner.clicked() {
                taken = Some(row.record.id);
            }
        }
    };
    if scene.is_compact() {
        label(ui, &name, Type::CaptionStrong, t.text_2);
        ui.vertical(&mut choices);
    } else {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let size = vec2(NAMES - space::S, ui.spacing().interact_size.y);
            ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.set_width(size.x);
                label(ui, &name, Type::Dense, t.text_2);
            });
            choices(ui);
        });
    }
    taken
}

/// Draws the dialog that asks which record another one is merged with; `true` when it should close.
pub(crate) fn merge_with_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    form: &MergeWith,
    (typing, out): (&mut Option<Wanted>, &mut Vec<Act>),
) -> bool {
    let kind = form.record.kind;
    let title = format!("Merge {} with", form.name);
    let frame = Frame { title: &title, width: 440.0, sheet: scene.is_compact(), high: false };
    frame.show(
        ctx,
        |ui| {
            let mut choices = options(Editor::Link(kind), scene);
            choices.retain(|option| option.key != form.record.id.to_string());
            let name = format!("The other {}", crate::words::kind(kind));
            let output = Picker::new(&name, "", &choices).placeholder("Search").records(None).show(ui);
            if let Some(text) = output.typing {
                *typing = Some(Wanted::Of(kind, text));
            }
            if let Some(Picked::Choice(id)) = output.picked
                && let Ok(id) = id.parse::<RecordId>()
            {
                let records = [form.record, RecordRef::new(kind, id)];
                out.push(Act::Open(Box::new(Dialog::Merge(MergeForm::new(&records)))));
            }
            let text = "You see both side by side before anything happens.";
            paragraph(ui, text, Type::Dense, tokens(ui).text_2);
        },
        None,
    )
}

/// The query for the rows of the records that are being merged.
pub(crate) fn query(form: &MergeForm) -> model::query::ListQuery {
    use model::query::{Condition, ListQuery, Op};
    let ids = form.records.iter().map(|record| Value::Id(record.id)).collect();
    let chosen = Condition { field: "id".to_owned(), op: Op::Is, values: ids };
    ListQuery { filter: vec![chosen], ..ListQuery::of(form.kind()) }
}
