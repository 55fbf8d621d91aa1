//! Times of day and moments: `14:30`, `2:30pm`, `9am`, `fri 10am`, `2026-10-03T12:30:00Z`.

use jiff::civil;

use super::InputContext;
use super::date::{DateError, Lean, parse_date};
use crate::fold::fold;
use crate::{Date, Timestamp};

/// A moment, or a whole day that stands for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment; the day's start when no time was typed.
    pub at: Timestamp,
    /// No time was typed.
    pub all_day: bool,
}

/// Why a text is not a date with or without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// The date is at fault.
    #[error(transparent)]
    Date(#[from] DateError),
    /// The time is at fault.
    #[error("write a time, as in 14:30 or 2:30pm")]
    NotATime,
}

/// Reads a time of day; `None` when it is not one.
pub fn parse_time(text: &str) -> Option<civil::Time> {
    let text = fold(text);
    let bare: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (clock, half) = match bare.strip_suffix('m').or_else(|| bare.strip_suffix("m.")) {
        Some(rest) => {
            let rest = rest.trim_end_matches('.');
            match rest.strip_suffix('p') {
                Some(clock) => (clock, Some(12)),
                None => (rest.strip_suffix('a')?, Some(0)),
            }
        }
        None => (bare.as_str(), None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        // A bare number is an hour only with am or pm behind it.
        [hour] if half.is_some() => (hour, "0", "0"),
        [_, minutes @ ..] if minutes.iter().any(|part| part.len() != 2) => return None,
        [hour, minute] => (hour, *minute, "0"),
        [hour, minute, second] => (hour, *minute, *second),
        _ => return None,
    };
    let hour = match half {
        Some(half) => number(hour).filter(|hour| (1..=12).contains(hour))? % 12 + half,
        None => number(hour)?,
    };
    civil::Time::new(hour, number(minute)?, number(second)?, 0).ok()
}

fn number(text: &str) -> Option<i8> {
    let plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// Reads a date with a time, a date alone (the whole day), a time alone (today, or tomorrow when that has passed and
/// `lean` looks ahead), or an ISO 8601 moment with its offset.
///
/// # Errors
/// When it is none of these.
pub fn parse_moment(text: &str, ctx: &InputContext<'_>, lean: Lean) -> Result<Moment, MomentError> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        checked_year(at.date_in(&ctx.zone))?;
        return Ok(Moment { at, all_day: false });
    }
    if let Some(at) = iso_local(text) {
        let date = checked_year(Date::from_civil(at.date()))?;
        return Ok(Moment { at: moment(date, at.time(), ctx), all_day: false });
    }
    if let Some(time) = parse_time(text) {
        let today = moment(ctx.today, time, ctx);
        let passed = lean == Lean::Ahead && today < ctx.now;
        let at = if passed { moment(ctx.today.plus_days(1), time, ctx) } else { today };
        return Ok(Moment { at, all_day: false });
    }
    if let Some((date, time)) = split_time(text) {
        let at = moment(parse_date(&date, ctx, lean)?, time, ctx);
        return Ok(Moment { at, all_day: false });
    }
    // A colon says that a time was meant.
    let date = parse_date(text, ctx, lean).map_err(|error| match error {
        DateError::NotADate if text.contains(':') => MomentError::NotATime,
        error => error.into(),
    })?;
    Ok(Moment { at: date.start_in(&ctx.zone), all_day: true })
}

/// `2026-10-03T14:30`, as forms and files write it without an offset.
fn iso_local(text: &str) -> Option<civil::DateTime> {
    let has_time =
        text.contains(':') && text.get(..4).is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    text.parse().ok().filter(|_| has_time)
}

fn checked_year(date: Date) -> Result<Date, DateError> {
    if (1970..=2199).contains(&date.civil().year()) { Ok(date) } else { Err(DateError::YearOutside) }
}

/// Splits off a time at the end or the start: `fri 10am`, `3 oct at 2:30 pm`, `10:00 tomorrow`.
fn split_time(text: &str) -> Option<(String, civil::Time)> {
    let words: Vec<&str> = text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    for length in [2, 1] {
        let Some(at) = words.len().checked_sub(length).filter(|at| *at > 0) else {
            continue;
        };
        let (date, time) = words.split_at(at);
        if let Some(time) = parse_time(&time.concat()) {
            let date = date.strip_suffix(&["at"]).unwrap_or(date);
            return Some((date.join(" "), time));
        }
        let (time, date) = words.split_at(length);
        if let Some(time) = parse_time(&time.concat()) {
            return Some((date.join(" "), time));
        }
    }
    None
}

/// The moment of a local date and time; one that the clock skips or has twice is taken as calendars do.
fn moment(date: Date, time: civil::Time, ctx: &InputContext<'_>) -> Timestamp {
    let local = date.civil().to_datetime(time);
    let at = ctx.zone.to_ambiguous_timestamp(local).compatible();
    at.map_or_else(|_| date.start_in(&ctx.zone), |at| Timestamp::from_millis(at.as_millisecond()))
}
