//! What the relay refused, and what people suggest to each other instead.

use egui::Ui;
use model::app::Request;
use model::query::{RefusedChange, RefusedCommand, SuggestedChange, Suggestion, WhoMay};
use model::{Action, Kind, Value};

use crate::act::Act;
use crate::app::Effect;
use crate::icons;
use crate::present::fields::shown_value;
use crate::present::format::{many, moment};
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Tone, Type, space, tokens};
use crate::widgets::field::problem_line;
use crate::widgets::pill::pill;
use crate::widgets::{Button, Look, Pill, divider, icon, label, paragraph};

const CHANGES_SHOWN: usize = 8;
/// The code of what a server has lost and does not take back: it stands on this device, there is nothing to retry.
const NOT_TAKEN_BACK: &str = "not_taken_back";

/// Draws the refused commands.
pub(super) fn refused_ui(ui: &mut Ui, scene: &Scene<'_>, refused: &[RefusedCommand], out: &mut Vec<Act>) {
    let t = tokens(ui);
    let text = "The team's server did not take these. They are kept here until you decide.";
    paragraph(ui, text, Type::Dense, t.text_2);
    for command in refused {
        divider(ui);
        one_refused(ui, scene, command, out);
    }
}

fn one_refused(ui: &mut Ui, scene: &Scene<'_>, command: &RefusedCommand, out: &mut Vec<Act>) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = space::XS;
    let what = crate::words::label(&command.label);
    ui.horizontal_wrapped(|ui| {
        label(ui, &what, Type::Label, t.text);
        label(ui, &moment(command.at, scene.zone, scene.today), Type::Dense, t.text_3);
    });
    problem_line(ui, &crate::words::capital(&command.detail));
    paragraph(ui, &who_may(&command.who), Type::Dense, t.text_2);
    for change in command.changes.iter().take(CHANGES_SHOWN) {
        change_ui(ui, &refused_words(scene, change));
    }
    let rest = command.changes.len().saturating_sub(CHANGES_SHOWN);
    if rest > 0 {
        label(ui, &format!("and {} more", many(rest as u64, "change", "changes")), Type::Dense, t.text_3);
    }
    refused_buttons(ui, scene, (command, &what), out);
}

fn refused_buttons(ui: &mut Ui, scene: &Scene<'_>, (command, what): (&RefusedCommand, &str), out: &mut Vec<Act>) {
    ui.horizontal_wrapped(|ui| {
        let named = |verb: &str| format!("{verb}: {what}");
        if command.can_suggest {
            let spoken = named("Send as suggestion");
            let button = Button::primary("Send as suggestion").name(&spoken);
            if button.tip("Whoever owns the record can take it over with one click").show(ui).clicked() {
                out.push(Act::Send(Request::SuggestRefused { command: command.command, note: String::new() }));
            }
        }
        if command.code != NOT_TAKEN_BACK {
            let spoken = named("Retry");
            let retry = Button::new("Retry").name(&spoken);
            let retry = if command.who == WhoMay::You { retry.tip("By now you may do this") } else { retry };
            if retry.show(ui).clicked() {
                out.push(Act::Send(Request::SettleRefused { command: command.command, retry: true }));
            }
        }
        if Button::new("Copy").icon(icons::COPY).name(&named("Copy")).show(ui).clicked() {
            let lines = command.changes.iter().map(|change| {
                let (name, before, after) = refused_words(scene, change);
                format!("{name}: {before} → {after}")
            });
            let lines: Vec<String> = lines.collect();
            out.push(Act::Shell(Effect::CopyText(format!("{what}\n{}\n{}", command.detail, lines.join("\n")))));
        }
        if Button::new("Discard").look(Look::Danger).name(&named("Discard")).show(ui).clicked() {
            out.push(Act::Send(Request::SettleRefused { command: command.command, retry: false }));
        }
    });
}

fn who_may(who: &WhoMay) -> String {
    match who {
        WhoMay::You => "You may do this by now: retry it".to_owned(),
        WhoMay::Owners(names) if names.is_empty() => "The owner or an administrator may do this".to_owned(),
        WhoMay::Owners(names) => format!("{} or an administrator may do this", names.join(", ")),
        WhoMay::Administrators => "An administrator may do this".to_owned(),
        WhoMay::Author => "Only its author may do this".to_owned(),
        WhoMay::Nobody => "This is not a question of rights".to_owned(),
    }
}

fn refused_words(scene: &Scene<'_>, change: &RefusedChange) -> (String, String, String) {
    let shown = |value: &Option<Value>| or_empty(scene, change.record.kind, &change.key, value);
    let name = format!("{} · {}", change.name, scene.field_words(change.record.kind, &change.key));
    (name, shown(&change.before), shown(&change.after))
}

fn or_empty(scene: &Scene<'_>, kind: Kind, key: &str, value: &Option<Value>) -> String {
    let shown = value.as_ref().map(|value| shown_value(kind, key, value, scene));
    shown.filter(|text| !text.is_empty()).unwrap_or_else(|| "empty".to_owned())
}

/// What is changed, the old value, the new one.
fn change_ui(ui: &mut Ui, (name, before, after): &(String, String, String)) {
    let t = tokens(ui);
    let cut = |text: &str| -> String {
        if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(59).chain(['…']).collect() }
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        label(ui, name, Type::Dense, t.text_2);
        label(ui, &cut(before), Type::Dense, t.text_3);
        icon(ui, icons::ARROW_RIGHT, 12.0, t.text_3);
        label(ui, &cut(after), Type::DenseStrong, t.text);
    });
}

/// Draws the suggestions: those that wait for me with two buttons, those that I sent with how they stand.
pub(super) fn suggestions_ui(ui: &mut Ui, scene: &Scene<'_>, suggestions: &[Suggestion], out: &mut Vec<Act>) {
    for (index, suggestion) in suggestions.iter().enumerate() {
        if index > 0 {
            divider(ui);
        }
        one_suggestion(ui, scene, suggestion, out);
    }
}

fn one_suggestion(ui: &mut Ui, scene: &Scene<'_>, suggestion: &Suggestion, out: &mut Vec<Act>) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = space::XS;
    let name = if suggestion.name.is_empty() { "a record" } else { &suggestion.name };
    let named = |name: &str| if name.is_empty() { "Someone".to_owned() } else { name.to_owned() };
    let title = match suggestion.is_mine {
        true => format!("You suggest a change of {name} to {}", named(&suggestion.addressee.name)),
        false => format!("{} suggests a change of {name}", named(&suggestion.author.name)),
    };
    ui.horizontal_wrapped(|ui| {
        label(ui, &title, Type::Label, t.text);
        label(ui, &moment(suggestion.at, scene.zone, scene.today), Type::Dense, t.text_3);
        if suggestion.is_mine {
            pill(ui, &standing(&suggestion.status));
        }
    });
    if !suggestion.note.is_empty() {
        paragraph(ui, &format!("“{}”", suggestion.note), Type::Body, t.text_2);
    }
    for change in suggestion.changes.iter().take(CHANGES_SHOWN) {
        suggested_ui(ui, scene, (suggestion.record.kind, change));
    }
    ui.horizontal_wrapped(|ui| {
        if !suggestion.is_mine {
            let denied = suggestion.cannot_accept.as_deref();
            let spoken = format!("Accept the suggestion for {name}");
            if Button::primary("Accept").name(&spoken).disabled(denied).show(ui).clicked() {
                out.push(Act::Do(Action::AcceptSuggestion(suggestion.id)));
            }
            let spoken = format!("Decline the suggestion for {name}");
            if Button::new("Decline").name(&spoken).show(ui).clicked() {
                out.push(Act::Do(Action::DeclineSuggestion(suggestion.id)));
            }
        }
        let spoken = format!("Open {name}, which has a suggestion");
        if let Some(screen) = Screen::of(suggestion.record)
            && Button::quiet("Open").name(&spoken).show(ui).clicked()
        {
            out.push(Act::Go(screen));
        }
    });
}

fn suggested_ui(ui: &mut Ui, scene: &Scene<'_>, (kind, change): (Kind, &SuggestedChange)) {
    let shown = |value: &Option<Value>| or_empty(scene, kind, &change.key, value);
    change_ui(ui, &(scene.field_words(kind, &change.key), shown(&change.current), shown(&change.proposed)));
    if change.seen != change.current {
        let text = format!("It was {} when this was suggested", shown(&change.seen));
        label(ui, &text, Type::Caption, tokens(ui).warning);
    }
}

fn standing(status: &str) -> Pill {
    let (icon, text, tone) = match status {
        "accepted" => (icons::SUCCESS, "Accepted", Tone::Success),
        "declined" => (icons::LOST, "Declined", Tone::Danger),
        _ => (icons::CLOCK, "Waiting", Tone::Info),
    };
    Pill { icon, text: text.to_owned(), tone, tip: String::new() }
}
