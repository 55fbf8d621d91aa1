//! Changes as an attacker makes them: real ones with bytes, columns, header or operations altered, and the checksum
//! put right.

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ExpandedChange, ObjType, ScalarValue};
use ledger::NewChange;

use crate::dice::Dice;
use crate::forge::{Columns, altered, body, chunk, deflate, run, seal, signed, unsigned};

/// One of many ways to alter a change; `others` are changes of the same record.
pub(crate) fn altered_somehow(bytes: &[u8], dice: &mut Dice, others: &[NewChange]) -> Vec<u8> {
    match dice.below(16) {
        0 | 1 => flipped(bytes, dice),
        2 => deflate(body(&flipped(bytes, dice))),
        3..=6 => recolumned(bytes, dice, others),
        7 => chunked(bytes, dice, others),
        _ => reworked(bytes, dice, others),
    }
}

/// Another chunk type, two chunks, something behind it, or a second layer of deflation.
fn chunked(bytes: &[u8], dice: &mut Dice, others: &[NewChange]) -> Vec<u8> {
    let plain = body(bytes);
    match dice.below(6) {
        0 => chunk(dice.next() as u8, plain, plain),
        1 => [bytes, &dice.pick(others).bytes].concat(),
        2 => [bytes, &[dice.next() as u8]].concat(),
        3 => deflate(body(&deflate(plain))),
        4 => chunk(2, plain, plain),
        _ => deflate(plain),
    }
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
fn recolumned(bytes: &[u8], dice: &mut Dice, others: &[NewChange]) -> Vec<u8> {
    let mut change = Columns::of(bytes);
    let other = Columns::of(&dice.pick(others).bytes);
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
fn reworked(bytes: &[u8], dice: &mut Dice, others: &[NewChange]) -> Vec<u8> {
    altered(bytes, |change| {
        for _ in 0..=dice.below(3) {
            rework(change, dice, others);
        }
    })
}

fn rework(change: &mut ExpandedChange, dice: &mut Dice, others: &[NewChange]) {
    let some_hash = automerge::ChangeHash(dice.pick(others).hash.0);
    match dice.below(14) {
        0 => change.seq = [0, 1, 2, change.seq.saturating_add(1), u64::MAX][dice.below(5)],
        1 => {
            let next = change.start_op.get().saturating_add(1);
            let start = [1, next, 1 << 31, u64::from(u32::MAX)][dice.below(4)];
            change.start_op = start.try_into().expect("not nought");
        }
        2 => change.time = [0, -1, i64::MAX, 5][dice.below(4)],
        3 => change.actor_id = dice.pick(others).actor.into(),
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
            rework_operation(&mut change.operations[at], &operations, dice, others);
        }
    }
}

fn rework_operation(operation: &mut Op, beside: &[Op], dice: &mut Dice, others: &[NewChange]) {
    let actor = automerge::ActorId::from(dice.pick(others).actor);
    let some_id = OpId(1 + dice.below(60) as u64, actor);
    let other = dice.pick(beside).clone();
    match dice.below(11) {
        0 => operation.insert = !operation.insert,
        1 => operation.obj = ObjectId::Id(some_id),
        2 => operation.obj = ObjectId::Root,
        3 => operation.key = Key::Seq(ElementId::Id(some_id)),
        4 => {
            operation.key = Key::Map(
                (*dice.pick(&[
                    "title",
                    "notes",
                    "kind",
                    "id",
                    "created_at",
                    "owner_id",
                    "status",
                    "changes",
                    "tags/a",
                    "tags/",
                    "",
                    "__proto__",
                ]))
                .into(),
            )
        }
        5 => operation.pred = vec![some_id].into(),
        6 => operation.pred = vec![].into(),
        7 => operation.pred = other.pred,
        8 => operation.key = other.key,
        9 => operation.obj = other.obj,
        _ => operation.action = action(dice),
    }
}

fn action(dice: &mut Dice) -> OpType {
    match dice.below(14) {
        10 => OpType::Put(ScalarValue::Uint(u64::MAX)),
        11 => OpType::Put(ScalarValue::Null),
        12 => OpType::Put("x\u{0}\u{202e}".into()),
        13 => OpType::MarkEnd(false),
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
