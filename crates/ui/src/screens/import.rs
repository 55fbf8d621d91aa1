//! Import: choose a file, map its columns, see what would happen, commit, and take it back.

use egui::{Sense, Ui, UiBuilder, vec2};
use model::app::{RequestId, Trouble};
use model::import::{ImportOptions, ImportPreview, ImportReport};
use model::{CommandId, Kind};

use super::import_map::map;
use super::import_report::{counts_ui, errors_button, errors_ui, rows_ui};
use crate::act::Act;
use crate::app::{Effect, FilePurpose};
use crate::icons;
use crate::present::format::{grouped, many};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::field::problem_line;
use crate::widgets::{Button, card, label, paragraph};

/// What the import screen remembers.
#[derive(Debug, Default)]
pub(crate) struct ImportState {
    /// The chosen file's name.
    pub(crate) file: String,
    /// Its content, to read it again with other options.
    pub(crate) bytes: Vec<u8>,
    /// How it is read.
    pub(crate) options: ImportOptions,
    /// Where we are.
    pub(crate) step: Step,
    /// What went wrong.
    pub(crate) trouble: Option<String>,
    asked: Option<RequestId>,
    pub(super) preview: Option<ImportPreview>,
    report: Option<ImportReport>,
    import: Option<CommandId>,
}

/// Where an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Step {
    /// No file yet.
    #[default]
    Choose,
    /// The file is being read.
    Reading,
    /// Columns are mapped.
    Map,
    /// The dry run is being worked out.
    Checking,
    /// The dry run shows.
    Check,
    /// Rows done of all.
    Running(u64, u64),
    /// It is done.
    Done,
}

impl ImportState {
    /// A file was handed over; remembers the request that reads it.
    pub(crate) fn begin(&mut self, (file, bytes): (String, Vec<u8>), id: RequestId) {
        *self = Self { file, bytes, step: Step::Reading, asked: Some(id), ..Self::default() };
    }

    /// Waits for the answer to a request.
    pub(crate) const fn wait(&mut self, step: Step, id: RequestId) {
        self.step = step;
        self.asked = Some(id);
    }

    /// The import that could be taken back.
    pub(crate) const fn import(&self) -> Option<CommandId> {
        self.import
    }

    /// The file was read.
    pub(crate) fn opened(&mut self, id: RequestId, outcome: Result<ImportPreview, Trouble>) {
        if self.asked != Some(id) {
            return;
        }
        match outcome {
            Ok(preview) => {
                self.preview = Some(preview);
                self.step = Step::Map;
                self.trouble = None;
            }
            Err(trouble) => {
                self.trouble = Some(crate::words::trouble(&trouble));
                self.step = if self.preview.is_some() { Step::Map } else { Step::Choose };
            }
        }
    }

    /// Rows were done.
    pub(crate) fn progressed(&mut self, id: RequestId, done: u64, all: u64) {
        if self.asked == Some(id) {
            self.step = Step::Running(done, all);
        }
    }

    /// A dry run, an import or its undoing came to this.
    pub(crate) fn reported(&mut self, id: RequestId, outcome: Result<(ImportReport, Option<CommandId>), Trouble>) {
        if self.asked != Some(id) {
            return;
        }
        let undoing = self.step == Step::Done;
        match outcome {
            Ok(_) if undoing => *self = Self::default(),
            Ok((report, import)) => {
                self.step = if matches!(self.step, Step::Running(..)) { Step::Done } else { Step::Check };
                self.report = Some(report);
                self.import = import.or(self.import);
                self.trouble = None;
            }
            Err(trouble) => {
                self.trouble = Some(crate::words::trouble(&trouble));
                if !undoing {
                    self.step = Step::Map;
                }
            }
        }
    }
}

/// Draws the import screen.
pub(crate) fn import_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut ImportState, out: &mut Vec<Act>) {
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let margin = if scene.is_compact() { space::M } else { space::L };
        let width = (ui.available_width() - 2.0 * margin).min(960.0);
        let rect = egui::Rect::from_min_size(ui.max_rect().min + vec2(margin, margin), vec2(width, f32::INFINITY));
        let inner = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = space::M;
            if let Some(trouble) = &state.trouble {
                problem_line(ui, trouble);
            }
            match state.step {
                Step::Choose => choose(ui, scene, out),
                Step::Reading => busy(ui, "Reading the file…", None, out),
                Step::Map => map(ui, scene, state, out),
                Step::Checking => busy(ui, "Working out what would change…", None, out),
                Step::Check => check(ui, scene, state, out),
                Step::Running(done, all) => busy(ui, "Importing…", Some((done, all)), out),
                Step::Done => done(ui, scene, state, out),
            }
            ui.add_space(space::XL);
        });
        ui.advance_cursor_after_rect(inner.response.rect);
    });
}

fn choose(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let denied = scene.denied_create(Kind::Lead);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        let actions: &[&str] = if denied.is_some() { &[] } else { &["Choose a file"] };
        let empty = Empty {
            icon: icons::CSV,
            title: "Bring your data along",
            text: denied.as_deref().unwrap_or("Choose a CSV file or drop it here"),
            actions,
        };
        if empty.show(ui).is_some() {
            out.push(Act::Shell(Effect::OpenFileDialog { purpose: FilePurpose::Import }));
        }
    });
    let t = tokens(ui);
    let text = "Exports of Google Contacts, LinkedIn, HubSpot, Pipedrive, Twenty and Atomic CRM are recognised. Any other CSV works too. You see what would change before anything does, and can undo it all afterwards.";
    paragraph(ui, text, Type::Dense, t.text_2);
}

fn busy(ui: &mut Ui, words: &str, progress: Option<(u64, u64)>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        label(ui, words, Type::Label, t.text);
        let Some((done, all)) = progress else { return };
        let (bar, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, "Import progress"));
        ui.painter().rect_filled(bar, 3, t.surface_3);
        #[expect(clippy::cast_precision_loss, reason = "a share of a bar")]
        let share = if all == 0 { 0.0 } else { (done as f32 / all as f32).clamp(0.0, 1.0) };
        let filled = egui::Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
        ui.painter().rect_filled(filled, 3, t.accent);
        let text = format!("{} of {}", grouped(done), many(all, "row", "rows"));
        label(ui, &text, Type::Dense, t.text_2);
        if Button::new("Cancel").show(ui).clicked() {
            out.push(Act::Send(model::app::Request::ImportCancel));
        }
    });
}

fn check(ui: &mut Ui, scene: &Scene<'_>, state: &ImportState, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(report) = &state.report else { return };
    label(ui, "What will happen", Type::Title, t.text);
    counts_ui(ui, scene, &report.counts, false);
    let any = report.counts.values().any(|of| of.created + of.updated > 0);
    ui.horizontal_wrapped(|ui| {
        let nothing = (!any).then_some("There is nothing to change");
        if Button::primary("Import").disabled(nothing).show(ui).clicked() {
            out.push(Act::ImportCommit);
        }
        if Button::new("Back to the columns").show(ui).clicked() {
            out.push(Act::ImportPreview);
        }
        errors_button(ui, report, &state.file, out);
    });
    rows_ui(ui, report);
    errors_ui(ui, report);
}

fn done(ui: &mut Ui, scene: &Scene<'_>, state: &ImportState, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(report) = &state.report else { return };
    ui.horizontal(|ui| {
        crate::widgets::icon(ui, icons::SUCCESS, 20.0, t.success);
        label(ui, "Imported", Type::Title, t.text);
    });
    counts_ui(ui, scene, &report.counts, true);
    ui.horizontal_wrapped(|ui| {
        if Button::primary("Show the leads").show(ui).clicked() {
            out.push(Act::Go(crate::routes::Screen::List(Kind::Lead)));
        }
        if Button::new("Import another file").show(ui).clicked() {
            out.push(Act::ImportReset);
        }
        let none = state.import.is_none().then_some("Nothing was imported");
        if Button::new("Undo import").icon(icons::UNDO).disabled(none).show(ui).clicked() {
            out.push(Act::ImportUndo);
        }
        errors_button(ui, report, &state.file, out);
    });
    let text = "Undo takes back everything this import created or changed, except what was edited since.";
    paragraph(ui, text, Type::Caption, t.text_3);
    errors_ui(ui, report);
}
