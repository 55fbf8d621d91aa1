//! Reminders on the real thing: told once at their moment, together when they were missed, quiet once they are read.

use model::app::{Request, Update};
use model::query::{Answer, Query};
use model::reminder::{self, Reminder};
use model::time::DAY_MILLIS;
use model::{Action, FieldChanges, Fields, IdSource, Kind, RecordRef, Timestamp, Value};
use replica::Input;

use crate::desk::Desk;

const HOUR: i64 = 3_600_000;
const QUARTER: i64 = HOUR / 4;

fn plan(desk: &mut Desk, title: &str, due: Timestamp) -> RecordRef {
    let (lead, _) = desk.create_lead("Website");
    let record = RecordRef::new(Kind::Task, desk.env.fresh_record_id());
    let fields = Fields::from([
        ("title".to_owned(), title.into()),
        ("linked_type".to_owned(), "lead".into()),
        ("linked_id".to_owned(), lead.id.into()),
        ("due_at".to_owned(), due.into()),
    ]);
    desk.act(Action::Create { record, fields }).unwrap();
    record
}

fn write(desk: &mut Desk, task: RecordRef, fields: FieldChanges) {
    desk.act(Action::SetFields { record: task, base_heads: Vec::new(), fields }).unwrap();
}

/// Wakes the replica when it wants that, until this moment; returns what it told at which moment.
fn wake_until(desk: &mut Desk, end: Timestamp) -> Vec<(Timestamp, Vec<Reminder>)> {
    let mut told = Vec::new();
    for _ in 0..100 {
        let now = desk.env.now();
        desk.updates.clear();
        desk.input(Input::Wake);
        told.extend(desk.updates.drain(..).filter_map(|update| match update {
            Update::Remind(reminders) => Some((now, reminders)),
            _ => None,
        }));
        match desk.replica.next_wake().filter(|at| *at <= end) {
            Some(at) => desk.env.set_now(at.max(now)),
            None => break,
        }
    }
    desk.env.set_now(end);
    told
}

fn due(desk: &mut Desk) -> Vec<String> {
    let now = desk.env.now();
    match desk.replica.answer(&Query::Reminders, now).unwrap() {
        Answer::Reminders(found) => found.into_iter().map(|one| one.title).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reminder_is_told_at_its_moment_and_once() {
    let mut desk = Desk::alone();
    let start = desk.env.now();
    let task = plan(&mut desk, "Send quote", start.plus_millis(2 * HOUR));

    let told = wake_until(&mut desk, start.plus_millis(DAY_MILLIS / 2));

    let [(at, reminders)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*at, start.plus_millis(2 * HOUR - QUARTER));
    assert_eq!(reminders[0].task, task.id);
    assert_eq!((reminders[0].title.as_str(), reminders[0].about_name.as_str()), ("Send quote", "Website"));
    assert_eq!(due(&mut desk), ["Send quote"]);
}

#[test]
fn missed_reminders_are_told_once_together_at_the_next_start() {
    let mut desk = Desk::alone();
    let start = desk.env.now();
    plan(&mut desk, "Send quote", start.plus_millis(2 * HOUR));
    plan(&mut desk, "Call Grace", start.plus_millis(3 * HOUR));
    desk.advance(5 * HOUR);

    let mut desk = desk.restarted();
    let now = desk.env.now();
    let told = wake_until(&mut desk, now.plus_millis(HOUR));
    let again = wake_until(&mut desk.restarted(), now.plus_millis(2 * HOUR));

    let [(_, reminders)] = told.as_slice() else { panic!("{told:?}") };
    let titles: Vec<&str> = reminders.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Send quote", "Call Grace"]);
    assert_eq!(again, []);
}

#[test]
fn a_team_device_waits_for_what_others_have_read_before_it_tells_what_was_missed() {
    let mut desk = Desk::alone();
    let start = desk.env.now();
    desk.join();
    let task = plan(&mut desk, "Send quote", start.plus_millis(HOUR));
    desk.advance(2 * HOUR);
    let mut desk = desk.restarted();
    let now = desk.env.now();

    desk.input(Input::Wake);
    let early: Vec<_> = desk.updates.iter().filter(|update| matches!(update, Update::Remind(_))).collect();
    assert_eq!(early, Vec::<&Update>::new());
    // What came from another device of the same person looks like this here.
    write(&mut desk, task, reminder::read(now));
    let told = wake_until(&mut desk, now.plus_millis(60_000));

    assert_eq!(told, []);
    assert_eq!(due(&mut desk), Vec::<String>::new());
}

#[test]
fn a_snoozed_reminder_comes_again_and_a_read_one_does_not() {
    let mut desk = Desk::alone();
    let start = desk.env.now();
    let task = plan(&mut desk, "Send quote", start.plus_millis(HOUR));
    wake_until(&mut desk, start.plus_millis(HOUR));

    let now = desk.env.now();
    write(&mut desk, task, reminder::snooze(now.plus_millis(HOUR)));
    assert_eq!(due(&mut desk), Vec::<String>::new());
    let told = wake_until(&mut desk, now.plus_millis(2 * HOUR));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, now.plus_millis(HOUR));
    let now = desk.env.now();
    write(&mut desk, task, reminder::read(now));

    assert_eq!(wake_until(&mut desk, now.plus_millis(DAY_MILLIS)), []);
    assert_eq!(due(&mut desk), Vec::<String>::new());
}

#[test]
fn a_watched_list_follows_the_clock() {
    let mut desk = Desk::alone();
    let start = desk.env.now();
    plan(&mut desk, "Send quote", start.plus_millis(HOUR));
    desk.ask(Request::Watch(9, Query::Reminders));
    desk.env.set_now(start.plus_millis(HOUR));
    desk.updates.clear();

    desk.input(Input::Wake);

    let answered = desk.updates.iter().find_map(|update| match update {
        Update::Answer(9, Answer::Reminders(found)) => Some(found.len()),
        _ => None,
    });
    assert_eq!(answered, Some(1));
}

#[test]
fn reading_a_reminder_is_no_touch_and_stays_out_of_the_timeline() {
    let mut desk = Desk::alone();
    let start = desk.env.now();
    let task = plan(&mut desk, "Send quote", start.plus_millis(HOUR));
    let told = |desk: &mut Desk| {
        let now = desk.env.now();
        let query = Query::Timeline { record: task, limit: 100 };
        let Answer::Timeline(entries) = desk.replica.answer(&query, now).unwrap() else { panic!("no timeline") };
        entries.len()
    };
    let before = told(&mut desk);

    let now = desk.env.now();
    write(&mut desk, task, reminder::read(now));

    assert_eq!(told(&mut desk), before);
    assert_eq!(desk.record(task).unwrap().get(reminder::READ), Some(&Value::Time(now)));
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn nobody_else_is_reminded() {
    let mut desk = Desk::alone();
    let start = desk.env.now();
    let task = plan(&mut desk, "Send quote", start.plus_millis(HOUR));
    let somebody = desk.env.fresh_record_id();
    write(&mut desk, task, [("owner_id".to_owned(), Some(Value::Id(somebody)))].into());

    assert_eq!(wake_until(&mut desk, start.plus_millis(DAY_MILLIS)), []);
}
