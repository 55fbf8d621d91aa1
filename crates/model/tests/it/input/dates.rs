//! PRODUCT 8.1's validation table: dates and times.

use model::Settings;
use model::input::{
    DateError, DateOrder, InputContext, Lean, Warning, close_date_warning, due_warning, parse_date, parse_moment,
    parse_time,
};

use crate::{date, in_america, in_europe};

#[test]
fn dates_are_read_in_every_form() {
    let cases = [
        ("2026-10-03", "2026-10-03"),
        ("2026/10/3", "2026-10-03"),
        ("20261003", "2026-10-03"),
        ("3/11/2026", "2026-11-03"),
        ("3.11.26", "2026-11-03"),
        ("3. 11. 2026", "2026-11-03"),
        ("3-11-1999", "1999-11-03"),
        ("3.11.", "2026-11-03"),
        ("3/11", "2026-11-03"),
        ("3 nov", "2026-11-03"),
        ("nov 3", "2026-11-03"),
        ("3nov", "2026-11-03"),
        ("3-Nov-2027", "2027-11-03"),
        ("November 3rd, 2027", "2027-11-03"),
        ("3rd of november 27", "2027-11-03"),
        ("2027 nov 3", "2027-11-03"),
        ("Tue, 3 Nov 2026", "2026-11-03"),
        ("1 sept", "2027-09-01"),
        ("today", "2026-10-05"),
        ("TMR", "2026-10-06"),
        ("tomorrow", "2026-10-06"),
        ("yesterday", "2026-10-04"),
        ("fri", "2026-10-09"),
        ("sunday", "2026-10-11"),
        ("mon", "2026-10-12"),
        ("next week", "2026-10-12"),
        ("+3d", "2026-10-08"),
        ("+2w", "2026-10-19"),
        ("+1m", "2026-11-05"),
        ("+1y", "2027-10-05"),
        ("-1d", "2026-10-04"),
        ("eom", "2026-10-31"),
        ("29 feb", "2028-02-29"),
    ];
    for (typed, day) in cases {
        let parsed = in_europe(',', |ctx| parse_date(&format!(" {typed} "), ctx, Lean::Ahead));
        assert_eq!(parsed, Ok(date(day)), "{typed}");
    }
}

#[test]
fn numeric_dates_follow_the_workspaces_order() {
    let cases = [
        (DateOrder::DayMonthYear, "3/4/2026", "2026-04-03"),
        (DateOrder::MonthDayYear, "3/4/2026", "2026-03-04"),
        (DateOrder::YearMonthDay, "26/3/4", "2026-03-04"),
        (DateOrder::YearMonthDay, "2026-03-04", "2026-03-04"),
        (DateOrder::MonthDayYear, "2026-03-04", "2026-03-04"),
        (DateOrder::MonthDayYear, "11/12", "2026-11-12"),
        (DateOrder::DayMonthYear, "11/12", "2026-12-11"),
        (DateOrder::YearMonthDay, "11/12", "2026-11-12"),
    ];
    for (date_order, typed, day) in cases {
        let parsed = in_america(|ctx| parse_date(typed, &InputContext { date_order, ..ctx.clone() }, Lean::Ahead));
        assert_eq!(parsed, Ok(date(day)), "{typed} {date_order:?}");
    }
}

#[test]
fn a_date_without_a_year_is_the_next_or_the_nearest_one() {
    let cases = [
        ("5 oct", Lean::Ahead, "2026-10-05"),
        ("4 oct", Lean::Ahead, "2027-10-04"),
        ("4 oct", Lean::Nearest, "2026-10-04"),
        ("20 dec", Lean::Nearest, "2026-12-20"),
        ("1 jan", Lean::Nearest, "2027-01-01"),
        ("29 feb", Lean::Nearest, "2028-02-29"),
    ];
    for (typed, lean, day) in cases {
        assert_eq!(in_europe(',', |ctx| parse_date(typed, ctx, lean)), Ok(date(day)), "{typed} {lean:?}");
    }
}

#[test]
fn the_end_of_a_month_is_kept_by_steps_of_months() {
    let settings = Settings::default();
    let ctx = InputContext::new(&settings, "2027-01-31T12:00:00Z".parse().expect("is a moment"));

    assert_eq!(parse_date("+1m", &ctx, Lean::Ahead), Ok(date("2027-02-28")));
    assert_eq!(parse_date("eom", &ctx, Lean::Ahead), Ok(date("2027-01-31")));
}

#[test]
fn what_is_no_date_says_why() {
    let cases = [
        ("", DateError::NotADate),
        ("soon", DateError::NotADate),
        ("3", DateError::NotADate),
        ("oct", DateError::NotADate),
        ("oct 2026", DateError::NotADate),
        ("3 10 2026", DateError::NotADate),
        ("3/10.2026", DateError::NotADate),
        ("+d", DateError::NotADate),
        ("+3x", DateError::NotADate),
        ("++3d", DateError::NotADate),
        ("+999999999999d", DateError::NotADate),
        ("2026-13-01", DateError::NoSuchDay),
        ("30 feb", DateError::NoSuchDay),
        ("2027-02-29", DateError::NoSuchDay),
        ("31/04/2026", DateError::NoSuchDay),
        ("1969-12-31", DateError::YearOutside),
        ("2200-01-01", DateError::YearOutside),
        ("0000-01-01", DateError::YearOutside),
        ("+99999d", DateError::YearOutside),
        ("+999y", DateError::YearOutside),
    ];
    for (typed, error) in cases {
        assert_eq!(in_europe(',', |ctx| parse_date(typed, ctx, Lean::Ahead)), Err(error), "{typed}");
    }
}

#[test]
fn past_closes_and_far_due_dates_are_doubted() {
    let today = date("2026-10-05");

    assert_eq!(close_date_warning(date("2026-10-04"), today), Some(Warning::ClosePassed));
    assert_eq!(close_date_warning(today, today), None);
    assert_eq!(due_warning(date("2028-10-06"), today), Some(Warning::DueFarAhead));
    assert_eq!(due_warning(date("2028-10-05"), today), None);
}

#[test]
fn times_are_read_in_every_form() {
    let cases = [
        ("14:30", Some((14, 30))),
        ("2:30pm", Some((14, 30))),
        ("2:30 PM", Some((14, 30))),
        ("9am", Some((9, 0))),
        ("9 a.m.", Some((9, 0))),
        ("12am", Some((0, 0))),
        ("12pm", Some((12, 0))),
        ("9:05", Some((9, 5))),
        ("23:59:00", Some((23, 59))),
        ("24:00", None),
        ("13pm", None),
        ("0am", None),
        ("9", None),
        ("16:9", None),
        ("am", None),
        ("1:2:3:4", None),
        ("", None),
    ];
    for (typed, time) in cases {
        let parsed = parse_time(typed).map(|time| (time.hour(), time.minute()));
        assert_eq!(parsed, time, "{typed}");
    }
}

#[test]
fn moments_are_read_in_the_workspaces_zone() {
    let cases = [
        ("2026-10-09T12:30:00Z", "2026-10-09T12:30:00.000Z", false),
        ("2026-10-09T12:30:00+02:00", "2026-10-09T10:30:00.000Z", false),
        ("2026-10-09T14:30", "2026-10-09T12:30:00.000Z", false),
        ("2026-10-09 14:30", "2026-10-09T12:30:00.000Z", false),
        ("fri 14:30", "2026-10-09T12:30:00.000Z", false),
        ("fri at 2:30 pm", "2026-10-09T12:30:00.000Z", false),
        ("2:30pm fri", "2026-10-09T12:30:00.000Z", false),
        ("9 oct 2026, 14:30", "2026-10-09T12:30:00.000Z", false),
        ("14:30", "2026-10-05T12:30:00.000Z", false),
        ("9am", "2026-10-06T07:00:00.000Z", false),
        ("fri", "2026-10-08T22:00:00.000Z", true),
        // The night the clocks go back: midnight is still in summer time, noon is not.
        ("25 oct", "2026-10-24T22:00:00.000Z", true),
        ("25 oct 12:00", "2026-10-25T11:00:00.000Z", false),
        // A time that the clocks skip.
        ("28 mar 2027 02:30", "2027-03-28T01:30:00.000Z", false),
    ];
    for (typed, at, all_day) in cases {
        let parsed = in_europe(',', |ctx| parse_moment(typed, ctx, Lean::Ahead)).expect(typed);
        assert_eq!((parsed.at.to_string().as_str(), parsed.all_day), (at, all_day), "{typed}");
    }
    let logged = in_europe(',', |ctx| parse_moment("9am", ctx, Lean::Nearest)).expect("is a time");
    assert_eq!(logged.at.to_string(), "2026-10-05T07:00:00.000Z");
}

#[test]
fn what_is_no_moment_says_whether_date_or_time_is_at_fault() {
    let cases = [
        ("fri 25:00", "write a time, as in 14:30 or 2:30pm"),
        ("someday 10am", "write a date, as in 3 oct, fri, +2w or 2026-10-03"),
        ("30 feb 10am", "there is no such day"),
        ("2500-01-01T00:00:00Z", "the year must be between 1970 and 2199"),
    ];
    for (typed, words) in cases {
        let error = in_europe(',', |ctx| parse_moment(typed, ctx, Lean::Ahead)).expect_err(typed);
        assert_eq!(error.to_string(), words, "{typed}");
    }
}
