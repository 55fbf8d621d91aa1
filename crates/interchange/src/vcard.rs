//! Contacts as vCard 3.0 (RFC 2426) and 4.0 (RFC 6350). Every text is escaped and every line folded.

use model::{Record, Value};

/// Longest line, in bytes, its end not counted.
const LINE_MAX: usize = 75;

/// Which form of vCard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// What older programs read.
    V3,
    /// The current one.
    V4,
}

/// Writes a contact as a card; `account` is where they work.
pub fn card(contact: &Record, account: Option<&Record>, version: Version) -> String {
    let mut card = Card { out: String::new() };
    card.line("BEGIN", "VCARD");
    card.line("VERSION", if version == Version::V3 { "3.0" } else { "4.0" });
    let uid = contact.id.to_string();
    match version {
        Version::V3 => card.line("UID", &uid),
        Version::V4 => card.line("UID", &format!("urn:uuid:{uid}")),
    }
    card.line("FN", &escaped(&contact.display_name()));
    card.line("N", &format!("{};{};;;", escaped(contact.text("last_name")), escaped(contact.text("first_name"))));
    card.text("TITLE", contact.text("title"));
    if let Some(account) = account {
        card.text("ORG", account.text("name"));
        card.address(account);
        card.address_of_page(account.text("website"));
    }
    card.numbers(contact, version);
    card.address_of_page(contact.text("linkedin_url"));
    let tags: Vec<String> = contact.members("tags").map(|(tag, _)| escaped(tag)).collect();
    if !tags.is_empty() {
        card.line("CATEGORIES", &tags.join(","));
    }
    card.text("NOTE", contact.text("notes"));
    if let Some(at) = contact.time("updated_at") {
        card.line("REV", &stamp(at));
    }
    card.line("END", "VCARD");
    card.out
}

struct Card {
    out: String,
}

impl Card {
    /// The first of each is the preferred one; the others keep their labels.
    fn numbers(&mut self, contact: &Record, version: Version) {
        for (name, first, others) in [("EMAIL", "email", "emails"), ("TEL", "phone", "phones")] {
            let preferred = contact.text(first);
            if !preferred.is_empty() {
                let parameter = if version == Version::V3 { "TYPE=PREF" } else { "PREF=1" };
                self.text(&format!("{name};{parameter}"), preferred);
            }
            for (value, label) in contact.members(others).filter(|(value, _)| *value != preferred) {
                let kind = type_of(label).map_or(String::new(), |word| format!(";TYPE={word}"));
                self.text(&format!("{name}{kind}"), value);
            }
        }
    }

    fn address(&mut self, account: &Record) {
        let parts = ["street", "city", "state", "postal_code", "country"].map(|key| escaped(account.text(key)));
        if parts.iter().any(|part| !part.is_empty()) {
            self.line("ADR;TYPE=WORK", &format!(";;{}", parts.join(";")));
        }
    }

    /// An address is a URI, which has no escapes of its own.
    fn address_of_page(&mut self, url: &str) {
        if !url.is_empty() && !url.contains(char::is_control) {
            self.line("URL", url);
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.line(name, &escaped(text));
        }
    }

    /// Writes a line, in pieces of at most 75 bytes; the next one begins with a space.
    fn line(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if length + letter.len_utf8() > LINE_MAX {
                self.out.push_str("\r\n ");
                length = 1;
            }
            self.out.push(letter);
            length += letter.len_utf8();
        }
        self.out.push_str("\r\n");
    }
}

/// A label as a type, when it is one that readers know.
fn type_of(label: &Value) -> Option<&'static str> {
    let label = label.as_text()?.to_lowercase();
    ["work", "home", "cell", "fax"].into_iter().find(|word| label.contains(word)).map(|word| match word {
        "work" => "WORK",
        "home" => "HOME",
        "cell" => "CELL",
        _ => "FAX",
    })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.push_str("\\\\"),
            ',' => out.push_str("\\,"),
            ';' => out.push_str("\\;"),
            '\r' => {
                letters.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' => out.push_str("\\n"),
            letter if letter.is_control() && letter != '\t' => {}
            letter => out.push(letter),
        }
    }
    out
}

fn stamp(at: model::Timestamp) -> String {
    let text = at.to_string();
    // `2026-10-03T14:30:00.000Z` becomes `20261003T143000Z`.
    format!("{}Z", text.split('.').next().unwrap_or_default().replace(['-', ':'], ""))
}
