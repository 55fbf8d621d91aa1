//! Tasks from rows: finishing, putting off, and the next step after a finished one.

use model::{Action, FieldChanges, Fields, IdSource, Kind, RecordId, RecordRef, Timestamp, Value};

use crate::app::App;
use crate::feed::Slot;
use crate::present::format;
use crate::scene::Scene;
use crate::update::Purpose;

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
    ]);
    Action::SetFields { record: RecordRef::new(Kind::Task, task), base_heads: Vec::new(), fields }
}

impl App {
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
        let listed = self.feed.list(Slot::Tasks).into_iter().flat_map(|list| &list.rows);
        let related = self.feed.detail().flatten().into_iter().flat_map(|detail| detail.related.values()).flatten();
        let rows = listed.chain(related).filter(|row| row.record.id == task).map(|row| row.record.display_name());
        let best = self.feed.next_best().into_iter().flat_map(|best| &best.rows);
        let best = best.filter_map(|of| of.task.as_ref()).filter(|of| of.id == task).map(|of| of.title.clone());
        rows.chain(best).next()
    }
}
