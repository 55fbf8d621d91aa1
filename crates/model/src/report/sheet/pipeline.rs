//! The pipeline summary as it is read.

use super::super::pipeline::{PipelineRow, PipelineSummary};
use super::{Amount, Bar, Cell, Chart, Ink, Row, Sheet, Table, Tile, hint, leads};

pub(super) fn sheet(figures: &PipelineSummary) -> Sheet {
    let total = &figures.total;
    let empty = (total.leads == 0).then(|| {
        if figures.is_now { "No open leads" } else { "No lead is known to have been open on this day" }.to_owned()
    });
    let known = |count: Option<u64>, behind: &str| count.map_or(unknown(), |count| Cell::count(count, behind));
    Sheet {
        tiles: vec![
            Tile { name: "Open leads", cell: Cell::count(total.leads, "open"), hint: Vec::new() },
            Tile { name: "Open value", cell: Cell::money(total.value_cents, total.leads, "open"), hint: Vec::new() },
            Tile {
                name: "Weighted",
                cell: Cell::money(total.weighted_cents, total.leads, "open"),
                hint: hint("Value times probability"),
            },
            Tile { name: "No next step", cell: known(total.no_next_step, "no_next_step"), hint: Vec::new() },
        ],
        charts: vec![chart(figures)],
        tables: vec![table(figures)],
        notes: notes(figures),
        empty,
        ..Sheet::default()
    }
}

const fn unknown() -> Cell {
    Cell { amount: Amount::Unknown, behind: None }
}

fn chart(figures: &PipelineSummary) -> Chart {
    let bar = |row: &PipelineRow| Bar {
        name: row.name.clone(),
        ink: Some(Ink::Stage(row.color)),
        values: vec![row.value_cents, row.weighted_cents],
    };
    Chart {
        name: "Value by stage",
        is_money: true,
        series: vec![("Value", Ink::Main), ("Weighted", Ink::Second)],
        bars: figures.stages.iter().map(bar).collect(),
    }
}

fn table(figures: &PipelineSummary) -> Table {
    let mut rows: Vec<Row> = figures
        .stages
        .iter()
        .map(|row| {
            let name = if row.removed { format!("{} (removed)", row.name) } else { row.name.clone() };
            Row::inked(cells(row, &name, &format!("/{}", row.stage)), Ink::Stage(row.color))
        })
        .collect();
    rows.push(Row::total(cells(&figures.total, "Total", "")));
    let columns =
        vec!["Stage", "Leads", "Value", "Weighted", "Median in stage", "Rotting", "No next step", "Without value"];
    Table { name: "Open leads by stage", columns, rows }
}

fn cells(row: &PipelineRow, name: &str, of: &str) -> Vec<Cell> {
    let known =
        |count: Option<u64>, figure: &str| count.map_or(unknown(), |count| Cell::count(count, format!("{figure}{of}")));
    vec![
        Cell::words(name),
        Cell::count(row.leads, format!("open{of}")),
        Cell::money(row.value_cents, row.leads, format!("open{of}")),
        Cell::money(row.weighted_cents, row.leads, format!("open{of}")),
        Cell::median(&row.in_stage),
        known(row.rotting, "rotting"),
        known(row.no_next_step, "no_next_step"),
        Cell::count(row.without_value, format!("no_value{of}")),
    ]
}

fn notes(figures: &PipelineSummary) -> Vec<String> {
    let mut notes = vec![
        "Open leads only. Weighted is the sum of value times probability, divided by 100 once and rounded half up"
            .to_owned(),
    ];
    if !figures.is_now {
        notes.push(
            "Stage, value, probability and owner as the history tells them; what rots or has no next step is known \
             for today only"
                .to_owned(),
        );
    }
    if figures.unknown > 0 {
        notes.push(format!("Left out: {} imported after this day", leads(figures.unknown)));
    }
    notes
}
