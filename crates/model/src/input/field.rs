//! One field's text into its value, by the schema's type of the field: what the command line, forms and import use.

use super::{
    InputContext, Lean, Moment, Warning, close_date_warning, due_warning, parse_date, parse_email, parse_moment,
    parse_money, parse_phone, parse_probability, parse_url,
};
use crate::fold::fold;
use crate::id::ParseIdError;
use crate::schema::{FieldProblem, FieldType, LINE_MAX_CHARS, check_field};
use crate::value::Fields;
use crate::{Kind, RecordId, StageKind, Value};

/// A field's value read from text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInput {
    /// The value; `None` when nothing was typed.
    pub value: Option<Value>,
    /// What the same text says about other fields, for the caller to set where they are empty or go with this one:
    /// the name in `Ann Lee <ann@acme.com>`, `all_day` for a due day without a time.
    pub also: Fields,
    /// Doubts; they never block.
    pub warnings: Vec<Warning>,
}

impl FieldInput {
    fn of(value: impl Into<Value>) -> Self {
        Self { value: Some(value.into()), also: Fields::new(), warnings: Vec::new() }
    }

    const fn empty() -> Self {
        Self { value: None, also: Fields::new(), warnings: Vec::new() }
    }
}

/// Reads the text typed for a field into its value; no text is no value.
///
/// A lead's `stage` takes a stage's id or name and brings the id as text: the caller makes a place of it.
///
/// # Errors
/// When the kind has no such field, or the text does not fit it.
pub fn parse_field(kind: Kind, key: &str, text: &str, ctx: &InputContext<'_>) -> Result<Option<Value>, FieldProblem> {
    read_field(kind, key, text, ctx).map(|input| input.value)
}

/// Reads the text typed for a field, like `parse_field`, with warnings and what it says about other fields.
///
/// # Errors
/// When the kind has no such field, or the text does not fit it.
pub fn read_field(kind: Kind, key: &str, text: &str, ctx: &InputContext<'_>) -> Result<FieldInput, FieldProblem> {
    let problem = |problem: String| FieldProblem::new(key, problem);
    if kind == Kind::Lead && key == "stage" {
        return if text.trim().is_empty() { Ok(FieldInput::empty()) } else { read_stage(text, ctx).map_err(problem) };
    }
    let field = kind.field(key).ok_or_else(|| problem(missing_field(kind, key)))?;
    if text.trim().is_empty() {
        return Ok(FieldInput::empty());
    }
    if let Some(own) = ctx.settings.field_of_value(kind, key) {
        let (value, warnings) = own.read(text, ctx).map_err(problem)?;
        return Ok(FieldInput { value, also: Fields::new(), warnings });
    }
    let input = match field.of {
        FieldType::Line => read_line(kind, key, text, ctx),
        FieldType::Date => read_date(key, text, ctx),
        FieldType::Time => read_time(key, text, ctx),
        of => read_plain(of, key, text, ctx),
    };
    let input = input.map_err(problem)?;
    input.value.as_ref().map_or(Ok(()), |value| check_field(kind, key, value))?;
    Ok(input)
}

fn missing_field(kind: Kind, key: &str) -> String {
    let members = kind.fields().iter().find(|field| field.key == key && field.of.has_members());
    match members {
        Some(_) => format!("name the entry, as in {key}/name"),
        None => format!("a {kind} has no such field"),
    }
}

/// Fields whose text means the same in every field of the type.
fn read_plain(of: FieldType, key: &str, text: &str, ctx: &InputContext<'_>) -> Result<FieldInput, String> {
    Ok(match of {
        FieldType::Int { .. } if key == "probability" => {
            // Which stage the lead is in is not known here, so a certain one raises no doubt.
            let percent = parse_probability(text, StageKind::Won).map_err(|error| error.to_string())?;
            FieldInput::of(i64::from(percent.value))
        }
        FieldType::Int { .. } => {
            let number: i64 = text.trim().parse().map_err(|_| "write a whole number")?;
            FieldInput::of(number)
        }
        FieldType::Cents => {
            let cents = parse_money(text, ctx).map_err(|error| error.to_string())?;
            FieldInput { warnings: cents.warnings, ..FieldInput::of(cents.value) }
        }
        FieldType::Flag => FieldInput::of(yes_or_no(text)?),
        // A word that is not in a set has no value.
        FieldType::Words => {
            if yes_or_no(text)? {
                FieldInput::of(true)
            } else {
                FieldInput::empty()
            }
        }
        FieldType::Choice(choices) => {
            let choice = choices.iter().find(|choice| letters(choice) == letters(text));
            FieldInput::of(*choice.ok_or_else(|| format!("must be one of: {}", choices.join(", ")))?)
        }
        FieldType::Link(_) | FieldType::LinkedId => {
            let id: RecordId = text.trim().parse().map_err(|error: ParseIdError| error.to_string())?;
            FieldInput::of(id)
        }
        FieldType::Labels => FieldInput::of(one_line(text)),
        FieldType::Note | FieldType::Custom | FieldType::Json | FieldType::Line | FieldType::Date | FieldType::Time => {
            FieldInput::of(text.trim_end())
        }
    })
}

/// Lines with a type of their own: addresses, numbers. Everything else is words.
fn read_line(kind: Kind, key: &str, text: &str, ctx: &InputContext<'_>) -> Result<FieldInput, String> {
    match key {
        "email" => {
            let email = parse_email(text).map_err(|error| error.to_string())?;
            let also = if kind == Kind::Contact { name_fields(email.value.name.as_deref()) } else { Fields::new() };
            Ok(FieldInput { also, warnings: email.warnings, ..FieldInput::of(email.value.address) })
        }
        "phone" => {
            let phone = parse_phone(text, ctx).map_err(|error| error.to_string())?;
            Ok(FieldInput { warnings: phone.warnings, ..FieldInput::of(phone.value.text) })
        }
        "website" | "linkedin_url" => {
            let url = parse_url(text).map_err(|error| error.to_string())?;
            Ok(FieldInput::of(url.value.address))
        }
        _ => Ok(FieldInput::of(one_line(text))),
    }
}

fn name_fields(name: Option<&str>) -> Fields {
    let Some(name) = name.filter(|name| name.chars().count() <= LINE_MAX_CHARS) else {
        return Fields::new();
    };
    // "Lee, Ann" or "Ann Lee".
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (first, last),
        None => name.rsplit_once(' ').unwrap_or((name, "")),
    };
    let pairs = [("first_name", first.trim()), ("last_name", last.trim())];
    let filled = pairs.into_iter().filter(|(_, part)| !part.is_empty());
    filled.map(|(key, part)| (key.to_owned(), part.into())).collect()
}

fn read_stage(text: &str, ctx: &InputContext<'_>) -> Result<FieldInput, String> {
    let typed = fold(text.trim());
    let stages = &ctx.settings.stages;
    let by_id = stages.iter().find(|stage| stage.id == text.trim());
    let found = by_id.or_else(|| stages.iter().find(|stage| fold(&stage.name) == typed || fold(&stage.id) == typed));
    let names = || stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>().join(", ");
    found.map(|stage| FieldInput::of(stage.id.as_str())).ok_or_else(|| format!("must be one of: {}", names()))
}

fn read_date(key: &str, text: &str, ctx: &InputContext<'_>) -> Result<FieldInput, String> {
    let lean = lean_of(key);
    let date = parse_date(text, ctx, lean).or_else(|error| {
        // Files write a time behind dates; the error is about the date all the same.
        parse_moment(text, ctx, lean).map(|moment| moment.at.date_in(&ctx.zone)).map_err(|_| error.to_string())
    })?;
    let doubt = if key == "expected_close_date" { close_date_warning(date, ctx.today) } else { None };
    Ok(FieldInput { warnings: doubt.into_iter().collect(), ..FieldInput::of(date) })
}

fn read_time(key: &str, text: &str, ctx: &InputContext<'_>) -> Result<FieldInput, String> {
    let Moment { at, all_day } = parse_moment(text, ctx, lean_of(key)).map_err(|error| error.to_string())?;
    if key != "due_at" {
        return Ok(FieldInput::of(at));
    }
    let doubt = due_warning(at.date_in(&ctx.zone), ctx.today);
    let also = Fields::from([("all_day".to_owned(), all_day.into())]);
    Ok(FieldInput { also, warnings: doubt.into_iter().collect(), ..FieldInput::of(at) })
}

fn lean_of(key: &str) -> Lean {
    if matches!(key, "due_at" | "reminder_at" | "expected_close_date") { Lean::Ahead } else { Lean::Nearest }
}

/// Words on one line: line breaks and tabs become spaces.
fn one_line(text: &str) -> String {
    text.split(['\r', '\n', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Reads yes or no, as people and files write it.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match fold(text.trim()).as_str() {
        "yes" | "y" | "true" | "t" | "1" | "on" | "x" => Ok(true),
        "no" | "n" | "false" | "f" | "0" | "off" | "-" => Ok(false),
        _ => Err("write yes or no"),
    }
}

/// A choice as it is compared: "E-mail" is `email`.
fn letters(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}
