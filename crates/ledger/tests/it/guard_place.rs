//! The guard's second gate: sound changes that don't belong, or do what none may.

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ExpandedChange, ObjType, ScalarValue};
use ledger::guard::GuardError::Forbidden;
use ledger::guard::{Flaw, GuardError, Offence, RIVALS_MAX, Touched, Write, admit, inspect, paths};
use ledger::{Document, NewChange};
use model::schema::FieldProblem;
use model::{FieldChanges, Fields, Kind, RecordId, RecordRef, Timestamp};

use crate::forge::altered;
use crate::support::{LEAD, author, branch, edit, fields, lead, meet, set, text};

/// Asks the guard.
pub(crate) fn ask(document: Option<&Document>, bytes: &[u8]) -> Result<(), GuardError> {
    admit(document, LEAD, &inspect(bytes)?)
}

fn check(document: &Document, bytes: &[u8], expected: GuardError) {
    assert_eq!(ask(Some(document), bytes), Err(expected));
}

fn bad(key: &str, problem: &str) -> GuardError {
    GuardError::BadValue(FieldProblem::new(key, problem))
}

/// A lead, and an honest edit of its title that has not arrived there.
fn edited() -> (Document, NewChange) {
    let (document, _) = lead();
    let mut ahead = document.clone();
    let change = edit(&mut ahead, &set([("title", "Two".into())]), &author(2, 2));
    (document, change)
}

/// A lead, and an honest edit of its note that has not arrived there: a letter gone, a letter new.
fn typed() -> (Document, NewChange) {
    let (document, _) = lead();
    let mut ahead = document.clone();
    let change = edit(&mut ahead, &set([("notes", "Call on Monduy".into())]), &author(2, 2));
    (document, change)
}

/// The honest edit of the title, altered, as the guard sees it.
fn title(expected: GuardError, alter: impl FnOnce(&mut Op)) {
    let (document, change) = edited();
    check(&document, &altered(&change.bytes, |change| alter(&mut change.operations[0])), expected);
}

fn note(expected: GuardError, alter: impl FnOnce(&mut Vec<Op>)) {
    let (document, change) = typed();
    check(&document, &altered(&change.bytes, |change| alter(&mut change.operations)), expected);
}

fn put(key: &str, value: impl Into<ScalarValue>) -> Op {
    Op {
        action: OpType::Put(value.into()),
        obj: ObjectId::Root,
        key: Key::Map(key.into()),
        pred: vec![].into(),
        insert: false,
    }
}

#[test]
fn honest_changes_are_admitted_and_admitted_again() {
    let (document, root) = lead();
    let (_, change) = edited();
    let (_, typing) = typed();

    assert_eq!(ask(None, &root.bytes), Ok(()));
    assert_eq!(ask(Some(&document), &root.bytes), Ok(()));
    assert_eq!(ask(Some(&document), &change.bytes), Ok(()));
    assert_eq!(ask(Some(&document), &typing.bytes), Ok(()));
}

#[test]
fn the_first_change_of_every_kind_is_admitted() {
    for kind in Kind::ALL {
        let record = RecordRef::new(kind, LEAD.id);
        let (_, root) = Document::create(record, &fields([]), &author(1, 1)).expect("a record");
        assert_eq!(admit(None, record, &inspect(&root.bytes).expect("sound")), Ok(()));
    }
    let (settings, genesis) = Document::settings_genesis();
    assert_eq!(admit(None, settings.record(), &inspect(&genesis.bytes).expect("sound")), Ok(()));
}

#[test]
fn the_longest_notes_are_written_replaced_and_cleared() {
    let long = |letters: &str| Some(letters.repeat(model::schema::NOTE_MAX_BYTES / letters.len()).into());
    let first = Fields::from([("notes".to_owned(), long("0123456789abcdef").expect("words"))]);
    let (mut relay, root) = Document::create(LEAD, &first, &author(1, 1)).expect("a lead");
    assert_eq!(ask(None, &root.bytes), Ok(()));
    let mut document = relay.clone();

    for (at, note) in [(2, long("zyxwvutsrqponmlk")), (3, None)] {
        let changes = FieldChanges::from([("notes".to_owned(), note.clone())]);
        let change = edit(&mut document, &changes, &author(1, at));
        assert_eq!(ask(Some(&relay), &change.bytes), Ok(()));
        relay.apply(&change.bytes).expect("sound");
        let expected = note.as_ref().and_then(model::Value::as_text).unwrap_or("").to_owned();
        assert_eq!(text(&relay, "notes"), expected);
    }
}

#[test]
fn what_a_change_builds_on_has_to_be_there() {
    let (mut document, root) = lead();
    let mut ahead = document.clone();
    let first = edit(&mut ahead, &set([("title", "One".into())]), &author(2, 2));
    let second = edit(&mut ahead, &set([("title", "Two".into())]), &author(2, 3));

    assert_eq!(ask(None, &first.bytes), Err(GuardError::Need(vec![root.hash])));
    assert_eq!(ask(Some(&document), &second.bytes), Err(GuardError::Need(vec![first.hash])));
    document.apply(&first.bytes).expect("sound");
    assert_eq!(ask(Some(&document), &second.bytes), Ok(()));
}

#[test]
fn a_record_begins_once_and_says_which_it_is() {
    let (document, root) = lead();
    let other = RecordRef::new(Kind::Lead, RecordId::from_bytes([2; 16]));
    let task = RecordRef::new(Kind::Task, LEAD.id);
    let (_, elsewhere) = Document::create(other, &fields([]), &author(1, 1)).expect("a lead");
    let (_, again) = Document::create(LEAD, &fields([]), &author(2, 9)).expect("a lead");
    let inspected = inspect(&root.bytes).expect("sound");

    assert_eq!(ask(Some(&document), &again.bytes), Err(GuardError::AlreadyExists));
    assert_eq!(ask(None, &elsewhere.bytes), Err(GuardError::WrongDocument));
    assert_eq!(admit(None, other, &inspected), Err(GuardError::WrongDocument));
    assert_eq!(admit(None, task, &inspected), Err(GuardError::WrongDocument));
    assert_eq!(admit(Some(&document), other, &inspected), Err(GuardError::WrongDocument));
    for missing in 0..3 {
        let nameless = altered(&root.bytes, |change| drop(change.operations.remove(missing)));
        assert!(ask(None, &nameless).is_err());
    }
    let (_, plain) = Document::create(RecordRef::new(Kind::Device, LEAD.id), &fields([]), &author(1, 1)).expect("one");
    let unnamed = altered(&plain.bytes, |change| change.operations.truncate(2));
    let inspected = inspect(&unnamed).expect("sound");
    assert_eq!(admit(None, RecordRef::new(Kind::Device, LEAD.id), &inspected), Err(GuardError::WrongDocument));
}

#[test]
fn numbers_go_on_without_gaps() {
    let (document, change) = edited();
    let with = |alter: fn(&mut ExpandedChange)| altered(&change.bytes, alter);
    let start =
        |start_op: u64| altered(&change.bytes, |change| change.start_op = start_op.try_into().expect("not nought"));
    let (_, root) = lead();

    for seq in [with(|change| change.seq = 0), with(|change| change.seq = 2), with(|change| change.seq = u64::MAX)] {
        assert_eq!(ask(Some(&document), &seq), Err(GuardError::WrongSequence { expected: 1 }));
    }
    let expected = document.change_metas()[0].max_op + 1;
    for start_op in [1, expected - 1, expected + 1, 1 << 31] {
        assert_eq!(ask(Some(&document), &start(start_op)), Err(GuardError::WrongStart { expected }));
    }
    let late = altered(&root.bytes, |change| change.start_op = 2.try_into().expect("two"));
    assert_eq!(ask(None, &late), Err(GuardError::WrongStart { expected: 1 }));
    let late = altered(&root.bytes, |change| change.seq = 2);
    assert_eq!(ask(None, &late), Err(GuardError::WrongSequence { expected: 1 }));
}

#[test]
fn an_author_has_seen_its_own_last_change() {
    let (mut document, _) = lead();
    let mut twin = document.clone();
    edit(&mut document, &set([("title", "One".into())]), &author(2, 2));
    let fork = edit(&mut twin, &set([("title", "Two".into())]), &author(2, 3));

    assert_eq!(ask(Some(&document), &fork.bytes), Err(GuardError::WrongSequence { expected: 2 }));
    let renumbered = altered(&fork.bytes, |change| change.seq = 2);
    assert_eq!(ask(Some(&document), &renumbered), Err(GuardError::WrongSequence { expected: 2 }));
}

#[test]
fn a_change_names_no_other_together_with_what_that_was_written_on() {
    let (mut document, root) = lead();
    let mut ahead = document.clone();
    let first = edit(&mut document, &set([("title", "One".into())]), &author(2, 2));
    ahead.apply(&first.bytes).expect("sound");
    let second = edit(&mut ahead, &set([("title", "Two".into())]), &author(3, 3));
    let redundant = altered(&second.bytes, |change| change.deps.push(automerge::ChangeHash(root.hash.0)));

    check(&document, &redundant, GuardError::Malformed(Flaw::Unusual));
}

#[test]
fn fields_are_written_as_the_record_allows() {
    title(bad("colour", "a lead has no such field"), |op| op.key = Key::Map("colour".into()));
    title(bad("", "a lead has no such field"), |op| op.key = Key::Map("".into()));
    title(bad("__proto__", "a lead has no such field"), |op| op.key = Key::Map("__proto__".into()));
    title(bad("tags", "a lead has no such field"), |op| op.key = Key::Map("tags".into()));
    title(bad("title", "too long"), |op| op.action = OpType::Put("x".repeat(201).into()));
    for odd in [1_i64.into(), 1.5.into(), ScalarValue::Null, ScalarValue::counter(1), vec![1_u8].into(), true.into()] {
        title(bad("title", "wrong type of value"), |op| op.action = OpType::Put(odd));
    }
    title(Forbidden(Offence::Fixed), |op| {
        *op = put("created_at", ScalarValue::Timestamp(5));
    });
    for key in ["kind", "id", "schema"] {
        title(Forbidden(Offence::Fixed), |op| {
            *op = put(key, "lead");
        });
    }
}

#[test]
fn long_keys_are_refused() {
    let (document, change) = edited();
    let key = |length: usize| {
        altered(&change.bytes, |change| change.operations[0] = put(&format!("tags/{}", "x".repeat(length - 5)), true))
    };

    assert_eq!(ask(Some(&document), &key(256)), Ok(()));
    assert_eq!(ask(Some(&document), &key(257)).expect_err("refused").code(), "bad_value");
}

#[test]
fn only_what_the_author_saw_is_replaced() {
    let wrong = Forbidden(Offence::Predecessors);
    let (document, _) = lead();
    let actor = automerge::ActorId::from(author(1, 1).actor);
    title(wrong.clone(), |op| op.pred = vec![].into());
    for number in [1, 5, 999] {
        title(wrong.clone(), |op| op.pred = vec![OpId(number, actor.clone())].into());
    }
    title(wrong.clone(), |op| *op = Op { action: OpType::Delete, ..put("source", "") });
    let (mut one, mut other) = (document.clone(), document);
    edit(&mut one, &set([("source", "A".into())]), &author(1, 2));
    edit(&mut other, &set([("source", "B".into())]), &author(2, 2));
    meet(&mut one, &mut other);
    let mut ahead = one.clone();
    let change = edit(&mut ahead, &set([("source", "C".into())]), &author(3, 3));
    for kept in [0, 1] {
        let partial = altered(&change.bytes, |change| {
            let kept = change.operations[0].pred.get(kept).expect("two").clone();
            change.operations[0].pred = vec![kept].into();
        });
        check(&one, &partial, wrong.clone());
        let deleting = altered(&partial, |change| change.operations[0].action = OpType::Delete);
        check(&one, &deleting, wrong.clone());
    }
}

#[test]
fn notes_are_made_once_and_never_replaced() {
    let text = |document: &Document| {
        let change = automerge::Change::try_from(document.changes()[0].bytes.as_slice()).expect("sound").decode();
        let place = change.operations.iter().position(|op| op.action == OpType::Make(ObjType::Text)).expect("a note");
        OpId(1 + place as u64, change.actor_id)
    };
    let (document, _) = lead();
    let made = text(&document);
    let replaced = Forbidden(Offence::Replaced);

    title(replaced.clone(), |op| *op = Op { pred: vec![made.clone()].into(), ..put("notes", "mine") });
    title(replaced, |op| {
        *op = Op { action: OpType::Delete, pred: vec![made.clone()].into(), ..put("notes", "") };
    });
    let made_late = Forbidden(Offence::Container);
    title(made_late.clone(), |op| {
        *op = Op { action: OpType::Make(ObjType::Text), pred: vec![made.clone()].into(), ..put("notes", "") };
    });
    title(made_late, |op| *op = Op { action: OpType::Make(ObjType::Text), ..put("source", "") });
    let kinds = [ObjType::Map, ObjType::List, ObjType::Table];
    for kind in kinds {
        title(Forbidden(Offence::Action), |op| {
            *op = Op { action: OpType::Make(kind), ..put("source", "") };
        });
    }
}

#[test]
fn typing_touches_only_letters_that_are_there() {
    let unknown = Forbidden(Offence::Letter);
    let wrong = Forbidden(Offence::Predecessors);
    let stranger = OpId(3, automerge::ActorId::from(author(1, 1).actor));
    let letter = |ops: &mut Vec<Op>| ops.iter().position(|op| op.insert).expect("a new letter");
    let gone = |ops: &mut Vec<Op>| ops.iter().position(|op| op.action == OpType::Delete).expect("one gone");

    note(unknown.clone(), |ops| {
        let at = letter(ops);
        ops[at].key = Key::Seq(ElementId::Id(stranger.clone()));
    });
    note(wrong.clone(), |ops| {
        let at = gone(ops);
        ops[at].pred = vec![].into();
    });
    note(wrong.clone(), |ops| {
        let at = gone(ops);
        ops[at].pred = vec![stranger.clone()].into();
    });
    note(unknown.clone(), |ops| {
        let at = gone(ops);
        ops[at].pred = vec![stranger.clone()].into();
        ops[at].key = Key::Seq(ElementId::Id(stranger.clone()));
    });
    note(unknown, |ops| {
        let at = gone(ops);
        let again = ops[at].clone();
        ops.push(again);
    });
    note(wrong, |ops| {
        let (at, gone) = (letter(ops), gone(ops));
        ops[at].pred = ops[gone].pred.clone();
    });
    note(bad("notes", "wrong type of value"), |ops| {
        let at = letter(ops);
        ops[at].action = OpType::Put("two".into());
    });
    note(GuardError::TooManyOperations, |ops| {
        let at = letter(ops);
        ops[at].action = OpType::Put("".into());
    });
    let action = Forbidden(Offence::Action);
    note(action.clone(), |ops| {
        let at = letter(ops);
        ops[at].action = OpType::Put(7_i64.into());
    });
    note(action, |ops| {
        let at = gone(ops);
        ops[at].action = OpType::Put("x".into());
    });
    note(Forbidden(Offence::Key), |ops| {
        let at = letter(ops);
        ops[at].key = Key::Map("title".into());
    });
    note(Forbidden(Offence::Object), |ops| {
        let at = letter(ops);
        ops[at].obj = ObjectId::Id(stranger.clone());
    });
    title(Forbidden(Offence::Key), |op| {
        op.key = Key::Seq(ElementId::Head);
    });
    title(Forbidden(Offence::Key), |op| {
        op.insert = true;
    });
}

#[test]
fn a_note_grows_no_longer_than_notes_may_be() {
    let (mut document, _) = lead();
    let full = "x".repeat(model::schema::NOTE_MAX_BYTES);
    edit(&mut document, &set([("notes", full.as_str().into())]), &author(1, 2));
    let mut ahead = document.clone();
    let change = edit(&mut ahead, &set([("notes", full[1..].into())]), &author(2, 3));
    assert_eq!(ask(Some(&document), &change.bytes), Ok(()));

    let longer = altered(&change.bytes, |change| {
        change.operations[0] = Op {
            action: OpType::Put("é".into()),
            obj: change.operations[0].obj.clone(),
            key: Key::Seq(ElementId::Head),
            pred: vec![].into(),
            insert: true,
        };
    });

    check(&document, &longer, bad("notes", "too long"));
}

#[test]
fn rivals_on_one_field_are_bounded() {
    let (mut document, _) = lead();
    let base = document.clone();
    let rival = |person: usize| {
        let mut aside = base.clone();
        edit(&mut aside, &set([("title", format!("{person}").into())]), &branch(1, person as i64 + 10))
    };
    for person in 0..RIVALS_MAX {
        let change = rival(person);
        assert_eq!(ask(Some(&document), &change.bytes), Ok(()), "{person}");
        document.apply(&change.bytes).expect("sound");
    }

    check(&document, &rival(RIVALS_MAX).bytes, Forbidden(Offence::Rivals));
    let settled = document.clone().settle("title", Some("one".into()), &author(9, 9)).expect("sound").expect("one");
    assert_eq!(ask(Some(&document), &settled.bytes), Ok(()));
}

#[test]
fn a_record_holds_no_more_fields_than_records_may() {
    let (mut document, _) = lead();
    let full = document.read().0.fields.len();
    let many: FieldChanges =
        (full..model::schema::FIELDS_MAX).map(|index| (format!("custom/{index}"), Some(1.into()))).collect();
    edit(&mut document, &many, &author(1, 2));
    let mut ahead = document.clone();
    let change = edit(&mut ahead, &set([("custom/20", 2.into())]), &author(2, 3));
    let more = altered(&change.bytes, |change| change.operations[0] = put("custom/more", 1_i64));

    check(&document, &more, GuardError::TooLarge { max: 500 });
    let refused = document.edit(&set([("custom/more", 1.into())]), &[], &author(1, 3), &author(1, 3));
    assert!(matches!(refused, Err(ledger::EditError::TooLarge)));
}

#[test]
fn one_bad_operation_among_many_is_enough() {
    let (document, _) = lead();
    let mut ahead = document.clone();
    let changes: FieldChanges = (0..400).map(|index| (format!("custom/{index}"), Some(1.into()))).collect();
    let change = edit(&mut ahead, &changes, &author(2, 2));

    let spoiled =
        altered(&change.bytes, |change| change.operations[250] = put("created_at", ScalarValue::Timestamp(1)));

    assert_eq!(ask(Some(&document), &change.bytes), Ok(()));
    assert_eq!(ask(Some(&document), &spoiled).expect_err("refused").code(), "forbidden_operation");
}

#[test]
fn paths_tell_what_a_change_writes_wherever_it_shows() {
    let (mut document, root) = lead();
    let base = document.clone();
    edit(&mut document, &set([("title", "Shown".into())]), &author(1, 9));
    let mut aside = base;
    let mut changes = set([("title", "Hidden".into()), ("notes", "Typed".into())]);
    changes.insert("tags/warm".into(), None);
    let change = edit(&mut aside, &changes, &author(2, 2));

    let touched = |document, change: &NewChange| paths(document, LEAD, &inspect(&change.bytes).expect("sound"));

    let expected = [("notes", Write::Typed), ("tags/warm", Write::Removed), ("title", Write::Set("Hidden".into()))];
    let expected = expected.map(|(key, write)| Touched { key: key.into(), write });
    assert_eq!(touched(Some(&document), &change), expected);
    let at_first = touched(None, &root);
    let keys: Vec<&str> = at_first.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["created_at", "notes", "owner_id", "place", "tags/warm", "title", "value_cents"]);
    let created = Touched { key: "created_at".into(), write: Write::Set(Timestamp::from_millis(1).into()) };
    assert_eq!(at_first[0], created);
}
