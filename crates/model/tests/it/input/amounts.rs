//! PRODUCT 8.1's validation table: money and probability.

use model::input::{InputContext, MoneyError, ProbabilityError, Warning, parse_money, parse_probability};
use model::schema::CENTS_MAX;
use model::{Settings, StageKind};

use crate::{in_america, in_europe, now, settings};

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
