//! Fields that a workspace has beside the program's own, as a group of their own; under them what stands in fields
//! that nobody has defined, as imports leave it.

use egui::{Align2, Id, Key, Sense, Ui, pos2, vec2};
use model::{FieldChanges, Value};

use super::fields::{Draft, FieldDrafts, FieldView, field_ui, quiet_edit};
use crate::act::Act;
use crate::picking::Wanted;
use crate::present::fields::{own_spec, shown_value};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::{label, paint};

/// Draws the group; nothing where a record has no such fields.
pub(super) fn custom_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    view: &FieldView<'_>,
    (drafts, typing): (&mut FieldDrafts, &mut Option<Wanted>),
    out: &mut Vec<Act>,
) {
    let record = &view.detail.row.record;
    let fields = scene.settings.own_fields_of(record.kind);
    let shown: Vec<_> = fields.filter(|field| !field.archived || record.get(field.value_key()).is_some()).collect();
    if !shown.is_empty() {
        ui.add_space(space::M);
        label(ui, "Custom fields", Type::CaptionStrong, tokens(ui).text_3);
    }
    for field in shown {
        field_ui(ui, scene, (view, &own_spec(field)), drafts, typing, out);
    }
    undefined_ui(ui, scene, view, drafts, out);
}

fn undefined_ui(ui: &mut Ui, scene: &Scene<'_>, view: &FieldView<'_>, drafts: &mut FieldDrafts, out: &mut Vec<Act>) {
    let record = &view.detail.row.record;
    let members = record.members(model::own_field::VALUES).map(|(name, _)| name);
    let names: Vec<&str> = members.filter(|name| scene.settings.own_field(record.kind, name).is_none()).collect();
    if names.is_empty() {
        return;
    }
    ui.add_space(space::M);
    label(ui, "Other values", Type::CaptionStrong, tokens(ui).text_3);
    for name in names {
        let key = format!("custom/{name}");
        let line = ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let height = ui.spacing().interact_size.y.max(30.0);
            let (rect, _) = ui.allocate_exact_size(vec2(view.label_width, height), Sense::hover());
            let at = (pos2(rect.left(), rect.center().y), Align2::LEFT_CENTER);
            paint(ui, at, name, (Type::Dense, tokens(ui).text_2), rect.width() - 4.0);
            let room = ui.available_width() - super::field_history::CLOCK;
            ui.allocate_ui(vec2(room, height), |ui| {
                ui.set_width(room);
                edit_ui(ui, scene, (view, name, &key), drafts, out);
            });
        });
        if let Some(entries) = view.history {
            let at = (line.response.rect, &mut *drafts);
            super::field_history::clock_ui(ui, scene, (view, &key, entries), at, out);
        }
    }
}

fn edit_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, name, key): (&FieldView<'_>, &str, &str),
    drafts: &mut FieldDrafts,
    out: &mut Vec<Act>,
) {
    let record = &view.detail.row.record;
    let held = record.get(key).map(|value| shown_value(record.kind, key, value, scene)).unwrap_or_default();
    let mut text = drafts.drafts.get(key).map_or_else(|| held.clone(), |draft| draft.text.clone());
    let response = quiet_edit(ui, (Id::unique(("custom", record.id, key)), name, 1), &mut text, view.denied);
    if response.changed() {
        let begun = Draft { text: String::new(), heads: view.detail.heads.clone() };
        drafts.drafts.entry(key.to_owned()).or_insert(begun).text = text;
    }
    if !response.lost_focus() {
        return;
    }
    let Some(draft) = drafts.drafts.remove(key) else { return };
    if ui.input(|input| input.key_pressed(Key::Escape)) || draft.text.trim() == held {
        return;
    }
    drafts.saved_heads = Some(draft.heads);
    let value = read(draft.text.trim(), record.get(key));
    out.push(Act::Save(FieldChanges::from([(key.to_owned(), value)])));
}

/// What was typed, as the type of value that the field has held, where it can be read so.
fn read(text: &str, held: Option<&Value>) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let same = match held {
        Some(Value::Int(_)) => text.parse().ok().map(Value::Int),
        Some(Value::Bool(_)) if text.eq_ignore_ascii_case("yes") => Some(Value::Bool(true)),
        Some(Value::Bool(_)) if text.eq_ignore_ascii_case("no") => Some(Value::Bool(false)),
        Some(Value::Date(_)) => text.parse().ok().map(Value::Date),
        _ => None,
    };
    same.or_else(|| Some(Value::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_keeps_the_type_that_the_field_has() {
        assert_eq!(read("12", Some(&Value::Int(3))), Some(Value::Int(12)));
        assert_eq!(read("a dozen", Some(&Value::Int(3))), Some(Value::from("a dozen")));
        assert_eq!(read("No", Some(&Value::Bool(true))), Some(Value::Bool(false)));
        assert_eq!(read("12", None), Some(Value::from("12")));
        assert_eq!(read("", Some(&Value::Int(3))), None);
    }
}
