//! The filter button with its panel, and the chips of the filters that hold.

use egui::{Ui, vec2};
use model::Kind;

use crate::act::Act;
use crate::icons;
use crate::present::fields::{Editor, options};
use crate::present::filters::{Filter, WHERE, fits, words};
use crate::present::wheres;
use crate::scene::Scene;
use crate::theme::space;
use crate::widgets::menu::panel;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Field, Look};

/// Draws a chip for each filter; a click takes it away.
pub(super) fn chips_ui(ui: &mut Ui, scene: &Scene<'_>, (kind, filters): (Kind, &[Filter]), out: &mut Vec<Act>) {
    for filter in filters {
        if filter.0 == WHERE {
            where_chips(ui, scene, (kind, &filter.1), out);
            continue;
        }
        let text = words(filter, scene);
        let name = format!("Remove the filter {text}");
        let chip = Button::new(&text).look(Look::Chip).trailing(icons::CLOSE).name(&name).selected(true);
        if chip.show(ui).clicked() {
            out.push(Act::Filter(filter.0, String::new()));
        }
    }
}

fn where_chips(ui: &mut Ui, scene: &Scene<'_>, (kind, held): (Kind, &str), out: &mut Vec<Act>) {
    let chips = wheres::parse(held);
    for (index, chip) in chips.iter().enumerate() {
        let text = wheres::words(kind, chip, scene);
        let name = format!("Remove the filter {text}");
        let button = Button::new(&text).look(Look::Chip).trailing(icons::CLOSE).name(&name).selected(true);
        if button.show(ui).clicked() {
            let mut rest = chips.clone();
            rest.remove(index);
            out.push(Act::Filter(WHERE, wheres::print(&rest)));
        }
    }
}

/// Draws the button that opens the panel.
pub(super) fn filter_button(ui: &mut Ui, scene: &Scene<'_>, (kind, filters): (Kind, &[Filter]), out: &mut Vec<Act>) {
    let words = if scene.is_compact() { "" } else { "Filter" };
    let on = !filters.is_empty() && scene.is_compact();
    let button = Button::quiet(words).icon(icons::FILTER).name("More filters").tip("Owner, stage, source, value");
    let button = button.selected(on);
    let response = button.show(ui);
    panel(&response, 280.0, |ui| {
        egui::Frame::new().inner_margin(8).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::M;
            let held = |key: &str| filters.iter().find(|(of, _)| *of == key).map_or("", |(_, value)| value.as_str());
            for (key, name, editor) in PICKED {
                if fits(kind, key) {
                    picked_ui(ui, scene, (key, name, editor, held(key)), out);
                }
            }
            for (key, name, hint) in TYPED {
                if fits(kind, key) {
                    typed_ui(ui, (key, name, hint, held(key)), out);
                }
            }
            super::where_form::where_form_ui(ui, scene, (kind, held(WHERE)), out);
        });
    });
}

const PICKED: [(&str, &str, Editor<'_>); 3] = [
    ("owner", "Owner is", Editor::Owner),
    ("stage", "Stage is", Editor::Stage),
    ("source", "Source is", Editor::Source),
];
const TYPED: [(&str, &str, &str); 3] =
    [("tag", "Tag contains", "vip"), ("min", "Value at least", "5k"), ("max", "Value at most", "50k")];

fn picked_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (key, name, editor, held): (&'static str, &str, Editor<'_>, &str),
    out: &mut Vec<Act>,
) {
    let mut choices = options(editor, scene);
    if key == "owner" {
        choices.insert(0, PickOption::new("me", "Me"));
    }
    let current = choices.iter().find(|option| option.key == held).map_or("", |option| &option.text).to_owned();
    let picker = Picker::new(name, &current, &choices).placeholder("Any").clearable();
    match picker.show(ui).picked {
        Some(Picked::Choice(value)) => out.push(Act::Filter(key, value)),
        Some(Picked::Clear) => out.push(Act::Filter(key, String::new())),
        _ => {}
    }
}

fn typed_ui(ui: &mut Ui, (key, name, hint, held): (&'static str, &str, &str, &str), out: &mut Vec<Act>) {
    let mut text = held.to_owned();
    let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
    ui.allocate_ui(size, |ui| {
        if Field::new(name).hint(hint).show(ui, &mut text).changed() {
            out.push(Act::Filter(key, text.clone()));
        }
    });
}
