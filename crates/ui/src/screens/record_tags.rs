//! The tags of a record, on its page and in the form that creates it: chips, and a picker that knows every tag.

use std::collections::BTreeSet;

use egui::{Ui, vec2};
use model::query::Detail;
use model::{FieldChanges, Kind, Value};

use crate::act::Act;
use crate::dialog::CreateForm;
use crate::icons;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Look, label};

/// Whether records of a kind have tags that people give.
pub(crate) const fn has_tags(kind: Kind) -> bool {
    matches!(kind, Kind::Lead | Kind::Account | Kind::Contact)
}

/// Draws the tags of a page's record.
pub(super) fn page_tags_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (detail, denied): (&Detail, Option<&str>),
    out: &mut Vec<Act>,
) {
    let held = detail.row.record.members("tags").map(|(tag, _)| tag.to_owned()).collect();
    if let Some((tag, on)) = tags_ui(ui, scene, &held, denied) {
        out.push(Act::Save(FieldChanges::from([(key_of(&tag), on.then_some(Value::Bool(true)))])));
    }
}

/// Draws the tags that a form gives the record it creates.
pub(super) fn form_tags_ui(ui: &mut Ui, scene: &Scene<'_>, form: &mut CreateForm) {
    let held = form.picks.keys().filter_map(|key| key.strip_prefix("tags/")).map(str::to_owned).collect();
    match tags_ui(ui, scene, &held, None) {
        Some((tag, true)) => drop(form.picks.insert(key_of(&tag), (Value::Bool(true), tag))),
        Some((tag, false)) => drop(form.picks.remove(&key_of(&tag))),
        None => {}
    }
}

fn key_of(tag: &str) -> String {
    format!("tags/{tag}")
}

/// Chips and picker; a tag that was put on (`true`) or taken off.
fn tags_ui(ui: &mut Ui, scene: &Scene<'_>, held: &BTreeSet<String>, denied: Option<&str>) -> Option<(String, bool)> {
    let mut changed = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        label(ui, "Tags", Type::CaptionStrong, tokens(ui).text_2);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
            for tag in held {
                let name = format!("Take off the tag {tag}");
                let chip = Button::new(tag).look(Look::Chip).trailing(icons::CLOSE).name(&name).disabled(denied);
                if chip.show(ui).clicked() {
                    changed = Some((tag.clone(), false));
                }
            }
            let others = scene.tags.iter().filter(|tag| !held.contains(&tag.name));
            let options: Vec<PickOption> = others.map(|tag| PickOption::new(&tag.name, &tag.name)).collect();
            let picker = Picker::new("Add a tag", "", &options).bare().placeholder("Add a tag").creatable("new tag");
            changed = match picker.width(130.0).disabled(denied).show(ui).picked {
                Some(Picked::Choice(tag)) => Some((tag, true)),
                Some(Picked::Create(typed)) => clean(&typed).map(|tag| (tag, true)),
                Some(Picked::Clear) | None => changed.take(),
            };
        });
    });
    changed
}

/// A tag as it is written: without the sign that people type in front, in one line.
fn clean(typed: &str) -> Option<String> {
    let words: Vec<&str> = typed.trim().trim_start_matches('#').split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_tag_is_written_without_its_sign() {
        assert_eq!(clean("#key  account "), Some("key account".to_owned()));
        assert_eq!(clean(" # "), None);
    }
}
