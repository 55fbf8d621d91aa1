//! The button that chooses one of the theme's colours.

use egui::{Sense, Ui, vec2};

use crate::theme::tokens;
use crate::widgets::focus_ring;
use crate::widgets::menu::{Item, menu};

/// Colours that the theme has.
pub(super) const COLORS: u8 = 6;

/// Draws the button; returns the colour that was chosen. `held` is what stands, if anything.
pub(super) fn color_button(ui: &mut Ui, name: &str, held: Option<u8>, denied: Option<&str>) -> Option<u8> {
    let t = tokens(ui);
    let side = ui.spacing().interact_size.y;
    let sense = if denied.is_some() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), sense);
    crate::widgets::button::describe(&response, name, denied, None);
    match held {
        Some(color) => drop(ui.painter().circle_filled(rect.center(), 7.0, t.stage(color))),
        None => drop(ui.painter().circle_stroke(rect.center(), 6.5, egui::Stroke::new(1.0, t.input_border))),
    }
    focus_ring(ui, &response, rect, 6);
    let mut chosen = None;
    menu(&response, 140.0, |ui| {
        for color in 0..COLORS {
            let words = format!("Colour {}", color + 1);
            if (Item { selected: held == Some(color), ..Item::new("", &words) }).show(ui) {
                chosen = Some(color);
            }
            let last = ui.min_rect();
            let center = egui::pos2(last.left() + 16.0, last.bottom() - 15.0);
            ui.painter().circle_filled(center, 6.0, tokens(ui).stage(color));
        }
    });
    chosen
}
