//! Who changed what, from what to what.

use model::{FieldChanges, Value};

use crate::support::{author, branch, edit, lead, meet, set};

fn pairs(entry: &ledger::HistoryEntry) -> Vec<(&str, Option<Value>, Option<Value>)> {
    entry.changes.iter().map(|change| (change.key.as_str(), change.before.clone(), change.after.clone())).collect()
}

#[test]
fn the_first_entry_is_the_creation_with_every_field() {
    let (document, root) = lead();

    let [entry] = document.history().try_into().expect("one entry");

    assert!(entry.created);
    assert_eq!((entry.hash, entry.actor, entry.seq, entry.at.as_millis()), (root.hash, author(1, 1).actor, 1, 1));
    assert!(entry.changes.iter().all(|change| change.before.is_none()));
    let keys: Vec<&str> = entry.changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(keys, ["created_at", "notes", "owner_id", "place", "tags/warm", "title", "value_cents"]);
}

#[test]
fn an_edit_tells_before_and_after_of_each_field() {
    let (mut document, _) = lead();
    let mut changes = set([("title", "Stone bridge".into()), ("notes", "Call on Tuesday".into())]);
    changes.insert("tags/warm".into(), None);
    changes.insert("source".into(), Some("Event".into()));

    edit(&mut document, &changes, &author(2, 5));

    let entry = document.history().pop().expect("the edit");
    assert!(!entry.created);
    assert_eq!((entry.actor, entry.seq, entry.at.as_millis()), (author(2, 5).actor, 1, 5));
    let expected = [
        ("notes", Some("Call on Monday".into()), Some("Call on Tuesday".into())),
        ("source", None, Some("Event".into())),
        ("tags/warm", Some(true.into()), None),
        ("title", Some("Rope bridge".into()), Some("Stone bridge".into())),
    ];
    assert_eq!(pairs(&entry), expected);
}

#[test]
fn concurrent_changes_each_tell_what_their_author_saw() {
    let (mut ada, _) = lead();
    let mut ben = ada.clone();
    edit(&mut ada, &set([("title", "A".into()), ("notes", "Call on Monday, Ada".into())]), &author(1, 2));
    edit(&mut ben, &set([("title", "B".into()), ("notes", "Ben: Call on Monday".into())]), &author(2, 3));
    meet(&mut ada, &mut ben);

    let history = ada.history();

    let of = |person| history.iter().find(|entry| entry.actor == author(person, 0).actor && !entry.created);
    let before: Option<Value> = Some("Call on Monday".into());
    let title: Option<Value> = Some("Rope bridge".into());
    let by_ada =
        [("notes", before.clone(), Some("Call on Monday, Ada".into())), ("title", title.clone(), Some("A".into()))];
    let by_ben = [("notes", before, Some("Ben: Call on Monday".into())), ("title", title, Some("B".into()))];
    assert_eq!(pairs(of(1).expect("Ada's")), by_ada);
    assert_eq!(pairs(of(2).expect("Ben's")), by_ben);
}

#[test]
fn dependencies_come_first_and_known_changes_are_left_out() {
    let (mut document, root) = lead();
    let opened_at = document.heads();
    let first = edit(&mut document, &set([("title", "One".into())]), &author(1, 2));
    let seen = document.heads();
    let stale = set([("title", "Two".into())]);
    let beside = document.edit(&stale, &opened_at, &author(2, 3), &branch(2, 3)).expect("sound").expect("a change");
    let last = edit(&mut document, &FieldChanges::from([("tags/warm".into(), None)]), &author(1, 4));

    let hashes = |entries: Vec<ledger::HistoryEntry>| entries.iter().map(|entry| entry.hash).collect::<Vec<_>>();
    let all = hashes(document.history());

    let place = |hash| all.iter().position(|one| *one == hash).expect("listed");
    assert_eq!(all.len(), 4);
    assert_eq!((place(root.hash), place(last.hash)), (0, 3));
    assert!(place(first.hash) < 3);
    assert_eq!(hashes(document.history_since(&seen)), [beside.hash, last.hash]);
    assert_eq!(document.history_since(&document.heads()), []);
}
