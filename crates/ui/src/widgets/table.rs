//! The parts of a table: column heads that sort, cells, and rows that are controls.

use egui::{Align, Align2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2};

use super::frame::{focus_ring, hairline};
use super::text::{paint, paint_icon, width_of};
use crate::icons;
use crate::theme::{Type, tokens};

/// A column's head.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// Its words.
    pub text: &'a str,
    /// Sorted by it: descending or not.
    pub sorted: Option<bool>,
    /// Left for words, right for figures.
    pub align: Align,
    /// Whether a click sorts.
    pub sortable: bool,
}

/// Where a column's head has the keyboard.
pub fn head_id(ui: &Ui, text: &str) -> egui::Id {
    ui.scope_id().with(("head", text))
}

/// Draws a head into `rect`; `true` when clicked.
pub fn head_ui(ui: &Ui, rect: Rect, head: &Head<'_>) -> bool {
    let t = tokens(ui);
    let sense = if head.sortable { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, head_id(ui, head.text), sense);
    let name = match head.sorted {
        Some(true) => format!("{}, sorted descending", head.text),
        Some(false) => format!("{}, sorted ascending", head.text),
        None => head.text.to_owned(),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, &name));
    let ink = if head.sorted.is_some() || (response.hovered() && head.sortable) { t.text } else { t.text_3 };
    let mark = match head.sorted {
        Some(true) => icons::ARROW_DOWN,
        Some(false) => icons::ARROW_UP,
        None => "",
    };
    let y = rect.center().y;
    let wide = width_of(ui, head.text, Type::CaptionStrong).min(rect.width() - 16.0);
    let mark_room = if mark.is_empty() { 0.0 } else { 14.0 };
    let left = if head.align == Align::Max { rect.right() - 8.0 - wide - mark_room } else { rect.left() + 8.0 };
    paint(ui, (pos2(left, y), Align2::LEFT_CENTER), head.text, (Type::CaptionStrong, ink), wide + 1.0);
    if !mark.is_empty() {
        paint_icon(ui, pos2(left + wide + 8.0, y), mark, 12.0, ink);
    }
    focus_ring(ui, &response, rect, 4);
    response.clicked()
}

/// A whole row as one control with a name.
pub fn row_ui(ui: &Ui, rect: Rect, id: egui::Id, (name, selected): (&str, bool)) -> Response {
    let t = tokens(ui);
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, name));
    if selected {
        ui.painter().rect_filled(rect, 0, t.accent_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0, t.surface_2);
    }
    hairline(ui, rect.left_bottom(), rect.right_bottom());
    focus_ring(ui, &response, rect, 2);
    response
}

/// Paints words into a cell.
pub fn cell_text(ui: &Ui, rect: Rect, text: &str, (of, ink, align): (Type, egui::Color32, Align)) {
    let room = rect.width() - 16.0;
    let at = if align == Align::Max {
        (pos2(rect.right() - 8.0, rect.center().y), Align2::RIGHT_CENTER)
    } else {
        (pos2(rect.left() + 8.0, rect.center().y), Align2::LEFT_CENTER)
    };
    paint(ui, at, text, (of, ink), room);
}
