//! A report as it is read: tiles, charts, tables and footnotes. The screen, the CSV and the page to print are drawn
//! from this one form, so they can't differ.

mod conversion;
mod csv;
mod forecast;
mod hygiene;
mod leaderboard;
mod pdf;
mod pipeline;
mod sources;
mod won_lost;

use super::figures::{Days, Ratio};
use super::question::{Figure, Name, Question};
use super::{Figures, Period, Report};
use crate::format;

/// A report as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The report's name.
    pub title: String,
    /// Which days it is about.
    pub subtitle: String,
    /// The main figures.
    pub tiles: Vec<Tile>,
    /// Pictures of what the tables say.
    pub charts: Vec<Chart>,
    /// Every figure.
    pub tables: Vec<Table>,
    /// The rules that were used.
    pub notes: Vec<String>,
    /// Which data is missing, when there is nothing to show.
    pub empty: Option<String>,
    question: Question,
}

/// A main figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// What it is.
    pub name: &'static str,
    /// The figure.
    pub cell: Cell,
    /// More about it, joined by blanks; may be empty.
    pub hint: Vec<Amount>,
}

/// A figure, and the name of the records behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What it says.
    pub amount: Amount,
    /// The figure's name in `Members`; `None` for words and what counts nothing.
    pub behind: Option<String>,
}

/// What a cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// Words.
    Text(String),
    /// How many.
    Count(u64),
    /// Money.
    Cents(i64),
    /// A share of a number of records.
    Share(Ratio),
    /// A share of an amount of money.
    MoneyShare(Ratio),
    /// A number of days, in tenths.
    Days(Option<i64>),
    /// A number of minutes.
    Minutes(u64),
    /// Not known.
    Unknown,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What stands above it.
    pub name: &'static str,
    /// The heads; the first column holds words, the others figures.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The colour that stands for it in the chart.
    pub ink: Option<Ink>,
    /// It sums the rows above up.
    pub is_total: bool,
}

/// What a colour stands for; the theme knows which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// A stage, by its colour's index.
    Stage(u8),
    /// Won.
    Won,
    /// Lost.
    Lost,
    /// What a chart is about.
    Main,
    /// What it is compared with.
    Second,
}

/// A bar chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What it shows.
    pub name: &'static str,
    /// The bars are money, not counts.
    pub is_money: bool,
    /// What stands side by side at each place; empty names need no legend.
    pub series: Vec<(&'static str, Ink)>,
    /// The places along the axis.
    pub bars: Vec<Bar>,
}

/// One place of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What stands under it.
    pub name: String,
    /// A colour of its own, instead of the series'.
    pub ink: Option<Ink>,
    /// A value for each series.
    pub values: Vec<i64>,
}

impl Report {
    /// The report as it is read.
    pub fn sheet(&self) -> Sheet {
        let mut sheet = match &self.figures {
            Figures::Pipeline(figures) => pipeline::sheet(figures),
            Figures::Won(figures) => won_lost::sheet(figures),
            Figures::Sources(figures) => sources::sheet(figures),
            Figures::Forecast(figures) => forecast::sheet(figures),
            Figures::Leaderboard(figures) => leaderboard::sheet(figures),
            Figures::Conversion(figures) => conversion::sheet(figures),
            Figures::Hygiene(figures) => hygiene::sheet(figures),
        };
        let name = self.question.name;
        name.title().clone_into(&mut sheet.title);
        sheet.subtitle = self.days(&figures_day(&self.figures));
        sheet.notes.extend(self.common_notes());
        // The days are written out, so that a list opened from a figure means the same tomorrow.
        sheet.question = self.question.clone();
        if name.has_period() {
            sheet.question.period = Period::Custom(self.span);
        }
        if let (Figures::Pipeline(figures), true) = (&self.figures, name == Name::Pipeline) {
            sheet.question.as_of = (!figures.is_now).then_some(figures.as_of);
        }
        sheet
    }

    fn days(&self, as_of: &str) -> String {
        if !self.question.name.has_period() {
            return as_of.to_owned();
        }
        let date = |day| format::short_date(day, self.today);
        let days = format!("{} – {}", date(self.span.from), date(self.span.to));
        match self.question.period {
            Period::Custom(_) => days,
            named => format!("{} · {days}", named.name()),
        }
    }

    fn common_notes(&self) -> Vec<String> {
        let archive = if self.question.archived { "" } else { ", in the archive" };
        let mut notes = vec![format!(
            "Days are those of the workspace's time zone; another zone sorts what lies near midnight into other days. \
             Leads in the trash{archive} and merged ones are left out"
        )];
        if self.question.source.is_some() {
            notes.push("Sources are compared without case, accents and outer blanks".to_owned());
        }
        if self.unread_histories > 0 {
            notes.push(format!(
                "The history of {} has not been read on this device yet; figures of the past may still change",
                leads(self.unread_histories)
            ));
        }
        notes
    }
}

fn figures_day(figures: &Figures) -> String {
    match figures {
        Figures::Pipeline(pipeline) if !pipeline.is_now => {
            format!("As it stood at the end of {}", format::full_date(pipeline.as_of))
        }
        _ => "As it stands now".to_owned(),
    }
}

impl Sheet {
    /// The figure behind a cell, as a list's filter carries it.
    pub fn figure(&self, cell: &Cell) -> Option<Figure> {
        cell.behind.as_ref().map(|cell| Figure { question: self.question.clone(), cell: cell.clone() })
    }

    /// All cells that have records behind them.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        let tiles = self.tiles.iter().map(|tile| &tile.cell);
        tiles.chain(self.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells))
    }
}

impl Cell {
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self { amount: Amount::Text(text.into()), behind: None }
    }

    pub(super) fn plain(amount: Amount) -> Self {
        Self { amount, behind: None }
    }

    /// A number of records; the list behind it, unless there are none.
    pub(super) fn count(count: u64, behind: impl Into<String>) -> Self {
        Self { amount: Amount::Count(count), behind: (count > 0).then(|| behind.into()) }
    }

    /// What so many records are worth.
    pub(super) fn money(cents: i64, count: u64, behind: impl Into<String>) -> Self {
        Self { amount: Amount::Cents(cents), behind: (count > 0).then(|| behind.into()) }
    }

    /// The median of a number of days.
    pub(super) const fn median(days: &Days) -> Self {
        Self { amount: Amount::Days(days.median_tenths), behind: None }
    }

    /// The mean of a number of days.
    pub(super) const fn mean(days: &Days) -> Self {
        Self { amount: Amount::Days(days.mean_tenths), behind: None }
    }
}

impl Tile {
    /// What stands under the figure.
    pub fn hint_text(&self, currency: &str) -> String {
        self.hint.iter().map(|amount| amount.text(currency)).collect::<Vec<_>>().join(" ")
    }
}

impl Amount {
    /// The amount as people read it; what is not known is `–`.
    pub fn text(&self, currency: &str) -> String {
        let unknown = || "–".to_owned();
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => format::grouped(*count),
            Self::Cents(cents) => format::money(*cents, currency),
            Self::Share(ratio) => ratio.permille().map_or_else(unknown, |permille| {
                format!("{} % of {}", tenths(permille), format::grouped(ratio.whole.unsigned_abs()))
            }),
            Self::MoneyShare(ratio) => ratio.permille().map_or_else(unknown, |permille| {
                format!("{} % of {}", tenths(permille), format::money_compact(ratio.whole, currency))
            }),
            Self::Days(days) => days.map_or_else(unknown, |days| format!("{} d", tenths(days))),
            Self::Minutes(minutes) => format::grouped(*minutes),
            Self::Unknown => unknown(),
        }
    }
}

/// `12.5`, or `12` when nothing stands behind the point.
fn tenths(number: i64) -> String {
    match number % 10 {
        0 => (number / 10).to_string(),
        tenth => format!("{}.{}", number / 10, tenth.abs()),
    }
}

/// A tile's word about itself.
fn hint(words: &str) -> Vec<Amount> {
    vec![Amount::Text(words.to_owned())]
}

/// `1 lead`, `3 leads`.
fn leads(count: u64) -> String {
    format!("{} {}", format::grouped(count), if count == 1 { "lead" } else { "leads" })
}

/// What nobody wrote down.
fn or_none(words: &str) -> String {
    if words.is_empty() { "(none)".to_owned() } else { words.to_owned() }
}

impl Row {
    const fn of(cells: Vec<Cell>) -> Self {
        Self { cells, ink: None, is_total: false }
    }

    const fn inked(cells: Vec<Cell>, ink: Ink) -> Self {
        Self { cells, ink: Some(ink), is_total: false }
    }

    const fn total(cells: Vec<Cell>) -> Self {
        Self { cells, ink: None, is_total: true }
    }
}
