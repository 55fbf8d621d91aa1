//! Dialogs: a card in the middle of the window, or a sheet from below on a phone.

use egui::{
    Align, Align2, Area, Context, CornerRadius, Frame, Id, Layout, Margin, Modal, Order, Role, Ui, UiKind, vec2,
};

use super::frame::divider;
use super::icon_button;
use super::text::label;
use crate::icons;
use crate::theme::{Type, of_visuals, radius, space, tokens};

/// Takes what is drawn into `ui` away from assistive technology while a dialog stands in front of it. egui keeps mouse
/// and keyboard from it by itself.
pub fn put_behind(ui: &Ui) {
    ui.ctx().accesskit_node_builder(ui.unique_id(), egui::accesskit::Node::set_hidden);
}

/// A dialog's frame.
#[derive(Debug, Clone, Copy)]
pub struct Dialog<'a> {
    /// Its heading and accessible name.
    pub title: &'a str,
    /// Width on a wide window.
    pub width: f32,
    /// A sheet from below instead.
    pub sheet: bool,
    /// Near the window's top, so that it grows downwards.
    pub high: bool,
}

impl Dialog<'_> {
    /// Draws it around `body` and `footer`; `true` when it should close.
    pub fn show(&self, ctx: &Context, body: impl FnOnce(&mut Ui), footer: Option<&mut dyn FnMut(&mut Ui)>) -> bool {
        let t = of_visuals(&ctx.global_style().visuals);
        let window = ctx.content_rect();
        let width = if self.sheet { window.width() } else { self.width.min(window.width() - 32.0) };
        let corner =
            if self.sheet { CornerRadius { nw: 16, ne: 16, sw: 0, se: 0 } } else { CornerRadius::same(radius::DIALOG) };
        let frame = Frame::new().fill(t.surface).corner_radius(corner).shadow(egui::Shadow {
            offset: [0, 16],
            blur: 48,
            spread: 0,
            color: t.dialog_shadow,
        });
        let id = Id::unique(("dialog", self.title));
        let (anchor, offset) = match (self.sheet, self.high) {
            (true, _) => (Align2::CENTER_BOTTOM, 0.0),
            (false, true) => (Align2::CENTER_TOP, window.height() * 0.12),
            (false, false) => (Align2::CENTER_CENTER, 0.0),
        };
        let area = Area::new(id)
            .kind(UiKind::Modal)
            .sense(egui::Sense::hover())
            .order(Order::Foreground)
            .interactable(true)
            .accessible_name(self.title)
            .role(Role::Dialog)
            .anchor(anchor, vec2(0.0, offset));
        let layer = area.layer();
        let mut closed = false;
        let modal = Modal::new(id).area(area).frame(frame).backdrop_color(t.backdrop).show(ctx, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            closed = self.header(ui);
            divider(ui);
            self.body(ui, body, window.height());
            if let Some(footer) = footer {
                divider(ui);
                Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
                    let height = ui.spacing().interact_size.y;
                    let size = vec2(ui.available_width(), height);
                    ui.spacing_mut().item_spacing.x = space::S;
                    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| footer(ui));
                });
            }
        });
        // The node of a dialog is that of its area.
        ctx.accesskit_node_builder(layer.id, egui::accesskit::Node::set_modal);
        closed || modal.should_close()
    }

    fn header(&self, ui: &mut Ui) -> bool {
        let t = tokens(ui);
        let mut closed = false;
        Frame::new().inner_margin(Margin { left: 16, right: 8, top: 8, bottom: 8 }).show(ui, |ui| {
            let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
            ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
                closed = icon_button(ui, icons::CLOSE, "Close").clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    label(ui, self.title, Type::Title, t.text);
                });
            });
        });
        closed
    }

    fn body(&self, ui: &mut Ui, body: impl FnOnce(&mut Ui), window_height: f32) {
        let share = if self.high { 0.7 } else { 1.0 };
        let room = (window_height * share - if self.sheet { 150.0 } else { 180.0 }).max(120.0);
        egui::ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, |ui| {
            Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::M;
                ui.set_width(ui.available_width());
                body(ui);
            });
        });
    }
}
