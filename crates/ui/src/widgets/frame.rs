//! Surfaces, hairlines and the focus ring.

use egui::{Color32, CornerRadius, Frame, InnerResponse, Margin, Rect, Response, Sense, Stroke, StrokeKind, Ui};

use crate::theme::{radius, tokens};

/// A card: a surface with a hairline and 8 px corners.
pub fn card<R>(ui: &mut Ui, margin: i8, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let t = tokens(ui);
    Frame::new()
        .fill(t.surface)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(margin))
        .show(ui, content)
}

/// A horizontal hairline over the available width.
pub fn divider(ui: &mut Ui) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(egui::vec2(width, 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, tokens(ui).border));
}

/// Paints a hairline along an edge that isn't part of the layout.
pub fn hairline(ui: &Ui, from: egui::Pos2, to: egui::Pos2) {
    ui.painter().line_segment([from, to], Stroke::new(1.0, tokens(ui).border));
}

/// Paints the ring around the control that has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, corner: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, tokens(ui).accent);
        ui.painter().rect_stroke(rect, CornerRadius::same(corner), stroke, StrokeKind::Inside);
    }
}

/// Mixes two colours; 0 is the first.
pub fn mix(a: Color32, b: Color32, share: f32) -> Color32 {
    a.lerp_to_gamma(b, share.clamp(0.0, 1.0))
}
