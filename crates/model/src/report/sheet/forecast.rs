//! The forecast as it is read.

use super::super::figures::Sum;
use super::super::forecast::{Forecast, ForecastRow, PastMonth};
use super::{Bar, Cell, Chart, Ink, Row, Sheet, Table, Tile, hint, leads};

pub(super) fn sheet(figures: &Forecast) -> Sheet {
    let this = figures.months.first();
    let money = |cents: i64, sum: Sum, figure: &str| match this.and_then(|month| month.span) {
        Some(span) => Cell::money(cents, sum.leads, format!("{figure}/{}", span.from)),
        None => Cell::words("–"),
    };
    let now = this.cloned().unwrap_or_default();
    let past_due = &figures.past_due;
    Sheet {
        tiles: vec![
            Tile { name: "Weighted this month", cell: money(now.weighted_cents, now.open, "open"), hint: Vec::new() },
            Tile {
                name: "Commit this month",
                cell: money(now.commit.cents, now.commit, "commit"),
                hint: hint("75 % and more"),
            },
            Tile {
                name: "Won this month",
                cell: money(now.won.cents, now.won, "won"),
                hint: hint(&leads(now.won.leads)),
            },
            Tile {
                name: "Past due",
                cell: Cell::money(past_due.open.cents, past_due.open.leads, "open/past_due"),
                hint: hint(&leads(past_due.open.leads)),
            },
        ],
        charts: vec![chart(figures)],
        tables: vec![table(figures), past_table(figures)],
        notes: notes(figures),
        empty: is_empty(figures).then(|| "No lead is open, and none was won in these months".to_owned()),
        ..Sheet::default()
    }
}

fn is_empty(figures: &Forecast) -> bool {
    let rows = figures.months.iter().chain([&figures.past_due, &figures.no_date, &figures.later]);
    let ahead: u64 = rows.map(|row| row.open.leads + row.won.leads).sum();
    let back: u64 = figures.past.iter().map(|month| month.won.leads + month.expected).sum();
    ahead + back == 0
}

fn chart(figures: &Forecast) -> Chart {
    let bar = |row: &ForecastRow| Bar {
        name: row.name.clone(),
        ink: None,
        values: vec![row.won.cents, row.commit.cents, row.weighted_cents],
    };
    Chart {
        name: "By expected close month",
        is_money: true,
        series: vec![("Won so far", Ink::Won), ("Commit", Ink::Main), ("Weighted", Ink::Second)],
        bars: figures.months.iter().map(bar).collect(),
    }
}

fn table(figures: &Forecast) -> Table {
    let row = |row: &ForecastRow, word: &str| {
        let of = row.span.map_or_else(|| word.to_owned(), |span| span.from.to_string());
        Row::of(vec![
            Cell::words(&row.name),
            Cell::count(row.open.leads, format!("open/{of}")),
            Cell::money(row.open.cents, row.open.leads, format!("open/{of}")),
            Cell::money(row.weighted_cents, row.open.leads, format!("open/{of}")),
            Cell::money(row.commit.cents, row.commit.leads, format!("commit/{of}")),
            Cell::money(row.won.cents, row.won.leads, format!("won/{of}")),
        ])
    };
    let mut rows: Vec<Row> = figures.months.iter().map(|month| row(month, "")).collect();
    rows.push(row(&figures.past_due, "past_due"));
    rows.push(row(&figures.no_date, "no_date"));
    if figures.later.open.leads > 0 {
        rows.push(row(&figures.later, "later"));
    }
    let columns = vec!["Expected close", "Open", "Open value", "Weighted", "Commit", "Won so far"];
    Table { name: "Ahead", columns, rows }
}

fn past_table(figures: &Forecast) -> Table {
    let row = |month: &PastMonth| {
        let of = |word: &str| format!("{word}/{}", month.span.from);
        Row::of(vec![
            Cell::words(&month.name),
            Cell::count(month.won.leads, of("won")),
            Cell::money(month.won.cents, month.won.leads, of("won")),
            Cell::money(month.weighted_cents, month.expected, of("expected")),
        ])
    };
    let columns = vec!["Month", "Won", "Won value", "Weighted on the 1st"];
    Table { name: "Past months", columns, rows: figures.past.iter().map(row).collect() }
}

fn notes(figures: &Forecast) -> Vec<String> {
    let mut notes = vec![
        "Open leads by the month of their expected close; won leads by the day of their close, whatever was expected. \
         Past due and no date stand apart and are in no month. Commit is a probability of at least 75 %"
            .to_owned(),
        "Weighted on the 1st is what was expected of a month at the end of its first day, as the history tells it"
            .to_owned(),
    ];
    if figures.unknown > 0 {
        notes.push(format!(
            "{} came with a later import; months before don't know how they stood",
            leads(figures.unknown)
        ));
    }
    notes
}
