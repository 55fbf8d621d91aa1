//! Hands a record over: everybody in the team, found by a few letters.

use egui::{Context, Id, Key, Modifiers, Ui};
use model::{Action, Record, RecordRef};

use super::dialogs::frame;
use crate::act::Act;
use crate::icons;
use crate::scene::Scene;
use crate::theme::{Type, tokens};
use crate::widgets::menu::Item;
use crate::widgets::{Field, caption, paragraph};

/// Who a record is handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssignForm {
    /// The record.
    record: RecordRef,
    /// What people call it.
    name: String,
    /// Letters of the person's name.
    text: String,
    focus: bool,
}

impl AssignForm {
    /// Asks for a record.
    pub(crate) fn new(record: &Record) -> Self {
        Self { record: record.reference(), name: record.display_name(), text: String::new(), focus: true }
    }
}

/// Draws the dialog; `true` when it is to be closed.
pub(super) fn assign_ui(ctx: &Context, scene: &Scene<'_>, form: &mut AssignForm, out: &mut Vec<Act>) -> bool {
    let mut chosen = None;
    let closed = frame(scene, "Assign to", 420.0).show(ctx, |ui| chosen = people_ui(ui, scene, form), None);
    let Some(person) = chosen else { return closed };
    let fields = [("owner_id".to_owned(), Some(person.into()))].into();
    out.push(Act::Do(Action::SetFields { record: form.record, base_heads: Vec::new(), fields }));
    true
}

fn people_ui(ui: &mut Ui, scene: &Scene<'_>, form: &mut AssignForm) -> Option<model::RecordId> {
    paragraph(ui, &form.name, Type::Label, tokens(ui).text);
    let id = Id::unique("assign to");
    let field = Field::new("Search people").bare().hint("Search people…").icon(icons::SEARCH).id(id);
    let response = field.show(ui, &mut form.text);
    // On a phone the keyboard would hide the names.
    if std::mem::take(&mut form.focus) && !scene.touch {
        response.request_focus();
    }
    let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let wanted = form.text.trim().to_lowercase();
    let fits =
        |person: &&Record| person.get("disabled_at").is_none() && person.text("name").to_lowercase().contains(&wanted);
    let found: Vec<&Record> = scene.people.iter().filter(fits).collect();
    if found.is_empty() {
        caption(ui, "Nobody of that name");
    }
    let mut chosen = found.first().filter(|_| entered && !wanted.is_empty()).map(|person| person.id);
    egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for person in found {
            let me = scene.my_id() == Some(person.id);
            let name = if me { format!("{} (me)", person.text("name")) } else { person.text("name").to_owned() };
            if Item::new(icons::PERSON, &name).show(ui) {
                chosen = Some(person.id);
            }
        }
    });
    chosen
}
