//! Two people at once: an edit on one device until it is seen on the other, and a day of offline work coming in.

use std::path::PathBuf;

use model::app::{Request, Update};
use model::query::{Answer, ListQuery, Query, Row};
use model::{Kind, RecordId};
use replica::Input;
use serde_json::{Value as Json, json};

use super::figure::{BenchError, Figure, Samples, Took, expect_count, millis, moment, timed};
use super::pipe::{Device, ME};
use super::records::{Mix, set_value};
use super::relay_side::Env;
use super::socket::Served;
use super::station::{News, Station};
use super::throughput::make_leads;
use super::world::{World, Worlds};

const EDITS: usize = 500;
/// Edits before the first one that counts.
const WARM_UP: usize = 20;
const OFFLINE: usize = 1_000;
/// The list that the other person looks at.
const WATCH: u64 = 77;
/// Rows that the list shows.
const LISTED: usize = 50;

/// One edit after the other, each waited for.
pub(crate) fn edits(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let (records, count) = (worlds.size(1_000), worlds.size(EDITS));
    let mut world = worlds.fresh(Mix::of_leads(records))?;
    let mut other = world.second("other")?;
    let piped = piped_edits(&mut world, &mut other, count)?;
    let both = Both::start(world, other)?;
    let sockets = socket_edits(&both, count)?;
    both.stop()?;
    let detail = |seen: &Samples, more: Json| {
        json!({ "records": records, "clock": seen.spread(), "more": more,
            "how": "seen = stored with FULL sync by the author and at the relay, committed by the other (a copy, which \
                    a power cut may take and the relay brings again), the list they watch answered anew" })
    };
    let on_wire = json!({
        "transport": "WebSocket on loopback, the relay's accept loop and core thread, a thread for each client",
        "durable_on_own_disk": sockets.durable.spread(),
    });
    let in_pipe = json!({ "transport": "pipe in memory, one thread, the parties one after the other",
        "processor_p50_millis": piped.processor.percentile(50), "author": piped.author.spread(),
        "relay": piped.relay.spread(), "other": piped.other.spread() });
    let (wire, pipe) = (detail(&sockets.seen, on_wire), detail(&piped.clock, in_pipe));
    Ok(vec![
        Figure::new("edit_seen_by_other_p50", sockets.seen.percentile(50), "ms").bar(3.0).detail(wire.clone()),
        Figure::new("edit_seen_by_other_p99", sockets.seen.percentile(99), "ms").bar(15.0).detail(wire),
        Figure::new("edit_seen_by_other_pipe_p50", piped.clock.percentile(50), "ms").bar(3.0).detail(pipe.clone()),
        Figure::new("edit_seen_by_other_pipe_p99", piped.clock.percentile(99), "ms").bar(15.0).detail(pipe),
    ])
}

/// What an edit takes in all, and each party's share.
#[derive(Default)]
struct Piped {
    clock: Samples,
    processor: Samples,
    author: Samples,
    relay: Samples,
    other: Samples,
}

fn watch() -> Request {
    Request::Watch(WATCH, Query::List(ListQuery { limit: LISTED as u32, ..ListQuery::of(Kind::Lead) }))
}

fn watched(update: &Update) -> Option<&[Row]> {
    match update {
        Update::Answer(WATCH, Answer::List(list)) => Some(&list.rows),
        _ => None,
    }
}

fn shows(update: &Update, lead: RecordId, cents: i64) -> bool {
    let is_it = |row: &Row| row.record.id == lead && row.record.fields.get("value_cents") == Some(&cents.into());
    watched(update).is_some_and(|rows| rows.iter().any(is_it))
}

fn ids_of(rows: &[Row]) -> Vec<RecordId> {
    rows.iter().map(|row| row.record.id).collect()
}

fn piped_edits(world: &mut World, other: &mut Device, count: usize) -> Result<Piped, BenchError> {
    let mut piped = Piped::default();
    let answers = other.input(Input::FromUi { client: ME, request: watch() });
    let leads = ids_of(answers.iter().find_map(watched).unwrap_or_default());
    expect_count("leads in the list", LISTED, leads.len() as u64)?;
    for index in 0..count + WARM_UP {
        let lead = leads[index % leads.len()];
        let cents = i64::try_from(index).unwrap_or(0) + 5_000_000_000;
        (world.device.spent, other.spent, world.pipe.spent) = Default::default();
        let (updates, took) = timed(|| -> Result<Vec<Update>, BenchError> {
            world.device.act(set_value(lead, cents))?;
            world.pipe.settle(&mut [&mut world.device, other])
        });
        if !updates?.iter().any(|update| shows(update, lead, cents)) {
            return Err(BenchError::Stalled("an edit to be seen"));
        }
        if index >= WARM_UP {
            piped.clock.add(took.clock);
            piped.processor.add(took.processor);
            piped.author.add(world.device.spent.clock);
            piped.relay.add(world.pipe.spent.clock);
            piped.other.add(other.spent.clock);
        }
        world.pipe.idle();
    }
    Ok(piped)
}

/// Two clients on sockets, and their relay.
struct Both {
    served: Served,
    first: Station,
    second: Station,
}

impl Both {
    fn start(world: World, mut other: Device) -> Result<Self, BenchError> {
        let (served, mut device) = serve(world)?;
        device.reopen()?;
        other.reopen()?;
        let first = Station::start(device, served.socket_url())?;
        let second = Station::start(other, served.socket_url())?;
        first.wait_synced()?;
        second.wait_synced()?;
        Ok(Self { served, first, second })
    }

    fn stop(self) -> Result<(), BenchError> {
        self.first.stop()?;
        self.second.stop()?;
        self.served.stop()
    }
}

/// Takes the relay out of the pipe and serves it.
pub(crate) fn serve(world: World) -> Result<(Served, Device), BenchError> {
    let World { pipe, device, folder, .. } = world;
    let path: PathBuf = pipe.path.clone();
    drop(pipe);
    Ok((Served::start(&folder, &path, Env::new(4_711))?, device))
}

#[derive(Default)]
struct OnSockets {
    seen: Samples,
    durable: Samples,
}

fn socket_edits(both: &Both, count: usize) -> Result<OnSockets, BenchError> {
    let mut figures = OnSockets::default();
    both.second.request(watch());
    let first_answer = |news| if let News::Update(update) = news { watched(&update).map(ids_of) } else { None };
    let (_, leads) = both.second.wait("the first answer", first_answer)?;
    for index in 0..count + WARM_UP {
        let lead = leads[index % leads.len()];
        let cents = i64::try_from(index).unwrap_or(0) + 7_000_000_000;
        let start = moment();
        both.first.request(Request::Do(1, set_value(lead, cents)));
        let done = |news| matches!(news, News::Update(Update::Done(..))).then_some(());
        let durable = both.first.wait("an edit to be done", done)?.0;
        let shown =
            |news| if let News::Update(update) = news { shows(&update, lead, cents).then_some(()) } else { None };
        let seen = both.second.wait("an edit to be seen", shown)?.0;
        if index >= WARM_UP {
            figures.durable.add(durable - start);
            figures.seen.add(seen - start);
        }
    }
    Ok(figures)
}

/// A thousand records made offline, from connecting until the relay has them and another client shows them.
pub(crate) fn offline(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let count = worlds.size(OFFLINE);
    let (client, relay, piped_bytes) = piped_offline(&mut worlds.fresh(Mix::of_leads(count))?, count)?;
    let mut world = worlds.fresh(Mix::of_leads(count))?;
    let other = world.second("other")?;
    world.restart_device()?;
    make_leads(&mut world, count)?;
    let (durable, seen) = socket_offline(world, other, count)?;
    let both = client + relay;
    Ok(vec![
        Figure::new(format!("offline_{count}_seen"), durable.max(seen), "s").bar(0.5).detail(json!({
            "created_offline": count, "seconds_until_durable_at_relay": durable, "seconds_until_seen_by_other": seen,
            "transport": "WebSocket on loopback, the relay's accept loop and core thread, a thread for each client",
            "how": "from the start of connecting, a command each; the other is connected and watches its list",
        })),
        Figure::new(format!("offline_{count}_seen_pipe"), both.clock.as_secs_f64(), "s").bar(0.5).detail(json!({
            "created_offline": count, "relay_millis": millis(relay.clock), "clients_millis": millis(client.clock),
            "processor_millis": millis(both.processor), "bytes": piped_bytes,
            "transport": "pipe in memory, one thread: both clients and the relay one after the other",
        })),
    ])
}

fn piped_offline(world: &mut World, count: usize) -> Result<(Took, Took, u64), BenchError> {
    let mut other = world.second("other")?;
    other.input(Input::FromUi { client: ME, request: watch() });
    world.restart_device()?;
    make_leads(world, count)?;
    (world.device.spent, other.spent, world.pipe.spent) = Default::default();
    world.pipe.settle(&mut [&mut world.device, &mut other])?;
    let spent = world.device.spent + other.spent;
    expect_count("leads of the other", 2 * count, super::local::ask_board(&mut other, Default::default())?)?;
    let report = world.device.replica.sync_report();
    Ok((spent, world.pipe.spent, report.bytes_sent + report.bytes_received))
}

/// Seconds until the first client has its answers, and until the second shows everything.
fn socket_offline(world: World, mut other: Device, count: usize) -> Result<(f64, f64), BenchError> {
    let (served, device) = serve(world)?;
    other.reopen()?;
    let second = Station::start(other, served.socket_url())?;
    second.wait_synced()?;
    second.request(watch());
    let start = moment();
    let first = Station::start(device, served.socket_url())?;
    let total = 2 * count as u64;
    let shown = |news| match news {
        News::Update(Update::Answer(WATCH, Answer::List(list))) => (list.total == total).then_some(()),
        _ => None,
    };
    let durable = first.wait_synced()? - start;
    let seen = second.wait("the other to show everything", shown)?.0 - start;
    first.stop()?;
    second.stop()?;
    served.stop()?;
    Ok((durable.as_secs_f64(), seen.as_secs_f64()))
}
