//! Fields and values as the preview of an import shows them to people.

use model::{Record, RecordId, Settings, Value, format};

use crate::matching::Index;
use crate::row_plan::Staged;

/// Longest value that is shown, in characters.
const SHOWN_CHARS: usize = 120;

/// Fields that the program sets by itself and nobody needs to see.
const HIDDEN: [&str; 8] =
    ["created_at", "updated_at", "import_ref", "via", "closed_value_cents", "owner_id", "probability_pinned", "sample"];

/// Shows records that are there, and those that the row is about to make.
pub(crate) struct Shown<'a> {
    /// For stages and money.
    pub(crate) settings: &'a Settings,
    /// What is there.
    pub(crate) index: &'a Index,
    /// What the row makes.
    pub(crate) staged: &'a [Staged],
}

impl Shown<'_> {
    /// A new record's fields: name, nothing, value.
    pub(crate) fn created(&self, record: &Record) -> Vec<(String, String, String)> {
        self.changed(&Record::new(record.kind, record.id), record)
    }

    /// What differs: name, before, after.
    pub(crate) fn changed(&self, before: &Record, after: &Record) -> Vec<(String, String, String)> {
        let mut keys: Vec<&String> = before.fields.keys().chain(after.fields.keys()).collect();
        keys.sort();
        keys.dedup();
        let visible = keys.into_iter().filter(|key| !HIDDEN.contains(&key.as_str()));
        let differing = visible.filter(|key| before.get(key) != after.get(key));
        differing.map(|key| (label(key), self.value(before, key), self.value(after, key))).collect()
    }

    fn value(&self, record: &Record, key: &str) -> String {
        let Some(value) = record.get(key) else { return String::new() };
        let shown = match value {
            _ if key == "place" => {
                let stage = record.place().0;
                self.settings.stage(stage).map_or_else(|| stage.to_owned(), |stage| stage.name.clone())
            }
            Value::Int(cents) if key.ends_with("_cents") => format::money(*cents, &self.settings.currency),
            Value::Int(percent) if key == "probability" => format!("{percent} %"),
            Value::Int(number) => number.to_string(),
            Value::Bool(flag) => (if *flag { "yes" } else { "no" }).to_owned(),
            Value::Date(date) => format::full_date(*date),
            Value::Time(at) => format::full_time(*at, &self.settings.zone()),
            Value::Id(id) => self.name_of(*id),
            // A member's key says more than its label.
            Value::Text(text) => match key.split_once('/') {
                Some(("emails" | "phones", member)) if text.is_empty() => member.to_owned(),
                Some(("emails" | "phones", member)) => format!("{member} ({text})"),
                _ => text.clone(),
            },
        };
        shortened(&shown)
    }

    fn name_of(&self, id: RecordId) -> String {
        let staged = self.staged.iter().find(|staged| staged.record.id == id).map(|staged| staged.outcome.name.clone());
        let known = || self.index.get(id).map(Record::display_name);
        staged.or_else(known).unwrap_or_else(|| id.to_string())
    }
}

/// A field's name in words: `linkedin_url` is `Linkedin url`, `custom/Region` is `Region`.
fn label(key: &str) -> String {
    let (name, member) = key.split_once('/').map_or((key, None), |(name, member)| (name, Some(member)));
    let words = match (name, member) {
        ("custom", Some(member)) => return member.to_owned(),
        ("tags", Some(member)) => return format!("Tag {member}"),
        ("emails", _) => "email",
        ("phones", _) => "phone",
        ("contacts", _) => "contact",
        ("place", _) => "stage",
        (name, _) => name.strip_suffix("_id").or_else(|| name.strip_suffix("_cents")).unwrap_or(name),
    };
    let mut letters = words.replace('_', " ");
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    letters
}

fn shortened(text: &str) -> String {
    let mut line = text.split(['\r', '\n']).next().unwrap_or("").to_owned();
    let more = line.len() < text.len();
    if let Some((end, _)) = line.char_indices().nth(SHOWN_CHARS) {
        line.truncate(end);
        line.push('…');
    } else if more {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use model::Kind;

    use super::*;

    #[test]
    fn fields_have_names_for_people() {
        let cases = [
            ("first_name", "First name"),
            ("value_cents", "Value"),
            ("account_id", "Account"),
            ("custom/Region", "Region"),
            ("tags/hot", "Tag hot"),
            ("place", "Stage"),
        ];
        for (key, name) in cases {
            assert_eq!(label(key), name);
        }
    }

    #[test]
    fn every_field_of_every_kind_has_a_name() {
        for kind in Kind::RECORDS {
            for field in kind.fields() {
                assert!(!label(field.key).is_empty());
            }
        }
    }

    #[test]
    fn long_values_are_shortened() {
        assert_eq!(shortened("one\ntwo"), "one…");
        assert_eq!(shortened(&"é".repeat(200)).chars().count(), SHOWN_CHARS + 1);
    }
}
