//! The activities or tasks behind a figure of a report: they have no list of their own, so they show over it.

use egui::{Align2, Context, Sense, Ui, pos2, vec2};
use model::query::{Condition, List, ListQuery, Op, Row, Sort, WINDOW_MAX};
use model::{Kind, RecordRef};

use crate::act::Act;
use crate::present::format::{many, moment};
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, tokens};
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::{caption, focus_ring, hairline, paint, paint_icon};

/// Room for the moment at a row's end.
const WHEN: f32 = 110.0;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Behind {
    /// Activities or tasks.
    pub(crate) kind: Kind,
    /// The figure, as a filter takes it.
    pub(crate) figure: String,
}

/// The query for the records behind a figure, the latest first.
pub(crate) fn query(behind: &Behind) -> ListQuery {
    let filter = vec![Condition { field: "figure".into(), op: Op::Is, values: vec![behind.figure.as_str().into()] }];
    let field = if behind.kind == Kind::Task { "completed_at" } else { "occurred_at" };
    let sort = vec![Sort { field: field.into(), descending: true }];
    ListQuery { filter, sort, limit: WINDOW_MAX, ..ListQuery::of(behind.kind) }
}

/// Draws the dialog; `true` when it should close.
pub(crate) fn behind_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    (behind, found): (&Behind, Option<&List>),
    out: &mut Vec<Act>,
) -> bool {
    let (one, several) = (crate::words::kind(behind.kind), crate::words::kinds(behind.kind).to_lowercase());
    let title = found.map_or_else(|| several.clone(), |list| many(list.total, one, &several));
    let title = crate::words::capital(&title);
    let frame = Frame { title: &title, width: 560.0, sheet: scene.is_compact(), high: false };
    frame.show(
        ctx,
        |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let Some(list) = found else { return };
            for row in &list.rows {
                row_ui(ui, scene, row, out);
            }
            if list.total > list.rows.len() as u64 {
                caption(ui, &format!("The latest {} show", list.rows.len()));
            }
        },
        None,
    )
}

fn row_ui(ui: &mut Ui, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let record = &row.record;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::click());
    let about = about(row);
    let name = about.as_ref().map_or("", |(_, name)| name);
    let title = record.display_name();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, format!("{title} · {name}")));
    if response.hovered() {
        ui.painter().rect_filled(rect, 6, t.surface_2);
    }
    hairline(ui, rect.left_bottom(), rect.right_bottom());
    let mark = match record.kind {
        Kind::Activity => crate::words::activity(record.text("type")).1,
        kind => crate::words::kind_icon(kind),
    };
    paint_icon(ui, pos2(rect.left() + 14.0, rect.center().y), mark, 16.0, t.text_2);
    let (left, room) = (rect.left() + 32.0, rect.width() - 32.0 - WHEN);
    paint(ui, (pos2(left, rect.top() + 14.0), Align2::LEFT_CENTER), &title, (Type::Label, t.text), room);
    paint(ui, (pos2(left, rect.top() + 31.0), Align2::LEFT_CENTER), name, (Type::Caption, t.text_2), room);
    let at = record.time("completed_at").or_else(|| record.time("occurred_at"));
    let when = at.map(|at| moment(at, scene.zone, scene.today)).unwrap_or_default();
    let right = pos2(rect.right() - 6.0, rect.center().y);
    paint(ui, (right, Align2::RIGHT_CENTER), &when, (Type::Dense, t.text_2), WHEN);
    focus_ring(ui, &response, rect, 6);
    if let (true, Some((record, _))) = (response.clicked(), about) {
        out.extend(Screen::of(record).map(Act::Go));
    }
}

/// What an activity or a task is about, with its name.
fn about(row: &Row) -> Option<(RecordRef, String)> {
    if row.record.kind == Kind::Task {
        return super::rows::about(row);
    }
    let links = [("lead_id", Kind::Lead), ("account_id", Kind::Account), ("contact_id", Kind::Contact)];
    links.into_iter().find_map(|(key, kind)| {
        Some((RecordRef::new(kind, row.record.link(key)?), row.names.get(key).cloned().unwrap_or_default()))
    })
}
