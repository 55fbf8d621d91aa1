//! The records that belong to a page's record.

use egui::{Align2, Id, Rect, Sense, Ui, pos2};
use model::query::{Detail, Row};
use model::{Kind, RecordRef};

use super::rows::{lead_row, long_rows_ui, task_row};
use crate::act::Act;
use crate::icons;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::{Button, focus_ring, paint};

pub(super) fn related_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (record, detail, kind): (RecordRef, &Detail, Kind),
    out: &mut Vec<Act>,
) {
    let rows = detail.related.get(&kind).map(Vec::as_slice).unwrap_or_default();
    let add = format!("New {}", crate::words::kind(kind));
    let denied = scene.denied_create(kind);
    if rows.is_empty() {
        let several = crate::words::kinds(kind).to_lowercase();
        let title = format!("No {several} here yet");
        let actions: &[&str] = if denied.is_some() { &[] } else { &[&add] };
        let empty = Empty { icon: crate::words::kind_icon(kind), title: &title, text: "", actions };
        if empty.show(ui).is_some() {
            out.push(Act::New(kind, Some(record)));
        }
        return;
    }
    ui.horizontal(|ui| {
        if Button::new(&add).icon(icons::PLUS).disabled(denied.as_deref()).show(ui).clicked() {
            out.push(Act::New(kind, Some(record)));
        }
    });
    ui.add_space(space::XS);
    let total = detail.counts.get(&kind).copied().unwrap_or_default();
    let rows: Vec<&Row> = rows.iter().collect();
    let what = crate::words::kinds(kind).to_lowercase();
    long_rows_ui(ui, scene, (&rows, total, &what), |ui, rect, row| match kind {
        Kind::Task => task_row(ui, rect, scene, row, out),
        Kind::Lead => lead_row(ui, rect, scene, row, out),
        _ => contact_row(ui, rect, row, out),
    });
}

fn contact_row(ui: &Ui, rect: Rect, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let name = row.record.display_name();
    let response = ui.interact(rect, Id::unique(("contact row", row.record.id)), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect.shrink(1.0), 6, t.surface_2);
    }
    focus_ring(ui, &response, rect.shrink(2.0), 6);
    let y = rect.center().y;
    crate::widgets::avatar::paint_avatar(ui, pos2(rect.left() + 28.0, y), &name, 24.0);
    let email = row.record.text("email");
    let end = paint(
        ui,
        (pos2(rect.right() - 12.0, y), Align2::RIGHT_CENTER),
        email,
        (Type::Dense, t.text_2),
        rect.width() * 0.4,
    );
    let at = (pos2(rect.left() + 50.0, y), Align2::LEFT_CENTER);
    let shown = paint(ui, at, &name, (Type::Body, t.text), end.left() - rect.left() - 60.0);
    let at = (pos2(shown.right() + 10.0, y), Align2::LEFT_CENTER);
    paint(ui, at, row.record.text("title"), (Type::Dense, t.text_3), end.left() - shown.right() - 20.0);
    if response.clicked() {
        out.push(Act::Go(crate::routes::Screen::Detail(row.record.reference())));
    }
}
