//! The lines of an archive: records with PRODUCT's field names, and what happened to them with the fields' own keys.

use model::schema::{FieldType, check_field};
use model::{DeviceId, FieldChanges, Kind, Record, RecordId, RecordRef, Settings, Timestamp, UserId, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::{LINE_MAX_BYTES, Part};
use crate::export::record_json;

/// One change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When, by its author's clock.
    pub at: Timestamp,
    /// Who; `None` when that is not known.
    pub by: Option<(UserId, DeviceId)>,
    /// It is the record's first.
    pub created: bool,
    /// What it left in each field that it changed; `None` is nothing.
    pub fields: FieldChanges,
}

/// Why a line can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadLineError {
    /// It is longer than any line of a backup.
    #[error("line {line} of {part} is too long")]
    TooLong {
        /// The part.
        part: String,
        /// The line, from 1.
        line: u64,
    },
    /// It is no JSON, or not what it should be.
    #[error("line {line} of {part} can't be read")]
    Json {
        /// The part.
        part: String,
        /// The line, from 1.
        line: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A field doesn't hold what it may.
    #[error("line {line} of {part}: {problem}")]
    Field {
        /// The part.
        part: String,
        /// The line, from 1.
        line: u64,
        /// Which field, and why.
        problem: model::schema::FieldProblem,
    },
    /// The lines don't stand in the order of their records.
    #[error("line {line} of {part} is out of order")]
    Order {
        /// The part.
        part: String,
        /// The line, from 1.
        line: u64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HappeningLine {
    id: RecordId,
    at: Timestamp,
    user_id: Option<UserId>,
    device_id: Option<DeviceId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    created: bool,
    fields: Map<String, Json>,
}

/// Writes a record's line, its end included.
pub fn record_line(record: &Record, settings: &Settings) -> String {
    format!("{}\n", Json::Object(record_json(record, settings)))
}

/// Writes the line of what happened to a record, its end included.
///
/// # Errors
/// When JSON can't hold it, which no value of a record is a case of.
pub fn happening_line(record: RecordRef, happening: &Happening) -> Result<String, serde_json::Error> {
    let json = |(key, value): (&String, &Option<Value>)| {
        let value = value.as_ref().map_or(Json::Null, |value| field_json(record.kind, key, value));
        (key.clone(), value)
    };
    let line = HappeningLine {
        id: record.id,
        at: happening.at,
        user_id: happening.by.map(|(user, _)| user),
        device_id: happening.by.map(|(_, device)| device),
        created: happening.created,
        fields: happening.fields.iter().map(json).collect(),
    };
    Ok(format!("{}\n", serde_json::to_string(&line)?))
}

/// Reads the lines of records: each with its JSON, in the order of their ids.
pub fn record_lines(part: &Part) -> impl Iterator<Item = Result<(RecordId, Json), ReadLineError>> {
    #[derive(Deserialize)]
    struct Id {
        id: RecordId,
    }
    let mut last = None;
    lines(part).map(move |line| {
        let (line, bytes) = line?;
        let unreadable = |source| ReadLineError::Json { part: part.name.clone(), line, source };
        let json: Json = serde_json::from_slice(bytes).map_err(unreadable)?;
        let Id { id } = Id::deserialize(&json).map_err(unreadable)?;
        if last.replace(id).is_some_and(|last| last >= id) {
            return Err(ReadLineError::Order { part: part.name.clone(), line });
        }
        Ok((id, json))
    })
}

/// Reads what happened to records of a kind, in the order of their ids and for each in order.
pub fn history_lines(kind: Kind, part: &Part) -> impl Iterator<Item = Result<(RecordId, Happening), ReadLineError>> {
    let mut last = None;
    lines(part).map(move |line| {
        let (line, bytes) = line?;
        let unreadable = |source| ReadLineError::Json { part: part.name.clone(), line, source };
        let read: HappeningLine = serde_json::from_slice(bytes).map_err(unreadable)?;
        if last.replace(read.id).is_some_and(|last| last > read.id) {
            return Err(ReadLineError::Order { part: part.name.clone(), line });
        }
        let fields = read.fields.into_iter().map(|(key, json)| {
            let value = field_from_json(kind, &key, json).map_err(unreadable)?;
            if let Some(value) = &value {
                let unfit = |problem| ReadLineError::Field { part: part.name.clone(), line, problem };
                check_field(kind, &key, value).map_err(unfit)?;
            }
            Ok((key, value))
        });
        let happening = Happening {
            at: read.at,
            by: read.user_id.zip(read.device_id),
            created: read.created,
            fields: fields.collect::<Result<_, ReadLineError>>()?,
        };
        Ok((read.id, happening))
    })
}

/// Reads the fields of a person or a device from their line; what can't be read is left out.
pub fn values_of(kind: Kind, id: RecordId, json: &Json) -> Record {
    let mut record = Record::new(kind, id);
    for field in kind.fields() {
        let value = json.get(field.key).cloned().unwrap_or_default();
        if let Ok(Some(value)) = field_from_json(kind, field.key, value) {
            record.fields.insert(field.key.to_owned(), value);
        }
    }
    record
}

/// The lines with their numbers, from 1.
fn lines(part: &Part) -> impl Iterator<Item = Result<(u64, &[u8]), ReadLineError>> {
    let text = part.bytes.strip_suffix(b"\n").unwrap_or(&part.bytes);
    let any = (!text.is_empty()).then(|| text.split(|byte| *byte == b'\n'));
    (1..).zip(any.into_iter().flatten()).map(|(line, bytes)| {
        if bytes.len() > LINE_MAX_BYTES {
            return Err(ReadLineError::TooLong { part: part.name.clone(), line });
        }
        Ok((line, bytes))
    })
}

/// A value as a history has it. Where a field may hold anything, what JSON can't tell apart says what it is.
fn field_json(kind: Kind, key: &str, value: &Value) -> Json {
    let open = kind.field(key).is_none_or(|field| field.of == FieldType::Custom);
    match value {
        Value::Date(date) if open => json!({ "date": date }),
        Value::Time(time) if open => json!({ "time": time }),
        Value::Id(id) if open => json!({ "id": id }),
        value => value.to_json(),
    }
}

fn field_from_json(kind: Kind, key: &str, json: Json) -> Result<Option<Value>, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case", deny_unknown_fields)]
    enum Told {
        Date(model::Date),
        Time(Timestamp),
        Id(RecordId),
    }
    let of = kind.field(key).map(|field| field.of);
    let value = match (json, of) {
        (Json::Null, _) => return Ok(None),
        (Json::Bool(flag), _) => Value::Bool(flag),
        (number @ Json::Number(_), _) => Value::Int(i64::deserialize(number)?),
        (text @ Json::String(_), Some(FieldType::Date)) => Value::Date(model::Date::deserialize(text)?),
        (text @ Json::String(_), Some(FieldType::Time)) => Value::Time(Timestamp::deserialize(text)?),
        (text @ Json::String(_), Some(FieldType::Link(_) | FieldType::LinkedId)) => {
            Value::Id(RecordId::deserialize(text)?)
        }
        (Json::String(text), _) => Value::Text(text),
        (told, _) => match Told::deserialize(told)? {
            Told::Date(date) => Value::Date(date),
            Told::Time(time) => Value::Time(time),
            Told::Id(id) => Value::Id(id),
        },
    };
    Ok(Some(value))
}
