//! Merging: one record stays, nothing is lost, and it is one step back.

use model::action::Action;
use model::app::Trouble;
use model::plan::merge::distinct_key;
use model::query::{Answer, Duplicates, Likeness, Query};
use model::{FieldChanges, IdSource, Kind, Record, RecordRef, Value};

use crate::desk::Desk;

fn create(desk: &mut Desk, kind: Kind, fields: &[(&str, Value)]) -> RecordRef {
    // The one created first is the oldest.
    let now = desk.env.now().plus_millis(1_000);
    desk.env.set_now(now);
    let record = RecordRef::new(kind, desk.env.fresh_record_id());
    let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    desk.act(Action::Create { record, fields }).unwrap();
    record
}

fn merge(desk: &mut Desk, records: &[RecordRef], fields: FieldChanges) -> Result<model::app::Done, Trouble> {
    desk.act(Action::Merge { records: records.to_vec(), fields })
}

fn read(desk: &Desk, record: RecordRef) -> Record {
    desk.record(record).expect("it is here")
}

fn duplicates(desk: &mut Desk) -> Duplicates {
    let now = desk.env.now();
    let Answer::Duplicates(found) = desk.replica.answer(&Query::Duplicates { limit: 10 }, now).unwrap() else {
        panic!("not duplicates")
    };
    found
}

#[test]
fn what_hung_on_the_ones_that_go_hangs_on_the_one_that_stays() {
    let mut desk = Desk::alone();
    let acme = create(&mut desk, Kind::Account, &[("name", "Acme".into())]);
    let other = create(&mut desk, Kind::Account, &[("name", "ACME Inc".into()), ("city", "Berlin".into())]);
    let ann = create(&mut desk, Kind::Contact, &[("last_name", "Lee".into()), ("account_id", other.id.into())]);
    let lead = create(&mut desk, Kind::Lead, &[("title", "Website".into()), ("account_id", other.id.into())]);
    let linked = [("linked_type", "account".into()), ("linked_id", other.id.into()), ("title", "Call".into())];
    let task = create(&mut desk, Kind::Task, &linked);
    let note = [("type", "note".into()), ("subject", "Hi".into()), ("account_id", other.id.into())];
    let note = create(&mut desk, Kind::Activity, &note);

    let done = merge(&mut desk, &[other, acme], FieldChanges::new()).unwrap();

    assert_eq!(read(&desk, other).link("merged_into"), Some(acme.id));
    assert_eq!(read(&desk, acme).text("city"), "Berlin", "what the one that stays lacked");
    for (child, key) in [(ann, "account_id"), (lead, "account_id"), (task, "linked_id"), (note, "account_id")] {
        assert_eq!(read(&desk, child).link(key), Some(acme.id), "{key} of {child:?}");
    }

    desk.act(Action::Undo(done.command.unwrap())).unwrap();

    assert_eq!(read(&desk, other).link("merged_into"), None);
    assert_eq!(read(&desk, acme).text("city"), "");
    for (child, key) in [(ann, "account_id"), (lead, "account_id"), (task, "linked_id"), (note, "account_id")] {
        assert_eq!(read(&desk, child).link(key), Some(other.id), "{key} of {child:?}");
    }
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn sets_and_notes_are_united_and_no_address_is_lost() {
    let mut desk = Desk::alone();
    let one = [("last_name", "Lee".into()), ("email", "ann@acme.com".into()), ("notes", "Met in May".into())];
    let one = create(&mut desk, Kind::Contact, &one);
    let two = [
        ("last_name", "Lee".into()),
        ("email", "lee@home.org".into()),
        ("phone", "+1 212 555 0147".into()),
        ("notes", "Likes tea".into()),
        ("tags/vip", true.into()),
        ("emails/old@acme.com", "work".into()),
    ];
    let two = create(&mut desk, Kind::Contact, &two);

    merge(&mut desk, &[one, two], [("email".to_owned(), Some("lee@home.org".into()))].into()).unwrap();

    let ann = read(&desk, one);
    assert_eq!((ann.text("email"), ann.text("phone")), ("lee@home.org", "+1 212 555 0147"));
    assert_eq!(ann.text("notes"), "Met in May\n\nLikes tea");
    assert!(ann.flag("tags/vip"));
    let emails: Vec<&str> = ann.members("emails").map(|(email, _)| email).collect();
    assert_eq!(emails, ["ann@acme.com", "old@acme.com"]);
}

#[test]
fn a_contact_is_replaced_among_a_leads_contacts_with_its_role() {
    let mut desk = Desk::alone();
    let one = create(&mut desk, Kind::Contact, &[("last_name", "Lee".into())]);
    let two = create(&mut desk, Kind::Contact, &[("last_name", "Lee".into())]);
    let listed = format!("contacts/{}", two.id);
    let lead = [("title", "Website".into()), (listed.as_str(), "Evaluator".into())];
    let lead = create(&mut desk, Kind::Lead, &lead);

    merge(&mut desk, &[one, two], FieldChanges::new()).unwrap();

    let lead = read(&desk, lead);
    assert_eq!(lead.text(&format!("contacts/{}", one.id)), "Evaluator");
    assert_eq!(lead.get(&listed), None);
}

#[test]
fn a_picked_stage_brings_the_close_it_stands_for() {
    let mut desk = Desk::alone();
    let open = create(&mut desk, Kind::Lead, &[("title", "Website".into())]);
    let won = create(&mut desk, Kind::Lead, &[("title", "Website".into()), ("value_cents", 900.into())]);
    let on = "2026-02-27".parse().unwrap();
    let outcome = model::action::Outcome::Won { on, value_cents: 1_000, note: String::new() };
    desk.act(Action::CloseLead { lead: won.id, outcome, cancel_tasks: false }).unwrap();

    merge(&mut desk, &[open, won], FieldChanges::new()).unwrap();
    assert_eq!(read(&desk, open).place().0, "new");
    assert_eq!(read(&desk, open).get("closed_on"), None, "an open lead has no close");
    desk.act(Action::Undo(desk_last(&desk))).unwrap();
    merge(&mut desk, &[open, won], [("stage".to_owned(), Some("won".into()))].into()).unwrap();

    let lead = read(&desk, open);
    assert_eq!((lead.place().0, lead.date("closed_on")), ("won", Some(on)));
    assert_eq!(lead.int("closed_value_cents"), Some(1_000));
}

fn desk_last(desk: &Desk) -> model::CommandId {
    desk.updates
        .iter()
        .find_map(|update| match update {
            model::app::Update::Done(_, Ok(done)) => done.command,
            _ => None,
        })
        .expect("something was done")
}

#[test]
fn only_living_records_of_one_kind_are_merged_and_never_too_many() {
    let mut desk = Desk::alone();
    let contact = |desk: &mut Desk| create(desk, Kind::Contact, &[("last_name", "Lee".into())]);
    let six: Vec<RecordRef> = (0..6).map(|_| contact(&mut desk)).collect();
    let account = create(&mut desk, Kind::Account, &[("name", "Acme".into())]);
    desk.act(Action::Delete(vec![six[5]])).unwrap();

    for wrong in [&six[..1], &six[..], &[six[0], account], &[six[0], six[5]], &[six[0], six[0]]] {
        let refused = merge(&mut desk, wrong, FieldChanges::new());
        assert!(matches!(refused, Err(Trouble::NotAllowed(_))), "{refused:?}");
    }
    merge(&mut desk, &six[..5], FieldChanges::new()).unwrap();

    let again = merge(&mut desk, &six[3..5], FieldChanges::new());
    assert!(matches!(again, Err(Trouble::NotAllowed(_))), "{again:?}");
}

#[test]
fn duplicates_are_found_and_leave_the_list_when_they_are_settled() {
    let mut desk = Desk::alone();
    let mail = |name: &str| [("last_name", name.into()), ("email", "lee@home.org".into())];
    let (one, two) = (create(&mut desk, Kind::Contact, &mail("Lee")), create(&mut desk, Kind::Contact, &mail("L")));
    let three = create(&mut desk, Kind::Account, &[("name", "Acme".into())]);
    let four = create(&mut desk, Kind::Account, &[("name", "Acme Ltd".into())]);
    assert_eq!(
        duplicates(&mut desk).groups.iter().map(|of| of.why).collect::<Vec<_>>(),
        [Likeness::Email, Likeness::Name]
    );

    merge(&mut desk, &[one, two], FieldChanges::new()).unwrap();
    desk.act(Action::KeepApart(vec![three, four])).unwrap();

    assert_eq!(duplicates(&mut desk), Duplicates { total: 0, groups: Vec::new() });
    assert!(read(&desk, three).get(&distinct_key(four.id)).is_some());
}
