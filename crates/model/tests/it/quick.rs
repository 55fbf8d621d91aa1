//! Records typed on one line.

use model::input::{SmartLine, TaskLine, Warning, smart_line, task_line};
use proptest::prelude::*;

use crate::in_europe;

fn lead(text: &str) -> SmartLine {
    in_europe('.', |ctx| smart_line(text, ctx))
}

fn task(text: &str) -> TaskLine {
    in_europe('.', |ctx| task_line(text, ctx))
}

/// A lead line's parts in one line: title | cents | close | source | owner.
fn shown(line: &SmartLine) -> String {
    let cents = line.value_cents.as_ref().map_or(String::new(), |found| found.value.to_string());
    let close = line.close.as_ref().map_or(String::new(), |found| found.value.to_string());
    let word = |found: &Option<model::input::Found<String>>| found.as_ref().map_or(String::new(), |f| f.value.clone());
    format!("{} | {cents} | {close} | {} | {}", line.title, word(&line.source), word(&line.owner))
}

#[test]
fn a_lead_is_read_from_one_line() {
    let cases = [
        ("Acme website 12k fri #referral @ana", "Acme website | 1200000 | 2026-10-09 | Referral | ana"),
        ("@ana #cold-outreach Acme website", "Acme website |  |  | Cold outreach | ana"),
        ("Acme website", "Acme website |  |  |  | "),
        ("Acme $950 website", "Acme website | 95000 |  |  | "),
        ("Acme 12,500.00 3 nov 2027", "Acme | 1250000 | 2027-11-03 |  | "),
        ("Acme 12500 by nov 3", "Acme | 1250000 | 2026-11-03 |  | "),
        ("Acme +2w #podcast", "Acme |  | 2026-10-19 | podcast | "),
        ("Acme fri 12500", "Acme | 1250000 | 2026-10-09 |  | "),
        ("Acme next week 1,2m", "Acme | 120000000 | 2026-10-12 |  | "),
        ("Acme 2026-12-24", "Acme |  | 2026-12-24 |  | "),
        ("Acme 24/12", "Acme |  | 2026-12-24 |  | "),
    ];
    for (typed, parts) in cases {
        assert_eq!(shown(&lead(typed)), parts, "{typed}");
    }
}

#[test]
fn words_that_belong_to_the_title_stay() {
    for typed in [
        "Office 365 for ten",
        "Budget 2026",
        "Audit 2026 #referral",
        "24/7 support",
        "Support 24/7",
        "Upgrade to 3.10",
        "Team 2-3 people",
        "Sun panels",
        "Place in the sun tent",
        "Friday Coffee",
        "12k run",
        "Be #1 in town",
        "Ann & Co @ home",
        "5000 seats arena",
        "",
    ] {
        let line = lead(typed);
        assert_eq!(line.title, typed.trim_end_matches(" #referral"), "{line:?}");
        assert_eq!((line.value_cents, line.close, line.owner), (None, None, None), "{typed}");
    }
}

#[test]
fn parts_keep_the_words_they_came_from() {
    let line = lead("Acme  website 12,500 by 3  Nov #cold-outreach @Ana");
    let typed = |found: Option<String>| found.unwrap_or_default();

    assert_eq!(typed(line.value_cents.map(|found| found.typed)), "12,500");
    assert_eq!(typed(line.close.map(|found| found.typed)), "by 3 Nov");
    assert_eq!(typed(line.source.map(|found| found.typed)), "#cold-outreach");
    assert_eq!(typed(line.owner.map(|found| found.typed)), "@Ana");
}

#[test]
fn only_the_last_of_several_is_taken() {
    assert_eq!(shown(&lead("Acme fri or mon")), "Acme fri or |  | 2026-10-12 |  | ");
    assert_eq!(shown(&lead("Acme 5k 6k")), "Acme 5k | 600000 |  |  | ");
    assert_eq!(shown(&lead("Acme @ana @bo")), "Acme @ana |  |  |  | bo");
}

#[test]
fn doubts_come_along() {
    assert_eq!(lead("Acme 12.500").warnings.len(), 1);
    assert_eq!(lead("Acme 2026-10-01").warnings, [Warning::ClosePassed]);
    assert_eq!(task("Renew 2030-01-01").warnings, [Warning::DueFarAhead]);
}

#[test]
fn a_task_is_read_from_one_line() {
    let cases = [
        ("Send quote fri 10am !high", "Send quote | 2026-10-09T08:00:00.000Z | high | "),
        ("Send quote fri 10 am !h @ana", "Send quote | 2026-10-09T08:00:00.000Z | high | ana"),
        ("Send quote by tomorrow", "Send quote | 2026-10-05T22:00:00.000Z all day |  | "),
        ("Call Ann fri about the renewal", "Call Ann about the renewal | 2026-10-08T22:00:00.000Z all day |  | "),
        ("Call at 14:30", "Call | 2026-10-05T12:30:00.000Z |  | "),
        ("!low tidy up", "tidy up |  | low | "),
        ("Pay !med 3 nov 2026 9:15", "Pay | 2026-11-03T08:15:00.000Z | medium | "),
        ("Call Ann!", "Call Ann! |  |  | "),
        ("Wow !!! !now", "Wow !!! !now |  |  | "),
        ("Check the 16:9 screen", "Check the 16:9 screen |  |  | "),
    ];
    for (typed, parts) in cases {
        let line = task(typed);
        let due = line.due.map_or(String::new(), |found| {
            format!("{}{}", found.value.at, if found.value.all_day { " all day" } else { "" })
        });
        let priority = line.priority.map_or("", |found| found.value);
        let owner = line.owner.map_or(String::new(), |found| found.value);
        assert_eq!(format!("{} | {due} | {priority} | {owner}", line.title), parts, "{typed}");
    }
}

proptest! {
    #[test]
    fn no_line_panics_and_no_word_is_lost(text in prop_oneof![any::<String>(), "([a-z]{1,4}|fri|12k|3 oct|#x|@y|!h| ){0,9}"]) {
        let words = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort();
            words
        };
        let line = lead(&text);
        let parts = [
            line.value_cents.map(|found| found.typed),
            line.close.map(|found| found.typed),
            line.source.map(|found| found.typed),
            line.owner.map(|found| found.typed),
        ];
        let all: Vec<String> = parts.into_iter().flatten().chain([line.title]).collect();
        prop_assert_eq!(words(&all.join(" ")), words(&text));
        let _ = task(&text);
    }
}
