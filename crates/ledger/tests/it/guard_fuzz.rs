//! Honest people are never refused; whatever else gets through leaves the document whole.

use ledger::guard::{admit, inspect};
use ledger::{Document, NewChange};
use proptest::prelude::*;

use crate::dice::Dice;
use crate::hostile;
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
    let bytes = hostile::altered_somehow(&target.bytes, dice, &team.taken);
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
