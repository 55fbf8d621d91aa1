//! `guard_fuzz`: hostile and honest changes by the million against the gates, and what became of them, as JSON.
//!
//! Hostile: `--cases N [--start S]`. A seed stands for a team's honest work on one record and a hundred alterations
//! of its changes, each in the name of somebody with some role. Whatever the gates let through is examined: no panic,
//! it saves and loads, it means the same in any order of arrival, and it changed nothing that its author may not.
//! Honest: `--honest N`. Changes as every feature of the clients makes them; all must pass.
//! Bombs: `--bombs ROUNDS`. The slowest refusal of each and the most memory it took.

#[path = "../../tests/it/bombs.rs"]
mod bombs;
#[path = "../../tests/bombs/counting.rs"]
mod counting;
#[path = "../../tests/it/dice.rs"]
mod dice;
#[path = "../../tests/it/forge.rs"]
mod forge;
mod gates;
mod ground;
mod honest;
#[path = "../../tests/it/hostile.rs"]
mod hostile;
mod measure;
#[path = "../../tests/it/support.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod support;
#[path = "../../tests/it/team.rs"]
mod team;
mod verdict;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use dice::Dice;
use gates::{Gate, Who};
use ground::Ground;
use serde_json::json;
use verdict::Harm;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

/// Alterations for each team.
const CASES_OF_ONE: u64 = 100;
/// Panics so far, those that were caught included.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// What to do.
#[derive(Debug, Default)]
struct Arguments {
    cases: u64,
    start: u64,
    honest: u64,
    bombs: u64,
}

/// What became of hostile changes.
#[derive(Debug, Default)]
struct Tally {
    cases: u64,
    accepted: u64,
    refused: BTreeMap<String, u64>,
    /// By kind of harm: how often, and the first seed that shows it.
    harm: BTreeMap<Harm, (u64, u64)>,
    caught: u64,
}

#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
fn main() -> ExitCode {
    let Some(arguments) = read_arguments() else {
        println!("usage: guard_fuzz [--cases N] [--start SEED] [--honest N] [--bombs ROUNDS]");
        return ExitCode::from(2);
    };
    std::panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }));
    let mut tally = Tally::default();
    let mut seed = arguments.start;
    while tally.cases < arguments.cases {
        attack(seed, (arguments.cases - tally.cases).min(CASES_OF_ONE), &mut tally);
        seed += 1;
    }
    let honest = honest::run(arguments.honest, arguments.start);
    let of = |harm: Harm| tally.harm.get(&harm).map_or(0, |found| found.0);
    let refused_honestly: u64 = honest.refused.values().map(|(count, _)| *count).sum();
    let report = json!({
        "cases": tally.cases,
        "first_seed": arguments.start,
        "next_seed": seed,
        "accepted": tally.accepted,
        "refused_by_gate": tally.refused,
        "panics_caught_while_judging": tally.caught,
        "panics": of(Harm::Panic),
        "unloadable_documents": of(Harm::Unloadable),
        "divergence": of(Harm::Divergence),
        "policy_breaches": of(Harm::Breach),
        "first_seeds": tally.harm.iter().map(|(harm, (_, seed))| (harm.name(), seed)).collect::<BTreeMap<_, _>>(),
        "honest": { "changes": honest.changes, "accepted": honest.accepted, "by_feature": honest.features,
                    "refused": honest.refused },
        "bombs": measure::bombs(arguments.bombs),
    });
    println!("{report:#}");
    if tally.harm.is_empty() && refused_honestly == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read_arguments() -> Option<Arguments> {
    let mut found = Arguments { start: 1, ..Arguments::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next()?.parse().ok()?;
        match word.as_str() {
            "--cases" => found.cases = value,
            "--start" => found.start = value,
            "--honest" => found.honest = value,
            "--bombs" => found.bombs = value,
            _ => return None,
        }
    }
    Some(found)
}

/// Lets a team work, and attacks what it has made.
fn attack(seed: u64, cases: u64, tally: &mut Tally) {
    let mut dice = Dice(seed);
    let ground = Ground::worked(&mut dice);
    let stages: Vec<_> = (0..6).map(|_| ground.stage(&mut dice)).collect();
    for _ in 0..cases {
        tally.cases += 1;
        let stage = dice.pick(&stages);
        let who = Who::any(&mut dice);
        let target = &ground.taken[stage.held];
        let built =
            catch_unwind(AssertUnwindSafe(|| hostile::altered_somehow(&target.bytes, &mut dice, &ground.taken)));
        let Ok(bytes) = built else {
            *tally.refused.entry("not even written by the attacker".to_owned()).or_default() += 1;
            continue;
        };
        let before = PANICS.load(Ordering::Relaxed);
        let judged = catch_unwind(AssertUnwindSafe(|| gates::judge(&ground, stage, who, &bytes)));
        match judged {
            Ok(Ok(after)) => {
                tally.accepted += 1;
                let harm = verdict::examine(&ground, stage, who, (&bytes, &after));
                harm.into_iter().for_each(|harm| note(tally, harm, seed));
            }
            Ok(Err(Gate(gate))) => {
                tally.caught += PANICS.load(Ordering::Relaxed) - before;
                *tally.refused.entry(gate).or_default() += 1;
            }
            Err(_) => note(tally, Harm::Panic, seed),
        }
    }
}

fn note(tally: &mut Tally, harm: Harm, seed: u64) {
    let found = tally.harm.entry(harm).or_insert((0, seed));
    found.0 += 1;
}
