//! Today: my tasks, leads without a next step, and four figures.

use std::collections::BTreeMap;

use egui::{Align2, Rect, Response, Sense, Ui, UiBuilder, pos2, vec2};
use model::query::{Condition, ListQuery, Op, Overview, Query, Row, Sort};
use model::time::DAY_MILLIS;
use model::{Action, Date, Kind, RecordRef, Value};

use crate::act::Act;
use crate::dialog::Dialog;
use crate::feed::{Feed, Slot};
use crate::icons;
use crate::present::format::{day_heading, grouped, money_compact};
use crate::present::{due_pill, format};
use crate::routes::Screen;
use crate::scene::{Scene, Width};
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::pill::paint_pill_right;
use crate::widgets::{Button, card, focus_ring, hairline, label, paint, paint_icon};

/// What Today is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TodayView<'a> {
    /// The answers.
    pub(crate) feed: &'a Feed,
}

/// The queries of this screen.
pub(crate) fn needs(scene: &Scene<'_>) -> BTreeMap<Slot, Query> {
    let mut needs = BTreeMap::new();
    let Some(me) = scene.my_id() else { return needs };
    let mine = Condition { field: "owner_id".into(), op: Op::Is, values: vec![Value::Id(me)] };
    let is = |field: &str, value: Value| Condition { field: field.into(), op: Op::Is, values: vec![value] };
    let week = scene.today.plus_days(8).start_in(scene.zone);
    let due = Condition { field: "due_at".into(), op: Op::Under, values: vec![week.into()] };
    needs.insert(
        Slot::Tasks,
        Query::List(ListQuery {
            filter: vec![mine.clone(), is("status", "open".into()), due],
            sort: vec![Sort { field: "due_at".into(), descending: false }],
            ..ListQuery::of(Kind::Task)
        }),
    );
    needs.insert(
        Slot::NoNextStep,
        Query::List(ListQuery {
            filter: vec![mine, is("status", "open".into()), is("no_next_step", true.into())],
            sort: vec![Sort { field: "value_cents".into(), descending: true }],
            limit: 5,
            ..ListQuery::of(Kind::Lead)
        }),
    );
    let (first, last) = scene.month();
    let closing =
        Condition { field: "expected_close_date".into(), op: Op::Between, values: vec![first.into(), last.into()] };
    needs.insert(
        Slot::Closing,
        Query::List(ListQuery {
            filter: vec![is("status", "open".into()), closing],
            limit: 1,
            ..ListQuery::of(Kind::Lead)
        }),
    );
    needs
}

/// Draws Today.
pub(crate) fn today_ui(ui: &mut Ui, scene: &Scene<'_>, view: &TodayView<'_>, out: &mut Vec<Act>) {
    let Some(overview) = view.feed.overview() else { return };
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let margin = if scene.is_compact() { space::M } else { space::L };
        let width = (ui.available_width() - 2.0 * margin).min(1080.0);
        let left = ui.max_rect().left() + margin;
        let top = ui.max_rect().top() + margin;
        let side = scene.width == Width::Expanded;
        let main_width = if side { width - 300.0 - space::XL } else { width };
        let main = Rect::from_min_size(pos2(left, top), vec2(main_width, f32::INFINITY));
        let main = ui.scope_builder(UiBuilder::new().max_rect(main), |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.set_width(main_width);
            if !side {
                tiles(ui, scene, (overview, view.feed), out);
                ui.add_space(space::M);
            }
            tasks(ui, scene, (overview, view.feed), out);
            ui.add_space(space::XL);
        });
        if side {
            let rest = Rect::from_min_size(pos2(left + main_width + space::XL, top), vec2(300.0, 400.0));
            ui.scope_builder(UiBuilder::new().max_rect(rest), |ui| {
                ui.spacing_mut().item_spacing.y = space::S;
                tiles(ui, scene, (overview, view.feed), out);
            });
        }
        ui.advance_cursor_after_rect(main.response.rect);
    });
}

fn tiles(ui: &mut Ui, scene: &Scene<'_>, (overview, feed): (&Overview, &Feed), out: &mut Vec<Act>) {
    let currency = &scene.settings.currency;
    let closing = feed.list(Slot::Closing).map_or(0, |list| list.sum_cents);
    let money = |cents: i64| money_compact(cents, currency);
    let tiles = [
        ("Open value", money(overview.open_cents), ""),
        ("Weighted", money(overview.weighted_cents), ""),
        ("Closing this month", money(closing), "open,closing"),
        ("Won this month", money(overview.won_this_month_cents), "won"),
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
            out.push(Act::Go(if filter.is_empty() { Screen::Pipeline } else { Screen::List(Kind::Lead) }));
            if !filter.is_empty() {
                out.push(Act::Filter("f", (*filter).to_owned()));
            }
        }
    }
    ui.advance_cursor_after_rect(Rect::from_min_max(origin, pos2(origin.x + 10.0, bottom)));
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

fn tasks(ui: &mut Ui, scene: &Scene<'_>, (overview, feed): (&Overview, &Feed), out: &mut Vec<Act>) {
    let leads = overview.counts.get(&Kind::Lead).copied().unwrap_or(0);
    let rows = feed.list(Slot::Tasks).map(|list| list.rows.as_slice()).unwrap_or_default();
    if leads == 0 && rows.is_empty() {
        first_run(ui, out);
        return;
    }
    let unplanned = feed.list(Slot::NoNextStep);
    if rows.is_empty() {
        nothing_due(ui, unplanned.map_or(0, |list| list.total), out);
    }
    for (heading, late, rows) in groups(rows, scene) {
        group(ui, scene, (&heading, late), &rows, out);
    }
    if let Some(list) = unplanned.filter(|list| list.total > 0) {
        let heading = format!("No next step · {}", grouped(list.total));
        group(ui, scene, (&heading, false), &list.rows.iter().collect::<Vec<_>>(), out);
    }
}

fn first_run(ui: &mut Ui, out: &mut Vec<Act>) {
    let empty = Empty {
        icon: icons::SPARKLE,
        title: "Welcome to TrailTrack",
        text: "Add your first lead, bring your data along, or look around with sample data.",
        actions: &["Add a lead", "Import", "Try sample data"],
    };
    card(ui, 16, |ui| match empty.show(ui) {
        Some(0) => out.push(Act::New(Kind::Lead, None)),
        Some(1) => out.push(Act::Go(Screen::Import)),
        Some(_) => out.push(Act::Open(Box::new(Dialog::Sample))),
        None => {}
    });
}

fn nothing_due(ui: &mut Ui, unplanned: u64, out: &mut Vec<Act>) {
    let t = tokens(ui);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            crate::widgets::icon(ui, icons::SUCCESS, 20.0, t.success);
            let text = match unplanned {
                0 => "Nothing due in the next 7 days.".to_owned(),
                count => format!("Nothing due. {} no next step.", format::many(count, "lead has", "leads have")),
            };
            label(ui, &text, Type::Body, t.text);
            if unplanned > 0 && Button::new("Plan them").show(ui).clicked() {
                out.push(Act::Go(Screen::List(Kind::Lead)));
                out.push(Act::Filter("f", "open,mine,unplanned".into()));
            }
        });
    });
}

type Group<'a> = (String, bool, Vec<&'a Row>);

fn groups<'a>(rows: &'a [Row], scene: &Scene<'_>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let day = |row: &Row| -> Option<Date> { row.record.time("due_at").map(|due| due.date_in(scene.zone)) };
    for row in rows {
        let (heading, late) = match day(row) {
            Some(day) if day < scene.today => ("Overdue".to_owned(), true),
            Some(day) if day == scene.today => ("Due today".to_owned(), false),
            Some(day) => (day_heading(day, scene.today), false),
            None => continue,
        };
        match groups.last_mut().filter(|(last, ..)| *last == heading) {
            Some((.., rows)) => rows.push(row),
            None => groups.push((heading, late, vec![row])),
        }
    }
    groups
}

fn group(ui: &mut Ui, scene: &Scene<'_>, (heading, late): (&str, bool), rows: &[&Row], out: &mut Vec<Act>) {
    let t = tokens(ui);
    ui.add_space(space::XS);
    let ink = if late { t.danger } else { t.text };
    label(ui, heading, Type::Label, ink);
    card(ui, 0, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(ui.available_width());
        for (index, row) in rows.iter().enumerate() {
            let step = if scene.touch { 56.0 } else { 44.0 };
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), step), Sense::hover());
            if index > 0 {
                hairline(ui, rect.left_top() + vec2(12.0, 0.0), rect.right_top() - vec2(12.0, 0.0));
            }
            match row.record.kind {
                Kind::Task => task_row(ui, rect, scene, row, out),
                _ => lead_row(ui, rect, scene, row, out),
            }
        }
    });
}

/// A task as a row: check box, title, what it is about, when it is due.
pub(crate) fn task_row(ui: &Ui, rect: Rect, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let task = &row.record;
    let done = task.text("status") != "open";
    let hit = Rect::from_center_size(pos2(rect.left() + 22.0, rect.center().y), vec2(28.0, 28.0));
    let denied = scene.denied_edit(task);
    let sense = if denied.is_some() { Sense::hover() } else { Sense::click() };
    let check = ui.interact(hit, egui::Id::unique(("check", task.id, rect.top().to_bits())), sense);
    let name = format!("Done: {}", task.display_name());
    check.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, denied.is_none(), done, &name));
    let ink = if done || check.hovered() { t.success } else { t.input_border };
    let mark = if done { icons::SUCCESS } else { icons::CIRCLE };
    paint_icon(ui, hit.center(), mark, 20.0, ink);
    focus_ring(ui, &check, hit, 14);
    if check.clicked() {
        out.push(Act::Do(Action::SetTaskDone { task: task.id, done: !done }));
    }
    crate::widgets::text::tip(check, denied.as_deref().unwrap_or("Done"));
    let pill = due_pill(scene, task.time("due_at"), &task.display_name());
    let right = pos2(rect.right() - 12.0, rect.center().y);
    let end = if done { right.x } else { paint_pill_right(ui, right, &pill, 140.0).left() };
    let about = row.names.get("linked_id").cloned().unwrap_or_default();
    let left = rect.left() + 44.0;
    let room = end - left - 8.0;
    let ink = if done { t.text_3 } else { t.text };
    if rect.height() > 50.0 && !about.is_empty() {
        let top = (pos2(left, rect.top() + 19.0), Align2::LEFT_CENTER);
        paint(ui, top, &task.display_name(), (Type::Body, ink), room);
        let low = rect.with_min_y(rect.top() + 18.0);
        about_link(ui, low, (row, &about), (left, end - 8.0), out);
        return;
    }
    let at = (pos2(left, rect.center().y), Align2::LEFT_CENTER);
    let title =
        paint(ui, at, &task.display_name(), (Type::Body, ink), if about.is_empty() { room } else { room * 0.6 });
    let mut from = title.right() + 12.0;
    if task.text("priority") == "high" && !done {
        paint_icon(ui, pos2(from + 4.0, rect.center().y), icons::FLAG, 14.0, t.danger);
        from += 20.0;
    }
    about_link(ui, rect, (row, &about), (from, end - 12.0), out);
}

fn about_link(ui: &Ui, rect: Rect, (row, about): (&Row, &str), (left, right): (f32, f32), out: &mut Vec<Act>) {
    let kind = row.record.text("linked_type").parse::<Kind>().ok();
    let screen = kind.zip(row.record.link("linked_id")).and_then(|(kind, id)| Screen::of(RecordRef::new(kind, id)));
    let Some(screen) = screen.filter(|_| !about.is_empty() && right - left > 40.0) else { return };
    let t = tokens(ui);
    let at = (pos2(left, rect.center().y), Align2::LEFT_CENTER);
    let galley = ui.painter().layout_job(crate::theme::job(about, Type::Dense, t.text_2, right - left));
    let hit = at.1.anchor_size(at.0, galley.size()).expand2(vec2(4.0, 6.0));
    let link = ui.interact(hit, egui::Id::unique(("about", row.record.id, rect.top().to_bits())), Sense::click());
    let name = format!("Open {about}");
    link.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &name));
    let ink = if link.hovered() { t.accent } else { t.text_2 };
    paint(ui, at, about, (Type::Dense, ink), right - left);
    focus_ring(ui, &link, hit, 4);
    if link.clicked() {
        out.push(Act::Go(screen));
    }
}

/// A lead as a row: title, account, value, next step.
pub(crate) fn lead_row(ui: &Ui, rect: Rect, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let id = egui::Id::unique(("lead row", row.record.id, rect.top().to_bits()));
    let response = ui.interact(rect, id, Sense::click());
    let name = row.record.display_name();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect.shrink(1.0), 6, t.surface_2);
    }
    focus_ring(ui, &response, rect.shrink(2.0), 6);
    let value = money_compact(row.record.int("value_cents").unwrap_or(0), &scene.settings.currency);
    let y = rect.center().y;
    let right = (pos2(rect.right() - 12.0, y), Align2::RIGHT_CENTER);
    let mut end = paint(ui, right, &value, (Type::DenseStrong, t.text), 90.0).left() - 12.0;
    if let Some(pill) = crate::present::next_step_pill(scene, row) {
        end = paint_pill_right(ui, pos2(end, y), &pill, 140.0).left() - 12.0;
    }
    let left = rect.left() + 16.0;
    let who = row.names.get("account_id").map(String::as_str).unwrap_or_default();
    let room = end - left;
    let at = (pos2(left, y), Align2::LEFT_CENTER);
    let title = paint(ui, at, &name, (Type::Body, t.text), if who.is_empty() { room } else { room * 0.62 });
    let at = (pos2(title.right() + 10.0, y), Align2::LEFT_CENTER);
    paint(ui, at, who, (Type::Dense, t.text_3), end - title.right() - 10.0);
    if response.clicked() {
        out.push(Act::Go(Screen::Detail(row.record.reference())));
    }
}

/// Days since a moment, for ages.
pub(crate) fn days_since(scene: &Scene<'_>, at: model::Timestamp) -> i64 {
    scene.now.millis_since(at).div_euclid(DAY_MILLIS)
}
