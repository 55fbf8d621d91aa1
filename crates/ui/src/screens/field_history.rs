//! The clock beside a field: every value it has had, and bringing one back.

use egui::{Rect, Sense, Ui, UiBuilder, vec2};
use model::query::{Happened, TimelineEntry};
use model::{FieldChanges, Value};

use super::fields::{FieldDrafts, FieldView};
use crate::act::Act;
use crate::icons;
use crate::present::fields::shown_value;
use crate::present::{format, history};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::menu::panel;
use crate::widgets::text::tip;
use crate::widgets::{Button, focus_ring, label, paint_icon, paragraph};

/// Room for the clock.
pub(super) const CLOCK: f32 = 30.0;

/// Draws the clock at the end of a field's line; it shows when the line is hovered or the clock has the keyboard.
pub(super) fn clock_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, key, entries): (&FieldView<'_>, &str, &[TimelineEntry]),
    (line, drafts): (Rect, &mut FieldDrafts),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let spot = Rect::from_min_size(line.right_top() - vec2(CLOCK - 2.0, -1.0), vec2(28.0, 28.0));
    let id = egui::Id::unique(("field history", view.detail.row.record.id, key));
    let response = ui.interact(spot, id, Sense::click());
    let name = format!("History of {}", scene.field_words(view.detail.row.record.kind, key));
    crate::widgets::button::describe(&response, &name, None, None);
    let is_open = egui::Popup::is_id_open(ui.ctx(), egui::Popup::default_response_id(&response));
    let shows = is_open || scene.touch || response.has_focus() || response.hovered() || ui.rect_contains_pointer(line);
    if response.hovered() {
        ui.painter().rect_filled(spot, 6, t.surface_2);
    }
    if shows {
        paint_icon(ui, spot.center(), icons::HISTORY, 16.0, t.text_3);
    }
    focus_ring(ui, &response, spot, 6);
    if response.clicked() {
        drafts.history_of = Some(key.to_owned());
    }
    let response = tip(response, &name);
    let here = drafts.history_of.as_deref() == Some(key);
    let width = 340.0_f32.min(ui.ctx().content_rect().width() - 24.0);
    panel(&response, width, |ui| {
        if here {
            values_ui(ui, scene, (view, key, entries), out);
        }
    });
}

fn values_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, key, entries): (&FieldView<'_>, &str, &[TimelineEntry]),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let record = &view.detail.row.record;
    egui::Frame::new().inner_margin(8).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        label(ui, &format!("{}: earlier values", scene.field_words(record.kind, key)), Type::Label, t.text);
        if entries.is_empty() {
            paragraph(ui, "It has had no value yet", Type::Dense, t.text_2);
        }
        egui::ScrollArea::vertical().max_height(320.0).min_scrolled_height(320.0).show(ui, |ui| {
            for (index, entry) in entries.iter().enumerate() {
                let Happened::Field { after, .. } = &entry.what else { continue };
                let stands = after.as_ref() == record.get(key);
                value_ui(ui, scene, (view, key, index), (entry, after.as_ref(), stands), out);
            }
        });
    });
}

fn value_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, key, index): (&FieldView<'_>, &str, usize),
    (entry, value, stands): (&TimelineEntry, Option<&Value>, bool),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let shown = value.map(|value| shown_value(view.detail.row.record.kind, key, value, scene));
    let shown = shown.filter(|text| !text.is_empty()).unwrap_or_else(|| "Empty".to_owned());
    ui.scope_builder(UiBuilder::new().id_salt(index), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.horizontal(|ui| {
            let room = ui.available_width() - 84.0;
            ui.allocate_ui(vec2(room, 20.0), |ui| {
                ui.set_width(room);
                paragraph(ui, &history::shorten(&shown), Type::Dense, t.text);
            });
            if stands {
                label(ui, "Now", Type::CaptionStrong, t.text_3);
            } else {
                let when = format::moment(entry.at, scene.zone, scene.today);
                let name = format!("Restore {} of {when}", history::shorten(&shown));
                if Button::quiet("Restore").name(&name).disabled(view.denied).show(ui).clicked() {
                    egui::Popup::close_all(ui.ctx());
                    out.push(Act::Save(FieldChanges::from([(key.to_owned(), value.cloned())])));
                }
            }
        });
        let response = paragraph(ui, &history::who_and_when(entry, scene), Type::Caption, t.text_3);
        tip(response, &format::full_time(entry.at, scene.zone));
    });
}
