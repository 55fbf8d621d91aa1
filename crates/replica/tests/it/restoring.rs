//! The past of a record: pages of its timeline, every value of a field, and going back to a moment.

use model::action::Label;
use model::app::Trouble;
use model::query::{Answer, AsOfField, Happened, Query, TimelineEntry, TimelinePart};
use model::score::{Signal, quiet};
use model::{Action, Edit, FieldChanges, Fields, IdSource, Kind, RecordRef, Timestamp, Value};

use crate::desk::Desk;

const MINUTE: i64 = 60_000;

fn timeline(desk: &mut Desk, query: &Query) -> Vec<TimelineEntry> {
    let now = desk.env.now();
    match desk.replica.answer(query, now).unwrap() {
        Answer::Timeline(entries) => entries,
        other => panic!("{other:?}"),
    }
}

fn as_of(desk: &mut Desk, record: RecordRef, at: Timestamp) -> Vec<AsOfField> {
    let now = desk.env.now();
    match desk.replica.answer(&Query::AsOf { record, at }, now).unwrap() {
        Answer::AsOf(fields) => fields,
        other => panic!("{other:?}"),
    }
}

fn log_note(desk: &mut Desk, lead: RecordRef, body: &str) {
    let id = desk.env.fresh_record_id();
    let fields = Fields::from([
        ("type".to_owned(), "note".into()),
        ("body".to_owned(), body.into()),
        ("lead_id".to_owned(), lead.id.into()),
    ]);
    desk.act(Action::LogActivity { id, fields, follow_up: None }).unwrap();
}

#[test]
fn every_value_of_a_field_is_told_with_the_one_it_began_with() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    desk.advance(MINUTE);
    desk.set(lead, "title", "Shop".into());
    desk.set(lead, "source", "Event".into());

    let told = timeline(&mut desk, &Query::FieldHistory { record: lead, key: "title".into() });

    let values = told.into_iter().map(|entry| match entry.what {
        Happened::Field { before, after, .. } => (before, after),
        other => panic!("{other:?}"),
    });
    let values: Vec<_> = values.collect();
    assert_eq!(values, [(Some("Website".into()), Some("Shop".into())), (None, Some("Website".into()))]);
}

#[test]
fn a_lead_goes_back_to_a_moment_in_one_step_and_that_can_be_undone() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    desk.set(lead, "value_cents", 100_000.into());
    let then = desk.env.now();
    desk.advance(MINUTE);
    desk.set(lead, "value_cents", 200_000.into());
    desk.set(lead, "source", "Event".into());
    desk.act(Action::MoveLeads { leads: vec![lead.id], stage: "proposal".into(), after: None }).unwrap();
    let before = desk.record(lead).unwrap();

    let preview = as_of(&mut desk, lead, then);
    let keys: Vec<&str> = preview.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(keys, ["place", "probability", "source", "value_cents"]);
    let fields: FieldChanges = preview.into_iter().map(|field| (field.key, field.then)).collect();
    let edits = vec![Edit::Set { record: lead, base_heads: Vec::new(), fields }];
    let done = desk.act(Action::Prepared { label: Label::RestoredTo(then), edits }).unwrap();

    let restored = desk.record(lead).unwrap();
    assert_eq!((restored.place().0, restored.int("value_cents"), restored.text("source")), ("new", Some(100_000), ""));
    assert_eq!(as_of(&mut desk, lead, then), []);
    desk.act(Action::Undo(done.command.unwrap())).unwrap();
    assert_eq!(desk.record(lead).unwrap(), before);
}

#[test]
fn going_back_leaves_the_trash_and_what_is_quiet_alone() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let then = desk.env.now();
    desk.advance(MINUTE);
    let now = desk.env.now();
    let quiet = Action::SetFields { record: lead, base_heads: Vec::new(), fields: quiet::snooze(now) };
    desk.act(quiet).unwrap();
    desk.act(Action::Delete(vec![lead])).unwrap();

    assert_eq!(as_of(&mut desk, lead, then), []);
}

#[test]
fn pages_of_a_timeline_follow_each_other_without_a_gap() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    for step in 0..40_i64 {
        desk.advance(MINUTE);
        desk.set(lead, "value_cents", (step + 1).into());
        desk.advance(MINUTE);
        log_note(&mut desk, lead, &format!("note {step}"));
    }
    let page = |offset, limit, part| Query::TimelinePage { record: lead, part, offset, limit };

    let whole = timeline(&mut desk, &page(0, 500, TimelinePart::All));
    let mut paged = Vec::new();
    for offset in (0..100).step_by(7) {
        paged.extend(timeline(&mut desk, &page(offset, 7, TimelinePart::All)));
    }
    let changes = timeline(&mut desk, &page(0, 500, TimelinePart::Changes));
    let conversations = timeline(&mut desk, &page(0, 500, TimelinePart::Conversations));

    assert_eq!(whole.len(), 81);
    assert_eq!(paged, whole);
    assert_eq!((changes.len(), conversations.len()), (41, 40));
}

#[test]
fn what_is_quiet_stays_off_the_list_until_the_lead_changes() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let signals = |desk: &mut Desk| -> Vec<&'static str> {
        let now = desk.env.now();
        let query = Query::NextBest { owner: None, limit: 10 };
        let Answer::NextBest(best) = desk.replica.answer(&query, now).unwrap() else { panic!("no next best") };
        best.rows.iter().flat_map(|row| row.scored.signals.iter().map(|signal| signal.name())).collect()
    };
    let write = |desk: &mut Desk, fields| {
        desk.act(Action::SetFields { record: lead, base_heads: Vec::new(), fields }).unwrap();
    };
    assert_eq!(signals(&mut desk), ["never_contacted", "no_next_step"]);

    let now = desk.env.now();
    let Answer::Detail(Some(detail)) = desk.replica.answer(&Query::Detail(lead), now).unwrap() else {
        panic!("no lead")
    };
    let muted = quiet::mute(Signal::NoNextStep, &detail.row.record, detail.row.last_touch_at);
    write(&mut desk, muted);
    assert_eq!(signals(&mut desk), ["never_contacted"]);
    let tomorrow = desk.env.now().plus_millis(model::time::DAY_MILLIS);
    write(&mut desk, quiet::snooze(tomorrow));
    assert_eq!(signals(&mut desk), Vec::<&str>::new());
    desk.env.set_now(tomorrow);
    assert_eq!(signals(&mut desk), ["never_contacted"]);
    desk.set(lead, "source", "Event".into());

    assert_eq!(signals(&mut desk), ["never_contacted", "no_next_step"]);
}

#[test]
fn two_devices_that_add_contacts_to_a_lead_both_get_their_way() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let now = desk.env.now();
    let Answer::Detail(Some(detail)) = desk.replica.answer(&Query::Detail(lead), now).unwrap() else {
        panic!("no lead")
    };
    let (ada, grace) = (desk.env.fresh_record_id(), desk.env.fresh_record_id());
    let mut add = |contact: model::RecordId, role: &str| {
        let fields = FieldChanges::from([(format!("contacts/{contact}"), Some(Value::from(role)))]);
        // Both were written from the page as it was before either of them.
        let base_heads = detail.heads.clone();
        desk.act(Action::SetFields { record: lead, base_heads, fields }).unwrap()
    };
    add(ada, "Decision maker");
    add(grace, "");

    let record = desk.record(lead).unwrap();
    let roles: Vec<_> = record.members("contacts").map(|(id, role)| (id.to_owned(), role.clone())).collect();
    let mut expected = vec![(ada.to_string(), Value::from("Decision maker")), (grace.to_string(), Value::from(""))];
    expected.sort();
    assert_eq!(roles, expected);
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn a_restore_that_the_person_may_not_do_changes_nothing() {
    let mut desk = Desk::alone();
    let record = RecordRef::new(Kind::Lead, desk.env.fresh_record_id());
    let fields = FieldChanges::from([("title".to_owned(), Some("Shop".into()))]);
    let edits = vec![Edit::Set { record, base_heads: Vec::new(), fields }];

    let done = desk.act(Action::Prepared { label: Label::RestoredTo(desk.env.now()), edits });

    assert_eq!(done, Err(Trouble::NotHere));
}
