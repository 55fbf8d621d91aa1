//! Money, dates and counts as people read them: the model's formats, and what only screens say.

use jiff::tz::TimeZone;
use model::{Date, Timestamp};

pub(crate) use model::format::{
    age_days, due_date, duration, file_size as size, full_date, full_time, grouped, money, money_compact,
    relative_date, short_date, time_of_day,
};

/// The months, January first.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// `1 lead`, `3 leads`.
pub(crate) fn many(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { several })
}

/// `October 2026`.
pub(crate) fn month(day: Date) -> String {
    let civil = day.civil();
    let name = usize::try_from(civil.month() - 1).ok().and_then(|index| MONTHS.get(index));
    format!("{} {}", name.unwrap_or(&""), civil.year())
}

/// A day as a heading: `Today`, `Tomorrow`, `Wednesday, 4 Mar`.
pub(crate) fn day_heading(day: Date, today: Date) -> String {
    match day.days_since(today) {
        0 => "Today".into(),
        1 => "Tomorrow".into(),
        _ => {
            let index = usize::try_from(day.civil().weekday().to_monday_zero_offset()).unwrap_or(0);
            format!("{}, {}", WEEKDAYS.get(index).unwrap_or(&""), short_date(day, today))
        }
    }
}

/// How long lay between two moments: `5m`, `3h`, `2d`.
pub(crate) fn age_between(earlier: Timestamp, later: Timestamp) -> String {
    model::format::age(earlier, later)
}

/// A moment in full, for people in one place: `3 Oct 2026, 14:30`.
pub(crate) fn day_and_time(at: Timestamp, zone: &TimeZone) -> String {
    format!("{}, {}", full_date(at.date_in(zone)), time_of_day(at, zone))
}

/// A moment in lists: the day, or the time of day when it was today.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone, today: Date) -> String {
    let day = at.date_in(zone);
    if day == today { time_of_day(at, zone) } else { relative_date(day, today) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn a_day_as_a_heading_names_the_weekday() {
        assert_eq!(day_heading(on("2026-03-02"), on("2026-03-02")), "Today");
        assert_eq!(day_heading(on("2026-03-04"), on("2026-03-02")), "Wednesday, 4 Mar");
        assert_eq!(month(on("2026-10-03")), "October 2026");
    }
}
