//! Seeds that must hold for ever, and that a seed is a seed.

use tests::sim::{Plan, run};

#[test]
fn the_same_seed_gives_the_same_trace() {
    let plan = Plan { seed: 42, clients: 4, ops: 40, aloud: false };

    let (first, second) = (run(plan), run(plan));

    assert_eq!(first, second);
}

#[test]
fn small_teams_agree_in_the_end() {
    for seed in 1..=20 {
        let outcome = run(Plan { seed, clients: 3, ops: 30, aloud: false });

        assert_eq!(outcome.failure, None, "seed {seed}");
    }
}

/// A relay restored while a device fetched its first snapshot: what the device had pushed meanwhile was neither offered
/// again nor taken out of what it held for accepted.
#[test]
fn what_was_accepted_during_a_first_snapshot_survives_a_restored_relay() {
    let outcome = run(Plan { seed: 204, clients: 3, ops: 93, aloud: false });

    assert_eq!(outcome.failure, None);
}

/// A refusal noted in a session that ended in a divergence stopped every later session from sending anything.
#[test]
fn a_refusal_outlives_the_session_it_came_in() {
    let outcome = run(Plan { seed: 243, clients: 6, ops: 93, aloud: false });

    assert_eq!(outcome.failure, None);
}

#[test]
fn every_kind_of_fault_is_reached() {
    let faults: std::collections::BTreeSet<&str> =
        (100..120).flat_map(|seed| run(Plan { seed, clients: 4, ops: 60, aloud: false }).faults.into_keys()).collect();

    let expected = [
        "client crash",
        "connection cut",
        "frame duplicated",
        "frame lost",
        "frames reordered",
        "partition",
        "relay backed up",
        "relay restarted",
        "relay restored from a backup",
        "role changed",
    ];
    assert_eq!(faults.into_iter().collect::<Vec<_>>(), expected);
}
