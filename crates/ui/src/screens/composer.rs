//! The composer of a page: note, call, e-mail, meeting or SMS, with an optional follow-up.

use egui::{Id, Ui};
use model::action::FollowUp;
use model::input::{InputContext, Lean, Moment, parse_moment};
use model::{Action, Fields, Kind, RecordId, RecordRef};

use crate::act::Act;
use crate::icons;
use crate::quick_log::follow_up_due;
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
    /// When it happened, as typed; empty is now.
    when: String,
    follow_up: Option<usize>,
    /// The day of the follow-up as typed, where none of [`FOLLOW_UPS`] fits.
    follow_day: Option<String>,
}

impl Composer {
    /// Empties it; the type stays.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.when.clear();
        self.follow_up = None;
        self.follow_day = None;
    }

    /// When it happened: `None` is now, and what can't be read is an error.
    fn moment(&self, ctx: &InputContext<'_>) -> Result<Option<Moment>, String> {
        match self.when.trim() {
            "" => Ok(None),
            typed => parse_moment(typed, ctx, Lean::Nearest).map(Some).map_err(|error| error.to_string()),
        }
    }

    /// The task that what is typed comes to, when it lies ahead.
    pub(crate) fn as_task(&self, record: RecordRef, ctx: &InputContext<'_>) -> Option<Fields> {
        let due = self.ahead(ctx)?;
        let (title, _) = self.text.trim().split_once('\n').unwrap_or((self.text.trim(), ""));
        let title: String = title.chars().take(model::schema::LINE_MAX_CHARS).collect();
        Some(Fields::from([
            ("title".to_owned(), if title.is_empty() { TYPES[self.of].1.into() } else { title.into() }),
            ("linked_type".to_owned(), record.kind.name().into()),
            ("linked_id".to_owned(), record.id.into()),
            ("due_at".to_owned(), due.at.into()),
            ("all_day".to_owned(), due.all_day.into()),
        ]))
    }

    /// The moment, when it lies ahead.
    fn ahead(&self, ctx: &InputContext<'_>) -> Option<Moment> {
        let typed = self.moment(ctx).ok()??;
        let today = typed.all_day && typed.at.date_in(&ctx.zone) == ctx.today;
        (typed.at > ctx.now && !today).then_some(typed)
    }

    fn follow_up_due(&self, ctx: &InputContext<'_>) -> Result<Option<Moment>, String> {
        let days = self.follow_up.and_then(|index| FOLLOW_UPS.get(index)).map(|(_, days)| *days);
        follow_up_due(days, self.follow_day.as_deref(), ctx)
    }

    /// The action that logs what is typed; `None` while nothing is.
    pub(crate) fn action(
        &self,
        (record, account): (RecordRef, Option<RecordId>),
        (id, task): (RecordId, RecordId),
        ctx: &InputContext<'_>,
    ) -> Option<Action> {
        let text = self.text.trim();
        let moment = self.moment(ctx).ok().filter(|_| self.ahead(ctx).is_none())?;
        if text.is_empty() {
            return None;
        }
        let (of, word, _) = TYPES[self.of];
        let mut fields = Fields::from([("type".to_owned(), of.into()), ("via".to_owned(), "form".into())]);
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
        let follow_up = self.follow_up_due(ctx).ok()?.map(|due| FollowUp {
            id: task,
            title: format!("Follow up: {}", word.to_lowercase()),
            due_at: due.at,
            all_day: due.all_day,
        });
        if let Some(moment) = moment {
            fields.insert("occurred_at".into(), moment.at.into());
        }
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
                    composer.follow_day = None;
                }
            }
            let on = composer.follow_day.is_some();
            let pick = Button::new("Pick…").look(Look::Chip).name("Follow up on another day").selected(on);
            if pick.disabled(denied).show(ui).clicked() {
                composer.follow_day = (!on).then(String::new);
                composer.follow_up = None;
            }
            if !scene.is_compact() {
                let right = egui::Layout::right_to_left(egui::Align::Center);
                logged |= ui.with_layout(right, |ui| log_button(ui, composer, denied, false)).inner;
            }
        });
        follow_day_ui(ui, scene, composer, denied);
        let ahead = when_ui(ui, scene, composer, denied, out);
        if scene.is_compact() {
            logged |= log_button(ui, composer, denied, true);
        }
        if logged && !ahead {
            out.push(Act::Log);
        }
    });
}

/// The day of the follow-up, where one is to be picked.
fn follow_day_ui(ui: &mut Ui, scene: &Scene<'_>, composer: &mut Composer, denied: Option<&str>) {
    let problem = composer.follow_up_due(&scene.input()).err();
    let Some(day) = &mut composer.follow_day else { return };
    let field = Field::new("Follow-up day").bare().hint("fri 10am, 3 oct").problem(problem.as_deref());
    field.id(Id::unique("composer follow-up")).disabled(denied).show(ui, day);
}

/// When it happened. What lies ahead is no activity yet: it can become a task. `true` while it does.
fn when_ui(ui: &mut Ui, scene: &Scene<'_>, composer: &mut Composer, denied: Option<&str>, out: &mut Vec<Act>) -> bool {
    if composer.text.trim().is_empty() && composer.when.is_empty() {
        return false;
    }
    let ctx = scene.input();
    let ahead = composer.ahead(&ctx).is_some();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        label(ui, "When", Type::Caption, tokens(ui).text_2);
        ui.allocate_ui(egui::vec2(150.0, ui.spacing().interact_size.y), |ui| {
            let field = Field::new("When it happened").bare().hint("Now").id(Id::unique("composer when"));
            field.disabled(denied).show(ui, &mut composer.when);
        });
        let words = match composer.moment(&ctx) {
            _ if ahead => "That lies ahead".to_owned(),
            Ok(Some(moment)) => crate::present::format::day_and_time(moment.at, scene.zone),
            Ok(None) => String::new(),
            Err(problem) => crate::words::capital(&problem),
        };
        label(ui, &words, Type::Caption, tokens(ui).text_2);
        if ahead && Button::new("Make it a task").icon(icons::TASK).disabled(denied).show(ui).clicked() {
            out.push(Act::LogAsTask);
        }
    });
    ahead
}

fn log_button(ui: &mut Ui, composer: &Composer, denied: Option<&str>, fill: bool) -> bool {
    let empty = composer.text.trim().is_empty().then_some("Write something first");
    let name = format!("Log {}", TYPES[composer.of].1.to_lowercase());
    let log = Button::primary("Log").name(&name).tip("Ctrl Enter").disabled(denied.or(empty));
    let log = if fill { log.fill() } else { log };
    log.show(ui).clicked()
}
