//! What an import would do or did: counts, the first rows, rows with errors.

use std::collections::BTreeMap;

use egui::{Align2, Sense, Ui, pos2, vec2};
use model::Kind;
use model::import::{ImportCounts, ImportReport, RowFate};

use crate::act::Act;
use crate::app::Effect;
use crate::icons;
use crate::present::format::{grouped, many};
use crate::scene::Scene;
use crate::theme::{Tone, Type, space, tokens};
use crate::widgets::field::problem_line;
use crate::widgets::pill::pill;
use crate::widgets::{Button, Pill, card, hairline, label, paint, paint_icon};

pub(super) fn counts_ui(ui: &mut Ui, scene: &Scene<'_>, counts: &BTreeMap<Kind, ImportCounts>, done: bool) {
    let t = tokens(ui);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::S;
        for (kind, of) in counts {
            ui.horizontal_wrapped(|ui| {
                let name = crate::words::kinds(*kind);
                let wide = if scene.is_compact() { 90.0 } else { 120.0 };
                let (cell, _) = ui.allocate_exact_size(vec2(wide, 20.0), Sense::hover());
                paint(ui, (cell.left_center(), Align2::LEFT_CENTER), name, (Type::Label, t.text), wide);
                let (created, updated) = if done { ("created", "updated") } else { ("to create", "to update") };
                let parts = [
                    (of.created, created, icons::PLUS, Tone::Success),
                    (of.updated, updated, icons::PENCIL, Tone::Info),
                    (of.skipped, "unchanged", icons::CHECK, Tone::Neutral),
                    (of.errors, "with errors", icons::ERROR, Tone::Danger),
                ];
                for (count, word, icon, tone) in parts {
                    if count > 0 {
                        let text = format!("{} {word}", grouped(count));
                        pill(ui, &Pill { icon, text, tone, tip: String::new() });
                    }
                }
            });
        }
    });
}

pub(super) fn errors_button(ui: &mut Ui, report: &ImportReport, file: &str, out: &mut Vec<Act>) {
    if report.errors.is_empty() {
        return;
    }
    if Button::new("Save the rows with errors").icon(icons::EXPORT).show(ui).clicked() {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let name = format!("{stem} - errors.csv");
        out.push(Act::Shell(Effect::SaveFile { name, bytes: report.errors_csv.clone().into_bytes() }));
    }
}

pub(super) fn rows_ui(ui: &mut Ui, report: &ImportReport) {
    if report.rows.is_empty() {
        return;
    }
    let t = tokens(ui);
    label(ui, "The first rows", Type::Label, t.text);
    card(ui, 0, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for outcome in &report.rows {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
            let y = rect.center().y;
            let number = outcome.row.to_string();
            paint(ui, (pos2(rect.left() + 40.0, y), Align2::RIGHT_CENTER), &number, (Type::Caption, t.text_3), 40.0);
            let (icon, ink) = match outcome.what {
                RowFate::Create => (icons::PLUS, t.success),
                RowFate::Update => (icons::PENCIL, t.info),
                RowFate::Skip => (icons::CHECK, t.text_3),
                RowFate::Error => (icons::ERROR, t.danger),
            };
            paint_icon(ui, pos2(rect.left() + 60.0, y), icon, 14.0, ink);
            let name = format!("{} · {}", crate::words::capital(crate::words::kind(outcome.kind)), outcome.name);
            let at = (pos2(rect.left() + 76.0, y), Align2::LEFT_CENTER);
            let shown = paint(ui, at, &name, (Type::Dense, t.text), rect.width() * 0.45);
            let changes = changes_words(&outcome.changes);
            let at = (pos2(shown.right() + 16.0, y), Align2::LEFT_CENTER);
            paint(ui, at, &changes, (Type::Caption, t.text_2), rect.right() - shown.right() - 28.0);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name}: {changes}")));
            crate::widgets::text::tip(response, &changes.replace(" · ", "\n"));
            hairline(ui, rect.left_bottom(), rect.right_bottom());
        }
    });
}

fn changes_words(changes: &[(String, String, String)]) -> String {
    let one = |(field, before, after): &(String, String, String)| match before.as_str() {
        "" => format!("{}: {after}", crate::words::field(field)),
        before => format!("{}: {before} → {after}", crate::words::field(field)),
    };
    changes.iter().map(one).collect::<Vec<_>>().join(" · ")
}

pub(super) fn errors_ui(ui: &mut Ui, report: &ImportReport) {
    const SHOWN: usize = 50;
    if report.errors.is_empty() {
        return;
    }
    let t = tokens(ui);
    label(ui, "Rows with errors", Type::Label, t.text);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        for error in report.errors.iter().take(SHOWN) {
            problem_line(ui, &format!("Row {}: {}", grouped(error.row), error.reason));
        }
        let rest = report.errors.len().saturating_sub(SHOWN);
        if rest > 0 {
            let text = format!("and {} more in the saved file", many(rest as u64, "row", "rows"));
            label(ui, &text, Type::Caption, t.text_3);
        }
    });
}
