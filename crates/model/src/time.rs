//! Moments and calendar dates. A moment is milliseconds in UTC; a date has no zone and is never shifted.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment in UTC, in whole milliseconds since 1970-01-01. Written as ISO 8601 (`2026-10-03T14:30:00.000Z`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Milliseconds in a day of 24 hours.
pub const DAY_MILLIS: i64 = 86_400_000;

/// 2100-01-01T00:00:00Z: the latest moment that a change may claim.
pub const LATEST_MILLIS: i64 = 4_102_444_800_000;

impl Timestamp {
    /// Builds a moment from milliseconds since 1970; clamped to the years 1 to 9999.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(-62_135_596_800_000, 253_402_300_799_999))
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment moved by `millis` (may be negative).
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same moment for calendar arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The calendar date at this moment in `zone`.
    pub fn date_in(self, zone: &jiff::tz::TimeZone) -> Date {
        Date(zone.to_datetime(self.to_jiff()).date())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = jiff::tz::TimeZone::UTC.to_datetime(self.to_jiff());
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is not a moment or a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid date or time: {text}")]
pub struct ParseTimeError {
    /// What was given.
    pub text: String,
}

impl FromStr for Timestamp {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let parsed: jiff::Timestamp = text.parse().map_err(|_| ParseTimeError { text: text.to_owned() })?;
        Ok(Self::from_millis(parsed.as_millisecond()))
    }
}

/// A calendar date without a time zone. Written as ISO 8601 (`2026-10-03`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// Builds a date; `None` when there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// Wraps a civil date.
    pub const fn from_civil(date: civil::Date) -> Self {
        Self(date)
    }

    /// The date for calendar arithmetic.
    pub const fn civil(self) -> civil::Date {
        self.0
    }

    /// This date moved by `days` (may be negative), clamped to the supported range.
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// Whole days from `earlier` to this date; negative when `earlier` is later.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0.since(earlier.0).map_or(0, |span| span.get_days())
    }

    /// The moment the day starts in `zone`.
    pub fn start_in(self, zone: &jiff::tz::TimeZone) -> Timestamp {
        self.hour_in(0, zone)
    }

    /// The moment of a full hour of the day in `zone`, 0 to 23.
    pub fn hour_in(self, hour: i8, zone: &jiff::tz::TimeZone) -> Timestamp {
        let at = zone.to_ambiguous_timestamp(self.0.at(hour.clamp(0, 23), 0, 0, 0)).compatible();
        Timestamp::from_millis(at.map_or(0, jiff::Timestamp::as_millisecond))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Date {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        // Strictly `YYYY-MM-DD`: what people type goes through `input` instead.
        let strict = text.len() == 10 && text.is_ascii();
        let parsed = text.parse::<civil::Date>().ok().filter(|_| strict);
        parsed.map(Self).ok_or_else(|| ParseTimeError { text: text.to_owned() })
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}
as_text!(Timestamp);
as_text!(Date);
