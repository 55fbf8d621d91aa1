//! Data: bringing records in, taking them out, backups, how much room they take, and where the lost and the double ones
//! are.

use egui::{Ui, vec2};
use model::app::BackupDone;
use model::query::{ExportForm, StorageLine};
use model::{Action, Kind, Timestamp};

use super::{SettingsView, section};
use crate::act::Act;
use crate::app::{Effect, FilePurpose};
use crate::dialog::Dialog;
use crate::icons;
use crate::present::format::{many, moment, size};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::{Button, caption, divider, label, paragraph};

/// What can be taken out, in the order it is shown.
const EXPORTED: [Kind; 6] = [Kind::Lead, Kind::Contact, Kind::Account, Kind::Task, Kind::Activity, Kind::Attachment];

/// What the part remembers.
#[derive(Debug, Default)]
pub(crate) struct ArchiveState {
    /// What is under way.
    pub(crate) busy: Option<Work>,
    /// The backup that was made last since the program started.
    pub(crate) last: Option<(Timestamp, BackupDone)>,
}

/// Work on an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// A backup is being written.
    BackingUp,
    /// One is being read.
    Restoring,
}

/// Draws the part.
pub(super) fn data_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    section(ui, "Import", |ui| import_ui(ui, scene, out));
    section(ui, "Export", |ui| export_ui(ui, scene, view, out));
    section(ui, "Backup", |ui| backup_ui(ui, scene, view, out));
    section(ui, "Storage on this device", |ui| storage_ui(ui, view));
    section(ui, "Tidy up", |ui| tidy_ui(ui, scene, view, out));
}

fn import_ui(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let text = "Bring in contacts, accounts, leads and activities from a file of another program. You see what would \
                happen before anything does, and can take it back.";
    paragraph(ui, text, Type::Body, tokens(ui).text);
    let denied = scene.denied_create(Kind::Lead);
    if Button::new("Import…").icon(icons::IMPORT).disabled(denied.as_deref()).show(ui).clicked() {
        out.push(Act::Go(crate::routes::Screen::Import));
    }
}

fn export_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    let counts = view.feed.overview().map(|overview| &overview.counts);
    for (index, kind) in EXPORTED.into_iter().enumerate() {
        if index > 0 {
            divider(ui);
        }
        let name = crate::words::kinds(kind);
        let count = counts.and_then(|counts| counts.get(&kind)).copied().unwrap_or(0);
        let row = |ui: &mut Ui, out: &mut Vec<Act>| export_buttons(ui, kind, name, out);
        if scene.is_compact() {
            label(ui, &format!("{name} · {count}"), Type::Label, tokens(ui).text);
            ui.horizontal_wrapped(|ui| row(ui, out));
        } else {
            ui.horizontal(|ui| {
                ui.allocate_ui(vec2(200.0, ui.spacing().interact_size.y), |ui| {
                    ui.set_width(200.0);
                    ui.horizontal_centered(|ui| {
                        label(ui, name, Type::Label, tokens(ui).text);
                        caption(ui, &count.to_string());
                    });
                });
                row(ui, out);
            });
        }
    }
    let text = "Everything but the trash. CSV opens in a spreadsheet, JSON is for programs, vCard for address books.";
    paragraph(ui, text, Type::Caption, tokens(ui).text_3);
}

fn export_buttons(ui: &mut Ui, kind: Kind, name: &str, out: &mut Vec<Act>) {
    let cards = [("vCard 4.0", ExportForm::VCard4), ("vCard 3.0", ExportForm::VCard3)];
    let forms = [("CSV", ExportForm::Csv), ("JSON", ExportForm::Json)];
    let forms = forms.into_iter().chain(cards.into_iter().filter(|_| kind == Kind::Contact));
    for (words, form) in forms {
        if Button::new(words).name(&format!("{name} as {words}")).show(ui).clicked() {
            out.push(Act::ExportKind(kind, form));
        }
    }
}

fn backup_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let text = "One file with every record, its whole history and the attached files that are on this device. Another \
                TrailTrack, on an empty device, makes everything again from it.";
    paragraph(ui, text, Type::Body, t.text);
    let busy = view.archive.busy.map(|work| match work {
        Work::BackingUp => "A backup is being written",
        Work::Restoring => "A backup is being restored",
    });
    let cannot_restore = busy.or(restore_denied(scene, view));
    ui.horizontal_wrapped(|ui| {
        if Button::primary("Back up…").icon(icons::EXPORT).disabled(busy).show(ui).clicked() {
            out.push(Act::Backup);
        }
        if Button::new("Restore a backup…").icon(icons::RESTORE).disabled(cannot_restore).show(ui).clicked() {
            out.push(Act::Shell(Effect::OpenFileDialog { purpose: FilePurpose::Backup }));
        }
    });
    if let Some(words) = busy {
        caption(ui, &format!("{words}…"));
    }
    if let Some((at, done)) = &view.archive.last {
        let when = moment(*at, scene.zone, scene.today);
        paragraph(ui, &format!("Backed up {when}: {}", backup_words(done)), Type::Dense, t.text_2);
    }
}

/// Why nothing can be restored here.
fn restore_denied(scene: &Scene<'_>, view: &SettingsView<'_>) -> Option<&'static str> {
    let records: u64 = view.feed.overview()?.counts.values().sum();
    match (scene.session.server.is_empty(), records) {
        (false, _) => Some("Your team's records come from its server"),
        (true, 0) => None,
        (true, _) => Some("A backup is restored where nothing has been entered yet"),
    }
}

/// What a backup holds, and what it does not.
pub(crate) fn backup_words(done: &BackupDone) -> String {
    let mut words = vec![many(done.records, "record", "records")];
    let files = done.files.saturating_sub(done.missing_files);
    words.push(many(files, "file", "files"));
    if done.size_bytes > 0 {
        words.push(size(done.size_bytes));
    }
    if done.missing_files > 0 {
        words.push(format!("{} not on this device and left out", many(done.missing_files, "file is", "files are")));
    }
    if done.refused > 0 {
        words.push(format!("{} left out", many(done.refused, "refused change is", "refused changes are")));
    }
    words.join(" · ")
}

fn storage_ui(ui: &mut Ui, view: &SettingsView<'_>) {
    let t = tokens(ui);
    let Some(used) = view.feed.storage() else {
        caption(ui, "Measuring");
        return;
    };
    ui.spacing_mut().item_spacing.y = space::XS;
    for (line, count, bytes) in &used.lines {
        let (name, one, several) = line_words(*line);
        room_line(ui, name, &many(*count, one, several), *bytes);
    }
    divider(ui);
    let free = match used.free_bytes {
        0 => "The database".to_owned(),
        free => format!("The database, {} of it free", size(free)),
    };
    room_line(ui, &free, "", used.database_bytes);
    if let Some(kept) = view.kept {
        paragraph(ui, super::promise_words(kept), Type::Dense, t.text_2);
    }
}

fn room_line(ui: &mut Ui, name: &str, count: &str, bytes: u64) {
    let t = tokens(ui);
    let row = egui::Layout::right_to_left(egui::Align::TOP);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 20.0), row, |ui| {
        label(ui, &size(bytes), Type::Body, t.text);
        let rest = egui::Layout::left_to_right(egui::Align::TOP).with_main_wrap(true);
        ui.with_layout(rest, |ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, 0.0);
            label(ui, name, Type::Body, t.text);
            label(ui, count, Type::Dense, t.text_2);
        });
    });
}

const fn line_words(line: StorageLine) -> (&'static str, &'static str, &'static str) {
    match line {
        StorageLine::Records => ("Records", "record", "records"),
        StorageLine::Documents => ("Their accepted pasts", "document", "documents"),
        StorageLine::History => ("Timelines", "change of a field", "changes of fields"),
        StorageLine::Waiting => ("Not on a server yet", "change", "changes"),
        StorageLine::Log => ("Receipts and undo", "entry", "entries"),
        StorageLine::Files => ("Attached files", "file", "files"),
    }
}

fn tidy_ui(ui: &mut Ui, scene: &Scene<'_>, view: &SettingsView<'_>, out: &mut Vec<Act>) {
    let denied = scene.denied_create(Kind::Lead);
    let sample = view.feed.overview().map_or(0, |overview| overview.sample_records);
    ui.horizontal_wrapped(|ui| {
        if Button::new("Trash…").icon(icons::TRASH).show(ui).clicked() {
            out.push(Act::Go(crate::routes::Screen::Trash));
        }
        if Button::new("Duplicates…").icon(icons::COPY).show(ui).clicked() {
            out.push(Act::Go(crate::routes::Screen::Duplicates));
        }
        if sample > 0 {
            if Button::new("Remove sample data").icon(icons::SPARKLE).disabled(denied.as_deref()).show(ui).clicked() {
                out.push(Act::Do(Action::RemoveSample));
            }
        } else if Button::new("Load sample data…").icon(icons::SPARKLE).disabled(denied.as_deref()).show(ui).clicked()
        {
            out.push(Act::Open(Box::new(Dialog::Sample)));
        }
    });
}
