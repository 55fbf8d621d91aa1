//! Editing a task or an activity in the dialog that creates them: opening it with what stands there, and writing only
//! what was changed.

use std::collections::BTreeMap;

use model::input::{InputContext, read_field};
use model::query::{Detail, Row};
use model::{Action, ChangeHash, FieldChanges, Kind, Record, RecordRef, Timestamp, Value};

use crate::app::App;
use crate::dialog::{CreateForm, Dialog};
use crate::forms::missing;
use crate::present::fields::{Editor, Spec, edit_fields, shown};
use crate::present::format;
use crate::scene::Scene;
use crate::tasks::reminders;
use crate::update::Purpose;
use crate::widgets::picker::PickOption;

const MINUTE: i64 = 60_000;
/// The key of "as usual" among the reminders.
const USUAL: &str = "usual";

/// What a form began with that changes a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Editing {
    /// The record as it was.
    pub(crate) before: Record,
    /// Its heads then: what others write meanwhile is not lost unseen.
    heads: Vec<ChangeHash>,
    /// The texts that the fields began with.
    texts: BTreeMap<String, String>,
}

impl App {
    /// Opens the dialog that edits a task or an activity, as soon as the replica has brought it.
    pub(crate) const fn ask_edit(&mut self, record: RecordRef) {
        self.opening = Some(record);
    }

    /// Opens the dialog that was asked for, once its record is here.
    pub(crate) fn open_edit(&mut self) {
        let Some(record) = self.opening else { return };
        let Some(found) = self.feed.editing() else { return };
        let found = found.filter(|detail| detail.row.record.reference() == record);
        self.opening = None;
        let (Some(detail), Some(session)) = (found, self.session.as_ref()) else { return };
        let scene = self.bare_scene(session);
        match scene.denied_edit(&detail.row.record) {
            Some(reason) => self.toasts.bad(reason, self.ids.now),
            None => self.dialog = Some(Dialog::Create(form_of(detail, &scene))),
        }
    }

    /// Writes what was changed; what is wrong lands in the form.
    pub(crate) fn submit_edit(&mut self, mut form: CreateForm, editing: &Editing) {
        let fields = changes(&mut form, editing, &self.input());
        if form.problems.is_empty() && fields.is_empty() {
            return;
        }
        if form.problems.is_empty() {
            let record = editing.before.reference();
            let action = Action::SetFields { record, base_heads: editing.heads.clone(), fields };
            form.sent = Some((self.perform(action, Purpose::Form), false));
        }
        self.dialog = Some(Dialog::Create(form));
    }
}

/// The form, filled with what stands in the record.
fn form_of(detail: &Detail, scene: &Scene<'_>) -> CreateForm {
    let row = &detail.row;
    let record = &row.record;
    let mut form = CreateForm::new(record.kind);
    for spec in edit_fields(record.kind) {
        if spec.editor.is_picked() {
            form.picks.extend(pick_of(row, spec, scene).map(|pick| (spec.key.to_owned(), pick)));
        } else {
            form.texts.insert(spec.key.to_owned(), text_of(row, spec, scene));
        }
    }
    if let (Ok(kind), Some(id)) = (record.text("linked_type").parse::<Kind>(), record.link("linked_id")) {
        form.about = Some(RecordRef::new(kind, id));
    }
    form.more = true;
    form.editing = Some(Editing { before: record.clone(), heads: detail.heads.clone(), texts: form.texts.clone() });
    form
}

fn pick_of(row: &Row, spec: &Spec<'_>, scene: &Scene<'_>) -> Option<(Value, String)> {
    let record = &row.record;
    if spec.editor == Editor::Reminder {
        let (at, due) = (record.time("reminder_at")?, record.time("due_at")?);
        let minutes = due.millis_since(at) / MINUTE;
        return Some((Value::Int(minutes), reminder_words(minutes, due, record.flag("all_day"))));
    }
    Some((record.get(spec.key)?.clone(), shown(row, spec.key, scene)))
}

/// The text that editing starts from; moments as they can be typed.
fn text_of(row: &Row, spec: &Spec<'_>, scene: &Scene<'_>) -> String {
    match row.record.get(spec.key) {
        Some(Value::Time(at)) => {
            let day = format::full_date(at.date_in(scene.zone));
            let all_day = spec.key == "due_at" && row.record.flag("all_day");
            if all_day { day } else { format!("{day} {}", format::time_of_day(*at, scene.zone)) }
        }
        _ => shown(row, spec.key, scene),
    }
}

/// What the form changes, field by field.
fn changes(form: &mut CreateForm, editing: &Editing, ctx: &InputContext<'_>) -> FieldChanges {
    let before = &editing.before;
    let mut changes = FieldChanges::new();
    form.problems.clear();
    for (key, text) in form.texts.iter().filter(|(key, text)| editing.texts.get(*key) != Some(text)) {
        match read_field(form.kind, key, text, ctx) {
            Ok(input) => {
                changes.extend(input.also.into_iter().map(|(key, value)| (key, Some(value))));
                if key == "due_at" && input.value.is_none() {
                    changes.insert("all_day".to_owned(), None);
                }
                changes.insert(key.clone(), input.value);
            }
            Err(problem) => drop(form.problems.insert(key.clone(), problem.problem)),
        }
    }
    for spec in edit_fields(form.kind).iter().filter(|spec| spec.editor.is_picked()) {
        let value = form.picks.get(spec.key).map(|(value, _)| value.clone());
        changes.insert(spec.key.to_owned(), value);
    }
    if form.kind == Kind::Task {
        changes.insert("reminder_at".to_owned(), reminder(form, due(form, ctx)).map(Value::Time));
        changes.insert("linked_type".to_owned(), form.about.map(|about| about.kind.name().into()));
    }
    changes.retain(|key, value| before.get(key) != value.as_ref());
    let mut after = before.fields.clone();
    for (key, value) in &changes {
        match value {
            Some(value) => drop(after.insert(key.clone(), value.clone())),
            None => drop(after.remove(key)),
        }
    }
    for (key, problem) in missing(form.kind, &after) {
        form.problems.entry(key.to_owned()).or_insert_with(|| problem.to_owned());
    }
    changes
}

/// When the task of a form is due, and whether that is a whole day; nothing while it can't be read.
fn due(form: &CreateForm, ctx: &InputContext<'_>) -> Option<(Timestamp, bool)> {
    let text = form.texts.get("due_at").map(String::as_str).unwrap_or_default();
    let editing = form.editing.as_ref().filter(|of| of.texts.get("due_at").is_some_and(|old| old == text));
    if let Some(editing) = editing {
        return Some((editing.before.time("due_at")?, editing.before.flag("all_day")));
    }
    let input = read_field(Kind::Task, "due_at", text, ctx).ok()?;
    let all_day = input.also.get("all_day").and_then(Value::as_bool).unwrap_or(false);
    Some((input.value?.as_time()?, all_day))
}

/// The moment that a form reminds at; `None` is the usual one.
pub(crate) fn reminder(form: &CreateForm, due: Option<(Timestamp, bool)>) -> Option<Timestamp> {
    let minutes = form.picks.get("reminder_at").and_then(|(minutes, _)| minutes.as_int())?;
    due.map(|(at, _)| at.plus_millis(-minutes * MINUTE))
}

/// The reminders that a form offers: minutes before the task is due, as words.
pub(crate) fn reminder_options(form: &CreateForm, scene: &Scene<'_>) -> Vec<PickOption> {
    let Some((at, all_day)) = due(form, &scene.input()) else { return Vec::new() };
    let option = |(words, moment): (&str, Option<Timestamp>)| {
        let key = moment.map_or(USUAL.to_owned(), |moment| (at.millis_since(moment) / MINUTE).to_string());
        PickOption::new(key, words)
    };
    reminders(at, all_day).into_iter().map(option).collect()
}

/// What the picked reminder stands for; `None` is the usual one.
pub(crate) fn reminder_value(key: &str) -> Option<Value> {
    key.parse().ok().map(Value::Int)
}

fn reminder_words(minutes: i64, due: Timestamp, all_day: bool) -> String {
    let at = due.plus_millis(-minutes * MINUTE);
    let known = reminders(due, all_day).into_iter().find(|(_, moment)| *moment == Some(at));
    known.map_or_else(|| format!("{} before", format::duration(minutes)), |(words, _)| words.to_owned())
}
