//! A record: its kind, id and fields, and what can be read off them without anything else.

use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use crate::schema::FieldType;
use crate::value::Fields;
use crate::{Date, Kind, RecordId, RecordRef, Timestamp, UserId, Value};

/// One record as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: RecordId,
    /// Its fields by key.
    pub fields: Fields,
}

impl Record {
    /// A record without fields.
    pub const fn new(kind: Kind, id: RecordId) -> Self {
        Self { kind, id, fields: Fields::new() }
    }

    /// Its kind and id.
    pub const fn reference(&self) -> RecordRef {
        RecordRef::new(self.kind, self.id)
    }

    /// A field's value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.fields.get(key)
    }

    /// A field's words; empty when absent.
    pub fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Value::as_text).unwrap_or("")
    }

    /// A field's number.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key).and_then(Value::as_int)
    }

    /// A field's flag; `false` when absent.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A field's date.
    pub fn date(&self, key: &str) -> Option<Date> {
        self.get(key).and_then(Value::as_date)
    }

    /// A field's moment.
    pub fn time(&self, key: &str) -> Option<Timestamp> {
        self.get(key).and_then(Value::as_time)
    }

    /// The record a field links to.
    pub fn link(&self, key: &str) -> Option<RecordId> {
        self.get(key).and_then(Value::as_id)
    }

    /// The owner.
    pub fn owner(&self) -> Option<UserId> {
        self.link("owner_id").map(|id| UserId(id.0))
    }

    /// Whether it lies in the trash.
    pub fn is_deleted(&self) -> bool {
        self.get("deleted_at").is_some()
    }

    /// The members of a set or map field, with their values (`tags`, `contacts`, `custom` ...).
    pub fn members<'a>(&'a self, field: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> + 'a {
        let from = format!("{field}/");
        let to = format!("{field}0"); // '0' follows '/' in ASCII
        self.fields.range(from..to).map(move |(key, value)| (&key[field.len() + 1..], value))
    }

    /// A lead's stage id and its rank within the stage.
    pub fn place(&self) -> (&str, &str) {
        let place = self.text("place");
        place.split_once('|').unwrap_or((place, ""))
    }

    /// What people call it.
    pub fn display_name(&self) -> String {
        match self.kind {
            Kind::Contact => {
                let name = format!("{} {}", self.text("first_name"), self.text("last_name"));
                let name = name.trim();
                if name.is_empty() { self.text("email").to_owned() } else { name.to_owned() }
            }
            Kind::Lead | Kind::Task => self.text("title").to_owned(),
            Kind::Attachment => self.text("filename").to_owned(),
            Kind::Activity => match self.text("subject") {
                "" => self.text("body").lines().next().unwrap_or("").chars().take(80).collect(),
                subject => subject.to_owned(),
            },
            Kind::Suggestion => self.text("note").to_owned(),
            Kind::Account | Kind::User | Kind::Device | Kind::Settings | Kind::View => self.text("name").to_owned(),
        }
    }

    /// The record as JSON with PRODUCT's field names; absent fields are `null`, sets are lists.
    ///
    /// `status` of a lead depends on the settings, so the caller adds it.
    pub fn to_json(&self) -> Map<String, serde_json::Value> {
        let mut out = Map::new();
        out.insert("id".into(), self.id.to_string().into());
        for field in self.kind.fields() {
            if field.key == "place" {
                let (stage, board_key) = self.place();
                out.insert("stage".into(), stage.into());
                out.insert("board_key".into(), board_key.into());
                continue;
            }
            out.insert(field.key.into(), self.field_to_json(field.key, field.of));
        }
        out
    }

    fn field_to_json(&self, key: &str, of: FieldType) -> serde_json::Value {
        match of {
            FieldType::Words => self.members(key).map(|(word, _)| word).collect(),
            FieldType::Labels => {
                let (name, label) = match key {
                    "contacts" => ("id", "role"),
                    _ => ("value", "label"),
                };
                self.members(key).map(|(member, value)| json!({ name: member, label: value.to_json() })).collect()
            }
            FieldType::Custom => {
                let members = self.members(key).map(|(name, value)| (name.to_owned(), value.to_json()));
                serde_json::Value::Object(members.collect())
            }
            _ => self.get(key).map_or(serde_json::Value::Null, Value::to_json),
        }
    }
}
