//! The composer of a page: note, call, e-mail, meeting or SMS, with an optional follow-up.

use egui::{Id, Ui};
use jiff::tz::TimeZone;
use model::action::FollowUp;
use model::{Action, Fields, Kind, RecordId, RecordRef, Timestamp};

use crate::act::Act;
use crate::icons;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::segmented::{Choice, segmented};
use crate::widgets::{Button, Field, Look, card, label};

const TYPES: [(&str, &str, &str); 5] = [
    ("note", "Note", icons::NOTE),
    ("call", "Call", icons::CALL),
    ("email", "Email", icons::EMAIL),
    ("meeting", "Meeting", icons::MEETING),
    ("sms", "SMS", icons::SMS),
];

const FOLLOW_UPS: [(&str, i32); 3] = [("Tomorrow", 1), ("+3d", 3), ("+1w", 7)];

/// What is typed into the composer.
#[derive(Debug, Default)]
pub(crate) struct Composer {
    of: usize,
    text: String,
    follow_up: Option<usize>,
}

impl Composer {
    /// Empties it; the type stays.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.follow_up = None;
    }

    /// The action that logs what is typed; `None` while nothing is.
    pub(crate) fn action(
        &self,
        (record, account): (RecordRef, Option<RecordId>),
        (id, task): (RecordId, RecordId),
        (now, zone): (Timestamp, &TimeZone),
    ) -> Option<Action> {
        let text = self.text.trim();
        if text.is_empty() {
            return None;
        }
        let (of, word, _) = TYPES[self.of];
        let mut fields = Fields::from([("type".to_owned(), of.into()), ("via".to_owned(), "quick_log".into())]);
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        if of == "note" || first.chars().count() > model::schema::LINE_MAX_CHARS {
            fields.insert("body".into(), text.into());
        } else {
            fields.insert("subject".into(), first.into());
            if !rest.trim().is_empty() {
                fields.insert("body".into(), rest.trim().into());
            }
        }
        let key = match record.kind {
            Kind::Account => "account_id",
            Kind::Contact => "contact_id",
            _ => "lead_id",
        };
        fields.insert(key.into(), record.id.into());
        if let Some(account) = account {
            fields.entry("account_id".into()).or_insert(account.into());
        }
        let follow_up = self.follow_up.and_then(|index| FOLLOW_UPS.get(index)).map(|(_, days)| FollowUp {
            id: task,
            title: format!("Follow up: {}", word.to_lowercase()),
            due_at: now.date_in(zone).plus_days(*days).start_in(zone),
            all_day: true,
        });
        Some(Action::LogActivity { id, fields, follow_up })
    }
}

/// Draws the composer.
pub(crate) fn composer_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    composer: &mut Composer,
    denied: Option<&str>,
    out: &mut Vec<Act>,
) {
    card(ui, 12, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.set_width(ui.available_width());
        let choices = TYPES.map(|(_, text, icon)| Choice { icon: if scene.is_compact() { "" } else { icon }, text });
        if let Some(index) = segmented(ui, &choices, composer.of) {
            composer.of = index;
            ui.memory_mut(|memory| memory.request_focus(Id::unique("composer")));
        }
        let hint = match TYPES[composer.of].0 {
            "note" => "Write a note…",
            "call" => "What was said?",
            "email" => "Subject, then the text",
            "meeting" => "What was decided?",
            _ => "What was written?",
        };
        let field = Field::new("Activity").bare().hint(hint).rows(3).id(Id::unique("composer")).disabled(denied);
        let response = field.show(ui, &mut composer.text);
        let mut logged =
            response.has_focus() && ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::Enter));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            label(ui, "Follow up", Type::Caption, tokens(ui).text_2);
            for (index, (word, _)) in FOLLOW_UPS.iter().enumerate() {
                let on = composer.follow_up == Some(index);
                let name = format!("Follow up {word}");
                if Button::new(word).look(Look::Chip).name(&name).selected(on).disabled(denied).show(ui).clicked() {
                    composer.follow_up = (!on).then_some(index);
                }
            }
            if !scene.is_compact() {
                let right = egui::Layout::right_to_left(egui::Align::Center);
                logged |= ui.with_layout(right, |ui| log_button(ui, composer, denied, false)).inner;
            }
        });
        if scene.is_compact() {
            logged |= log_button(ui, composer, denied, true);
        }
        if logged {
            out.push(Act::Log);
        }
    });
}

fn log_button(ui: &mut Ui, composer: &Composer, denied: Option<&str>, fill: bool) -> bool {
    let empty = composer.text.trim().is_empty().then_some("Write something first");
    let name = format!("Log {}", TYPES[composer.of].1.to_lowercase());
    let log = Button::primary("Log").name(&name).tip("Ctrl Enter").disabled(denied.or(empty));
    let log = if fill { log.fill() } else { log };
    log.show(ui).clicked()
}
