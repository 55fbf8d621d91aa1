//! The person at this device: their name, where the program opens, what it tells, how dates are written, the keys.

use egui::{Id, Ui};
use model::app::TeamRequest;
use model::query::LoggedCount;

use super::SettingsView;
use super::team::PasswordForm;
use crate::act::Act;
use crate::dialog::Dialog;
use crate::icons;
use crate::preferences::{DATE_ORDER, NOTICES, START, START_PAGES};
use crate::present::format::grouped;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::avatar::avatar;
use crate::widgets::check::check;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::saved_field::saved_field;
use crate::widgets::{Button, Field, label, paragraph};

/// The share of Quick Log that the product wants to reach, in percent.
const QUICK_LOG_WANTED: u64 = 90;

/// Draws who the person is.
pub(super) fn me_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
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
    let field = Field::new("Your name");
    if let Some(name) = saved_field(ui, Id::unique("own name"), field, &me.name) {
        out.push(match name.is_empty() {
            true => Act::Say("Enter your name".to_owned()),
            false => Act::Team(TeamRequest::Rename { name }),
        });
    }
    ui.horizontal_wrapped(|ui| {
        if !scene.session.server.is_empty() && Button::new("Change your password…").icon(icons::LOCK).show(ui).clicked()
        {
            out.push(Act::Open(Box::new(Dialog::Password(PasswordForm::default()))));
        }
        if Button::new("Keyboard shortcuts").icon(icons::KEYBOARD).show(ui).clicked() {
            out.push(Act::Open(Box::new(Dialog::Help)));
        }
    });
    quick_log_ui(ui, scene, view);
}

/// How much of what was logged lately took the one-click way.
fn quick_log_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>) {
    let t = tokens(ui);
    let Some(share) = view.feed.quick_log_share() else { return };
    ui.add_space(space::XS);
    label(ui, "Logged with Quick Log, last 30 days", Type::CaptionStrong, t.text_2);
    if share.team.all == 0 {
        label(ui, "Nothing was logged yet. Press L on any record to begin", Type::Dense, t.text_2);
        return;
    }
    share_ui(ui, "You", share.own);
    if scene.people.len() > 1 {
        share_ui(ui, "Everybody", share.team);
    }
}

fn share_ui(ui: &mut Ui, who: &str, count: LoggedCount) {
    let t = tokens(ui);
    let LoggedCount { quick, all } = count;
    let text = match (quick * 100).checked_div(all) {
        None => format!("{who}: –"),
        Some(percent) => format!("{who}: {percent} % ({} of {})", grouped(quick), grouped(all)),
    };
    let reached = all > 0 && quick * 100 >= all * QUICK_LOG_WANTED;
    ui.horizontal(|ui| {
        label(ui, &text, Type::Label, t.text);
        if reached {
            crate::widgets::icon(ui, icons::SUCCESS, 16.0, t.success);
            label(ui, "90 % reached", Type::Dense, t.success);
        }
    });
}

/// Draws what the person has chosen on this device.
pub(super) fn habits_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    let kept = |key: &str| view.feed.preferences().and_then(|kept| kept.get(key)).map_or("", String::as_str);
    chosen(ui, (START, "TrailTrack opens with", kept(START)), &START_PAGES, out);
    let workspace = match scene.settings.date_order.as_str() {
        "mdy" => "As the workspace: month, day",
        "ymd" => "As the workspace: ISO",
        _ => "As the workspace: day, month",
    };
    let orders = [
        ("", workspace),
        ("dmy", "Day, month (3 Oct 2026)"),
        ("mdy", "Month, day (Oct 3, 2026)"),
        ("ymd", "ISO (2026-10-03)"),
    ];
    chosen(ui, (DATE_ORDER, "You write dates", kept(DATE_ORDER)), &orders, out);
    label(ui, "Tell me about", Type::CaptionStrong, tokens(ui).text_2);
    for (key, words) in NOTICES {
        let mut on = kept(key) != "off";
        if check(ui, &mut on, words).changed() {
            let value = if on { "" } else { "off" };
            out.push(Act::Prefer(key.to_owned(), value.to_owned()));
        }
    }
    let text = "Whatever is not told still stands in the list behind the bell, and under Sync.";
    paragraph(ui, text, Type::Caption, tokens(ui).text_3);
}

fn chosen(ui: &mut Ui, (key, name, held): (&str, &str, &str), choices: &[(&str, &str)], out: &mut Vec<Act>) {
    let options: Vec<PickOption> = choices.iter().map(|(key, words)| PickOption::new(*key, *words)).collect();
    let current = choices.iter().find(|(key, _)| *key == held).map_or(choices[0].1, |(_, words)| words);
    if let Some(Picked::Choice(value)) = Picker::new(name, current, &options).show(ui).picked {
        out.push(Act::Prefer(key.to_owned(), value));
    }
}
