//! What a row wants a record to be, and what that comes to: a new record's fields, or the changes to an existing one.

use model::fold::fold;
use model::import::MatchMode;
use model::value::{FieldChanges, Fields};
use model::{Kind, Record, Value};

use crate::draft::{Draft, Labelled, within_note};

/// A family of addresses or numbers: the first is a field, the others are members of a map.
#[derive(Debug, Clone, Copy)]
struct Family {
    field: &'static str,
    members: &'static str,
}

const EMAILS: Family = Family { field: "email", members: "emails" };
const PHONES: Family = Family { field: "phone", members: "phones" };

/// What a row wants a record to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// What the file says, links included.
    pub(crate) fields: Fields,
    /// What a new record gets besides.
    pub(crate) defaults: Fields,
    /// Lines that the notes must have.
    pub(crate) lines: Vec<String>,
    /// A contact's addresses.
    pub(crate) emails: Vec<Labelled>,
    /// A contact's numbers.
    pub(crate) phones: Vec<Labelled>,
}

impl Wanted {
    /// Takes over what a draft says of itself; links and defaults are added by the caller.
    pub(crate) fn from_draft(draft: Draft) -> Self {
        Self { fields: draft.fields, lines: draft.lines, ..Self::default() }
    }

    /// The fields of a new record.
    pub(crate) fn created(&self, kind: Kind) -> Fields {
        let mut fields = self.defaults.clone();
        fields.extend(self.fields.clone());
        for (family, list) in [(EMAILS, &self.emails), (PHONES, &self.phones)] {
            for (index, item) in list.iter().enumerate() {
                let (key, value) = family.place(index == 0, item);
                fields.insert(key, value);
            }
        }
        let notes = notes_key(kind);
        let before = fields.get(notes).and_then(Value::as_text).unwrap_or("").to_owned();
        let after = with_lines(&before, &self.lines);
        if !after.is_empty() {
            fields.insert(notes.to_owned(), after.into());
        }
        fields
    }

    /// The changes that bring an existing record there, as far as the mode lets them.
    pub(crate) fn changes(&self, record: &Record, mode: MatchMode) -> FieldChanges {
        let mut changes = FieldChanges::new();
        if mode == MatchMode::Skip {
            return changes;
        }
        let notes = notes_key(record.kind);
        for (key, value) in self.fields.iter().filter(|(key, _)| *key != notes) {
            if self.may_set(record, key, mode) && record.get(key) != Some(value) {
                changes.insert(key.clone(), Some(value.clone()));
            }
        }
        for (family, list) in [(EMAILS, &self.emails), (PHONES, &self.phones)] {
            family.unite(record, list, mode, &mut changes);
        }
        if let Some(text) = self.changed_notes(record.text(notes), notes, mode) {
            changes.insert(notes.to_owned(), Some(text.into()));
        }
        changes
    }

    fn may_set(&self, record: &Record, key: &str, mode: MatchMode) -> bool {
        let root_only = record.kind.field(key).is_some_and(|field| field.root_only);
        let fill_only = matches!(key, "import_ref") || mode == MatchMode::FillBlanks;
        !root_only && (!fill_only || is_blank(record.get(key), key))
    }

    fn changed_notes(&self, before: &str, key: &str, mode: MatchMode) -> Option<String> {
        let wanted = self.fields.get(key).and_then(Value::as_text).unwrap_or("");
        let replaced = !wanted.is_empty() && (before.trim().is_empty() || mode == MatchMode::Overwrite);
        let after = with_lines(if replaced { wanted } else { before }, &self.lines);
        (after != before).then_some(after)
    }
}

impl Family {
    fn place(self, first: bool, item: &Labelled) -> (String, Value) {
        if first {
            (self.field.to_owned(), item.value.as_str().into())
        } else {
            (format!("{}/{}", self.members, item.value), item.label.as_str().into())
        }
    }

    /// Lists are united: what the record doesn't have yet is added, first in the field if that is free.
    fn unite(self, record: &Record, list: &[Labelled], mode: MatchMode, changes: &mut FieldChanges) {
        let main = record.text(self.field);
        let mut known: Vec<String> = record.members(self.members).map(|(member, _)| compared(member)).collect();
        let mut free = main.trim().is_empty();
        known.push(compared(main));
        for item in list {
            let key = compared(&item.value);
            if known.contains(&key) {
                continue;
            }
            let (key_of_field, value) = self.place(free, item);
            changes.insert(key_of_field, Some(value));
            known.push(key);
            free = false;
        }
        if let Some(first) = list.first().filter(|_| mode == MatchMode::Overwrite) {
            self.put_first(record, first, changes);
        }
    }

    /// Overwriting makes the file's first the record's first; the old one stays as another.
    fn put_first(self, record: &Record, first: &Labelled, changes: &mut FieldChanges) {
        let main = record.text(self.field);
        if main.trim().is_empty() || compared(main) == compared(&first.value) {
            return;
        }
        let old = format!("{}/{main}", self.members);
        if old.len() > model::schema::KEY_MAX_BYTES {
            return;
        }
        let member = record.members(self.members).find(|(member, _)| compared(member) == compared(&first.value));
        match member {
            Some((member, _)) => changes.insert(format!("{}/{member}", self.members), None),
            None => changes.remove(&format!("{}/{}", self.members, first.value)),
        };
        changes.insert(old, Some("".into()));
        changes.insert(self.field.to_owned(), Some(first.value.as_str().into()));
    }
}

/// Where a kind keeps free words.
pub(crate) const fn notes_key(kind: Kind) -> &'static str {
    if matches!(kind, Kind::Activity) { "body" } else { "notes" }
}

/// Addresses without case, numbers by their digits.
fn compared(text: &str) -> String {
    if text.contains('@') {
        fold(text.trim())
    } else {
        text.chars().filter(|c| c.is_alphanumeric() || *c == '+').collect()
    }
}

fn is_blank(value: Option<&Value>, key: &str) -> bool {
    match value {
        None => true,
        Some(Value::Text(text)) => text.trim().is_empty(),
        Some(Value::Int(number)) => *number == 0 && key == "value_cents",
        Some(_) => false,
    }
}

/// Adds the lines that a text doesn't have yet.
fn with_lines(text: &str, lines: &[String]) -> String {
    let mut after = text.to_owned();
    for line in lines {
        let present = after == *line || after.contains(&format!("{line}\n")) || after.ends_with(&format!("\n{line}"));
        if !present {
            if !after.is_empty() {
                after.push('\n');
            }
            after.push_str(line);
        }
    }
    // Beyond the limit nothing is added to what was there already.
    if after.len() > model::schema::NOTE_MAX_BYTES && !text.is_empty() {
        return text.to_owned();
    }
    within_note(&after).into_owned()
}

#[cfg(test)]
mod tests {
    use model::build;

    use super::*;

    fn labelled(value: &str, label: &str) -> Labelled {
        Labelled { value: value.into(), label: label.into() }
    }

    fn keys(changes: &FieldChanges) -> Vec<(&str, Option<&str>)> {
        changes.iter().map(|(key, value)| (key.as_str(), value.as_ref().and_then(Value::as_text))).collect()
    }

    #[test]
    fn blanks_are_filled_and_the_rest_is_left() {
        let ann = build::contact("Ann Lee").with("title", "CEO");
        let wanted = Wanted {
            fields: Fields::from([("title".into(), "CTO".into()), ("linkedin_url".into(), "https://l.co".into())]),
            ..Wanted::default()
        };

        assert_eq!(keys(&wanted.changes(&ann, MatchMode::FillBlanks)), [("linkedin_url", Some("https://l.co"))]);
        assert_eq!(wanted.changes(&ann, MatchMode::Overwrite).len(), 2);
        assert_eq!(wanted.changes(&ann, MatchMode::Skip).len(), 0);
    }

    #[test]
    fn another_address_joins_the_list() {
        let ann = build::contact("Ann Lee").with("email", "ann@acme.com");
        let emails = vec![labelled("lee@home.org", "home"), labelled("ANN@acme.com", "")];
        let wanted = Wanted { emails, ..Wanted::default() };

        assert_eq!(keys(&wanted.changes(&ann, MatchMode::FillBlanks)), [("emails/lee@home.org", Some("home"))]);
        assert_eq!(
            keys(&wanted.changes(&ann, MatchMode::Overwrite)),
            [("email", Some("lee@home.org")), ("emails/ann@acme.com", Some(""))]
        );
    }

    #[test]
    fn what_was_brought_there_has_nothing_left_to_change() {
        let wanted = Wanted {
            fields: Fields::from([("notes".into(), "Met in Oslo".into()), ("tags/hot".into(), true.into())]),
            emails: vec![labelled("a@b.co", "work"), labelled("c@d.co", "home")],
            phones: vec![labelled("+1 212 555 0147", "")],
            lines: vec!["Fax: none".into(), "Fax: none".into()],
            ..Wanted::default()
        };
        let mut ann = build::contact("Ann Lee").record();
        ann.fields.extend(wanted.created(Kind::Contact));

        assert_eq!(ann.text("notes"), "Met in Oslo\nFax: none");
        assert_eq!(wanted.changes(&ann, MatchMode::FillBlanks).len(), 0);
        assert_eq!(wanted.changes(&ann, MatchMode::Overwrite).len(), 0);
    }

    #[test]
    fn notes_of_people_are_kept_when_a_line_is_added() {
        let ann = build::contact("Ann Lee").with("notes", "Likes tea");
        let wanted = Wanted { lines: vec!["Phone: ask".into()], ..Wanted::default() };

        assert_eq!(keys(&wanted.changes(&ann, MatchMode::Overwrite)), [("notes", Some("Likes tea\nPhone: ask"))]);
    }
}
