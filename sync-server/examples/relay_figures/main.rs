//! Measures the relay's core on a file: accepted changes per second with FULL sync, bytes on disk per record,
//! the snapshot, reconnecting.
//!
//! ```text
//! cargo run --release -p sync-server --example relay_figures -- [RECORDS [DIRECTORY]]
//! ```
//! Beside the time by the clock stands the processor's time, which other programs disturb less.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark reads the clock and talks")]

mod data;

use std::path::Path;
use std::time::{Duration, Instant};

use data::{Bench, Made};
use sync::wire::{ClientFrame, Hello, Pull, Push, PushedChange, PushedCommand, RelayFrame, SnapshotNext, VERSION};
use sync::{Block, Cursor};
use sync_server::domain::{ConnId, Input, Output, Relay};
use sync_server::store::SqliteStore;

/// Commands in one frame and frames in one group, as busy clients send them.
const COMMANDS_PER_FRAME: usize = 10;
const FRAMES_PER_GROUP: usize = 20;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let records: usize = std::env::args().nth(1).map_or(Ok(10_000), |count| count.parse())?;
    for (name, strange) in [("believable words", false), ("words the dictionary has never seen", true)] {
        println!("{records} leads, {name}");
        let directory = tempfile::tempdir_in(std::env::args().nth(2).unwrap_or_else(|| ".".into()))?;
        let path = directory.path().join("relay.db");
        let mut bench = Bench::new(7);
        let mut relay = Relay::open(SqliteStore::open(&path)?, &mut bench)?;
        let creates = bench.leads(records, strange);
        let edits = bench.edits(&creates, records / 2);
        push_all(&mut relay, &mut bench, &creates, "creates, a command each")?;
        report_disk(&path, records, "one change each")?;
        snapshot(&mut relay, &mut bench, "of what has just come in")?;
        push_all(&mut relay, &mut bench, &edits, "edits, a command each")?;
        report_disk(&path, records, "and half of them edited once")?;
        let (rounds, took) = timed(|| (0..).take_while(|_| relay.warm_up()).count());
        println!("  warming up: {rounds} idle moments, {took}");
        snapshot(&mut relay, &mut bench, "warm")?;
        reconnect(&mut relay, &mut bench)?;
        drop(relay);
        let mut relay = Relay::open(SqliteStore::open(&path)?, &mut bench)?;
        snapshot(&mut relay, &mut bench, "cold")?;
        long_note(&mut relay, &mut bench)?;
        let (report, took) = timed(|| relay.verify());
        println!("  verify: {} problems in {took}", report?.problem_count);
    }
    Ok(())
}

/// How long something took by the clock, and on the processor.
#[derive(Clone, Copy, Default)]
struct Took {
    clock: Duration,
    processor: Duration,
}

impl std::fmt::Display for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2?} ({:.2?} processor)", self.clock, self.processor)
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let (start, processor) = (Instant::now(), processor_time());
    let done = work();
    (done, Took { clock: start.elapsed(), processor: processor_time().saturating_sub(processor) })
}

/// What this thread has used, as Linux counts it; zero elsewhere.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn hello(
    relay: &mut Relay<SqliteStore>,
    bench: &mut Bench,
    cursor: Option<Cursor>,
) -> Result<(ConnId, usize), Failure> {
    let conn = bench.fresh_conn();
    relay.connect(conn);
    let (token, device) = (String::new(), bench.device);
    let hello = ClientFrame::Hello(Hello { version: VERSION, schema: 1, token, device, cursor });
    let outputs = relay.handle(bench, vec![(conn, Input::Frame(hello.encode()))])?;
    Ok((conn, sizes(&outputs)))
}

fn sizes(outputs: &[(ConnId, Output)]) -> usize {
    outputs.iter().map(|(_, output)| if let Output::Frame(bytes) = output { bytes.len() } else { 0 }).sum()
}

fn push_all(relay: &mut Relay<SqliteStore>, bench: &mut Bench, made: &[Made], what: &str) -> Result<(), Failure> {
    let head = relay.head();
    let (conn, _) = hello(relay, bench, Some(head))?;
    let frame = |commands: &[Made]| {
        let commands = commands.iter().map(|made| {
            let changes = vec![PushedChange { record: made.record, change: made.change.clone() }];
            PushedCommand { command: made.command, more: false, changes }
        });
        Input::Frame(ClientFrame::Push(Push { commands: Block::pack(&commands.collect::<Vec<_>>()) }).encode())
    };
    let groups: Vec<Vec<(ConnId, Input)>> = made
        .chunks(COMMANDS_PER_FRAME * FRAMES_PER_GROUP)
        .map(|group| group.chunks(COMMANDS_PER_FRAME).map(|commands| (conn, frame(commands))).collect())
        .collect();
    let (done, took) = timed(|| -> Result<(), Failure> {
        for group in groups {
            relay.handle(bench, group)?;
        }
        Ok(())
    });
    done?;
    assert_eq!(relay.head().seq, head.seq + made.len() as u64, "everything is accepted");
    relay.disconnect(conn);
    let per_second = |time: Duration| made.len() as f64 / time.as_secs_f64();
    let (clock, processor) = (per_second(took.clock), per_second(took.processor));
    println!("  {} {what}: {took}, {clock:.0}/s ({processor:.0}/s)", made.len());
    Ok(())
}

/// Folds the write-ahead log into the file and divides.
fn report_disk(path: &Path, records: usize, what: &str) -> Result<(), Failure> {
    let db = rusqlite::Connection::open(path)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let bytes = std::fs::metadata(path)?.len();
    println!("  on disk, {what}: {:.0} B per record", bytes as f64 / records as f64);
    Ok(())
}

fn snapshot(relay: &mut Relay<SqliteStore>, bench: &mut Bench, what: &str) -> Result<(), Failure> {
    let (conn, _) = hello(relay, bench, None)?;
    let (mut next, mut pages, mut bytes) = (SnapshotNext { as_of: None, after: None }, 0, 0);
    let (mut total, mut worst) = (Took::default(), Took::default());
    loop {
        let input = Input::Frame(ClientFrame::SnapshotNext(next.clone()).encode());
        let (outputs, took) = timed(|| relay.handle(bench, vec![(conn, input)]));
        let outputs = outputs?;
        total = Took { clock: total.clock + took.clock, processor: total.processor + took.processor };
        worst = if took.processor > worst.processor { took } else { worst };
        (pages, bytes) = (pages + 1, bytes + sizes(&outputs));
        let [(_, Output::Frame(frame))] = outputs.as_slice() else { return Err("no page".into()) };
        let RelayFrame::SnapshotPage(page) = RelayFrame::decode(frame)? else { return Err("no page".into()) };
        let last = page.open()?.last().map(|document| document.record.id);
        next = SnapshotNext { as_of: Some(page.as_of.seq), after: last };
        if page.last {
            break;
        }
    }
    println!("  snapshot {what}: {total} for {pages} pages, {bytes} B, longest page {worst}");
    Ok(())
}

fn reconnect(relay: &mut Relay<SqliteStore>, bench: &mut Bench) -> Result<(), Failure> {
    let head = relay.head();
    let (answer, took) = timed(|| hello(relay, bench, Some(head)));
    println!("  reconnect, nothing new: {} B in {took}", answer?.1);
    let behind = head.seq.saturating_sub(100);
    let digest = sync_server::store::LogStore::digest_at(relay.store_mut(), behind)?.ok_or("no digest")?;
    let (answer, took) = timed(|| -> Result<usize, Failure> {
        let (conn, welcome) = hello(relay, bench, Some(Cursor { seq: behind, digest, ..head }))?;
        let pull = Input::Frame(ClientFrame::Pull(Pull { after: behind }).encode());
        Ok(welcome + sizes(&relay.handle(bench, vec![(conn, pull)])?))
    });
    println!("  reconnect, 100 changed: {} B in {took}", answer?);
    Ok(())
}

/// How long everybody waits for somebody's longest note.
fn long_note(relay: &mut Relay<SqliteStore>, bench: &mut Bench) -> Result<(), Failure> {
    let note = bench.longest_note();
    push_all(relay, bench, &[note], "lead with a note of 64 KiB")
}
