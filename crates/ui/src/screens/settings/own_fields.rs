//! The fields that the workspace adds to leads, accounts and contacts: new ones, name, order, options, archive.

use egui::{Context, Id, Key, Modifiers, Ui};
use model::own_field::{FIELDS_MAX, KINDS, OPTIONS_MAX, check_name};
use model::settings::SETTINGS_ID;
use model::{Action, FieldChanges, Kind, OwnField, OwnType, RecordRef, Settings, rank};

use super::workspace::{denied, set};
use super::{section, sized};
use crate::act::Act;
use crate::dialog::Dialog;
use crate::icons;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::saved_field::saved_field;
use crate::widgets::{Button, Field, Look, divider, icon_button_if, label, paragraph};

/// Room for what a field holds.
const TYPE_WIDTH: f32 = 120.0;

/// A field that is about to be defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldForm {
    kind: Kind,
    name: String,
    of: OwnType,
    options: String,
    problem: Option<(&'static str, String)>,
    focus: bool,
}

const fn type_words(of: OwnType) -> &'static str {
    match of {
        OwnType::Text => "Text",
        OwnType::Number => "Number",
        OwnType::Money => "Money",
        OwnType::Date => "Date",
        OwnType::Flag => "Yes or no",
        OwnType::Choice => "Choice",
        OwnType::Link => "Link",
    }
}

/// Draws a section for each kind.
pub(super) fn own_fields_ui(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    for kind in KINDS {
        let title = format!("Custom fields of {}", crate::words::kinds(kind).to_lowercase());
        section(ui, &title, |ui| kind_ui(ui, scene, kind, out));
    }
}

fn kind_ui(ui: &mut Ui, scene: &Scene<'_>, kind: Kind, out: &mut Vec<Act>) {
    let no = denied(scene);
    let no = no.as_deref();
    let live: Vec<&OwnField> = scene.settings.live_fields(kind).collect();
    if live.is_empty() {
        let text = format!("What else do you want to know about {}?", crate::words::kinds(kind).to_lowercase());
        paragraph(ui, &text, Type::Dense, tokens(ui).text_2);
    }
    for (index, field) in live.iter().enumerate() {
        if index > 0 {
            divider(ui);
        }
        field_ui(ui, scene, (&live, index, field), no, out);
    }
    archived_ui(ui, scene, kind, no, out);
    let full = scene.settings.own_fields_of(kind).count() >= FIELDS_MAX;
    let no = no.or(full.then_some("There are as many fields as one kind can have"));
    let name = format!("New {} field…", crate::words::kind(kind));
    if Button::new(&name).icon(icons::PLUS).disabled(no).show(ui).clicked() {
        let (name, options) = (String::new(), String::new());
        let form = FieldForm { kind, name, of: OwnType::Text, options, problem: None, focus: true };
        out.push(Act::Open(Box::new(Dialog::NewField(form))));
    }
}

fn field_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (live, index, field): (&[&OwnField], usize, &OwnField),
    denied: Option<&str>,
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let buttons = 3.0 * ui.spacing().interact_size.y + space::M;
        let side = if scene.is_compact() { buttons } else { buttons + TYPE_WIDTH + space::S };
        let wide = (ui.available_width() - side).max(90.0);
        let name = format!("Name of the {} field {}", crate::words::kind(field.kind), field.name);
        let id = Id::unique(("own field", field.kind, &field.key));
        let edit = Field::new(&name).bare().disabled(denied);
        if let Some(name) = sized(ui, wide, |ui| saved_field(ui, id, edit, &field.name)) {
            match check_name(&name) {
                Ok(()) => out.push(set([(field.property("name"), Some(name.into()))])),
                Err(problem) => out.push(Act::Say(problem.to_owned())),
            }
        }
        if !scene.is_compact() {
            sized(ui, TYPE_WIDTH, |ui| label(ui, type_words(field.of), Type::Dense, t.text_2));
        }
        order_ui(ui, (live, index, field), denied, out);
    });
    if scene.is_compact() {
        label(ui, type_words(field.of), Type::Caption, t.text_2);
    }
    if field.of == OwnType::Choice {
        options_ui(ui, field, denied, out);
    }
}

fn order_ui(
    ui: &mut Ui,
    (live, index, field): (&[&OwnField], usize, &OwnField),
    denied: Option<&str>,
    out: &mut Vec<Act>,
) {
    ui.spacing_mut().item_spacing.x = 0.0;
    let rank_at = |at: Option<usize>| at.and_then(|at| live.get(at)).map(|field| field.rank.as_str());
    let mut place = |ui: &mut Ui, (icon, word, ends): (&str, &str, bool), (above, below)| {
        let name = format!("Move {} {word}", field.name);
        let no = denied.or(ends.then_some("It is there already"));
        if icon_button_if(ui, icon, &name, no).clicked() {
            let rank = rank::between(rank_at(above), rank_at(below));
            out.push(set([(field.property("rank"), Some(rank.into()))]));
        }
    };
    place(ui, (icons::ARROW_UP, "up", index == 0), (index.checked_sub(2), index.checked_sub(1)));
    place(ui, (icons::ARROW_DOWN, "down", index + 1 == live.len()), (Some(index + 1), Some(index + 2)));
    let name = format!("Archive {}", field.name);
    if icon_button_if(ui, icons::EYE_OFF, &name, denied).clicked() {
        out.push(set([(field.property("archived"), Some(true.into()))]));
    }
}

/// The options of a choice, as chips.
fn options_ui(ui: &mut Ui, field: &OwnField, denied: Option<&str>, out: &mut Vec<Act>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::XS, space::XS);
        for option in &field.options {
            let name = format!("Remove the option {option} of {}", field.name);
            let chip = Button::new(option).look(Look::Chip).trailing(icons::CLOSE).name(&name).disabled(denied);
            if chip.show(ui).clicked() {
                out.push(set([(field.option(option), None)]));
            }
        }
        let full = (field.options.len() >= OPTIONS_MAX).then_some("There are as many options as a field can have");
        let name = format!("New option of {}", field.name);
        let edit = Field::new(&name).bare().hint("New option").icon(icons::PLUS).disabled(denied.or(full));
        let id = Id::unique(("new option", field.kind, &field.key));
        let added = sized(ui, 160.0, |ui| saved_field(ui, id, edit, ""));
        if let Some(option) = added.filter(|option| !option.is_empty() && !field.options.contains(option)) {
            match check_name(&option) {
                Ok(()) => out.push(set(with_option(field, option))),
                Err(problem) => out.push(Act::Say(problem.to_owned())),
            }
        }
    });
}

/// The new option, behind the others.
fn with_option(field: &OwnField, option: String) -> FieldChanges {
    let mut options = field.options.clone();
    options.push(option);
    field.reorder(&options)
}

fn archived_ui(ui: &mut Ui, scene: &Scene<'_>, kind: Kind, denied: Option<&str>, out: &mut Vec<Act>) {
    let archived: Vec<&OwnField> = scene.settings.own_fields_of(kind).filter(|field| field.archived).collect();
    if archived.is_empty() {
        return;
    }
    label(ui, "Archived: their values stay where they are", Type::CaptionStrong, tokens(ui).text_3);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::XS, space::XS);
        for field in archived {
            let name = format!("Bring {} back", field.name);
            let chip = Button::new(&field.name).look(Look::Chip).trailing(icons::RESTORE).name(&name).disabled(denied);
            if chip.show(ui).clicked() {
                out.push(set([(field.property("archived"), None)]));
            }
        }
    });
}

/// Draws the dialog that defines a field; `true` when it should close.
pub(crate) fn new_field_ui(ctx: &Context, scene: &Scene<'_>, form: &mut FieldForm, out: &mut Vec<Act>) -> bool {
    let title = format!("New {} field", crate::words::kind(form.kind));
    let mut sure = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut footer = |ui: &mut Ui| {
        sure |= Button::primary("Add the field").tip("Ctrl Enter").show(ui).clicked();
    };
    let frame = Frame { title: &title, width: 440.0, sheet: scene.is_compact(), high: false };
    let mut entered = false;
    let closed = frame.show(ctx, |ui| entered = form_ui(ui, form), Some(&mut footer));
    let done = (sure || entered) && define(form, scene.settings, out);
    closed || done
}

/// `true` when Enter was pressed.
fn form_ui(ui: &mut Ui, form: &mut FieldForm) -> bool {
    let problem_of = |key: &str| form.problem.as_ref().filter(|(of, _)| *of == key).map(|(_, words)| words.clone());
    let (name, options) = (problem_of("name"), problem_of("options"));
    let response = Field::new("Field name").hint("Contract until").problem(name.as_deref()).show(ui, &mut form.name);
    if std::mem::take(&mut form.focus) {
        response.request_focus();
    }
    let choices: Vec<PickOption> = OwnType::ALL.iter().map(|of| PickOption::new(of.name(), type_words(*of))).collect();
    if let Some(Picked::Choice(of)) = Picker::new("It holds", type_words(form.of), &choices).show(ui).picked {
        form.of = OwnType::ALL.into_iter().find(|known| known.name() == of).unwrap_or_default();
    }
    if form.of == OwnType::Choice {
        let field = Field::new("Options").hint("Gold, Silver, Bronze").problem(options.as_deref());
        field.note("Separated by commas").show(ui, &mut form.options);
    }
    let text = "What a field holds can't be changed later. A field that is no longer needed is archived.";
    paragraph(ui, text, Type::Caption, tokens(ui).text_3);
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && form.of != OwnType::Choice
}

/// Sends the definition; `false` when something is missing.
fn define(form: &mut FieldForm, settings: &Settings, out: &mut Vec<Act>) -> bool {
    let name = form.name.trim();
    let taken = settings.own_fields_of(form.kind).any(|field| field.name.eq_ignore_ascii_case(name));
    let mut options: Vec<String> = Vec::new();
    for option in form.options.split([',', ';', '\n']).map(str::trim).filter(|option| !option.is_empty()) {
        if !options.iter().any(|other| other == option) {
            options.push(option.to_owned());
        }
    }
    let is_choice = form.of == OwnType::Choice;
    let bad_option = || options.iter().any(|option| check_name(option).is_err()) || options.len() > OPTIONS_MAX;
    form.problem = match check_name(name) {
        Err(problem) => Some(("name", problem.to_owned())),
        Ok(()) if taken => Some(("name", "There is such a field already, perhaps in the archive".to_owned())),
        Ok(()) if is_choice && options.is_empty() => Some(("options", "Enter at least one option".to_owned())),
        Ok(()) if is_choice && bad_option() => Some(("options", "These are too many or too long".to_owned())),
        Ok(()) => None,
    };
    if form.problem.is_some() {
        return false;
    }
    let mut field = OwnField::new(form.kind, name, form.of, settings);
    field.options = if is_choice { options } else { Vec::new() };
    let fields: FieldChanges = field.fields().into_iter().map(|(key, value)| (key, Some(value))).collect();
    let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
    out.push(Act::Do(Action::SetFields { record, base_heads: Vec::new(), fields }));
    true
}
