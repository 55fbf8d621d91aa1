//! The parameters of a list into a question. What is not known is refused: a filter with a slip of the pen would
//! otherwise answer with everything.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::query::{Condition, ListQuery, Op, Sort};
use model::report::Figure;
use model::{RecordId, Timestamp, Value};

use super::failure::{field as problem, invalid_parameters};
use super::resource::{Filter, FilterType, Resource};
use crate::http::error::{ApiError, FieldError};

/// Rows of a page without `page_size`.
pub(super) const PAGE_SIZE: u32 = 50;
/// Most rows of a page.
pub(super) const PAGE_SIZE_MAX: u32 = 200;
/// The last page; further back, `cursor` leads.
pub(super) const PAGE_MAX: u32 = 10_000;
/// Longest `q`, in characters.
pub(super) const WORDS_MAX_CHARS: usize = 200;
/// The cursor that a walk begins with.
pub(super) const BEGIN: &str = "begin";

/// The parameters as they were sent.
pub(super) type Pairs = Vec<(String, String)>;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A page, from 1.
    Page(u32),
    /// What follows a record, in the order of ids.
    After(Option<RecordId>),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) list: ListQuery,
    pub(super) part: Part,
    pub(super) page_size: u32,
}

/// A page of something that has neither filters nor order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    pub(super) page: u32,
    pub(super) page_size: u32,
}

type Parsed<T> = Result<T, FieldError>;

/// Reads `page` and `page_size` and refuses everything else.
pub(super) fn paging(pairs: &Pairs) -> Result<Paging, ApiError> {
    let mut paging = Paging { page: 1, page_size: PAGE_SIZE };
    each(pairs, |name, text| {
        match name {
            "page" => paging.page = number(name, text, PAGE_MAX)?,
            "page_size" => paging.page_size = number(name, text, PAGE_SIZE_MAX)?,
            _ => return Err(unknown(name)),
        }
        Ok(())
    })?;
    Ok(paging)
}

/// Reads the parameters of a list.
pub(super) fn wanted(resource: &Resource, pairs: &Pairs) -> Result<Wanted, ApiError> {
    let mut list = ListQuery::of(resource.kind);
    let (mut page, mut after, mut page_size) = (None, None, PAGE_SIZE);
    each(pairs, |name, text| {
        match name {
            "q" => list.text = words(name, text)?,
            "page" => page = Some(number(name, text, PAGE_MAX)?),
            "page_size" => page_size = number(name, text, PAGE_SIZE_MAX)?,
            "cursor" => after = Some(cursor(text)?),
            "sort" => list.sort = sort(resource, text)?,
            "trash" => list.filter.extend(trash(name, text)?),
            _ => list.filter.push(condition(resource, name, text)?),
        }
        Ok(())
    })?;
    let part = after.map_or_else(|| Part::Page(page.unwrap_or(1)), Part::After);
    match part {
        Part::After(_) => list.sort.clear(),
        Part::Page(_) if list.sort.is_empty() => {
            list.sort = resource.sorts.first().map(|key| sort_key(key)).into_iter().collect();
        }
        Part::Page(_) => {}
    }
    Ok(Wanted { list, part, page_size })
}

/// Calls `take` with every parameter; one that is given twice is refused.
pub(super) fn each(pairs: &Pairs, mut take: impl FnMut(&str, &str) -> Parsed<()>) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (name, text) in pairs {
        if seen.insert(name) {
            problems.extend(take(name, text).err());
        } else {
            problems.push(problem(name, "invalid", "is given twice"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(invalid_parameters(problems)) }
}

/// There is no such parameter.
pub(super) fn unknown(name: &str) -> FieldError {
    problem(name, "unknown_parameter", "there is no such parameter")
}

/// A number from 1 to `max`.
pub(super) fn number(name: &str, text: &str, max: u32) -> Parsed<u32> {
    let digits = !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
    let found = text.parse().ok().filter(|number| digits && (1..=max).contains(number));
    found.ok_or_else(|| problem(name, "invalid", format!("must be a number from 1 to {max}")))
}

fn words(name: &str, text: &str) -> Parsed<String> {
    if text.chars().count() > WORDS_MAX_CHARS {
        return Err(problem(name, "invalid", format!("at most {WORDS_MAX_CHARS} characters")));
    }
    Ok(text.to_owned())
}

fn cursor(text: &str) -> Parsed<Option<RecordId>> {
    if text == BEGIN {
        return Ok(None);
    }
    let hex = text.len() == 32 && text.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'));
    let found = text.parse().ok().filter(|_| hex);
    found.map(Some).ok_or_else(|| problem("cursor", "invalid", "take it from next_cursor, or begin with \"begin\""))
}

/// The cursor that leads on from a record.
pub(super) fn cursor_after(record: RecordId) -> String {
    record.as_bytes().iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn sort(resource: &Resource, text: &str) -> Parsed<Vec<Sort>> {
    let keys: Vec<&str> = text.split(',').collect();
    let known = |key: &&str| resource.sort_keys().any(|known| known == key.strip_prefix('-').unwrap_or(key));
    if keys.len() > 3 || !keys.iter().all(known) {
        let known: Vec<&str> = resource.sort_keys().collect();
        let detail = format!("up to three of {}, each with - in front for descending", known.join(", "));
        return Err(problem("sort", "invalid", detail));
    }
    Ok(keys.into_iter().map(sort_key).collect())
}

fn sort_key(key: &str) -> Sort {
    let descending = key.starts_with('-');
    Sort { field: key.trim_start_matches('-').to_owned(), descending }
}

fn trash(name: &str, text: &str) -> Parsed<Option<Condition>> {
    match text {
        "true" => Ok(Some(Condition { field: "deleted_at".into(), op: Op::NotEmpty, values: Vec::new() })),
        "false" => Ok(None),
        _ => Err(problem(name, "invalid", "must be true or false")),
    }
}

fn condition(resource: &Resource, name: &str, text: &str) -> Parsed<Condition> {
    let filter = resource.filters.iter().find(|filter| filter.name == name).ok_or_else(|| unknown(name))?;
    let value = filter_value(filter, text)?;
    Ok(Condition { field: filter.field.to_owned(), op: filter.op, values: vec![value] })
}

fn filter_value(filter: &Filter, text: &str) -> Parsed<Value> {
    let invalid = |detail: &str| problem(filter.name, "invalid", detail);
    Ok(match filter.of {
        FilterType::Id => text.parse::<RecordId>().map_err(|_| invalid("must be an id"))?.into(),
        FilterType::Word => words(filter.name, text)?.into(),
        FilterType::Figure => {
            text.parse::<Figure>().map_err(|error| invalid(&error.to_string()))?;
            text.into()
        }
        FilterType::Choice(choices) if choices.contains(&text) => text.into(),
        FilterType::Choice(choices) => return Err(invalid(&format!("must be one of {}", choices.join(", ")))),
        FilterType::Moment => {
            text.parse::<Timestamp>().map_err(|_| invalid("must be a moment as in 2026-10-03T14:30:00Z"))?.into()
        }
    })
}
