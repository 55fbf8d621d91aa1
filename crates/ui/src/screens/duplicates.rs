//! Records that may be the same: why, and what to do about it.

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};
use model::plan::merge::RECORDS_MAX;
use model::query::{DuplicateGroup, Duplicates, Likeness, Row};
use model::{Action, RecordRef};

use super::merge::MergeForm;
use crate::act::Act;
use crate::dialog::Dialog;
use crate::icons;
use crate::present::columns::lines;
use crate::present::format::{many, moment};
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::{Button, caption, card, focus_ring, hairline, label, paint, paint_icon, paragraph};

/// Most groups that are shown at once.
pub(crate) const SHOWN: u32 = 50;

/// Draws the screen.
pub(crate) fn duplicates_ui(ui: &mut Ui, scene: &Scene<'_>, found: Option<&Duplicates>, out: &mut Vec<Act>) {
    let Some(found) = found else { return };
    let margin = if scene.is_compact() { 12 } else { 16 };
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.set_width(ui.available_width().min(860.0));
            ui.spacing_mut().item_spacing.y = space::M;
            if found.groups.is_empty() {
                let text = "Contacts, accounts and open leads that look like one another are listed here.";
                Empty { icon: icons::SUCCESS, title: "No duplicates found", text, actions: &[] }.show(ui);
                return;
            }
            let text = format!("{} may be the same", many(found.total, "group of records", "groups of records"));
            paragraph(ui, &text, Type::Dense, tokens(ui).text_2);
            for group in &found.groups {
                group_ui(ui, scene, group, out);
            }
            if found.total > found.groups.len() as u64 {
                caption(ui, "More come when these are settled");
            }
        });
    });
}

/// What the records of a group share, in words.
pub(super) const fn reason(why: Likeness) -> &'static str {
    match why {
        Likeness::Email => "The same email",
        Likeness::Phone => "The same phone number and last name",
        Likeness::LinkedIn => "The same LinkedIn page",
        Likeness::Domain => "The same domain",
        Likeness::Name => "The same name",
        Likeness::Similar => "Much the same name",
    }
}

fn group_ui(ui: &mut Ui, scene: &Scene<'_>, group: &DuplicateGroup, out: &mut Vec<Act>) {
    let Some(first) = group.rows.first() else { return };
    let name = first.record.display_name();
    let records: Vec<RecordRef> = group.rows.iter().map(|row| row.record.reference()).collect();
    let denied = group.rows.iter().find_map(|row| scene.denied_edit(&row.record));
    card(ui, 0, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::S;
                label(ui, reason(group.why), Type::Label, tokens(ui).text);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let spoken = format!("Merge {name} with what looks like it");
                    let merge = Button::new("Merge…").name(&spoken).disabled(denied.as_deref());
                    if merge.show(ui).clicked() {
                        let some = &records[..records.len().min(RECORDS_MAX)];
                        out.push(Act::Open(Box::new(Dialog::Merge(MergeForm::new(some)))));
                    }
                    let spoken = format!("Different: {name}");
                    let text = if scene.is_compact() { "Different" } else { "They are different" };
                    if Button::quiet(text).name(&spoken).disabled(denied.as_deref()).show(ui).clicked() {
                        out.push(Act::Do(Action::KeepApart(records.clone())));
                    }
                });
            });
        });
        for row in &group.rows {
            row_ui(ui, scene, row, out);
        }
    });
}

fn row_ui(ui: &mut Ui, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let height = super::rows::row_height(true);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let (name, _, second) = lines(row, scene);
    let contact_by = [row.record.text("email"), row.record.text("phone")];
    let mut parts: Vec<&str> = vec![second.as_str()];
    parts.extend(contact_by);
    parts.retain(|part| !part.is_empty());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &name));
    hairline(ui, rect.left_top(), rect.right_top());
    if response.hovered() {
        ui.painter().rect_filled(rect.shrink(1.0), 0, t.surface_2);
    }
    focus_ring(ui, &response, rect.shrink(2.0), 6);
    paint_icon(ui, pos2(rect.left() + 24.0, rect.center().y), crate::words::kind_icon(row.record.kind), 16.0, t.text_3);
    let made = row.record.time("created_at").map(|at| moment(at, scene.zone, scene.today)).unwrap_or_default();
    let right = (pos2(rect.right() - 12.0, rect.center().y), Align2::RIGHT_CENTER);
    let end = paint(ui, right, &made, (Type::Dense, t.text_3), 110.0).left();
    let line = |dy: f32| Rect::from_min_max(pos2(rect.left() + 44.0, rect.center().y + dy), pos2(end, rect.bottom()));
    let (top, low) = (line(-9.0), line(10.0));
    let room = top.width() - space::M;
    paint(ui, (top.left_top(), Align2::LEFT_CENTER), &name, (Type::Body, t.text), room);
    paint(ui, (low.left_top(), Align2::LEFT_CENTER), &parts.join(" · "), (Type::Dense, t.text_2), room);
    if response.clicked()
        && let Some(screen) = Screen::of(row.record.reference())
    {
        out.push(Act::Go(screen));
    }
}
