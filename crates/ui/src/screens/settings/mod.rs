//! Settings: me, appearance, the workspace, stages, fields and tags, the team, data, sync, about.

use egui::{ThemePreference, Ui, UiBuilder, vec2};
use model::query::Query;

mod about;
pub(crate) mod api;
mod color;
pub(crate) mod data;
mod me;
pub(crate) mod own_fields;
pub(crate) mod pipeline;
pub(crate) mod sync;
mod tags;
pub(crate) mod team;
pub(crate) mod webhooks;
mod words;
mod workspace;

use crate::act::Act;
use crate::feed::{Feed, Slot};
use crate::icons;
use crate::preferences::SCALES;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::segmented::{Choice, segmented};
use crate::widgets::tabs::tabs;
use crate::widgets::{card, label};

/// What the settings are drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SettingsView<'a> {
    /// The answers.
    pub(crate) feed: &'a Feed,
    /// The chosen theme.
    pub(crate) theme: ThemePreference,
    /// Devices of the team.
    pub(crate) team: &'a team::TeamState,
    /// The word of the part that shows.
    pub(crate) part: &'a str,
    /// Whether the browser has promised to keep the records.
    pub(crate) kept: Option<bool>,
    /// Backups.
    pub(crate) archive: &'a data::ArchiveState,
    /// Tokens and the calendar.
    pub(crate) api: &'a api::ApiState,
    /// What the last check of all documents found.
    pub(crate) verify: &'a sync::VerifyState,
    /// Where the records lie on this device; empty in a browser.
    pub(crate) data_place: &'a str,
}

/// The parts: their words in the address, and on their tabs.
const PARTS: [(&str, &str); 9] = [
    ("", "Me"),
    ("workspace", "Workspace"),
    ("pipeline", "Pipeline"),
    ("fields", "Fields & tags"),
    ("team", "Team"),
    ("data", "Data"),
    ("api", "API"),
    ("sync", "Sync"),
    ("about", "About"),
];

/// The queries that a part needs.
pub(crate) fn needs(part: &str) -> Vec<(Slot, Query)> {
    match part {
        "fields" => vec![(Slot::Tags, Query::Tags)],
        "sync" => vec![
            (Slot::Suggestions, Query::Suggestions),
            (Slot::Refused, Query::Refused),
            (Slot::Conflicts, Query::Conflicts),
            (Slot::Diagnostics, Query::Diagnostics),
        ],
        "data" => vec![(Slot::Storage, Query::Storage)],
        "pipeline" => vec![(Slot::Report, Query::Report(Box::new(pipeline::history_question())))],
        "" => vec![(Slot::QuickLogShare, Query::QuickLogShare)],
        _ => Vec::new(),
    }
}

/// Draws the settings.
pub(crate) fn settings_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    let shown = PARTS.iter().position(|(word, _)| *word == view.part).unwrap_or(0);
    let names: Vec<(&str, Option<u64>)> = PARTS.iter().map(|(_, name)| (*name, None)).collect();
    let margin = if scene.is_compact() { 4 } else { 8 };
    egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 0)).show(ui, |ui| {
        if let Some(index) = tabs(ui, &names, shown) {
            out.push(Act::Filter("s", PARTS[index].0.to_owned()));
        }
    });
    egui::ScrollArea::vertical().id_salt(view.part).auto_shrink(false).show(ui, |ui| {
        let margin = if scene.is_compact() { space::M } else { space::L };
        let width = (ui.available_width() - 2.0 * margin).min(720.0);
        let rect = egui::Rect::from_min_size(ui.max_rect().min + vec2(margin, margin), vec2(width, f32::INFINITY));
        let inner = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = space::S;
            match PARTS[shown].0 {
                "workspace" => section(ui, "Workspace", |ui| workspace::workspace_ui(ui, scene, out)),
                "pipeline" => {
                    section(ui, "Stages", |ui| pipeline::pipeline_ui(ui, scene, view.feed.report(), out));
                    section(ui, "Sources of leads", |ui| words::sources_ui(ui, scene, out));
                    section(ui, "Reasons for losing", |ui| words::reasons_ui(ui, scene, out));
                }
                "fields" => {
                    own_fields::own_fields_ui(ui, scene, out);
                    section(ui, "Tags", |ui| tags::tags_ui(ui, scene, view.feed.tags(), out));
                }
                "data" => data::data_ui(ui, scene, view, out),
                "api" => api::api_ui(ui, scene, view.api, out),
                "team" => team::team_ui(ui, scene, view.team, out),
                "sync" => sync::sync_ui(ui, scene, view, out),
                "about" => about::about_ui(ui, view),
                _ => {
                    section(ui, "Me", |ui| me::me_ui(ui, scene, view, out));
                    section(ui, "Appearance", |ui| appearance(ui, scene, view, out));
                    section(ui, "Habits", |ui| me::habits_ui(ui, scene, view, out));
                }
            }
            ui.add_space(space::XL);
        });
        ui.advance_cursor_after_rect(inner.response.rect);
    });
}

fn section(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    label(ui, title, Type::Title, tokens(ui).text);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::M;
        content(ui);
    });
    ui.add_space(space::M);
}

/// Something of this width.
fn sized<R>(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(width, ui.spacing().interact_size.y);
    ui.allocate_ui(size, |ui| {
        ui.set_width(width);
        content(ui)
    })
    .inner
}

fn appearance(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    themes(ui, view.theme, out);
    let choices = [Choice { icon: "", text: "Comfortable" }, Choice { icon: "", text: "Compact" }];
    label(ui, "Rows and cards", Type::CaptionStrong, tokens(ui).text_2);
    if let Some(index) = segmented(ui, &choices, usize::from(scene.dense)) {
        let word = if index == 1 { "compact" } else { "" };
        out.push(Act::Prefer("density".to_owned(), word.to_owned()));
    }
    let options: Vec<PickOption> =
        SCALES.iter().map(|percent| PickOption::new(percent.to_string(), format!("{percent} %"))).collect();
    let kept = view.feed.preferences().and_then(|kept| kept.get("scale")).map_or("100", String::as_str);
    let picker = Picker::new("Size of everything", kept_words(kept, &options), &options).width(160.0);
    if let Some(Picked::Choice(percent)) = picker.show(ui).picked {
        out.push(Act::Prefer("scale".to_owned(), if percent == "100" { String::new() } else { percent }));
    }
}

fn kept_words<'a>(kept: &str, options: &'a [PickOption]) -> &'a str {
    options.iter().find(|option| option.key == kept).map_or("100 %", |option| &option.text)
}

fn themes(ui: &mut Ui, theme: ThemePreference, out: &mut Vec<Act>) {
    const THEMES: [ThemePreference; 3] = [ThemePreference::Light, ThemePreference::Dark, ThemePreference::System];
    let choices = [
        Choice { icon: icons::SUN, text: "Light" },
        Choice { icon: icons::MOON, text: "Dark" },
        Choice { icon: icons::SYSTEM, text: "System" },
    ];
    let selected = THEMES.iter().position(|of| *of == theme).unwrap_or(2);
    if let Some(index) = segmented(ui, &choices, selected) {
        out.push(Act::Theme(THEMES[index]));
    }
}

/// What the browser answered when it was asked to keep the records.
const fn promise_words(kept: bool) -> &'static str {
    if kept {
        "This browser has promised to keep these records until you remove them"
    } else {
        "This browser may clear these records when space runs low. Install the app or bookmark it to keep them"
    }
}
