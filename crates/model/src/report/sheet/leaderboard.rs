//! The leaderboard as it is read.

use super::super::leaderboard::{CellOf, Leaderboard, LeaderboardRow};
use super::{Amount, Bar, Cell, Chart, Ink, Row, Sheet, Table, Tile, hint, leads};
use crate::format::grouped;

pub(super) fn sheet(figures: &Leaderboard) -> Sheet {
    if figures.rows.is_empty() {
        let why = if figures.switched_off {
            "An administrator has switched the leaderboard off"
        } else {
            "The leaderboard compares the people of a team; there is only one person here"
        };
        return Sheet { empty: Some(why.to_owned()), ..Sheet::default() };
    }
    let sum = |of: fn(&LeaderboardRow) -> u64| figures.rows.iter().map(of).sum::<u64>();
    let won: i64 = figures.rows.iter().map(|row| row.won.cents).fold(0, i64::saturating_add);
    let plain = |name, count| Tile { name, cell: Cell::plain(Amount::Count(count)), hint: Vec::new() };
    Sheet {
        tiles: vec![
            plain("Activities", sum(|row| row.activities)),
            plain("Tasks completed", sum(|row| row.tasks)),
            plain("Leads created", sum(|row| row.created)),
            Tile { name: "Won", cell: Cell::plain(Amount::Cents(won)), hint: hint(&leads(sum(|row| row.won.leads))) },
        ],
        charts: vec![chart(figures)],
        tables: vec![table(figures)],
        notes: notes(figures),
        empty: None,
        ..Sheet::default()
    }
}

fn chart(figures: &Leaderboard) -> Chart {
    let bar = |row: &LeaderboardRow| Bar { name: row.name.clone(), ink: None, values: vec![row.won.cents] };
    Chart {
        name: "Won value by person",
        is_money: true,
        series: vec![("Won", Ink::Won)],
        bars: figures.rows.iter().take(8).map(bar).collect(),
    }
}

fn table(figures: &Leaderboard) -> Table {
    let row = |row: &LeaderboardRow| {
        let of = |figure: &str| CellOf { figure, who: row.owner }.to_string();
        let count = |count, figure| Cell::count(count, of(figure));
        Row::of(vec![
            Cell::words(&row.name),
            count(row.calls, "calls"),
            Cell::plain(Amount::Minutes(row.call_minutes)),
            count(row.emails, "emails"),
            count(row.meetings, "meetings"),
            count(row.notes, "notes"),
            count(row.sms, "sms"),
            count(row.tasks, "tasks"),
            count(row.created, "created"),
            count(row.touched, "touched"),
            count(row.won.leads, "won"),
            Cell::money(row.won.cents, row.won.leads, of("won")),
        ])
    };
    let columns = vec![
        "Person",
        "Calls",
        "Minutes",
        "E-mails",
        "Meetings",
        "Notes",
        "SMS",
        "Tasks",
        "Created",
        "Touched",
        "Won",
        "Won value",
    ];
    Table { name: "By person", columns, rows: figures.rows.iter().map(row).collect() }
}

fn notes(figures: &Leaderboard) -> Vec<String> {
    let mut notes = vec![
        "Activities that have happened count for their owner, tasks for who completed them, new leads for their first \
         owner, wins for the owner at the close. Touched are different leads with an activity, a completed task, a \
         move or a file"
            .to_owned(),
    ];
    if !figures.with_imports && figures.imports_left_out > 0 {
        notes.push(format!("Imports are left out: {}", grouped(figures.imports_left_out)));
    }
    if figures.with_imports {
        notes.push("Imports count too".to_owned());
    }
    notes
}
