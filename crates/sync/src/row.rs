//! A record's fields as they travel with a snapshot: one CBOR map (RFC 8949). Ids are their bytes and dates are
//! words, as in the changes beside them, so that compression finds them there.

use minicbor::data::{Tag, Type};
use minicbor::decode::Error;
use minicbor::{Decoder, Encoder};
use model::{Fields, RecordId, Timestamp, Value};

/// A date as words (RFC 8943).
const DATE: Tag = Tag::new(1004);
/// Milliseconds since 1970.
const MOMENT: Tag = Tag::new(6);

/// Fields that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the fields are malformed")]
pub struct ReadRowError(#[source] Error);

/// Writes fields.
pub fn encode(fields: &Fields) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let written = encoder.map(fields.len() as u64).is_ok()
        && fields.iter().all(|(key, value)| encoder.str(key).is_ok() && encode_value(&mut encoder, value).is_ok());
    debug_assert!(written, "writing to memory cannot fail");
    encoder.into_writer()
}

fn encode_value(
    e: &mut Encoder<Vec<u8>>,
    value: &Value,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    match value {
        Value::Text(text) => e.str(text)?,
        Value::Int(number) => e.i64(*number)?,
        Value::Bool(flag) => e.bool(*flag)?,
        Value::Date(date) => e.tag(DATE)?.str(&date.to_string())?,
        Value::Time(time) => e.tag(MOMENT)?.i64(time.as_millis())?,
        Value::Id(id) => e.bytes(id.as_bytes())?,
    }
    .ok()
}

/// Reads what `encode` wrote.
///
/// # Errors
/// When the bytes are anything else.
pub fn decode(bytes: &[u8]) -> Result<Fields, ReadRowError> {
    let mut decoder = Decoder::new(bytes);
    let fields = read(&mut decoder).map_err(ReadRowError)?;
    if decoder.position() < bytes.len() {
        return Err(ReadRowError(Error::message("something follows the fields")));
    }
    Ok(fields)
}

fn read(d: &mut Decoder<'_>) -> Result<Fields, Error> {
    let count = d.map()?.ok_or_else(|| Error::message("a map says how long it is"))?;
    let mut fields = Fields::new();
    for _ in 0..count {
        let key = d.str()?.to_owned();
        fields.insert(key, read_value(d)?);
    }
    Ok(fields)
}

fn read_value(d: &mut Decoder<'_>) -> Result<Value, Error> {
    Ok(match d.datatype()? {
        Type::String => Value::Text(d.str()?.to_owned()),
        Type::Bool => Value::Bool(d.bool()?),
        Type::Bytes => {
            let id = RecordId::from_slice(d.bytes()?);
            Value::Id(id.ok_or_else(|| Error::message("an id has 16 bytes"))?)
        }
        Type::Tag => match d.tag()? {
            DATE => Value::Date(d.str()?.parse().map_err(|_| Error::message("not a date"))?),
            MOMENT => Value::Time(Timestamp::from_millis(d.i64()?)),
            _ => return Err(Error::message("a value of an unknown kind")),
        },
        _ => Value::Int(d.i64()?),
    })
}

#[cfg(test)]
mod tests {
    use model::Date;
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<String>().prop_map(Value::Text),
            any::<i64>().prop_map(Value::Int),
            any::<bool>().prop_map(Value::Bool),
            (0..=9999_i16, 1..=12_i8, 1..=28_i8)
                .prop_map(|(year, month, day)| Value::Date(Date::new(year, month, day).expect("such a day exists"))),
            any::<i64>().prop_map(|millis| Value::Time(Timestamp::from_millis(millis))),
            any::<[u8; 16]>().prop_map(|bytes| Value::Id(RecordId::from_bytes(bytes))),
        ]
    }

    proptest! {
        #[test]
        fn fields_come_back_as_they_were(fields in prop::collection::btree_map("[a-z/]{0,9}", value(), 0..12)) {
            prop_assert_eq!(decode(&encode(&fields)).expect("what was encoded is readable"), fields);
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
