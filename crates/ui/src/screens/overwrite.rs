//! The question before an undo overwrites somebody's newer value: both values, and whose the newer one is.

use egui::{Context, Ui};
use model::app::Overwrite;

use super::dialogs::frame;
use crate::act::Act;
use crate::icons;
use crate::present::fields::shown_value;
use crate::present::format;
use crate::scene::Scene;
use crate::theme::{Type, radius, space, tokens};
use crate::undo::{Overwriting, Way};
use crate::widgets::{Button, Look, icon, label, paragraph};

/// Newer values that show; the others are counted.
const SHOWN: usize = 8;

/// Draws the question; `true` when it is to be closed.
pub(super) fn overwrite_ui(ctx: &Context, scene: &Scene<'_>, asked: &Overwriting, out: &mut Vec<Act>) -> bool {
    let (mut over, mut keep, mut leave) = (false, false, false);
    let mut footer = |ui: &mut Ui| {
        over = Button::new("Overwrite").look(Look::Danger).show(ui).clicked();
        if asked.rest > 0 {
            keep = Button::new("Keep newer values").show(ui).clicked();
        }
        leave = Button::new("Cancel").show(ui).clicked();
    };
    let title = match asked.way {
        Way::Undo => "Undo would overwrite newer values",
        Way::Redo => "Redo would overwrite newer values",
    };
    let closed = frame(scene, title, 520.0).show(
        ctx,
        |ui| {
            for clash in asked.clashes.iter().take(SHOWN) {
                clash_ui(ui, scene, clash);
            }
            let more = asked.clashes.len().saturating_sub(SHOWN) as u64;
            if more > 0 {
                let text = format!("and {}", format::many(more, "more value", "more values"));
                label(ui, &text, Type::Dense, tokens(ui).text_2);
            }
        },
        Some(&mut footer),
    );
    if over || keep {
        out.push(Act::StepOver { overwrite: over });
    }
    closed || leave
}

fn clash_ui(ui: &mut Ui, scene: &Scene<'_>, clash: &Overwrite) {
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.surface_2).corner_radius(radius::CONTROL).inner_margin(10);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        let shown = |value: &Option<model::Value>| {
            let text = value.as_ref().map(|value| shown_value(clash.record.kind, &clash.key, value, scene));
            text.filter(|text| !text.is_empty()).unwrap_or_else(|| "empty".to_owned())
        };
        let what = format!("{} · {}", clash.name, scene.field_words(clash.record.kind, &clash.key));
        paragraph(ui, &what, Type::Label, t.text);
        let who = if clash.author.name.is_empty() { "Someone" } else { &clash.author.name };
        let when = format::moment(clash.at, scene.zone, scene.today);
        paragraph(ui, &format!("Now {}, by {who}, {when}", shown(&clash.newer)), Type::Dense, t.text);
        ui.horizontal_wrapped(|ui| {
            icon(ui, icons::ARROW_RIGHT, 12.0, t.text_3);
            paragraph(ui, &format!("would become {}", shown(&clash.older)), Type::Dense, t.text_2);
        });
    });
}
