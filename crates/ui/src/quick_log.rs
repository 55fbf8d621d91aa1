//! Quick Log (PRODUCT 8.8): what was done with a lead, contact or account, in two actions.

use std::collections::BTreeMap;

use model::action::FollowUp;
use model::app::RequestId;
use model::input::{InputContext, Lean, Moment, parse_moment, read_field};
use model::{Action, Fields, IdSource, Kind, RecordId, RecordRef, Value};

use crate::app::App;
use crate::dialog::Dialog;
use crate::update::Purpose;

/// An outcome: its words and which way the message went (empty: neither).
pub(crate) type Outcome = (&'static str, &'static str);

/// Types of activity with what usually comes of them.
pub(crate) const OUTCOMES: [(&str, &[Outcome]); 5] = [
    ("call", &[("Talked", "out"), ("No answer", "out"), ("Left message", "out")]),
    ("email", &[("Sent", "out"), ("Received", "in")]),
    ("meeting", &[("Held", ""), ("No-show", "")]),
    ("sms", &[("Sent", "out"), ("Received", "in")]),
    ("note", &[("Save note", "")]),
];

/// Follow-ups: words and days from today.
pub(crate) const FOLLOW_UPS: [(&str, i32); 3] = [("Tomorrow", 1), ("+3d", 3), ("+1w", 7)];

/// Lengths of calls and meetings, in minutes.
pub(crate) const MINUTES: [i64; 4] = [5, 15, 30, 60];

/// What is entered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LogForm {
    /// What it is about, with its name.
    pub(crate) about: Option<(RecordRef, String)>,
    /// The account of that.
    pub(crate) account: Option<RecordId>,
    /// What was said.
    pub(crate) text: String,
    /// When, as typed; empty is now.
    pub(crate) when: String,
    /// How long it took.
    pub(crate) minutes: Option<i64>,
    /// An index into [`FOLLOW_UPS`].
    pub(crate) follow_up: Option<usize>,
    /// The day of the follow-up as typed, where none of [`FOLLOW_UPS`] fits.
    pub(crate) follow_day: Option<String>,
    /// A task that is done with this.
    pub(crate) finishes: Option<(RecordId, String)>,
    /// What is wrong, by field.
    pub(crate) problems: BTreeMap<String, String>,
    /// The text field gets the keyboard in the next frame.
    pub(crate) focus: bool,
    /// The request, while it is under way.
    pub(crate) sent: Option<RequestId>,
}

impl App {
    /// Opens Quick Log about a record, or about what is open.
    pub(crate) fn open_quick_log(&mut self, about: Option<RecordRef>, finishes: Option<RecordId>) {
        let denied = self.session.as_ref().and_then(|session| self.bare_scene(session).denied_create(Kind::Activity));
        if let Some(reason) = denied {
            self.toasts.bad(reason, self.ids.now);
            return;
        }
        let about = about.or_else(|| self.open_record()).filter(|about| link_key(about.kind).is_some());
        let row = about.and_then(|about| self.known_row(about));
        let finished = finishes.and_then(|task| Some((task, self.known_task(task)?)));
        let form = LogForm {
            account: row.and_then(|row| row.record.link("account_id")),
            about: about.map(|about| (about, row.map(|row| row.record.display_name()).unwrap_or_default())),
            text: finished.as_ref().map(|(_, title)| title.clone()).unwrap_or_default(),
            finishes: finished,
            focus: true,
            ..LogForm::default()
        };
        self.dialog = Some(Dialog::Log(form));
    }

    /// Logs what the open form holds with an outcome (an index into [`OUTCOMES`] and one into its outcomes).
    pub(crate) fn log_outcome(&mut self, of: usize, outcome: usize) {
        let Some(Dialog::Log(mut form)) = self.dialog.take() else { return };
        if form.sent.is_none()
            && let Some(action) = self.log_action(&mut form, (of, outcome))
        {
            form.sent = Some(self.perform(action, Purpose::Form));
            if let Some((task, _)) = form.finishes.take() {
                self.perform(Action::SetTaskDone { task, done: true }, Purpose::Quiet);
            }
        }
        self.dialog = Some(Dialog::Log(form));
    }

    fn log_action(&mut self, form: &mut LogForm, (of, outcome): (usize, usize)) -> Option<Action> {
        form.problems.clear();
        let (kind, outcomes) = OUTCOMES.get(of)?;
        let (word, direction) = *outcomes.get(outcome)?;
        let Some((about, _)) = form.about.clone() else {
            form.problems.insert("about".into(), "Choose what it is about".into());
            return None;
        };
        if *kind == "note" && form.text.trim().is_empty() {
            form.problems.insert("text".into(), "Write the note first".into());
            return None;
        }
        let mut fields = Fields::from([("type".to_owned(), (*kind).into()), ("via".to_owned(), "quick_log".into())]);
        fields.extend(words(kind, word, form.text.trim()));
        fields.insert(link_key(about.kind)?.to_owned(), about.id.into());
        if let Some(account) = form.account.filter(|_| about.kind != Kind::Account) {
            fields.insert("account_id".into(), account.into());
        }
        if !direction.is_empty() {
            fields.insert("direction".into(), direction.into());
        }
        if let Some(minutes) = form.minutes.filter(|_| matches!(*kind, "call" | "meeting")) {
            fields.insert("duration_minutes".into(), minutes.into());
        }
        let ctx = self.input();
        match read_field(Kind::Activity, "occurred_at", &form.when, &ctx) {
            Ok(input) => fields.extend(input.value.map(|at| ("occurred_at".to_owned(), at))),
            Err(wrong) => {
                form.problems.insert("when".into(), crate::words::capital(&wrong.problem));
                return None;
            }
        }
        let days = form.follow_up.and_then(|index| FOLLOW_UPS.get(index)).map(|(_, days)| *days);
        let due = match follow_up_due(days, form.follow_day.as_deref(), &ctx) {
            Ok(due) => due,
            Err(problem) => {
                form.problems.insert("follow_up".into(), problem);
                return None;
            }
        };
        let id = self.ids.fresh_record_id();
        let follow_up = due.map(|due| FollowUp {
            id: self.ids.fresh_record_id(),
            title: format!("Follow up: {}", crate::words::activity(kind).0.to_lowercase()),
            due_at: due.at,
            all_day: due.all_day,
        });
        Some(Action::LogActivity { id, fields, follow_up })
    }
}

/// When a follow-up is due: a day that was typed, or so many days from today; `None` without one.
///
/// # Errors
/// What is wrong with the day that was typed, as a sentence.
pub(crate) fn follow_up_due(
    days: Option<i32>,
    typed: Option<&str>,
    ctx: &InputContext<'_>,
) -> Result<Option<Moment>, String> {
    if let Some(text) = typed.map(str::trim).filter(|text| !text.is_empty()) {
        let read = parse_moment(text, ctx, Lean::Ahead);
        return read.map(Some).map_err(|error| crate::words::capital(&error.to_string()));
    }
    Ok(days.map(|days| Moment { at: ctx.today.plus_days(days).start_in(&ctx.zone), all_day: true }))
}

/// The field that links an activity to a record of this kind.
pub(crate) const fn link_key(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Lead => Some("lead_id"),
        Kind::Account => Some("account_id"),
        Kind::Contact => Some("contact_id"),
        _ => None,
    }
}

/// Subject and body: the first line is the subject, unless it is a note or too long; without words the outcome is.
fn words(kind: &str, outcome: &str, text: &str) -> Fields {
    let mut fields = Fields::new();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let is_note = kind == "note";
    if !is_note {
        fields.insert("outcome".into(), outcome.into());
    }
    if text.is_empty() {
        fields.insert("subject".into(), outcome.into());
    } else if is_note || first.chars().count() > model::schema::LINE_MAX_CHARS {
        fields.insert("body".into(), text.into());
    } else {
        fields.insert("subject".into(), first.trim().into());
        if !rest.trim().is_empty() {
            fields.insert("body".into(), Value::from(rest.trim()));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_words_the_outcome_is_the_subject() {
        assert_eq!(words("call", "No answer", "").get("subject"), Some(&Value::from("No answer")));
        let said = words("call", "Talked", "Budget is fine\nSend the quote");
        assert_eq!(said.get("subject"), Some(&Value::from("Budget is fine")));
        assert_eq!(said.get("body"), Some(&Value::from("Send the quote")));
        assert_eq!(said.get("outcome"), Some(&Value::from("Talked")));
    }

    #[test]
    fn a_note_is_all_body() {
        let note = words("note", "Save note", "One\nTwo");
        assert_eq!(note.get("body"), Some(&Value::from("One\nTwo")));
        assert_eq!(note.get("subject"), None);
        assert_eq!(note.get("outcome"), None);
    }
}
