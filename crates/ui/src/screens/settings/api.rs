//! API: personal tokens for scripts, and the address of one's own calendar; webhooks have a file of their own.

use egui::{Context, Key, Modifiers, Ui, vec2};
use model::Timestamp;
use model::app::{CalendarFeed, TeamRequest, TokenRow};

use super::section;
use super::webhooks::{WebhooksState, webhooks_ui};
use crate::act::Act;
use crate::app::Effect;
use crate::dialog::Dialog;
use crate::icons;
use crate::present::format::{full_date, moment};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Field, Look, caption, divider, label, paragraph};

/// How long a new token may live, in days; 0 is for ever.
const LIVES: [(i32, &str); 5] =
    [(30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "A year"), (0, "Until I revoke it")];
/// Why nothing can be done without a relay.
pub(super) const OFFLINE: &str = "This can be done when you are connected to your team's server";

/// What the part remembers.
#[derive(Debug, Default)]
pub(crate) struct ApiState {
    /// Tokens, as they were told last.
    pub(crate) tokens: Option<Vec<TokenRow>>,
    /// The calendar, as it was told last.
    pub(crate) calendar: Option<CalendarFeed>,
    /// They have been asked for since the part was opened.
    pub(crate) asked: bool,
    /// Webhooks.
    pub(crate) webhooks: WebhooksState,
}

/// A token that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenForm {
    name: String,
    writes: bool,
    days: i32,
    problem: Option<&'static str>,
}

impl Default for TokenForm {
    fn default() -> Self {
        Self { name: String::new(), writes: false, days: 90, problem: None }
    }
}

/// A secret that is shown once.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretView {
    title: &'static str,
    text: &'static str,
    secret: String,
}

impl std::fmt::Debug for SecretView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretView").field("title", &self.title).finish_non_exhaustive()
    }
}

impl SecretView {
    /// A personal token.
    pub(crate) const fn token(secret: String) -> Self {
        let text = "Copy it now: it is not shown again. Whoever has it can do in your name what it allows.";
        Self { title: "Your new token", text, secret }
    }

    /// What a webhook's messages are signed with.
    pub(crate) const fn webhook(secret: String) -> Self {
        let text = "Give it to the program that is told: with it, it can check who sent a message. It is not shown \
                    again.";
        Self { title: "The webhook's secret", text, secret }
    }

    /// A calendar's address.
    pub(crate) const fn calendar(secret: String) -> Self {
        let text = "Subscribe to this address in your calendar program. It is not shown again, and whoever has it sees \
                    your meetings and tasks.";
        Self { title: "Your calendar's address", text, secret }
    }
}

/// Something that the relay is asked only when the person is sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asking {
    text: String,
    button: &'static str,
    request: TeamRequest,
}

impl Asking {
    /// Asks in these words, with this button.
    pub(crate) const fn new(text: String, button: &'static str, request: TeamRequest) -> Self {
        Self { text, button, request }
    }
}

/// Draws the part.
pub(super) fn api_ui(ui: &mut Ui, scene: &Scene<'_>, state: &ApiState, out: &mut Vec<Act>) {
    if scene.session.server.is_empty() {
        section(ui, "API", |ui| {
            let text = "Scripts and calendars reach your records through your team's server. You work alone on this \
                        device; join a team to use them.";
            paragraph(ui, text, Type::Body, tokens(ui).text);
            if Button::new("Join a team…").icon(icons::CONTACTS).show(ui).clicked() {
                out.push(Act::Open(Box::new(Dialog::Join)));
            }
        });
        return;
    }
    let offline = (!scene.is_connected()).then_some(OFFLINE);
    if !state.asked && offline.is_none() {
        out.push(Act::Team(TeamRequest::Tokens));
        out.push(Act::Team(TeamRequest::Calendar));
    }
    section(ui, "Personal tokens", |ui| tokens_ui(ui, scene, (state, offline), out));
    section(ui, "Calendar", |ui| calendar_ui(ui, scene, (state, offline), out));
    section(ui, "Webhooks", |ui| webhooks_ui(ui, scene, &state.webhooks, out));
}

fn tokens_ui(ui: &mut Ui, scene: &Scene<'_>, (state, offline): (&ApiState, Option<&str>), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let text = "A script signs in with a token instead of your password. It can do what you can do, or only read.";
    paragraph(ui, text, Type::Body, t.text);
    match (&state.tokens, offline) {
        (None, Some(reason)) => drop(paragraph(ui, reason, Type::Caption, t.text_3)),
        (None, None) => drop(caption(ui, "Asking the team's server")),
        (Some(rows), _) if rows.is_empty() => drop(caption(ui, "You have no tokens")),
        (Some(_), _) => {}
    }
    for row in state.tokens.iter().flatten() {
        divider(ui);
        token_ui(ui, scene, (row, offline), out);
    }
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        if Button::new("New token…").icon(icons::PLUS).disabled(offline).show(ui).clicked() {
            out.push(Act::Open(Box::new(Dialog::NewToken(TokenForm::default()))));
        }
        let docs = format!("{}/api/v1/docs", scene.session.server);
        if Button::quiet("How the API works").icon(icons::OPEN).show(ui).clicked() {
            out.push(Act::Shell(Effect::OpenUrl(docs)));
        }
    });
}

fn token_ui(ui: &mut Ui, scene: &Scene<'_>, (row, offline): (&TokenRow, Option<&str>), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let end = egui::Layout::right_to_left(egui::Align::Center);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 40.0), end, |ui| {
        let name = format!("Revoke {}", row.name);
        let revoke = Button::new("Revoke").name(&name).disabled(offline).show(ui).clicked();
        ui.add_space(space::S);
        ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            crate::widgets::cut(ui, &row.name, Type::Label, t.text);
            paragraph(ui, &token_words(row, scene), Type::Dense, t.text_2);
        });
        if revoke {
            let text = format!("Whatever uses {} stops working at once.", row.name);
            let request = TeamRequest::RevokeToken(row.id.clone());
            out.push(Act::Open(Box::new(Dialog::AskFirst(Asking { text, button: "Revoke", request }))));
        }
    });
}

fn token_words(row: &TokenRow, scene: &Scene<'_>) -> String {
    let may = if row.writes { "Reads and writes" } else { "Only reads" };
    let used = match row.last_used_at {
        Some(at) => format!("last used {}", moment(at, scene.zone, scene.today)),
        None => "never used".to_owned(),
    };
    let ends = match row.expires_at {
        Some(at) => format!("ends {}", full_date(at.date_in(scene.zone))),
        None => "does not end by itself".to_owned(),
    };
    format!("{may} · {used} · {ends}")
}

fn calendar_ui(ui: &mut Ui, scene: &Scene<'_>, (state, offline): (&ApiState, Option<&str>), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let text = "Your meetings and tasks in your calendar program: an address that only you know, to subscribe to. \
                Changes show there when the program looks the next time.";
    paragraph(ui, text, Type::Body, t.text);
    let on = state.calendar.as_ref().is_some_and(|feed| feed.created_at.is_some());
    match (&state.calendar, offline) {
        (None, Some(reason)) => drop(paragraph(ui, reason, Type::Caption, t.text_3)),
        (None, None) => drop(caption(ui, "Asking the team's server")),
        (Some(feed), _) => drop(label(ui, &calendar_words(feed, scene), Type::Dense, t.text_2)),
    }
    ui.horizontal_wrapped(|ui| {
        let words = if on { "New address…" } else { "Make an address" };
        if Button::new(words).icon(icons::CALENDAR).disabled(offline).show(ui).clicked() {
            out.push(match on {
                true => {
                    let text = "The address that your calendar program uses now stops working.".to_owned();
                    let request = TeamRequest::MakeCalendar;
                    Act::Open(Box::new(Dialog::AskFirst(Asking { text, button: "Make a new address", request })))
                }
                false => Act::Team(TeamRequest::MakeCalendar),
            });
        }
        if on && Button::new("Switch off").name("Switch the calendar off").disabled(offline).show(ui).clicked() {
            out.push(Act::Team(TeamRequest::EndCalendar));
        }
    });
}

fn calendar_words(feed: &CalendarFeed, scene: &Scene<'_>) -> String {
    let said = |at: Timestamp| moment(at, scene.zone, scene.today);
    match (feed.created_at, feed.last_used_at) {
        (None, _) => "Off".to_owned(),
        (Some(made), None) => format!("On since {} · no program has looked yet", said(made)),
        (Some(made), Some(used)) => format!("On since {} · last looked at {}", said(made), said(used)),
    }
}

/// Draws the dialog that makes a token; `true` when it should close.
pub(crate) fn token_form_ui(ctx: &Context, scene: &Scene<'_>, form: &mut TokenForm, out: &mut Vec<Act>) -> bool {
    let mut sure = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut footer = |ui: &mut Ui| sure |= Button::primary("Make the token").tip("Ctrl Enter").show(ui).clicked();
    let frame = Frame { title: "New token", width: 440.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(
        ctx,
        |ui| {
            ui.spacing_mut().item_spacing.y = space::M;
            let response = Field::new("What it is for").problem(form.problem).show(ui, &mut form.name);
            if response.changed() {
                form.problem = None;
            }
            pick(ui, "It may", &[("read", "Only read"), ("write", "Read and write")], may_word(form), |key| {
                form.writes = key == "write";
            });
            let lives: Vec<(String, &str)> = LIVES.iter().map(|(days, words)| (days.to_string(), *words)).collect();
            let options: Vec<(&str, &str)> = lives.iter().map(|(days, words)| (days.as_str(), *words)).collect();
            let held = LIVES.iter().find(|(days, _)| *days == form.days).map_or("", |(_, words)| words);
            pick(ui, "It works for", &options, held, |key| form.days = key.parse().unwrap_or(90));
            let text = "The secret is shown once. Give each script its own token, and revoke those that are done.";
            paragraph(ui, text, Type::Caption, tokens(ui).text_3);
        },
        Some(&mut footer),
    );
    if !sure {
        return closed;
    }
    let name = form.name.trim().to_owned();
    form.problem = match name.chars().count() {
        0 => Some("Say what it is for"),
        101.. => Some("At most 100 characters"),
        _ => None,
    };
    if form.problem.is_none() {
        let lives = i64::from(form.days) * model::time::DAY_MILLIS;
        let expires_at = (form.days > 0).then(|| scene.now.plus_millis(lives));
        out.push(Act::Team(TeamRequest::MakeToken { name, writes: form.writes, expires_at }));
        return true;
    }
    closed
}

const fn may_word(form: &TokenForm) -> &'static str {
    if form.writes { "Read and write" } else { "Only read" }
}

fn pick(ui: &mut Ui, name: &str, options: &[(&str, &str)], held: &str, mut chosen: impl FnMut(&str)) {
    let options: Vec<PickOption> = options.iter().map(|(key, words)| PickOption::new(*key, *words)).collect();
    if let Some(Picked::Choice(key)) = Picker::new(name, held, &options).show(ui).picked {
        chosen(&key);
    }
}

/// Draws the question; `true` when it should close.
pub(crate) fn asking_ui(ctx: &Context, scene: &Scene<'_>, asking: &Asking, out: &mut Vec<Act>) -> bool {
    let (mut sure, mut no) = (false, false);
    let mut footer = |ui: &mut Ui| {
        sure = Button::new(asking.button).look(Look::Danger).show(ui).clicked();
        no = Button::new("Cancel").show(ui).clicked();
    };
    let frame = Frame { title: "Are you sure?", width: 420.0, sheet: scene.is_compact(), high: false };
    let closed =
        frame.show(ctx, |ui| drop(paragraph(ui, &asking.text, Type::Body, tokens(ui).text)), Some(&mut footer));
    if sure {
        out.push(Act::Team(asking.request.clone()));
    }
    closed || sure || no
}

/// Draws the dialog with a secret; `true` when it should close.
pub(crate) fn secret_ui(ctx: &Context, scene: &Scene<'_>, view: &SecretView, out: &mut Vec<Act>) -> bool {
    let (mut copy, mut done) = (false, false);
    let mut footer = |ui: &mut Ui| {
        copy = Button::primary("Copy").icon(icons::COPY).show(ui).clicked();
        done = Button::new("Done").show(ui).clicked();
    };
    let frame = Frame { title: view.title, width: 520.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(
        ctx,
        |ui| {
            let t = tokens(ui);
            paragraph(ui, view.text, Type::Body, t.text);
            paragraph(ui, &view.secret, Type::Dense, t.text_2);
        },
        Some(&mut footer),
    );
    if copy {
        out.push(Act::Shell(Effect::CopyText(view.secret.clone())));
        out.push(Act::Say("Copied".into()));
    }
    closed || done
}
