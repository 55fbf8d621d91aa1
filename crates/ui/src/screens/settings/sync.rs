//! Sync: the server, what waits, what was refused or is in conflict, and how this device stands.

use egui::Ui;
use model::app::{Request, SyncState, Verified};
use model::query::{Diagnostics, RefusedCommand};

use super::{SettingsView, section};
use crate::act::Act;
use crate::app::Effect;
use crate::dialog::Dialog;
use crate::feed::Feed;
use crate::icons;
use crate::present::format::{self, many};
use crate::scene::Scene;
use crate::screens::fields::conflict_ui;
use crate::screens::refused::{refused_ui, suggestions_ui};
use crate::screens::shell::sync_words;
use crate::theme::{Type, space, tokens};
use crate::widgets::{Button, divider, icon, label, paragraph};

/// A check of all documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum VerifyState {
    /// Nobody has asked for one.
    #[default]
    NotAsked,
    /// It is under way.
    Running,
    /// What it found, or why it could not be done.
    Done(Result<Verified, String>),
}

/// Draws the part.
pub(super) fn sync_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    section(ui, "Sync", |ui| state_ui(ui, scene, view, out));
    refused(ui, scene, view.feed.refused(), out);
    suggestions(ui, scene, view.feed, out);
    conflicts(ui, scene, view.feed, out);
    section(ui, "This device", |ui| device_ui(ui, scene, view, out));
}

fn state_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let (mark, words, tone) = sync_words(scene);
    ui.horizontal(|ui| {
        icon(ui, mark, 18.0, t.tone(tone).0);
        label(ui, &words, Type::Label, t.text);
    });
    if !scene.session.server.is_empty() {
        label(ui, &scene.session.server, Type::Dense, t.text_2);
        label(ui, &queue_words(scene, view.feed.diagnostics()), Type::Dense, t.text_2);
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
                let text = format!("{} · {}", conflict.name, scene.field_words(conflict.record.kind, &conflict.key));
                label(ui, &text, Type::Label, t.text);
                let screen = crate::routes::Screen::of(conflict.record);
                let name = format!(
                    "Open {} to see its {}",
                    conflict.name,
                    scene.field_words(conflict.record.kind, &conflict.key)
                );
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

/// What waits for the relay, and since when.
fn queue_words(scene: &Scene<'_>, diagnostics: Option<&Diagnostics>) -> String {
    let waiting = scene.session.waiting;
    let oldest = diagnostics.and_then(|of| of.oldest_waiting).filter(|_| waiting > 0);
    match (waiting, oldest) {
        (0, _) => "Nothing waits to be sent".to_owned(),
        (_, None) => format!("{} to be sent", many(waiting, "change waits", "changes wait")),
        (_, Some(oldest)) => {
            let since = format::moment(oldest, scene.zone, scene.today);
            format!("{} to be sent, the oldest since {since}", many(waiting, "change waits", "changes wait"))
        }
    }
}

fn device_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(diagnostics) = view.feed.diagnostics() else { return };
    let lines = lines(scene, view, diagnostics);
    ui.spacing_mut().item_spacing.y = space::XS;
    for (name, value) in &lines {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            label(ui, name, Type::Dense, t.text_2);
            paragraph(ui, value, Type::Dense, t.text);
        });
    }
    ui.add_space(space::S);
    ui.horizontal_wrapped(|ui| {
        let running = (*view.verify == VerifyState::Running).then_some("The documents are being checked");
        if Button::new("Verify now").icon(icons::SUCCESS).disabled(running).show(ui).clicked() {
            out.push(Act::Verify);
        }
        if Button::new("Copy as text").icon(icons::COPY).name("Copy how this device stands").show(ui).clicked() {
            out.push(Act::Shell(Effect::CopyText(as_text(&lines, view.verify))));
            out.push(Act::Say("Copied. It holds no names, addresses or passwords".to_owned()));
        }
    });
    verified_ui(ui, view.verify);
}

fn verified_ui(ui: &mut Ui, verify: &VerifyState) {
    let t = tokens(ui);
    let (mark, ink, text) = match verify {
        VerifyState::NotAsked => return,
        VerifyState::Running => (icons::SYNCING, t.info, "Checking every document…".to_owned()),
        VerifyState::Done(Err(reason)) => (icons::ERROR, t.danger, reason.clone()),
        VerifyState::Done(Ok(found)) if found.problems.is_empty() => (
            icons::SUCCESS,
            t.success,
            format!("All is well: {} checked", many(found.documents, "document", "documents")),
        ),
        VerifyState::Done(Ok(found)) => {
            let problems = many(found.problems.len() as u64, "problem", "problems");
            let text = format!(
                "{problems} in {}. Start the program again to mend them",
                many(found.documents, "document", "documents")
            );
            (icons::WARNING, t.warning, text)
        }
    };
    ui.horizontal(|ui| {
        icon(ui, mark, 16.0, ink);
        paragraph(ui, &text, Type::Label, t.text);
    });
    if let VerifyState::Done(Ok(found)) = verify {
        for problem in found.problems.iter().take(SHOWN_PROBLEMS) {
            paragraph(ui, problem, Type::Caption, t.text_2);
        }
        paragraph(ui, &format!("Digest {}", found.digest), Type::Caption, t.text_3);
    }
}

/// Problems that show; the copied text has all of them.
const SHOWN_PROBLEMS: usize = 5;

/// What is shown and copied: figures only.
fn lines(scene: &Scene<'_>, view: &SettingsView<'_>, of: &Diagnostics) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("Version", format!("{}, SQLite {}, records {}, protocol {}", of.version, of.sqlite, of.schema, of.protocol)),
        ("Device", of.device.clone()),
        ("Documents", format!("{}, {}", format::grouped(of.documents), format::size(of.database_bytes))),
    ];
    if !scene.session.server.is_empty() {
        let heard =
            of.heard_at.map_or_else(|| "not since the start".to_owned(), |at| model::format::full_time(at, scene.zone));
        lines.push(("State", sync_words(scene).1));
        lines.push(("Heard from the server", heard));
        lines.push(("Position", format!("{}, digest {}", format::grouped(of.seq), of.digest)));
        let oldest = of.oldest_waiting.map(|at| format!(", oldest {}", model::format::full_time(at, scene.zone)));
        lines.push(("Waiting", format!("{}{}", of.waiting, oldest.unwrap_or_default())));
    }
    lines.push(("Refused", of.refused.to_string()));
    lines.push(("Conflicts", of.conflicts.to_string()));
    lines.push(("Unread changes of newer versions", of.quarantined.to_string()));
    let kept = match view.kept {
        None => "a file of this device",
        Some(true) => "in the browser, promised to be kept",
        Some(false) => "in the browser, which may clear it",
    };
    lines.push(("Storage", kept.to_owned()));
    lines
}

fn as_text(lines: &[(&str, String)], verify: &VerifyState) -> String {
    let mut text = String::from("TrailTrack\n");
    for (name, value) in lines {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if let VerifyState::Done(Ok(found)) = verify {
        let problems = found.problems.join("\n");
        text.push_str(&format!("Verified: {} documents, digest {}\n{problems}", found.documents, found.digest));
    }
    text
}
