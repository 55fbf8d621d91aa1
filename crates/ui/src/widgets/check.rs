//! A check box with words.

use egui::text::LayoutJob;
use egui::{CornerRadius, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::frame::focus_ring;
use super::text::paint_icon;
use crate::icons;
use crate::theme::{Type, tokens};

/// Where the words begin.
const WORDS: f32 = 24.0;

/// A check box with words that wrap; returns a response that `changed()` when it was toggled.
pub fn check(ui: &mut Ui, checked: &mut bool, text: &str) -> Response {
    let t = tokens(ui);
    let mut job = LayoutJob::single_section(text.to_owned(), Type::Body.format(t.text));
    job.wrap.max_width = ui.available_width() - WORDS;
    let words = ui.painter().layout_job(job);
    let size = vec2(WORDS + words.size().x, words.size().y.max(ui.spacing().interact_size.y));
    let (rect, mut response) = ui.allocate_exact_size(size, Sense::click());
    if response.clicked() {
        *checked = !*checked;
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, *checked, text));
    let side = paint_box(ui, pos2(rect.left() + 8.0, rect.center().y), *checked);
    focus_ring(ui, &response, side.expand(2.0), 6);
    let at = pos2(rect.left() + WORDS, rect.center().y - words.size().y / 2.0);
    ui.painter().galley(at, words, t.text);
    response
}

/// Paints the box around a point and returns it.
pub fn paint_box(ui: &Ui, center: Pos2, checked: bool) -> Rect {
    let t = tokens(ui);
    let side = Rect::from_center_size(center, vec2(16.0, 16.0));
    let (fill, border) = if checked { (t.accent, t.accent) } else { (t.surface, t.input_border) };
    ui.painter().rect(side, CornerRadius::same(4), fill, Stroke::new(1.0, border), StrokeKind::Inside);
    if checked {
        paint_icon(ui, side.center(), icons::CHECK, 12.0, t.on_accent);
    }
    side
}
