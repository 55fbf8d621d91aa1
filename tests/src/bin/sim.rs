//! `sim`: runs seeds and prints what happened; exits with 1 when a seed fails.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Parser;
use tests::sim::{Plan, run};

/// Runs whole teams under a seed each and checks what must hold in the end.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 300)]
    seeds: u64,
    /// The first one
    #[arg(long, default_value_t = 1)]
    start: u64,
    /// Members of each team; 3 to 8 by the seed when left out
    #[arg(long)]
    clients: Option<usize>,
    /// Things done in each; 30 to 120 by the seed when left out
    #[arg(long)]
    ops: Option<u32>,
    /// Threads
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Tell on standard error everything that happens
    #[arg(long)]
    aloud: bool,
}

#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let handles: Vec<_> = (0..arguments.threads)
        .map(|thread| {
            let plans = plans(&arguments, thread);
            std::thread::spawn(move || plans.into_iter().map(|plan| (plan, run(plan))).collect::<Vec<_>>())
        })
        .collect();
    let mut done = Vec::new();
    for handle in handles {
        match handle.join() {
            Ok(outcomes) => done.extend(outcomes),
            Err(_) => return ExitCode::FAILURE,
        }
    }
    done.sort_by_key(|(plan, _)| plan.seed);
    let (mut faults, mut chores, mut refusals) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (_, outcome) in &done {
        add(&mut faults, &outcome.faults);
        add(&mut chores, &outcome.chores);
        add(&mut refusals, &outcome.refusals);
    }
    let failed: Vec<_> = done.iter().filter(|(_, outcome)| outcome.failure.is_some()).collect();
    println!("seeds run: {}", done.len());
    print_counts("faults injected", &faults);
    print_counts("things done", &chores);
    print_counts("commands refused", &refusals);
    println!("failures: {}", failed.len());
    for (plan, outcome) in &failed {
        if let Some(failure) = &outcome.failure {
            println!("  seed {} (--clients {} --ops {}): {failure}", plan.seed, plan.clients, plan.ops);
        }
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn plans(arguments: &Arguments, thread: u64) -> Vec<Plan> {
    let seeds = (arguments.start..arguments.start + arguments.seeds).filter(|seed| seed % arguments.threads == thread);
    seeds
        .map(|seed| Plan {
            seed,
            clients: arguments.clients.unwrap_or(3 + usize::try_from(seed % 6).unwrap_or(0)),
            ops: arguments.ops.unwrap_or(30 + u32::try_from(seed * 7 % 91).unwrap_or(0)),
            aloud: arguments.aloud,
        })
        .collect()
}

fn add<K: Ord + Clone>(sum: &mut BTreeMap<K, u64>, counts: &BTreeMap<K, u64>) {
    counts.iter().for_each(|(name, count)| *sum.entry(name.clone()).or_default() += count);
}

#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
fn print_counts<K: std::fmt::Display>(title: &str, counts: &BTreeMap<K, u64>) {
    println!("{title}:");
    counts.iter().for_each(|(name, count)| println!("  {name}: {count}"));
}
