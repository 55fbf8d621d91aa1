//! Many people at once on one relay: what it takes, what it hands out, and what they cost while nothing happens.

mod member;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::figure::{BenchError, Figure, ManySamples, moment};
use super::relay_process::RelayProcess;
use super::world::Worlds;
use member::{Author, Member};

const AUTHORS: usize = 50;
const CHANGES_EACH: usize = 200;
const SUBSCRIBERS: usize = 1_000;
const CHANGES_PER_SEC: u64 = 25;
const FAN_OUT_SECS: usize = 20;
const IDLE: usize = 2_000;
const BROUGHT: usize = 100_000;
const COMMAND: usize = 200;
const COMMANDS_UNDER_WAY: usize = 10;
/// Connections that are opened at once: the relay lets ten strangers of one address in.
const AT_ONCE: usize = 8;
/// The longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fifty people who each push a change, wait for its answer, and push the next.
pub(crate) fn accepts(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let each = worlds.size(CHANGES_EACH);
    let mut figures = Vec::new();
    for (name, live) in [("crowd", false), ("crowd_live", true)] {
        let relay = RelayProcess::start(&worlds.folder()?)?;
        let (answers, took) = Runtime::new()?.block_on(push_all(&relay, each, live))?;
        let answers = answers.sorted();
        let rate = (AUTHORS * each) as f64 / took.as_secs_f64();
        let detail = json!({
            "people": AUTHORS, "changes": AUTHORS * each, "answer_millis": answers.spread(),
            "how": if live { "everybody is live, so that every change goes to all the others as well; one change under \
                way each, all gates on, FULL sync, WebSocket on loopback, the relay in a process of its own" }
                else { "nobody follows the log; one change under way each, all gates on, FULL sync, WebSocket on \
                loopback, the relay in a process of its own" },
        });
        let higher = json!({ "higher_is_better": true, "more": detail });
        figures.push(Figure::new(format!("{name}_accepted_per_second"), rate, "changes/s").bar(1_000.0).detail(higher));
        figures.push(Figure::new(format!("{name}_answer_p99"), answers.percentile(99), "ms").bar(100.0).detail(detail));
    }
    Ok(figures)
}

async fn push_all(relay: &RelayProcess, each: usize, live: bool) -> Result<(ManySamples, Duration), BenchError> {
    let members = gather(relay, AUTHORS, live).await?;
    let authors = members.iter().enumerate().map(|(index, member)| Author::new(member, index).prepare(each));
    let prepared: Vec<_> = authors.collect();
    let start = moment();
    let mut working = JoinSet::new();
    for (mut member, pushes) in members.into_iter().zip(prepared) {
        working.spawn(async move {
            let mut answers = Vec::with_capacity(pushes.len());
            for push in pushes {
                let sent = moment();
                member.send(push).await?;
                member.answered().await?;
                answers.push(sent.elapsed());
            }
            Ok::<_, BenchError>(answers)
        });
    }
    let mut all = ManySamples::default();
    while let Some(done) = working.join_next().await {
        all.0.extend(done.map_err(|_| BenchError::Stalled("a member of the crowd"))??);
    }
    Ok((all, start.elapsed()))
}

/// One person who brings a hundred thousand records, as an import does: commands of two hundred, some under way.
pub(crate) fn large_push(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let commands = worlds.size(BROUGHT / COMMAND);
    let relay = RelayProcess::start(&worlds.folder()?)?;
    let took = Runtime::new()?.block_on(bring(&relay, commands))?;
    let name = format!("push_of_{}", commands * COMMAND);
    Ok(vec![Figure::new(name, took.as_secs_f64(), "s").detail(json!({
        "changes": commands * COMMAND, "per_second": ((commands * COMMAND) as f64 / took.as_secs_f64()).round(),
        "how": "one socket, commands of 200 new records, at most 2,000 changes under way, all gates and the pace of \
                pushes on",
    }))])
}

async fn bring(relay: &RelayProcess, commands: usize) -> Result<Duration, BenchError> {
    let mut member = gather(relay, 1, false).await?.pop().ok_or(BenchError::Stalled("a member"))?;
    let pushes = Author::new(&member, 0).prepare_large(commands, COMMAND);
    let (start, mut under_way) = (moment(), 0);
    for push in pushes {
        if under_way == COMMANDS_UNDER_WAY {
            under_way -= member.acknowledged().await?;
        }
        member.send(push).await?;
        under_way += 1;
    }
    while under_way > 0 {
        under_way -= member.acknowledged().await?;
    }
    Ok(start.elapsed())
}

/// A thousand people who look on while one writes.
pub(crate) fn fan_out(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let (people, secs) = (worlds.size(SUBSCRIBERS), worlds.size(FAN_OUT_SECS));
    let relay = RelayProcess::start(&worlds.folder()?)?;
    let delivered = Runtime::new()?.block_on(deliver(&relay, people, secs as u64 * CHANGES_PER_SEC))?.sorted();
    Ok(vec![Figure::new("fan_out_delivered_p99", delivered.percentile(99), "ms").bar(150.0).detail(json!({
        "subscribers": people, "changes_per_second": CHANGES_PER_SEC, "seconds": secs, "deliveries": delivered.spread(),
        "how": "from the moment a change is sent until a subscriber has it, so the time to its acceptance is in it",
    }))])
}

async fn deliver(relay: &RelayProcess, people: usize, changes: u64) -> Result<ManySamples, BenchError> {
    let mut members = gather(relay, people + 1, true).await?;
    let mut writer = members.pop().ok_or(BenchError::Stalled("a writer"))?;
    let first = writer.head + 1;
    let pushes = Author::new(&writer, 0).prepare(usize::try_from(changes).unwrap_or(0));
    let sent: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let mut listening = JoinSet::new();
    for mut member in members {
        let sent = Arc::clone(&sent);
        listening.spawn(async move {
            let mut took = Vec::new();
            while (took.len() as u64) < changes {
                let (from, end) =
                    timeout(PATIENCE, member.entries()).await.map_err(|_| BenchError::Stalled("entries"))??;
                let now = moment();
                let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
                let seqs = (from..=end).filter_map(|seq| usize::try_from(seq.checked_sub(first)?).ok());
                took.extend(seqs.filter_map(|index| Some(now - *sent.get(index)?)));
            }
            Ok::<_, BenchError>(took)
        });
    }
    for push in pushes {
        sent.lock().unwrap_or_else(PoisonError::into_inner).push(moment());
        writer.send(push).await?;
        writer.answered().await?;
        let next = Duration::from_millis(1_000 / CHANGES_PER_SEC);
        let last = sent.lock().unwrap_or_else(PoisonError::into_inner).last().copied();
        sleep(next.saturating_sub(last.map_or(Duration::ZERO, |last| last.elapsed()))).await;
    }
    let mut all = ManySamples::default();
    while let Some(done) = listening.join_next().await {
        all.0.extend(done.map_err(|_| BenchError::Stalled("a subscriber"))??);
    }
    Ok(all)
}

/// Two thousand people who are connected and do nothing.
pub(crate) fn idle(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let people = worlds.size(IDLE);
    let relay = RelayProcess::start(&worlds.folder()?)?;
    let runtime = Runtime::new()?;
    // What the first connections take once and for all is not theirs.
    let warm = runtime.block_on(gather(&relay, 20, true))?;
    let before = relay.memory_bytes();
    let members = runtime.block_on(gather(&relay, people, true))?;
    let after = relay.memory_bytes();
    let each = after.saturating_sub(before) as f64 / people as f64 / 1_024.0;
    drop((warm, members));
    Ok(vec![Figure::new("idle_connection_memory", each, "KiB").bar(40.0).detail(json!({
        "connections": people, "before_bytes": before, "after_bytes": after,
        "how": "resident memory of the relay's process, each connection of another person and live",
    }))])
}

/// Connects people, a few at a time.
async fn gather(relay: &RelayProcess, count: usize, live: bool) -> Result<Vec<Member>, BenchError> {
    let probe = Member::connect(relay.address, usize::MAX, None).await?;
    let cursor = live.then_some(probe.cursor);
    let mut members = Vec::with_capacity(count);
    for start in (0..count).step_by(AT_ONCE) {
        let some = start..(start + AT_ONCE).min(count);
        members.extend(try_join_all(some.map(|index| Member::connect(relay.address, index, cursor))).await?);
    }
    Ok(members)
}
