//! The dialogs: create, close a lead, palette, keyboard help, join, sign out, sample data.

use egui::{Context, Id, Key, Modifiers, Ui};
use model::app::Request;
use model::query::{Hit, List, Lookalike};
use model::{Action, Kind, Value};

use super::palette::palette_ui;
use super::quick_log::quick_log_ui;
use super::start::{StartForm, form_ui};
use crate::act::Act;
use crate::dialog::{CloseForm, Confirm, CreateForm, Dialog};
use crate::edit::{reminder_options, reminder_value};
use crate::picking::{Wanted, about_of};
use crate::present::fields::{Editor, Spec, edit_fields, form_fields, options};
use crate::present::smart;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::check::check;
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Field, Look, label, paragraph};

/// What dialogs are drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DialogView<'a> {
    /// Palette hits.
    pub(crate) hits: &'a [Hit],
    /// Records looked at lately.
    pub(crate) recent: &'a [(model::RecordRef, String)],
    /// The records that are being merged.
    pub(crate) merging: Option<&'a List>,
    /// The activities or tasks behind a figure.
    pub(crate) behind: Option<&'a List>,
    /// Records that the one in the form may be again.
    pub(crate) lookalikes: &'a [Lookalike],
    /// The leads of the stage that is to be removed.
    pub(crate) leads: Option<&'a [model::RecordId]>,
    /// How many open tasks the leads have that are being closed.
    pub(crate) open_tasks: u64,
    /// The keyboard table.
    pub(crate) keys: &'static [(&'static str, &'static [(&'static str, &'static str)])],
}

type Typing<'a> = &'a mut Option<Wanted>;

/// Draws the open dialog.
pub(crate) fn dialog_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    view: &DialogView<'_>,
    (dialog, start): (&mut Dialog, &mut StartForm),
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let closed = match dialog {
        Dialog::Create(form) => create_ui(ctx, scene, (form, view.lookalikes), typing, out),
        Dialog::Close(form) => close_ui(ctx, scene, (form, view.open_tasks), out),
        Dialog::Log(form) => quick_log_ui(ctx, scene, form, typing, out),
        Dialog::Palette(palette) => palette_ui(ctx, scene, (view.hits, view.recent), palette, out),
        Dialog::Help => help_ui(ctx, scene, view),
        Dialog::Join => join_ui(ctx, scene, start, out),
        Dialog::SignOut => sign_out_ui(ctx, scene, out),
        Dialog::Sample => sample_ui(ctx, scene, out),
        Dialog::Confirm(confirm) => confirm_ui(ctx, scene, confirm, out),
        Dialog::Invite(form) => super::settings::team::invite_ui(ctx, scene, form, out),
        Dialog::Link(view) => super::settings::team::link_ui(ctx, scene, view, out),
        Dialog::Password(form) => super::settings::team::password_ui(ctx, scene, form, out),
        Dialog::RemoveStage(form) => super::settings::pipeline::removal_ui(ctx, scene, (form, view.leads), out),
        Dialog::View(form) => super::views::view_ui(ctx, scene, form, out),
        Dialog::Merge(form) => super::merge::merge_ui(ctx, scene, (form, view.merging), out),
        Dialog::When(form) => super::when::when_ui(ctx, scene, form, out),
        Dialog::Assign(form) => super::assign::assign_ui(ctx, scene, form, out),
        Dialog::Behind(behind) => super::behind::behind_ui(ctx, scene, (behind, view.behind), out),
        Dialog::MergeWith(form) => super::merge::merge_with_ui(ctx, scene, form, (typing, out)),
        Dialog::NewField(form) => super::settings::own_fields::new_field_ui(ctx, scene, form, out),
        Dialog::Overwrite(asked) => super::overwrite::overwrite_ui(ctx, scene, asked, out),
        Dialog::NewToken(form) => super::settings::api::token_form_ui(ctx, scene, form, out),
        Dialog::NewWebhook(form) => super::settings::webhooks::webhook_form_ui(ctx, scene, form, out),
        Dialog::Deliveries(view) => super::settings::webhooks::deliveries_ui(ctx, scene, view, out),
        Dialog::Secret(view) => super::settings::api::secret_ui(ctx, scene, view, out),
        Dialog::AskFirst(asking) => super::settings::api::asking_ui(ctx, scene, asking, out),
    };
    if closed {
        out.push(Act::CloseDialog);
    }
}

pub(super) fn frame<'a>(scene: &Scene<'_>, title: &'a str, width: f32) -> Frame<'a> {
    Frame { title, width, sheet: scene.is_compact(), high: false }
}

fn create_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    (form, lookalikes): (&mut CreateForm, &[Lookalike]),
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) -> bool {
    let verb = if form.editing.is_some() { "Edit" } else { "New" };
    let title = format!("{verb} {}", crate::words::kind(form.kind));
    let popup = egui::Popup::is_any_open(ctx);
    let save = !popup && ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let stay = !popup && ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::S));
    let (all, first) = match form.editing {
        Some(_) => (edit_fields(form.kind), usize::MAX),
        None => form_fields(form.kind),
    };
    let is_new = form.editing.is_none();
    let busy = form.sent.is_some().then_some("Saving");
    let mut submit = (save || stay).then_some(stay && is_new);
    let mut footer = |ui: &mut Ui| {
        if Button::primary("Save").disabled(busy).tip("Ctrl Enter").show(ui).clicked() {
            submit = Some(false);
        }
        let roomy = is_new && ui.available_width() > 220.0;
        if roomy && Button::new("Save and new").disabled(busy).tip("Ctrl S").show(ui).clicked() {
            submit = Some(true);
        }
    };
    let mut entered = false;
    let closed = frame(scene, &title, 520.0).show(
        ctx,
        |ui| {
            let shown = if form.more { all.len() } else { first };
            for (index, spec) in all.iter().take(shown).enumerate() {
                entered |= form_field(ui, scene, (form, spec, index == 0), typing, out);
            }
            if shown == all.len() && super::record_tags::has_tags(form.kind) {
                super::record_tags::form_tags_ui(ui, scene, form);
            }
            super::lookalikes::lookalikes_ui(ui, scene, lookalikes, out);
            if shown < all.len() && Button::quiet("More fields").icon(crate::icons::DOWN).show(ui).clicked() {
                form.more = true;
            }
        },
        Some(&mut footer),
    );
    if entered && submit.is_none() {
        submit = Some(false);
    }
    form.focus = false;
    if let Some(another) = submit.filter(|_| busy.is_none()) {
        out.push(Act::SubmitForm { another });
    }
    closed
}

/// Draws one field of a form; `true` when Enter was pressed in a line.
fn form_field(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (form, spec, first): (&mut CreateForm, &Spec<'_>, bool),
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) -> bool {
    let name = crate::words::field(spec.key);
    let problem = form.problems.get(spec.key).map(|problem| crate::words::capital(problem));
    if spec.editor.is_picked() {
        picked_field(ui, scene, (form, spec, &name), (problem.as_deref(), typing), out);
        return false;
    }
    let id = Id::unique(("form", form.kind, spec.key));
    let rows = if spec.editor == Editor::Note { 3 } else { 1 };
    let text = form.texts.entry(spec.key.to_owned()).or_default();
    let note = remark(scene, form.kind, spec, text);
    let field = Field::new(&name).id(id).rows(rows).hint(hint(form.kind, spec)).problem(problem.as_deref()).note(&note);
    let response = field.show(ui, text);
    if response.changed() {
        form.problems.remove(spec.key);
    }
    if form.focus && first {
        response.request_focus();
    }
    if form.kind == Kind::Lead && spec.key == "title" {
        smart_ui(ui, scene, form);
    }
    rows == 1 && response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.is_none())
}

/// What the title says beside the title; a click puts the words back.
fn smart_ui(ui: &mut Ui, scene: &Scene<'_>, form: &mut CreateForm) {
    let text = form.texts.get("title").cloned().unwrap_or_default();
    let ctx = scene.input();
    let parts = smart::parts(&text, &form.put_back, &ctx, scene.people);
    if parts.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        for part in parts {
            let name = format!("Keep the words in the title: {}", part.words);
            let chip = Button::new(&part.words).look(Look::Chip).trailing(crate::icons::CLOSE).name(&name);
            if chip.show(ui).clicked() {
                form.put_back.push(part.key);
            }
        }
    });
}

fn hint(kind: Kind, spec: &Spec<'_>) -> &'static str {
    match (kind, spec.editor) {
        (Kind::Lead, Editor::Line) if spec.key == "title" => "Acme website 12k fri #referral",
        (_, Editor::Money) => "12.5k",
        (_, Editor::Date) => "fri, 3 oct, +2w",
        (Kind::Task, Editor::Moment) => "tmr 9am, fri, +3d",
        (_, Editor::Moment) => "now",
        (_, Editor::Url) => "example.org",
        _ => "",
    }
}

/// How the typed text is read, or a doubt about it.
fn remark(scene: &Scene<'_>, kind: Kind, spec: &Spec<'_>, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let ctx = scene.input();
    let Ok(input) = model::input::read_field(kind, spec.key, text, &ctx) else { return String::new() };
    if let Some(doubt) = input.warnings.first() {
        return crate::words::capital(&doubt.to_string());
    }
    let worth_saying = super::fields::is_echoed(spec.editor);
    match input.value.filter(|_| worth_saying) {
        Some(value) => format!("= {}", crate::present::fields::shown_value(kind, spec.key, &value, scene)),
        None => String::new(),
    }
}

fn picked_field(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (form, spec, name): (&mut CreateForm, &Spec<'_>, &str),
    (problem, typing): (Option<&str>, Typing<'_>),
    out: &mut Vec<Act>,
) {
    let current = form.picks.get(spec.key).map(|(_, words)| words.clone()).unwrap_or_default();
    let choices: Vec<PickOption> = match spec.editor {
        Editor::Reminder => reminder_options(form, scene),
        editor => options(editor, scene),
    };
    let undated = (spec.editor == Editor::Reminder && choices.is_empty()).then_some("Say when it is due first");
    let empty = match spec.editor {
        Editor::Reminder => "As usual",
        Editor::Owner => "Me",
        _ => "None",
    };
    let mut picker = Picker::new(name, &current, &choices).problem(problem).disabled(undated).placeholder(empty);
    picker = match spec.editor {
        Editor::Link(Kind::Account) => picker.records(Some("new account")).clearable(),
        Editor::Link(Kind::Contact) => picker.records(Some("new contact")).clearable(),
        Editor::Link(_) => picker.records(None).clearable(),
        Editor::Source => picker.creatable("new source").clearable(),
        Editor::About => picker.records(None),
        Editor::Owner => picker.searchable(),
        Editor::Choice(_) if spec.key == "direction" => picker.clearable(),
        _ => picker,
    };
    let output = picker.show(ui);
    if let (Some(text), Editor::Link(kind)) = (&output.typing, spec.editor) {
        *typing = Some(Wanted::Of(kind, text.clone()));
    }
    if let (Some(text), Editor::About) = (&output.typing, spec.editor) {
        *typing = Some(Wanted::About(text.clone()));
    }
    match output.picked {
        Some(Picked::Choice(key)) => {
            let words = choices.iter().find(|option| option.key == key).map(|option| option.text.clone());
            let value = match spec.editor {
                Editor::Link(_) | Editor::Owner => key.parse().ok().map(Value::Id),
                Editor::Reminder => reminder_value(&key),
                Editor::About => {
                    form.about = about_of(&key);
                    form.about.map(|about| Value::Id(about.id))
                }
                _ => Some(Value::Text(key)),
            };
            if let (Some(value), Some(words)) = (value, words) {
                form.picks.insert(spec.key.to_owned(), (value, words));
                form.problems.remove(spec.key);
            } else {
                form.picks.remove(spec.key);
            }
        }
        Some(Picked::Create(name)) => match spec.editor {
            Editor::Link(kind) => out.push(Act::CreateLinked { key: spec.key.to_owned(), kind, name }),
            _ => {
                form.picks.insert(spec.key.to_owned(), (Value::Text(name.clone()), name));
            }
        },
        Some(Picked::Clear) => {
            form.picks.remove(spec.key);
        }
        None => {}
    }
}

fn close_ui(ctx: &Context, scene: &Scene<'_>, (form, open_tasks): (&mut CloseForm, u64), out: &mut Vec<Act>) -> bool {
    let title = if form.won { "Mark as won" } else { "Mark as lost" };
    let save = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let busy = form.sent.is_some().then_some("Saving");
    let mut submit = save;
    let mut footer = |ui: &mut Ui| {
        submit |= Button::primary(title).disabled(busy).tip("Ctrl Enter").show(ui).clicked();
    };
    let closed =
        frame(scene, title, 440.0).show(ctx, |ui| close_fields(ui, scene, (form, open_tasks)), Some(&mut footer));
    if submit && busy.is_none() {
        out.push(Act::SubmitForm { another: false });
    }
    closed
}

fn close_fields(ui: &mut Ui, scene: &Scene<'_>, (form, open_tasks): (&mut CloseForm, u64)) {
    let t = tokens(ui);
    paragraph(ui, &form.title, Type::Label, t.text);
    let problem = |key: &str| form.problems.get(key).map(|problem| crate::words::capital(problem));
    let (closed_on, value, reason, note) =
        (problem("closed_on"), problem("closed_value_cents"), problem("lost_reason"), problem("lost_note"));
    let date = Field::new(if form.won { "Won on" } else { "Lost on" }).problem(closed_on.as_deref());
    date.show(ui, &mut form.date);
    if form.won && !form.others.is_empty() {
        paragraph(ui, "Each keeps the value it has.", Type::Dense, t.text_2);
    } else if form.won {
        Field::new("Final value").problem(value.as_deref()).show(ui, &mut form.value);
    } else {
        let reasons = &scene.settings.lost_reasons;
        let choices: Vec<PickOption> = reasons.iter().map(|reason| PickOption::new(reason, reason)).collect();
        let picker = Picker::new("Reason", &form.reason, &choices).placeholder("Choose a reason");
        if let Some(Picked::Choice(reason)) = picker.problem(reason.as_deref()).show(ui).picked {
            form.reason = reason;
            form.problems.clear();
        }
        if form.reason == "Competitor" {
            Field::new("Competitor").show(ui, &mut form.competitor);
        }
    }
    Field::new("Note").rows(2).problem(note.as_deref()).show(ui, &mut form.note);
    if open_tasks > 0 {
        let tasks = crate::present::format::many(open_tasks, "open task", "open tasks");
        check(ui, &mut form.cancel_tasks, &format!("Cancel the {tasks}"));
    }
}

fn help_ui(ctx: &Context, scene: &Scene<'_>, view: &DialogView<'_>) -> bool {
    frame(scene, "Keyboard", 520.0).show(
        ctx,
        |ui| {
            let t = tokens(ui);
            ui.spacing_mut().item_spacing.y = space::XS;
            for (group, keys) in view.keys {
                label(ui, group, Type::Label, t.text);
                for (key, what) in *keys {
                    ui.horizontal(|ui| {
                        let (cell, response) = ui.allocate_exact_size(egui::vec2(170.0, 24.0), egui::Sense::hover());
                        let left = (egui::pos2(cell.left(), cell.center().y), egui::Align2::LEFT_CENTER);
                        crate::widgets::paint(ui, left, key, (Type::DenseStrong, t.text), 168.0);
                        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, key));
                        paragraph(ui, what, Type::Dense, t.text_2);
                    });
                }
                ui.add_space(space::S);
            }
        },
        None,
    )
}

fn join_ui(ctx: &Context, scene: &Scene<'_>, start: &mut StartForm, out: &mut Vec<Act>) -> bool {
    let again = start.form == super::start::Form::Again;
    let title = if again { "Sign in again" } else { "Join a team" };
    frame(scene, title, 420.0).show(
        ctx,
        |ui| {
            let t = tokens(ui);
            let text = if again {
                "Everything you did meanwhile is kept and sent once you are signed in."
            } else {
                "What is on this device is uploaded to the team. Nothing is lost."
            };
            paragraph(ui, text, Type::Dense, t.text_2);
            form_ui(ui, start, out);
        },
        None,
    )
}

fn sign_out_ui(ctx: &Context, scene: &Scene<'_>, out: &mut Vec<Act>) -> bool {
    let waiting = scene.session.waiting;
    let mut sure = false;
    let mut stay = false;
    let mut footer = |ui: &mut Ui| {
        sure = Button::new("Sign out anyway").look(Look::Danger).show(ui).clicked();
        stay = Button::new("Stay signed in").show(ui).clicked();
    };
    let closed = frame(scene, "Sign out", 440.0).show(
        ctx,
        |ui| {
            let t = tokens(ui);
            let count = crate::present::format::many(waiting, "change is", "changes are");
            let text = format!(
                "{count} not on the team's server yet. They stay on this device and are sent when you sign in again."
            );
            paragraph(ui, &text, Type::Body, t.text);
        },
        Some(&mut footer),
    );
    if sure {
        out.push(Act::Send(Request::SignOut { even_if_waiting: true }));
    }
    closed || sure || stay
}

fn sample_ui(ctx: &Context, scene: &Scene<'_>, out: &mut Vec<Act>) -> bool {
    let mut load = false;
    let mut footer = |ui: &mut Ui| load = Button::primary("Load sample data").show(ui).clicked();
    let closed = frame(scene, "Try sample data", 440.0).show(
        ctx,
        |ui| {
            let t = tokens(ui);
            let text = "Adds made-up accounts, contacts, 50 leads, activities and tasks. One click in Settings removes them again; what you made your own stays.";
            paragraph(ui, text, Type::Body, t.text);
        },
        Some(&mut footer),
    );
    if load {
        out.push(Act::Do(Action::LoadSample { leads: 50 }));
    }
    closed || load
}

fn confirm_ui(ctx: &Context, scene: &Scene<'_>, confirm: &Confirm, out: &mut Vec<Act>) -> bool {
    let look = if confirm.danger { Look::Danger } else { Look::Primary };
    let entered = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let (mut sure, mut leave) = (entered, false);
    let mut footer = |ui: &mut Ui| {
        sure |= Button::new(&confirm.button).look(look).show(ui).clicked();
        leave = Button::new("Cancel").show(ui).clicked();
    };
    let closed = frame(scene, "Are you sure?", 440.0).show(
        ctx,
        |ui| {
            paragraph(ui, &confirm.text, Type::Body, tokens(ui).text);
        },
        Some(&mut footer),
    );
    if sure {
        out.push(Act::Do(confirm.action.clone()));
    }
    closed || sure || leave
}
