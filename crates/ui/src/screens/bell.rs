//! The bell in the header: reminders whose moment has come, and what can be done with each.

use egui::{Role, Sense, Ui, vec2};
use model::reminder::{self, Reminder};
use model::time::DAY_MILLIS;
use model::{Action, FieldChanges, Kind, RecordRef, Timestamp};

use super::shell::ShellView;
use crate::act::Act;
use crate::app::Effect;
use crate::icons;
use crate::present::due_pill;
use crate::present::format::many;
use crate::reminders::{Notifications, dismiss_all};
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::menu::panel;
use crate::widgets::text::tip;
use crate::widgets::{Button, Look, cut, focus_ring, label, paint, paint_icon, paragraph, pill};

/// Reminders that show; the others are counted.
const SHOWN: usize = 20;
const WIDTH: f32 = 360.0;

/// Draws the button with its badge, and the list that opens from it.
pub(super) fn bell_ui(ui: &mut Ui, scene: &Scene<'_>, view: &ShellView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let side = ui.spacing().interact_size.y;
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
    let count = view.reminders.len() as u64;
    let name = if count == 0 { "Reminders".to_owned() } else { many(count, "reminder", "reminders") };
    crate::widgets::button::describe(&response, &name, None, None);
    if response.hovered() {
        ui.painter().rect_filled(rect, 6, t.surface_2);
    }
    paint_icon(ui, rect.center(), icons::BELL, 18.0, t.text_2);
    if count > 0 {
        badge(ui, rect, count);
    }
    focus_ring(ui, &response, rect, 6);
    let response = tip(response, &name);
    let width = WIDTH.min(ui.ctx().content_rect().width() - 24.0);
    panel(&response, width, |ui| list_ui(ui, scene, view, out));
}

fn badge(ui: &Ui, rect: egui::Rect, count: u64) {
    let t = tokens(ui);
    let center = rect.center() + vec2(8.0, -8.0);
    ui.painter().circle_filled(center, 8.0, t.danger);
    let text = if count > 9 { "9+".to_owned() } else { count.to_string() };
    paint(ui, (center, egui::Align2::CENTER_CENTER), &text, (Type::CaptionStrong, t.surface), 20.0);
}

fn list_ui(ui: &mut Ui, scene: &Scene<'_>, view: &ShellView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    egui::Frame::new().inner_margin(8).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.horizontal(|ui| {
            label(ui, "Reminders", Type::Label, t.text);
            let right = egui::Layout::right_to_left(egui::Align::Center);
            ui.with_layout(right, |ui| {
                if view.reminders.len() > 1 && Button::quiet("Dismiss all").show(ui).clicked() {
                    out.push(Act::Do(dismiss_all(view.reminders, scene.now)));
                }
            });
        });
        if view.reminders.is_empty() {
            let text = "Nothing to be reminded of. Timed tasks remind 15 minutes before, tasks for a day at 9:00.";
            paragraph(ui, text, Type::Dense, t.text_2);
        }
        let room = (ui.ctx().content_rect().height() - 200.0).max(160.0);
        egui::ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, |ui| {
            for reminder in view.reminders.iter().take(SHOWN) {
                reminder_ui(ui, scene, reminder, out);
            }
        });
        let more = view.reminders.len().saturating_sub(SHOWN) as u64;
        if more > 0 {
            label(ui, &format!("and {more} more"), Type::Caption, t.text_2);
        }
        outside_ui(ui, view.notifications, out);
    });
}

fn reminder_ui(ui: &mut Ui, scene: &Scene<'_>, reminder: &Reminder, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let title = &reminder.title;
    let border = egui::Stroke::new(1.0, t.border);
    egui::Frame::new().stroke(border).corner_radius(8).inner_margin(10).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        title_link(ui, reminder, out);
        ui.horizontal(|ui| {
            pill(ui, &due_pill(scene, reminder.due_at, title));
            let screen = reminder.about.and_then(Screen::of).filter(|_| !reminder.about_name.is_empty());
            if let Some(screen) = screen {
                about_link(ui, &reminder.about_name, screen, out);
            }
        });
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
            let small = |ui: &mut Ui, word: &str, name: &str| {
                Button::new(word).look(Look::Chip).name(&format!("{name}: {title}")).show(ui).clicked()
            };
            if small(ui, "Done", "Done") {
                let about = reminder.about.map(|about| (about, reminder.about_name.clone()));
                out.push(Act::Finish(reminder.task, about));
            }
            if small(ui, "1 h", "Remind in an hour") {
                out.push(write(reminder, reminder::snooze(scene.now.plus_millis(DAY_MILLIS / 24))));
            }
            if small(ui, "Tomorrow", "Remind tomorrow") {
                out.push(write(reminder, reminder::snooze(tomorrow(scene))));
            }
            if small(ui, "Dismiss", "Dismiss") {
                out.push(write(reminder, reminder::read(scene.now)));
            }
        });
    });
}

/// The task's title: a click edits the task.
fn title_link(ui: &mut Ui, reminder: &Reminder, out: &mut Vec<Act>) {
    let response = paragraph(ui, &reminder.title, Type::Label, tokens(ui).text).interact(Sense::click());
    crate::widgets::button::describe(&response, &format!("Edit {}", reminder.title), None, None);
    focus_ring(ui, &response, response.rect.expand(2.0), 4);
    if response.clicked() {
        out.push(Act::Edit(RecordRef::new(Kind::Task, reminder.task)));
    }
}

/// Nine in the morning of the next day.
fn tomorrow(scene: &Scene<'_>) -> Timestamp {
    scene.today.plus_days(1).hour_in(9, scene.zone)
}

fn write(reminder: &Reminder, fields: FieldChanges) -> Act {
    let record = RecordRef::new(Kind::Task, reminder.task);
    Act::Quietly(Action::SetFields { record, base_heads: Vec::new(), fields })
}

fn about_link(ui: &mut Ui, name: &str, screen: Screen, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let response = cut(ui, name, Type::Dense, t.text_2).interact(Sense::click());
    let spoken = format!("Open {name}");
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Link, true, &spoken));
    focus_ring(ui, &response, response.rect.expand(2.0), 4);
    if response.clicked() {
        egui::Popup::close_all(ui.ctx());
        out.push(Act::Go(screen));
    }
}

/// In a browser: whether reminders are told outside the tab as well.
fn outside_ui(ui: &mut Ui, notifications: Notifications, out: &mut Vec<Act>) {
    let t = tokens(ui);
    match notifications {
        Notifications::NotAsked => {
            if Button::new("Notify me outside this tab…").icon(icons::BELL).fill().show(ui).clicked() {
                out.push(Act::Shell(Effect::AskToNotify));
            }
        }
        Notifications::Blocked => {
            let text = "The browser blocks notifications of this site. Its address bar lets you allow them.";
            paragraph(ui, text, Type::Caption, t.text_2);
        }
        Notifications::Allowed | Notifications::Missing => {}
    }
}
