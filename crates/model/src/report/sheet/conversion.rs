//! Stage conversion as it is read.

use super::super::conversion::{Conversion, ConversionRow};
use super::{Amount, Bar, Cell, Chart, Ink, Row, Sheet, Table, Tile, hint};

pub(super) fn sheet(figures: &Conversion) -> Sheet {
    let entered: u64 = figures.rows.iter().map(|row| row.entered).sum();
    let tile = |row: &ConversionRow| Tile {
        name: "First stage goes further",
        cell: Cell::plain(Amount::Share(row.rate)),
        hint: hint(&row.name),
    };
    let slowest = figures.rows.iter().max_by_key(|row| row.days.median_tenths);
    let slow =
        |row: &ConversionRow| Tile { name: "Slowest stage", cell: Cell::median(&row.days), hint: hint(&row.name) };
    let mut tiles: Vec<Tile> = figures.rows.first().map(tile).into_iter().collect();
    tiles.extend(slowest.map(slow));
    Sheet {
        tiles,
        charts: vec![chart(figures)],
        tables: vec![table(figures)],
        notes: vec![
            "Leads that entered a stage in the period, each once per stage. They went further when they later entered a \
             higher stage or were won, until now; to be lost is not further. Days are counted from entering to going \
             further. A new lead enters its first stage when it is created; a stage that was skipped was not entered"
                .to_owned(),
        ],
        empty: (entered == 0).then(|| "No lead entered a stage in this period".to_owned()),
        ..Sheet::default()
    }
}

fn chart(figures: &Conversion) -> Chart {
    let int = |count| i64::try_from(count).unwrap_or(i64::MAX);
    let bar = |row: &ConversionRow| Bar {
        name: row.name.clone(),
        ink: Some(Ink::Stage(row.color)),
        values: vec![int(row.entered), int(row.advanced)],
    };
    Chart {
        name: "Leads by stage",
        is_money: false,
        series: vec![("Entered", Ink::Main), ("Went further", Ink::Second)],
        bars: figures.rows.iter().map(bar).collect(),
    }
}

fn table(figures: &Conversion) -> Table {
    let row = |row: &ConversionRow| {
        let name = if row.removed { format!("{} (removed)", row.name) } else { row.name.clone() };
        let cells = vec![
            Cell::words(name),
            Cell::count(row.entered, format!("entered/{}", row.stage)),
            Cell::count(row.advanced, format!("advanced/{}", row.stage)),
            Cell::plain(Amount::Share(row.rate)),
            Cell::count(row.won, format!("won/{}", row.stage)),
            Cell::median(&row.days),
        ];
        Row::inked(cells, Ink::Stage(row.color))
    };
    let columns = vec!["Stage", "Entered", "Went further", "Share", "Won", "Median"];
    Table { name: "By stage", columns, rows: figures.rows.iter().map(row).collect() }
}
