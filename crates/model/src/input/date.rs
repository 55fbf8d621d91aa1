//! Dates: ISO, numeric in the workspace's order, `3 oct`, `today`, `tmr`, `fri`, `next week`, `+3d`, `eom`.

use super::{DateOrder, InputContext, Warning};
use crate::Date;
use crate::fold::fold;

/// The years that a date may lie in.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;
/// Largest number in `+3d`; enough for every year there is.
const STEPS_MAX: i32 = 99_999;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Which year a date without one belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lean {
    /// The next such day from today on: things due and expected.
    Ahead,
    /// The nearest such day: things that happened, or may have.
    Nearest,
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not in any form that is known.
    #[error("write a date, as in 3 oct, fri, +2w or 2026-10-03")]
    NotADate,
    /// A day that no month has.
    #[error("there is no such day")]
    NoSuchDay,
    /// Before 1970 or after 2199.
    #[error("the year must be between 1970 and 2199")]
    YearOutside,
}

/// Reads a date.
///
/// # Errors
/// When it is not one.
pub fn parse_date(text: &str, ctx: &InputContext<'_>, lean: Lean) -> Result<Date, DateError> {
    let text = fold(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let by_word = match words.as_slice() {
        [word] => by_name(word, ctx.today).or_else(|| by_steps(word, ctx.today)),
        ["next", "week"] => Some(next_weekday(ctx.today, 0)),
        _ => None,
    };
    if let Some(date) = by_word {
        return in_years(date);
    }
    match written_day(&text, ctx.date_order).ok_or(DateError::NotADate)? {
        (Some(year), month, day) if (0..=9999).contains(&year) => {
            if !YEARS.contains(&year) {
                return Err(DateError::YearOutside);
            }
            Date::new(year, month, day).ok_or(DateError::NoSuchDay)
        }
        (Some(_), ..) => Err(DateError::YearOutside),
        (None, month, day) => without_year(month, day, ctx.today, lean),
    }
}

/// The doubt about an expected close that has passed.
pub fn close_date_warning(date: Date, today: Date) -> Option<Warning> {
    (date < today).then_some(Warning::ClosePassed)
}

/// The doubt about something due more than two years ahead.
pub fn due_warning(date: Date, today: Date) -> Option<Warning> {
    let limit = today.civil().saturating_add(jiff::Span::new().years(2));
    (date.civil() > limit).then_some(Warning::DueFarAhead)
}

fn in_years(date: Date) -> Result<Date, DateError> {
    if YEARS.contains(&date.civil().year()) { Ok(date) } else { Err(DateError::YearOutside) }
}

/// `today`, `tmr`, `eom`, and the names of weekdays: the next such day, never today.
fn by_name(word: &str, today: Date) -> Option<Date> {
    match word {
        "today" => Some(today),
        "tomorrow" | "tmr" | "tmrw" => Some(today.plus_days(1)),
        "yesterday" => Some(today.plus_days(-1)),
        "eom" => Some(Date::from_civil(today.civil().last_of_month())),
        _ => weekday_index(word).map(|index| next_weekday(today, index)),
    }
}

fn weekday_index(word: &str) -> Option<i8> {
    (0..).zip(WEEKDAYS).find(|(_, name)| is_short_for(word, name)).map(|(index, _)| index)
}

/// Whether a word is a name or its first letters, three at least.
fn is_short_for(word: &str, name: &str) -> bool {
    word.len() >= 3 && name.starts_with(word)
}

/// The first day after today that is the weekday with this index from Monday.
fn next_weekday(today: Date, index: i8) -> Date {
    let ahead = (index - today.civil().weekday().to_monday_zero_offset()).rem_euclid(7);
    today.plus_days(if ahead == 0 { 7 } else { i32::from(ahead) })
}

/// `+3d`, `+2w`, `+1m`, `+1y`, and the same with a minus.
fn by_steps(word: &str, today: Date) -> Option<Date> {
    let (direction, steps) = match word.strip_prefix('+') {
        Some(steps) => (1, steps),
        None => (-1, word.strip_prefix('-')?),
    };
    let at = steps.len().checked_sub(1).filter(|at| steps.is_char_boundary(*at))?;
    let (number, unit) = steps.split_at(at);
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse::<i32>().ok().filter(|number| plain && *number <= STEPS_MAX)? * direction;
    let months = |months: i32| Date::from_civil(today.civil().saturating_add(jiff::Span::new().months(months)));
    match unit {
        "d" => Some(today.plus_days(number)),
        "w" => Some(today.plus_days(number * 7)),
        "m" => Some(months(number)),
        // Beyond the calendar's end it is out of the years anyway.
        "y" => Some(months((number * 12).clamp(-STEPS_MAX, STEPS_MAX))),
        _ => None,
    }
}

/// Finds year (if there is one), month and day in a written date; `None` when it is none. The day may not exist.
fn written_day(text: &str, order: DateOrder) -> Option<(Option<i16>, i8, i8)> {
    let pieces = pieces(text)?;
    let numbers: Vec<&str> = pieces.iter().copied().filter(|piece| is_number(piece)).collect();
    let mut names = pieces.iter().filter(|piece| !is_number(piece));
    match (names.next(), names.next()) {
        (None, _) => numeric_day(text, &numbers, order),
        (Some(month), None) => named_day(month, &numbers),
        // A weekday in front says nothing new: "Fri, 3 Oct 2026".
        (Some(weekday), Some(month)) if weekday_index(weekday).is_some() && names.next().is_none() => {
            named_day(month, &numbers)
        }
        _ => None,
    }
}

/// Cuts `3rd of Oct, 2026` into `3`, `oct`, `2026`. `None` when there is something that dates are not written with.
fn pieces(text: &str) -> Option<Vec<&str>> {
    const LONGEST: usize = 5;
    let mut pieces: Vec<&str> = Vec::new();
    let is_sign = |letter: char| letter.is_whitespace() || "-/.,'".contains(letter);
    for word in text.split(is_sign).filter(|word| !word.is_empty()) {
        let digits = word.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(word.len());
        let (number, name) = word.split_at(digits);
        let turn = name.find(|letter: char| letter.is_ascii_digit()).unwrap_or(name.len());
        let (name, rest) = name.split_at(turn);
        let is_filler = matches!(name, "of") || (!number.is_empty() && matches!(name, "st" | "nd" | "rd" | "th"));
        let kept = [number, if is_filler { "" } else { name }, rest];
        pieces.extend(kept.into_iter().filter(|piece| !piece.is_empty()));
    }
    let plain = |piece: &&str| piece.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (pieces.len() <= LONGEST && pieces.iter().all(plain)).then_some(pieces)
}

fn is_number(piece: &str) -> bool {
    piece.bytes().all(|byte| byte.is_ascii_digit())
}

/// `3/10/2026`, `3.10.`, `2026-10-03`, `20261003`.
fn numeric_day(text: &str, numbers: &[&str], order: DateOrder) -> Option<(Option<i16>, i8, i8)> {
    // A single kind of sign, one between each two numbers: "3 10" is no date.
    let between = text.trim().trim_end_matches('.').chars();
    let mut signs: Vec<char> = between.filter(|letter| !letter.is_ascii_digit() && !letter.is_whitespace()).collect();
    if signs.len() + 1 != numbers.len() {
        return None;
    }
    signs.dedup();
    match (signs.as_slice(), numbers) {
        ([], [whole]) if whole.len() == 8 => written(Some(&whole[..4]), &whole[4..6], &whole[6..]),
        (['-' | '/' | '.'], [first, second, third]) => {
            if first.len() == 4 {
                return written(Some(first), second, third);
            }
            match order {
                DateOrder::YearMonthDay if third.len() < 3 => written(Some(first), second, third),
                DateOrder::MonthDayYear => written(Some(third), first, second),
                _ => written(Some(third), second, first),
            }
        }
        (['-' | '/' | '.'], [first, second]) => match order {
            DateOrder::DayMonthYear => written(None, second, first),
            _ => written(None, first, second),
        },
        _ => None,
    }
}

/// `3 oct`, `oct 3`, `3 oct 2026`, `2026 oct 3`.
fn named_day(month: &str, numbers: &[&str]) -> Option<(Option<i16>, i8, i8)> {
    let number = MONTHS.iter().position(|name| is_short_for(month, name) || (month == "sept" && *name == "september"));
    let month = (number? + 1).to_string();
    match numbers {
        [day] => written(None, &month, day),
        [year, day] if year.len() == 4 => written(Some(year), &month, day),
        [day, year] => written(Some(year), &month, day),
        _ => None,
    }
}

/// Turns digits into numbers; a number of the wrong length is no part of a date.
fn written(year: Option<&str>, month: &str, day: &str) -> Option<(Option<i16>, i8, i8)> {
    let year = match year {
        None => None,
        Some(year) => Some(full_year(year)?),
    };
    let short = |number: &str| if number.len() <= 2 { number.parse::<i8>().ok() } else { None };
    Some((year, short(month)?, short(day)?))
}

/// Two digits are a year from 1970 to 2069.
fn full_year(digits: &str) -> Option<i16> {
    let number = digits.parse::<i16>().ok()?;
    match digits.len() {
        2 if number >= 70 => Some(1900 + number),
        2 => Some(2000 + number),
        4 => Some(number),
        _ => None,
    }
}

fn without_year(month: i8, day: i8, today: Date, lean: Lean) -> Result<Date, DateError> {
    // 29 February may be several years away.
    let this_year = today.civil().year();
    let reach = if lean == Lean::Ahead { 0..=8 } else { -8..=8 };
    let dates = reach.filter_map(|years: i16| Date::new(this_year.saturating_add(years), month, day));
    let fitting = dates.filter(|date| lean == Lean::Nearest || *date >= today);
    let nearest = fitting.min_by_key(|date| (date.days_since(today).abs(), *date < today));
    in_years(nearest.ok_or(DateError::NoSuchDay)?)
}
