//! PRODUCT 8.1's validation table, row by row.

use model::format;
use model::input::{
    DateError, DateOrder, EmailError, InputContext, Lean, MoneyError, PhoneError, ProbabilityError, UrlError, Warning,
    close_date_warning, due_warning, is_free_mail, parse_date, parse_email, parse_moment, parse_money, parse_phone,
    parse_probability, parse_time, parse_url,
};
use model::schema::CENTS_MAX;
use model::{Date, Settings, StageKind, Timestamp};
use proptest::prelude::*;

use crate::{in_america, in_europe, now, settings};

// ---- E-mail

#[test]
fn emails_are_normalised_and_keyed() {
    let cases = [
        ("ann@acme.com", "ann@acme.com", "ann@acme.com", None),
        ("  Ann.Lee@ACME.Com \n", "Ann.Lee@acme.com", "ann.lee@acme.com", None),
        ("mailto:ann@acme.com", "ann@acme.com", "ann@acme.com", None),
        ("MAILTO:ann@acme.com?subject=Hi", "ann@acme.com", "ann@acme.com", None),
        ("Ann Lee <ann@acme.com>", "ann@acme.com", "ann@acme.com", Some("Ann Lee")),
        ("\"Lee, Ann\" <mailto:ann@acme.com>", "ann@acme.com", "ann@acme.com", Some("Lee, Ann")),
        ("<ann@acme.com>", "ann@acme.com", "ann@acme.com", None),
        ("ann+crm@shop.acme.co.uk", "ann+crm@shop.acme.co.uk", "ann+crm@shop.acme.co.uk", None),
        ("jörg@MÜNCHEN.de", "jörg@münchen.de", "jörg@xn--mnchen-3ya.de", None),
        ("jo@xn--mnchen-3ya.de", "jo@münchen.de", "jo@xn--mnchen-3ya.de", None),
    ];
    for (typed, address, key, name) in cases {
        let email = parse_email(typed).expect(typed).value;
        assert_eq!(
            (email.address.as_str(), email.key.as_str(), email.name.as_deref()),
            (address, key, name),
            "{typed}"
        );
    }
}

#[test]
fn what_is_no_email_says_why() {
    let long_local = format!("{}@acme.com", "a".repeat(65));
    let longest_local = format!("{}@acme.com", "a".repeat(64));
    let long = format!("{}@{}.com", "a".repeat(64), vec!["b".repeat(60); 4].join("."));
    let cases = [
        ("", EmailError::NotOneAt),
        ("ann", EmailError::NotOneAt),
        ("ann@acme@com", EmailError::NotOneAt),
        ("a@b.com, c@d.com", EmailError::NotOneAt),
        ("@acme.com", EmailError::EmptyLocal),
        (&long_local, EmailError::LongLocal),
        ("ann lee@acme.com", EmailError::BadLocal),
        ("ann@acme", EmailError::BadDomain),
        ("ann@", EmailError::BadDomain),
        ("ann@acme..com", EmailError::BadDomain),
        ("ann@-acme.com", EmailError::BadDomain),
        ("ann@acme.com.", EmailError::BadDomain),
        ("ann@ac me.com", EmailError::BadDomain),
        ("ann@10.0.0.1", EmailError::BadDomain),
        (&long, EmailError::TooLong),
    ];
    for (typed, error) in cases {
        assert_eq!(parse_email(typed), Err(error), "{typed}");
    }
    assert!(parse_email(&longest_local).is_ok());
}

#[test]
fn a_domain_one_slip_from_a_well_known_one_is_asked_about() {
    let cases = [
        ("ann@gmial.com", Some("gmail.com")),
        ("ann@gmail.co", Some("gmail.com")),
        ("ann@outlok.com", Some("outlook.com")),
        ("ann@yaho.com", Some("yahoo.com")),
        ("ann@iclould.com", Some("icloud.com")),
        ("ann@gmail.com", None),
        ("ann@ymail.com", None),
        ("ann@mail.com", None),
        ("ann@acme.com", None),
    ];
    for (typed, domain) in cases {
        let warnings = parse_email(typed).expect(typed).warnings;
        assert_eq!(warnings, Vec::from_iter(domain.map(Warning::DomainLooksLike)), "{typed}");
    }
    assert_eq!(Warning::DomainLooksLike("gmail.com").to_string(), "did you mean gmail.com?");
}

#[test]
fn free_mail_domains_are_nobodys_company() {
    assert!(["gmail.com", "GMX.de", "yahoo.co.uk", "hotmail.fr"].into_iter().all(is_free_mail));
    assert!(!["acme.com", "yahoo.acme.com", "mygmail.com"].into_iter().any(is_free_mail));
}

// ---- Phone

#[test]
fn phones_are_kept_as_typed_and_keyed_in_the_workspaces_region() {
    let american = [
        ("(212) 456-7890", "+12124567890", None),
        ("212.456.7890 x123", "+12124567890", Some("123")),
        ("+1 212 456 7890 ext. 9", "+12124567890", Some("9")),
        ("1-212-456-7890, extension 42", "+12124567890", Some("42")),
        ("212 456 7890 #7", "+12124567890", Some("7")),
        ("+44 20 7946 0958", "+442079460958", None),
        ("011 44 20 7946 0958", "+442079460958", None),
        ("tel:+12124567890", "+12124567890", None),
    ];
    let german = [
        ("030 23125 014", "+493023125014", None),
        ("+49 (0)30 23125-014", "+493023125014", None),
        ("0049 30 23125014", "+493023125014", None),
    ];
    in_america(|ctx| american.iter().for_each(|case| check_phone(case, ctx)));
    in_europe(',', |ctx| german.iter().for_each(|case| check_phone(case, ctx)));
}

fn check_phone((typed, key, extension): &(&str, &str, Option<&str>), ctx: &InputContext<'_>) {
    let phone = parse_phone(&format!(" {typed} "), ctx).expect(typed);
    let value = &phone.value;
    assert_eq!(value.text, typed.trim_start_matches("tel:"));
    assert_eq!((value.key.as_deref(), value.extension.as_deref()), (Some(*key), *extension), "{typed}");
    assert_eq!(phone.warnings, []);
}

#[test]
fn a_phone_that_cannot_be_dialled_is_kept_and_doubted() {
    for typed in ["12345", "ask Ann 212 456 7890", "555 0100 / 555 0101", "+999 123 456 789", "1-800-FLOWERS 123"] {
        let phone = in_america(|ctx| parse_phone(typed, ctx)).expect(typed);
        assert_eq!((phone.value.text.as_str(), phone.value.key), (typed, None));
        assert_eq!(phone.warnings, [Warning::PhoneNotRecognised]);
    }
}

#[test]
fn fewer_than_three_digits_are_no_phone() {
    for typed in ["", "12", "none", "+1-2", "x"] {
        assert_eq!(in_america(|ctx| parse_phone(typed, ctx)), Err(PhoneError::TooFewDigits), "{typed}");
    }
}

// ---- URL

#[test]
fn urls_are_normalised_and_keyed_by_the_registrable_domain() {
    let cases = [
        ("acme.com", "https://acme.com", "acme.com"),
        (" www.ACME.com/ ", "https://www.acme.com", "acme.com"),
        ("http://shop.acme.co.uk/Cart?Id=1#Top", "http://shop.acme.co.uk/Cart?Id=1#Top", "acme.co.uk"),
        ("HTTPS://acme.com", "https://acme.com", "acme.com"),
        ("//acme.com/a", "https://acme.com/a", "acme.com"),
        ("acme.com:8080/x", "https://acme.com:8080/x", "acme.com"),
        ("acme.com/?from=http://b.co", "https://acme.com/?from=http://b.co", "acme.com"),
        ("bücher.de", "https://bücher.de", "xn--bcher-kva.de"),
        ("ann.github.io", "https://ann.github.io", "ann.github.io"),
        ("co.uk", "https://co.uk", "co.uk"),
        ("http://192.168.0.10/admin", "http://192.168.0.10/admin", "192.168.0.10"),
        ("acme.com.", "https://acme.com", "acme.com"),
    ];
    for (typed, address, key) in cases {
        let url = parse_url(typed).expect(typed).value;
        assert_eq!((url.address.as_str(), url.key.as_str()), (address, key), "{typed}");
    }
}

#[test]
fn what_is_no_url_says_why() {
    let cases = [
        ("acme com", UrlError::Spaces),
        ("https://acme .com", UrlError::Spaces),
        ("ftp://acme.com", UrlError::OtherScheme),
        ("mailto:ann@acme.com", UrlError::OtherScheme),
        ("javascript:alert(1)", UrlError::OtherScheme),
        ("acme", UrlError::NoDot),
        ("", UrlError::NoDot),
        ("localhost:8080", UrlError::NoDot),
        ("https://", UrlError::NoDot),
        ("acme..com", UrlError::BadHost),
        ("ann@acme.com", UrlError::BadHost),
        ("https://acme.com:99999", UrlError::BadHost),
        ("1.2", UrlError::BadHost),
    ];
    for (typed, error) in cases {
        assert_eq!(parse_url(typed), Err(error), "{typed}");
    }
}

// ---- Money

#[test]
fn amounts_are_read_in_every_form() {
    let cases = [
        ("12500", 1_250_000),
        ("12,500.00", 1_250_000),
        ("12.500,00", 1_250_000),
        ("12 500", 1_250_000),
        ("12\u{a0}500,50", 1_250_050),
        ("$12.5k", 1_250_000),
        ("1,2m", 120_000_000),
        ("1.2M", 120_000_000),
        ("$ 12 k", 1_200_000),
        ("1.234.567,89", 123_456_789),
        ("1,234,567.89", 123_456_789),
        ("1,234,567", 123_456_700),
        ("12,34,567.89", 123_456_789),
        ("1'234.50", 123_450),
        ("12.5", 1_250),
        ("12,5", 1_250),
        (".5", 50),
        ("5.", 500),
        ("0", 0),
        ("0.00", 0),
        ("+7", 700),
        ("USD 12,500.00", 1_250_000),
        ("12500 usd", 1_250_000),
        ("1,234.5k", 123_450_000),
        ("１２５００", 1_250_000),
        ("999,999,999,999.99", CENTS_MAX),
    ];
    for decimal in ['.', ','] {
        for (typed, cents) in cases {
            let parsed = in_europe(decimal, |ctx| parse_money(typed, ctx)).expect(typed);
            assert_eq!((parsed.value, parsed.warnings), (cents, vec![]), "{typed}");
        }
    }
}

#[test]
fn one_sign_with_three_digits_groups_and_is_echoed_where_it_could_be_the_decimal_sign() {
    let echo = |cents| vec![Warning::AmbiguousAmount { cents, currency: "USD".into() }];
    let cases = [
        ("12,500", '.', 1_250_000, vec![]),
        ("12,500", ',', 1_250_000, echo(1_250_000)),
        ("12.500", ',', 1_250_000, vec![]),
        ("12.500", '.', 1_250_000, echo(1_250_000)),
        ("1.234k", '.', 123_400, echo(123_400)),
        ("1,234k", '.', 123_400_000, vec![]),
    ];
    for (typed, decimal, cents, warnings) in cases {
        let parsed = in_europe(decimal, |ctx| parse_money(typed, ctx)).expect(typed);
        assert_eq!((parsed.value, parsed.warnings), (cents, warnings), "{typed} with {decimal}");
    }
    assert_eq!(echo(1_250_000)[0].to_string(), "= $12,500.00");
}

#[test]
fn the_decimal_sign_follows_from_the_region() {
    let decimal = |region| InputContext::new(&settings(region, "UTC", "dmy"), now()).decimal;

    assert_eq!(["US", "GB", "CH", "DE", "fr", "BR", "??"].map(decimal), ['.', '.', '.', ',', ',', ',', '.']);
}

#[test]
fn another_currencys_sign_is_pointed_out() {
    let foreign = |typed: &str| vec![Warning::OtherCurrency { typed: typed.into(), currency: "USD".into() }];
    let cases = [("€500", foreign("€")), ("500 chf", foreign("CHF")), ("CA$500", foreign("CA$")), ("$500", vec![])];
    for (typed, warnings) in cases {
        let parsed = in_america(|ctx| parse_money(typed, ctx)).expect(typed);
        assert_eq!((parsed.value, parsed.warnings), (50_000, warnings), "{typed}");
    }
    let canadian = Settings { currency: "CAD".into(), ..Settings::default() };
    let parsed = parse_money("$500", &InputContext::new(&canadian, now())).expect("is an amount");
    assert_eq!(parsed.warnings, []);
}

#[test]
fn what_is_no_amount_says_why() {
    let cases = [
        ("", MoneyError::NotANumber),
        ("$", MoneyError::NotANumber),
        ("abc", MoneyError::NotANumber),
        ("12a", MoneyError::NotANumber),
        ("12kk", MoneyError::NotANumber),
        ("1e5", MoneyError::NotANumber),
        ("-5", MoneyError::Negative),
        ("$-5", MoneyError::Negative),
        ("-$5", MoneyError::Negative),
        ("−5", MoneyError::Negative),
        ("(500)", MoneyError::Negative),
        ("1.234,567", MoneyError::TooManyDecimals),
        ("12.5000", MoneyError::TooManyDecimals),
        ("0.500", MoneyError::TooManyDecimals),
        ("1234.567", MoneyError::TooManyDecimals),
        ("1.234567k", MoneyError::TooManyDecimals),
        ("1,23,45", MoneyError::BadGrouping),
        ("1,234.567,89", MoneyError::BadGrouping),
        ("12 50", MoneyError::BadGrouping),
        ("1,,234", MoneyError::BadGrouping),
        ("1000000000000", MoneyError::TooLarge),
        ("1000000000m", MoneyError::TooLarge),
        ("99999999999999999999999", MoneyError::TooLarge),
    ];
    for (typed, error) in cases {
        assert_eq!(in_america(|ctx| parse_money(typed, ctx)), Err(error), "{typed}");
    }
}

// ---- Dates and times

fn date(text: &str) -> Date {
    text.parse().expect("is a date")
}

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

// ---- Probability

#[test]
fn probabilities_are_whole_percents() {
    let cases = [
        ("50", Ok(50)),
        (" 50 % ", Ok(50)),
        ("50%", Ok(50)),
        ("0", Ok(0)),
        ("100", Ok(100)),
        ("101", Err(ProbabilityError::Outside)),
        ("-1", Err(ProbabilityError::Outside)),
        ("999999999999999999999", Err(ProbabilityError::Outside)),
        ("12.5", Err(ProbabilityError::NotANumber)),
        ("", Err(ProbabilityError::NotANumber)),
        ("%", Err(ProbabilityError::NotANumber)),
        ("half", Err(ProbabilityError::NotANumber)),
    ];
    for (typed, percent) in cases {
        assert_eq!(parse_probability(typed, StageKind::Won).map(|parsed| parsed.value), percent, "{typed}");
    }
}

#[test]
fn an_open_lead_that_is_certain_is_doubted() {
    let warnings = |typed, stage| parse_probability(typed, stage).expect(typed).warnings;

    assert_eq!(warnings("0", StageKind::Open), [Warning::OpenButCertain]);
    assert_eq!(warnings("100%", StageKind::Open), [Warning::OpenButCertain]);
    assert_eq!(warnings("99", StageKind::Open), []);
    assert_eq!(warnings("100", StageKind::Won), []);
}

// ---- Laws

/// Text of the kind that parsers take apart, so that chance gets further than the first check.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9.,' $€km+()-]{0,24}",
        "[0-9a-z@.<>:/+ -]{0,40}",
        "[+0-9 ()x/.-]{0,24}",
        "(mon|fri|oct|3|31|2026|/|-|\\.|:| |,|am|pm|\\+|d|w|next|week|at){0,9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_text_makes_a_parser_panic(text in typed(), decimal in prop_oneof![Just('.'), Just(',')]) {
        in_europe(decimal, |ctx| {
            let _ = parse_email(&text);
            let _ = parse_url(&text);
            let _ = parse_phone(&text, ctx);
            let _ = parse_money(&text, ctx);
            let _ = parse_probability(&text, StageKind::Open);
            for lean in [Lean::Ahead, Lean::Nearest] {
                let _ = parse_date(&text, ctx, lean);
                let _ = parse_moment(&text, ctx, lean);
            }
        });
    }

    #[test]
    fn no_region_makes_a_phone_panic(region in "[A-Z]{2}", text in "(\\+|00)?[0-9]{3,16}( x[0-9]{1,4})?") {
        let settings = settings(&region, "UTC", "dmy");
        let phone = parse_phone(&text, &InputContext::new(&settings, now())).expect("has digits");
        prop_assert!(phone.value.key.is_none_or(|key| key.starts_with('+') && key.len() <= 20));
    }

    #[test]
    fn a_phones_key_is_its_own_key(text in "[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}") {
        let key = in_america(|ctx| parse_phone(&text, ctx)).expect("has digits").value.key;
        if let Some(key) = key {
            let again = in_america(|ctx| parse_phone(&key, ctx)).expect("has digits").value.key;
            prop_assert_eq!(again, Some(key));
        }
    }

    #[test]
    fn money_written_in_full_reads_back(cents in 0..=CENTS_MAX, currency in "(USD|EUR|CHF|BRL|PLN|XTS)",
                                        decimal in prop_oneof![Just('.'), Just(',')]) {
        let settings = Settings { currency: currency.clone(), ..Settings::default() };
        let ctx = InputContext { decimal, ..InputContext::new(&settings, now()) };
        let parsed = parse_money(&format::money(cents, &currency), &ctx).expect("is an amount");
        prop_assert_eq!((parsed.value, parsed.warnings), (cents, vec![]));
    }

    #[test]
    fn dates_read_back_in_every_way_they_are_written(days in 0..83_000_i32, order in 0..3_usize) {
        let order = [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay][order];
        let day = date("1970-01-01").plus_days(days);
        let settings = Settings::default();
        let ctx = InputContext { date_order: order, ..InputContext::new(&settings, now()) };
        let numeric = match order {
            DateOrder::DayMonthYear => day.civil().strftime("%d.%m.%Y").to_string(),
            DateOrder::MonthDayYear => day.civil().strftime("%m/%d/%Y").to_string(),
            DateOrder::YearMonthDay => day.civil().strftime("%Y/%m/%d").to_string(),
        };
        for text in [day.to_string(), numeric, format::full_date(day)] {
            prop_assert_eq!(parse_date(&text, &ctx, Lean::Nearest), Ok(day), "{}", text);
        }
        if (0..365).contains(&day.days_since(ctx.today)) {
            prop_assert_eq!(parse_date(&format::short_date(day, day), &ctx, Lean::Ahead), Ok(day));
        }
    }

    #[test]
    fn moments_read_back(millis in 0..7_258_118_399_999_i64) {
        let at = Timestamp::from_millis(millis);
        let parsed = in_america(|ctx| parse_moment(&at.to_string(), ctx, Lean::Ahead));
        prop_assert_eq!(parsed.map(|moment| (moment.at, moment.all_day)), Ok((at, false)));
    }

    #[test]
    fn normalised_addresses_stay_as_they_are(text in "[a-zA-Z0-9.+]{1,9}@[a-zA-Z0-9äß]{1,9}\\.(com|de|co\\.uk)") {
        if let Ok(email) = parse_email(&text) {
            let again = parse_email(&email.value.address).expect("is an address").value;
            prop_assert_eq!(&again, &email.value);
        }
        if let Ok(url) = parse_url(text.split('@').next_back().unwrap_or("")) {
            let again = parse_url(&url.value.address).expect("is an address").value;
            prop_assert_eq!(&again, &url.value);
        }
    }
}
