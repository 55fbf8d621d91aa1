//! Tasks and leads as rows, on Today and on pages.

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};
use model::query::Row;
use model::{Action, Kind, RecordRef};

use super::assign::AssignForm;
use crate::act::Act;
use crate::dialog::Dialog;
use crate::icons;
use crate::present::due_pill;
use crate::present::format::money_compact;
use crate::routes::Screen;
use crate::scene::Scene;
use crate::tasks::{NextStep, later, put_off};
use crate::theme::{Type, space, tokens};
use crate::widgets::menu::{Item, heading, menu};
use crate::widgets::pill::paint_pill_right;
use crate::widgets::{Button, Look, card, focus_ring, hairline, label, paint, paint_icon};

/// Room for the button at a row's end.
const MORE: f32 = 32.0;

/// The height of a row.
pub(crate) const fn row_height(touch: bool) -> f32 {
    if touch { 56.0 } else { 44.0 }
}

/// A card of rows.
pub(crate) fn rows_ui<'a>(
    ui: &mut Ui,
    scene: &Scene<'_>,
    rows: impl IntoIterator<Item = &'a Row>,
    mut draw: impl FnMut(&mut Ui, Rect, &'a Row),
) {
    card(ui, 0, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(ui.available_width());
        for (index, row) in rows.into_iter().enumerate() {
            let size = vec2(ui.available_width(), row_height(scene.touch));
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            if index > 0 {
                hairline(ui, rect.left_top() + vec2(12.0, 0.0), rect.right_top() - vec2(12.0, 0.0));
            }
            draw(ui, rect, row);
        }
    });
}

/// Rows that show before somebody asks for more.
const STEP: usize = 100;

/// A card of the first rows, and a button for the next ones; what is not at hand is counted.
pub(super) fn long_rows_ui<'a>(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (rows, total, what): (&[&'a Row], u64, &str),
    draw: impl FnMut(&mut Ui, Rect, &'a Row),
) {
    let id = ui.scope_id().with(("rows shown", what));
    let shown: usize = ui.data(|data| data.get_temp(id)).unwrap_or(STEP);
    rows_ui(ui, scene, rows.iter().copied().take(shown), draw);
    if shown < rows.len() {
        let more = (rows.len() - shown).min(STEP);
        if Button::quiet(&format!("Show {more} more")).icon(icons::DOWN).show(ui).clicked() {
            ui.data_mut(|data| data.insert_temp(id, shown + STEP));
        }
    } else if (rows.len() as u64) < total {
        crate::widgets::caption(ui, &format!("The first {} of {total} {what} show", rows.len()));
    }
}

/// What a task is about, where that has a page.
pub(crate) fn about(task: &Row) -> Option<(RecordRef, String)> {
    let kind = task.record.text("linked_type").parse::<Kind>().ok()?;
    let about = RecordRef::new(kind, task.record.link("linked_id")?);
    Some((about, task.names.get("linked_id")?.clone()))
}

/// A task as a row: check box, title, what it is about, when it is due, what can be done with it.
pub(crate) fn task_row(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let task = &row.record;
    let done = task.text("status") != "open";
    let denied = scene.denied_edit(task);
    check_ui(ui, rect, (row, denied.as_deref(), done), out);
    let over = ui.rect_contains_pointer(rect);
    more_ui(ui, rect, scene, (row, denied.as_deref(), over), out);
    let pill = due_pill(scene, task.time("due_at"), &task.display_name());
    let right = pos2(rect.right() - MORE - 8.0, rect.center().y);
    let end = if done { right.x } else { paint_pill_right(ui, right, &pill, 140.0).left() };
    let name = row.names.get("linked_id").cloned().unwrap_or_default();
    let left = rect.left() + 44.0;
    let room = end - left - 8.0;
    let ink = if done { t.text_3 } else { t.text };
    if scene.is_compact() && !name.is_empty() {
        let top = (pos2(left, rect.center().y - 9.0), Align2::LEFT_CENTER);
        let title = paint(ui, top, &task.display_name(), (Type::Body, ink), room);
        let upper = rect.with_max_y(rect.center().y);
        title_ui(ui, upper.with_min_x(left).with_max_x(title.right()), row, out);
        let low = Rect::from_center_size(rect.center() + vec2(0.0, 10.0), vec2(rect.width(), 18.0));
        about_link(ui, low, (row, &name), (left, end - 8.0), out);
        return;
    }
    let at = (pos2(left, rect.center().y), Align2::LEFT_CENTER);
    let title_room = if name.is_empty() { room } else { room * 0.6 };
    let title = paint(ui, at, &task.display_name(), (Type::Body, ink), title_room);
    title_ui(ui, rect.with_min_x(left).with_max_x(title.right()), row, out);
    let mut from = title.right() + 12.0;
    if task.text("priority") == "high" && !done {
        paint_icon(ui, pos2(from + 4.0, rect.center().y), icons::FLAG, 14.0, t.danger);
        from += 20.0;
    }
    about_link(ui, rect, (row, &name), (from, end - 12.0), out);
}

/// A task's title: a click edits the task.
fn title_ui(ui: &Ui, rect: Rect, row: &Row, out: &mut Vec<Act>) {
    let task = &row.record;
    let hit = rect.expand2(vec2(4.0, 0.0)).shrink2(vec2(0.0, 4.0));
    let id = egui::Id::unique(("task title", task.id, rect.top().to_bits()));
    let response = ui.interact(hit, id, Sense::click());
    // Named after a record, as every link to one is.
    let spoken = format!("Edit {}", task.display_name());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &spoken));
    if response.hovered() {
        let low = pos2(rect.left(), rect.center().y + 9.0);
        hairline(ui, low, pos2(rect.right(), low.y));
    }
    focus_ring(ui, &response, hit, 4);
    if response.clicked() {
        out.push(Act::Edit(task.reference()));
    }
}

fn check_ui(ui: &Ui, rect: Rect, (row, denied, done): (&Row, Option<&str>, bool), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let task = &row.record;
    let hit = Rect::from_center_size(pos2(rect.left() + 22.0, rect.center().y), vec2(28.0, 28.0));
    let sense = if denied.is_some() { Sense::hover() } else { Sense::click() };
    let check = ui.interact(hit, egui::Id::unique(("check", task.id, rect.top().to_bits())), sense);
    let name = format!("Done: {}", task.display_name());
    check.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, denied.is_none(), done, &name));
    let ink = if done || check.hovered() { t.success } else { t.input_border };
    let mark = if done || check.hovered() { icons::SUCCESS } else { icons::CIRCLE };
    paint_icon(ui, hit.center(), mark, 20.0, ink);
    focus_ring(ui, &check, hit, 14);
    if check.clicked() && done {
        out.push(Act::Do(Action::SetTaskDone { task: task.id, done: false }));
    } else if check.clicked() {
        out.push(Act::Finish(task.id, about(row)));
    }
    crate::widgets::text::tip(check, denied.unwrap_or(if done { "Open again" } else { "Done" }));
}

fn more_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (row, denied, over): (&Row, Option<&str>, bool),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let task = &row.record;
    let spot = Rect::from_center_size(pos2(rect.right() - MORE / 2.0 - 4.0, rect.center().y), vec2(28.0, 28.0));
    let id = egui::Id::unique(("task more", task.id, rect.top().to_bits()));
    let response = ui.interact(spot, id, Sense::click());
    crate::widgets::button::describe(&response, &format!("Actions for {}", task.display_name()), None, None);
    if response.hovered() {
        ui.painter().rect_filled(spot, 6, t.surface_2);
    }
    if over || scene.touch || response.has_focus() || egui::Popup::is_id_open(ui.ctx(), response.id) {
        paint_icon(ui, spot.center(), icons::MORE, 16.0, t.text_2);
    }
    focus_ring(ui, &response, spot, 6);
    menu(&response, 200.0, |ui| task_items(ui, scene, (row, denied), out));
}

fn task_items(ui: &mut Ui, scene: &Scene<'_>, (row, denied): (&Row, Option<&str>), out: &mut Vec<Act>) {
    let task = row.record.id;
    if (Item { disabled: denied, ..Item::new(icons::PENCIL, "Edit…") }).show(ui) {
        out.push(Act::Edit(row.record.reference()));
    }
    if let Some((about, name)) = about(row) {
        if let Some(screen) = Screen::of(about)
            && Item::new(icons::OPEN, &format!("Open {name}")).show(ui)
        {
            out.push(Act::Go(screen));
        }
        if (Item { disabled: denied, ..Item::new(icons::NOTE, "Log and check off…") }).show(ui) {
            out.push(Act::LogAndFinish(about, task));
        }
    }
    heading(ui, "Put off");
    for (words, due, all_day) in later(scene) {
        if (Item { disabled: denied, ..Item::new(icons::CLOCK, &words) }).show(ui) {
            out.push(Act::Do(put_off(task, due, all_day)));
        }
    }
    if (Item { disabled: denied, ..Item::new(icons::CALENDAR, "Pick a day…") }).show(ui) {
        out.push(Act::AskWhen(task, row.record.display_name()));
    }
    remind_items(ui, (row, denied), out);
    assign_items(ui, scene, (row, denied), out);
    heading(ui, "");
    if (Item { disabled: denied, ..Item::new(icons::TRASH, "Move to trash") }).show(ui) {
        out.push(Act::Do(Action::Delete(vec![row.record.reference()])));
    }
}

fn remind_items(ui: &mut Ui, (row, denied): (&Row, Option<&str>), out: &mut Vec<Act>) {
    let task = &row.record;
    let Some(due) = task.time("due_at").filter(|_| task.text("status") == "open") else { return };
    heading(ui, "Remind");
    for (words, at) in crate::tasks::reminders(due, task.flag("all_day")) {
        let selected = task.time("reminder_at") == at;
        if (Item { disabled: denied, selected, ..Item::new(icons::BELL, words) }).show(ui) {
            out.push(Act::Do(crate::tasks::remind_at(task.id, at)));
        }
    }
}

fn assign_items(ui: &mut Ui, scene: &Scene<'_>, (row, denied): (&Row, Option<&str>), out: &mut Vec<Act>) {
    let active = scene.people.iter().filter(|person| person.get("disabled_at").is_none());
    if active.count() < 2 {
        return;
    }
    heading(ui, "");
    if (Item { disabled: denied, ..Item::new(icons::PERSON, "Assign to…") }).show(ui) {
        out.push(Act::Open(Box::new(Dialog::Assign(AssignForm::new(&row.record)))));
    }
}

fn about_link(ui: &Ui, rect: Rect, (row, name): (&Row, &str), (left, right): (f32, f32), out: &mut Vec<Act>) {
    let screen = about(row).and_then(|(about, _)| Screen::of(about));
    let Some(screen) = screen.filter(|_| !name.is_empty() && right - left > 40.0) else { return };
    let t = tokens(ui);
    let at = (pos2(left, rect.center().y), Align2::LEFT_CENTER);
    let galley = ui.painter().layout_job(crate::theme::job(name, Type::Dense, t.text_2, right - left));
    let hit = at.1.anchor_size(at.0, galley.size()).expand2(vec2(4.0, 6.0));
    let link = ui.interact(hit, egui::Id::unique(("about", row.record.id, rect.top().to_bits())), Sense::click());
    let spoken = format!("Open {name}");
    link.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &spoken));
    let ink = if link.hovered() { t.accent } else { t.text_2 };
    paint(ui, at, name, (Type::Dense, ink), right - left);
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

/// Asks for the next step of what the finished task was about.
pub(crate) fn next_step_ui(ui: &mut Ui, next: &NextStep, out: &mut Vec<Act>) {
    const DAYS: [(&str, Option<i32>); 4] = [("Tomorrow", Some(1)), ("+3d", Some(3)), ("+1w", Some(7)), ("None", None)];
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.accent_soft).corner_radius(8).inner_margin(egui::Margin::symmetric(12, 6));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            crate::widgets::icon(ui, icons::FLAG, 16.0, t.accent);
            let name: String = next.name.chars().take(60).collect();
            label(ui, &format!("Next step for {name}?"), Type::Label, t.text);
            for (word, days) in DAYS {
                let name = format!("Next step: {word}");
                if Button::new(word).look(Look::Secondary).name(&name).show(ui).clicked() {
                    out.push(Act::NextStep(days));
                }
            }
        });
    });
}
