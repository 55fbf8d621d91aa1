//! Money, dates and counts as people read them: the model's formats, and what only screens say.

use std::cell::Cell;

use jiff::tz::TimeZone;
use model::input::DateOrder;
use model::{Date, Timestamp};

pub(crate) use model::format::{
    age_days, duration, file_size as size, full_time, grouped, money, money_compact, time_of_day,
};

thread_local! {
    /// How the person writes dates. One choice for everything that is drawn: to hand it through every formatter would
    /// put it into each of their signatures and tell a reader nothing.
    static WRITTEN: Cell<DateOrder> = const { Cell::new(DateOrder::DayMonthYear) };
}

/// Lets dates be written in this order from now on.
pub(crate) fn write_dates(order: DateOrder) {
    WRITTEN.set(order);
}

/// A date with its year: `3 Oct 2026`, `Oct 3, 2026` or `2026-10-03`.
pub(crate) fn full_date(date: Date) -> String {
    match WRITTEN.get() {
        DateOrder::DayMonthYear => model::format::full_date(date),
        DateOrder::MonthDayYear => format!("{}, {}", month_and_day(date), date.civil().year()),
        DateOrder::YearMonthDay => date.to_string(),
    }
}

/// A date without its distance; its year only when it is not this one. ISO has no form without.
pub(crate) fn short_date(date: Date, today: Date) -> String {
    match WRITTEN.get() {
        DateOrder::DayMonthYear => model::format::short_date(date, today),
        DateOrder::MonthDayYear if date.civil().year() == today.civil().year() => month_and_day(date),
        DateOrder::MonthDayYear | DateOrder::YearMonthDay => full_date(date),
    }
}

/// When something happened or will: `Today`, `in 3d`, `2d ago`, else the date.
pub(crate) fn relative_date(date: Date, today: Date) -> String {
    model::format::near_past_date(date, today).unwrap_or_else(|| short_date(date, today))
}

/// When something is due: `Today`, `in 3d`, `2d overdue`, else the date.
pub(crate) fn due_date(date: Date, today: Date) -> String {
    model::format::near_due_date(date, today).unwrap_or_else(|| short_date(date, today))
}

/// `Oct 3`.
fn month_and_day(date: Date) -> String {
    let day = date.civil();
    let month = usize::try_from(day.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!("{} {}", &month[..month.len().min(3)], day.day())
}

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
    fn dates_are_written_as_the_person_writes_them() {
        let (day, today) = (on("2026-10-03"), on("2026-03-02"));
        let written = |order| {
            write_dates(order);
            (full_date(day), short_date(day, today), due_date(day, today), due_date(today, today))
        };

        let (full, short, due, near) = written(DateOrder::MonthDayYear);
        assert_eq!((full.as_str(), short.as_str(), due.as_str()), ("Oct 3, 2026", "Oct 3", "Oct 3"));
        assert_eq!(near, "Today");
        let (full, short, due, _) = written(DateOrder::YearMonthDay);
        assert_eq!((full.as_str(), short.as_str(), due.as_str()), ("2026-10-03", "2026-10-03", "2026-10-03"));
        let (full, short, ..) = written(DateOrder::DayMonthYear);
        assert_eq!((full.as_str(), short.as_str()), ("3 Oct 2026", "3 Oct"));
    }

    #[test]
    fn a_day_as_a_heading_names_the_weekday() {
        assert_eq!(day_heading(on("2026-03-02"), on("2026-03-02")), "Today");
        assert_eq!(day_heading(on("2026-03-04"), on("2026-03-02")), "Wednesday, 4 Mar");
        assert_eq!(month(on("2026-10-03")), "October 2026");
    }
}
