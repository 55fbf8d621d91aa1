//! First run and signing in: start on this device, or join a team.

use egui::{Align, Frame, Id, Layout, Margin, Ui, vec2};

use crate::act::Act;
use crate::app::{Effect, FilePurpose};
use crate::icons;
use crate::theme::{Type, space, tokens};
use crate::widgets::check::check;
use crate::widgets::field::problem_line;
use crate::widgets::{Button, Field, card, icon, label, paragraph};

/// Which form shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Form {
    /// The choice between the other two.
    #[default]
    Choose,
    /// A name, and off.
    Solo,
    /// Server, e-mail, password.
    Team,
    /// The session has ended: password only.
    Again,
}

/// What is typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct StartForm {
    /// Which form.
    pub(crate) form: Form,
    /// Name.
    pub(crate) name: String,
    /// The relay's address.
    pub(crate) server: String,
    /// E-mail.
    pub(crate) email: String,
    /// Password.
    pub(crate) password: String,
    /// Letters instead of dots.
    pub(crate) show_password: bool,
    /// Asked, and not answered yet.
    pub(crate) busy: bool,
    /// What went wrong.
    pub(crate) trouble: Option<String>,
    /// A field that must be filled in.
    pub(crate) missing: Option<&'static str>,
    /// The server is fixed (the browser's relay).
    pub(crate) server_is_fixed: bool,
}

/// Draws the first screen.
pub(crate) fn start_ui(ui: &mut Ui, form: &mut StartForm, out: &mut Vec<Act>) {
    let t = tokens(ui);
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            let above = (ui.available_height() * 0.18).max(space::XL);
            ui.add_space(above);
            let width = (ui.available_width() - 32.0).min(400.0);
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                brand(ui);
                ui.add_space(space::XL);
                match form.form {
                    Form::Choose => choose(ui, form, out),
                    _ => panel(ui, form, out),
                }
                ui.add_space(space::XL);
                let hint = "Everything you enter is kept on this device and works without a connection.";
                paragraph(ui, hint, Type::Caption, t.text_3);
                ui.add_space(space::XL);
            });
        });
    });
}

fn brand(ui: &mut Ui) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(28.0, 28.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 7, t.accent);
        crate::widgets::paint_icon(ui, rect.center(), icons::TREND, 18.0, t.on_accent);
        label(ui, "TrailTrack", Type::Heading, t.text);
    });
}

fn choose(ui: &mut Ui, form: &mut StartForm, out: &mut Vec<Act>) {
    ui.spacing_mut().item_spacing.y = space::M;
    let solo = ("Start on this device", "Just your name, no account", icons::ALONE);
    if option_card(ui, solo) {
        form.form = Form::Solo;
    }
    let team = ("Join a team", "Sign in to your team's server", icons::CONTACTS);
    if option_card(ui, team) {
        form.form = Form::Team;
    }
    let backup = ("Restore a backup", "Everything from a file that TrailTrack made", icons::RESTORE);
    if option_card(ui, backup) && !form.busy {
        out.push(Act::Shell(Effect::OpenFileDialog { purpose: FilePurpose::Backup }));
    }
    if let Some(trouble) = &form.trouble {
        problem_line(ui, trouble);
    }
    if form.busy {
        label(ui, "Restoring…", Type::Body, tokens(ui).text_2);
    }
}

fn option_card(ui: &mut Ui, (title, text, mark): (&str, &str, &str)) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 72.0), egui::Sense::click());
    crate::widgets::button::describe(&response, title, None, None);
    let stroke = egui::Stroke::new(1.0, if response.hovered() { t.accent } else { t.border });
    ui.painter().rect(rect, 8, t.surface, stroke, egui::StrokeKind::Inside);
    crate::widgets::paint_icon(ui, egui::pos2(rect.left() + 28.0, rect.center().y), mark, 20.0, t.accent);
    let left = rect.left() + 56.0;
    let room = rect.right() - left - 36.0;
    let (top, low) = (egui::pos2(left, rect.top() + 27.0), egui::pos2(left, rect.top() + 47.0));
    crate::widgets::paint(ui, (top, egui::Align2::LEFT_CENTER), title, (Type::Label, t.text), room);
    crate::widgets::paint(ui, (low, egui::Align2::LEFT_CENTER), text, (Type::Dense, t.text_2), room);
    crate::widgets::paint_icon(ui, egui::pos2(rect.right() - 20.0, rect.center().y), icons::RIGHT, 14.0, t.text_3);
    crate::widgets::focus_ring(ui, &response, rect, 8);
    response.clicked()
}

fn panel(ui: &mut Ui, form: &mut StartForm, out: &mut Vec<Act>) {
    card(ui, 20, |ui| {
        ui.spacing_mut().item_spacing.y = space::M;
        let title = match form.form {
            Form::Solo => "Start on this device",
            Form::Again => "Sign in again",
            _ if form.server_is_fixed => "Sign in",
            _ => "Join a team",
        };
        label(ui, title, Type::Title, tokens(ui).text);
        form_ui(ui, form, out);
    });
}

/// Draws the fields and the button of the current form; also used by the dialog that joins later.
pub(crate) fn form_ui(ui: &mut Ui, form: &mut StartForm, out: &mut Vec<Act>) {
    let before = (form.name.clone(), form.server.clone(), form.email.clone(), form.password.clone());
    let mut enter = match form.form {
        Form::Solo => solo_fields(ui, form),
        Form::Again => password_field(ui, form),
        _ => team_fields(ui, form),
    };
    if before != (form.name.clone(), form.server.clone(), form.email.clone(), form.password.clone()) {
        form.missing = None;
        form.trouble = None;
    }
    if let Some(trouble) = &form.trouble {
        problem_line(ui, trouble);
    }
    ui.add_space(space::XS);
    let (text, busy) = match form.form {
        Form::Solo => ("Start", "Starting…"),
        Form::Team if !form.server_is_fixed => ("Join", "Joining…"),
        _ => ("Sign in", "Signing in…"),
    };
    let waiting = form.busy.then_some("Waiting for the answer");
    let shown = if form.busy { busy } else { text };
    enter |= Button::primary(shown).disabled(waiting).fill().show(ui).clicked();
    let can_go_back = matches!(form.form, Form::Solo | Form::Team) && !form.server_is_fixed;
    if can_go_back && Button::quiet("Back").fill().show(ui).clicked() {
        form.form = Form::Choose;
        form.trouble = None;
        form.busy = false;
    }
    if enter && !form.busy {
        out.push(Act::Enter);
    }
}

fn solo_fields(ui: &mut Ui, form: &mut StartForm) -> bool {
    let problem = (form.missing == Some("name")).then_some("Enter your name");
    let field = Field::new("Your name").hint("Ada Lovelace").problem(problem).id(Id::unique("start name"));
    let response = field.show(ui, &mut form.name);
    focus_first(ui, &response);
    entered(ui, &response)
}

fn team_fields(ui: &mut Ui, form: &mut StartForm) -> bool {
    let mut enter = false;
    if !form.server_is_fixed {
        let problem = (form.missing == Some("server")).then_some("Enter your team's server address");
        let field = Field::new("Server").hint("crm.example.org").problem(problem).id(Id::unique("start server"));
        let response = field.show(ui, &mut form.server);
        focus_first(ui, &response);
        enter |= entered(ui, &response);
    }
    let problem = (form.missing == Some("email")).then_some("Enter your email address");
    let field = Field::new("Email").email().hint("you@example.org").problem(problem).id(Id::unique("start email"));
    let response = field.show(ui, &mut form.email);
    if form.server_is_fixed {
        focus_first(ui, &response);
    }
    enter |= entered(ui, &response);
    enter | password_field(ui, form)
}

fn password_field(ui: &mut Ui, form: &mut StartForm) -> bool {
    let problem = (form.missing == Some("password")).then_some("Enter your password");
    let field = Field::new("Password").problem(problem).password(!form.show_password).id(Id::unique("start password"));
    let response = field.show(ui, &mut form.password);
    if form.form == Form::Again {
        focus_first(ui, &response);
    }
    check(ui, &mut form.show_password, "Show password");
    entered(ui, &response)
}

fn entered(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}

/// Sends the keyboard to the first field, once for each form.
fn focus_first(ui: &Ui, response: &egui::Response) {
    let seen = response.id.with("was focused");
    let was: bool = ui.data(|data| data.get_temp(seen)).unwrap_or(false);
    if !was {
        response.request_focus();
        ui.data_mut(|data| data.insert_temp(seen, true));
    }
}

/// What shows until the replica has said who we are.
pub(crate) fn opening_ui(ui: &mut Ui) {
    let t = tokens(ui);
    Frame::new().inner_margin(Margin::same(24)).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space(ui.available_height() * 0.4);
            icon(ui, icons::DATABASE, 24.0, t.text_3);
            ui.add_space(space::S);
            label(ui, "Opening your data…", Type::Body, t.text_2);
        });
    });
}
