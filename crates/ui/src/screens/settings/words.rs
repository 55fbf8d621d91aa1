//! The words that forms propose, sources of leads and reasons for losing: new ones, names, order, archive.

use egui::{Id, Ui};
use model::action::{Rewording, WordList};
use model::own_field::check_name;
use model::settings::{order_words, word_rank};
use model::{Action, FieldChanges};

use super::sized;
use super::workspace::{denied, set};
use crate::act::Act;
use crate::dialog::Confirm;
use crate::icons;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::saved_field::saved_field;
use crate::widgets::{Button, Field, Look, icon_button_if, label, paragraph};

/// One list of words.
#[derive(Debug, Clone, Copy)]
struct Words<'a> {
    list: WordList,
    /// What one of them is called.
    one: &'a str,
    live: &'a [String],
    old: &'a [String],
}

/// Draws the sources.
pub(super) fn sources_ui(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let (live, old) = (&scene.settings.sources, &scene.settings.old_sources);
    words_ui(ui, scene, &Words { list: WordList::Source, one: "source", live, old }, out);
}

/// Draws the reasons.
pub(super) fn reasons_ui(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let (live, old) = (&scene.settings.lost_reasons, &scene.settings.old_lost_reasons);
    words_ui(ui, scene, &Words { list: WordList::LostReason, one: "reason", live, old }, out);
}

fn words_ui(ui: &mut Ui, scene: &Scene<'_>, words: &Words<'_>, out: &mut Vec<Act>) {
    let no = denied(scene);
    let no = no.as_deref();
    ui.spacing_mut().item_spacing.y = space::XS;
    for index in 0..words.live.len() {
        word_ui(ui, words, index, no, out);
    }
    let name = format!("New {}", words.one);
    let new = Field::new(&name).bare().hint(&name).icon(icons::PLUS).disabled(no);
    let id = Id::unique(("new word", words.one));
    let added = sized(ui, 220.0, |ui| saved_field(ui, id, new, ""));
    if let Some(word) = added.filter(|word| !word.is_empty()) {
        match check_name(&word) {
            Ok(()) => out.push(set(with_word(words, &word))),
            Err(problem) => out.push(Act::Say(problem.to_owned())),
        }
    }
    old_ui(ui, words, no, out);
    let text =
        format!("A new name is written into every lead that has the {}. Archived ones stay in theirs.", words.one);
    paragraph(ui, &text, Type::Caption, tokens(ui).text_3);
}

fn word_ui(ui: &mut Ui, words: &Words<'_>, index: usize, denied: Option<&str>, out: &mut Vec<Act>) {
    let word = &words.live[index];
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let buttons = 3.0 * ui.spacing().interact_size.y;
        let wide = (ui.available_width() - buttons - space::S).clamp(90.0, 320.0);
        let name = format!("Name of the {} {word}", words.one);
        let field = Field::new(&name).bare().disabled(denied);
        let id = Id::unique(("word", words.one, word));
        if let Some(to) = sized(ui, wide, |ui| saved_field(ui, id, field, word)) {
            out.extend(rename(words, word, to));
        }
        ui.add_space(space::S);
        let mut place = |ui: &mut Ui, (icon, way): (&str, &str), to: Option<usize>| {
            let name = format!("Move {word} {way}");
            let no = denied.or(to.is_none().then_some("It is there already"));
            if let (true, Some(to)) = (icon_button_if(ui, icon, &name, no).clicked(), to) {
                let mut order = words.live.to_vec();
                order.swap(index, to);
                out.push(set(order_words(words.list.setting(), &order)));
            }
        };
        place(ui, (icons::ARROW_UP, "up"), index.checked_sub(1));
        place(ui, (icons::ARROW_DOWN, "down"), Some(index + 1).filter(|next| *next < words.live.len()));
        let name = format!("Archive the {} {word}", words.one);
        if icon_button_if(ui, icons::EYE_OFF, &name, denied).clicked() {
            out.push(set(without_word(words, word)));
        }
    });
}

fn old_ui(ui: &mut Ui, words: &Words<'_>, denied: Option<&str>, out: &mut Vec<Act>) {
    if words.old.is_empty() {
        return;
    }
    label(ui, "Archived", Type::CaptionStrong, tokens(ui).text_3);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::XS, space::XS);
        for word in words.old {
            let name = format!("Bring the {} {word} back", words.one);
            let chip = Button::new(word).look(Look::Chip).trailing(icons::RESTORE).name(&name).disabled(denied);
            if chip.show(ui).clicked() {
                out.push(set(with_word(words, word)));
            }
        }
    });
}

/// A word that is proposed from now on, behind the others.
fn with_word(words: &Words<'_>, word: &str) -> FieldChanges {
    let list = words.list.setting();
    let mut order = words.live.to_vec();
    order.retain(|other| other != word);
    order.push(word.to_owned());
    let mut changes = order_words(list, &order);
    changes.insert(format!("{list}/{word}"), Some(true.into()));
    changes
}

/// A word that is proposed no longer; its rank remembers that it was.
fn without_word(words: &Words<'_>, word: &str) -> FieldChanges {
    let list = words.list.setting();
    let mut changes = order_words(list, words.live);
    changes.retain(|key, _| *key == word_rank(list, word));
    changes.insert(format!("{list}/{word}"), None);
    changes
}

fn rename(words: &Words<'_>, from: &str, to: String) -> Option<Act> {
    if let Err(problem) = check_name(&to) {
        return Some(Act::Say(problem.to_owned()));
    }
    let merges = words.live.contains(&to);
    let text = format!("There is a {} {to} already. Leads with {from} get it instead.", words.one);
    let button = format!("Merge into {to}");
    let action = Action::Reword(Rewording { list: words.list, from: from.to_owned(), to: Some(to) });
    Some(match merges {
        true => Act::Confirm(Confirm { text, button, danger: false, action }),
        false => Act::Do(action),
    })
}
