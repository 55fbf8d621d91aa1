//! Hygiene as it is read.

use super::super::figures::Ratio;
use super::super::hygiene::{Flaw, Hygiene, HygieneRow};
use super::{Amount, Bar, Cell, Chart, Ink, Row, Sheet, Table, Tile};

pub(super) fn sheet(figures: &Hygiene) -> Sheet {
    let flaws: u64 = figures.rows.iter().map(|row| row.sum.leads).sum();
    let empty = (figures.open == 0 && flaws == 0).then(|| "No open leads, and nothing to tidy up".to_owned());
    Sheet {
        tiles: vec![
            Tile { name: "Open leads", cell: Cell::count(figures.open, "open"), hint: Vec::new() },
            Tile {
                name: "Without a flaw",
                cell: Cell::count(figures.clean, "clean"),
                hint: vec![Amount::Share(Ratio::of_counts(figures.clean, figures.open))],
            },
        ],
        charts: vec![chart(figures)],
        tables: vec![table(figures)],
        notes: vec![
            "Past close date: open, and expected to close before today. Rotting: untouched for the days that its stage \
             allows, and no open task falls due within as many days. No contact: no first contact and no other one"
                .to_owned(),
        ],
        empty,
        ..Sheet::default()
    }
}

const fn name(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::PastCloseDate => "Past close date",
        Flaw::NoNextStep => "No next step",
        Flaw::Rotting => "Rotting",
        Flaw::NoValue => "No value",
        Flaw::NoContact => "No contact",
        Flaw::WonWithoutValue => "Won without value",
        Flaw::NoCloseDate => "Closed without date",
        Flaw::StageConflict => "Moved two ways at once",
    }
}

fn chart(figures: &Hygiene) -> Chart {
    let bar = |row: &HygieneRow| Bar {
        name: name(row.flaw).to_owned(),
        ink: None,
        values: vec![i64::try_from(row.sum.leads).unwrap_or(i64::MAX)],
    };
    let of_open = figures.rows.iter().filter(|row| row.flaw.is_of_open());
    Chart {
        name: "Open leads with a flaw",
        is_money: false,
        series: vec![("", Ink::Main)],
        bars: of_open.map(bar).collect(),
    }
}

fn table(figures: &Hygiene) -> Table {
    let row = |row: &HygieneRow| {
        let behind = row.flaw.word();
        let share = if row.flaw.is_of_open() {
            Amount::Share(Ratio::of_counts(row.sum.leads, figures.open))
        } else {
            Amount::Unknown
        };
        Row::of(vec![
            Cell::words(name(row.flaw)),
            Cell::count(row.sum.leads, behind),
            Cell::money(row.sum.cents, row.sum.leads, behind),
            Cell::plain(share),
        ])
    };
    let columns = vec!["What", "Leads", "Value", "Share of open"];
    Table { name: "To tidy up", columns, rows: figures.rows.iter().map(row).collect() }
}
