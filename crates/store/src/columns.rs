//! How the schema's fields stand in the tables by kind: which column, what it holds, and a value on its way there.

use std::sync::LazyLock;

use model::fold::fold;
use model::schema::{CENTS_MAX, Field, FieldType};
use model::{Date, Kind, Record, Timestamp, Value};
use rusqlite::types::Value as Sql;

use crate::codec::epoch;

/// What a column holds, which decides how values compare with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Folded text: case and accents don't count.
    Folded,
    /// Text as it is.
    Exact,
    /// A number.
    Int,
    /// 0 or 1; NULL is 0.
    Flag,
    /// Days since 1970.
    Date,
    /// Milliseconds since 1970.
    Time,
    /// 16 bytes.
    Id,
    /// The id of a record of which people see the name.
    Link,
    /// Whatever the value is (custom fields).
    Any,
}

/// Fields of one line whose case matters: names that other systems gave.
const EXACT_LINES: [&str; 6] = ["import_ref", "path", "checksum", "currency", "time_zone", "region"];

/// What the column of a field holds; `None` when the field stands in `member` or (a lead's place) is split.
pub(crate) fn holds(field: &Field) -> Option<Holds> {
    Some(match field.of {
        _ if field.key == "place" => return None,
        FieldType::Line if EXACT_LINES.contains(&field.key) => Holds::Exact,
        FieldType::Line => Holds::Folded,
        FieldType::Choice(_) | FieldType::Json => Holds::Exact,
        FieldType::Int { .. } | FieldType::Cents => Holds::Int,
        FieldType::Flag => Holds::Flag,
        FieldType::Date => Holds::Date,
        FieldType::Time => Holds::Time,
        FieldType::Link(_) | FieldType::LinkedId => Holds::Link,
        FieldType::Note | FieldType::Words | FieldType::Labels | FieldType::Custom => return None,
    })
}

/// A value as its column holds it; NULL when it doesn't fit there, or is empty.
pub(crate) fn sql_value(holds: Holds, value: &Value) -> Sql {
    match (holds, value) {
        (Holds::Folded | Holds::Any, Value::Text(text)) => folded(text).map_or(Sql::Null, Sql::Text),
        (Holds::Exact, Value::Text(text)) if !text.is_empty() => Sql::Text(text.clone()),
        // Sums over a hundred thousand records stay within 64 bits.
        (Holds::Int | Holds::Any, Value::Int(number)) => Sql::Integer((*number).clamp(-CENTS_MAX, CENTS_MAX)),
        (Holds::Flag | Holds::Any, Value::Bool(flag)) => Sql::Integer((*flag).into()),
        (Holds::Date | Holds::Any, Value::Date(date)) => Sql::Integer(days(*date)),
        (Holds::Time | Holds::Any, Value::Time(time)) => Sql::Integer(time.as_millis()),
        (Holds::Id | Holds::Link | Holds::Any, Value::Id(id)) => Sql::Blob(id.as_bytes().to_vec()),
        _ => Sql::Null,
    }
}

/// Text without case, accents and outer blanks; `None` when nothing is left.
pub(crate) fn folded(text: &str) -> Option<String> {
    let folded = fold(text);
    let trimmed = folded.trim();
    match trimmed.len() {
        0 => None,
        all if all == folded.len() => Some(folded),
        _ => Some(trimmed.to_owned()),
    }
}

/// Days since 1970.
pub(crate) fn days(date: Date) -> i64 {
    date.days_since(epoch()).into()
}

/// The statement that writes a kind's row, and the fields it binds after `n` and `id`.
pub(crate) struct RowWriter {
    /// `INSERT ... ON CONFLICT DO UPDATE`, which leaves derived columns as they are.
    pub sql: String,
    /// The columns that are bound: the field's key and what the column holds.
    pub columns: Vec<(&'static str, Holds)>,
}

/// The writer of a kind.
pub(crate) fn row_writer(kind: Kind) -> &'static RowWriter {
    static WRITERS: LazyLock<Vec<RowWriter>> = LazyLock::new(|| Kind::ALL.into_iter().map(make_row_writer).collect());
    &WRITERS[usize::from(kind.code()) - 1]
}

fn make_row_writer(kind: Kind) -> RowWriter {
    let fields = kind.fields().iter();
    let columns: Vec<_> = fields.filter_map(|field| holds(field).map(|holds| (field.key, holds))).collect();
    let mut keys: Vec<&str> = columns.iter().map(|(key, _)| *key).collect();
    if can_hide(kind) {
        keys.push("hidden");
    }
    if kind == Kind::Lead {
        keys.extend(["stage", "board_key"]);
    }
    // `?1` and `?2` are number and id.
    let bound = keys.len();
    let mut values: Vec<String> = (3..keys.len() + 3).map(|mark| format!("?{mark}")).collect();
    if names_account(kind) {
        let account = keys.iter().position(|key| *key == "account_id").map_or("NULL", |index| &values[index]);
        values.push(format!("(SELECT sort_name FROM record WHERE id = {account})"));
        keys.push("account_name");
    }
    let updates: Vec<String> = keys.iter().map(|key| format!("{key} = excluded.{key}")).collect();
    if kind == Kind::Lead {
        // Given with a new row only; later it is for `figures` to say.
        let mark = format!("?{}", bound + 3);
        keys.extend(["stage_given_at", "stage_entered_at"]);
        values.extend([mark.clone(), mark]);
    }
    let sql = format!(
        "INSERT INTO {kind} (n, id, {}) VALUES (?1, ?2, {}) ON CONFLICT (n) DO UPDATE SET {}",
        keys.join(", "),
        values.join(", "),
        updates.join(", ")
    );
    RowWriter { sql, columns }
}

/// Whether rows of this kind can lie in the trash, and so have the column `hidden`.
pub(crate) fn can_hide(kind: Kind) -> bool {
    kind.fields().iter().any(|field| field.key == "deleted_at")
}

/// Whether rows of this kind carry the folded name of their account, to be sorted and found by.
pub(crate) const fn names_account(kind: Kind) -> bool {
    matches!(kind, Kind::Lead | Kind::Contact)
}

/// What stands in `hidden`: 0 for what lists show, 1 for the archive, 2 for trash and merged.
fn hidden(record: &Record) -> i64 {
    match record {
        record if record.is_deleted() || record.link("merged_into").is_some() => 2,
        record => record.time("archived_at").is_some().into(),
    }
}

/// The values that `row_writer(record.kind)` binds after `n` and `id`.
pub(crate) fn row_values(record: &Record, stage_entered_at: Option<Timestamp>) -> Vec<Sql> {
    let writer = row_writer(record.kind);
    let value = |(key, holds): &(&str, Holds)| record.get(key).map_or(Sql::Null, |value| sql_value(*holds, value));
    let mut values: Vec<Sql> = writer.columns.iter().map(value).collect();
    if can_hide(record.kind) {
        values.push(Sql::Integer(hidden(record)));
    }
    if record.kind == Kind::Lead {
        let (stage, rank) = record.place();
        values.extend([Sql::Text(stage.to_owned()), Sql::Text(rank.to_owned())]);
        values.push(stage_entered_at.map_or(Sql::Null, |at| Sql::Integer(at.as_millis())));
    }
    values
}

/// A row of `member`: the field, the member (folded; empty for a note) and its value.
pub(crate) type Member<'a> = (&'a str, String, Sql);

/// The members of sets and maps, and the notes, of a record.
pub(crate) fn members(record: &Record) -> Vec<Member<'_>> {
    let mut found = Vec::new();
    for (key, value) in &record.fields {
        let Some(field) = record.kind.field(key) else { continue };
        let member = match field.of {
            FieldType::Note => String::new(),
            of if of.has_members() => fold(&key[field.key.len() + 1..]),
            _ => continue,
        };
        let value = sql_value(Holds::Any, value);
        if value != Sql::Null || !member.is_empty() {
            let value = if value == Sql::Null { Sql::Text(String::new()) } else { value };
            found.push((field.key, member, value));
        }
    }
    found
}
