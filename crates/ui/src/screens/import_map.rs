//! The step of an import that maps columns to fields.

use egui::{Align2, Sense, Ui, UiBuilder, pos2, vec2};
use model::Kind;
use model::import::{ImportPreview, MatchMode, Target};
use model::own_field::check_name;

use super::import::ImportState;
use crate::act::Act;
use crate::icons;
use crate::present::format::many;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, card, divider, label, paint, paint_icon};

const PRESETS: [(&str, &str); 11] = [
    ("", "Any other CSV"),
    ("google", "Google Contacts"),
    ("google_old", "Google Contacts (older)"),
    ("linkedin", "LinkedIn connections"),
    ("hubspot_contacts", "HubSpot contacts"),
    ("hubspot_companies", "HubSpot companies"),
    ("hubspot_deals", "HubSpot deals"),
    ("pipedrive", "Pipedrive"),
    ("twenty_people", "Twenty people"),
    ("twenty_companies", "Twenty companies"),
    ("atomic", "Atomic CRM"),
];

const DATE_ORDERS: [(&str, &str); 3] =
    [("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day")];

const MODES: [(MatchMode, &str, &str); 4] = [
    (MatchMode::FillBlanks, "fill", "Fill only what is empty"),
    (MatchMode::Skip, "skip", "Leave existing records alone"),
    (MatchMode::Overwrite, "overwrite", "Overwrite with the file"),
    (MatchMode::AlwaysCreate, "create", "Always create new records"),
];

pub(super) fn map(ui: &mut Ui, scene: &Scene<'_>, state: &mut ImportState, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(preview) = state.preview.clone() else { return };
    label(ui, &state.file, Type::Title, t.text);
    let delimiter = match preview.delimiter {
        '\t' => "tab".to_owned(),
        other => format!("“{other}”"),
    };
    let text =
        format!("{} · {} · {delimiter} between columns", many(preview.row_count, "row", "rows"), preview.encoding);
    label(ui, &text, Type::Dense, t.text_2);
    settings(ui, scene, &preview, state, out);
    card(ui, 0, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for (index, column) in preview.columns.iter().enumerate() {
            if index > 0 {
                divider(ui);
            }
            let target = state.options.mapping.get(&column.name).unwrap_or(&column.target).clone();
            if let Some(chosen) = column_ui(ui, scene, (&column.name, &column.samples), &target) {
                state.options.mapping.insert(column.name.clone(), chosen);
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        if Button::primary("Preview").show(ui).clicked() {
            out.push(Act::ImportDryRun);
        }
        if Button::new("Choose another file").show(ui).clicked() {
            out.push(Act::ImportReset);
        }
    });
}

fn settings(ui: &mut Ui, scene: &Scene<'_>, preview: &ImportPreview, state: &mut ImportState, out: &mut Vec<Act>) {
    let options = |list: &[(&str, &str)]| -> Vec<PickOption> {
        list.iter().map(|(key, text)| PickOption::new(*key, *text)).collect()
    };
    let words = |list: &[(&'static str, &'static str)], key: &str| {
        list.iter().find(|(of, _)| *of == key).map_or("", |(_, text)| *text)
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::M, space::M);
        let wide = if scene.is_compact() { ui.available_width() } else { 220.0 };
        let held = |ui: &mut Ui, picker: Picker<'_>| {
            ui.allocate_ui(vec2(wide, 52.0), |ui| picker.width(wide).show(ui).picked).inner
        };
        let preset = state.options.preset.clone().unwrap_or_else(|| preview.preset.clone());
        let presets = options(&PRESETS);
        if let Some(Picked::Choice(key)) = held(ui, Picker::new("Kind of file", words(&PRESETS, &preset), &presets)) {
            state.options.preset = Some(key);
            state.options.mapping.clear();
            out.push(Act::ImportPreview);
        }
        let order = state.options.date_order.clone().unwrap_or_else(|| scene.settings.date_order.clone());
        let orders = options(&DATE_ORDERS);
        if let Some(Picked::Choice(key)) =
            held(ui, Picker::new("Dates are written", words(&DATE_ORDERS, &order), &orders))
        {
            state.options.date_order = Some(key);
        }
        let current = MODES.iter().find(|(mode, ..)| *mode == state.options.mode).map_or("", |(.., text)| *text);
        let modes: Vec<PickOption> = MODES.iter().map(|(_, key, text)| PickOption::new(*key, *text)).collect();
        if let Some(Picked::Choice(key)) = held(ui, Picker::new("When a record exists", current, &modes)) {
            let mode = MODES.iter().find(|(_, of, _)| *of == key).map(|(mode, ..)| *mode);
            state.options.mode = mode.unwrap_or_default();
        }
    });
}

fn column_ui(ui: &mut Ui, scene: &Scene<'_>, (name, samples): (&str, &[String]), target: &Target) -> Option<Target> {
    let t = tokens(ui);
    let wide = if scene.is_compact() { 150.0 } else { 260.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 56.0), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, name));
    let left = rect.left() + 16.0;
    let room = rect.width() - wide - 64.0;
    paint(ui, (pos2(left, rect.top() + 19.0), Align2::LEFT_CENTER), name, (Type::Label, t.text), room);
    let samples = samples.join(" · ").replace(['\n', '\r'], " ");
    paint(ui, (pos2(left, rect.top() + 38.0), Align2::LEFT_CENTER), &samples, (Type::Caption, t.text_3), room);
    paint_icon(ui, pos2(rect.right() - wide - 30.0, rect.center().y), icons::ARROW_RIGHT, 14.0, t.text_3);
    let height = ui.spacing().interact_size.y;
    let place =
        egui::Rect::from_center_size(pos2(rect.right() - wide / 2.0 - 12.0, rect.center().y), vec2(wide, height));
    let targets = targets(name, scene);
    let options: Vec<PickOption> = targets.iter().map(|(key, text, _)| PickOption::new(key, text)).collect();
    let current = target_words(target, scene);
    let shown = if *target == Target::Skip { String::new() } else { current };
    let mut inner = ui.new_child(UiBuilder::new().id_salt(("target", name)).max_rect(place));
    let spoken = format!("Target of {name}");
    let picker = Picker::new(&spoken, &shown, &options).bare().searchable().placeholder("Skip").width(wide);
    match picker.show(&mut inner).picked {
        Some(Picked::Choice(key)) => targets.into_iter().find(|(of, ..)| *of == key).map(|(.., target)| target),
        _ => None,
    }
}

fn target_words(target: &Target, scene: &Scene<'_>) -> String {
    let kind = |kind: &Kind| crate::words::capital(crate::words::kind(*kind));
    match target {
        Target::Skip => "Skip".into(),
        Target::Field(of, key) => format!("{} · {}", kind(of), field_words(key)),
        Target::Custom(of, name) => match scene.settings.own_field_named(*of, name) {
            Some(field) => format!("{} · {}", kind(of), field.name),
            None => format!("{} · new field “{name}”", kind(of)),
        },
        Target::AppendToNotes(of) => format!("{} · line in notes", kind(of)),
    }
}

fn field_words(key: &str) -> String {
    match key.split_once('/') {
        Some(("emails", label)) => format!("Email ({label})"),
        Some(("phones", label)) => format!("Phone ({label})"),
        _ if key == "stage" => "Stage".into(),
        _ if key == "tags" => "Tags".into(),
        _ if key == "import_ref" => "Id in the other system".into(),
        _ => crate::words::field(key),
    }
}

/// Where a column may go: key, words, target.
fn targets(column: &str, scene: &Scene<'_>) -> Vec<(String, String, Target)> {
    const HIDDEN: [&str; 15] = [
        "created_at",
        "updated_at",
        "archived_at",
        "deleted_at",
        "sample",
        "merged_into",
        "distinct",
        "custom",
        "contacts",
        "emails",
        "phones",
        "probability_pinned",
        "via",
        "pinned",
        "place",
    ];
    let mut targets = vec![Target::Skip];
    for kind in [Kind::Contact, Kind::Account, Kind::Lead, Kind::Activity] {
        let fields = kind.fields().iter().map(|field| field.key).filter(|key| !HIDDEN.contains(key));
        targets.extend(fields.map(|key| Target::Field(kind, key.to_owned())));
        if kind == Kind::Lead {
            targets.push(Target::Field(kind, "stage".into()));
        }
        if kind == Kind::Contact {
            let labels = ["emails/work", "emails/home", "phones/work", "phones/home", "phones/mobile"];
            targets.extend(labels.map(|key| Target::Field(kind, key.into())));
        }
        if kind != Kind::Activity {
            targets.extend(scene.settings.live_fields(kind).map(|field| Target::Custom(kind, field.key.clone())));
            let is_new = scene.settings.own_field_named(kind, column).is_none();
            if is_new && check_name(column).is_ok() && scene.is_admin() {
                targets.push(Target::Custom(kind, column.to_owned()));
            }
            targets.push(Target::AppendToNotes(kind));
        }
    }
    let keyed = |target: Target| (format!("{target:?}"), target_words(&target, scene), target);
    targets.into_iter().map(keyed).collect()
}
