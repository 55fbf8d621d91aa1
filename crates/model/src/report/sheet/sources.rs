//! Top sources as they are read.

use super::super::sources::{SourceRow, Sources};
use super::{Amount, Bar, Cell, Chart, Ink, Row, Sheet, Table, Tile, hint, leads, or_none};
use crate::fold::fold;

/// Bars that a chart holds before they get too thin.
const CHARTED: usize = 8;

pub(super) fn sheet(figures: &Sources) -> Sheet {
    let total = &figures.total;
    Sheet {
        tiles: vec![
            Tile { name: "Leads created", cell: Cell::count(total.leads, "leads"), hint: Vec::new() },
            Tile {
                name: "Won",
                cell: Cell::money(total.won.cents, total.won.leads, "won"),
                hint: hint(&leads(total.won.leads)),
            },
            Tile {
                name: "Won of decided",
                cell: Cell::plain(Amount::Share(total.conversion_decided)),
                hint: Vec::new(),
            },
            Tile { name: "Won of all", cell: Cell::plain(Amount::Share(total.conversion_all)), hint: Vec::new() },
        ],
        charts: vec![chart(figures)],
        tables: vec![table(figures)],
        notes: notes(figures),
        empty: (total.leads == 0).then(|| "No lead was created in this period".to_owned()),
        ..Sheet::default()
    }
}

fn chart(figures: &Sources) -> Chart {
    let bar = |row: &SourceRow| Bar { name: or_none(&row.source), ink: None, values: vec![row.won.cents] };
    Chart {
        name: "Won value by source",
        is_money: true,
        series: vec![("Won", Ink::Won)],
        bars: figures.rows.iter().take(CHARTED).map(bar).collect(),
    }
}

fn table(figures: &Sources) -> Table {
    let mut rows: Vec<Row> = figures
        .rows
        .iter()
        .map(|row| Row::of(cells(row, &or_none(&row.source), &format!("/{}", fold(&row.source).trim()))))
        .collect();
    rows.push(Row::total(cells(&figures.total, "Total", "")));
    let columns =
        vec!["Source", "Leads", "Open", "Won", "Lost", "Won of decided", "Won of all", "Won value", "Mean cycle"];
    Table { name: "By source", columns, rows }
}

fn cells(row: &SourceRow, name: &str, of: &str) -> Vec<Cell> {
    vec![
        Cell::words(name),
        Cell::count(row.leads, format!("leads{of}")),
        Cell::count(row.open, format!("open{of}")),
        Cell::count(row.won.leads, format!("won{of}")),
        Cell::count(row.lost, format!("lost{of}")),
        Cell::plain(Amount::Share(row.conversion_decided)),
        Cell::plain(Amount::Share(row.conversion_all)),
        Cell::money(row.won.cents, row.won.leads, format!("won{of}")),
        Cell::mean(&row.cycle),
    ]
}

fn notes(figures: &Sources) -> Vec<String> {
    let mut notes = vec![
        "Leads that were created in the period, with what became of them until now. Sources are compared without case, \
         accents and outer blanks. The cycle is that of won leads"
            .to_owned(),
    ];
    if figures.without_created > 0 {
        notes
            .push(format!("Left out of the cycle: {} without a known day of creation", leads(figures.without_created)));
    }
    notes
}
