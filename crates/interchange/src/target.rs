//! What a column can be mapped to: the words for it (`contact.first_name`, `lead.custom/Region`, `skip`), and
//! what each word makes the importer do with a cell.

use model::import::Target;
use model::{Kind, schema};

/// What happens with a column's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Nothing.
    Skip,
    /// Parsed as this field of the schema.
    Field(Kind, &'static str),
    /// A member of a map or set field, the cell being its value (`custom/<name>`).
    Custom(Kind, String),
    /// A line in the notes (an activity's body), with the column's name in front.
    Append(Kind),
    /// A person's whole name, taken apart.
    FullName,
    /// Joined to the first name.
    MiddleName,
    /// E-mail addresses with this label; one or more in a cell.
    Emails(String),
    /// Phone numbers with this label; one or more in a cell.
    Phones(String),
    /// The label of the addresses in the next column.
    EmailLabel,
    /// The label of the numbers in the next column.
    PhoneLabel,
    /// Put in front of phone numbers of the row that have no country code.
    CallingCode,
    /// Tags, separated by `,`, `;` or ` ::: `.
    Tags(Kind),
    /// The owner's e-mail address or name.
    Owner(Kind),
    /// The record's id in the program the file comes from.
    ExternalId(Kind),
    /// The id there of the account (of this kind's record).
    AccountRef(Kind),
    /// The ids there of the lead's or activity's contacts.
    ContactRefs(Kind),
    /// The id there of the activity's lead.
    LeadRef,
    /// A stage's name.
    Stage,
    /// Open, won or lost.
    Status,
    /// The day a closed lead was closed on, or an open one is expected to.
    CloseDate,
    /// The day it was won on.
    WonOn,
    /// The day it was lost on.
    LostOn,
    /// Text that becomes an activity of type note.
    Note,
    /// When that note was written.
    NoteAt,
    /// A type of activity in the file's words.
    ActivityType,
}

/// Why words name no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such field to import into: {text}")]
pub struct ParseTargetError {
    /// What was given.
    pub text: String,
}

/// Keys beyond the schema's, by kind.
const SPECIAL_KEYS: &[(Kind, &[&str])] = &[
    (Kind::Account, &["id", "owner"]),
    (Kind::Contact, &["id", "owner", "name", "middle_name", "account", "emails_label", "phones_label", "calling_code"]),
    (
        Kind::Lead,
        &["id", "owner", "stage", "status", "value", "close_date", "won_on", "lost_on", "account", "contacts"],
    ),
    (Kind::Activity, &["id", "owner", "note", "note_at", "account", "contacts", "lead", "notes"]),
];

/// Fields that only the program itself writes.
const INTERNAL_KEYS: &[&str] = &[
    "account_id",
    "contact_id",
    "lead_id",
    "primary_contact_id",
    "owner_id",
    "place",
    "deleted_at",
    "archived_at",
    "import_ref",
    "merged_into",
    "quiet",
    "sample",
    "via",
    "probability_pinned",
    "contacts",
    "closed_value_cents",
    "distinct",
];

/// The kinds that a row can hold.
pub const KINDS: [Kind; 4] = [Kind::Account, Kind::Contact, Kind::Lead, Kind::Activity];

/// The keys that a column can be mapped to for a kind, as `Target::Field` has them; for lists to choose from.
///
/// `emails/<label>`, `phones/<label>` and `custom/<name>` are understood as well.
pub fn keys(kind: Kind) -> Vec<&'static str> {
    let special = SPECIAL_KEYS.iter().filter(|(of, _)| *of == kind).flat_map(|(_, keys)| keys.iter().copied());
    let fields = kind.fields().iter().map(|field| field.key);
    let mut keys: Vec<&str> = fields.filter(|key| !INTERNAL_KEYS.contains(key) && *key != "custom").collect();
    for key in special {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Reads a target from words: `skip`, `contact.email`, `contact.emails/work`, `lead.custom/Region`,
/// `contact.append`. Without a kind in front it is a field of `main`.
///
/// # Errors
/// When nothing is called that.
pub fn parse_target(text: &str, main: Kind) -> Result<Target, ParseTargetError> {
    let error = || ParseTargetError { text: text.to_owned() };
    let text = text.trim();
    if text == "skip" || text.is_empty() {
        return Ok(Target::Skip);
    }
    let named = text.split_once('.').and_then(|(kind, key)| Some((kind.parse::<Kind>().ok()?, key)));
    let (kind, key) = named.unwrap_or((main, text));
    let target = match key.split_once('/') {
        _ if key == "append" => Target::AppendToNotes(kind),
        Some(("custom", name)) if !name.is_empty() => Target::Custom(kind, name.to_owned()),
        _ => Target::Field(kind, key.to_owned()),
    };
    if slot(&target).is_some() { Ok(target) } else { Err(error()) }
}

/// What a target makes the importer do; `None` when there is no such field.
pub(crate) fn slot(target: &Target) -> Option<Slot> {
    match target {
        Target::Skip => Some(Slot::Skip),
        Target::Custom(kind, name) => {
            (KINDS.contains(kind) && custom_fits(name)).then(|| Slot::Custom(*kind, name.clone()))
        }
        Target::AppendToNotes(kind) => KINDS.contains(kind).then_some(Slot::Append(*kind)),
        Target::Field(kind, key) if KINDS.contains(kind) => special(*kind, key).or_else(|| plain(*kind, key)),
        Target::Field(..) => None,
    }
}

fn custom_fits(name: &str) -> bool {
    !name.is_empty() && "custom/".len() + name.len() <= schema::KEY_MAX_BYTES
}

fn special(kind: Kind, key: &str) -> Option<Slot> {
    let slot = match (kind, key) {
        (_, "id" | "import_ref") => Slot::ExternalId(kind),
        (_, "owner" | "owner_id") => Slot::Owner(kind),
        (Kind::Activity, "notes") => Slot::Field(kind, "body"),
        (Kind::Activity, "type") => Slot::ActivityType,
        (Kind::Activity, "note") => Slot::Note,
        (Kind::Activity, "note_at") => Slot::NoteAt,
        (Kind::Activity, "lead" | "lead_id") => Slot::LeadRef,
        (Kind::Lead, "contacts" | "primary_contact_id") | (Kind::Activity, "contacts" | "contact_id") => {
            Slot::ContactRefs(kind)
        }
        (Kind::Contact | Kind::Lead | Kind::Activity, "account" | "account_id") => Slot::AccountRef(kind),
        (_, "tags") if kind != Kind::Activity => Slot::Tags(kind),
        (Kind::Contact, "name") => Slot::FullName,
        (Kind::Contact, "middle_name") => Slot::MiddleName,
        (Kind::Contact, "email" | "emails") => Slot::Emails(String::new()),
        (Kind::Contact, "phone" | "phones") => Slot::Phones(String::new()),
        (Kind::Contact, "emails_label") => Slot::EmailLabel,
        (Kind::Contact, "phones_label") => Slot::PhoneLabel,
        (Kind::Contact, "calling_code") => Slot::CallingCode,
        (Kind::Lead, "stage" | "place") => Slot::Stage,
        (Kind::Lead, "status") => Slot::Status,
        (Kind::Lead, "value") => Slot::Field(kind, "value_cents"),
        (Kind::Lead, "close_date") => Slot::CloseDate,
        (Kind::Lead, "won_on") => Slot::WonOn,
        (Kind::Lead, "lost_on") => Slot::LostOn,
        _ => return labelled(kind, key),
    };
    Some(slot)
}

fn labelled(kind: Kind, key: &str) -> Option<Slot> {
    match (kind, key.split_once('/')?) {
        (Kind::Contact, ("emails", label)) => Some(Slot::Emails(label.to_owned())),
        (Kind::Contact, ("phones", label)) => Some(Slot::Phones(label.to_owned())),
        (_, ("custom", name)) if custom_fits(name) => Some(Slot::Custom(kind, name.to_owned())),
        _ => None,
    }
}

fn plain(kind: Kind, key: &str) -> Option<Slot> {
    let field = kind.fields().iter().find(|field| field.key == key)?;
    let usable = !field.of.has_members() && !INTERNAL_KEYS.contains(&key);
    usable.then_some(Slot::Field(kind, field.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_key_can_be_mapped_to() {
        for kind in KINDS {
            for key in keys(kind) {
                assert!(slot(&Target::Field(kind, key.to_owned())).is_some(), "{kind}.{key}");
            }
        }
    }

    #[test]
    fn words_name_targets() {
        let check = |text: &str, target: Target| assert_eq!(parse_target(text, Kind::Contact), Ok(target), "{text}");

        check("skip", Target::Skip);
        check("first_name", Target::Field(Kind::Contact, "first_name".into()));
        check("lead.value", Target::Field(Kind::Lead, "value".into()));
        check("emails/work", Target::Field(Kind::Contact, "emails/work".into()));
        check("account.custom/VAT number", Target::Custom(Kind::Account, "VAT number".into()));
        check("contact.append", Target::AppendToNotes(Kind::Contact));
    }

    #[test]
    fn what_only_the_program_writes_is_no_target() {
        for text in ["nonsense", "lead.merged_into", "contact.deleted_at", "task.title", "activity.via", "custom/"] {
            assert!(parse_target(text, Kind::Contact).is_err(), "{text}");
        }
    }
}
