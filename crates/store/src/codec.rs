//! Between SQL values and the model's: ids, hashes, kinds, moments, and the compact form of whole records.

use model::{ChangeHash, Kind, RecordId, RecordRef, Timestamp};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// A value in its compact form (postcard). Only rows that can be built again hold it, so it may change with a form.
pub(crate) fn pack<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(value).map_err(|_| StoreError::Unreadable("value"))
}

/// Reads what `pack` wrote.
pub(crate) fn unpack<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|_| StoreError::Unreadable(what))
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
