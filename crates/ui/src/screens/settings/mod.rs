//! Settings: me, appearance, sync, what the relay refused, the workspace, the pipeline's stages, data.

use egui::{ThemePreference, Ui, UiBuilder, vec2};
use model::app::{Request, SyncState};
use model::query::RefusedCommand;

pub(crate) mod api;
pub(crate) mod data;
pub(crate) mod pipeline;
pub(crate) mod team;
mod workspace;

use super::fields::conflict_ui;
use super::refused::{refused_ui, suggestions_ui};
use super::shell::sync_words;
use crate::act::Act;
use crate::dialog::Dialog;
use crate::feed::Feed;
use crate::icons;
use crate::preferences::SCALES;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::avatar::avatar;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::segmented::{Choice, segmented};
use crate::widgets::tabs::tabs;
use crate::widgets::{Button, card, divider, icon, label, paragraph};

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
}

/// The parts: their words in the address, and on their tabs.
const PARTS: [(&str, &str); 6] = [
    ("", "General"),
    ("workspace", "Workspace"),
    ("pipeline", "Pipeline"),
    ("team", "Team"),
    ("data", "Data"),
    ("api", "API"),
];

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
                    section(ui, "Stages", |ui| pipeline::pipeline_ui(ui, scene, out));
                    section(ui, "Sources and reasons", |ui| workspace::lists_ui(ui, scene, out));
                }
                "data" => data::data_ui(ui, scene, view, out),
                "api" => api::api_ui(ui, scene, view.api, out),
                "team" => team::team_ui(ui, scene, view.team, out),
                _ => general(ui, scene, view, out),
            }
            ui.add_space(space::XL);
        });
        ui.advance_cursor_after_rect(inner.response.rect);
    });
}

fn general(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    section(ui, "Me", |ui| me(ui, scene, out));
    section(ui, "Appearance", |ui| appearance(ui, scene, view, out));
    section(ui, "Sync", |ui| sync(ui, scene, out));
    refused(ui, scene, view.feed.refused(), out);
    suggestions(ui, scene, view.feed, out);
    conflicts(ui, scene, view.feed, out);
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

fn me(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(me) = scene.me() else { return };
    ui.horizontal(|ui| {
        avatar(ui, &me.name, 36.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            label(ui, &me.name, Type::Label, t.text);
            let role = match me.role {
                model::Role::Admin => "Administrator",
                model::Role::User => "Member",
                model::Role::Viewer => "Read-only",
            };
            let line =
                if me.email.is_empty() { "On this device".to_owned() } else { format!("{} · {role}", me.email) };
            label(ui, &line, Type::Dense, t.text_2);
        });
    });
    ui.horizontal_wrapped(|ui| {
        if Button::new("Keyboard shortcuts").icon(icons::KEYBOARD).show(ui).clicked() {
            out.push(Act::Open(Box::new(Dialog::Help)));
        }
    });
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

fn sync(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let (mark, words, tone) = sync_words(scene);
    ui.horizontal(|ui| {
        icon(ui, mark, 18.0, t.tone(tone).0);
        label(ui, &words, Type::Label, t.text);
    });
    if !scene.session.server.is_empty() {
        label(ui, &scene.session.server, Type::Dense, t.text_2);
    }
    ui.horizontal_wrapped(|ui| match &scene.session.sync {
        SyncState::Alone => {
            if Button::new("Join a team…").icon(icons::CONTACTS).show(ui).clicked() {
                out.push(Act::Open(Box::new(Dialog::Join)));
            }
        }
        state => {
            if *state == SyncState::NeedsSignIn && Button::primary("Sign in…").show(ui).clicked() {
                out.push(Act::Open(Box::new(Dialog::Join)));
            }
            if Button::new("Sync now").icon(icons::SYNCING).show(ui).clicked() {
                out.push(Act::Send(Request::SyncNow));
            }
            if Button::new("Sign out…").icon(icons::SIGN_OUT).show(ui).clicked() {
                let waits = scene.session.waiting > 0 || scene.session.refused > 0;
                out.push(match waits {
                    true => Act::Open(Box::new(Dialog::SignOut)),
                    false => Act::Send(Request::SignOut { even_if_waiting: false }),
                });
            }
        }
    });
}

fn refused(ui: &mut Ui, scene: &Scene<'_>, refused: &[RefusedCommand], out: &mut Vec<Act>) {
    if !refused.is_empty() {
        section(ui, "Refused changes", |ui| refused_ui(ui, scene, refused, out));
    }
}

fn suggestions(ui: &mut Ui, scene: &Scene<'_>, feed: &Feed, out: &mut Vec<Act>) {
    if !feed.suggestions().is_empty() {
        section(ui, "Suggestions", |ui| suggestions_ui(ui, scene, feed.suggestions(), out));
    }
}

fn conflicts(ui: &mut Ui, scene: &Scene<'_>, feed: &Feed, out: &mut Vec<Act>) {
    let conflicts = feed.conflicts();
    if conflicts.is_empty() {
        return;
    }
    section(ui, "Conflicts", |ui| {
        let t = tokens(ui);
        let text = "Two people changed the same field at once. Both values are kept until somebody chooses.";
        paragraph(ui, text, Type::Dense, t.text_2);
        for conflict in conflicts {
            divider(ui);
            ui.horizontal(|ui| {
                let text = format!("{} · {}", conflict.name, crate::words::field(&conflict.key));
                label(ui, &text, Type::Label, t.text);
                let screen = crate::routes::Screen::of(conflict.record);
                let name = format!("Open {} to see its {}", conflict.name, crate::words::field(&conflict.key));
                if let Some(screen) = screen
                    && Button::quiet("Open").name(&name).show(ui).clicked()
                {
                    out.push(Act::Go(screen));
                }
            });
            // The owner isn't known here; what is not allowed after all is said when it is tried.
            let denied = scene.denied_create(conflict.record.kind);
            let of = format!(" of {}", conflict.name);
            conflict_ui(ui, scene, (conflict, &of), denied.as_deref(), out);
        }
    });
}

/// What the browser answered when it was asked to keep the records.
const fn promise_words(kept: bool) -> &'static str {
    if kept {
        "This browser has promised to keep these records until you remove them"
    } else {
        "This browser may clear these records when space runs low. Install the app or bookmark it to keep them"
    }
}
