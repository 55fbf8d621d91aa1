//! Quick Log's dialog: about what, a few words, and one tap on what came of it.

use egui::{Context, Id, Key, Modifiers, Ui, vec2};

use crate::act::Act;
use crate::icons;
use crate::picking::{Wanted, about_of};
use crate::present::fields::{Editor, options};
use crate::quick_log::{FOLLOW_UPS, LogForm, MINUTES, OUTCOMES};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::picker::{Picked, Picker};
use crate::widgets::{Button, Field, Look, divider, icon, label};

type Typing<'a> = &'a mut Option<Wanted>;

/// Draws the dialog; `true` when it should close.
pub(crate) fn quick_log_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    form: &mut LogForm,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) -> bool {
    let popup = egui::Popup::is_any_open(ctx);
    let save = !popup && ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let frame = Frame { title: "Log activity", width: 500.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(
        ctx,
        |ui| {
            about_ui(ui, scene, form, typing);
            // A thumb wants one tap; who has a keyboard writes first.
            if scene.is_compact() {
                outcomes_ui(ui, scene, form, out);
                divider(ui);
                words_ui(ui, scene, form);
                extras_ui(ui, scene, form);
            } else {
                words_ui(ui, scene, form);
                extras_ui(ui, scene, form);
                divider(ui);
                outcomes_ui(ui, scene, form, out);
            }
        },
        None,
    );
    form.focus = false;
    if save {
        // Words alone are a note; without words somebody was called.
        let note = OUTCOMES.len() - 1;
        let (of, outcome) = if form.text.trim().is_empty() { (0, 0) } else { (note, 0) };
        out.push(Act::LogOutcome(of, outcome));
    }
    closed
}

fn about_ui(ui: &mut Ui, scene: &Scene<'_>, form: &mut LogForm, typing: Typing<'_>) {
    let current = form.about.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
    let choices = options(Editor::About, scene);
    let problem = form.problems.get("about").cloned();
    let picker =
        Picker::new("About", &current, &choices).records(None).placeholder("Choose a lead, contact or account");
    let output = picker.problem(problem.as_deref()).show(ui);
    if let Some(text) = output.typing {
        *typing = Some(Wanted::About(text));
    }
    if let Some(Picked::Choice(key)) = output.picked
        && let (Some(about), Some(option)) = (about_of(&key), choices.iter().find(|option| option.key == key))
    {
        form.about = Some((about, option.text.clone()));
        form.account =
            scene.found.iter().find(|row| row.record.id == about.id).and_then(|row| row.record.link("account_id"));
        form.problems.remove("about");
    }
}

fn words_ui(ui: &mut Ui, scene: &Scene<'_>, form: &mut LogForm) {
    let problem = form.problems.get("text").cloned();
    let field = Field::new("What happened").hint("Optional: a line or two").rows(2).problem(problem.as_deref());
    let response = field.id(Id::unique("quick log")).show(ui, &mut form.text);
    // On a touch screen the keyboard would hide the buttons.
    if form.focus && !scene.touch {
        response.request_focus();
    }
    if response.changed() {
        form.problems.remove("text");
    }
    if let Some((_, title)) = &form.finishes {
        let t = tokens(ui);
        ui.horizontal(|ui| {
            icon(ui, icons::SUCCESS, 14.0, t.success);
            crate::widgets::cut(ui, &format!("Checks off “{title}”"), Type::Caption, t.text_2);
        });
    }
}

fn extras_ui(ui: &mut Ui, scene: &Scene<'_>, form: &mut LogForm) {
    row(ui, scene, "Follow up", |ui| {
        for (index, (word, _)) in FOLLOW_UPS.iter().enumerate() {
            let on = form.follow_up == Some(index);
            if chip(ui, word, &format!("Follow up {word}"), on) {
                form.follow_up = (!on).then_some(index);
                form.follow_day = None;
            }
        }
        let on = form.follow_day.is_some();
        if chip(ui, "Pick…", "Follow up on another day", on) {
            form.follow_day = (!on).then(String::new);
            form.follow_up = None;
        }
    });
    if let Some(day) = &mut form.follow_day {
        let problem = form.problems.get("follow_up").cloned();
        row(ui, scene, "", |ui| {
            let field = Field::new("Follow-up day").bare().hint("fri 10am, 3 oct").problem(problem.as_deref());
            if field.show(ui, day).changed() {
                form.problems.remove("follow_up");
            }
        });
    }
    row(ui, scene, "Minutes", |ui| {
        for minutes in MINUTES {
            let on = form.minutes == Some(minutes);
            if chip(ui, &minutes.to_string(), &format!("{minutes} minutes"), on) {
                form.minutes = (!on).then_some(minutes);
            }
        }
    });
    let problem = form.problems.get("when").cloned();
    row(ui, scene, "When", |ui| {
        let size = vec2(ui.available_width().min(200.0), ui.spacing().interact_size.y);
        ui.allocate_ui(size, |ui| {
            let field = Field::new("When").bare().hint("now").problem(problem.as_deref());
            if field.show(ui, &mut form.when).changed() {
                form.problems.remove("when");
            }
        });
    });
}

fn row(ui: &mut Ui, scene: &Scene<'_>, name: &str, content: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    let height = ui.spacing().interact_size.y;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let wide = if scene.is_compact() { 76.0 } else { 84.0 };
        let (cell, _) = ui.allocate_exact_size(vec2(wide, height), egui::Sense::hover());
        let at = (cell.left_center(), egui::Align2::LEFT_CENTER);
        crate::widgets::paint(ui, at, name, (Type::Dense, t.text_2), wide);
        wrapped(ui, content);
    });
}

/// Buttons that go on in a second line where a phone has no room.
fn wrapped(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
            content(ui);
        });
    });
}

fn chip(ui: &mut Ui, text: &str, name: &str, on: bool) -> bool {
    Button::new(text).name(name).look(Look::Chip).selected(on).show(ui).clicked()
}

fn outcomes_ui(ui: &mut Ui, scene: &Scene<'_>, form: &LogForm, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let busy = form.sent.is_some().then_some("Saving");
    ui.spacing_mut().item_spacing.y = space::S;
    for (of, (kind, outcomes)) in OUTCOMES.iter().enumerate() {
        let (word, mark) = crate::words::activity(kind);
        let wide = if scene.is_compact() { 76.0 } else { 84.0 };
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            let height = ui.spacing().interact_size.y;
            let size = vec2(wide, height);
            ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.set_min_width(wide);
                icon(ui, mark, 16.0, t.text_2);
                label(ui, word, Type::Dense, t.text);
            });
            wrapped(ui, |ui| {
                for (index, (outcome, _)) in outcomes.iter().enumerate() {
                    let name = format!("{word}: {}", outcome.to_lowercase());
                    if Button::new(outcome).name(&name).disabled(busy).show(ui).clicked() {
                        out.push(Act::LogOutcome(of, index));
                    }
                }
            });
        });
    }
}
