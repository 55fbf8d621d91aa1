//! The hint of a form that creates a record: there may be such a one already. It never blocks.

use egui::{CornerRadius, Margin, Ui};
use model::query::Lookalike;

use super::duplicates::reason;
use crate::act::Act;
use crate::icons;
use crate::present::columns::lines;
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, radius, space, tokens};
use crate::widgets::{Button, icon, label, paragraph};

/// Draws the records that the one in the form may be again; nothing where there are none.
pub(super) fn lookalikes_ui(ui: &mut Ui, scene: &Scene<'_>, found: &[Lookalike], out: &mut Vec<Act>) {
    if found.is_empty() {
        return;
    }
    let t = tokens(ui);
    let frame = egui::Frame::new()
        .fill(t.warning_soft)
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::same(8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            icon(ui, icons::COPY, 14.0, t.warning);
            label(ui, "This may be here already", Type::CaptionStrong, t.warning);
        });
        for lookalike in found {
            one_ui(ui, scene, lookalike, out);
        }
    });
}

fn one_ui(ui: &mut Ui, scene: &Scene<'_>, Lookalike { row, why }: &Lookalike, out: &mut Vec<Act>) {
    let (name, _, about) = lines(row, scene);
    let about = if about.is_empty() { String::new() } else { format!(" · {about}") };
    ui.horizontal_wrapped(|ui| {
        let open = Button::quiet("Open").name(&format!("Open {name} instead")).show(ui);
        if let (true, Some(screen)) = (open.clicked(), Screen::of(row.record.reference())) {
            out.push(Act::Go(screen));
        }
        paragraph(ui, &format!("{name}{about}. {}", reason(*why)), Type::Dense, tokens(ui).text);
    });
}
