//! How values are written for people: money, dates, ages, durations, sizes, initials.
//!
//! Pure functions; the present day and the zone come in as arguments. Money stays in whole cents throughout.

use jiff::tz::TimeZone;

use crate::{Date, Timestamp};

/// Currencies with a sign of their own; every other is written by its code.
const SIGNS: [(&str, &str); 24] = [
    ("USD", "$"),
    ("EUR", "€"),
    ("GBP", "£"),
    ("JPY", "¥"),
    ("CNY", "CN¥"),
    ("INR", "₹"),
    ("KRW", "₩"),
    ("CAD", "CA$"),
    ("AUD", "A$"),
    ("NZD", "NZ$"),
    ("HKD", "HK$"),
    ("SGD", "S$"),
    ("MXN", "MX$"),
    ("BRL", "R$"),
    ("ILS", "₪"),
    ("NGN", "₦"),
    ("PHP", "₱"),
    ("PLN", "zł"),
    ("CZK", "Kč"),
    ("RUB", "₽"),
    ("THB", "฿"),
    ("TRY", "₺"),
    ("UAH", "₴"),
    ("VND", "₫"),
];

pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const MINUTE_MILLIS: i64 = 60_000;

/// What stands before an amount: `$`, `€`, or the code and a space.
pub fn currency_sign(currency: &str) -> String {
    let own = SIGNS.iter().find(|(code, _)| code.eq_ignore_ascii_case(currency));
    own.map_or_else(|| format!("{currency}\u{a0}"), |(_, sign)| (*sign).to_owned())
}

/// Every sign that some currency is written with, the longest first.
pub(crate) fn all_signs() -> impl Iterator<Item = &'static str> {
    let of_length = |length| SIGNS.iter().map(|(_, sign)| *sign).filter(move |sign| sign.chars().count() == length);
    of_length(3).chain(of_length(2)).chain(of_length(1))
}

/// Whether this is the code of a common currency (ISO 4217).
pub(crate) fn is_currency_code(code: &str) -> bool {
    let without_sign = ["AED", "CHF", "DKK", "EGP", "HUF", "IDR", "KES", "MYR", "NOK", "RON", "SAR", "SEK", "ZAR"];
    SIGNS.iter().map(|(code, _)| *code).chain(without_sign).any(|known| known.eq_ignore_ascii_case(code))
}

/// Writes an amount in full: `$12,500.00`.
pub fn money(cents: i64, currency: &str) -> String {
    let minus = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{minus}{}{}.{:02}", currency_sign(currency), grouped(cents / 100), cents % 100)
}

/// Writes an amount in a few characters for cards: `$950`, `$12.5k`, `$1.2M`; rounded half up.
pub fn money_compact(cents: i64, currency: &str) -> String {
    const STEPS: [(u64, &str); 3] = [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "B")];
    let minus = if cents < 0 { "-" } else { "" };
    let sign = currency_sign(currency);
    let cents = cents.unsigned_abs();
    let whole = round_div(cents, 100);
    if whole < 1_000 {
        return format!("{minus}{sign}{whole}");
    }
    // The first step that needs no four digits once rounded: $999,950 is $1M, not $1,000k.
    let tenths_in = |unit: u64| round_div(cents, unit * 10);
    let (unit, letter) = STEPS.into_iter().find(|(unit, _)| tenths_in(*unit) < 10_000).unwrap_or(STEPS[2]);
    let tenths = tenths_in(unit);
    match tenths % 10 {
        0 => format!("{minus}{sign}{}{letter}", grouped(tenths / 10)),
        tenth => format!("{minus}{sign}{}.{tenth}{letter}", grouped(tenths / 10)),
    }
}

const fn round_div(number: u64, by: u64) -> u64 {
    number.saturating_add(by / 2) / by
}

/// Writes a count with its thousands apart: `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a date without its distance: `3 Oct`, or `3 Oct 2027` when it is not this year's.
pub fn short_date(date: Date, today: Date) -> String {
    let day = date.civil();
    let month = usize::try_from(day.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    if day.year() == today.civil().year() {
        format!("{} {month}", day.day())
    } else {
        format!("{} {month} {}", day.day(), day.year())
    }
}

/// Writes when something happened or will: `Today`, `Tomorrow`, `in 3d`, `2d ago`, else the date.
pub fn relative_date(date: Date, today: Date) -> String {
    near_past_date(date, today).unwrap_or_else(|| short_date(date, today))
}

/// Writes a day within a week by its distance: `Today`, `in 3d`, `2d ago`.
pub fn near_past_date(date: Date, today: Date) -> Option<String> {
    near_date(date, today).or_else(|| match date.days_since(today) {
        days @ -7..=-2 => Some(format!("{}d ago", -days)),
        _ => None,
    })
}

/// Writes when something is due: `Today`, `Tomorrow`, `in 3d`, `2d overdue`, else the date.
pub fn due_date(date: Date, today: Date) -> String {
    near_due_date(date, today).unwrap_or_else(|| short_date(date, today))
}

/// Writes a due day within a week by its distance: `Today`, `in 3d`, `2d overdue`.
pub fn near_due_date(date: Date, today: Date) -> Option<String> {
    match date.days_since(today) {
        days @ -7..=-1 => Some(format!("{}d overdue", -days)),
        _ => near_date(date, today),
    }
}

fn near_date(date: Date, today: Date) -> Option<String> {
    Some(match date.days_since(today) {
        -1 => "Yesterday".into(),
        0 => "Today".into(),
        1 => "Tomorrow".into(),
        days @ 2..=7 => format!("in {days}d"),
        _ => return None,
    })
}

/// Writes a time of day: `14:30`.
pub fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at.to_jiff());
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// Writes a moment in full for tooltips: `3 Oct 2026 14:30 (12:30 UTC)`.
pub fn full_time(at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at.to_jiff());
    let utc = TimeZone::UTC.to_datetime(at.to_jiff());
    let shown = format!("{} {}", full_date(at.date_in(zone)), time_of_day(at, zone));
    let utc_time = time_of_day(at, &TimeZone::UTC);
    if local.date() == utc.date() {
        format!("{shown} ({utc_time} UTC)")
    } else {
        format!("{shown} ({} {utc_time} UTC)", full_date(at.date_in(&TimeZone::UTC)))
    }
}

/// Writes a date with its year: `3 Oct 2026`.
pub fn full_date(date: Date) -> String {
    let another_year = Date::from_civil(jiff::civil::Date::MIN);
    short_date(date, another_year)
}

/// Writes how long ago something was: `now`, `5m`, `3h`, `5d`, `3w`, `4mo`, `2y`.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let minutes = now.millis_since(since).max(0) / MINUTE_MILLIS;
    match minutes {
        0 => "now".into(),
        1..60 => format!("{minutes}m"),
        60..1_440 => format!("{}h", minutes / 60),
        _ => age_days(minutes / 1_440),
    }
}

/// Writes a number of days: `5d`, `3w`, `4mo`, `2y`. Up to 20 days are counted singly.
pub fn age_days(days: i64) -> String {
    match days {
        ..=20 => format!("{days}d"),
        21..=83 => format!("{}w", days / 7),
        84..=729 => format!("{}mo", days / 30),
        _ => format!("{}y", days / 365),
    }
}

/// Writes a duration: `45m`, `1h`, `1h 30m`.
pub fn duration(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

/// Writes the size of a file in decimal units: `512 B`, `1.2 MB`.
pub fn file_size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    // A size that rounds up to 1,000 of a unit belongs to the next.
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes.saturating_add(unit / 20) >= *unit) else {
        return format!("{bytes} B");
    };
    let tenths = round_div(bytes, unit / 10);
    if tenths >= 100 || tenths.is_multiple_of(10) {
        format!("{} {name}", grouped(round_div(bytes, unit)))
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// Returns one or two letters for an avatar: "Ada King Lovelace" is `AL`.
pub fn initials(name: &str) -> String {
    let first_letter = |word: &str| word.chars().find(|letter| letter.is_alphanumeric());
    let mut letters = name.split_whitespace().filter_map(first_letter);
    let Some(first) = letters.next() else {
        return "?".into();
    };
    first.to_uppercase().chain(letters.next_back().into_iter().flat_map(char::to_uppercase)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build;

    fn date(text: &str) -> Date {
        text.parse().expect("is a date")
    }

    #[test]
    fn money_is_written_in_full() {
        let cases = [
            (1_250_000, "USD", "$12,500.00"),
            (5, "USD", "$0.05"),
            (0, "EUR", "€0.00"),
            (99_999_999_999_999, "GBP", "£999,999,999,999.99"),
            (-1_250, "usd", "-$12.50"),
            (120_000, "CHF", "CHF\u{a0}1,200.00"),
            (i64::MIN, "USD", "-$92,233,720,368,547,758.08"),
        ];
        for (cents, currency, text) in cases {
            assert_eq!(money(cents, currency), text);
        }
    }

    #[test]
    fn money_on_cards_is_rounded_half_up() {
        let cases = [
            (0, "$0"),
            (49, "$0"),
            (50, "$1"),
            (95_000, "$950"),
            (99_949, "$999"),
            (99_950, "$1k"),
            (100_000, "$1k"),
            (1_250_000, "$12.5k"),
            (1_254_999, "$12.5k"),
            (1_255_000, "$12.6k"),
            (99_994_999, "$999.9k"),
            (99_995_000, "$1M"),
            (123_456_789, "$1.2M"),
            (99_999_999_999_999, "$1,000B"),
            (-1_250_000, "-$12.5k"),
        ];
        for (cents, text) in cases {
            assert_eq!(money_compact(cents, "USD"), text, "{cents}");
        }
        assert!(!money_compact(i64::MIN, "USD").is_empty());
    }

    #[test]
    fn dates_are_relative_within_seven_days() {
        let today = date("2026-10-05");
        let cases = [
            ("2026-09-27", "27 Sep", "27 Sep"),
            ("2026-09-28", "7d ago", "7d overdue"),
            ("2026-10-03", "2d ago", "2d overdue"),
            ("2026-10-04", "Yesterday", "1d overdue"),
            ("2026-10-05", "Today", "Today"),
            ("2026-10-06", "Tomorrow", "Tomorrow"),
            ("2026-10-12", "in 7d", "in 7d"),
            ("2026-10-13", "13 Oct", "13 Oct"),
            ("2027-10-03", "3 Oct 2027", "3 Oct 2027"),
        ];
        for (day, relative, due) in cases {
            assert_eq!((relative_date(date(day), today), due_date(date(day), today)), (relative.into(), due.into()));
        }
        assert_eq!(full_date(today), "5 Oct 2026");
    }

    #[test]
    fn tooltips_have_the_local_time_and_utc() {
        let at: Timestamp = "2026-10-03T22:30:00Z".parse().expect("is a moment");
        let berlin = TimeZone::get("Europe/Berlin").expect("is a zone");

        assert_eq!(time_of_day(at, &berlin), "00:30");
        assert_eq!(full_time(at, &berlin), "4 Oct 2026 00:30 (3 Oct 2026 22:30 UTC)");
        assert_eq!(full_time(at.plus_millis(-36_000_000), &berlin), "3 Oct 2026 14:30 (12:30 UTC)");
    }

    #[test]
    fn ages_take_the_unit_that_reads_best() {
        let day = 1_440;
        let cases = [
            (-5, "now"),
            (0, "now"),
            (59, "59m"),
            (60, "1h"),
            (day - 1, "23h"),
            (5 * day, "5d"),
            (20 * day, "20d"),
            (21 * day, "3w"),
            (90 * day, "3mo"),
            (800 * day, "2y"),
        ];
        for (minutes, text) in cases {
            assert_eq!(age(build::now().plus_millis(-minutes * MINUTE_MILLIS), build::now()), text);
        }
    }

    #[test]
    fn durations_and_sizes() {
        assert_eq!([duration(0), duration(45), duration(60), duration(90)], ["0m", "45m", "1h", "1h 30m"]);
        let cases = [
            (0, "0 B"),
            (949, "949 B"),
            (999, "1 kB"),
            (1_000, "1 kB"),
            (1_234_567, "1.2 MB"),
            (12_345_678, "12 MB"),
            (999_999_999, "1 GB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(file_size(bytes), text, "{bytes}");
        }
        assert!(!file_size(u64::MAX).is_empty());
    }

    #[test]
    fn initials_are_the_first_and_the_last_word() {
        let cases = [
            ("Ada Lovelace", "AL"),
            ("Ada King Lovelace", "AL"),
            ("ana", "A"),
            ("élodie (sales) ßen", "ÉSS"),
            ("", "?"),
            ("– –", "?"),
        ];
        for (name, letters) in cases {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
