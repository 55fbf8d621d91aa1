//! The smart line: what a new lead's title says beside the title (`Acme website 12k fri #referral @ana`).

use model::fold::fold;
use model::input::InputContext;
use model::input::smart_line;
use model::{Record, Value};

use super::format;

/// A part that was found in the title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field it fills.
    pub(crate) key: &'static str,
    /// What it says.
    pub(crate) words: String,
    /// What the field gets.
    pub(crate) value: Value,
    /// The words as they were typed.
    typed: String,
}

/// The parts of a title, but for those whose words a person has put back.
pub(crate) fn parts(text: &str, put_back: &[&'static str], ctx: &InputContext<'_>, people: &[Record]) -> Vec<Part> {
    let line = smart_line(text, ctx);
    let mut parts = Vec::new();
    if let Some(of) = line.value_cents {
        let words = format::money(of.value, &ctx.settings.currency);
        parts.push(Part { key: "value_cents", words, value: of.value.into(), typed: of.typed });
    }
    if let Some(of) = line.close {
        let words = format!("Closes {}", format::full_date(of.value));
        parts.push(Part { key: "expected_close_date", words, value: of.value.into(), typed: of.typed });
    }
    if let Some(of) = line.source {
        let words = format!("Source {}", of.value);
        parts.push(Part { key: "source", words, value: of.value.into(), typed: of.typed });
    }
    if let Some((of, person)) = line.owner.and_then(|of| Some((person_named(&of.value, people)?, of))) {
        let words = format!("Owner {}", of.text("name"));
        parts.push(Part { key: "owner_id", words, value: Value::Id(of.id), typed: person.typed });
    }
    parts.retain(|part| !put_back.contains(&part.key));
    parts
}

/// The title without the words of its parts.
pub(crate) fn title(text: &str, parts: &[Part]) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    for part in parts {
        let typed: Vec<&str> = part.typed.split_whitespace().collect();
        // The last occurrence is the one that was read.
        let at = (0..words.len()).rev().find(|at| words[*at..].starts_with(&typed));
        if let Some(at) = at {
            words.drain(at..at + typed.len());
        }
    }
    words.join(" ")
}

/// The one person of whose name a word starts with this.
/// The one person whose name begins so.
pub(crate) fn person_named<'a>(word: &str, people: &'a [Record]) -> Option<&'a Record> {
    let wanted = fold(word);
    let fits = |person: &&Record| {
        person.get("disabled_at").is_none()
            && fold(person.text("name")).split(' ').any(|name| name.starts_with(wanted.as_str()))
    };
    let mut found = people.iter().filter(fits);
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use model::{Kind, RecordId, Settings};

    use super::*;

    fn read(text: &str, put_back: &[&'static str]) -> (String, Vec<String>) {
        let settings = Settings::default();
        let ctx = InputContext::new(&settings, model::build::now());
        let mut ana = Record::new(Kind::User, RecordId::from_bytes([3; 16]));
        ana.fields.insert("name".into(), "Ana Lima".into());
        let parts = parts(text, put_back, &ctx, &[ana]);
        (title(text, &parts), parts.into_iter().map(|part| part.words).collect())
    }

    #[test]
    fn parts_leave_the_title_and_come_back_when_a_person_puts_them_back() {
        let line = "Acme website 12k #referral @ana";

        let (name, parts) = read(line, &[]);
        assert_eq!(name, "Acme website");
        assert_eq!(parts, ["$12,000.00", "Source Referral", "Owner Ana Lima"]);

        let (name, parts) = read(line, &["value_cents"]);
        assert_eq!(name, "Acme website 12k");
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn a_word_that_names_nobody_stays_in_the_title() {
        assert_eq!(read("Acme website @bob", &[]), ("Acme website @bob".to_owned(), Vec::new()));
    }
}
