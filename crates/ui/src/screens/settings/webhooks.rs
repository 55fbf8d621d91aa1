//! Webhooks: who else is told of what happens, and what became of telling them. For administrators.

use std::collections::BTreeMap;

use egui::{Color32, Context, Key, Modifiers, Ui, vec2};
use model::app::{DeliveryRow, DeliveryState, TeamRequest, WebhookPause, WebhookRequest, WebhookRow};

use super::api::{Asking, OFFLINE};
use crate::act::Act;
use crate::dialog::Dialog;
use crate::icons;
use crate::present::format::moment;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::check::check;
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::{Button, Field, caption, cut, divider, label, paragraph};

/// Why somebody can do nothing here.
const ADMINS: &str = "Only administrators can do this";
/// Everything that happens.
const EVERYTHING: &str = "*";
/// What can happen, by kind of record: words on the screen and names of events.
const EVENTS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Leads",
        &[
            ("A lead is new", "lead.created"),
            ("A lead is changed", "lead.updated"),
            ("A lead moves to another stage", "lead.stage_changed"),
            ("A lead is won", "lead.won"),
            ("A lead is lost", "lead.lost"),
            ("A lead is deleted", "lead.deleted"),
            ("A lead is restored", "lead.restored"),
        ],
    ),
    (
        "Accounts",
        &[
            ("An account is new", "account.created"),
            ("An account is changed", "account.updated"),
            ("An account is deleted", "account.deleted"),
            ("An account is restored", "account.restored"),
        ],
    ),
    (
        "Contacts",
        &[
            ("A contact is new", "contact.created"),
            ("A contact is changed", "contact.updated"),
            ("A contact is deleted", "contact.deleted"),
            ("A contact is restored", "contact.restored"),
        ],
    ),
    (
        "Activities",
        &[
            ("An activity is logged", "activity.created"),
            ("An activity is changed", "activity.updated"),
            ("An activity is deleted", "activity.deleted"),
            ("An activity is restored", "activity.restored"),
        ],
    ),
    (
        "Tasks",
        &[
            ("A task is new", "task.created"),
            ("A task is changed", "task.updated"),
            ("A task is done", "task.completed"),
            ("A task is deleted", "task.deleted"),
            ("A task is restored", "task.restored"),
        ],
    ),
];

/// What the part remembers.
#[derive(Debug, Default)]
pub(crate) struct WebhooksState {
    /// Webhooks, as they were told last.
    pub(crate) rows: Option<Vec<WebhookRow>>,
    /// They have been asked for since the part was opened.
    pub(crate) asked: bool,
    /// Why they were not told.
    pub(crate) trouble: Option<String>,
}

/// A webhook that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebhookForm {
    url: String,
    everything: bool,
    events: Vec<&'static str>,
    url_problem: Option<&'static str>,
    events_problem: Option<&'static str>,
}

impl Default for WebhookForm {
    fn default() -> Self {
        Self { url: String::new(), everything: true, events: Vec::new(), url_problem: None, events_problem: None }
    }
}

/// The deliveries of one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeliveriesView {
    /// Which webhook.
    pub(crate) webhook: String,
    /// Where it leads.
    pub(crate) host: String,
    /// What became of them, once it is told.
    pub(crate) rows: Option<Vec<DeliveryRow>>,
}

/// Draws the part.
pub(super) fn webhooks_ui(ui: &mut Ui, scene: &Scene<'_>, state: &WebhooksState, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let reason = match (scene.is_admin(), scene.is_connected()) {
        (false, _) => Some(ADMINS),
        (true, false) => Some(OFFLINE),
        (true, true) => None,
    };
    if !state.asked && reason.is_none() {
        out.push(ask(WebhookRequest::List));
    }
    let text = "Another program is told when something happens here: a message to its address, signed so that it can \
                be sure who sent it.";
    paragraph(ui, text, Type::Body, t.text);
    match (&state.rows, reason.or(state.trouble.as_deref())) {
        (None, Some(reason)) => drop(paragraph(ui, reason, Type::Caption, t.text_3)),
        (None, None) => drop(caption(ui, "Asking the team's server")),
        (Some(rows), _) if rows.is_empty() => drop(caption(ui, "Nobody else is told")),
        (Some(_), _) => {}
    }
    let rows = state.rows.as_deref().unwrap_or_default();
    let names = numbered(rows.iter().map(|row| host_of(&row.url).to_owned()));
    for (row, name) in rows.iter().zip(&names) {
        divider(ui);
        webhook_ui(ui, scene, (row, name, reason), out);
    }
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        if Button::new("New webhook…").icon(icons::PLUS).disabled(reason).show(ui).clicked() {
            out.push(Act::Open(Box::new(Dialog::NewWebhook(WebhookForm::default()))));
        }
    });
}

fn ask(request: WebhookRequest) -> Act {
    Act::Team(TeamRequest::Webhook(request))
}

/// The same names with a number behind those that occur again.
fn numbered(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeMap::<String, u32>::new();
    let own = names.map(|name| {
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name} ({count})") }
    });
    own.collect()
}

fn webhook_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (row, host, reason): (&WebhookRow, &str, Option<&str>),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        cut(ui, &row.url, Type::Label, t.text);
        paragraph(ui, &events_words(&row.events), Type::Dense, t.text_2);
        let (words, color) = state_words(ui, row, scene);
        paragraph(ui, &words, Type::Dense, color);
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, space::S);
        let press = |ui: &mut Ui, text: &str| {
            Button::new(text).name(&format!("{text} · {host}")).disabled(reason).show(ui).clicked()
        };
        if press(ui, "Deliveries") {
            out.push(open_deliveries(row));
            out.push(ask(WebhookRequest::Deliveries(row.id.clone())));
        }
        if press(ui, "Send a test") {
            out.push(open_deliveries(row));
            out.push(ask(WebhookRequest::Test(row.id.clone())));
        }
        let active = row.paused.is_none();
        if press(ui, if active { "Pause" } else { "Resume" }) {
            out.push(ask(WebhookRequest::SetActive(row.id.clone(), !active)));
        }
        if press(ui, "New secret…") {
            let text = format!("{host} has to know the new secret within a day: until then both count.");
            out.push(ask_first(text, "Make a new secret", WebhookRequest::Rotate(row.id.clone())));
        }
        if press(ui, "Delete…") {
            let text = format!("{host} is told nothing more, and what it was told is forgotten.");
            out.push(ask_first(text, "Delete", WebhookRequest::Delete(row.id.clone())));
        }
    });
}

fn open_deliveries(row: &WebhookRow) -> Act {
    let view = DeliveriesView { webhook: row.id.clone(), host: host_of(&row.url).to_owned(), rows: None };
    Act::Open(Box::new(Dialog::Deliveries(view)))
}

fn ask_first(text: String, button: &'static str, request: WebhookRequest) -> Act {
    Act::Open(Box::new(Dialog::AskFirst(Asking::new(text, button, TeamRequest::Webhook(request)))))
}

/// The address without its secrets: paths often hold one.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

fn events_words(events: &[String]) -> String {
    let named = |name: &String| {
        let all = EVENTS.iter().flat_map(|(_, events)| events.iter());
        let known = all.into_iter().find(|(_, event)| *event == name.as_str());
        known.map_or_else(|| name.clone(), |(words, _)| (*words).to_owned())
    };
    match events {
        [only] if only == EVERYTHING => "Everything that happens".to_owned(),
        _ => events.iter().map(named).collect::<Vec<_>>().join(" · "),
    }
}

fn state_words(ui: &Ui, row: &WebhookRow, scene: &Scene<'_>) -> (String, Color32) {
    let t = tokens(ui);
    let at = |delivery: &DeliveryRow| moment(delivery.tried_at.unwrap_or(delivery.created_at), scene.zone, scene.today);
    match (row.paused, &row.last) {
        (Some(WebhookPause::Person), _) => ("Paused · nothing is lost meanwhile".to_owned(), t.text_2),
        (Some(WebhookPause::Failing), _) => ("Paused · it has not taken anything for three days".to_owned(), t.danger),
        (Some(WebhookPause::Gone), _) => ("Paused · it answered that it is gone for good".to_owned(), t.danger),
        (None, None) => ("Active · nothing sent yet".to_owned(), t.text_2),
        (None, Some(last)) if last.state == DeliveryState::Delivered => {
            (format!("Active · last delivery arrived, {}", at(last)), t.text_2)
        }
        (None, Some(last)) => {
            let next = last.next_at.map(|next| format!(" · next try {}", moment(next, scene.zone, scene.today)));
            let words = format!("Active · last delivery failed, {}: {}", at(last), outcome(last));
            (words + &next.unwrap_or_default(), t.danger)
        }
    }
}

/// What came back, in a few words.
fn outcome(row: &DeliveryRow) -> String {
    match (&row.error, row.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => format!("answer {status}"),
        (None, None) => "not tried yet".to_owned(),
    }
}

/// Draws the dialog that makes a webhook; `true` when it should close.
pub(crate) fn webhook_form_ui(ctx: &Context, scene: &Scene<'_>, form: &mut WebhookForm, out: &mut Vec<Act>) -> bool {
    let mut sure = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut footer = |ui: &mut Ui| sure |= Button::primary("Make the webhook").tip("Ctrl Enter").show(ui).clicked();
    let frame = Frame { title: "New webhook", width: 520.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(ctx, |ui| form_ui(ui, form), Some(&mut footer));
    if !sure {
        return closed;
    }
    let url = form.url.trim().to_owned();
    let begins = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    form.url_problem = (!begins).then_some("An address as in https://example.org/hook");
    form.events_problem = (!form.everything && form.events.is_empty()).then_some("Choose at least one");
    if form.url_problem.is_some() || form.events_problem.is_some() {
        return closed;
    }
    let chosen = if form.everything { vec![EVERYTHING] } else { form.events.clone() };
    let events = chosen.into_iter().map(str::to_owned).collect();
    out.push(ask(WebhookRequest::Make { url, events }));
    true
}

fn form_ui(ui: &mut Ui, form: &mut WebhookForm) {
    ui.spacing_mut().item_spacing.y = space::S;
    if Field::new("Address").problem(form.url_problem).show(ui, &mut form.url).changed() {
        form.url_problem = None;
    }
    label(ui, "It is told when", Type::CaptionStrong, tokens(ui).text_2);
    if check(ui, &mut form.everything, "Anything happens").changed() {
        form.events_problem = None;
    }
    if let Some(problem) = form.events_problem {
        crate::widgets::field::problem_line(ui, problem);
    }
    if form.everything {
        return;
    }
    for (heading, events) in EVENTS {
        label(ui, heading, Type::CaptionStrong, tokens(ui).text_2);
        for (words, event) in events {
            let mut on = form.events.contains(event);
            if check(ui, &mut on, words).changed() {
                form.events.retain(|chosen| chosen != event);
                form.events.extend(on.then_some(*event));
                form.events_problem = None;
            }
        }
    }
}

/// Draws a webhook's deliveries; `true` when the dialog should close.
pub(crate) fn deliveries_ui(ctx: &Context, scene: &Scene<'_>, view: &DeliveriesView, out: &mut Vec<Act>) -> bool {
    let offline = (!scene.is_connected()).then_some(OFFLINE);
    let (mut again, mut done) = (false, false);
    let mut footer = |ui: &mut Ui| {
        done = Button::new("Done").show(ui).clicked();
        again = Button::new("Look again").disabled(offline).show(ui).clicked();
    };
    let title = format!("Deliveries to {}", view.host);
    let frame = Frame { title: &title, width: 560.0, sheet: scene.is_compact(), high: false };
    let mut resend = None;
    let body = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        match &view.rows {
            None => drop(caption(ui, "Asking the team's server")),
            Some(rows) if rows.is_empty() => drop(caption(ui, "Nothing was sent yet")),
            Some(rows) => {
                let names = numbered(rows.iter().map(|row| delivery_name(row, scene)));
                for (index, (row, name)) in rows.iter().zip(&names).enumerate() {
                    if index > 0 {
                        divider(ui);
                    }
                    ui.push_id(&row.id, |ui| {
                        if delivery_ui(ui, scene, (row, name, offline)) {
                            resend = Some(row.id.clone());
                        }
                    });
                }
                let text = "The last 50. The server keeps the last 200 for 30 days";
                paragraph(ui, text, Type::Caption, tokens(ui).text_3);
            }
        }
    };
    let closed = frame.show(ctx, body, Some(&mut footer));
    if let Some(delivery) = resend {
        out.push(ask(WebhookRequest::Resend { webhook: view.webhook.clone(), delivery }));
    }
    if again {
        out.push(ask(WebhookRequest::Deliveries(view.webhook.clone())));
    }
    closed || done
}

/// Draws a delivery; `true` when it is to be sent again.
fn delivery_ui(ui: &mut Ui, scene: &Scene<'_>, (row, name, offline): (&DeliveryRow, &str, Option<&str>)) -> bool {
    let t = tokens(ui);
    let end = egui::Layout::right_to_left(egui::Align::Center);
    let mut resend = false;
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 40.0), end, |ui| {
        resend = Button::new("Send again").name(&format!("Send again · {name}")).disabled(offline).show(ui).clicked();
        ui.add_space(space::S);
        ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            cut(ui, &event_words(&row.event), Type::Label, t.text);
            let color = if row.state == DeliveryState::Delivered { t.text_2 } else { t.danger };
            let color = if row.attempts == 0 { t.text_2 } else { color };
            paragraph(ui, &delivery_words(row, scene), Type::Dense, color);
            if !row.answer.trim().is_empty() {
                cut(ui, row.answer.trim(), Type::Dense, t.text_3);
            }
        });
    });
    resend
}

fn delivery_name(row: &DeliveryRow, scene: &Scene<'_>) -> String {
    format!("{}, {}", event_words(&row.event), moment(row.created_at, scene.zone, scene.today))
}

fn event_words(event: &str) -> String {
    if event == "webhook.test" { "A test".to_owned() } else { events_words(&[event.to_owned()]) }
}

fn delivery_words(row: &DeliveryRow, scene: &Scene<'_>) -> String {
    let said = |at| moment(at, scene.zone, scene.today);
    let took = row.duration_millis.map_or_else(String::new, |millis| format!(" in {millis} ms"));
    let tries = if row.attempts > 1 { format!(" · {} tries", row.attempts) } else { String::new() };
    let at = said(row.tried_at.unwrap_or(row.created_at));
    match (row.state, row.next_at) {
        (DeliveryState::Waiting, _) if row.attempts == 0 => format!("Waits since {}", said(row.created_at)),
        (DeliveryState::Waiting, Some(next)) => {
            format!("Failed, {at}: {}{tries} · next try {}", outcome(row), said(next))
        }
        (DeliveryState::Delivered, _) => format!("Arrived, {at}: {}{took}{tries}", outcome(row)),
        (DeliveryState::Waiting | DeliveryState::Failed, _) => format!("Failed, {at}: {}{tries}", outcome(row)),
    }
}
