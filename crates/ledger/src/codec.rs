//! How a field's value is written as an Automerge scalar, and read back by the field's type.

use automerge::ScalarValue;
use model::schema::{FieldType, Unfit};
use model::{RecordId, Timestamp, Value};

/// Writes a value. Dates are ISO text, moments are timestamps in milliseconds, ids are their 16 bytes.
///
/// The scalar doesn't say that text is a date, so a date in a custom field comes back as its text.
pub(crate) fn scalar_from_value(value: &Value) -> ScalarValue {
    match value {
        Value::Text(text) => ScalarValue::Str(text.as_str().into()),
        Value::Int(number) => ScalarValue::Int(*number),
        Value::Bool(flag) => ScalarValue::Boolean(*flag),
        Value::Date(date) => ScalarValue::Str(date.to_string().into()),
        Value::Time(time) => ScalarValue::Timestamp(time.as_millis()),
        Value::Id(id) => ScalarValue::Bytes(id.as_bytes().to_vec()),
    }
}

/// Reads a scalar as a value of this type, and checks that the field accepts it.
pub(crate) fn value_from_scalar(of: FieldType, scalar: &ScalarValue) -> Result<Value, Unfit> {
    let value = match scalar {
        ScalarValue::Str(text) if of == FieldType::Date => Value::Date(text.parse().map_err(|_| Unfit::WrongType)?),
        ScalarValue::Str(text) => Value::Text(text.to_string()),
        ScalarValue::Int(number) => Value::Int(*number),
        ScalarValue::Boolean(flag) => Value::Bool(*flag),
        ScalarValue::Timestamp(millis) => Value::Time(time_from_millis(*millis)?),
        ScalarValue::Bytes(bytes) => Value::Id(RecordId::from_slice(bytes).ok_or(Unfit::WrongType)?),
        _ => return Err(Unfit::WrongType),
    };
    of.accepts(&value)?;
    Ok(value)
}

fn time_from_millis(millis: i64) -> Result<Timestamp, Unfit> {
    let time = Timestamp::from_millis(millis);
    if time.as_millis() == millis { Ok(time) } else { Err(Unfit::WrongType) }
}

#[cfg(test)]
mod tests {
    use model::{Date, Kind};

    use super::*;

    fn round_trip(of: FieldType, value: Value) {
        let scalar = scalar_from_value(&value);

        assert_eq!(value_from_scalar(of, &scalar), Ok(value));
    }

    #[test]
    fn every_type_of_value_comes_back_as_it_was() {
        let id = RecordId::from_bytes([7; 16]);
        round_trip(FieldType::Line, "Zoë 🦊".into());
        round_trip(FieldType::Choice(&["a", "b"]), "a".into());
        round_trip(FieldType::Cents, 123_456.into());
        round_trip(FieldType::Int { min: -5, max: 5 }, (-5).into());
        round_trip(FieldType::Flag, false.into());
        round_trip(FieldType::Words, true.into());
        round_trip(FieldType::Date, Date::new(2026, 2, 28).expect("a day").into());
        round_trip(FieldType::Time, Timestamp::from_millis(1_790_000_000_123).into());
        round_trip(FieldType::Link(Kind::Account), id.into());
        round_trip(FieldType::Custom, id.into());
        round_trip(FieldType::Custom, Timestamp::from_millis(-1).into());
    }

    #[test]
    fn a_scalar_of_another_type_is_unfit() {
        let read = |of, scalar: ScalarValue| value_from_scalar(of, &scalar);

        assert_eq!(read(FieldType::Line, ScalarValue::Int(1)), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Cents, ScalarValue::Uint(1)), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Date, ScalarValue::Str("2026-02-30".into())), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Time, ScalarValue::Timestamp(i64::MIN)), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::LinkedId, ScalarValue::Bytes(vec![1])), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Custom, ScalarValue::F64(1.5)), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Custom, ScalarValue::counter(1)), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Custom, ScalarValue::Null), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Words, ScalarValue::Boolean(false)), Err(Unfit::WrongType));
        assert_eq!(read(FieldType::Choice(&["a"]), ScalarValue::Str("z".into())), Err(Unfit::NotAChoice));
    }
}
