//! Periods: from words like "this quarter" to the days they cover, and how a period is cut into bars.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{self, Weekday};
use serde::{Deserialize, Serialize};

use super::question::ParseQuestionError;
use crate::format::MONTHS;
use crate::settings::WeekStart;
use crate::{Date, Settings};

/// Where the workspace's weeks and years begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The first day of a week.
    pub week_start: Weekday,
    /// The month that a fiscal year begins with, 1 to 12; quarters count from it.
    pub fiscal_month: i8,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { week_start: Weekday::Monday, fiscal_month: 1 }
    }
}

impl Calendar {
    /// The calendar that the settings choose.
    pub fn of(settings: &Settings) -> Self {
        let week_start = match settings.week_start {
            WeekStart::Monday => Weekday::Monday,
            WeekStart::Sunday => Weekday::Sunday,
            WeekStart::Saturday => Weekday::Saturday,
        };
        let fiscal_month = i8::try_from(settings.fiscal_month).unwrap_or(1).clamp(1, 12);
        Self { week_start, fiscal_month }
    }

    fn first_of_year(&self, day: civil::Date) -> civil::Date {
        let year = if day.month() < self.fiscal_month { day.year() - 1 } else { day.year() };
        civil::Date::new(year, self.fiscal_month, 1).unwrap_or(day)
    }

    fn first_of_quarter(&self, day: civil::Date) -> civil::Date {
        let into = (day.month() - self.fiscal_month).rem_euclid(3);
        months_on(day.first_of_month(), -i32::from(into))
    }

    fn first_of_week(&self, day: civil::Date) -> civil::Date {
        let into = day.weekday().since(self.week_start);
        day.saturating_sub(i64::from(into).days())
    }
}

fn months_on(day: civil::Date, months: i32) -> civil::Date {
    day.saturating_add(months.months())
}

/// A stretch of days, first and last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Span {
    /// Whether a day lies within.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The month a day lies in.
    pub fn month_of(day: Date) -> Self {
        Self::between(day.civil().first_of_month(), day.civil().last_of_month())
    }

    /// The month that begins so many months later (or, negative, earlier).
    pub fn months_on(&self, months: i32) -> Self {
        Self::month_of(Date::from_civil(months_on(self.from.civil().first_of_month(), months)))
    }

    fn between(from: civil::Date, to: civil::Date) -> Self {
        Self { from: Date::from_civil(from), to: Date::from_civil(to) }
    }

    /// Cuts the span into bars: weeks for up to five weeks, months for up to two years, then quarters, then years.
    pub fn buckets(&self, calendar: &Calendar) -> Vec<Bucket> {
        let cut = match self.to.days_since(self.from) {
            ..35 => Cut::Week,
            35..732 => Cut::Month,
            732..2923 => Cut::Quarter,
            _ => Cut::Year,
        };
        let mut buckets = Vec::new();
        let mut from = self.from;
        while from <= self.to {
            let next = cut.next(from.civil(), calendar);
            let to = Date::from_civil(next).plus_days(-1).min(self.to).max(from);
            buckets.push(Bucket { span: Self { from, to }, name: cut.name(from, to) });
            from = to.plus_days(1);
            if to.plus_days(1) == to {
                break;
            }
        }
        buckets
    }
}

/// One bar of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its days.
    pub span: Span,
    /// What stands under it.
    pub name: String,
}

#[derive(Debug, Clone, Copy)]
enum Cut {
    Week,
    Month,
    Quarter,
    Year,
}

impl Cut {
    /// The first day of the next bar.
    fn next(self, day: civil::Date, calendar: &Calendar) -> civil::Date {
        match self {
            Self::Week => calendar.first_of_week(day).saturating_add(7.days()),
            Self::Month => months_on(day.first_of_month(), 1),
            Self::Quarter => months_on(calendar.first_of_quarter(day), 3),
            Self::Year => months_on(calendar.first_of_year(day), 12),
        }
    }

    fn name(self, from: Date, to: Date) -> String {
        let (first, last) = (from.civil(), to.civil());
        match self {
            Self::Week if from == to => day_name(first),
            Self::Week if first.month() == last.month() => format!("{}–{}", first.day(), day_name(last)),
            Self::Week => format!("{} – {}", day_name(first), day_name(last)),
            Self::Month => month_name(from),
            Self::Quarter | Self::Year if first.year() == last.year() && first.month() == last.month() => {
                month_name(from)
            }
            Self::Quarter | Self::Year if first.year() == last.year() => {
                format!("{}–{}", MONTHS[month_index(first)], month_name(to))
            }
            Self::Quarter | Self::Year => format!("{} – {}", month_name(from), month_name(to)),
        }
    }
}

fn month_index(day: civil::Date) -> usize {
    usize::try_from(day.month() - 1).unwrap_or(0)
}

fn day_name(day: civil::Date) -> String {
    format!("{} {}", day.day(), MONTHS[month_index(day)])
}

/// `Mar 2026`.
pub(crate) fn month_name(day: Date) -> String {
    let day = day.civil();
    format!("{} {}", MONTHS[month_index(day)], day.year())
}

/// Which days a report is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    /// The month that today lies in, to its end.
    #[default]
    ThisMonth,
    /// The month before.
    LastMonth,
    /// The fiscal quarter that today lies in.
    ThisQuarter,
    /// The quarter before.
    LastQuarter,
    /// The fiscal year that today lies in.
    ThisYear,
    /// The year before.
    LastYear,
    /// These days.
    Custom(Span),
}

impl Period {
    /// The periods that have a name, as they are offered.
    pub const NAMED: [Self; 6] =
        [Self::ThisMonth, Self::LastMonth, Self::ThisQuarter, Self::LastQuarter, Self::ThisYear, Self::LastYear];

    /// The days it covers.
    pub fn span(&self, today: Date, calendar: &Calendar) -> Span {
        let day = today.civil();
        let months = |first: civil::Date, back: i32, length: i32| {
            let from = months_on(first, -back);
            Span::between(from, months_on(from, length).saturating_sub(1.days()))
        };
        match self {
            Self::ThisMonth => months(day.first_of_month(), 0, 1),
            Self::LastMonth => months(day.first_of_month(), 1, 1),
            Self::ThisQuarter => months(calendar.first_of_quarter(day), 0, 3),
            Self::LastQuarter => months(calendar.first_of_quarter(day), 3, 3),
            Self::ThisYear => months(calendar.first_of_year(day), 0, 12),
            Self::LastYear => months(calendar.first_of_year(day), 12, 12),
            Self::Custom(span) => *span,
        }
    }

    /// Its word on the screen.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ThisMonth => "This month",
            Self::LastMonth => "Last month",
            Self::ThisQuarter => "This quarter",
            Self::LastQuarter => "Last quarter",
            Self::ThisYear => "This year",
            Self::LastYear => "Last year",
            Self::Custom(_) => "Custom",
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::ThisMonth => "this_month",
            Self::LastMonth => "last_month",
            Self::ThisQuarter => "this_quarter",
            Self::LastQuarter => "last_quarter",
            Self::ThisYear => "this_year",
            Self::LastYear => "last_year",
            Self::Custom(_) => "custom",
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Custom(Span { from, to }) => write!(f, "{from}..{to}"),
            named => f.write_str(named.word()),
        }
    }
}

impl FromStr for Period {
    type Err = ParseQuestionError;

    fn from_str(text: &str) -> Result<Self, ParseQuestionError> {
        if let Some(named) = Self::NAMED.into_iter().find(|named| named.word() == text) {
            return Ok(named);
        }
        let wrong = || ParseQuestionError::Period(text.to_owned());
        let (from, to) = text.split_once("..").ok_or_else(wrong)?;
        let day = |text: &str| text.parse::<Date>().map_err(|_| wrong());
        let span = Span { from: day(from)?, to: day(to)? };
        let years = i16::from(span.from.civil().year() >= 1970) + i16::from(span.to.civil().year() <= 2199);
        if span.from <= span.to && years == 2 { Ok(Self::Custom(span)) } else { Err(wrong()) }
    }
}
