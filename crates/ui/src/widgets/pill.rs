//! Pills: a state as icon, word and colour.

use egui::{Align2, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::text::{paint, paint_icon, tip, width_of};
use crate::theme::{Tone, Type, radius, tokens};

/// What a pill says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pill {
    /// Its icon.
    pub icon: &'static str,
    /// Its word.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
    /// More about it.
    pub tip: String,
}

const HEIGHT: f32 = 20.0;

/// Lays a pill out.
pub fn pill(ui: &mut Ui, pill: &Pill) -> Response {
    let width = pill_width(ui, pill);
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &pill.text));
    draw(ui, rect, pill);
    tip(response, &pill.tip)
}

/// How wide a pill is.
pub fn pill_width(ui: &Ui, pill: &Pill) -> f32 {
    let icon = if pill.icon.is_empty() { 0.0 } else { 15.0 };
    (width_of(ui, &pill.text, Type::CaptionStrong) + 12.0 + icon).ceil()
}

/// Paints a pill whose right edge centre is at `at`, at most `width` wide, and returns its box.
pub fn paint_pill_right(ui: &Ui, at: Pos2, pill: &Pill, width: f32) -> Rect {
    let wide = pill_width(ui, pill).min(width);
    let rect = Align2::RIGHT_CENTER.anchor_size(at, vec2(wide, HEIGHT));
    draw(ui, rect, pill);
    rect
}

/// Paints a pill whose left edge centre is at `at`, at most `width` wide, and returns its box.
pub fn paint_pill_left(ui: &Ui, at: Pos2, pill: &Pill, width: f32) -> Rect {
    let wide = pill_width(ui, pill).min(width);
    let rect = Align2::LEFT_CENTER.anchor_size(at, vec2(wide, HEIGHT));
    draw(ui, rect, pill);
    rect
}

fn draw(ui: &Ui, rect: Rect, pill: &Pill) {
    let (ink, ground) = tokens(ui).tone(pill.tone);
    ui.painter().rect_filled(rect, radius::CHIP, ground);
    let mut x = rect.left() + 6.0;
    if !pill.icon.is_empty() {
        paint_icon(ui, pos2(x + 6.0, rect.center().y), pill.icon, 12.0, ink);
        x += 15.0;
    }
    let at = (pos2(x, rect.center().y), Align2::LEFT_CENTER);
    paint(ui, at, &pill.text, (Type::CaptionStrong, ink), rect.right() - x - 4.0);
}
