//! Records → files: everything as one JSON document, lists as CSV (RFC 4180) that spreadsheets can't take for
//! formulas.

use std::fmt::{self, Write};

use model::schema::FieldType;
use model::{Kind, OwnType, Record, Settings, Value};

pub use model::csv::guarded_line;

/// What the JSON document calls its own form.
pub const FORMAT: &str = "trailtrack";
/// The form's version.
pub const VERSION: u32 = 1;

/// A column of a CSV export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportColumn {
    /// The field's key (`title`, `stage`, `tags`, `custom/Region` ...) or `id`.
    pub key: String,
    /// What its header says.
    pub header: String,
}

/// Writes everything as one JSON document, a line for each record: `{"format", "version", "settings", "users",
/// "devices", "accounts", ...}` with PRODUCT's field names. `settings` tell the leads' status.
///
/// # Errors
/// When `out` can't take more.
pub fn export_json<I: IntoIterator<Item = Record>>(
    mut records_of: impl FnMut(Kind) -> I,
    settings: &Settings,
    out: &mut impl Write,
) -> fmt::Result {
    write!(out, "{{\n\"format\": \"{FORMAT}\",\n\"version\": {VERSION}")?;
    for kind in Kind::ALL {
        write!(out, ",\n\"{}\": [", kind.plural())?;
        let mut separator = "\n";
        for record in records_of(kind) {
            write!(out, "{separator}{}", serde_json::Value::Object(record_json(&record, settings)))?;
            separator = ",\n";
        }
        out.write_str(if separator == "\n" { "]" } else { "\n]" })?;
    }
    out.write_str("\n}\n")
}

/// A record as JSON with the derived `status` of a lead.
pub fn record_json(record: &Record, settings: &Settings) -> serde_json::Map<String, serde_json::Value> {
    let mut json = record.to_json();
    if record.kind == Kind::Lead {
        let status = settings.stage_kind(record.place().0).status();
        json.insert("status".into(), status.into());
    }
    json
}

/// The columns that a kind's full export has: every field, with the names that an import understands.
pub fn all_columns(kind: Kind) -> Vec<ExportColumn> {
    let keys = kind.fields().iter().map(|field| if field.key == "place" { "stage" } else { field.key });
    let keys = std::iter::once("id").chain(keys.filter(|key| *key != "custom"));
    keys.map(|key| ExportColumn { key: key.to_owned(), header: key.to_owned() }).collect()
}

/// Writes records as CSV: a header, then a line for each; `mark` puts a byte order mark in front, which Excel needs.
///
/// # Errors
/// When `out` can't take more.
pub fn export_csv<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    columns: &[ExportColumn],
    settings: &Settings,
    mark: bool,
    out: &mut impl Write,
) -> fmt::Result {
    if mark {
        out.write_char('\u{feff}')?;
    }
    let headers: Vec<String> = columns.iter().map(|column| column.header.clone()).collect();
    out.write_str(&guarded_line(&headers))?;
    for record in records {
        let cells: Vec<String> = columns.iter().map(|column| shown_cell(record, &column.key, settings)).collect();
        out.write_str(&guarded_line(&cells))?;
    }
    Ok(())
}

/// A field as a cell: choices and ids as they are, money as a decimal number, sets joined by `; `.
pub fn shown_cell(record: &Record, key: &str, settings: &Settings) -> String {
    match key {
        "id" => return record.id.to_string(),
        "stage" => {
            let stage = record.place().0;
            return settings.stage(stage).map_or_else(|| stage.to_owned(), |stage| stage.name.clone());
        }
        _ if let Some(own) = settings.field_of_value(record.kind, key) => {
            return record.get(key).map(|value| own_cell(own.of, value)).unwrap_or_default();
        }
        "status" if record.kind == Kind::Lead => return settings.stage_kind(record.place().0).status().to_owned(),
        _ => {}
    }
    let of = record.kind.fields().iter().find(|field| field.key == key).map(|field| field.of);
    match of {
        Some(of) if of.has_members() => record.members(key).map(|(member, _)| member).collect::<Vec<_>>().join("; "),
        Some(FieldType::Cents) => record.int(key).map(model::csv::amount).unwrap_or_default(),
        _ => record.get(key).map(plain).unwrap_or_default(),
    }
}

/// A length as files tell it.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A value of an own field, money as a decimal number.
fn own_cell(of: OwnType, value: &Value) -> String {
    match (of, value) {
        (OwnType::Money, Value::Int(cents)) => model::csv::amount(*cents),
        (_, value) => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Id(id) => id.to_string(),
    }
}
