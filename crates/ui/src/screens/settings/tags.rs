//! The tags that records have: how many, what they are called, their colour, and taking one away everywhere.

use egui::{Id, Ui};
use model::action::{Rewording, WordList};
use model::fold::fold;
use model::own_field::check_name;
use model::query::TagRow;
use model::{Action, Kind};

use super::color::color_button;
use super::sized;
use super::workspace::{denied, set};
use crate::act::Act;
use crate::dialog::Confirm;
use crate::icons;
use crate::present::format::many;
use crate::routes::{Route, Screen};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::saved_field::saved_field;
use crate::widgets::{Button, Field, divider, icon_button_if, label, paragraph};

/// Room for the counts.
const COUNTS: f32 = 240.0;

/// Draws the section.
pub(super) fn tags_ui(ui: &mut Ui, scene: &Scene<'_>, tags: Option<&[TagRow]>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(tags) = tags else { return };
    if tags.is_empty() {
        let text = "Nothing has a tag yet. Select rows of a list to put a tag on them.";
        paragraph(ui, text, Type::Dense, t.text_2);
        return;
    }
    for (index, tag) in tags.iter().enumerate() {
        if index > 0 {
            divider(ui);
        }
        tag_ui(ui, scene, (tags, tag), out);
    }
    let text = "Tags that are written in different cases are the same. A new name is written into every record; one undo brings the old one back.";
    paragraph(ui, text, Type::Caption, t.text_3);
}

fn tag_ui(ui: &mut Ui, scene: &Scene<'_>, (tags, tag): (&[TagRow], &TagRow), out: &mut Vec<Act>) {
    let no = scene.denied_create(Kind::Lead);
    let no = no.as_deref();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let name = format!("Colour of {}", tag.name);
        let held = scene.settings.tag_color(&tag.name);
        if let Some(color) = color_button(ui, &name, held, denied(scene).as_deref()) {
            out.push(set([(format!("tag_color/{}", fold(&tag.name)), Some(i64::from(color).into()))]));
        }
        let button = ui.spacing().interact_size.y + space::S;
        let side = if scene.is_compact() { button } else { button + COUNTS + space::S };
        let wide = (ui.available_width() - side).max(90.0);
        let name = format!("Name of the tag {}", tag.name);
        let field = Field::new(&name).bare().disabled(no);
        let id = Id::unique(("tag", &tag.name));
        if let Some(to) = sized(ui, wide, |ui| saved_field(ui, id, field, &tag.name)) {
            out.extend(rename(tags, tag, &to));
        }
        if !scene.is_compact() {
            sized(ui, COUNTS, |ui| ui.horizontal(|ui| counts_ui(ui, tag, out)));
        }
        if icon_button_if(ui, icons::TRASH, &format!("Take the tag {} away", tag.name), no).clicked() {
            out.push(removal(tag));
        }
    });
    if scene.is_compact() {
        ui.horizontal_wrapped(|ui| counts_ui(ui, tag, out));
    }
}

/// How many records of each kind have it; a click lists them.
fn counts_ui(ui: &mut Ui, tag: &TagRow, out: &mut Vec<Act>) {
    ui.spacing_mut().item_spacing.x = space::XS;
    for (kind, count) in &tag.counts {
        let words = many(*count, crate::words::kind(*kind), &crate::words::kinds(*kind).to_lowercase());
        let name = format!("{words} tagged {}", tag.name);
        if Button::quiet(&words).name(&name).show(ui).clicked() {
            let mut route = Route::to(Screen::List(*kind));
            route.query.push(("tag".to_owned(), tag.name.clone()));
            route.query.push(("f".to_owned(), "none".to_owned()));
            out.push(Act::Visit(route));
        }
    }
    if tag.counts.is_empty() {
        label(ui, "Only in the trash", Type::Dense, tokens(ui).text_2);
    }
}

fn total(tag: &TagRow) -> u64 {
    tag.counts.values().sum()
}

fn records(count: u64) -> String {
    many(count, "record", "records")
}

/// What a new name comes to: a tag that is there already takes this one in, after a question.
fn rename(tags: &[TagRow], tag: &TagRow, to: &str) -> Option<Act> {
    if to == tag.name {
        return None;
    }
    if let Err(problem) = check_name(to) {
        return Some(Act::Say(problem.to_owned()));
    }
    let other = tags.iter().find(|other| fold(&other.name) == fold(to) && other.name != tag.name);
    let to = other.map_or(to, |other| &other.name).to_owned();
    let (list, from) = (WordList::Tag, tag.name.clone());
    let action = Action::Reword(Rewording { list, from, to: Some(to.clone()) });
    let Some(other) = other else { return Some(Act::Do(action)) };
    let text = format!(
        "There is a tag {} already, on {}. The {} tagged {} get it instead.",
        other.name,
        records(total(other)),
        records(total(tag)),
        tag.name
    );
    Some(Act::Confirm(Confirm { text, button: format!("Merge into {to}"), danger: false, action }))
}

fn removal(tag: &TagRow) -> Act {
    let (list, from) = (WordList::Tag, tag.name.clone());
    let action = Action::Reword(Rewording { list, from, to: None });
    match total(tag) {
        0 | 1 => Act::Do(action),
        count => Act::Confirm(Confirm {
            text: format!("Takes the tag {} from {}. The records stay.", tag.name, records(count)),
            button: format!("Take it from {}", records(count)),
            danger: true,
            action,
        }),
    }
}
