//! Edits of several people come together.

use ledger::{Applied, ApplyError, Document, EditError};
use model::settings::default_fields;
use model::{FieldChanges, Kind, RecordRef, Timestamp, Value};
use proptest::prelude::*;

use crate::support::{LEAD, author, branch, edit, fields, lead, meet, set, text};

#[test]
fn a_new_record_reads_as_it_was_written() {
    let (document, change) = lead();

    let (record, problems) = document.read();

    assert_eq!(problems, []);
    assert_eq!(record.reference(), LEAD);
    assert_eq!(record.text("title"), "Rope bridge");
    assert_eq!(record.text("notes"), "Call on Monday");
    assert_eq!(record.int("value_cents"), Some(120_000));
    assert_eq!(record.time("created_at"), Some(Timestamp::from_millis(1)));
    assert_eq!(record.members("tags").map(|(tag, _)| tag).collect::<Vec<_>>(), ["warm"]);
    assert_eq!(change.seq, 1);
    assert_eq!(document.heads(), [change.hash]);
}

#[test]
fn edits_of_different_fields_merge() {
    let (mut ada, _) = lead();
    let mut ben = ada.clone();

    edit(&mut ada, &set([("title", "Stone bridge".into())]), &author(1, 2));
    edit(&mut ben, &set([("value_cents", 90_000.into()), ("tags/new", true.into())]), &author(2, 3));
    meet(&mut ada, &mut ben);

    let (record, _) = ada.read();
    assert_eq!(record.text("title"), "Stone bridge");
    assert_eq!(record.int("value_cents"), Some(90_000));
    assert_eq!(record.members("tags").count(), 2);
    assert!(!ada.has_conflicts());
}

#[test]
fn concurrent_typing_in_a_note_merges() {
    let (mut ada, _) = lead();
    let mut ben = ada.clone();

    edit(&mut ada, &set([("notes", "Please call on Monday".into())]), &author(1, 2));
    edit(&mut ben, &set([("notes", "Call on Monday 👩‍🚒 at 9".into())]), &author(2, 3));
    meet(&mut ada, &mut ben);

    assert_eq!(text(&ada, "notes"), "Please call on Monday 👩‍🚒 at 9");
}

#[test]
fn a_note_can_be_begun_cleared_and_written_again() {
    let (mut document, _) = Document::create(LEAD, &fields([]), &author(1, 1)).expect("a lead");

    edit(&mut document, &set([("notes", "🦊🦊".into())]), &author(1, 2));
    assert_eq!(text(&document, "notes"), "🦊🦊");
    edit(&mut document, &FieldChanges::from([("notes".into(), None)]), &author(1, 3));
    assert_eq!(document.read().0.get("notes"), None);
    edit(&mut document, &set([("notes", "a🦊b".into())]), &author(1, 4));
    assert_eq!(text(&document, "notes"), "a🦊b");
}

#[test]
fn a_stale_form_makes_a_conflict_and_overwrites_nothing() {
    let (mut document, _) = lead();
    let opened_at = document.heads();
    edit(&mut document, &set([("title", "By Ada".into())]), &author(1, 2));

    let stale = set([("title", "By Ben".into()), ("place", "new|20".into())]);
    let change = document.edit(&stale, &opened_at, &author(2, 3), &branch(2, 3)).expect("sound").expect("a change");

    assert_eq!(change.deps, opened_at);
    assert_eq!(change.actor, branch(2, 3).actor);
    assert_eq!(document.heads().len(), 2);
    assert_eq!(text(&document, "place"), "new|20");
    let [conflict] = document.conflicts().try_into().expect("one conflict");
    assert_eq!(conflict.key, "title");
    let mut values: Vec<_> = conflict.values.iter().filter_map(|one| one.value.clone()).collect();
    values.sort();
    assert_eq!(values, ["By Ada".into(), "By Ben".into()]);
}

#[test]
fn a_stale_form_whose_fields_nobody_moved_is_written_on_the_heads() {
    let (mut document, _) = lead();
    let opened_at = document.heads();
    edit(&mut document, &set([("title", "By Ada".into()), ("notes", "Hm".into())]), &author(1, 2));
    let heads = document.heads();

    let stale = set([("place", "new|20".into())]);
    let change = document.edit(&stale, &opened_at, &author(2, 3), &branch(2, 3)).expect("sound").expect("a change");

    assert_eq!(change.deps, heads);
    assert_eq!(change.actor, author(2, 3).actor);
}

#[test]
fn a_stale_note_merges_with_what_was_typed_meanwhile() {
    let (mut document, _) = lead();
    let opened_at = document.heads();
    edit(&mut document, &set([("notes", "Please call on Monday".into())]), &author(1, 2));

    let stale = set([("notes", "Call on Monday at 9".into())]);
    document.edit(&stale, &opened_at, &author(2, 3), &branch(2, 3)).expect("sound").expect("a change");

    assert_eq!(text(&document, "notes"), "Please call on Monday at 9");
}

#[test]
fn one_command_may_write_twice_from_the_same_stale_heads() {
    let (mut document, _) = lead();
    let opened_at = document.heads();
    edit(&mut document, &set([("title", "By Ada".into()), ("source", "Event".into())]), &author(1, 2));

    for (key, value) in [("title", "By Ben"), ("source", "Partner")] {
        let change = document.edit(&set([(key, value.into())]), &opened_at, &author(2, 3), &branch(2, 3));
        assert!(change.expect("sound").is_some());
    }

    assert_eq!(document.conflicts().len(), 2);
}

#[test]
fn nothing_is_written_when_nothing_changes() {
    let (mut document, _) = lead();
    let same = FieldChanges::from([
        ("title".into(), Some("Rope bridge".into())),
        ("notes".into(), Some("Call on Monday".into())),
        ("source".into(), None),
    ]);

    assert_eq!(document.edit(&same, &[], &author(1, 2), &author(1, 2)).expect("sound"), None);
    assert_eq!(document.next_seq(&author(1, 2).actor), 2);
}

#[test]
fn unsound_edits_change_nothing() {
    let (mut document, _) = lead();
    let heads = document.heads();
    let mut attempt = |changes: FieldChanges, base: &[model::ChangeHash]| {
        document.edit(&changes, base, &author(1, 2), &branch(1, 2)).expect_err("refused")
    };

    assert!(matches!(attempt(set([("colour", "red".into())]), &[]), EditError::Field(_)));
    assert!(matches!(attempt(set([("kind", "task".into())]), &[]), EditError::Field(_)));
    assert!(matches!(attempt(set([("value_cents", "lots".into())]), &[]), EditError::Field(_)));
    let created = set([("created_at", Timestamp::from_millis(5).into())]);
    assert!(matches!(attempt(created, &[]), EditError::Fixed { .. }));
    let elsewhere = [model::ChangeHash([9; 32])];
    assert!(matches!(attempt(set([("title", "x".into())]), &elsewhere), EditError::UnknownBase(_)));
    assert_eq!(document.heads(), heads);
}

#[test]
fn a_change_is_applied_once_and_only_after_what_it_builds_on() {
    let (mut ada, root) = lead();
    let ben = ada.clone();
    let first = edit(&mut ada, &set([("title", "One".into())]), &author(1, 2));
    let second = edit(&mut ada, &set([("title", "Two".into())]), &author(1, 3));
    let mut ben = ben;

    let early = ben.apply(&second.bytes).expect_err("too early");
    assert!(matches!(early, ApplyError::MissingDeps(missing) if missing == [first.hash]));
    assert_eq!(ben.heads(), [root.hash]);
    assert_eq!(ben.apply(&first.bytes).expect("sound"), Applied::New);
    assert_eq!(ben.apply(&first.bytes).expect("sound"), Applied::AlreadyHere);
    assert_eq!(ben.apply(&second.bytes).expect("sound"), Applied::New);
    assert_eq!(ben.heads(), ada.heads());
}

#[test]
fn a_record_begins_once() {
    let (mut document, _) = lead();
    let (_, other) = Document::create(LEAD, &fields([]), &author(2, 2)).expect("a lead");

    assert!(matches!(document.apply(&other.bytes), Err(ApplyError::SecondRoot)));
}

#[test]
fn the_settings_begin_the_same_on_every_device() {
    let ((one, change), (mut other, again)) = (Document::settings_genesis(), Document::settings_genesis());

    assert_eq!(change, again);
    assert_eq!(one.heads(), other.heads());
    assert_eq!(other.apply(&change.bytes).expect("sound"), Applied::AlreadyHere);
    assert_eq!(one.read().0.fields, default_fields());
    expect_test::expect!["3a753eca755bc97e73bfde4ee6c76e0cf0147674c483f94c765d52a2088ac641"]
        .assert_eq(&change.hash.to_string());
    expect_test::expect_file!["../fixtures/settings_genesis.hex"].assert_eq(&hex(&change.bytes));
}

fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(32).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n");
    lines.collect()
}

#[test]
fn every_kind_of_record_can_be_created_and_reopened() {
    for kind in Kind::ALL {
        let record = RecordRef::new(kind, LEAD.id);
        let (document, change) = Document::create(record, &fields([]), &author(1, 1)).expect("a record");

        let loaded = Document::load(record, &document.save(), &document.heads()).expect("as saved");
        let rebuilt = Document::from_changes(record, [change.bytes.as_slice()]).expect("as made");

        assert_eq!(loaded.read(), document.read());
        assert_eq!(rebuilt.heads(), document.heads());
    }
}

#[test]
fn times_outside_of_what_a_relay_takes_are_brought_inside() {
    let (mut document, _) = lead();

    edit(&mut document, &set([("title", "Early".into())]), &author(1, -5));
    edit(&mut document, &set([("title", "Late".into())]), &author(1, i64::MAX));

    let times: Vec<i64> = document.change_metas().iter().map(|meta| meta.at.as_millis()).collect();
    assert_eq!(times, [1, 0, model::time::LATEST_MILLIS]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_of_delivery_ends_in_the_same_record(
        edits in proptest::collection::vec((0..3_usize, 0..5_usize, "[a-c🦊]{0,3}"), 1..20),
        order in any::<u64>(),
    ) {
        let (first, _) = lead();
        let mut people = [first.clone(), first.clone(), first];
        for (index, (person, key, words)) in edits.into_iter().enumerate() {
            let key = ["title", "source", "notes", "tags/a", "competitor"][key];
            let value: Value = if key == "tags/a" { true.into() } else { words.into() };
            let who = author(u8::try_from(person).expect("small"), i64::try_from(index).expect("small"));
            let mut changes = set([(key, value)]);
            if index % 5 == 4 && key != "title" {
                changes.insert(key.into(), None);
            }
            people[person].edit(&changes, &[], &who, &who).expect("sound");
            if index % 4 == 3 {
                let [one, other, _] = &mut people;
                meet(one, other);
            }
        }

        let mut changes: Vec<Vec<u8>> =
            people.iter().flat_map(|document| document.changes()).map(|change| change.bytes).collect();
        let [mut one, mut other, mut third] = people;
        meet(&mut one, &mut other);
        meet(&mut other, &mut third);
        meet(&mut one, &mut other);
        let count = changes.len();
        changes.rotate_left(usize::try_from(order).expect("64 bits") % count);
        changes.reverse();
        let rebuilt = Document::from_changes(LEAD, changes.iter().map(Vec::as_slice)).expect("complete");

        prop_assert_eq!(rebuilt.heads(), one.heads());
        prop_assert_eq!(rebuilt.read(), third.read());
        prop_assert_eq!(rebuilt.conflicts(), one.conflicts());
        let loaded = Document::load(LEAD, &one.save(), &one.heads()).expect("as saved");
        prop_assert_eq!(loaded.read(), third.read());
    }
}
