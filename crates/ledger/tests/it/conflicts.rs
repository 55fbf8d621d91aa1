//! Several values on one field: listed, and settled by a choice.

use ledger::Document;
use model::{FieldChanges, Timestamp, Value};

use crate::support::{author, edit, lead, meet, set, text};

/// Ada and Ben change the same fields at once, and meet.
fn torn<const N: usize>(ada: [(&str, Value); N], ben: [(&str, Value); N]) -> Document {
    let (mut one, _) = lead();
    let mut other = one.clone();
    edit(&mut one, &set(ada), &author(1, 10));
    edit(&mut other, &set(ben), &author(2, 20));
    meet(&mut one, &mut other);
    one
}

#[test]
fn every_concurrent_value_is_listed_with_its_author() {
    let document = torn([("title", "By Ada".into())], [("title", "By Ben".into())]);

    let [conflict] = document.conflicts().try_into().expect("one conflict");

    assert_eq!(conflict.key, "title");
    assert_eq!(conflict.values[0].value, document.read().0.get("title").cloned());
    let mut seen: Vec<_> =
        conflict.values.iter().map(|one| (one.at.as_millis(), one.actor, one.value.clone())).collect();
    seen.sort();
    let (ada, ben) = (author(1, 10).actor, author(2, 20).actor);
    assert_eq!(seen, [(10, ada, Some("By Ada".into())), (20, ben, Some("By Ben".into()))]);
    let heads = document.heads();
    assert!(conflict.values.iter().all(|one| heads.contains(&one.change)));
}

#[test]
fn either_value_can_be_chosen_and_ends_the_conflict() {
    for choice in ["By Ada", "By Ben"] {
        let mut document = torn([("title", "By Ada".into())], [("title", "By Ben".into())]);
        let mut elsewhere = document.clone();

        let change = document.settle("title", Some(choice.into()), &author(3, 30)).expect("sound").expect("a change");
        elsewhere.apply(&change.bytes).expect("sound");

        assert!(!elsewhere.has_conflicts());
        assert_eq!(text(&elsewhere, "title"), choice);
        assert_eq!(elsewhere.settle("title", Some(choice.into()), &author(3, 31)).expect("sound"), None);
        let entry = elsewhere.history().pop().expect("the choice");
        assert_eq!(entry.changes[0].after, Some(choice.into()));
    }
}

#[test]
fn no_value_can_be_chosen() {
    let mut document = torn([("source", "By Ada".into())], [("source", "By Ben".into())]);

    document.settle("source", None, &author(3, 30)).expect("sound").expect("a change");

    assert!(!document.has_conflicts());
    assert_eq!(document.read().0.get("source"), None);
}

#[test]
fn two_different_choices_are_a_conflict_again() {
    let mut one = torn([("title", "By Ada".into())], [("title", "By Ben".into())]);
    let mut other = one.clone();

    one.settle("title", Some("By Ada".into()), &author(3, 30)).expect("sound").expect("a change");
    other.settle("title", Some("By Ben".into()), &author(4, 40)).expect("sound").expect("a change");
    meet(&mut one, &mut other);

    assert_eq!(one.conflicts().len(), 1);
}

#[test]
fn the_same_value_written_twice_is_no_conflict() {
    let document = torn([("title", "Same".into())], [("title", "Same".into())]);

    assert!(!document.has_conflicts());
    assert_eq!(document.conflicts(), []);
}

#[test]
fn stamps_that_devices_write_are_no_conflict() {
    let at = |millis| Value::Time(Timestamp::from_millis(millis));
    let document =
        torn([("deleted_at", at(10)), ("updated_at", at(10))], [("deleted_at", at(20)), ("updated_at", at(20))]);

    assert!(document.read().0.is_deleted());
    assert!(!document.has_conflicts());
}

#[test]
fn a_value_written_while_another_removes_it_stays() {
    let (mut one, _) = lead();
    let mut other = one.clone();
    edit(&mut one, &FieldChanges::from([("value_cents".into(), None)]), &author(1, 10));
    edit(&mut other, &set([("value_cents", 7.into())]), &author(2, 20));

    meet(&mut one, &mut other);

    assert_eq!(one.read().0.int("value_cents"), Some(7));
    assert!(!one.has_conflicts());
}
