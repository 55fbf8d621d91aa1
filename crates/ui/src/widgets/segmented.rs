//! A row of choices of which one holds.

use egui::{Align2, CornerRadius, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::frame::focus_ring;
use super::text::{paint, paint_icon, width_of};
use crate::theme::{Type, radius, tokens};

/// One choice: icon (may be empty) and words.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// Icon; empty for none.
    pub icon: &'a str,
    /// Words.
    pub text: &'a str,
}

/// Draws the row and returns the index that was clicked.
pub fn segmented(ui: &mut Ui, choices: &[Choice<'_>], selected: usize) -> Option<usize> {
    let t = tokens(ui);
    let height = ui.spacing().interact_size.y;
    let widths: Vec<f32> = choices.iter().map(|choice| choice_width(ui, choice)).collect();
    let (rect, _) = ui.allocate_exact_size(vec2(widths.iter().sum::<f32>() + 4.0, height), Sense::hover());
    ui.painter().rect_filled(rect, radius::CONTROL, t.surface_2);
    let mut clicked = None;
    let mut x = rect.left() + 2.0;
    for (index, (choice, width)) in choices.iter().zip(widths).enumerate() {
        let cell = egui::Rect::from_min_size(pos2(x, rect.top() + 2.0), vec2(width, height - 4.0));
        x += width;
        let response = ui.interact(cell, ui.scope_id().with(("segment", choice.text)), Sense::click());
        let on = index == selected;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, choice.text));
        if on {
            let stroke = Stroke::new(1.0, t.border);
            ui.painter().rect(cell, CornerRadius::same(5), t.surface, stroke, StrokeKind::Inside);
        }
        let ink = if on || response.hovered() { t.text } else { t.text_2 };
        draw_choice(ui, cell, choice, ink);
        focus_ring(ui, &response, cell, 5);
        if response.clicked() {
            clicked = Some(index);
        }
    }
    clicked
}

fn choice_width(ui: &Ui, choice: &Choice<'_>) -> f32 {
    let icon = if choice.icon.is_empty() { 0.0 } else { 20.0 };
    (width_of(ui, choice.text, Type::DenseStrong) + icon + 20.0).ceil()
}

fn draw_choice(ui: &Ui, cell: egui::Rect, choice: &Choice<'_>, ink: egui::Color32) {
    let mut x = cell.left() + 10.0;
    if !choice.icon.is_empty() {
        paint_icon(ui, pos2(x + 7.0, cell.center().y), choice.icon, 14.0, ink);
        x += 20.0;
    }
    let at = (pos2(x, cell.center().y), Align2::LEFT_CENTER);
    paint(ui, at, choice.text, (Type::DenseStrong, ink), f32::INFINITY);
}
