//! What people type, read into values (PRODUCT 8.1, Validation): one file for each type of input.
//!
//! Every parser takes text as it was typed or found in a file and brings the normalised value with warnings that
//! never block, or one error. Nothing here looks anything up: whether an address is taken is the caller's question,
//! asked with the `key` that parsers bring.

mod date;
mod email;
mod field;
mod host;
mod money;
mod phone;
mod probability;
mod quick;
mod time;
mod url;

use std::fmt;

use jiff::tz::TimeZone;

use crate::{Date, Settings, Timestamp, format};

pub use date::{DateError, Lean, close_date_warning, due_warning, parse_date};
pub use email::{Email, EmailError, is_free_mail, parse_email};
pub(crate) use field::yes_or_no;
pub use field::{FieldInput, parse_field, read_field};
pub use money::{MoneyError, parse_money};
pub use phone::{Phone, PhoneError, parse_phone};
pub use probability::{ProbabilityError, parse_probability};
pub use quick::{Found, SmartLine, TaskLine, smart_line, task_line};
pub use time::{Moment, MomentError, parse_moment, parse_time};
pub use url::{Url, UrlError, parse_url};

/// A value read from text, with what the person should look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The normalised value.
    pub value: T,
    /// Doubts; they never block.
    pub warnings: Vec<Warning>,
}

impl<T> Parsed<T> {
    const fn sure(value: T) -> Self {
        Self { value, warnings: Vec::new() }
    }
}

/// A doubt about an input. Shown beside the field; nothing has to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The domain looks like a slip of this well-known one.
    DomainLooksLike(&'static str),
    /// The phone number is not one that can be dialled in its region.
    PhoneNotRecognised,
    /// The amount can be read in two ways; this is how it was read.
    AmbiguousAmount {
        /// In cents.
        cents: i64,
        /// The workspace's currency.
        currency: String,
    },
    /// The amount was typed with another currency's sign.
    OtherCurrency {
        /// The sign or code that was typed.
        typed: String,
        /// The workspace's currency, which the amount is taken as.
        currency: String,
    },
    /// An expected close date that has passed.
    ClosePassed,
    /// Due more than two years ahead.
    DueFarAhead,
    /// An open lead that is certain, one way or the other.
    OpenButCertain,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DomainLooksLike(domain) => write!(f, "did you mean {domain}?"),
            Self::PhoneNotRecognised => f.write_str("this does not look like a complete phone number"),
            Self::AmbiguousAmount { cents, currency } => write!(f, "= {}", format::money(*cents, currency)),
            Self::OtherCurrency { typed, currency } => write!(f, "taken as {currency}, not {typed}"),
            Self::ClosePassed => f.write_str("this date is in the past"),
            Self::DueFarAhead => f.write_str("this is more than two years away"),
            Self::OpenButCertain => f.write_str("an open lead is rarely at 0 % or 100 %"),
        }
    }
}

/// The order of day, month and year in numeric dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// 3/10/2026 is 3 October.
    #[default]
    DayMonthYear,
    /// 10/3/2026 is 3 October.
    MonthDayYear,
    /// 2026/10/3 is 3 October.
    YearMonthDay,
}

impl DateOrder {
    /// The order that settings and import options call `dmy`, `mdy` or `ymd`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "dmy" => Some(Self::DayMonthYear),
            "mdy" => Some(Self::MonthDayYear),
            "ymd" => Some(Self::YearMonthDay),
            _ => None,
        }
    }
}

/// What text means depends on where and when it is typed: the workspace's conventions and the present moment.
#[derive(Debug, Clone)]
pub struct InputContext<'a> {
    /// The workspace's settings.
    pub settings: &'a Settings,
    /// The zone that times are typed in.
    pub zone: TimeZone,
    /// The present moment.
    pub now: Timestamp,
    /// The present day in that zone.
    pub today: Date,
    /// The order of numeric dates.
    pub date_order: DateOrder,
    /// The decimal sign, `.` or `,`; the other one groups.
    pub decimal: char,
}

impl<'a> InputContext<'a> {
    /// The workspace's own conventions; an import may set the order of dates and the decimal sign otherwise.
    pub fn new(settings: &'a Settings, now: Timestamp) -> Self {
        let zone = settings.zone();
        Self {
            settings,
            now,
            today: now.date_in(&zone),
            zone,
            date_order: DateOrder::from_name(&settings.date_order).unwrap_or_default(),
            decimal: money::decimal_sign(&settings.region),
        }
    }
}
