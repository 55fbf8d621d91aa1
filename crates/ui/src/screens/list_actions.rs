//! What can be done with one row of a list without opening it: small buttons at its end, and a menu that a right click
//! opens as well.

use egui::{Id, Popup, Rect, Response, Sense, Ui, pos2, vec2};
use model::query::Row;
use model::{Action, Kind, Record};

use crate::act::Act;
use crate::app::Effect;
use crate::icons;
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::tokens;
use crate::widgets::menu::{Item, heading, menu};
use crate::widgets::text::tip;
use crate::widgets::{focus_ring, paint_icon};

/// The side of a small button.
const SIDE: f32 = 28.0;
/// The side of the dots that a thumb hits.
pub(super) const THUMB: f32 = 44.0;
const WIDTH: f32 = 210.0;

/// Draws the buttons at a row's end while the row is under the pointer or has the keyboard, and its menus.
pub(super) fn end_ui(ui: &mut Ui, scene: &Scene<'_>, (row, response): (&Row, &Response), out: &mut Vec<Act>) {
    context_menu(response, scene, row, out);
    let ids = [0, 1, 2].map(|index| Id::unique(("row action", row.record.id, index)));
    let focused = ui.memory(|memory| memory.focused());
    let in_use = focused.is_some_and(|id| ids.contains(&id) || id == response.id)
        || Popup::is_id_open(ui.ctx(), ids[2].with("popup"));
    let rect = response.rect;
    if !in_use && !ui.rect_contains_pointer(rect) && !scene.touch {
        return;
    }
    let t = tokens(ui);
    // The row may be wider than what shows of it.
    let right = rect.right().min(ui.clip_rect().right()) - 4.0;
    let spot = |index: f32| {
        Rect::from_center_size(
            pos2(right - SIDE * (index + 0.5), rect.center().y),
            vec2(SIDE, SIDE.min(rect.height() - 4.0)),
        )
    };
    let ground = spot(2.0).union(spot(0.0)).expand2(vec2(4.0, 0.0));
    ui.painter().rect_filled(ground, 6, t.surface);
    let record = row.record.reference();
    let name = row.record.display_name();
    let denied = scene.denied_create(Kind::Activity);
    if button(ui, (spot(2.0), ids[0]), (icons::NOTE, &format!("Log activity with {name}")), denied.as_deref()).clicked()
    {
        out.push(Act::QuickLog(Some(record)));
    }
    let denied = scene.denied_create(Kind::Task);
    if button(ui, (spot(1.0), ids[1]), (icons::TASK, &format!("New task for {name}")), denied.as_deref()).clicked() {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    let more = button(ui, (spot(0.0), ids[2]), (icons::MORE, &format!("Actions for {name}")), None);
    menu(&more, WIDTH, |ui| row_items(ui, scene, row, out));
}

/// Draws the dots at the end of a phone's row, which always show; `true` when the row is to be selected.
pub(super) fn dots_ui(ui: &mut Ui, scene: &Scene<'_>, (row, rect): (&Row, Rect), out: &mut Vec<Act>) -> bool {
    let center = pos2(rect.right() - THUMB / 2.0, rect.center().y);
    let spot = Rect::from_center_size(center, vec2(THUMB, THUMB));
    let name = format!("Actions for {}", row.record.display_name());
    let more = button(ui, (spot, Id::unique(("row action", row.record.id, 2))), (icons::MORE, &name), None);
    let mut selected = false;
    menu(&more, WIDTH, |ui| {
        selected = Item::new(icons::CHECK, "Select").show(ui);
        row_items(ui, scene, row, out);
    });
    selected
}

fn context_menu(response: &Response, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    Popup::context_menu(response).width(WIDTH).show(|ui| {
        ui.set_min_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 0.0;
        row_items(ui, scene, row, out);
    });
}

fn button(ui: &Ui, (rect, id): (Rect, Id), (mark, name): (&str, &str), denied: Option<&str>) -> Response {
    let t = tokens(ui);
    let sense = if denied.is_some() { Sense::hover() } else { Sense::click() };
    let response = ui.interact(rect, id, sense);
    crate::widgets::button::describe(&response, name, denied, None);
    if response.hovered() {
        ui.painter().rect_filled(rect, 6, t.surface_3);
    }
    let ink = if denied.is_some() { t.text_3 } else { t.text_2 };
    paint_icon(ui, rect.center(), mark, 16.0, ink);
    focus_ring(ui, &response, rect, 6);
    tip(response, denied.unwrap_or(name))
}

/// The entries of a row's menu.
fn row_items(ui: &mut Ui, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let record = row.record.reference();
    if let Some(screen) = Screen::of(record)
        && Item::new(icons::OPEN, "Open").keys("Enter").show(ui)
    {
        out.push(Act::Go(screen));
    }
    let denied = scene.denied_create(Kind::Activity);
    let denied = denied.as_deref();
    if (Item { disabled: denied, ..Item::new(icons::NOTE, "Log activity…").keys("L") }).show(ui) {
        out.push(Act::QuickLog(Some(record)));
    }
    if (Item { disabled: denied, ..Item::new(icons::TASK, "New task…").keys("T") }).show(ui) {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    if record.kind != Kind::Lead && (Item { disabled: denied, ..Item::new(icons::LEADS, "New lead…") }).show(ui) {
        out.push(Act::New(Kind::Lead, Some(record)));
    }
    reach_items(ui, &row.record, out);
    heading(ui, "");
    let denied = scene.denied_edit(&row.record);
    if (Item { disabled: denied.as_deref(), ..Item::new(icons::TRASH, "Move to trash") }).show(ui) {
        out.push(Act::Do(Action::Delete(vec![record])));
    }
}

/// Writes to, calls and copies what a record can be reached by.
pub(super) fn reach_items(ui: &mut Ui, record: &Record, out: &mut Vec<Act>) {
    let (email, phone) = (record.text("email"), record.text("phone"));
    if !email.is_empty() {
        if Item::new(icons::EMAIL, "Write an email").show(ui) {
            out.push(write_to(email));
        }
        if Item::new(icons::COPY, "Copy email address").show(ui) {
            out.push(copy(email));
        }
    }
    if !phone.is_empty() {
        if Item::new(icons::CALL, "Call").show(ui) {
            out.push(call(phone));
        }
        if Item::new(icons::COPY, "Copy phone number").show(ui) {
            out.push(copy(phone));
        }
    }
}

/// Starts an e-mail to an address.
pub(super) fn write_to(email: &str) -> Act {
    Act::Shell(Effect::OpenUrl(format!("mailto:{email}")))
}

/// Calls a number.
pub(super) fn call(phone: &str) -> Act {
    Act::Shell(Effect::OpenUrl(format!("tel:{}", phone.replace(' ', ""))))
}

/// Puts a text on the clipboard.
pub(super) fn copy(text: &str) -> Act {
    Act::Shell(Effect::CopyText(text.to_owned()))
}
