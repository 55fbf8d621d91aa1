//! Text and icons, laid out or painted.

use egui::{Align2, Color32, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use crate::theme::{Type, icon_job, job, tokens};

/// One line in a step of the type scale; its box is as wide as the text.
pub fn label(ui: &mut Ui, text: &str, of: Type, color: Color32) -> Response {
    show(ui, text, of, color, f32::INFINITY)
}

/// One line, cut with an ellipsis where the space ends; the whole text is the tooltip then.
pub fn cut(ui: &mut Ui, text: &str, of: Type, color: Color32) -> Response {
    let width = ui.available_width();
    show(ui, text, of, color, width)
}

/// Primary text, medium weight.
pub fn strong(ui: &mut Ui, text: &str) -> Response {
    label(ui, text, Type::Label, tokens(ui).text)
}

/// Small secondary text.
pub fn caption(ui: &mut Ui, text: &str) -> Response {
    label(ui, text, Type::Caption, tokens(ui).text_3)
}

/// Text that wraps at the available width.
pub fn paragraph(ui: &mut Ui, text: &str, of: Type, color: Color32) -> Response {
    let mut job = egui::text::LayoutJob::single_section(text.to_owned(), of.format(color));
    job.wrap.max_width = ui.available_width();
    let galley = ui.painter().layout_job(job);
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(rect.min, galley, color);
    response
}

fn show(ui: &mut Ui, text: &str, of: Type, color: Color32, width: f32) -> Response {
    let galley = ui.painter().layout_job(job(text, of, color, width));
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let is_cut = galley.elided;
    ui.painter().galley(rect.min, galley, color);
    if is_cut { tip(response, text) } else { response }
}

/// An icon in a box of its size; decoration only, so it has no name.
pub fn icon(ui: &mut Ui, icon: &str, size: f32, color: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    paint_icon(ui, rect.center(), icon, size, color);
    response
}

/// Paints an icon around a point.
pub fn paint_icon(ui: &Ui, center: Pos2, icon: &str, size: f32, color: Color32) {
    let galley = ui.painter().layout_job(icon_job(icon, size, color));
    let min = center - galley.size() / 2.0;
    ui.painter().galley(min, galley, color);
}

/// Paints one line anchored at a point, cut at `width`, and returns its box.
pub fn paint(ui: &Ui, anchor: (Pos2, Align2), text: &str, (of, color): (Type, Color32), width: f32) -> Rect {
    let galley = ui.painter().layout_job(job(text, of, color, width.max(0.0)));
    let rect = anchor.1.anchor_size(anchor.0, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect
}

/// The width of one line.
pub fn width_of(ui: &Ui, text: &str, of: Type) -> f32 {
    ui.painter().layout_job(job(text, of, Color32::WHITE, f32::INFINITY)).size().x
}

/// Adds a tooltip.
pub fn tip(response: Response, text: &str) -> Response {
    if text.is_empty() {
        return response;
    }
    response.on_hover_ui(|ui| {
        let color = tokens(ui).text;
        ui.set_max_width(320.0);
        paragraph(ui, text, Type::Caption, color);
    })
}
