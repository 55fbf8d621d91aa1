//! Buttons: with words, with an icon, or both.

use egui::{
    Align2, Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};

use super::frame::{focus_ring, mix};
use super::text::{paint, paint_icon, tip, width_of};
use crate::theme::{Tokens, Type, radius, tokens};

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The one main action.
    Primary,
    /// Any other action.
    Secondary,
    /// An action without a border until it is hovered.
    Quiet,
    /// An action that takes something away.
    Danger,
    /// One of a row of small choices.
    Chip,
}

/// A button with words.
#[derive(Debug, Clone, Copy)]
pub struct Button<'a> {
    text: &'a str,
    icon: Option<&'a str>,
    trailing: Option<&'a str>,
    look: Look,
    disabled: Option<&'a str>,
    tip: &'a str,
    name: Option<&'a str>,
    fill: bool,
    selected: bool,
}

impl<'a> Button<'a> {
    /// A secondary button.
    pub const fn new(text: &'a str) -> Self {
        Self {
            text,
            icon: None,
            trailing: None,
            look: Look::Secondary,
            disabled: None,
            tip: "",
            name: None,
            fill: false,
            selected: false,
        }
    }

    /// The main action.
    pub const fn primary(text: &'a str) -> Self {
        Self { look: Look::Primary, ..Self::new(text) }
    }

    /// Without a border.
    pub const fn quiet(text: &'a str) -> Self {
        Self { look: Look::Quiet, ..Self::new(text) }
    }

    /// Chooses the look.
    pub const fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// An icon before the words.
    pub const fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// An icon behind the words.
    pub const fn trailing(mut self, icon: &'a str) -> Self {
        self.trailing = Some(icon);
        self
    }

    /// Disabled for this reason, which is the tooltip; `None` is enabled.
    pub const fn disabled(mut self, reason: Option<&'a str>) -> Self {
        self.disabled = reason;
        self
    }

    /// A tooltip.
    pub const fn tip(mut self, tip: &'a str) -> Self {
        self.tip = tip;
        self
    }

    /// The accessible name, where the words alone don't say enough.
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// As wide as the space allows.
    pub const fn fill(mut self) -> Self {
        self.fill = true;
        self
    }

    /// Shown as chosen.
    pub const fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui) -> Response {
        let size = self.size(ui);
        let sense = if self.disabled.is_some() { Sense::hover() } else { Sense::click() };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        let name = self.name.unwrap_or(self.text);
        describe(&response, name, self.disabled, self.selected.then_some(true));
        if ui.is_rect_visible(rect) {
            self.draw(ui, rect, &response);
        }
        tip(response, self.disabled.unwrap_or(self.tip))
    }

    fn size(&self, ui: &Ui) -> Vec2 {
        let height = ui.spacing().interact_size.y;
        let mut width = 24.0 + width_of(ui, self.text, Type::Label);
        width += self.icon_width();
        width += if self.trailing.is_some() { 18.0 } else { 0.0 };
        // Never narrower than high: a thumb has to hit it.
        vec2(if self.fill { ui.available_width() } else { width.ceil().max(height) }, height)
    }

    /// The icon, and the space between it and the words.
    const fn icon_width(&self) -> f32 {
        match (self.icon, self.text.is_empty()) {
            (None, _) => 0.0,
            (Some(_), true) => 16.0,
            (Some(_), false) => 22.0,
        }
    }

    fn draw(&self, ui: &Ui, rect: Rect, response: &Response) {
        let t = tokens(ui);
        let (fill, ink, border) = self.colors(ui, t, response);
        let corner = CornerRadius::same(radius::CONTROL);
        ui.painter().rect(rect, corner, fill, Stroke::new(1.0, border), StrokeKind::Inside);
        focus_ring(ui, response, rect.expand(2.0), radius::CONTROL + 2);
        let text_width = width_of(ui, self.text, Type::Label);
        let icon_width = self.icon_width();
        let tail_width = if self.trailing.is_some() { 18.0 } else { 0.0 };
        let mut x = rect.center().x - (text_width + icon_width + tail_width) / 2.0;
        if let Some(icon) = self.icon {
            paint_icon(ui, egui::pos2(x + 8.0, rect.center().y), icon, 16.0, ink);
            x += icon_width;
        }
        let at = (egui::pos2(x, rect.center().y), Align2::LEFT_CENTER);
        paint(ui, at, self.text, (Type::Label, ink), rect.right() - x - 4.0);
        if let Some(icon) = self.trailing {
            paint_icon(ui, egui::pos2(x + text_width + 12.0, rect.center().y), icon, 12.0, ink);
        }
    }

    fn colors(&self, ui: &Ui, t: &Tokens, response: &Response) -> (Color32, Color32, Color32) {
        if self.disabled.is_some() {
            let quiet = self.look == Look::Quiet;
            return (if quiet { Color32::TRANSPARENT } else { t.surface_2 }, t.text_3, Color32::TRANSPARENT);
        }
        let pressed = response.is_pointer_button_down_on();
        let hover = ui.ctx().animate_bool(response.id, response.hovered());
        let over = if pressed { t.surface_3 } else { t.surface_2 };
        match self.look {
            Look::Primary => (mix(t.accent, t.text, hover * 0.12), t.on_accent, Color32::TRANSPARENT),
            Look::Danger => (mix(t.surface, t.danger_soft, hover), t.danger, t.input_border),
            Look::Secondary | Look::Chip if self.selected => (t.accent_soft, t.accent, t.accent),
            Look::Secondary => (mix(t.surface, over, hover), t.text, t.input_border),
            Look::Chip => (mix(t.surface_2, t.surface_3, hover), t.text, t.surface_2),
            Look::Quiet if self.selected => (t.accent_soft, t.accent, Color32::TRANSPARENT),
            Look::Quiet => (mix(over.gamma_multiply(0.0), over, hover), t.text_2, Color32::TRANSPARENT),
        }
    }
}

/// A square button with an icon; `name` is its accessible name and its tooltip.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str) -> Response {
    icon_button_if(ui, icon, name, None)
}

/// A square button with an icon, disabled for a reason.
pub fn icon_button_if(ui: &mut Ui, icon: &str, name: &str, disabled: Option<&str>) -> Response {
    let side = ui.spacing().interact_size.y;
    let sense = if disabled.is_some() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), sense);
    describe(&response, name, disabled, None);
    if ui.is_rect_visible(rect) {
        let t = tokens(ui);
        let hover = ui.ctx().animate_bool(response.id, response.hovered() && disabled.is_none());
        let over = if response.is_pointer_button_down_on() { t.surface_3 } else { t.surface_2 };
        let fill = mix(over.gamma_multiply(0.0), over, hover);
        ui.painter().rect_filled(rect, radius::CONTROL, fill);
        focus_ring(ui, &response, rect, radius::CONTROL);
        let ink = if disabled.is_some() { t.text_3 } else { mix(t.text_2, t.text, hover) };
        paint_icon(ui, rect.center(), icon, 16.0, ink);
    }
    tip(response, disabled.unwrap_or(name))
}

/// Tells screen readers about a button-like control.
pub fn describe(response: &Response, name: &str, disabled: Option<&str>, selected: Option<bool>) {
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Button, disabled.is_none(), name);
        info.selected = selected;
        info
    });
    if let Some(reason) = disabled {
        response.ctx.accesskit_node_builder(response.id, |node| node.set_description(reason));
    }
}
