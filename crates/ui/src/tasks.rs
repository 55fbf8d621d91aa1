//! Tasks from rows: finishing, putting off, and the next step after a finished one.

use model::input::{Lean, parse_moment, task_line};
use model::{Action, FieldChanges, Fields, IdSource, Kind, RecordId, RecordRef, Timestamp, Value};

use crate::app::App;
use crate::dialog::Dialog;
use crate::feed::Slot;
use crate::present::{format, smart};
use crate::scene::Scene;
use crate::update::Purpose;
use crate::words;

/// A finished task's record waits for its next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NextStep {
    /// What the task was about.
    pub(crate) about: RecordRef,
    /// What people call that.
    pub(crate) name: String,
}

/// Ways to put a task off: words, and the moment with whether it stands for the whole day.
pub(crate) fn later(scene: &Scene<'_>) -> Vec<(String, Timestamp, bool)> {
    const HOUR: i64 = 3_600_000;
    let day = |days: i32| scene.today.plus_days(days).start_in(scene.zone);
    let weekday = i32::from(scene.today.civil().weekday().to_monday_zero_offset());
    let monday = 7 - weekday;
    let today = Timestamp::from_millis((scene.now.as_millis() / HOUR + 4) * HOUR);
    let mut ways = Vec::new();
    if today.date_in(scene.zone) == scene.today {
        ways.push((format!("Later today, {}", format::time_of_day(today, scene.zone)), today, false));
    }
    ways.push(("Tomorrow".to_owned(), day(1), true));
    if monday > 1 {
        ways.push(("Monday".to_owned(), day(monday), true));
    }
    ways.push(("In a week".to_owned(), day(7), true));
    ways
}

/// The action that makes a task due at a moment.
pub(crate) fn put_off(task: RecordId, due: Timestamp, all_day: bool) -> Action {
    let fields = FieldChanges::from([
        ("due_at".to_owned(), Some(due.into())),
        ("all_day".to_owned(), Some(Value::Bool(all_day))),
        // A moment of its own was meant for the day before.
        ("reminder_at".to_owned(), None),
    ]);
    Action::SetFields { record: RecordRef::new(Kind::Task, task), base_heads: Vec::new(), fields }
}

/// Ways to be reminded of a task that is due then: words, and the moment; `None` is the usual one.
pub(crate) fn reminders(due: Timestamp, all_day: bool) -> Vec<(&'static str, Option<Timestamp>)> {
    const MINUTE: i64 = 60_000;
    let before = |minutes: i64| Some(due.plus_millis(-minutes * MINUTE));
    if all_day {
        return vec![("At 9:00 of the day", None), ("At 9:00 of the day before", before(15 * 60))];
    }
    vec![
        ("15 minutes before", None),
        ("When it is due", before(0)),
        ("An hour before", before(60)),
        ("A day before", before(24 * 60)),
    ]
}

/// The action that sets when a task reminds.
pub(crate) fn remind_at(task: RecordId, at: Option<Timestamp>) -> Action {
    let fields = FieldChanges::from([("reminder_at".to_owned(), at.map(Value::Time))]);
    Action::SetFields { record: RecordRef::new(Kind::Task, task), base_heads: Vec::new(), fields }
}

impl App {
    /// Plans what the composer holds, because it lies ahead.
    pub(crate) fn log_as_task(&mut self) {
        let Some(record) = self.open_record() else { return };
        let ctx = self.input();
        let Some(fields) = self.screens.detail.composer.as_task(record, &ctx) else { return };
        let task = RecordRef::new(Kind::Task, self.ids.fresh_record_id());
        self.perform(Action::Create { record: task, fields }, Purpose::Composer);
    }

    /// Creates the task that is typed on a record's page.
    pub(crate) fn quick_task(&mut self, about: RecordRef) {
        let line = std::mem::take(&mut self.screens.detail.tasks.line);
        let read = task_line(&line, &self.input());
        let title = if read.title.is_empty() { line.trim().to_owned() } else { read.title };
        let mut fields = Fields::from([
            ("title".to_owned(), Value::from(title)),
            ("linked_type".to_owned(), about.kind.name().into()),
            ("linked_id".to_owned(), about.id.into()),
        ]);
        if let Some(due) = read.due {
            fields.insert("due_at".into(), due.value.at.into());
            fields.insert("all_day".into(), due.value.all_day.into());
        }
        if let Some(priority) = read.priority {
            fields.insert("priority".into(), priority.value.into());
        }
        let owner = read.owner.and_then(|of| smart::person_named(&of.value, &self.workspace.users));
        fields.extend(owner.map(|of| ("owner_id".to_owned(), Value::Id(of.id))));
        let record = RecordRef::new(Kind::Task, self.ids.fresh_record_id());
        self.perform(Action::Create { record, fields }, Purpose::Plain);
    }

    /// Puts the task of the open dialog off to what is typed there.
    pub(crate) fn put_off_typed(&mut self) {
        let Some(Dialog::When(form)) = &self.dialog else { return };
        let (task, read) = (form.task, parse_moment(form.text.trim(), &self.input(), Lean::Ahead));
        match read {
            Ok(due) => {
                self.dialog = None;
                self.perform(put_off(task, due.at, due.all_day), Purpose::Plain);
            }
            Err(problem) => {
                if let Some(Dialog::When(form)) = &mut self.dialog {
                    form.problem = Some(words::capital(&problem.to_string()));
                }
            }
        }
    }

    /// Checks a task off, and asks for the next step of what it was about.
    pub(crate) fn finish_task(&mut self, task: RecordId, about: Option<(RecordRef, String)>) {
        self.perform(Action::SetTaskDone { task, done: true }, Purpose::Plain);
        self.screens.next_step = about.map(|(about, name)| NextStep { about, name });
    }

    /// Plans the next step in so many days, or none.
    pub(crate) fn plan_next_step(&mut self, days: Option<i32>) {
        let (Some(next), Some(days)) = (self.screens.next_step.take(), days) else { return };
        let due = self.ids.now.date_in(&self.zone).plus_days(days).start_in(&self.zone);
        let fields = Fields::from([
            ("title".to_owned(), Value::from("Follow up")),
            ("linked_type".to_owned(), next.about.kind.name().into()),
            ("linked_id".to_owned(), next.about.id.into()),
            ("due_at".to_owned(), due.into()),
            ("all_day".to_owned(), true.into()),
        ]);
        let record = RecordRef::new(Kind::Task, self.ids.fresh_record_id());
        self.perform(Action::Create { record, fields }, Purpose::Plain);
    }

    /// The title of a task that shows somewhere.
    pub(crate) fn known_task(&self, task: RecordId) -> Option<String> {
        let lists = [Slot::Tasks, Slot::Ahead].into_iter().filter_map(|slot| self.feed.list(slot));
        let listed = lists.flat_map(|list| &list.rows);
        let related = self.feed.detail().flatten().into_iter().flat_map(|detail| detail.related.values()).flatten();
        let rows = listed.chain(related).filter(|row| row.record.id == task).map(|row| row.record.display_name());
        let best = self.feed.next_best().into_iter().flat_map(|best| &best.rows);
        let best = best.filter_map(|of| of.task.as_ref()).filter(|of| of.id == task).map(|of| of.title.clone());
        rows.chain(best).next()
    }
}
