//! Which columns a list shows: a panel to choose and order them, and edges that drag.

use egui::{CursorIcon, Pos2, Rect, Sense, Ui, vec2};
use model::Kind;

use super::list::ListState;
use crate::act::Act;
use crate::icons;
use crate::present::columns::{Column, Laid, WIDTHS, all_columns, print_layout};
use crate::scene::Scene;
use crate::theme::{space, tokens};
use crate::widgets::check::check;
use crate::widgets::menu::panel;
use crate::widgets::{Button, icon_button_if};

/// Room around a column's edge in which it can be taken.
const GRIP: f32 = 8.0;

/// Draws the button with the panel.
pub(super) fn columns_button(ui: &mut Ui, scene: &Scene<'_>, (kind, laid): (Kind, &[Laid<'_>]), out: &mut Vec<Act>) {
    let button = Button::quiet("Columns").icon(icons::FIELD).tip("Choose and order the columns");
    let response = button.show(ui);
    panel(&response, 280.0, |ui| {
        egui::Frame::new().inner_margin(8).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XXS;
            for (index, (column, _)) in laid.iter().enumerate() {
                shown_ui(ui, (kind, laid, index), column, out);
            }
            for column in all_columns(kind, scene.settings) {
                let mut on = false;
                if laid.iter().all(|(shown, _)| shown.key != column.key) && check(ui, &mut on, column.head).changed() {
                    let mut next = laid.to_vec();
                    next.push((column, None));
                    out.push(Act::Columns(kind, print_layout(&next)));
                }
            }
            ui.add_space(space::XS);
            if Button::quiet("Back to the usual columns").show(ui).clicked() {
                out.push(Act::Columns(kind, String::new()));
            }
        });
    });
}

/// A column that shows: take it away, or move it.
fn shown_ui(ui: &mut Ui, (kind, laid, index): (Kind, &[Laid<'_>], usize), column: &Column<'_>, out: &mut Vec<Act>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let mut on = true;
        let only = laid.len() == 1;
        if check(ui, &mut on, column.head).changed() && !only {
            let mut next = laid.to_vec();
            next.remove(index);
            out.push(Act::Columns(kind, print_layout(&next)));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let mut swap = |ui: &mut Ui, (icon, word): (&str, &str), with: Option<usize>| {
                let name = format!("Move {} {word}", column.head);
                let no = with.is_none().then_some("It is there already");
                if let (true, Some(with)) = (icon_button_if(ui, icon, &name, no).clicked(), with) {
                    let mut next = laid.to_vec();
                    next.swap(index, with);
                    out.push(Act::Columns(kind, print_layout(&next)));
                }
            };
            swap(ui, (icons::ARROW_DOWN, "right"), (index + 1 < laid.len()).then_some(index + 1));
            swap(ui, (icons::ARROW_UP, "left"), index.checked_sub(1));
        });
    });
}

/// The edge between two heads: drags the column's width; a double click gives it back its own.
pub(super) fn edge_ui(
    ui: &Ui,
    (rect, index, laid): (Rect, usize, &[Laid<'_>]),
    (kind, state): (Kind, &mut ListState),
    out: &mut Vec<Act>,
) {
    let (column, _) = laid[index];
    let edge = Rect::from_center_size(rect.right_center(), vec2(GRIP, rect.height()));
    let response = ui.interact(edge, ui.scope_id().with(("edge", column.key)), Sense::click_and_drag());
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        let line = [edge.center_top(), edge.center_bottom()];
        ui.painter().line_segment(line, egui::Stroke::new(2.0, tokens(ui).accent));
    }
    let width = |pointer: Option<Pos2>| pointer.map(|at| (at.x - rect.left()).clamp(WIDTHS.0, WIDTHS.1));
    if response.dragged() {
        state.resizing = width(response.interact_pointer_pos()).map(|width| (column.key.to_owned(), width));
    }
    let given = match (response.drag_stopped(), response.double_clicked()) {
        (true, _) => state.resizing.take().map(|(_, width)| Some(width.round())),
        (_, true) => Some(None),
        _ => None,
    };
    if let Some(width) = given {
        let mut next = laid.to_vec();
        next[index].1 = width;
        out.push(Act::Columns(kind, print_layout(&next)));
    }
}
