//! A record's history, and the conversations in it.

use egui::{Align2, Sense, Ui, pos2, vec2};
use model::Kind;
use model::query::{Happened, TimelineEntry};

use crate::icons;
use crate::present::history::{Line, lines};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::text::tip;
use crate::widgets::{card, icon, label, paint, paint_icon, paragraph};

/// Draws the activities by month.
pub(crate) fn activities_ui(ui: &mut Ui, scene: &Scene<'_>, entries: &[TimelineEntry]) {
    let is_activity = |entry: &&TimelineEntry| matches!(entry.what, Happened::Activity(_));
    let mut activities: Vec<&TimelineEntry> = entries.iter().filter(is_activity).collect();
    if activities.is_empty() {
        let text = "Calls, emails, meetings and notes show here, newest first.";
        Empty { icon: icons::NOTE, title: "Nothing logged yet", text, actions: &[] }.show(ui);
        return;
    }
    let occurred = |entry: &TimelineEntry| match &entry.what {
        Happened::Activity(record) => record.time("occurred_at").unwrap_or(entry.at),
        _ => entry.at,
    };
    ui.spacing_mut().item_spacing.y = space::S;
    activities.sort_by_key(|entry| std::cmp::Reverse(occurred(entry)));
    let mut month = String::new();
    for entry in activities {
        let Happened::Activity(record) = &entry.what else { continue };
        let at = occurred(entry);
        let heading = crate::present::format::month(at.date_in(scene.zone));
        if heading != month {
            ui.add_space(space::S);
            label(ui, &heading, Type::CaptionStrong, tokens(ui).text_3);
            month = heading;
        }
        activity_card(ui, scene, (record, at, &entry.author.name));
    }
}

fn activity_card(ui: &mut Ui, scene: &Scene<'_>, (record, at, author): (&model::Record, model::Timestamp, &str)) {
    let t = tokens(ui);
    let (word, mark) = crate::words::activity(record.text("type"));
    card(ui, 12, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            icon(ui, mark, 16.0, t.text_2);
            label(ui, word, Type::Label, t.text);
            label(ui, author, Type::Dense, t.text_2);
            let minutes = record.int("duration_minutes").map(crate::present::format::duration).unwrap_or_default();
            label(ui, &minutes, Type::Dense, t.text_3);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let when = crate::present::format::moment(at, scene.zone, scene.today);
                let response = label(ui, &when, Type::Dense, t.text_3);
                tip(response, &crate::present::format::full_time(at, scene.zone));
            });
        });
        let subject = record.text("subject");
        if !subject.is_empty() {
            paragraph(ui, subject, Type::Body, t.text);
        }
        let body = record.text("body").trim();
        if !body.is_empty() {
            paragraph(ui, body, Type::Body, if subject.is_empty() { t.text } else { t.text_2 });
        }
    });
}

/// Draws everything that happened, newest first.
pub(crate) fn timeline_ui(ui: &mut Ui, scene: &Scene<'_>, kind: Kind, entries: &[TimelineEntry]) {
    if entries.is_empty() {
        Empty { icon: icons::HISTORY, title: "Nothing has happened yet", text: "", actions: &[] }.show(ui);
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut month = String::new();
    for line in lines(kind, entries, scene) {
        if line.month != month {
            ui.add_space(space::S);
            label(ui, &line.month, Type::CaptionStrong, tokens(ui).text_3);
            ui.add_space(space::XS);
            month.clone_from(&line.month);
        }
        line_ui(ui, &line);
    }
}

fn line_ui(ui: &mut Ui, line: &Line) {
    let t = tokens(ui);
    let top = ui.cursor().top();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let (mark, _) = ui.allocate_exact_size(vec2(24.0, 28.0), Sense::hover());
        ui.painter().circle_filled(mark.center(), 12.0, t.surface_2);
        paint_icon(ui, mark.center(), line.icon, 14.0, t.text_2);
        ui.vertical(|ui| {
            let width = ui.available_width();
            let (head, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
            let right = (pos2(head.right(), head.center().y), Align2::RIGHT_CENTER);
            let when = paint(ui, right, &line.when, (Type::Caption, t.text_3), 120.0);
            let left = (pos2(head.left(), head.center().y), Align2::LEFT_CENTER);
            paint(ui, left, &line.text, (Type::Dense, t.text), when.left() - head.left() - 8.0);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, spoken(line)));
            tip(response, &line.when_full);
            if line.is_change {
                change_ui(ui, line);
            }
            if !line.body.is_empty() {
                paragraph(ui, &line.body, Type::Dense, t.text_2);
            }
            ui.add_space(space::S);
        });
    });
    let bottom = ui.cursor().top();
    let x = ui.max_rect().left() + 12.0;
    let stroke = egui::Stroke::new(1.0, t.border);
    ui.painter().vline(x, (top + 28.0)..=bottom, stroke);
}

fn spoken(line: &Line) -> String {
    if line.is_change {
        format!("{}: {} to {}", line.text, or_empty(&line.before), or_empty(&line.after))
    } else {
        line.text.clone()
    }
}

fn or_empty(text: &str) -> &str {
    if text.is_empty() { "empty" } else { text }
}

fn change_ui(ui: &mut Ui, line: &Line) {
    let t = tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        label(ui, &shorten(or_empty(&line.before)), Type::Dense, t.text_3);
        icon(ui, icons::ARROW_RIGHT, 12.0, t.text_3);
        label(ui, &shorten(or_empty(&line.after)), Type::DenseStrong, t.text);
    });
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { text.chars().take(79).chain(['…']).collect() }
}
