//! A new device: an empty replica in a process of its own joins through a socket, until board and lists answer
//! completely, until everything is checked.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use model::app::{Request, Update};
use model::query::{Answer, BoardQuery, BoardSort, ListQuery, Query};
use model::{Kind, UserId, WorkspaceId};
use serde_json::{Value as Json, json};

use super::figure::{BenchError, Figure, Took, expect_count, millis, moment, timed};
use super::live::serve;
use super::local::ask_board;
use super::machine::memory_bytes;
use super::pipe::Device;
use super::records::Mix;
use super::station::{News, Station};
use super::world::{World, Worlds};

const BOARD: u64 = 11;
const LIST: u64 = 12;
const ROUNDS: usize = 3;

/// What a process that plays the newcomer has to know.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The relay's socket.
    pub url: String,
    /// Whose device it is.
    pub user: UserId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its file.
    pub path: PathBuf,
    /// Leads that must be on its board in the end.
    pub leads: u64,
}

/// Measures bootstrapping, in a pipe and over a socket.
pub(crate) fn bootstrap(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let leads = worlds.size(10_000);
    let mut world = worlds.fresh(Mix::of_leads(leads))?;
    world.pipe.idle();
    let warm = in_pipe(&mut world, "warm", leads)?;
    world.pipe.reopen()?;
    world.device.reopen()?;
    let cold = in_pipe(&mut world, "cold", leads)?;
    let rounds = over_socket(world, leads)?;
    let shortest = |key: &str| rounds.iter().filter_map(|round| round[key].as_f64()).fold(f64::INFINITY, f64::min);
    let middle = |key: &str| median(rounds.iter().filter_map(|round| round[key].as_f64()).collect());
    let how = "median of the rounds; an empty replica in its own process, WebSocket on loopback, warm relay, the board \
               watched from the start as a window does";
    let detail =
        json!({ "leads": leads, "how": how, "rounds": rounds, "pipe_warm_relay": warm, "pipe_cold_relay": cold });
    Ok(vec![
        Figure::new("bootstrap_complete", middle("seconds_complete"), "s").bar(0.6).detail(detail),
        Figure::new("bootstrap_verified", middle("seconds_verified"), "s").bar(3.0).detail(json!({
            "leads": leads, "shortest": shortest("seconds_verified"),
        })),
        Figure::new("bootstrap_bytes", middle("bytes"), "B").bar(2_000_000.0).detail(json!({ "leads": leads })),
        Figure::new("bootstrap_peak_memory", middle("peak_memory_bytes") / 1_048_576.0, "MiB").detail(json!({
            "leads": leads, "at_start_bytes": middle("memory_at_start_bytes"),
            "how": "VmHWM of the newcomer's process, which holds the replica, its SQLite, its network and nothing else",
        })),
    ])
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The same in one thread, to tell the sides apart.
fn in_pipe(world: &mut World, name: &str, leads: usize) -> Result<Json, BenchError> {
    let mut device = world.newcomer(name)?;
    (device.spent, world.pipe.spent) = (Took::default(), Took::default());
    world.pipe.settle(&mut [&mut device])?;
    let (client, relay) = (device.spent, world.pipe.spent);
    let (board, asked) = timed(|| ask_board(&mut device, BoardSort::NextStep));
    expect_count("leads on the newcomer's board", leads, board?)?;
    let ((), checking) = timed(|| device.finish_checks());
    let report = device.replica.sync_report();
    world.pipe.hang_up(&mut device);
    Ok(json!({
        "client_millis": millis(client.clock), "client_processor_millis": millis(client.processor),
        "relay_millis": millis(relay.clock), "relay_processor_millis": millis(relay.processor),
        "board_millis": millis(asked.clock), "checking_millis": millis(checking.clock),
        "bytes": report.bytes_sent + report.bytes_received, "messages": report.messages,
    }))
}

fn over_socket(world: World, leads: usize) -> Result<Vec<Json>, BenchError> {
    let (user, workspace, folder) = (world.user, world.pipe.relay.workspace(), world.folder.clone());
    let (served, _device) = serve(world)?;
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let path = folder.join(format!("newcomer-{round}.db"));
        let newcomer = Newcomer { url: served.socket_url(), user, workspace, path, leads: leads as u64 };
        let figures = in_own_process(&newcomer)?;
        // The first one finds a relay that has just started.
        if round > 0 {
            rounds.push(figures);
        }
    }
    served.stop()?;
    Ok(rounds)
}

fn in_own_process(newcomer: &Newcomer) -> Result<Json, BenchError> {
    let output = Command::new(std::env::current_exe()?)
        .arg("--newcomer")
        .args([&newcomer.url, &newcomer.user.to_string(), &newcomer.workspace.to_string()])
        .arg(&newcomer.path)
        .arg(newcomer.leads.to_string())
        .stderr(Stdio::inherit())
        .output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Plays the newcomer and returns what was measured.
///
/// # Errors
/// When the relay can't be reached, or the board does not become complete.
pub fn arrive(newcomer: Newcomer) -> Result<Json, BenchError> {
    let (_, at_start) = memory_bytes();
    let start = moment();
    let seed = u64::from(std::process::id());
    let device = Device::open(newcomer.path.clone(), newcomer.user, newcomer.workspace, seed)?;
    let opened = start.elapsed();
    let station = Station::start(device, newcomer.url.clone())?;
    station.request(Request::Watch(BOARD, board_query()));
    let (email, password) = (newcomer.user.to_string(), "irrelevant here".to_owned());
    station.request(Request::JoinTeam { server: "http://relay.test".into(), email, password });
    let on_board = complete(&station, newcomer.leads)? - start;
    station.request(Request::Ask(LIST, Query::List(ListQuery::of(Kind::Lead))));
    let listed = |news| match news {
        News::Update(Update::Answer(LIST, Answer::List(list))) => Some(list.total),
        _ => None,
    };
    let mut verified = None;
    let (at, total) = station.wait("the list", |news| {
        if matches!(news, News::Checked) {
            verified = Some(moment());
        }
        listed(news)
    })?;
    let both = at - start;
    if total != newcomer.leads {
        return Err(BenchError::Wrong { what: "leads in the list", expected: newcomer.leads, found: total });
    }
    let verified = match verified {
        Some(at) => at,
        None => station.wait("the check", |news| matches!(news, News::Checked).then_some(()))?.0,
    };
    let device = station.stop()?;
    let report = device.replica.sync_report();
    let (peak, _) = memory_bytes();
    Ok(json!({
        "seconds_opened": opened.as_secs_f64(), "seconds_board": on_board.as_secs_f64(),
        "seconds_complete": both.as_secs_f64(), "seconds_verified": (verified - start).as_secs_f64(),
        "bytes": (report.bytes_sent + report.bytes_received).saturating_sub(device.token_bytes()),
        "messages": report.messages, "peak_memory_bytes": peak, "memory_at_start_bytes": at_start,
    }))
}

fn board_query() -> Query {
    let (filter, text) = (Vec::new(), String::new());
    Query::Board(BoardQuery { filter, text, sort: BoardSort::NextStep, windows: BTreeMap::new() })
}

fn complete(station: &Station, leads: u64) -> Result<Instant, BenchError> {
    let counted = |news| match news {
        News::Update(Update::Answer(BOARD, Answer::Board(board))) => {
            (board.columns.iter().map(|column| column.count).sum::<u64>() == leads).then_some(())
        }
        _ => None,
    };
    Ok(station.wait("the board", counted)?.0)
}
