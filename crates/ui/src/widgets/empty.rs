//! What a screen shows when there is nothing to show: one sentence, and what to do about it.

use egui::Ui;

use super::text::icon;
use super::{Button, Look};
use crate::theme::{Type, space, tokens};

/// An empty state.
#[derive(Debug, Clone, Copy)]
pub struct Empty<'a> {
    /// Its icon.
    pub icon: &'a str,
    /// What is missing, in one sentence.
    pub title: &'a str,
    /// A second line; may be empty.
    pub text: &'a str,
    /// Buttons, the main one first.
    pub actions: &'a [&'a str],
}

impl Empty<'_> {
    /// Draws it in the middle of the available width and returns the index of the button that was clicked.
    pub fn show(&self, ui: &mut Ui) -> Option<usize> {
        let t = tokens(ui);
        let mut clicked = None;
        ui.vertical_centered(|ui| {
            ui.set_max_width(ui.available_width().min(420.0));
            ui.add_space(space::L);
            icon(ui, self.icon, 28.0, t.text_3);
            ui.add_space(space::S);
            centered_paragraph(ui, self.title, Type::Label.format(t.text));
            if !self.text.is_empty() {
                centered_paragraph(ui, self.text, Type::Body.format(t.text_2));
            }
            ui.add_space(space::M);
            clicked = self.buttons(ui);
            ui.add_space(space::L);
        });
        clicked
    }

    /// The buttons beside each other in the middle, or above each other where they don't fit.
    fn buttons(&self, ui: &mut Ui) -> Option<usize> {
        let of = |text: &&str| super::text::width_of(ui, text, Type::Label).ceil() + 24.0 + space::S;
        let width = self.actions.iter().map(of).sum::<f32>() - space::S;
        if width > ui.available_width() {
            return self.row(ui, true);
        }
        let size = egui::vec2(width.max(0.0), ui.spacing().interact_size.y);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| self.row(ui, false)).inner
    }

    fn row(&self, ui: &mut Ui, fill: bool) -> Option<usize> {
        let mut clicked = None;
        for (index, text) in self.actions.iter().enumerate() {
            let look = if index == 0 { Look::Primary } else { Look::Secondary };
            let button = Button::new(text).look(look);
            let response = if fill { button.fill().show(ui) } else { button.show(ui) };
            if response.clicked() {
                clicked = Some(index);
            }
        }
        clicked
    }
}

/// Text that wraps, each line in the middle.
fn centered_paragraph(ui: &mut Ui, text: &str, format: egui::TextFormat) {
    let ink = format.color;
    let mut job = egui::text::LayoutJob::single_section(text.to_owned(), format);
    job.wrap.max_width = ui.available_width();
    job.halign = egui::Align::Center;
    let galley = ui.painter().layout_job(job);
    let size = egui::vec2(ui.available_width(), galley.size().y);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    ui.painter().galley(rect.center_top(), galley, ink);
}
