//! A request's body into what it says about fields. What a program may write, and in which form, is decided here; the
//! OpenAPI document describes the same (`schema`).

use std::collections::BTreeMap;

use model::schema::{Field, FieldType, LINE_MAX_CHARS, check_field};
use model::{Date, Kind, RecordId, Timestamp, Value};
use serde_json::{Map, Value as Json};

use super::failure::{field as problem, invalid_fields};
use crate::domain::{FieldPatch, Patch};
use crate::http::error::{ApiError, FieldError};

/// Longest tag, name of a custom field, and the like, in characters.
pub(super) const MEMBER_MAX_CHARS: usize = 60;
/// Longest e-mail address or phone number in a list of them, in characters; ASCII only.
pub(super) const ADDRESS_MAX_CHARS: usize = 200;
/// Largest number in a custom field: what every JSON reader holds exactly.
pub(super) const CUSTOM_MAX: i64 = 9_007_199_254_740_991;
/// Most members of a list or map in one request.
pub(super) const MEMBERS_MAX: usize = 50;

/// Fields that follow from others or that only the relay writes.
const READ_ONLY: &[&str] = &["created_at", "updated_at", "deleted_at", "merged_into", "sample", "via"];
/// What answers carry beside the schema's fields.
const DERIVED: &[&str] = &["id", "status", "board_key", "stage_entered_at", "last_touch_at", "next_task"];

type Parsed<T> = Result<T, FieldError>;

/// The fields that a program may write, by the name it writes them under.
pub(super) fn writable(kind: Kind) -> impl Iterator<Item = (&'static str, &'static Field)> {
    let fields = kind.fields().iter().filter(|field| !READ_ONLY.contains(&field.key));
    fields.map(|field| if field.key == "place" { ("stage", field) } else { (field.key, field) })
}

/// Whether answers carry it, though nobody may write it.
fn is_read_only(kind: Kind, name: &str) -> bool {
    let of_schema = READ_ONLY.contains(&name) && kind.fields().iter().any(|field| field.key == name);
    of_schema || DERIVED.contains(&name)
}

/// Reads a body; every field that is wrong is listed.
pub(super) fn parse(kind: Kind, body: Json) -> Result<Patch, ApiError> {
    let Json::Object(body) = body else {
        return Err(ApiError::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_body",
            "the body must be a JSON object",
        ));
    };
    let mut patch = Patch::new();
    let mut problems = Vec::new();
    for (name, json) in body {
        match parse_field(kind, &name, json) {
            Ok(said) => drop(patch.insert(name, said)),
            Err(error) => problems.push(error),
        }
    }
    if problems.is_empty() { Ok(patch) } else { Err(invalid_fields(problems)) }
}

fn parse_field(kind: Kind, name: &str, json: Json) -> Parsed<FieldPatch> {
    let Some((_, field)) = writable(kind).find(|(known, _)| *known == name) else {
        return Err(if is_read_only(kind, name) {
            problem(name, "read_only", "only the relay writes this")
        } else {
            problem(name, "unknown_field", format!("a {kind} has no such field"))
        });
    };
    match (field.of, json) {
        (FieldType::Words, Json::Array(words)) => Ok(FieldPatch::Members(tags(name, &words)?)),
        (FieldType::Labels, Json::Array(items)) => Ok(FieldPatch::Members(labels(name, &items)?)),
        (FieldType::Custom, Json::Object(members)) => Ok(FieldPatch::Merge(custom(name, members)?)),
        (of, Json::Null) if of.has_members() => Err(wrong(name, expected(of))),
        (_, Json::Null) if field.required => Err(problem(name, "required", "is required")),
        (_, Json::Null) => Ok(FieldPatch::Value(None)),
        (of, json) => {
            let value = scalar(name, of, &json)?;
            if value.is_none() && field.required {
                return Err(problem(name, "required", "is required"));
            }
            if let Some(value) = value.as_ref().filter(|_| field.key != "place") {
                check_field(kind, field.key, value).map_err(|found| problem(name, "invalid", found.problem))?;
            }
            Ok(FieldPatch::Value(value))
        }
    }
}

/// One value; blank words are no value.
fn scalar(name: &str, of: FieldType, json: &Json) -> Parsed<Option<Value>> {
    let unfit = || wrong(name, expected(of));
    let words = || json.as_str().ok_or_else(unfit);
    Ok(Some(match of {
        FieldType::Line => match line(words()?) {
            text if text.is_empty() => return Ok(None),
            text if text.chars().count() > LINE_MAX_CHARS => return Err(problem(name, "invalid", "too long")),
            text => text.into(),
        },
        FieldType::Note | FieldType::Json => match words()? {
            text if text.trim().is_empty() => return Ok(None),
            text => text.into(),
        },
        FieldType::Int { .. } | FieldType::Cents => whole(json).ok_or_else(unfit)?.into(),
        FieldType::Flag => json.as_bool().ok_or_else(unfit)?.into(),
        FieldType::Date => words()?.parse::<Date>().map_err(|_| unfit())?.into(),
        FieldType::Time => words()?.parse::<Timestamp>().map_err(|_| unfit())?.into(),
        FieldType::Choice(_) => words()?.into(),
        FieldType::Link(_) | FieldType::LinkedId => words()?.parse::<RecordId>().map_err(|_| unfit())?.into(),
        FieldType::Words | FieldType::Labels | FieldType::Custom => return Err(unfit()),
    }))
}

/// A whole number, however JSON writes it.
fn whole(json: &Json) -> Option<i64> {
    /// Up to here, floating point holds whole numbers exactly.
    const EXACT: f64 = 9_007_199_254_740_991.0;
    // Reading a decimal may miss the nearest float by a hair.
    let is_whole = |number: f64| (number - number.round()).abs() <= number.abs() * f64::EPSILON;
    let float = || json.as_f64().filter(|number| is_whole(*number) && number.abs() <= EXACT).map(f64::round);
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within what both types hold exactly")]
    json.as_i64().or_else(|| float().map(|number| number as i64))
}

/// One line: what breaks it becomes a blank.
fn line(text: &str) -> String {
    let flat: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    flat.trim().to_owned()
}

fn wrong(name: &str, expected: &str) -> FieldError {
    problem(name, "wrong_type", format!("must be {expected}"))
}

const fn expected(of: FieldType) -> &'static str {
    match of {
        FieldType::Line | FieldType::Note | FieldType::Json | FieldType::Choice(_) => "text",
        FieldType::Int { .. } => "a whole number",
        FieldType::Cents => "a whole number of cents",
        FieldType::Flag => "true or false",
        FieldType::Date => "a date as in 2026-10-03",
        FieldType::Time => "a moment as in 2026-10-03T14:30:00Z",
        FieldType::Link(_) | FieldType::LinkedId => "the id of a record",
        FieldType::Words => "a list of words",
        FieldType::Labels => "a list of objects",
        FieldType::Custom => "an object",
    }
}

fn bounded(name: &str, count: usize) -> Parsed<()> {
    let detail = format!("at most {MEMBERS_MAX} at once");
    if count > MEMBERS_MAX { Err(problem(name, "invalid", detail)) } else { Ok(()) }
}

/// The name of a member: a tag, a custom field.
fn member(name: &str, json: &str) -> Parsed<String> {
    let word = line(json);
    if word.is_empty() || word.chars().count() > MEMBER_MAX_CHARS {
        let detail = format!("each entry takes 1 to {MEMBER_MAX_CHARS} characters");
        return Err(problem(name, "invalid", detail));
    }
    Ok(word)
}

fn tags(name: &str, words: &[Json]) -> Parsed<BTreeMap<String, Value>> {
    bounded(name, words.len())?;
    let tag = |word: &Json| {
        let word = word.as_str().ok_or_else(|| wrong(name, "a list of words"))?;
        Ok((member(name, word)?, true.into()))
    };
    words.iter().map(tag).collect()
}

/// `[{"value": …, "label": …}]`, and for a lead's contacts `[{"id": …, "role": …}]`.
fn labels(name: &str, items: &[Json]) -> Parsed<BTreeMap<String, Value>> {
    bounded(name, items.len())?;
    items.iter().map(|item| label(name, item)).collect()
}

/// The names under which JSON shows a member and its label.
pub(super) fn label_names(field: &str) -> (&'static str, &'static str) {
    if field == "contacts" { ("id", "role") } else { ("value", "label") }
}

fn label(name: &str, item: &Json) -> Parsed<(String, Value)> {
    let (key, value) = label_names(name);
    let unfit = || wrong(name, &format!("a list of objects with \"{key}\" and \"{value}\""));
    let item = item.as_object().ok_or_else(unfit)?;
    if item.keys().any(|found| found != key && found != value) {
        return Err(unfit());
    }
    let address = item.get(key).and_then(Json::as_str).ok_or_else(unfit)?.trim();
    let label = match item.get(value) {
        None | Some(Json::Null) => String::new(),
        Some(label) => line(label.as_str().ok_or_else(unfit)?),
    };
    if label.chars().count() > LINE_MAX_CHARS {
        return Err(problem(name, "invalid", "a label is too long"));
    }
    let fits = match name {
        "contacts" => address.parse::<RecordId>().is_ok(),
        _ => {
            let plain = address.bytes().all(|letter| (b' '..=b'~').contains(&letter));
            plain && !address.is_empty() && address.len() <= ADDRESS_MAX_CHARS
        }
    };
    let address = if name == "contacts" { address.to_lowercase() } else { address.to_owned() };
    if fits { Ok((address, label.into())) } else { Err(problem(name, "invalid", format!("\"{key}\" is not valid"))) }
}

fn custom(name: &str, members: Map<String, Json>) -> Parsed<BTreeMap<String, Option<Value>>> {
    bounded(name, members.len())?;
    members.into_iter().map(|(key, json)| Ok((member(name, &key)?, custom_value(name, &json)?))).collect()
}

fn custom_value(name: &str, json: &Json) -> Parsed<Option<Value>> {
    Ok(Some(match json {
        Json::Null => return Ok(None),
        Json::Bool(flag) => (*flag).into(),
        Json::String(text) if text.chars().count() <= LINE_MAX_CHARS => text.as_str().into(),
        Json::Number(_) => match whole(json) {
            Some(number) if (-CUSTOM_MAX..=CUSTOM_MAX).contains(&number) => number.into(),
            Some(_) => return Err(problem(name, "invalid", "a number is too large")),
            None => return Err(wrong(name, "an object of words, whole numbers and flags")),
        },
        Json::String(_) => return Err(problem(name, "invalid", "too long")),
        Json::Array(_) | Json::Object(_) => return Err(wrong(name, "an object of words, whole numbers and flags")),
    }))
}
