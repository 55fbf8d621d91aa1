//! A report as CSV (RFC 4180): tiles, then every table with a heading of its own, then the footnotes.

use super::{Amount, Sheet, tenths};
use crate::csv::{amount as decimal, guarded_line};

impl Sheet {
    /// The report as CSV, for people and spreadsheets: money as decimal numbers, shares in percent, what is not known
    /// empty. `mark` puts a byte order mark in front, which Excel needs.
    pub fn csv(&self, mark: bool) -> String {
        let mut out = if mark { "\u{feff}".to_owned() } else { String::new() };
        let mut put = |cells: Vec<String>| out.push_str(&guarded_line(&cells));
        put(vec![self.title.clone(), self.subtitle.clone()]);
        if let Some(empty) = &self.empty {
            put(vec![empty.clone()]);
        }
        for tile in &self.tiles {
            put(vec![tile.name.to_owned(), plain(&tile.cell.amount)]);
        }
        for table in &self.tables {
            put(Vec::new());
            put(vec![table.name.to_owned()]);
            put(table.columns.iter().map(|head| (*head).to_owned()).collect());
            for row in &table.rows {
                put(row.cells.iter().map(|cell| plain(&cell.amount)).collect());
            }
        }
        put(Vec::new());
        for note in &self.notes {
            put(vec![note.clone()]);
        }
        out
    }
}

fn plain(amount: &Amount) -> String {
    match amount {
        Amount::Text(text) => text.clone(),
        Amount::Count(count) | Amount::Minutes(count) => count.to_string(),
        Amount::Cents(cents) => decimal(*cents),
        Amount::Share(ratio) | Amount::MoneyShare(ratio) => {
            ratio.permille().map(|permille| format!("{}%", tenths(permille))).unwrap_or_default()
        }
        Amount::Days(days) => days.map(tenths).unwrap_or_default(),
        Amount::Unknown => String::new(),
    }
}
