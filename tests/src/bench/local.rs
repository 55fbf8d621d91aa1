//! What one device does by itself: boards, search, edits, imports.

use std::collections::BTreeMap;

use model::IdSource as _;
use model::import::ImportOptions;
use model::query::{Answer, BoardQuery, BoardSort, Query};
use serde_json::json;

use super::figure::{BenchError, Figure, Samples, expect_count, millis, timed};
use super::pipe::Device;
use super::records::{Mix, contacts_csv, set_value};
use super::world::Worlds;

const BOARD_ROUNDS: usize = 50;
const EDITS: usize = 500;
/// What people type, letter by letter.
const TYPED: [&str; 5] = ["kestrel", "schafer", "meridian quarry", "p4711", "zzzz"];

/// The board's first answer and the ones after, at two sizes.
pub(crate) fn board(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let mut figures = Vec::new();
    for full in [500, 10_000] {
        let leads = worlds.size(full);
        let world = worlds.shared(Mix::of_all_kinds(leads * 10))?;
        world.restart_device()?;
        let device = &mut world.device;
        let (first, took) = timed(|| ask_board(device, BoardSort::NextStep));
        expect_count("leads on the board", leads, first?)?;
        let mut by_sort = BTreeMap::new();
        let mut all = Samples::default();
        for (name, sort) in
            [("next_step", BoardSort::NextStep), ("value", BoardSort::Value), ("manual", BoardSort::Manual)]
        {
            let mut samples = Samples::default();
            for _ in 0..BOARD_ROUNDS {
                let (count, took) = timed(|| ask_board(device, sort));
                count?;
                samples.add(took.clock);
                all.add(took.clock);
            }
            by_sort.insert(name, samples.spread());
        }
        figures.push(Figure::new(format!("board_query_{leads}_leads_p95"), all.percentile(95), "ms").detail(json!({
            "records": leads * 10, "first_after_opening_millis": millis(took.clock), "by_sort": by_sort,
            "how": "the query alone, with counts and sums; there is a bar for the frame and for the start, none for it",
        })));
    }
    Ok(figures)
}

/// Asks for the pipeline and returns how many leads it counts.
pub(crate) fn ask_board(device: &mut Device, sort: BoardSort) -> Result<u64, BenchError> {
    let query = BoardQuery { filter: Vec::new(), text: String::new(), sort, windows: BTreeMap::new() };
    let answer = device.replica.answer(&Query::Board(query), device.env.now())?;
    Ok(if let Answer::Board(board) = answer { board.columns.iter().map(|column| column.count).sum() } else { 0 })
}

/// One keystroke after the other, with every record in the corpus.
pub(crate) fn search(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let records = worlds.size(100_000);
    let world = worlds.shared(Mix::of_all_kinds(records))?;
    world.restart_device()?;
    let device = &mut world.device;
    let (prepared, preparing) = timed(|| device.replica.store().prepare_search());
    prepared?;
    let (mut all, mut by_text) = (Samples::default(), BTreeMap::new());
    for text in TYPED {
        let mut samples = Samples::default();
        let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
        for typed in ends.map(|end| &text[..end]) {
            for _ in 0..5 {
                let query = Query::Search { text: typed.to_owned(), kinds: Vec::new(), limit_per_kind: 5 };
                let (answer, took) = timed(|| device.replica.answer(&query, device.env.now()));
                answer?;
                samples.add(took.clock);
                all.add(took.clock);
            }
        }
        by_text.insert(text, samples.spread());
    }
    Ok(vec![Figure::new("search_keystroke_p95", all.percentile(95), "ms").bar(30.0).detail(json!({
        "records": records, "all": all.spread(), "by_text": by_text,
        "preparing_once_millis": millis(preparing.clock), "how": "the query alone, every prefix five times",
    }))])
}

/// An edit, until the interface is told that it is on the disk.
pub(crate) fn durable(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let (records, edits) = (worlds.size(100_000), worlds.size(EDITS));
    let world = worlds.shared(Mix::of_all_kinds(records))?;
    let leads = world.leads(edits)?;
    expect_count("leads to edit", edits, leads.len() as u64)?;
    world.restart_device()?;
    let (mut clock, mut processor) = (Samples::default(), Samples::default());
    for (index, lead) in leads.into_iter().enumerate() {
        let action = set_value(lead, 3_000_000_000 + i64::try_from(index).unwrap_or(0));
        let (done, took) = timed(|| world.device.act(action));
        done?;
        clock.add(took.clock);
        processor.add(took.processor);
    }
    world.settle()?;
    Ok(vec![Figure::new("edit_to_durable_p95", clock.percentile(95), "ms").bar(50.0).detail(json!({
        "records": records, "clock": clock.spread(), "processor": processor.spread(),
        "how": "one field of one lead, offline, WAL with FULL sync",
    }))])
}

/// A file of contacts with companies, first looked at and then imported.
pub(crate) fn import(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let rows = worlds.size(10_000);
    let mut world = worlds.fresh(Mix::of_leads(0))?;
    world.restart_device()?;
    let device = &mut world.device;
    let bytes = contacts_csv(rows, &mut device.env);
    let file_bytes = bytes.len();
    let mut import = |bytes, dry_run| {
        let options = ImportOptions::default();
        timed(|| device.replica.import_file(&mut device.env, "contacts.csv", bytes, options, dry_run))
    };
    let (dry_report, dry) = import(bytes.clone(), true);
    let (report, commit) = import(bytes, false);
    let (dry_report, report) = (dry_report?, report?);
    for report in [&dry_report, &report] {
        expect_count("contacts created", rows, report["created"]["contact"].as_u64().unwrap_or(0))?;
    }
    let detail = json!({
        "rows": rows, "file_bytes": file_bytes, "preset": report["preset"], "created": report["created"],
        "errors": report["errors"],
    });
    Ok(vec![
        Figure::new("import_dry_run", dry.clock.as_secs_f64(), "s").bar(1.0).detail(detail.clone()),
        Figure::new("import_commit", commit.clock.as_secs_f64(), "s").bar(5.0).detail(detail),
    ])
}
