//! What holds for every input: nothing panics, and what is written reads back.

use model::format;
use model::input::{
    DateOrder, InputContext, Lean, parse_date, parse_email, parse_moment, parse_money, parse_phone, parse_probability,
    parse_url,
};
use model::schema::CENTS_MAX;
use model::{Settings, StageKind, Timestamp};
use proptest::prelude::*;

use crate::{date, in_america, in_europe, now, settings};

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

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
}
