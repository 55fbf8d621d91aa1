//! What figures are made of: sums of money, shares, days, and the records behind a figure.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::RecordId;

/// A number of leads and what they are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Leads.
    pub leads: u64,
    /// What they are worth together.
    pub cents: i64,
}

impl Sum {
    /// Counts one more.
    pub(crate) const fn add(&mut self, cents: i64) {
        self.leads += 1;
        self.cents = self.cents.saturating_add(cents);
    }

    /// The average worth, half up; `None` without leads.
    pub fn average_cents(&self) -> Option<i64> {
        let leads = i64::try_from(self.leads).ok().filter(|leads| *leads > 0)?;
        Some(round_half_up(i128::from(self.cents), i128::from(leads)))
    }
}

/// Σ(value·probability) divided by 100 once, half up.
pub fn weighted(sum: i128) -> i64 {
    round_half_up(sum, 100)
}

/// A quotient, rounded half up. `by` is positive.
pub(crate) fn round_half_up(number: i128, by: i128) -> i64 {
    let rounded = (2 * number + by).div_euclid(2 * by);
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// The part.
    pub part: i64,
    /// The whole: n of a share of leads, cents of a share of money.
    pub whole: i64,
}

impl Ratio {
    pub(crate) fn of_counts(part: u64, whole: u64) -> Self {
        let int = |count| i64::try_from(count).unwrap_or(i64::MAX);
        Self { part: int(part), whole: int(whole) }
    }

    /// The share in tenths of a percent, half up; `None` of nothing.
    pub fn permille(&self) -> Option<i64> {
        let (part, whole) = (i128::from(self.part), i128::from(self.whole));
        (whole > 0).then(|| round_half_up(part * 1_000, whole))
    }
}

/// Mean and median of a number of days, in tenths of a day; `None` of nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// How many were measured.
    pub n: u64,
    /// The mean, half up.
    pub mean_tenths: Option<i64>,
    /// The middle one, or halfway between the two in the middle.
    pub median_tenths: Option<i64>,
}

impl Days {
    pub(crate) fn of(mut days: Vec<i64>) -> Self {
        if days.is_empty() {
            return Self::default();
        }
        days.sort_unstable();
        let n = days.len();
        let sum: i128 = days.iter().map(|days| i128::from(*days)).sum();
        let middle = i128::from(days[(n - 1) / 2]) + i128::from(days[n / 2]);
        Self {
            n: n as u64,
            mean_tenths: Some(round_half_up(sum * 10, n as i128)),
            median_tenths: Some(round_half_up(middle * 10, 2)),
        }
    }
}

/// The records behind each figure, by the figure's name within its report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    cells: BTreeMap<String, Vec<RecordId>>,
    ignored: bool,
}

impl Members {
    /// Notes nothing, for who only wants the figures: names of figures are not even written then.
    pub fn ignored() -> Self {
        Self { ignored: true, ..Self::default() }
    }

    /// Notes a record behind a figure.
    pub(crate) fn add(&mut self, cell: impl Display, record: RecordId) {
        if !self.ignored {
            self.cells.entry(cell.to_string()).or_default().push(record);
        }
    }

    /// The records behind a figure; none behind one that counts nothing.
    pub fn behind(&self, cell: &str) -> &[RecordId] {
        self.cells.get(cell).map_or(&[], Vec::as_slice)
    }

    /// All figures that have records.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &[RecordId])> {
        self.cells.iter().map(|(cell, records)| (cell.as_str(), records.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_divided_once_and_rounded_half_up() {
        assert_eq!((weighted(49), weighted(50), weighted(149), weighted(150)), (0, 1, 1, 2));
        assert_eq!((weighted(-50), weighted(-51)), (0, -1));
    }

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!(Ratio { part: 0, whole: 0 }.permille(), None);
        assert_eq!(Ratio { part: 2, whole: 3 }.permille(), Some(667));
        assert_eq!(Ratio { part: 1, whole: 2_000 }.permille(), Some(1));
    }

    #[test]
    fn days_have_a_mean_and_a_median() {
        assert_eq!(Days::of(vec![]), Days { n: 0, mean_tenths: None, median_tenths: None });
        assert_eq!(Days::of(vec![7, 1, 2]), Days { n: 3, mean_tenths: Some(33), median_tenths: Some(20) });
        assert_eq!(Days::of(vec![0, 5]), Days { n: 2, mean_tenths: Some(25), median_tenths: Some(25) });
    }

    #[test]
    fn an_average_of_nothing_is_none() {
        assert_eq!(Sum::default().average_cents(), None);
        assert_eq!(Sum { leads: 2, cents: 5 }.average_cents(), Some(3));
    }
}
