//! A person's initials in a circle.

use egui::{Align2, Pos2, Sense, Ui, vec2};

use super::text::{paint, tip};
use crate::theme::{Tone, Type, tokens};

/// An avatar of `size` with the name as tooltip.
pub fn avatar(ui: &mut Ui, name: &str, size: f32) {
    let (rect, response) = ui.allocate_exact_size(vec2(size, size), Sense::hover());
    paint_avatar(ui, rect.center(), name, size);
    tip(response, name);
}

/// Paints an avatar around a point.
pub fn paint_avatar(ui: &Ui, center: Pos2, name: &str, size: f32) {
    const TONES: [Tone; 5] = [Tone::Accent, Tone::Success, Tone::Warning, Tone::Info, Tone::Danger];
    let sum: usize = name.bytes().map(usize::from).sum();
    let (ink, ground) = tokens(ui).tone(TONES[sum % TONES.len()]);
    ui.painter().circle_filled(center, size / 2.0, ground);
    let letters = model::format::initials(name);
    let of = if size >= 28.0 { Type::CaptionStrong } else { Type::Initials };
    paint(ui, (center, Align2::CENTER_CENTER), &letters, (of, ink), f32::INFINITY);
}
