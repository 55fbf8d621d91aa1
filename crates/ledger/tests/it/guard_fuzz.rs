//! Honest people are never refused; whatever else gets through leaves the document whole.

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ExpandedChange, ObjType, ScalarValue};
use ledger::guard::{admit, inspect};
use ledger::{Document, NewChange};
use proptest::prelude::*;

use crate::dice::Dice;
use crate::forge::{Columns, altered, body, deflate, run, seal, signed, unsigned};
use crate::support::{LEAD, author, set};
use crate::team::Team;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_honest_change_is_taken_in_any_order_of_arrival(seed in any::<u64>(), count in 2..5_usize) {
        let mut dice = Dice(seed);
        let mut team = Team::of(count);

        for _ in 0..60 {
            team.step(&mut dice);
        }

        team.finish();
        let loaded = Document::load(LEAD, &team.relay.save(), &team.relay.heads()).expect("as saved");
        prop_assert_eq!(loaded.read(), team.relay.read());
        prop_assert_eq!(loaded.history(), team.relay.history());
    }

    #[test]
    fn what_a_hostile_author_gets_through_leaves_the_document_whole(seed in any::<u64>()) {
        attack(seed, 40);
    }
}

/// Lets a team work, takes one of its changes as if it had not arrived, and sends so many alterations of it.
/// Returns how many were taken.
fn attack(seed: u64, attempts: usize) -> usize {
    let mut dice = Dice(seed);
    let mut team = Team::of(3);
    for _ in 0..30 {
        team.step(&mut dice);
    }
    team.finish();
    let held = dice.below(team.taken.len());
    let target = team.taken[held].clone();
    let before = team.taken[..held].iter().map(|change| change.bytes.as_slice());
    let document = (held > 0).then(|| Document::from_changes(LEAD, before).expect("complete"));
    (0..attempts).filter(|_| try_one(&mut dice, document.as_ref(), &target, &team)).count()
}

fn try_one(dice: &mut Dice, document: Option<&Document>, target: &NewChange, team: &Team) -> bool {
    let bytes = match dice.below(6) {
        0 => flipped(&target.bytes, dice),
        1 => deflate(body(&flipped(&target.bytes, dice))),
        2 | 3 => recolumned(&target.bytes, dice, team),
        _ => reworked(&target.bytes, dice, team),
    };
    let Ok(inspected) = inspect(&bytes) else { return false };
    if admit(document, LEAD, &inspected).is_err() {
        return false;
    }
    let after = take(document, &inspected.bytes);
    stays_whole(after, document);
    true
}

fn take(document: Option<&Document>, bytes: &[u8]) -> Document {
    match document {
        None => Document::from_changes(LEAD, [bytes]).expect("what the guard takes fits"),
        Some(document) => {
            let mut after = document.clone();
            after.apply(bytes).expect("what the guard takes fits");
            after
        }
    }
}

/// It saves and loads, reads, tells its history, takes honest edits, and no fixed field has moved.
fn stays_whole(mut after: Document, before: Option<&Document>) {
    let created = |document: &Document| document.read().0.get("created_at").cloned();
    if let Some(before) = before {
        assert_eq!(created(&after), created(before));
    }
    after.conflicts();
    let changes = set([("title", "After".into()), ("notes", "After all".into())]);
    after.edit(&changes, &[], &author(9, 999), &author(9, 999)).expect("an honest edit");
    let loaded = Document::load(LEAD, &after.save(), &after.heads()).expect("what was saved loads");
    assert_eq!(loaded.read(), after.read());
    assert_eq!(loaded.history(), after.history());
    let changes = after.changes();
    let rebuilt = Document::from_changes(LEAD, changes.iter().rev().map(|change| change.bytes.as_slice()));
    assert_eq!(rebuilt.expect("complete").read(), after.read());
}

/// Some bytes of the body altered, cut out or put in, with the checksum put right.
fn flipped(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut body = body(bytes).to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(body.len());
        match dice.below(6) {
            0 => body[at] = dice.next() as u8,
            1 => body[at] ^= 1 << dice.below(8),
            2 => body[at] = body[at].wrapping_add(1),
            3 => body.insert(at, dice.next() as u8),
            4 if body.len() > 1 => drop(body.remove(at)),
            _ => {
                let from = dice.below(body.len());
                body[at] = body[from];
            }
        }
    }
    seal(&body)
}

/// Columns altered, dropped or taken from another change, each with its length put right.
fn recolumned(bytes: &[u8], dice: &mut Dice, team: &Team) -> Vec<u8> {
    let mut change = Columns::of(bytes);
    let other = Columns::of(&dice.pick(&team.taken).bytes);
    for _ in 0..=dice.below(2) {
        let at = dice.below(change.columns.len());
        let specification = change.columns[at].0;
        let column = &mut change.columns[at].1;
        let place = dice.below(column.len() + 1);
        let count = (dice.below(12) as i64) - 4;
        match dice.below(8) {
            0 => column.clear(),
            1 => drop(column.splice(place..place, run(count, dice.below(90) as u64))),
            2 => column.extend(run(count, dice.below(90) as u64)),
            3 => column.truncate(place),
            4 => column.extend([signed(0), unsigned(dice.below(5) as u64)].concat()),
            5 => column.extend(column.clone()),
            6 => change.columns.retain(|column| column.0 != specification),
            _ => {
                let theirs = other.columns.iter().find(|column| column.0 == specification);
                theirs.into_iter().for_each(|theirs| column.clone_from(&theirs.1));
            }
        }
        if change.columns.is_empty() {
            break;
        }
    }
    change.bytes()
}

/// One to three things altered in header or operations, written as Automerge writes it.
fn reworked(bytes: &[u8], dice: &mut Dice, team: &Team) -> Vec<u8> {
    altered(bytes, |change| {
        for _ in 0..=dice.below(3) {
            rework(change, dice, team);
        }
    })
}

fn rework(change: &mut ExpandedChange, dice: &mut Dice, team: &Team) {
    let some_hash = automerge::ChangeHash(dice.pick(&team.taken).hash.0);
    match dice.below(14) {
        0 => change.seq = [0, 1, 2, change.seq.saturating_add(1), u64::MAX][dice.below(5)],
        1 => {
            let next = change.start_op.get().saturating_add(1);
            let start = [1, next, 1 << 31, u64::from(u32::MAX)][dice.below(4)];
            change.start_op = start.try_into().expect("not nought");
        }
        2 => change.time = [0, -1, i64::MAX, 5][dice.below(4)],
        3 => change.actor_id = dice.pick(&team.taken).actor.into(),
        4 => change.deps.push(some_hash),
        5 => change.deps = vec![some_hash],
        6 => drop(change.deps.pop()),
        7 => {
            let again = dice.pick(&change.operations.clone()).clone();
            let at = dice.below(change.operations.len() + 1);
            change.operations.insert(at, again);
        }
        8 if change.operations.len() > 1 => {
            let at = dice.below(change.operations.len());
            change.operations.remove(at);
        }
        9 => {
            let (one, other) = (dice.below(change.operations.len()), dice.below(change.operations.len()));
            change.operations.swap(one, other);
        }
        _ => {
            let at = dice.below(change.operations.len());
            let operations = change.operations.clone();
            rework_operation(&mut change.operations[at], &operations, dice, team);
        }
    }
}

fn rework_operation(operation: &mut Op, others: &[Op], dice: &mut Dice, team: &Team) {
    let actor = automerge::ActorId::from(dice.pick(&team.taken).actor);
    let some_id = OpId(1 + dice.below(60) as u64, actor);
    let other = dice.pick(others).clone();
    match dice.below(11) {
        0 => operation.insert = !operation.insert,
        1 => operation.obj = ObjectId::Id(some_id),
        2 => operation.obj = ObjectId::Root,
        3 => operation.key = Key::Seq(ElementId::Id(some_id)),
        4 => operation.key = Key::Map((*dice.pick(&["title", "notes", "kind", "created_at", "tags/a"])).into()),
        5 => operation.pred = vec![some_id].into(),
        6 => operation.pred = vec![].into(),
        7 => operation.pred = other.pred,
        8 => operation.key = other.key,
        9 => operation.obj = other.obj,
        _ => operation.action = action(dice),
    }
}

fn action(dice: &mut Dice) -> OpType {
    match dice.below(10) {
        0 => OpType::Delete,
        1 => OpType::Increment(1),
        2 => OpType::Make(*dice.pick(&[ObjType::Map, ObjType::List, ObjType::Text, ObjType::Table])),
        3 => OpType::MarkEnd(true),
        4 => OpType::Put(ScalarValue::counter(1)),
        5 => OpType::Put(ScalarValue::F64(f64::NAN)),
        6 => OpType::Put(ScalarValue::Bytes(vec![1; 16])),
        7 => OpType::Put(ScalarValue::Timestamp(i64::MIN)),
        8 => OpType::Put("x".into()),
        _ => OpType::Put("xy".into()),
    }
}
