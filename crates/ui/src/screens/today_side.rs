//! What stands beside the tasks of the day: four figures, today's meetings, what was looked at lately.

use egui::{Align2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use model::StageKind;

use super::today::TodayView;
use crate::act::Act;
use crate::feed::Slot;
use crate::present::format::{money_compact, time_of_day};
use crate::routes::Screen;
use crate::scene::{Scene, Width};
use crate::theme::{Type, space, tokens};
use crate::widgets::{card, focus_ring, label, paint, paint_icon};

const RECENT_SHOWN: usize = 6;

/// Draws the four figures; each leads to what is behind it.
pub(super) fn tiles(ui: &mut Ui, scene: &Scene<'_>, view: &TodayView<'_>, out: &mut Vec<Act>) {
    let currency = &scene.settings.currency;
    let closing = view.feed.list(Slot::Closing).map_or(0, |list| list.sum_cents);
    let columns = || view.feed.sums().into_iter().flat_map(|board| &board.columns);
    let of = |kind: StageKind| columns().filter(move |column| column.stage.kind == kind);
    let money = |cents: i64| money_compact(cents, currency);
    let tiles = [
        ("Open value", money(of(StageKind::Open).map(|column| column.sum_cents).sum()), ""),
        ("Weighted", money(of(StageKind::Open).map(|column| column.weighted_cents).sum()), ""),
        ("Closing this month", money(closing), "open,closing"),
        ("Won this month", money(of(StageKind::Won).map(|column| column.month_cents).sum()), "won,wonmonth"),
    ];
    let columns = if scene.width == Width::Medium { 4.0 } else { 2.0 };
    let width = ((ui.available_width() - space::S * (columns - 1.0)) / columns).floor();
    let origin = ui.cursor().min;
    let mut bottom = origin.y;
    for (index, (name, figure, filter)) in tiles.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "one of four")]
        let (column, line) = ((index as f32) % columns, (index as f32 / columns).floor());
        let min = pos2(origin.x + column * (width + space::S), origin.y + line * (76.0 + space::S));
        let rect = Rect::from_min_size(min, vec2(width, 76.0));
        bottom = bottom.max(rect.bottom());
        if tile(ui, rect, name, figure).clicked() {
            out.push(Act::Go(if filter.is_empty() { Screen::Pipeline } else { Screen::List(model::Kind::Lead) }));
            if !filter.is_empty() {
                out.push(Act::Filter("f", (*filter).to_owned()));
            }
            out.push(Act::Filter("owner", owner_word(view.who)));
        }
    }
    ui.advance_cursor_after_rect(Rect::from_min_max(origin, pos2(origin.x + 10.0, bottom)));
}

/// Whose leads are behind the figures, as the address of their list says it; only administrators see others' days.
fn owner_word(who: &str) -> String {
    match who {
        "" => "me".to_owned(),
        "all" => String::new(),
        person => person.to_owned(),
    }
}

fn tile(ui: &Ui, rect: Rect, name: &str, figure: &str) -> Response {
    let t = tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("tile", name)), Sense::click());
    let spoken = format!("{name}: {figure}");
    crate::widgets::button::describe(&response, &spoken, None, None);
    let border = if response.hovered() { t.input_border } else { t.border };
    ui.painter().rect(rect, 8, t.surface, egui::Stroke::new(1.0, border), egui::StrokeKind::Inside);
    let at = |y: f32| (pos2(rect.left() + 12.0, rect.top() + y), Align2::LEFT_CENTER);
    paint(ui, at(20.0), name, (Type::Caption, t.text_2), rect.width() - 24.0);
    paint(ui, at(50.0), figure, (Type::Heading, t.text), rect.width() - 24.0);
    focus_ring(ui, &response, rect, 8);
    response
}

/// Draws today's meetings and what was looked at lately.
pub(super) fn side_ui(ui: &mut Ui, scene: &Scene<'_>, view: &TodayView<'_>, out: &mut Vec<Act>) {
    let meetings = view.feed.list(Slot::Meetings).map(|list| list.rows.as_slice()).unwrap_or_default();
    let meetings: Vec<Entry> = meetings.iter().filter_map(|row| meeting(scene, row)).collect();
    section(ui, "Today's meetings", &meetings, out);
    let recent = view.recent.iter().take(RECENT_SHOWN).filter_map(|(record, name)| {
        let icon = crate::words::kind_icon(record.kind);
        Some(Entry { icon, text: name.clone(), detail: String::new(), screen: Screen::of(*record)? })
    });
    section(ui, "Recently viewed", &recent.collect::<Vec<_>>(), out);
}

struct Entry {
    icon: &'static str,
    text: String,
    detail: String,
    screen: Screen,
}

fn meeting(scene: &Scene<'_>, row: &model::query::Row) -> Option<Entry> {
    let record = &row.record;
    let links =
        [("lead_id", model::Kind::Lead), ("contact_id", model::Kind::Contact), ("account_id", model::Kind::Account)];
    let (kind, id) = links.into_iter().find_map(|(key, kind)| Some((kind, record.link(key)?)))?;
    let screen = Screen::of(model::RecordRef::new(kind, id))?;
    let detail = record.time("occurred_at").map(|at| time_of_day(at, scene.zone)).unwrap_or_default();
    Some(Entry { icon: crate::icons::MEETING, text: record.display_name(), detail, screen })
}

fn section(ui: &mut Ui, heading: &str, entries: &[Entry], out: &mut Vec<Act>) {
    if entries.is_empty() {
        return;
    }
    let t = tokens(ui);
    ui.add_space(space::S);
    label(ui, heading, Type::Label, t.text);
    card(ui, 4, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for entry in entries {
            let tall = ui.spacing().interact_size.y.max(32.0);
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tall), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &entry.text));
            if response.hovered() {
                ui.painter().rect_filled(rect, 6, t.surface_2);
            }
            let y = rect.center().y;
            paint_icon(ui, pos2(rect.left() + 16.0, y), entry.icon, 16.0, t.text_2);
            let right = (pos2(rect.right() - 8.0, y), Align2::RIGHT_CENTER);
            let detail = paint(ui, right, &entry.detail, (Type::Caption, t.text_3), 60.0);
            let left = (pos2(rect.left() + 32.0, y), Align2::LEFT_CENTER);
            paint(ui, left, &entry.text, (Type::Dense, t.text), detail.left() - rect.left() - 40.0);
            focus_ring(ui, &response, rect, 6);
            if response.clicked() {
                out.push(Act::Go(entry.screen));
            }
        }
    });
}
