//! Filter chips of the form `field op value` (PRODUCT 8.5), as the address carries them and as a query takes them.
//!
//! In the address they stand under `w`: `field:op:value|value`, joined by `;`. Values are what people type, so that
//! "me" or "last 7 days" mean tomorrow what they mean tomorrow.

use model::input::read_field;
use model::query::{Condition, Op};
use model::{Kind, OwnField, OwnType, Settings, Value};

use super::escape::{escaped, plain};
use super::fields::{Editor, options};
use super::filters::cents;
use super::format;
use crate::scene::Scene;

/// What a field holds, which decides the ways to compare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds<'a> {
    /// Words.
    Text,
    /// One of a list.
    Choice(Editor<'a>),
    /// Money.
    Money,
    /// A number.
    Number,
    /// A day, or a moment of which the day counts.
    Day,
    /// A set of words.
    Set,
    /// A day that stands there as ISO text, which is in the order of days too.
    IsoDay,
    /// Yes or no.
    Flag,
}

/// A field that can be filtered by: the query's name for it, its words, what it holds.
pub(crate) type FilterField<'a> = (&'a str, &'a str, Holds<'a>);

const LEAD: &[FilterField<'_>] = &[
    ("title", "Title", Holds::Text),
    ("account_id", "Account", Holds::Text),
    ("primary_contact_id", "Contact", Holds::Text),
    ("stage", "Stage", Holds::Choice(Editor::Stage)),
    ("value_cents", "Value", Holds::Money),
    ("probability", "Probability", Holds::Number),
    ("expected_close_date", "Expected close", Holds::Day),
    ("source", "Source", Holds::Choice(Editor::Source)),
    ("owner_id", "Owner", Holds::Choice(Editor::Owner)),
    ("tag", "Tag", Holds::Set),
    ("last_touch_at", "Last touch", Holds::Day),
    ("next_task_due", "Next task due", Holds::Day),
    ("stage_entered_at", "In stage since", Holds::Day),
    ("created_at", "Created", Holds::Day),
    ("closed_on", "Closed on", Holds::Day),
    ("lost_reason", "Lost reason", Holds::Text),
    ("competitor", "Competitor", Holds::Text),
    ("files", "Files", Holds::Number),
];

const ACCOUNT: &[FilterField<'_>] = &[
    ("name", "Name", Holds::Text),
    ("industry", "Industry", Holds::Text),
    ("size", "Size", Holds::Text),
    ("website", "Domain", Holds::Text),
    ("city", "City", Holds::Text),
    ("country", "Country", Holds::Text),
    ("owner_id", "Owner", Holds::Choice(Editor::Owner)),
    ("tag", "Tag", Holds::Set),
    ("open_leads", "Open leads", Holds::Number),
    ("open_cents", "Open value", Holds::Money),
    ("won_cents", "Won value", Holds::Money),
    ("last_touch_at", "Last touch", Holds::Day),
    ("created_at", "Created", Holds::Day),
];

const CONTACT: &[FilterField<'_>] = &[
    ("name", "Name", Holds::Text),
    ("title", "Title", Holds::Text),
    ("account_id", "Account", Holds::Text),
    ("email", "Email", Holds::Text),
    ("phone", "Phone", Holds::Text),
    ("owner_id", "Owner", Holds::Choice(Editor::Owner)),
    ("tag", "Tag", Holds::Set),
    ("last_touch_at", "Last touch", Holds::Day),
    ("created_at", "Created", Holds::Day),
];

/// The fields that a kind's list can be filtered by: the program's, then the workspace's own.
pub(crate) fn filter_fields(kind: Kind, settings: &Settings) -> Vec<FilterField<'_>> {
    let usual = match kind {
        Kind::Account => ACCOUNT,
        Kind::Contact => CONTACT,
        _ => LEAD,
    };
    usual.iter().copied().chain(settings.live_fields(kind).map(own_filter)).collect()
}

fn own_filter(field: &OwnField) -> FilterField<'_> {
    let holds = match field.of {
        OwnType::Text | OwnType::Link => Holds::Text,
        OwnType::Number => Holds::Number,
        OwnType::Money => Holds::Money,
        OwnType::Date => Holds::IsoDay,
        OwnType::Flag => Holds::Flag,
        OwnType::Choice => Holds::Choice(Editor::Own(field)),
    };
    (field.value_key(), &field.name, holds)
}

fn filter_field<'a>(kind: Kind, key: &str, settings: &'a Settings) -> Option<FilterField<'a>> {
    filter_fields(kind, settings).into_iter().find(|(known, ..)| *known == key)
}

/// A way to compare: its word in the address and on the chip, and how many values it takes.
pub(crate) type How = (&'static str, &'static str, usize);

/// The ways to compare what a field holds; the first is proposed.
pub(crate) const fn ways(holds: Holds<'_>) -> &'static [How] {
    const EMPTY: How = ("empty", "is empty", 0);
    const SET: How = ("set", "has a value", 0);
    match holds {
        Holds::Text => &[("has", "contains", 1), ("is", "is", 1), ("not", "is not", 1), EMPTY, SET],
        Holds::Choice(_) | Holds::Set => &[("is", "is", 1), ("not", "is not", 1), EMPTY, SET],
        Holds::Money | Holds::Number => &[
            ("over", "is over", 1),
            ("under", "is under", 1),
            ("between", "is between", 2),
            ("is", "is", 1),
            EMPTY,
            SET,
        ],
        Holds::Flag => &[("yes", "is yes", 0), ("no", "is no", 0), EMPTY, SET],
        Holds::Day | Holds::IsoDay => &[
            ("last", "in the last … days", 1),
            ("next", "in the next … days", 1),
            ("over", "after", 1),
            ("under", "before", 1),
            ("between", "between", 2),
            ("is", "on", 1),
            EMPTY,
            SET,
        ],
    }
}

/// A chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Where {
    /// The query's name of the field.
    pub(crate) field: String,
    /// The word of the comparison.
    pub(crate) how: String,
    /// What was typed or picked.
    pub(crate) values: Vec<String>,
}

/// Reads the chips of an address; what can't be read is left out.
pub(crate) fn parse(text: &str) -> Vec<Where> {
    let chip = |part: &str| {
        let mut parts = part.splitn(3, ':');
        let (field, how) = (parts.next()?, parts.next()?);
        let values = parts.next().unwrap_or("").split('|').filter(|value| !value.is_empty()).map(plain);
        let known = !field.is_empty() && !how.is_empty();
        known.then(|| Where { field: plain(field), how: how.to_owned(), values: values.collect() })
    };
    text.split(';').filter_map(chip).collect()
}

/// The chips as the address carries them.
pub(crate) fn print(chips: &[Where]) -> String {
    let chip = |of: &Where| {
        let values: Vec<String> = of.values.iter().map(|value| escaped(value)).collect();
        format!("{}:{}:{}", escaped(&of.field), of.how, values.join("|"))
    };
    chips.iter().map(chip).collect::<Vec<_>>().join(";")
}

/// What a query filters by for a chip; `None` for one that says nothing of this kind or whose value can't be read.
pub(crate) fn condition(kind: Kind, chip: &Where, scene: &Scene<'_>) -> Option<Condition> {
    let (field, _, holds) = filter_field(kind, &chip.field, scene.settings)?;
    let how = ways(holds).iter().find(|(word, ..)| *word == chip.how)?;
    if chip.values.len() < how.2 {
        return None;
    }
    let op = match chip.how.as_str() {
        "has" => Op::Contains,
        "not" => Op::IsNot,
        "empty" => Op::Empty,
        "set" => Op::NotEmpty,
        "over" => Op::Over,
        "under" => Op::Under,
        "between" | "last" | "next" => Op::Between,
        _ => Op::Is,
    };
    let values = match chip.how.as_str() {
        "last" | "next" => days_around(chip, scene)?,
        "yes" | "no" => vec![Value::Bool(chip.how == "yes")],
        _ => chip.values.iter().map(|text| value(holds, text, scene)).collect::<Option<Vec<_>>>()?,
    };
    let as_text = |value: Value| value.as_date().map_or(value, |day| Value::Text(day.to_string()));
    let values = if holds == Holds::IsoDay { values.into_iter().map(as_text).collect() } else { values };
    Some(Condition { field: field.to_owned(), op, values })
}

fn days_around(chip: &Where, scene: &Scene<'_>) -> Option<Vec<Value>> {
    const DAYS_MAX: i32 = 36_500;
    let days: i32 = chip.values.first()?.trim().parse().ok()?;
    let days = days.clamp(0, DAYS_MAX);
    let (from, to) = match chip.how.as_str() {
        "last" => (scene.today.plus_days(-days), scene.today),
        _ => (scene.today, scene.today.plus_days(days)),
    };
    Some(vec![from.into(), to.into()])
}

/// What was typed, read as what the field holds.
fn value(holds: Holds<'_>, text: &str, scene: &Scene<'_>) -> Option<Value> {
    match holds {
        Holds::Text | Holds::Set | Holds::Flag => Some(text.into()),
        Holds::Choice(Editor::Owner) if text == "me" => scene.my_id().map(Value::Id),
        Holds::Choice(Editor::Owner) => text.parse().ok().map(Value::Id),
        Holds::Choice(_) => Some(text.into()),
        Holds::Money => cents(text, scene).map(Value::Int),
        Holds::Number => text.trim().trim_end_matches('%').trim().parse().ok().map(Value::Int),
        Holds::Day | Holds::IsoDay => {
            let ctx = scene.input();
            read_field(Kind::Lead, "expected_close_date", text, &ctx).ok()?.value
        }
    }
}

/// What is wrong with a value that was typed for a chip; `None` when it can be used.
pub(crate) fn problem(kind: Kind, chip: &Where, scene: &Scene<'_>) -> Option<&'static str> {
    if condition(kind, chip, scene).is_some() {
        return None;
    }
    let (.., holds) = filter_field(kind, &chip.field, scene.settings)?;
    Some(match holds {
        _ if matches!(chip.how.as_str(), "last" | "next") => "Enter a number of days",
        Holds::Money => "Enter an amount, such as 5k",
        Holds::Number => "Enter a number",
        Holds::Day | Holds::IsoDay => "Enter a day, such as 3 oct or +2w",
        _ => "Enter what to look for",
    })
}

/// What a chip says.
pub(crate) fn words(kind: Kind, chip: &Where, scene: &Scene<'_>) -> String {
    let known = filter_field(kind, &chip.field, scene.settings);
    let Some((_, name, holds)) = known else { return scene.field_words(kind, &chip.field) };
    let how = ways(holds).iter().find(|(word, ..)| *word == chip.how).map_or("is", |(_, words, _)| words);
    let shown = |text: &String| match holds {
        Holds::Choice(Editor::Owner) if text == "me" => "me".to_owned(),
        Holds::Choice(editor) => {
            let found = options(editor, scene).into_iter().find(|option| option.key == *text);
            found.map_or_else(|| text.clone(), |option| option.text)
        }
        Holds::Money => {
            let read = cents(text, scene).map(|cents| format::money_compact(cents, &scene.settings.currency));
            read.unwrap_or_else(|| text.clone())
        }
        _ => text.clone(),
    };
    let values: Vec<String> = chip.values.iter().map(shown).collect();
    match chip.how.as_str() {
        "last" | "next" => format!("{name} {}", how.replace('…', values.first().map_or("", String::as_str))),
        "empty" | "set" | "yes" | "no" => format!("{name} {how}"),
        "between" => format!("{name} {how} {}", values.join(" and ")),
        _ => format!("{name} {how} {}", values.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chip(field: &str, how: &str, values: &[&str]) -> Where {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Where { field: field.into(), how: how.into(), values }
    }

    #[test]
    fn chips_read_back_from_the_address_as_they_were_written() {
        let chips = [
            chip("source", "is", &["Referral", "A|B; 100%"]),
            chip("value_cents", "between", &["5k", "50k"]),
            chip("title", "empty", &[]),
        ];

        assert_eq!(parse(&print(&chips)), chips);
    }

    #[test]
    fn what_is_no_chip_is_left_out() {
        for text in ["", ";", "title", ":is:x", "title::x"] {
            assert_eq!(parse(text), [], "{text}");
        }
    }
}
