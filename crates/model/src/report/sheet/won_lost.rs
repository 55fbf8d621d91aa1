//! Won vs lost as it is read.

use super::super::figures::Sum;
use super::super::won_lost::{LossReason, WonLost, WonLostBucket};
use super::{Amount, Bar, Cell, Chart, Ink, Row, Sheet, Table, Tile, hint, leads, or_none};
use crate::fold::fold;

pub(super) fn sheet(figures: &WonLost) -> Sheet {
    let (won, lost) = (&figures.won, &figures.lost);
    let none = won.sum.leads + lost.sum.leads == 0;
    let mut tables = vec![by_time(figures)];
    if !figures.reasons.is_empty() {
        tables.push(reasons(figures));
    }
    tables.push(cycles(figures));
    Sheet {
        tiles: vec![
            Tile { name: "Won", cell: sum(won.sum, "won"), hint: hint(&leads(won.sum.leads)) },
            Tile { name: "Lost", cell: sum(lost.sum, "lost"), hint: hint(&leads(lost.sum.leads)) },
            Tile {
                name: "Win rate",
                cell: Cell::plain(Amount::Share(figures.rate)),
                hint: vec![Amount::Text("by value".to_owned()), Amount::MoneyShare(figures.rate_by_value)],
            },
            Tile {
                name: "Average won",
                cell: Cell::plain(figures.average_won_cents.map_or(Amount::Unknown, Amount::Cents)),
                hint: Vec::new(),
            },
        ],
        charts: vec![chart(figures)],
        tables,
        notes: notes(figures),
        empty: none.then(|| "No lead closed in this period".to_owned()),
        ..Sheet::default()
    }
}

fn sum(sum: Sum, behind: &str) -> Cell {
    Cell::money(sum.cents, sum.leads, behind)
}

fn chart(figures: &WonLost) -> Chart {
    let bar = |bucket: &WonLostBucket| Bar {
        name: bucket.name.clone(),
        ink: None,
        values: vec![bucket.won.cents, bucket.lost.cents],
    };
    Chart {
        name: "Won and lost value",
        is_money: true,
        series: vec![("Won", Ink::Won), ("Lost", Ink::Lost)],
        bars: figures.buckets.iter().map(bar).collect(),
    }
}

fn by_time(figures: &WonLost) -> Table {
    let row = |bucket: &WonLostBucket| {
        let of = |word: &str| format!("{word}/{}", bucket.span.from);
        vec![
            Cell::words(&bucket.name),
            Cell::count(bucket.won.leads, of("won")),
            sum(bucket.won, &of("won")),
            Cell::count(bucket.lost.leads, of("lost")),
            sum(bucket.lost, &of("lost")),
            Cell::plain(Amount::Share(bucket.rate)),
        ]
    };
    let mut rows: Vec<Row> = figures.buckets.iter().map(|bucket| Row::of(row(bucket))).collect();
    rows.push(Row::total(vec![
        Cell::words("Total"),
        Cell::count(figures.won.sum.leads, "won"),
        sum(figures.won.sum, "won"),
        Cell::count(figures.lost.sum.leads, "lost"),
        sum(figures.lost.sum, "lost"),
        Cell::plain(Amount::Share(figures.rate)),
    ]));
    let columns = vec!["Closed", "Won", "Won value", "Lost", "Lost value", "Win rate"];
    Table { name: "By day of the close", columns, rows }
}

fn reasons(figures: &WonLost) -> Table {
    let row = |of: &LossReason| {
        let cell = format!("reason/{}", fold(&of.reason).trim());
        Row::of(vec![
            Cell::words(or_none(&of.reason)),
            Cell::count(of.sum.leads, &cell),
            sum(of.sum, &cell),
            Cell::plain(Amount::Share(of.share)),
        ])
    };
    let columns = vec!["Reason", "Lost", "Value", "Share"];
    Table { name: "Loss reasons", columns, rows: figures.reasons.iter().map(row).collect() }
}

fn cycles(figures: &WonLost) -> Table {
    let row = |name: &str, closed: &super::super::won_lost::Closed, ink| {
        let cells = vec![
            Cell::words(name),
            Cell::plain(Amount::Count(closed.cycle.n)),
            Cell::mean(&closed.cycle),
            Cell::median(&closed.cycle),
        ];
        Row::inked(cells, ink)
    };
    let rows = vec![row("Won", &figures.won, Ink::Won), row("Lost", &figures.lost, Ink::Lost)];
    Table { name: "Days from creation to close", columns: vec!["Outcome", "Leads", "Mean", "Median"], rows }
}

fn notes(figures: &WonLost) -> Vec<String> {
    let mut notes = vec![
        "A lead counts once, on the day of its latest close, and only while it is closed. Whoever owned it then is \
         credited. The cycle is counted in days; closed on the day of creation is 0"
            .to_owned(),
    ];
    let edited = figures.edited_after_close;
    match (edited, figures.as_closed) {
        (0, true) => notes.push("Values as they stood at the close".to_owned()),
        (0, false) => {}
        (_, true) => notes.push(format!("Values as they stood at the close; {} edited since", leads(edited))),
        (_, false) => notes.push(format!("Values as they are now; {} edited after close", leads(edited))),
    }
    if figures.without_created > 0 {
        notes
            .push(format!("Left out of the cycle: {} without a known day of creation", leads(figures.without_created)));
    }
    if figures.without_date > 0 {
        notes.push(format!("In no period: {} closed without a date, see Hygiene", leads(figures.without_date)));
    }
    notes
}
