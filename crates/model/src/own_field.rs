//! The fields that a workspace adds to leads, accounts and contacts (PRODUCT 8.8, Fields & tags).
//!
//! A record holds the value as `custom/<key>`. The settings hold what the field is, as keys
//! `own_field/<kind>/<key>/<property>`: two administrators who rename and reorder one field at the same time both get
//! their way. The key is the first name that the field had, so that two devices that define the same field alone
//! define one. It never changes; what people read does. A definition is archived, never removed: values stay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::input::{InputContext, Lean, Warning, parse_date, parse_money, parse_url, yes_or_no};
use crate::schema::{CENTS_MAX, FieldProblem, LINE_MAX_CHARS};
use crate::value::{FieldChanges, Fields};
use crate::{Date, Kind, Record, Settings, Value, rank};

/// What the keys of the definitions begin with.
pub const FAMILY: &str = "own_field";
/// What the keys of the values begin with.
pub const VALUES: &str = "custom";
/// Longest name of a field or of one of its options, in characters.
pub const NAME_MAX_CHARS: usize = 60;
/// Longest such name, in bytes: kind, field and option fit one key.
pub const NAME_MAX_BYTES: usize = 100;
/// Most fields that one kind may have, archived ones included: with all their options they fit one record.
pub const FIELDS_MAX: usize = 40;
/// Most options of one field.
pub const OPTIONS_MAX: usize = 50;
/// Largest number: what every JSON reader holds exactly.
pub const NUMBER_MAX: i64 = 9_007_199_254_740_991;
/// The kinds that fields can be added to.
pub const KINDS: [Kind; 3] = [Kind::Lead, Kind::Account, Kind::Contact];

/// What a field holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnType {
    /// One line of words.
    #[default]
    Text,
    /// A whole number.
    Number,
    /// Money, integer cents.
    Money,
    /// A calendar date; as ISO text in the record.
    Date,
    /// Yes or no.
    Flag,
    /// One of the field's options.
    Choice,
    /// A web address.
    Link,
}

impl OwnType {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Number, Self::Money, Self::Date, Self::Flag, Self::Choice, Self::Link];

    /// The word in documents and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Money => "money",
            Self::Date => "date",
            Self::Flag => "flag",
            Self::Choice => "choice",
            Self::Link => "link",
        }
    }

    fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|of| of.name() == word).unwrap_or_default()
    }
}

/// A field of the workspace's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnField {
    /// The kind of record that has it.
    pub kind: Kind,
    /// Its key for ever; records hold `custom/<key>`.
    pub key: String,
    /// What people call it now.
    pub name: String,
    /// What it holds.
    pub of: OwnType,
    /// Its place among the kind's fields.
    pub rank: String,
    /// It is no longer offered; its values stay.
    pub archived: bool,
    /// What a choice can be chosen from, in order.
    pub options: Vec<String>,
    /// `custom/<key>`.
    value_key: String,
}

impl OwnField {
    /// A new field behind all of its kind, under a key that no other field has.
    pub fn new(kind: Kind, name: &str, of: OwnType, settings: &Settings) -> Self {
        let taken = |key: &str| settings.own_field(kind, key).is_some();
        let numbered = (2_u32..).map(|number| format!("{name} {number}"));
        let key = std::iter::once(name.to_owned()).chain(numbered).find(|key| !taken(key)).unwrap_or_default();
        let last = settings.own_fields_of(kind).last().map(|field| field.rank.as_str());
        let rank = rank::between(last, None);
        let value_key = format!("{VALUES}/{key}");
        Self { kind, key, name: name.to_owned(), of, rank, archived: false, options: Vec::new(), value_key }
    }

    /// The key under which a record holds its value.
    pub fn value_key(&self) -> &str {
        &self.value_key
    }

    /// The settings' key of one of its properties.
    pub fn property(&self, property: &str) -> String {
        format!("{FAMILY}/{}/{}/{property}", self.kind, escaped(&self.key))
    }

    /// The settings' key of an option.
    pub fn option(&self, option: &str) -> String {
        format!("{}/{option}", self.property("option"))
    }

    /// The definition as keys of the settings record.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::from([
            (self.property("name"), self.name.as_str().into()),
            (self.property("type"), self.of.name().into()),
            (self.property("rank"), self.rank.as_str().into()),
        ]);
        fields.extend(self.options.iter().zip(ranks(self.options.len())).map(|(option, rank)| {
            let value: Value = rank.into();
            (self.option(option), value)
        }));
        fields
    }

    /// What puts the options into this order.
    pub fn reorder(&self, options: &[String]) -> FieldChanges {
        let ranked = options.iter().zip(ranks(options.len()));
        ranked.map(|(option, rank)| (self.option(option), Some(rank.into()))).collect()
    }

    /// Reads what was typed into the value that a record holds; no text is no value.
    ///
    /// # Errors
    /// What is wrong, in words for the person who typed it.
    pub fn read(&self, text: &str, ctx: &InputContext<'_>) -> Result<(Option<Value>, Vec<Warning>), String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok((None, Vec::new()));
        }
        let mut warnings = Vec::new();
        let value: Value = match self.of {
            OwnType::Text => text.split(['\r', '\n', '\t']).map(str::trim).collect::<Vec<_>>().join(" ").into(),
            OwnType::Number => whole_number(text)?.into(),
            OwnType::Money => {
                let cents = parse_money(text, ctx).map_err(|error| error.to_string())?;
                warnings = cents.warnings;
                cents.value.into()
            }
            OwnType::Date => {
                parse_date(text, ctx, Lean::Nearest).map_err(|error| error.to_string())?.to_string().into()
            }
            OwnType::Flag => yes_or_no(text)?.into(),
            OwnType::Choice => self.chosen(text)?.into(),
            OwnType::Link => parse_url(text).map_err(|error| error.to_string())?.value.address.into(),
        };
        self.accepts(&value)?;
        Ok((Some(value), warnings))
    }

    fn chosen(&self, text: &str) -> Result<&str, String> {
        let typed = crate::fold::fold(text);
        let found = self.options.iter().find(|option| crate::fold::fold(option) == typed);
        found.map(String::as_str).ok_or_else(|| format!("must be one of: {}", self.options.join(", ")))
    }

    /// Whether a value may stand in the field.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn accepts(&self, value: &Value) -> Result<(), String> {
        let line = |text: &str| text.chars().count() <= LINE_MAX_CHARS;
        match (self.of, value) {
            (OwnType::Text | OwnType::Link, Value::Text(text)) if line(text) => Ok(()),
            (OwnType::Text | OwnType::Link, Value::Text(_)) => Err("is too long".into()),
            (OwnType::Number, Value::Int(number)) if (-NUMBER_MAX..=NUMBER_MAX).contains(number) => Ok(()),
            (OwnType::Money, Value::Int(cents)) if (0..=CENTS_MAX).contains(cents) => Ok(()),
            (OwnType::Number | OwnType::Money, Value::Int(_)) => Err("is too large".into()),
            (OwnType::Date, Value::Text(text)) if text.parse::<Date>().is_ok() => Ok(()),
            (OwnType::Flag, Value::Bool(_)) => Ok(()),
            (OwnType::Choice, Value::Text(text)) => self.chosen(text).map(|_| ()),
            (of, _) => Err(format!("must be {}", expected(of))),
        }
    }
}

const fn expected(of: OwnType) -> &'static str {
    match of {
        OwnType::Text | OwnType::Link => "text",
        OwnType::Number => "a whole number",
        OwnType::Money => "a whole number of cents",
        OwnType::Date => "a date as in 2026-10-03",
        OwnType::Flag => "true or false",
        OwnType::Choice => "one of the field's options",
    }
}

/// A whole number as people write it, with blanks or signs between thousands.
fn whole_number(text: &str) -> Result<i64, String> {
    let unfit = || "write a whole number".to_owned();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let groups: Vec<&str> = digits.split([',', '.', ' ', '\u{a0}', '\'', '\u{202f}']).collect();
    let is_number = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let is_grouped = groups.len() == 1 || groups.iter().skip(1).all(|group| group.len() == 3);
    if !is_number || !is_grouped {
        return Err(unfit());
    }
    let number: i64 = groups.concat().parse().map_err(|_| "is too large".to_owned())?;
    Ok(if text.starts_with('-') { -number } else { number })
}

/// Checks the name of a field or an option that is about to be defined.
///
/// # Errors
/// What is wrong, in words.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    match name.chars().count() {
        0 => Err("Enter a name"),
        count if count > NAME_MAX_CHARS || escaped(name).len() > NAME_MAX_BYTES => Err("This name is too long"),
        _ => Ok(()),
    }
}

/// Why what a program says about a record's own fields is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnFieldError {
    /// Nobody has defined these.
    #[error("there are no such fields")]
    Unknown(Vec<FieldProblem>),
    /// These values don't fit their fields.
    #[error("some values don't fit their fields")]
    Unfit(Vec<FieldProblem>),
}

/// Checks what a program says about a record's own fields: they must be defined and fit. Taking a value away is
/// always right.
///
/// # Errors
/// When one is not defined, or does not fit.
pub fn check_changes<'a>(
    kind: Kind,
    changes: impl IntoIterator<Item = (&'a String, Option<&'a Value>)>,
    settings: &Settings,
) -> Result<(), OwnFieldError> {
    let (mut unknown, mut unfit) = (Vec::new(), Vec::new());
    for (key, value) in changes {
        let member = key.strip_prefix(VALUES).and_then(|rest| rest.strip_prefix('/'));
        let (Some(member), Some(value)) = (member, value) else { continue };
        match settings.own_field(kind, member) {
            None => unknown.push(FieldProblem::new(key, format!("a {kind} has no such field"))),
            Some(field) => unfit.extend(field.accepts(value).err().map(|problem| FieldProblem::new(key, problem))),
        }
    }
    match (unknown.is_empty(), unfit.is_empty()) {
        (false, _) => Err(OwnFieldError::Unknown(unknown)),
        (true, false) => Err(OwnFieldError::Unfit(unfit)),
        (true, true) => Ok(()),
    }
}

/// Keys hold names, and names hold what separates the parts of keys.
fn escaped(key: &str) -> String {
    key.replace('%', "%25").replace('/', "%2F")
}

fn plain(key: &str) -> String {
    key.replace("%2F", "/").replace("%25", "%")
}

/// Ranks in a row.
pub(crate) fn ranks(count: usize) -> Vec<String> {
    let mut ranks: Vec<String> = Vec::with_capacity(count);
    for _ in 0..count {
        ranks.push(rank::between(ranks.last().map(String::as_str), None));
    }
    ranks
}

/// Reads the definitions; what is missing or odd takes its default.
pub(crate) fn read_all(settings: &Record) -> Vec<OwnField> {
    let mut found: BTreeMap<(Kind, String), BTreeMap<&str, &Value>> = BTreeMap::new();
    for (member, value) in settings.members(FAMILY) {
        let mut parts = member.splitn(3, '/');
        let (Some(kind), Some(key), Some(property)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let Some(kind) = KINDS.into_iter().find(|of| of.name() == kind) else { continue };
        found.entry((kind, plain(key))).or_default().insert(property, value);
    }
    // A definition begins with its type; a property that was written beside an undone creation makes none.
    let live = found.into_iter().filter(|(_, of)| of.contains_key("type"));
    let mut fields: Vec<OwnField> = live.map(|((kind, key), of)| read_one(kind, key, &of)).collect();
    fields.sort_by(|a, b| (a.kind, &a.rank, &a.key).cmp(&(b.kind, &b.rank, &b.key)));
    fields
}

fn read_one(kind: Kind, key: String, properties: &BTreeMap<&str, &Value>) -> OwnField {
    let text = |name: &str| properties.get(name).and_then(|value| value.as_text()).unwrap_or("");
    let mut options: Vec<(&str, &str)> = properties
        .iter()
        .filter_map(|(name, value)| Some((value.as_text().unwrap_or(""), name.strip_prefix("option/")?)))
        .collect();
    options.sort_unstable();
    OwnField {
        kind,
        name: if text("name").is_empty() { key.clone() } else { text("name").to_owned() },
        of: OwnType::named(text("type")),
        rank: text("rank").to_owned(),
        archived: properties.get("archived").and_then(|value| value.as_bool()).unwrap_or(false),
        options: options.into_iter().map(|(_, option)| option.to_owned()).collect(),
        value_key: format!("{VALUES}/{key}"),
        key,
    }
}

impl Settings {
    /// A kind's own fields, archived ones included, in order.
    pub fn own_fields_of(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &OwnField> {
        self.own_fields.iter().filter(move |field| field.kind == kind)
    }

    /// A kind's own fields that are offered, in order.
    pub fn live_fields(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &OwnField> {
        self.own_fields_of(kind).filter(|field| !field.archived)
    }

    /// The field with this key.
    pub fn own_field(&self, kind: Kind, key: &str) -> Option<&OwnField> {
        self.own_fields.iter().find(|field| field.kind == kind && field.key == key)
    }

    /// The field that people or files call so: by key, else by its name now.
    pub fn own_field_named(&self, kind: Kind, name: &str) -> Option<&OwnField> {
        let folded = crate::fold::fold(name.trim());
        let by_name = || self.own_fields_of(kind).find(|field| crate::fold::fold(&field.name) == folded);
        self.own_field(kind, name).or_else(by_name)
    }

    /// The field that a record's key (`custom/<key>`) is the value of.
    pub fn field_of_value(&self, kind: Kind, key: &str) -> Option<&OwnField> {
        self.own_field(kind, key.strip_prefix(VALUES)?.strip_prefix('/')?)
    }
}
