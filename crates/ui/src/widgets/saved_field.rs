//! A field that saves itself: on Enter and when it is left; Escape reverts.

use egui::{Id, Key, Ui};

use super::Field;

/// Draws the field and returns what is to be saved. `held` is what stands now.
pub fn saved_field(ui: &mut Ui, id: Id, field: Field<'_>, held: &str) -> Option<String> {
    let draft: Option<String> = ui.data(|data| data.get_temp(id));
    let mut text = draft.unwrap_or_else(|| held.to_owned());
    let response = field.id(id).show(ui, &mut text);
    let escaped = ui.input(|input| input.key_pressed(Key::Escape));
    if response.lost_focus() {
        ui.data_mut(|data| data.remove::<String>(id));
        let text = text.trim();
        return (!escaped && text != held).then(|| text.to_owned());
    }
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(id, text));
    }
    None
}
