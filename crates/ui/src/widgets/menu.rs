//! Menus that open from a button, and their items.

use egui::{Align2, Popup, PopupCloseBehavior, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::frame::focus_ring;
use super::text::{paint, paint_icon, tip, width_of};
use crate::theme::{Type, tokens};

/// Opens a menu under `button` when it is clicked.
pub fn menu(button: &Response, width: f32, content: impl FnOnce(&mut Ui)) {
    Popup::menu(button).gap(4.0).width(width).show(|ui| {
        ui.set_min_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        content(ui);
    });
}

/// Opens a panel under `button` that stays until somebody clicks elsewhere.
///
/// Pickers and menus may open inside it: egui knows one popup at a time, so the panel keeps its own state.
pub fn panel(button: &Response, width: f32, content: impl FnOnce(&mut Ui)) {
    let ctx = button.ctx.clone();
    let id = button.id.with("panel");
    let was_open: bool = ctx.data(|data| data.get_temp(id)).unwrap_or(false);
    let mut open = was_open != button.clicked();
    let one_inside = Popup::is_any_open(&ctx);
    if open {
        let pass = ctx.cumulative_pass_nr();
        ctx.data_mut(|data| data.insert_temp(panel_seen(), pass));
    }
    let escaped = open && !one_inside && ctx.input(|input| input.key_pressed(egui::Key::Escape));
    let mut stays = true;
    let shown = Popup::from_response(button)
        .id(id)
        .open_bool(&mut stays)
        .close_behavior(PopupCloseBehavior::IgnoreClicks)
        .gap(4.0)
        .width(width);
    let shown = if open {
        shown.show(|ui| {
            ui.set_width(width);
            content(ui);
        })
    } else {
        None
    };
    let elsewhere = shown.is_some_and(|shown| shown.response.clicked_elsewhere());
    // A click into a popup inside the panel is elsewhere too; the one that closes it belongs to it.
    if escaped || (elsewhere && !one_inside && !button.clicked()) {
        open = false;
    }
    ctx.data_mut(|data| data.insert_temp(id, open));
}

fn panel_seen() -> egui::Id {
    egui::Id::unique("a panel was open in pass")
}

/// Whether a menu, picker or panel is open, so that keys belong to it.
pub fn is_any_open(ctx: &egui::Context) -> bool {
    let seen: Option<u64> = ctx.data(|data| data.get_temp(panel_seen()));
    Popup::is_any_open(ctx) || seen.is_some_and(|pass| pass + 1 >= ctx.cumulative_pass_nr())
}

/// An entry of a menu.
#[derive(Debug, Clone, Copy, Default)]
pub struct Item<'a> {
    /// Icon; empty for none.
    pub icon: &'a str,
    /// Words.
    pub text: &'a str,
    /// The keys that do the same; empty for none.
    pub keys: &'a str,
    /// Why it can't be chosen now.
    pub disabled: Option<&'a str>,
    /// Marked as the one that holds.
    pub selected: bool,
}

impl<'a> Item<'a> {
    /// An entry with icon and words.
    pub fn new(icon: &'a str, text: &'a str) -> Self {
        Self { icon, text, ..Self::default() }
    }

    /// Shows keys that do the same.
    pub const fn keys(mut self, keys: &'a str) -> Self {
        self.keys = keys;
        self
    }

    /// Draws it; `true` when chosen.
    pub fn show(self, ui: &mut Ui) -> bool {
        let t = tokens(ui);
        let keys_width = if self.keys.is_empty() { 0.0 } else { width_of(ui, self.keys, Type::Caption) + 16.0 };
        let width = (width_of(ui, self.text, Type::Dense) + 40.0 + keys_width).max(ui.available_width());
        let height = ui.spacing().interact_size.y.max(30.0);
        let sense = if self.disabled.is_some() { Sense::hover() } else { Sense::click() };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, self.disabled.is_none(), self.text));
        let lit = (response.hovered() || response.has_focus()) && self.disabled.is_none();
        if lit {
            ui.painter().rect_filled(rect, 4, t.surface_2);
        }
        let ink = if self.disabled.is_some() { t.text_3 } else { t.text };
        let y = rect.center().y;
        paint_icon(ui, pos2(rect.left() + 16.0, y), self.icon, 16.0, if lit { t.text } else { t.text_2 });
        let room = width - 40.0 - keys_width;
        paint(ui, (pos2(rect.left() + 32.0, y), Align2::LEFT_CENTER), self.text, (Type::Dense, ink), room);
        let at = (pos2(rect.right() - 8.0, y), Align2::RIGHT_CENTER);
        paint(ui, at, self.keys, (Type::Caption, t.text_3), f32::INFINITY);
        if self.selected {
            paint_icon(ui, pos2(rect.right() - 14.0, y), crate::icons::CHECK, 14.0, t.accent);
        }
        focus_ring(ui, &response, rect, 4);
        let chosen = response.clicked();
        tip(response, self.disabled.unwrap_or(""));
        chosen
    }
}

/// A heading between groups of a menu.
pub fn heading(ui: &mut Ui, text: &str) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    let at = (pos2(rect.left() + 8.0, rect.center().y), Align2::LEFT_CENTER);
    paint(ui, at, text, (Type::CaptionStrong, t.text_3), rect.width() - 16.0);
}
