//! Field values, and the flat maps of them that records and edits are made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Date, RecordId, Timestamp, UserId};

/// One field's value. A field that has no value is absent; there is no null.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Words, and choices by their key.
    Text(String),
    /// A whole number; money is integer cents.
    Int(i64),
    /// Yes or no; `true` marks membership in a set (`tags/<name>`).
    Bool(bool),
    /// A calendar date.
    Date(Date),
    /// A moment.
    Time(Timestamp),
    /// Another record.
    Id(RecordId),
}

/// A record's fields by key. A member of a set has the key `<field>/<member>`.
pub type Fields = BTreeMap<String, Value>;

/// What an edit does to fields by key: `Some` sets, `None` removes.
pub type FieldChanges = BTreeMap<String, Option<Value>>;

impl Value {
    /// The words, when it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, when it is one.
    pub const fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The flag, when it is one.
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// The date, when it is one.
    pub const fn as_date(&self) -> Option<Date> {
        if let Self::Date(date) = self { Some(*date) } else { None }
    }

    /// The moment, when it is one.
    pub const fn as_time(&self) -> Option<Timestamp> {
        if let Self::Time(time) = self { Some(*time) } else { None }
    }

    /// The record's id, when it is one.
    pub const fn as_id(&self) -> Option<RecordId> {
        if let Self::Id(id) = self { Some(*id) } else { None }
    }

    /// The value as JSON writes it (PRODUCT 3: ISO text for times, cents for money).
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Int(number) => (*number).into(),
            Self::Bool(flag) => (*flag).into(),
            Self::Date(date) => date.to_string().into(),
            Self::Time(time) => time.to_string().into(),
            Self::Id(id) => id.to_string().into(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<RecordId> for Value {
    fn from(id: RecordId) -> Self {
        Self::Id(id)
    }
}

impl From<UserId> for Value {
    fn from(id: UserId) -> Self {
        Self::Id(id.record())
    }
}
