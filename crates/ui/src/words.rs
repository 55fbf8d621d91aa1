//! The words of the interface that more than one screen needs.

use model::Kind;
use model::action::Label;
use model::app::Trouble;

use crate::icons;
use crate::present::format::many;

/// A kind in the middle of a sentence.
pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Attachment => "file",
        other => other.name(),
    }
}

/// A kind's plural as a heading.
pub(crate) const fn kinds(kind: Kind) -> &'static str {
    match kind {
        Kind::Settings => "Settings",
        Kind::User => "People",
        Kind::Device => "Devices",
        Kind::Account => "Accounts",
        Kind::Contact => "Contacts",
        Kind::Lead => "Leads",
        Kind::Activity => "Activities",
        Kind::Task => "Tasks",
        Kind::Attachment => "Files",
        Kind::Suggestion => "Suggestions",
        Kind::View => "Views",
    }
}

/// A kind's icon.
pub(crate) const fn kind_icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Settings => icons::SETTINGS,
        Kind::User => icons::PERSON,
        Kind::Device => icons::ALONE,
        Kind::Account => icons::ACCOUNTS,
        Kind::Contact => icons::CONTACTS,
        Kind::Lead => icons::LEADS,
        Kind::Activity => icons::NOTE,
        Kind::Task => icons::TASK,
        Kind::Attachment => icons::FILE,
        Kind::Suggestion => icons::NOTE,
        Kind::View => icons::FILTER,
    }
}

/// An activity type's word and icon.
pub(crate) fn activity(of: &str) -> (&'static str, &'static str) {
    match of {
        "call" => ("Call", icons::CALL),
        "email" => ("Email", icons::EMAIL),
        "meeting" => ("Meeting", icons::MEETING),
        "sms" => ("SMS", icons::SMS),
        _ => ("Note", icons::NOTE),
    }
}

/// A choice's key as a word: `closed_won` → `Closed won`.
pub(crate) fn choice(key: &str) -> String {
    match key {
        "in" => "Incoming".to_owned(),
        "out" => "Outgoing".to_owned(),
        _ => capital(&key.replace('_', " ")),
    }
}

/// The first letter as a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// What was done, for the toast.
pub(crate) fn label(label: &Label) -> String {
    match label {
        Label::Created(of) => format!("Created {}", kind(*of)),
        Label::Changed(of, count) => format!("Changed {}", counted(*of, *count)),
        Label::Moved(count, stage) => format!("Moved {} to {stage}", counted(Kind::Lead, *count)),
        Label::Won => "Lead won".into(),
        Label::Lost => "Lead lost".into(),
        Label::Logged(of) => format!("Logged {}", activity(of).0.to_lowercase()),
        Label::TaskDone => "Task done".into(),
        Label::TaskReopened => "Task reopened".into(),
        Label::Deleted(count) => format!("Moved {} to the trash", many(u64::from(*count), "record", "records")),
        Label::Restored(count) => format!("Restored {}", many(u64::from(*count), "record", "records")),
        Label::ConflictSettled => "Conflict settled".into(),
        Label::Suggested(count) => format!("Sent {}", many(u64::from(*count), "suggestion", "suggestions")),
        Label::SuggestionAccepted => "Suggestion accepted".into(),
        Label::SuggestionDeclined => "Suggestion declined".into(),
        Label::Undid(of) => format!("Undid: {}", self::label(of)),
        Label::Imported { file, .. } => format!("Imported {file}"),
        Label::SampleLoaded => "Sample data loaded".into(),
        Label::SampleRemoved => "Sample data removed".into(),
        Label::Merged(of, count) => format!("Merged {}", counted(*of, *count)),
        Label::KeptApart(_) => "Marked as different".into(),
        Label::StageRemoved(name) => format!("Removed the stage {name}"),
        Label::SettingsChanged => "Changed the settings".into(),
        Label::Redid(of) => format!("Redid: {}", self::label(of)),
        Label::RestoredTo(_) => "Restored to an earlier state".into(),
        Label::Dismissed => "Dismissed".into(),
        Label::BackupRestored => "Backup restored".into(),
        Label::Reworded { from, to: Some(to), .. } => format!("Renamed {from} to {to}"),
        Label::Reworded { from, to: None, records } => {
            format!("Took the tag {from} from {}", many(u64::from(*records), "record", "records"))
        }
    }
}

fn counted(of: Kind, count: u32) -> String {
    let several = kinds(of).to_lowercase();
    many(u64::from(count), kind(of), &several)
}

/// Why something was not done, with a next step where there is one.
pub(crate) fn trouble(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Invalid(problems) => {
            let all: Vec<String> = problems.iter().map(|of| format!("{} {}", field(&of.key), of.problem)).collect();
            all.join(" · ")
        }
        Trouble::NotHere => "This record is not on this device yet".into(),
        Trouble::ChangedSince(problems) => {
            let fields: Vec<String> = problems.iter().map(|of| field(&of.key)).collect();
            format!("Somebody has changed {} since, so it stays", fields.join(", ").to_lowercase())
        }
        Trouble::WouldOverwrite { clashes, .. } => {
            format!("{} newer by now", many(clashes.len() as u64, "value is", "values are"))
        }
        Trouble::Offline(reason) => format!("The relay can't be reached ({reason}). Your work is kept here"),
        Trouble::StillWaiting(count) => {
            format!("{} not on the relay yet", many(*count, "change is", "changes are"))
        }
        other => capital(&other.to_string()),
    }
}

/// A field's key as people know it.
pub(crate) fn field(key: &str) -> String {
    let (name, member) = key.split_once('/').unwrap_or((key, ""));
    let word = match name {
        "place" => "Stage",
        "value_cents" => "Value",
        "closed_value_cents" => "Closed value",
        "expected_close_date" => "Expected close",
        "account_id" => "Account",
        "contact_id" => "Contact",
        "lead_id" => "Lead",
        "primary_contact_id" => "Contact",
        "owner_id" => "Owner",
        "linked_id" => "Record",
        "reminder_at" => "Reminder",
        "due_at" => "Due",
        "occurred_at" => "When",
        "duration_minutes" => "Minutes",
        "linkedin_url" => "LinkedIn",
        "deleted_at" => "Trash",
        "archived_at" => "Archived",
        "merged_into" => "Merged into",
        "distinct" => "Not the same as another",
        "custom" => return member.to_owned(),
        "tags" => return format!("Tag {member}"),
        _ => return capital(&name.replace('_', " ")),
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toasts_count_what_was_done() {
        assert_eq!(label(&Label::Moved(3, "Proposal".into())), "Moved 3 leads to Proposal");
        assert_eq!(label(&Label::Moved(1, "New".into())), "Moved 1 lead to New");
        assert_eq!(label(&Label::Changed(Kind::Activity, 2)), "Changed 2 activities");
        assert_eq!(label(&Label::Undid(Box::new(Label::Won))), "Undid: Lead won");
    }

    #[test]
    fn field_keys_become_words() {
        assert_eq!(field("value_cents"), "Value");
        assert_eq!(field("postal_code"), "Postal code");
        assert_eq!(field("custom/Region"), "Region");
    }
}
