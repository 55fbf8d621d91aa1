//! Import: choose a file, map its columns, see what would happen, commit, and take it back.

use std::collections::BTreeMap;

use egui::{Align2, Sense, Ui, UiBuilder, pos2, vec2};
use model::app::{RequestId, Trouble};
use model::import::{ImportCounts, ImportOptions, ImportPreview, ImportReport, MatchMode, RowFate, Target};
use model::{CommandId, Kind};

use crate::act::Act;
use crate::app::{Effect, FilePurpose};
use crate::icons;
use crate::present::format::{grouped, many};
use crate::scene::Scene;
use crate::theme::{Tone, Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::field::problem_line;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::pill::pill;
use crate::widgets::{Button, Pill, card, divider, hairline, label, paint, paint_icon, paragraph};

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
    preview: Option<ImportPreview>,
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

const DATE_ORDERS: [(&str, &str); 3] = [("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day")];

const MODES: [(MatchMode, &str, &str); 4] = [
    (MatchMode::FillBlanks, "fill", "Fill only what is empty"),
    (MatchMode::Skip, "skip", "Leave existing records alone"),
    (MatchMode::Overwrite, "overwrite", "Overwrite with the file"),
    (MatchMode::AlwaysCreate, "create", "Always create new records"),
];

fn map(ui: &mut Ui, scene: &Scene<'_>, state: &mut ImportState, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(preview) = state.preview.clone() else { return };
    label(ui, &state.file, Type::Title, t.text);
    let delimiter = match preview.delimiter {
        '\t' => "tab".to_owned(),
        other => format!("“{other}”"),
    };
    let text = format!("{} · {} · {delimiter} between columns", many(preview.row_count, "row", "rows"), preview.encoding);
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
        let held = |ui: &mut Ui, picker: Picker<'_>| ui.allocate_ui(vec2(wide, 52.0), |ui| picker.width(wide).show(ui).picked).inner;
        let preset = state.options.preset.clone().unwrap_or_else(|| preview.preset.clone());
        let presets = options(&PRESETS);
        if let Some(Picked::Choice(key)) = held(ui, Picker::new("Kind of file", words(&PRESETS, &preset), &presets)) {
            state.options.preset = Some(key);
            state.options.mapping.clear();
            out.push(Act::ImportPreview);
        }
        let order = state.options.date_order.clone().unwrap_or_else(|| scene.settings.date_order.clone());
        let orders = options(&DATE_ORDERS);
        if let Some(Picked::Choice(key)) = held(ui, Picker::new("Dates are written", words(&DATE_ORDERS, &order), &orders)) {
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
    let place = egui::Rect::from_center_size(pos2(rect.right() - wide / 2.0 - 12.0, rect.center().y), vec2(wide, height));
    let targets = targets(name);
    let options: Vec<PickOption> = targets.iter().map(|(key, text, _)| PickOption::new(key, text)).collect();
    let current = target_words(target);
    let shown = if *target == Target::Skip { String::new() } else { current };
    let mut inner = ui.new_child(UiBuilder::new().id_salt(("target", name)).max_rect(place));
    let spoken = format!("Target of {name}");
    let picker = Picker::new(&spoken, &shown, &options).bare().searchable().placeholder("Skip").width(wide);
    match picker.show(&mut inner).picked {
        Some(Picked::Choice(key)) => targets.into_iter().find(|(of, ..)| *of == key).map(|(.., target)| target),
        _ => None,
    }
}

fn target_words(target: &Target) -> String {
    let kind = |kind: &Kind| crate::words::capital(crate::words::kind(*kind));
    match target {
        Target::Skip => "Skip".into(),
        Target::Field(of, key) => format!("{} · {}", kind(of), field_words(key)),
        Target::Custom(of, name) => format!("{} · custom “{name}”", kind(of)),
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
fn targets(column: &str) -> Vec<(String, String, Target)> {
    const HIDDEN: [&str; 14] = [
        "created_at", "updated_at", "archived_at", "deleted_at", "sample", "merged_into", "custom", "contacts",
        "emails", "phones", "probability_pinned", "via", "pinned", "place",
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
            targets.push(Target::Custom(kind, column.to_owned()));
            targets.push(Target::AppendToNotes(kind));
        }
    }
    let keyed = |target: Target| (format!("{target:?}"), target_words(&target), target);
    targets.into_iter().map(keyed).collect()
}

fn counts_ui(ui: &mut Ui, scene: &Scene<'_>, counts: &BTreeMap<Kind, ImportCounts>, done: bool) {
    let t = tokens(ui);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::S;
        for (kind, of) in counts {
            ui.horizontal_wrapped(|ui| {
                let name = crate::words::kinds(*kind);
                let wide = if scene.is_compact() { 90.0 } else { 120.0 };
                let (cell, _) = ui.allocate_exact_size(vec2(wide, 20.0), Sense::hover());
                paint(ui, (cell.left_center(), Align2::LEFT_CENTER), name, (Type::Label, t.text), wide);
                let (created, updated) = if done { ("created", "updated") } else { ("to create", "to update") };
                let parts = [
                    (of.created, created, icons::PLUS, Tone::Success),
                    (of.updated, updated, icons::PENCIL, Tone::Info),
                    (of.skipped, "unchanged", icons::CHECK, Tone::Neutral),
                    (of.errors, "with errors", icons::ERROR, Tone::Danger),
                ];
                for (count, word, icon, tone) in parts {
                    if count > 0 {
                        let text = format!("{} {word}", grouped(count));
                        pill(ui, &Pill { icon, text, tone, tip: String::new() });
                    }
                }
            });
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

fn errors_button(ui: &mut Ui, report: &ImportReport, file: &str, out: &mut Vec<Act>) {
    if report.errors.is_empty() {
        return;
    }
    if Button::new("Save the rows with errors").icon(icons::EXPORT).show(ui).clicked() {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let name = format!("{stem} - errors.csv");
        out.push(Act::Shell(Effect::SaveFile { name, bytes: report.errors_csv.clone().into_bytes() }));
    }
}

fn rows_ui(ui: &mut Ui, report: &ImportReport) {
    if report.rows.is_empty() {
        return;
    }
    let t = tokens(ui);
    label(ui, "The first rows", Type::Label, t.text);
    card(ui, 0, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for outcome in &report.rows {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
            let y = rect.center().y;
            let number = outcome.row.to_string();
            paint(ui, (pos2(rect.left() + 40.0, y), Align2::RIGHT_CENTER), &number, (Type::Caption, t.text_3), 40.0);
            let (icon, ink) = match outcome.what {
                RowFate::Create => (icons::PLUS, t.success),
                RowFate::Update => (icons::PENCIL, t.info),
                RowFate::Skip => (icons::CHECK, t.text_3),
                RowFate::Error => (icons::ERROR, t.danger),
            };
            paint_icon(ui, pos2(rect.left() + 60.0, y), icon, 14.0, ink);
            let name = format!("{} · {}", crate::words::capital(crate::words::kind(outcome.kind)), outcome.name);
            let at = (pos2(rect.left() + 76.0, y), Align2::LEFT_CENTER);
            let shown = paint(ui, at, &name, (Type::Dense, t.text), rect.width() * 0.45);
            let changes = changes_words(&outcome.changes);
            let at = (pos2(shown.right() + 16.0, y), Align2::LEFT_CENTER);
            paint(ui, at, &changes, (Type::Caption, t.text_2), rect.right() - shown.right() - 28.0);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name}: {changes}")));
            crate::widgets::text::tip(response, &changes.replace(" · ", "\n"));
            hairline(ui, rect.left_bottom(), rect.right_bottom());
        }
    });
}

fn changes_words(changes: &[(String, String, String)]) -> String {
    let one = |(field, before, after): &(String, String, String)| match before.as_str() {
        "" => format!("{}: {after}", crate::words::field(field)),
        before => format!("{}: {before} → {after}", crate::words::field(field)),
    };
    changes.iter().map(one).collect::<Vec<_>>().join(" · ")
}

fn errors_ui(ui: &mut Ui, report: &ImportReport) {
    const SHOWN: usize = 50;
    if report.errors.is_empty() {
        return;
    }
    let t = tokens(ui);
    label(ui, "Rows with errors", Type::Label, t.text);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        for error in report.errors.iter().take(SHOWN) {
            problem_line(ui, &format!("Row {}: {}", grouped(error.row), error.reason));
        }
        let rest = report.errors.len().saturating_sub(SHOWN);
        if rest > 0 {
            let text = format!("and {} more in the saved file", many(rest as u64, "row", "rows"));
            label(ui, &text, Type::Caption, t.text_3);
        }
    });
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
