//! Short messages at the edge of the window.

use egui::{Align2, Area, Context, Frame, Id, Margin, Order, Stroke, vec2};

use super::Button;
use super::text::{icon, label};
use crate::icons;
use crate::theme::{Tone, Type, of_visuals, radius, tokens};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Which one.
    pub id: u64,
    /// Its words.
    pub text: String,
    /// Good, neutral or bad news.
    pub tone: Tone,
    /// The word on its button; empty for none.
    pub action: String,
}

/// What was done to a toast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// Its button was pressed.
    Action(u64),
    /// It was sent away.
    Closed(u64),
}

/// Where toasts stand: so many points from this edge of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// From the upper edge.
    Top(f32),
    /// From the lower edge.
    Bottom(f32),
}

/// Draws the toasts, newest lowest: over the page and its dialog, but under whatever menu or picker is open.
pub fn toasts_ui(ctx: &Context, toasts: &[Toast], place: Place) -> Option<Touched> {
    if toasts.is_empty() {
        return None;
    }
    let mut touched = None;
    let (anchor, offset) = match place {
        Place::Top(points) => (Align2::CENTER_TOP, points),
        Place::Bottom(points) => (Align2::CENTER_BOTTOM, -points),
    };
    let order = if super::menu::is_any_open(ctx) { Order::Middle } else { Order::Tooltip };
    let area = Area::new(Id::unique("toasts"))
        .order(order)
        .accessible_name("Messages")
        .role(egui::Role::Status)
        .anchor(anchor, vec2(0.0, offset));
    area.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        for toast in toasts {
            touched = one(ui, toast).or(touched);
        }
    });
    touched
}

fn one(ui: &mut egui::Ui, toast: &Toast) -> Option<Touched> {
    let t = of_visuals(ui.visuals());
    let mut touched = None;
    let shadow = egui::Shadow { offset: [0, 8], blur: 24, spread: 0, color: t.menu_shadow };
    let frame = Frame::new()
        .fill(t.surface)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::CARD)
        .shadow(shadow)
        .inner_margin(Margin { left: 12, right: 6, top: 6, bottom: 6 });
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            let (mark, ink) = match toast.tone {
                Tone::Success => (icons::SUCCESS, t.success),
                Tone::Danger => (icons::ERROR, t.danger),
                Tone::Warning => (icons::WARNING, t.warning),
                _ => (icons::INFO, t.info),
            };
            icon(ui, mark, 16.0, ink);
            let text = shorten(&toast.text, ui.ctx().content_rect().width());
            label(ui, &text, Type::Body, tokens(ui).text);
            if !toast.action.is_empty() && Button::quiet(&toast.action).show(ui).clicked() {
                touched = Some(Touched::Action(toast.id));
            }
            if super::icon_button(ui, icons::CLOSE, "Dismiss").clicked() {
                touched = Some(Touched::Closed(toast.id));
            }
        });
    });
    touched
}

fn shorten(text: &str, window: f32) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of letters")]
    let most = ((window - 160.0) / 7.0).clamp(20.0, 120.0) as usize;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}
