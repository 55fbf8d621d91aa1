//! Between SQL values and the model's: ids, hashes, kinds, moments, and the compact form of whole records.

use model::{ChangeHash, Date, Fields, Kind, RecordId, RecordRef, Timestamp, Value};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// A value in its compact form (postcard). Only rows that can be built again hold it, so it may change with a form.
pub(crate) fn pack<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(value).map_err(|_| StoreError::Unreadable("value"))
}

/// Reads what `pack` wrote.
pub(crate) fn unpack<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &'static str) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|_| StoreError::Unreadable(what))
}

/// A value on its way into or out of `pack_fields`. New kinds of value go to the end.
#[derive(Serialize, Deserialize)]
enum Packed<'a> {
    Text(&'a str),
    Int(i64),
    Bool(bool),
    /// Days since 1970.
    Date(i32),
    /// Milliseconds since 1970.
    Time(i64),
    Id([u8; 16]),
}

impl<'a> Packed<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Int(number) => Self::Int(*number),
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Date(date) => Self::Date(date.days_since(epoch())),
            Value::Time(time) => Self::Time(time.as_millis()),
            Value::Id(id) => Self::Id(*id.as_bytes()),
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Int(number) => Value::Int(number),
            Self::Bool(flag) => Value::Bool(flag),
            Self::Date(days) => Value::Date(epoch().plus_days(days)),
            Self::Time(millis) => Value::Time(Timestamp::from_millis(millis)),
            Self::Id(bytes) => Value::Id(RecordId::from_bytes(bytes)),
        }
    }
}

/// 1 January 1970.
pub(crate) const fn epoch() -> Date {
    Date::from_civil(jiff::civil::date(1970, 1, 1))
}

/// A record's fields in their compact form: as `pack`, but without writing moments as words.
pub(crate) fn pack_fields(fields: &Fields) -> Result<Vec<u8>, StoreError> {
    let packed: Vec<(&str, Packed<'_>)> = fields.iter().map(|(key, value)| (key.as_str(), Packed::of(value))).collect();
    pack(&packed)
}

/// Reads what `pack_fields` wrote.
pub(crate) fn unpack_fields(bytes: &[u8]) -> Result<Fields, StoreError> {
    let packed: Vec<(&str, Packed<'_>)> = unpack(bytes, "record")?;
    Ok(packed.into_iter().map(|(key, value)| (key.to_owned(), value.value())).collect())
}

/// Hashes, one after the other.
pub(crate) fn join_hashes(hashes: &[ChangeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads what `join_hashes` wrote.
pub(crate) fn split_hashes(bytes: &[u8]) -> Result<Vec<ChangeHash>, StoreError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(StoreError::Unreadable("list of hashes"));
    }
    Ok(hashes.iter().map(|hash| ChangeHash(*hash)).collect())
}

/// 16 or 32 bytes, or a kind's code, in a column.
pub(crate) struct Column<T>(pub T);

impl FromSql for Column<Kind> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let code = u8::column_result(value)?;
        Kind::from_code(code).map(Column).ok_or(FromSqlError::OutOfRange(code.into()))
    }
}

impl FromSql for Column<ChangeHash> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(|bytes| Self(ChangeHash(bytes)))
    }
}

macro_rules! id_column {
    ($($name:ty),*) => { $(
        impl FromSql for Column<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                <[u8; 16]>::column_result(value).map(|bytes| Self(<$name>::from_bytes(bytes)))
            }
        }
    )* };
}
id_column!(RecordId, model::UserId, model::DeviceId, model::CommandId);

impl FromSql for Column<Timestamp> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(|millis| Self(Timestamp::from_millis(millis)))
    }
}

/// Reads a column as one of the model's types.
pub(crate) fn get<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    Column<T>: FromSql,
{
    row.get::<_, Column<T>>(index).map(|column| column.0)
}

/// Reads a column that may be NULL as one of the model's types.
pub(crate) fn get_option<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<T>>
where
    Column<T>: FromSql,
{
    Ok(row.get::<_, Option<Column<T>>>(index)?.map(|column| column.0))
}

/// Reads a kind and an id that stand side by side.
pub(crate) fn get_reference(row: &Row<'_>, kind: usize, id: usize) -> rusqlite::Result<RecordRef> {
    Ok(RecordRef::new(get(row, kind)?, get(row, id)?))
}

/// A count or a position as SQLite holds it.
pub(crate) fn int(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<String>().prop_map(Value::Text),
            any::<i64>().prop_map(Value::Int),
            any::<bool>().prop_map(Value::Bool),
            (-9999..=9999_i16, 1..=12_i8, 1..=28_i8)
                .prop_map(|(year, month, day)| Value::Date(Date::new(year, month, day).expect("such a day exists"))),
            any::<i64>().prop_map(|millis| Value::Time(Timestamp::from_millis(millis))),
            any::<[u8; 16]>().prop_map(|bytes| Value::Id(RecordId::from_bytes(bytes))),
        ]
    }

    proptest! {
        #[test]
        fn packed_fields_come_back(fields in prop::collection::btree_map("[a-z/]{0,9}", value(), 0..12)) {
            let packed = pack_fields(&fields).expect("any fields can be packed");
            prop_assert_eq!(unpack_fields(&packed).expect("what was packed is readable"), fields);
        }

        #[test]
        fn no_bytes_make_unpacking_panic(bytes: Vec<u8>) {
            let _ = unpack_fields(&bytes);
        }
    }
}
