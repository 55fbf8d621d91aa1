//! The guard's first gate: bytes that are no small, sound, plainly written change.

use expect_test::{Expect, expect};
use ledger::guard::{DEPS_MAX, GuardError, INFLATED_MAX, OPS_MAX, WIRE_MAX, inspect};
use model::ChangeHash;
use model::time::LATEST_MILLIS;

use crate::bombs::bombs;
use crate::forge::{Forged, altered, body, chunk, deflate, run, seal, signed, unsigned};
use crate::support::{author, edit, lead, set};

fn check(bytes: &[u8], expected: Expect) {
    let error = inspect(bytes).expect_err("refused");
    expected.assert_eq(&format!("{}: {error}", error.code()));
}

fn honest() -> Vec<u8> {
    let (mut document, _) = lead();
    edit(&mut document, &set([("title", "Two".into())]), &author(2, 2)).bytes
}

#[test]
fn an_honest_change_passes_plain_and_deflated_and_comes_out_plain() {
    let (_, root) = lead();

    for bytes in [root.bytes.clone(), deflate(body(&root.bytes))] {
        let inspected = inspect(&bytes).expect("sound");
        assert_eq!(inspected.hash, root.hash);
        assert_eq!(inspected.bytes, root.bytes);
        assert_eq!((inspected.actor, inspected.seq, inspected.start_op), (root.actor, 1, 1));
        assert_eq!((inspected.deps.as_slice(), inspected.is_root), (&[][..], true));
        assert_eq!(inspected.at.as_millis(), 1);
    }
}

#[test]
fn only_one_whole_change_passes() {
    let bytes = honest();
    let (document, _) = lead();
    let twice = [bytes.clone(), bytes.clone()].concat();
    let wrong_sum = {
        let mut wrong = bytes.clone();
        wrong[4] ^= 1;
        wrong
    };
    let overlong = [&bytes[..9], &[bytes[9] | 0x80, 0], &bytes[10..]].concat();

    check(&[], expect!["malformed: the change is malformed: it ends too early"]);
    check(&bytes[..bytes.len() - 1], expect!["malformed: the change is malformed: it ends too early"]);
    check(b"GET / HTTP/1.1\r\n", expect!["malformed: the change is malformed: it is no change"]);
    check(&document.save(), expect!["malformed: the change is malformed: it is no change"]);
    check(&chunk(3, body(&bytes), body(&bytes)), expect!["malformed: the change is malformed: it is no change"]);
    check(&chunk(9, body(&bytes), body(&bytes)), expect!["malformed: the change is malformed: it is no change"]);
    check(&twice, expect!["malformed: the change is malformed: something follows the change"]);
    check(&wrong_sum, expect!["malformed: the change is malformed: its checksum is wrong"]);
    check(&overlong, expect!["malformed: the change is malformed: it holds an unsound number"]);
    check(
        &seal(&[body(&bytes), b"x"].concat()),
        expect!["malformed: the change is malformed: something follows the change"],
    );
    check(&chunk(2, b"junk", body(&bytes)), expect!["malformed: the change is malformed: it can't be inflated"]);
}

#[test]
fn every_cut_and_every_flipped_bit_of_a_change_is_refused() {
    let bytes = honest();

    for length in 0..bytes.len() {
        assert!(inspect(&bytes[..length]).is_err(), "cut at {length}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(inspect(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn sizes_have_limits() {
    let zeros = vec![0; INFLATED_MAX + 1];
    let too_many: Vec<ChangeHash> = (0..=DEPS_MAX).map(|index| ChangeHash([index as u8; 32])).collect();

    check(&vec![0; WIRE_MAX + 1], expect!["too_large: the change is too large; at most 262144 are allowed"]);
    check(&deflate(&zeros), expect!["too_large: the change is too large; at most 1048576 are allowed"]);
    let deps = Forged { deps: too_many, ..Forged::new(vec![]) };
    check(&deps.bytes(), expect!["too_many_dependencies: the change names too many others"]);
    let message = Forged { message: vec![b'x'; 257], ..Forged::new(vec![]) };
    check(&message.bytes(), expect!["too_large: the change is too large; at most 256 are allowed"]);
}

#[test]
fn times_lie_between_1970_and_2100() {
    let at = |time| altered(&honest(), |change| change.time = time);

    for time in [-1, i64::MIN, i64::MAX, LATEST_MILLIS + 1] {
        assert_eq!(inspect(&at(time)).expect_err("refused"), GuardError::WrongTime);
    }
    assert!(inspect(&at(0)).is_ok());
    assert!(inspect(&at(LATEST_MILLIS)).is_ok());
}

#[test]
fn what_no_honest_author_writes_in_a_header_is_refused() {
    let footer = Forged { footer: vec![1, 1, 7], ..Forged::new(vec![]) };
    check(&footer.bytes(), expect!["malformed: the change is malformed: something follows the change"]);
    let twice = Forged { deps: vec![ChangeHash([1; 32]); 2], ..Forged::new(vec![]) };
    check(&twice.bytes(), expect!["malformed: the change is malformed: it is not written in the usual form"]);
    let text = Forged { message: vec![0xff], ..Forged::new(vec![]) };
    check(&text.bytes(), expect!["malformed: the change is malformed: it holds unsound text"]);
    let start = Forged { start_op: 0, ..Forged::new(vec![]) };
    check(&start.bytes(), expect!["malformed: the change is malformed: its operations are unsound"]);
    let start = Forged { start_op: 1 << 32, ..Forged::new(vec![]) };
    check(&start.bytes(), expect!["malformed: the change is malformed: its operations are unsound"]);
    let actor = altered(&honest(), |change| change.actor_id = [7; 15].into());
    check(&actor, expect!["malformed: the change is malformed: an author's id is unsound"]);
}

#[test]
fn unknown_disordered_and_forbidden_columns_are_refused() {
    let forged = |columns| Forged::new(columns).bytes();
    let action = |code| (0x42, run(1, code));

    check(&forged(vec![(0x66, vec![1])]), expect!["malformed: the change is malformed: its operations are unsound"]);
    check(
        &forged(vec![action(1), action(1)]),
        expect!["malformed: the change is malformed: its operations are unsound"],
    );
    check(&forged(vec![(0x4a, vec![1])]), expect!["malformed: the change is malformed: its operations are unsound"]);
    check(
        &forged(vec![(0x94, vec![0, 1])]),
        expect![
            "forbidden_operation: the change does something that is not allowed: an operation of a kind that is never used"
        ],
    );
    for code in [0, 2, 5, 6, 7, 8, u64::MAX] {
        check(
            &forged(vec![action(code)]),
            expect![
                "forbidden_operation: the change does something that is not allowed: an operation of a kind that is never used"
            ],
        );
    }
    let foreign = vec![(0x11, run(1, 1)), (0x13, run(1, 1)), action(1)];
    check(&forged(foreign), expect!["malformed: the change is malformed: its operations are unsound"]);
    let null = [signed(0), unsigned(5)].concat();
    check(&forged(vec![(0x42, null)]), expect!["malformed: the change is malformed: its operations are unsound"]);
}

#[test]
fn bombs_are_refused_before_they_unfold() {
    for (name, bomb) in bombs() {
        let error = inspect(&bomb).expect_err(name);

        let codes = ["too_many_operations", "too_large", "malformed", "forbidden_operation"];
        assert!(codes.contains(&error.code()), "{name}: {error}");
    }
}

#[test]
fn just_under_the_limit_of_operations_is_taken_and_just_over_is_not() {
    let puts = |count: i64| {
        let keys: Vec<u8> = (0..count)
            .flat_map(|index| {
                let key = format!("custom/{index:05}");
                [unsigned(key.len() as u64), key.into_bytes()].concat()
            })
            .collect();
        let columns = vec![
            (0x15, [signed(-count), keys].concat()),
            (0x34, unsigned(count as u64)),
            (0x42, run(count, 1)),
            (0x56, run(count, 2)),
            (0x70, run(count, 0)),
        ];
        Forged::new(columns).bytes()
    };
    let limit = OPS_MAX as i64;

    assert_eq!(inspect(&puts(limit)).expect("sound").op_count, OPS_MAX);
    assert_eq!(inspect(&puts(limit + 1)).expect_err("refused"), GuardError::TooManyOperations);
}
