//! Which fields forms and pages show for each kind, how each is edited, what it shows, and how what was
//! typed becomes a value.

use model::query::Row;
use model::{Kind, OwnField, OwnType, Record, Value};

use super::format;
use crate::scene::Scene;
use crate::widgets::picker::PickOption;
use crate::words;

/// How a field is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Editor<'a> {
    /// One line.
    Line,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Url,
    /// Several lines.
    Note,
    /// Money.
    Money,
    /// 0 to 100.
    Percent,
    /// Minutes and the like.
    Number,
    /// A calendar date.
    Date,
    /// A moment.
    Moment,
    /// One of these keys.
    Choice(&'static [&'static str]),
    /// A stage of the pipeline.
    Stage,
    /// A source, proposed or new.
    Source,
    /// A person.
    Owner,
    /// A record of this kind.
    Link(Kind),
    /// A lead, contact or account.
    About,
    /// When a task reminds, by how long before it is due.
    Reminder,
    /// As a field of the workspace's own holds it.
    Own(&'a OwnField),
}

impl Editor<'_> {
    /// Chosen from a list instead of typed.
    pub(crate) const fn is_picked(self) -> bool {
        match self {
            Self::Choice(_)
            | Self::Stage
            | Self::Source
            | Self::Owner
            | Self::Link(_)
            | Self::About
            | Self::Reminder => true,
            Self::Own(field) => matches!(field.of, OwnType::Choice | OwnType::Flag),
            _ => false,
        }
    }
}

/// A field of a form or page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spec<'a> {
    /// Its key.
    pub(crate) key: &'a str,
    /// How it is edited.
    pub(crate) editor: Editor<'a>,
}

const fn spec<'a>(key: &'a str, editor: Editor<'a>) -> Spec<'a> {
    Spec { key, editor }
}

/// How a field of the workspace's own is edited.
pub(crate) fn own_spec(field: &OwnField) -> Spec<'_> {
    spec(field.value_key(), Editor::Own(field))
}

static LEAD_KEY: &[Spec<'_>] = &[
    spec("account_id", Editor::Link(Kind::Account)),
    spec("primary_contact_id", Editor::Link(Kind::Contact)),
    spec("value_cents", Editor::Money),
    spec("probability", Editor::Percent),
    spec("expected_close_date", Editor::Date),
    spec("source", Editor::Source),
    spec("owner_id", Editor::Owner),
];

static ACCOUNT_KEY: &[Spec<'_>] = &[
    spec("website", Editor::Url),
    spec("phone", Editor::Phone),
    spec("email", Editor::Email),
    spec("industry", Editor::Line),
    spec("size", Editor::Line),
    spec("city", Editor::Line),
    spec("country", Editor::Line),
    spec("owner_id", Editor::Owner),
];

static CONTACT_KEY: &[Spec<'_>] = &[
    spec("title", Editor::Line),
    spec("account_id", Editor::Link(Kind::Account)),
    spec("email", Editor::Email),
    spec("phone", Editor::Phone),
    spec("linkedin_url", Editor::Url),
    spec("owner_id", Editor::Owner),
];

static LEAD_ALL: &[Spec<'_>] = &[
    spec("title", Editor::Line),
    spec("place", Editor::Stage),
    spec("value_cents", Editor::Money),
    spec("probability", Editor::Percent),
    spec("expected_close_date", Editor::Date),
    spec("source", Editor::Source),
    spec("account_id", Editor::Link(Kind::Account)),
    spec("primary_contact_id", Editor::Link(Kind::Contact)),
    spec("owner_id", Editor::Owner),
    spec("closed_on", Editor::Date),
    spec("closed_value_cents", Editor::Money),
    spec("lost_reason", Editor::Line),
    spec("lost_note", Editor::Line),
    spec("competitor", Editor::Line),
    spec("notes", Editor::Note),
];

static ACCOUNT_ALL: &[Spec<'_>] = &[
    spec("name", Editor::Line),
    spec("website", Editor::Url),
    spec("industry", Editor::Line),
    spec("size", Editor::Line),
    spec("phone", Editor::Phone),
    spec("email", Editor::Email),
    spec("street", Editor::Line),
    spec("city", Editor::Line),
    spec("state", Editor::Line),
    spec("postal_code", Editor::Line),
    spec("country", Editor::Line),
    spec("owner_id", Editor::Owner),
    spec("notes", Editor::Note),
];

static CONTACT_ALL: &[Spec<'_>] = &[
    spec("first_name", Editor::Line),
    spec("last_name", Editor::Line),
    spec("title", Editor::Line),
    spec("account_id", Editor::Link(Kind::Account)),
    spec("email", Editor::Email),
    spec("phone", Editor::Phone),
    spec("linkedin_url", Editor::Url),
    spec("owner_id", Editor::Owner),
    spec("notes", Editor::Note),
];

static LEAD_FORM: &[Spec<'_>] = &[
    spec("title", Editor::Line),
    spec("account_id", Editor::Link(Kind::Account)),
    spec("primary_contact_id", Editor::Link(Kind::Contact)),
    spec("value_cents", Editor::Money),
    spec("place", Editor::Stage),
    spec("expected_close_date", Editor::Date),
    spec("source", Editor::Source),
    spec("notes", Editor::Note),
];

static ACCOUNT_FORM: &[Spec<'_>] = &[
    spec("name", Editor::Line),
    spec("website", Editor::Url),
    spec("phone", Editor::Phone),
    spec("industry", Editor::Line),
    spec("email", Editor::Email),
    spec("street", Editor::Line),
    spec("city", Editor::Line),
    spec("country", Editor::Line),
    spec("notes", Editor::Note),
];

static CONTACT_FORM: &[Spec<'_>] = &[
    spec("first_name", Editor::Line),
    spec("last_name", Editor::Line),
    spec("email", Editor::Email),
    spec("phone", Editor::Phone),
    spec("account_id", Editor::Link(Kind::Account)),
    spec("title", Editor::Line),
    spec("linkedin_url", Editor::Url),
    spec("notes", Editor::Note),
];

static ACTIVITY_FORM: &[Spec<'_>] = &[
    spec("type", Editor::Choice(model::schema::ACTIVITY_TYPES)),
    spec("subject", Editor::Line),
    spec("lead_id", Editor::Link(Kind::Lead)),
    spec("body", Editor::Note),
    spec("occurred_at", Editor::Moment),
    spec("duration_minutes", Editor::Number),
];

static TASK_FORM: &[Spec<'_>] = &[
    spec("title", Editor::Line),
    spec("linked_id", Editor::About),
    spec("due_at", Editor::Moment),
    spec("priority", Editor::Choice(model::schema::PRIORITIES)),
    spec("reminder_at", Editor::Reminder),
    spec("owner_id", Editor::Owner),
];

static ACTIVITY_EDIT: &[Spec<'_>] = &[
    spec("type", Editor::Choice(model::schema::ACTIVITY_TYPES)),
    spec("subject", Editor::Line),
    spec("body", Editor::Note),
    spec("occurred_at", Editor::Moment),
    spec("duration_minutes", Editor::Number),
    spec("direction", Editor::Choice(&["in", "out"])),
    spec("outcome", Editor::Line),
];

/// The fields of a page's first column.
pub(crate) fn key_fields(kind: Kind) -> &'static [Spec<'static>] {
    match kind {
        Kind::Lead => LEAD_KEY,
        Kind::Account => ACCOUNT_KEY,
        Kind::Contact => CONTACT_KEY,
        _ => &[],
    }
}

/// How a field is edited that has this key; `None` for one that is not edited by itself.
pub(crate) fn spec_of<'a>(kind: Kind, key: &str, scene: &Scene<'a>) -> Option<Spec<'a>> {
    let own = || scene.settings.field_of_value(kind, key).map(own_spec);
    all_fields(kind).iter().find(|spec| spec.key == key).copied().or_else(own)
}

/// The fields of a page's Details tab.
pub(crate) fn all_fields(kind: Kind) -> &'static [Spec<'static>] {
    match kind {
        Kind::Lead => LEAD_ALL,
        Kind::Account => ACCOUNT_ALL,
        Kind::Contact => CONTACT_ALL,
        _ => &[],
    }
}

/// The fields of the dialog that creates a record; the number is how many show before "More fields".
pub(crate) fn form_fields(kind: Kind) -> (&'static [Spec<'static>], usize) {
    match kind {
        Kind::Lead => (LEAD_FORM, 6),
        Kind::Contact => (CONTACT_FORM, 6),
        Kind::Account => (ACCOUNT_FORM, 4),
        Kind::Activity => (ACTIVITY_FORM, 5),
        Kind::Task => (TASK_FORM, 4),
        _ => (&[], 0),
    }
}

/// The fields of the dialog that edits a task or an activity.
pub(crate) fn edit_fields(kind: Kind) -> &'static [Spec<'static>] {
    match kind {
        Kind::Task => TASK_FORM,
        Kind::Activity => ACTIVITY_EDIT,
        _ => &[],
    }
}

/// What the field holds, as people read it; empty when it holds nothing.
pub(crate) fn shown(row: &Row, key: &str, scene: &Scene<'_>) -> String {
    if let Some(name) = row.names.get(key) {
        return name.clone();
    }
    match (key, row.record.get(key)) {
        ("place", _) => stage_name(&row.record, scene),
        ("owner_id", _) => row.owner_name.clone(),
        (_, Some(value)) => shown_value(row.record.kind, key, value, scene),
        (_, None) => String::new(),
    }
}

fn stage_name(record: &Record, scene: &Scene<'_>) -> String {
    let id = record.place().0;
    scene.settings.stage(id).map_or(id, |stage| &stage.name).to_owned()
}

/// A value as people read it.
pub(crate) fn shown_value(kind: Kind, key: &str, value: &Value, scene: &Scene<'_>) -> String {
    if let Some(own) = scene.settings.field_of_value(kind, key) {
        return shown_own(own.of, value, scene);
    }
    match value {
        Value::Text(text) if key == "place" => {
            let id = text.split('|').next().unwrap_or("");
            scene.settings.stage(id).map_or(id, |stage| &stage.name).to_owned()
        }
        Value::Text(text) if is_choice(kind, key) => words::choice(text),
        Value::Text(text) => text.clone(),
        Value::Int(cents) if key.ends_with("_cents") => format::money(*cents, &scene.settings.currency),
        Value::Int(percent) if key == "probability" => format!("{percent} %"),
        Value::Int(number) => number.to_string(),
        Value::Bool(true) => "Yes".into(),
        Value::Bool(false) => "No".into(),
        Value::Date(date) => format::full_date(*date),
        Value::Time(at) => {
            format!("{}, {}", format::full_date(at.date_in(scene.zone)), format::time_of_day(*at, scene.zone))
        }
        Value::Id(id) => match scene.person(*id) {
            "" => "another record".into(),
            name => name.to_owned(),
        },
    }
}

/// A value of a field of the workspace's own; whatever else stands there shows as it is.
fn shown_own(of: OwnType, value: &Value, scene: &Scene<'_>) -> String {
    match (of, value) {
        (OwnType::Money, Value::Int(cents)) => format::money(*cents, &scene.settings.currency),
        (OwnType::Date, Value::Text(text)) => text.parse().map_or_else(|_| text.clone(), format::full_date),
        (_, Value::Text(text)) => text.clone(),
        (_, Value::Int(number)) if *number < 0 => format!("-{}", format::grouped(number.unsigned_abs())),
        (_, Value::Int(number)) => format::grouped(number.unsigned_abs()),
        (_, Value::Bool(flag)) => if *flag { "Yes" } else { "No" }.to_owned(),
        (_, Value::Date(date)) => format::full_date(*date),
        (_, Value::Time(at)) => format::day_and_time(*at, scene.zone),
        (_, Value::Id(id)) => id.to_string(),
    }
}

fn is_choice(kind: Kind, key: &str) -> bool {
    kind.field(key).is_some_and(|field| matches!(field.of, model::schema::FieldType::Choice(_)))
}

/// The key of "Yes" among options.
const YES: &str = "yes";

/// The value that a picked option stands for.
pub(crate) fn picked_value(editor: Editor<'_>, key: String) -> Option<Value> {
    match editor {
        Editor::Owner | Editor::Link(_) => key.parse().ok().map(Value::Id),
        Editor::Own(field) if field.of == OwnType::Flag => Some(Value::Bool(key == YES)),
        _ => Some(Value::Text(key)),
    }
}

/// The options of a picked field that need no query.
pub(crate) fn options(editor: Editor<'_>, scene: &Scene<'_>) -> Vec<PickOption> {
    match editor {
        Editor::Choice(keys) => keys.iter().map(|key| PickOption::new(*key, words::choice(key))).collect(),
        Editor::Stage => scene.settings.stages.iter().map(|stage| PickOption::new(&stage.id, &stage.name)).collect(),
        Editor::Source => scene.settings.sources.iter().map(|source| PickOption::new(source, source)).collect(),
        Editor::Owner => scene
            .people
            .iter()
            .filter(|person| person.get("disabled_at").is_none())
            .map(|person| PickOption::new(person.id.to_string(), person.text("name")))
            .collect(),
        Editor::Link(_) => scene.found.iter().map(found_option).collect(),
        Editor::About => crate::picking::about_options(scene.found, scene.hits),
        Editor::Own(field) if field.of == OwnType::Flag => {
            vec![PickOption::new(YES, "Yes"), PickOption::new("no", "No")]
        }
        Editor::Own(field) => field.options.iter().map(|option| PickOption::new(option, option)).collect(),
        _ => Vec::new(),
    }
}

/// A record that a picker found.
pub(crate) fn found_option(row: &Row) -> PickOption {
    let detail = match row.record.kind {
        Kind::Contact | Kind::Lead => row.names.get("account_id").cloned().unwrap_or_default(),
        _ => row.record.text("city").to_owned(),
    };
    PickOption { key: row.record.id.to_string(), text: row.record.display_name(), detail }
}
