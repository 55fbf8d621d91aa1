//! Which fields each kind of record has (PRODUCT 3 and 8.1), their types, and what a valid value is.
//!
//! One table serves documents, query tables, REST, import and the interface; a field exists when it is
//! listed here. Everything is optional and additive but what is marked required.

use crate::value::Fields;
use crate::{Kind, Value};

/// The version of this table that records are written with. Additive changes keep it.
pub const SCHEMA_VERSION: u32 = 1;

/// Longest title or other one-line text, in characters.
pub const LINE_MAX_CHARS: usize = 200;
/// Longest note or body, in bytes.
pub const NOTE_MAX_BYTES: usize = 64 * 1024;
/// Longest JSON text, in bytes: two notes and what is around them, and it still fits a frame.
pub const JSON_MAX_BYTES: usize = 160 * 1024;
/// Longest field key, in bytes.
pub const KEY_MAX_BYTES: usize = 256;
/// Most keys a record may have, set members included.
pub const FIELDS_MAX: usize = 500;
/// Largest amount of money, in cents (999 999 999 999.99).
pub const CENTS_MAX: i64 = 99_999_999_999_999;

/// A field's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// One line of words.
    Line,
    /// Long words in which concurrent typing merges.
    Note,
    /// A whole number within bounds.
    Int {
        /// Lowest valid number.
        min: i64,
        /// Highest valid number.
        max: i64,
    },
    /// Money, integer cents, not negative.
    Cents,
    /// Yes or no.
    Flag,
    /// A calendar date.
    Date,
    /// A moment.
    Time,
    /// One of these keys.
    Choice(&'static [&'static str]),
    /// The id of a record of this kind.
    Link(Kind),
    /// The id of a record whose kind stands in `linked_type`.
    LinkedId,
    /// A set of words: keys `<field>/<word>` = `true`.
    Words,
    /// A map from a key to one line: keys `<field>/<key>` = text (labels of e-mails, roles of contacts).
    Labels,
    /// Custom fields: keys `<field>/<name>` = any value.
    Custom,
    /// JSON text, written and replaced as a whole.
    Json,
}

/// One field of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The key in documents, JSON and code.
    pub key: &'static str,
    /// Its type.
    pub of: FieldType,
    /// A record without it is incomplete.
    pub required: bool,
    /// Written in the record's first change only.
    pub root_only: bool,
}

const fn field(key: &'static str, of: FieldType) -> Field {
    Field { key, of, required: false, root_only: false }
}

const fn required(key: &'static str, of: FieldType) -> Field {
    Field { key, of, required: true, root_only: false }
}

const fn root(key: &'static str, of: FieldType) -> Field {
    Field { key, of, required: true, root_only: true }
}

const fn fixed(key: &'static str, of: FieldType) -> Field {
    Field { key, of, required: false, root_only: true }
}

use FieldType::{Cents, Choice, Custom, Date, Flag, Int, Json, Labels, Line, Link, LinkedId, Note, Time, Words};

/// What the relay's virus scanner says of an attachment's file; "not scanned" is never "clean".
pub const SCAN_STATES: &[&str] = &["not_scanned", "pending", "clean", "blocked"];
/// What records may be linked to by `linked_type`.
pub const LINKED_TYPES: &[&str] = &["lead", "account", "contact", "activity"];
/// What suggestions may be about.
pub const SUGGESTED_KINDS: &[&str] = &["account", "contact", "lead", "activity", "task", "attachment"];
/// Types of activity.
pub const ACTIVITY_TYPES: &[&str] = &["call", "email", "meeting", "note", "sms"];
/// Priorities of tasks.
pub const PRIORITIES: &[&str] = &["low", "medium", "high"];
/// Statuses of tasks.
pub const TASK_STATUSES: &[&str] = &["open", "done", "canceled"];
/// What views can be saved of.
pub const VIEW_SCREENS: &[&str] = &["pipeline", "leads", "accounts", "contacts"];
/// What a contact of a lead may be to it: proposals for the labels of `contacts`.
pub const CONTACT_ROLES: &[&str] = &["Decision maker", "Influencer", "Evaluator", "User", "Other"];
/// Ways an activity was captured.
pub const VIAS: &[&str] = &["quick_log", "form", "eml", "import", "api"];

const CREATED: Field = root("created_at", Time);
const UPDATED: Field = field("updated_at", Time);
const OWNER: Field = required("owner_id", Link(Kind::User));
const DELETED: Field = field("deleted_at", Time);
const ARCHIVED: Field = field("archived_at", Time);
const TAGS: Field = field("tags", Words);
const CUSTOM: Field = field("custom", Custom);
const IMPORT_REF: Field = field("import_ref", Line);
const SAMPLE: Field = field("sample", Flag);
/// What its owner does not want to be bothered with: see `score::quiet` and `reminder`.
const QUIET: Field = field(crate::score::QUIET, Custom);

static ACCOUNT: &[Field] = &[
    required("name", Line),
    field("website", Line),
    field("industry", Line),
    field("size", Line),
    field("phone", Line),
    field("email", Line),
    field("street", Line),
    field("city", Line),
    field("state", Line),
    field("postal_code", Line),
    field("country", Line),
    field("notes", Note),
    OWNER,
    CREATED,
    UPDATED,
    TAGS,
    CUSTOM,
    ARCHIVED,
    DELETED,
    IMPORT_REF,
    SAMPLE,
    field("merged_into", Link(Kind::Account)),
    // Ids of records that only look like this one.
    field("distinct", Words),
];

static CONTACT: &[Field] = &[
    field("account_id", Link(Kind::Account)),
    field("first_name", Line),
    field("last_name", Line),
    field("title", Line),
    field("email", Line),
    field("phone", Line),
    field("notes", Note),
    field("linkedin_url", Line),
    field("emails", Labels),
    field("phones", Labels),
    OWNER,
    CREATED,
    UPDATED,
    TAGS,
    CUSTOM,
    ARCHIVED,
    DELETED,
    IMPORT_REF,
    SAMPLE,
    field("merged_into", Link(Kind::Contact)),
    // Ids of records that only look like this one.
    field("distinct", Words),
];

static LEAD: &[Field] = &[
    required("title", Line),
    field("account_id", Link(Kind::Account)),
    field("primary_contact_id", Link(Kind::Contact)),
    // `<stage id>|<rank>` in one value, or two people's moves mix; JSON shows `stage` and `board_key`.
    required("place", Line),
    field("value_cents", Cents),
    field("probability", Int { min: 0, max: 100 }),
    field("probability_pinned", Flag),
    field("expected_close_date", Date),
    field("source", Line),
    field("closed_on", Date),
    field("closed_value_cents", Cents),
    field("lost_reason", Line),
    field("lost_note", Line),
    field("competitor", Line),
    field("contacts", Labels),
    OWNER,
    CREATED,
    UPDATED,
    TAGS,
    CUSTOM,
    ARCHIVED,
    DELETED,
    IMPORT_REF,
    SAMPLE,
    field("notes", Note),
    field("merged_into", Link(Kind::Lead)),
    // Ids of records that only look like this one.
    field("distinct", Words),
    QUIET,
];

static ACTIVITY: &[Field] = &[
    field("lead_id", Link(Kind::Lead)),
    field("account_id", Link(Kind::Account)),
    field("contact_id", Link(Kind::Contact)),
    required("type", Choice(ACTIVITY_TYPES)),
    field("subject", Line),
    field("body", Note),
    required("occurred_at", Time),
    field("duration_minutes", Int { min: 0, max: 100_000 }),
    field("direction", Choice(&["in", "out"])),
    field("outcome", Line),
    // How it was captured is measured, so nobody writes it later.
    fixed("via", Choice(VIAS)),
    field("pinned", Flag),
    OWNER,
    CREATED,
    UPDATED,
    CUSTOM,
    DELETED,
    IMPORT_REF,
    SAMPLE,
];

static TASK: &[Field] = &[
    required("linked_type", Choice(LINKED_TYPES)),
    required("linked_id", LinkedId),
    required("title", Line),
    field("due_at", Time),
    field("all_day", Flag),
    field("priority", Choice(PRIORITIES)),
    field("status", Choice(TASK_STATUSES)),
    field("reminder_at", Time),
    field("completed_at", Time),
    OWNER,
    CREATED,
    UPDATED,
    CUSTOM,
    DELETED,
    IMPORT_REF,
    SAMPLE,
    QUIET,
];

static ATTACHMENT: &[Field] = &[
    required("linked_type", Choice(LINKED_TYPES)),
    required("linked_id", LinkedId),
    required("filename", Line),
    // What the file is never changes: another content is another attachment.
    fixed("mime_type", Line),
    fixed("size_bytes", Int { min: 0, max: i64::MAX }),
    field("path", Line),
    fixed("checksum", Line),
    root("uploaded_at", Time),
    OWNER,
    CREATED,
    UPDATED,
    DELETED,
    SAMPLE,
    field("scan", Choice(SCAN_STATES)),
];

static SUGGESTION: &[Field] = &[
    root("record_kind", Choice(SUGGESTED_KINDS)),
    root("record_id", LinkedId),
    root("changes", Json),
    fixed("note", Line),
    root("for_id", Link(Kind::User)),
    required("status", Choice(crate::suggestion::STATUSES)),
    root("owner_id", Link(Kind::User)),
    CREATED,
    UPDATED,
    DELETED,
];

static VIEW: &[Field] = &[
    required("name", Line),
    // Which list, or the pipeline.
    root("screen", Choice(VIEW_SCREENS)),
    // What its address says: `filter/<key>` = text.
    field("filter", Custom),
    // Others see it too.
    field("shared", Flag),
    OWNER,
    CREATED,
    UPDATED,
    DELETED,
];

static USER: &[Field] = &[
    required("name", Line),
    required("email", Line),
    required("role", Choice(&["admin", "user", "viewer"])),
    field("disabled_at", Time),
    CREATED,
    UPDATED,
];

static DEVICE: &[Field] =
    &[required("name", Line), required("user_id", Link(Kind::User)), field("revoked_at", Time), CREATED];

static SETTINGS: &[Field] = &[
    field("name", Line),
    field("currency", Line),
    field("time_zone", Line),
    field("region", Line),
    field("week_start", Choice(&["monday", "sunday", "saturday"])),
    field("date_order", Choice(&["dmy", "mdy", "ymd"])),
    field("fiscal_month", Int { min: 1, max: 12 }),
    field("only_owners_edit", Flag),
    field("leaderboard_off", Flag),
    // `stage/<id>/<property>`, see `settings`.
    field("stage", Custom),
    field("source", Words),
    field("lost_reason", Words),
    CREATED,
    // `own_field/<kind>/<key>/<property>`, see `own_field`.
    field(crate::own_field::FAMILY, Custom),
    // `word/<list>/<word>` = its rank in a list of proposals; also of words that are proposed no longer.
    field("word", Custom),
    // `tag_color/<tag>` = its colour.
    field("tag_color", Custom),
];

impl Kind {
    /// The fields of this kind, in the order forms and exports show them. `id` and `kind` are not listed.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Settings => SETTINGS,
            Self::User => USER,
            Self::Device => DEVICE,
            Self::Account => ACCOUNT,
            Self::Contact => CONTACT,
            Self::Lead => LEAD,
            Self::Activity => ACTIVITY,
            Self::Task => TASK,
            Self::Attachment => ATTACHMENT,
            Self::Suggestion => SUGGESTION,
            Self::View => VIEW,
        }
    }

    /// The field behind a key; `tags/hot` is the field `tags`.
    pub fn field(self, key: &str) -> Option<&'static Field> {
        let (name, member) = key.split_once('/').map_or((key, None), |(name, member)| (name, Some(member)));
        let found = self.fields().iter().find(|field| field.key == name)?;
        let is_sound = found.of.has_members() == member.is_some() && member != Some("");
        is_sound.then_some(found)
    }
}

impl FieldType {
    /// Whether the field is a family of keys `<field>/<member>`.
    pub const fn has_members(self) -> bool {
        matches!(self, Self::Words | Self::Labels | Self::Custom)
    }

    /// Whether `value` may stand in such a field (or in one member of it).
    pub fn accepts(self, value: &Value) -> Result<(), Unfit> {
        match (self, value) {
            (Line | Labels, Value::Text(text)) => line_fits(text),
            (Note, Value::Text(text)) if text.len() > NOTE_MAX_BYTES => Err(Unfit::TooLong),
            (Note, Value::Text(_))
            | (Flag, Value::Bool(_))
            | (Date, Value::Date(_))
            | (Time, Value::Time(_))
            | (Words, Value::Bool(true))
            | (Link(_) | LinkedId, Value::Id(_)) => Ok(()),
            (Int { min, max }, Value::Int(number)) => in_range(*number, min, max),
            (Cents, Value::Int(number)) => in_range(*number, 0, CENTS_MAX),
            (Choice(keys), Value::Text(text)) if keys.contains(&text.as_str()) => Ok(()),
            (Choice(_), Value::Text(_)) => Err(Unfit::NotAChoice),
            (Custom, Value::Text(text)) if text.len() > NOTE_MAX_BYTES => Err(Unfit::TooLong),
            (Json, Value::Text(text)) if text.len() > JSON_MAX_BYTES => Err(Unfit::TooLong),
            (Custom, _) | (Json, Value::Text(_)) => Ok(()),
            _ => Err(Unfit::WrongType),
        }
    }
}

fn line_fits(text: &str) -> Result<(), Unfit> {
    if text.chars().count() > LINE_MAX_CHARS { Err(Unfit::TooLong) } else { Ok(()) }
}

const fn in_range(number: i64, min: i64, max: i64) -> Result<(), Unfit> {
    if number < min || number > max { Err(Unfit::OutOfRange { min, max }) } else { Ok(()) }
}

/// Why a value may not stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A number where words are due, or the like.
    #[error("wrong type of value")]
    WrongType,
    /// Longer than the field holds.
    #[error("too long")]
    TooLong,
    /// Outside the bounds.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// Lowest valid number.
        min: i64,
        /// Highest valid number.
        max: i64,
    },
    /// None of the field's choices.
    #[error("not one of the choices")]
    NotAChoice,
}

/// What is wrong with one field of a record or an edit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct FieldProblem {
    /// The field's key.
    pub key: String,
    /// What is wrong, in words for the person who typed it; lower case, no full stop.
    pub problem: String,
}

impl FieldProblem {
    /// Names the field and what is wrong with it.
    pub fn new(key: impl Into<String>, problem: impl ToString) -> Self {
        Self { key: key.into(), problem: problem.to_string() }
    }
}

/// Checks a key and its value against the kind's table.
///
/// # Errors
/// When the kind has no such field, or the value does not fit it.
pub fn check_field(kind: Kind, key: &str, value: &Value) -> Result<(), FieldProblem> {
    let Some(field) = kind.field(key) else {
        return Err(FieldProblem::new(key, format!("a {kind} has no such field")));
    };
    if key.len() > KEY_MAX_BYTES {
        return Err(FieldProblem::new(key, Unfit::TooLong));
    }
    field.of.accepts(value).map_err(|unfit| FieldProblem::new(key, unfit))
}

/// Lists everything that keeps `fields` from being a complete record of this kind (PRODUCT 8.1, Required).
pub fn check_record(kind: Kind, fields: &Fields) -> Vec<FieldProblem> {
    let mut problems: Vec<FieldProblem> =
        fields.iter().filter_map(|(key, value)| check_field(kind, key, value).err()).collect();
    let blank = |key: &str| match fields.get(key) {
        None => true,
        Some(Value::Text(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    let missing = kind.fields().iter().filter(|field| field.required && blank(field.key));
    problems.extend(missing.map(|field| FieldProblem::new(field.key, "is required")));
    if kind == Kind::Contact && ["first_name", "last_name", "email"].into_iter().all(blank) {
        problems.push(FieldProblem::new("last_name", "a contact needs a name or an e-mail address"));
    }
    if kind == Kind::Activity && ["subject", "body"].into_iter().all(blank) {
        problems.push(FieldProblem::new("subject", "write a subject or a note"));
    }
    if fields.len() > FIELDS_MAX {
        problems.push(FieldProblem::new("custom", "too many fields"));
    }
    problems
}
