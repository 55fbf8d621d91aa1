//! The team: who is in it, what they may do, their devices, links to hand over, and one's own password.

use egui::{Context, Key, Modifiers, Ui, vec2};
use model::app::{DeviceRow, TeamRequest};
use model::{Record, Role, Timestamp, UserId};

use super::section;
use crate::act::Act;
use crate::app::Effect;
use crate::dialog::Dialog;
use crate::icons;
use crate::present::format::moment;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::avatar::avatar;
use crate::widgets::check::check;
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::menu::{Item, menu};
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Field, caption, divider, icon_button, label, paragraph};

const ROLES: [(Role, &str); 3] = [(Role::Admin, "Administrator"), (Role::User, "Member"), (Role::Viewer, "Read-only")];

/// What the team's part remembers.
#[derive(Debug, Default)]
pub(crate) struct TeamState {
    /// Devices, as they were told last.
    pub(crate) devices: Option<Vec<DeviceRow>>,
    /// They have been asked for since the part was opened.
    pub(crate) asked: bool,
}

/// Somebody who is to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InviteForm {
    name: String,
    email: String,
    role: Role,
    problem: Option<(&'static str, &'static str)>,
}

/// A link to hand over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkView {
    /// The link.
    pub(crate) link: String,
    /// Until when it works.
    pub(crate) expires_at: Timestamp,
}

/// One's own password, while it is changed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct PasswordForm {
    current: String,
    new: String,
    show: bool,
    problem: Option<&'static str>,
}

impl std::fmt::Debug for PasswordForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordForm")
    }
}

/// Draws the part.
pub(super) fn team_ui(ui: &mut Ui, scene: &Scene<'_>, state: &TeamState, out: &mut Vec<Act>) {
    if scene.session.server.is_empty() {
        section(ui, "Team", |ui| {
            let text = "You work alone on this device. Join a team to share everything; nothing you have is lost.";
            paragraph(ui, text, Type::Body, tokens(ui).text);
            if Button::new("Join a team…").icon(icons::CONTACTS).show(ui).clicked() {
                out.push(Act::Open(Box::new(Dialog::Join)));
            }
        });
        return;
    }
    let admin = scene.me().is_some_and(|me| me.role == Role::Admin);
    if !state.asked {
        out.push(Act::Team(TeamRequest::Devices { everybody: admin }));
    }
    section(ui, "People", |ui| people_ui(ui, scene, admin, out));
    section(ui, "Devices", |ui| devices_ui(ui, scene, (state, admin), out));
    section(ui, "Password", |ui| {
        if Button::new("Change your password…").icon(icons::LOCK).show(ui).clicked() {
            out.push(Act::Open(Box::new(Dialog::Password(PasswordForm::default()))));
        }
    });
}

fn people_ui(ui: &mut Ui, scene: &Scene<'_>, admin: bool, out: &mut Vec<Act>) {
    for (index, person) in scene.people.iter().enumerate() {
        if index > 0 {
            divider(ui);
        }
        person_ui(ui, scene, (person, admin), out);
    }
    ui.add_space(space::S);
    let no = (!admin).then_some("Only an administrator invites people");
    if Button::new("Invite somebody…").icon(icons::ADD_PERSON).disabled(no).show(ui).clicked() {
        let form = InviteForm { name: String::new(), email: String::new(), role: Role::User, problem: None };
        out.push(Act::Open(Box::new(Dialog::Invite(form))));
    }
}

fn person_ui(ui: &mut Ui, scene: &Scene<'_>, (person, admin): (&Record, bool), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let user = UserId(person.id.0);
    let name = person.text("name");
    let shut_out = person.get("disabled_at").is_some();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        avatar(ui, name, 32.0);
        let side = if scene.is_compact() { 170.0 } else { 210.0 };
        let wide = (ui.available_width() - side).max(80.0);
        ui.allocate_ui(vec2(wide, 36.0), |ui| {
            ui.set_width(wide);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                crate::widgets::cut(ui, name, Type::Label, if shut_out { t.text_3 } else { t.text });
                let line = if shut_out { "Shut out" } else { person.text("email") };
                crate::widgets::cut(ui, line, Type::Dense, t.text_2);
            });
        });
        role_ui(ui, (person, user, admin), out);
        let response = icon_button(ui, icons::MORE, &format!("Actions for {name}"));
        menu(&response, 220.0, |ui| {
            let no = (!admin).then_some("Only an administrator can");
            let item = |icon, text| Item { disabled: no, ..Item::new(icon, text) };
            if item(icons::LINK, "Link for a new password…").show(ui) {
                out.push(Act::Team(TeamRequest::ResetLink(user)));
            }
            let (icon, words) = if shut_out { (icons::RESTORE, "Let in again") } else { (icons::LOCK, "Shut out") };
            if item(icon, words).show(ui) {
                out.push(Act::Team(TeamRequest::SetDisabled(user, !shut_out)));
            }
        });
    });
}

fn role_ui(ui: &mut Ui, (person, user, admin): (&Record, UserId, bool), out: &mut Vec<Act>) {
    let options: Vec<PickOption> = ROLES.iter().map(|(role, words)| PickOption::new(role.name(), *words)).collect();
    let held = ROLES.iter().find(|(role, _)| role.name() == person.text("role")).map_or("", |(_, words)| words);
    let name = format!("Role of {}", person.text("name"));
    let no = (!admin).then_some("Only an administrator changes roles");
    let picker = Picker::new(&name, held, &options).bare().width(130.0).disabled(no);
    let size = vec2(130.0, ui.spacing().interact_size.y);
    if let Some(Picked::Choice(role)) = ui.allocate_ui(size, |ui| picker.show(ui).picked).inner
        && let Some(role) = Role::from_name(&role)
    {
        out.push(Act::Team(TeamRequest::SetRole(user, role)));
    }
}

fn devices_ui(ui: &mut Ui, scene: &Scene<'_>, (state, admin): (&TeamState, bool), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let Some(devices) = &state.devices else {
        caption(ui, "Asking the team's server");
        return;
    };
    for device in devices.iter().filter(|device| device.revoked_at.is_none()) {
        ui.horizontal(|ui| {
            let person = scene.person(device.user_id.record());
            let wide = (ui.available_width() - 110.0).max(80.0);
            ui.allocate_ui(vec2(wide, 36.0), |ui| {
                ui.set_width(wide);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let this = if device.current { " (this one)" } else { "" };
                    crate::widgets::cut(ui, &format!("{}{this}", device.name), Type::Label, t.text);
                    let seen = moment(device.last_seen_at, scene.zone, scene.today);
                    let line =
                        if admin { format!("{person} · last seen {seen}") } else { format!("last seen {seen}") };
                    crate::widgets::cut(ui, &line, Type::Dense, t.text_2);
                });
            });
            let no = device.current.then_some("Sign out instead");
            let name = format!("Sign out {} of {person}", device.name);
            if Button::new("Sign out").name(&name).disabled(no).show(ui).clicked() {
                out.push(Act::Team(TeamRequest::RevokeDevice(device.id)));
            }
        });
    }
    let text = "A device that is signed out keeps what it has, but gets and sends nothing any more.";
    paragraph(ui, text, Type::Caption, t.text_3);
}

/// Draws the dialog that invites; `true` when it should close.
pub(crate) fn invite_ui(ctx: &Context, scene: &Scene<'_>, form: &mut InviteForm, out: &mut Vec<Act>) -> bool {
    let mut sure = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut footer = |ui: &mut Ui| sure |= Button::primary("Make the link").tip("Ctrl Enter").show(ui).clicked();
    let frame = Frame { title: "Invite somebody", width: 440.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(
        ctx,
        |ui| {
            let problem = |key| form.problem.filter(|(of, _)| *of == key).map(|(_, words)| words);
            let (no_name, no_email) = (problem("name"), problem("email"));
            Field::new("Name").problem(no_name).show(ui, &mut form.name);
            Field::new("Email").problem(no_email).show(ui, &mut form.email);
            let options: Vec<PickOption> =
                ROLES.iter().map(|(role, words)| PickOption::new(role.name(), *words)).collect();
            let held = ROLES.iter().find(|(role, _)| *role == form.role).map_or("", |(_, words)| words);
            if let Some(Picked::Choice(role)) = Picker::new("Role", held, &options).show(ui).picked {
                form.role = Role::from_name(&role).unwrap_or(form.role);
            }
            let text = "You get a link to send to them. They choose their own password with it, once.";
            paragraph(ui, text, Type::Caption, tokens(ui).text_3);
        },
        Some(&mut footer),
    );
    if !sure {
        return closed;
    }
    let (name, email) = (form.name.trim(), form.email.trim());
    form.problem = match (name, model::input::parse_email(email)) {
        ("", _) => Some(("name", "Enter a name")),
        (_, Err(_)) => Some(("email", "Enter an email address")),
        _ => None,
    };
    if form.problem.is_none() {
        let (name, email) = (name.to_owned(), email.to_owned());
        out.push(Act::Team(TeamRequest::Invite { name, email, role: form.role }));
        return true;
    }
    closed
}

/// Draws the dialog with a link; `true` when it should close.
pub(crate) fn link_ui(ctx: &Context, scene: &Scene<'_>, view: &LinkView, out: &mut Vec<Act>) -> bool {
    let (mut copy, mut done) = (false, false);
    let mut footer = |ui: &mut Ui| {
        copy = Button::primary("Copy the link").icon(icons::COPY).show(ui).clicked();
        done = Button::new("Done").show(ui).clicked();
    };
    let frame = Frame { title: "A link to hand over", width: 520.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(
        ctx,
        |ui| {
            let t = tokens(ui);
            let until = crate::present::format::full_time(view.expires_at, scene.zone);
            let text =
                format!("Whoever opens it chooses a password. It works once, until {until}, and is not shown again.");
            paragraph(ui, &text, Type::Body, t.text);
            paragraph(ui, &view.link, Type::Dense, t.text_2);
        },
        Some(&mut footer),
    );
    if copy {
        out.push(Act::Shell(Effect::CopyText(view.link.clone())));
        out.push(Act::Say("Copied".into()));
    }
    closed || done
}

/// Draws the dialog that changes one's own password; `true` when it should close.
pub(crate) fn password_ui(ctx: &Context, scene: &Scene<'_>, form: &mut PasswordForm, out: &mut Vec<Act>) -> bool {
    let mut sure = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut footer = |ui: &mut Ui| sure |= Button::primary("Change it").tip("Ctrl Enter").show(ui).clicked();
    let frame = Frame { title: "Change your password", width: 420.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(
        ctx,
        |ui| {
            let hidden = !form.show;
            Field::new("Password now").password(hidden).show(ui, &mut form.current);
            Field::new("New password").password(hidden).problem(form.problem).show(ui, &mut form.new);
            check(ui, &mut form.show, "Show what I type");
            label(ui, "Your other devices have to sign in again.", Type::Caption, tokens(ui).text_3);
        },
        Some(&mut footer),
    );
    if !sure {
        return closed;
    }
    form.problem = (form.current.is_empty() || form.new.is_empty()).then_some("Enter both passwords");
    if form.problem.is_none() {
        let (current, new) = (std::mem::take(&mut form.current), std::mem::take(&mut form.new));
        out.push(Act::Team(TeamRequest::ChangePassword { current, new }));
        return true;
    }
    closed
}
