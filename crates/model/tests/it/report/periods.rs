//! Periods, buckets and calendars.

use jiff::civil::Weekday;
use model::report::{Calendar, Period, Span};

use super::day;

fn span(period: &str, today: &str, calendar: Calendar) -> String {
    let Span { from, to } = period.parse::<Period>().expect("is a period").span(day(today), &calendar);
    format!("{from}..{to}")
}

fn buckets(from: &str, to: &str, calendar: Calendar) -> Vec<String> {
    let span = Span { from: day(from), to: day(to) };
    span.buckets(&calendar).into_iter().map(|bucket| bucket.name).collect()
}

#[test]
fn named_periods_follow_the_calendar() {
    let of = |period| span(period, "2026-03-31", Calendar::default());

    assert_eq!(of("this_month"), "2026-03-01..2026-03-31");
    assert_eq!(of("last_month"), "2026-02-01..2026-02-28");
    assert_eq!(of("this_quarter"), "2026-01-01..2026-03-31");
    assert_eq!(of("last_quarter"), "2025-10-01..2025-12-31");
    assert_eq!(of("this_year"), "2026-01-01..2026-12-31");
    assert_eq!(of("last_year"), "2025-01-01..2025-12-31");
    assert_eq!(of("2024-02-29..2024-03-01"), "2024-02-29..2024-03-01");
}

#[test]
fn quarters_and_years_begin_with_the_fiscal_month() {
    let of = |period, today| span(period, today, Calendar { fiscal_month: 4, ..Calendar::default() });

    assert_eq!(of("this_quarter", "2026-03-31"), "2026-01-01..2026-03-31");
    assert_eq!(of("this_quarter", "2026-04-01"), "2026-04-01..2026-06-30");
    assert_eq!(of("this_year", "2026-03-31"), "2025-04-01..2026-03-31");
    assert_eq!(of("last_year", "2026-04-01"), "2025-04-01..2026-03-31");
    let february = Calendar { fiscal_month: 2, ..Calendar::default() };
    assert_eq!(span("this_quarter", "2026-01-31", february), "2025-11-01..2026-01-31");
    assert_eq!(span("last_quarter", "2026-02-01", february), "2025-11-01..2026-01-31");
}

#[test]
fn a_month_is_cut_into_weeks_that_begin_where_the_workspace_begins_them() {
    let monday = buckets("2026-03-01", "2026-03-31", Calendar::default());
    let sunday = Calendar { week_start: Weekday::Sunday, ..Calendar::default() };

    assert_eq!(monday, ["1 Mar", "2–8 Mar", "9–15 Mar", "16–22 Mar", "23–29 Mar", "30–31 Mar"]);
    let sunday = buckets("2026-03-01", "2026-03-31", sunday);
    assert_eq!(sunday, ["1–7 Mar", "8–14 Mar", "15–21 Mar", "22–28 Mar", "29–31 Mar"]);
    assert_eq!(buckets("2026-02-27", "2026-03-03", Calendar::default()), ["27 Feb – 1 Mar", "2–3 Mar"]);
}

#[test]
fn longer_periods_are_cut_into_months_quarters_and_years() {
    assert_eq!(buckets("2026-01-01", "2026-03-31", Calendar::default()), ["Jan 2026", "Feb 2026", "Mar 2026"]);
    let three_years = buckets("2024-02-10", "2027-02-09", Calendar::default());
    assert_eq!(
        (three_years.len(), three_years[0].as_str(), three_years[1].as_str()),
        (13, "Feb–Mar 2024", "Apr–Jun 2024")
    );
    let long = buckets("1970-01-01", "2199-12-31", Calendar::default());
    assert_eq!((long.len(), long[0].as_str()), (230, "Jan–Dec 1970"));
    let fiscal = buckets("2010-01-01", "2026-12-31", Calendar { fiscal_month: 4, ..Calendar::default() });
    assert_eq!((fiscal[0].as_str(), fiscal[1].as_str()), ("Jan–Mar 2010", "Apr 2010 – Mar 2011"));
}

#[test]
fn buckets_cover_every_day_once() {
    for calendar in [Calendar::default(), Calendar { week_start: Weekday::Saturday, fiscal_month: 7 }] {
        for length in [0, 6, 30, 34, 35, 100, 731, 732, 2922, 2923, 9000] {
            let span = Span { from: day("2024-02-29"), to: day("2024-02-29").plus_days(length) };
            let buckets = span.buckets(&calendar);
            let mut next = span.from;
            for bucket in &buckets {
                assert_eq!(bucket.span.from, next);
                next = bucket.span.to.plus_days(1);
            }
            assert_eq!(next, span.to.plus_days(1));
            assert!(buckets.len() <= 35, "{length} days make {} bars", buckets.len());
        }
    }
}
