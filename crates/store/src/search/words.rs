//! Which words a record is found by, folded, a line for each.

use model::fold::{digits, fold};
use model::schema::FieldType;
use model::{Kind, Record, Value};

/// The folded lines of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    /// The lines, separated by line feeds.
    pub text: String,
    /// How many bytes at the start are lines that name the record: name, e-mail, phone. An exact match or a common
    /// beginning counts in these only.
    pub key_bytes: usize,
}

/// Lines that other programs read, not people.
const SILENT: [&str; 10] =
    ["filter", "place", "import_ref", "path", "checksum", "mime_type", "currency", "time_zone", "region", "size"];

/// Collects the words of a record; `name` is what people call it.
pub(crate) fn words_of(record: &Record, name: &str) -> Words {
    let mut keys = vec![name.replace('\n', " ")];
    let mut others = Vec::new();
    if record.kind != Kind::Settings {
        for (key, value) in &record.fields {
            collect(record.kind, key, value, &mut keys, &mut others);
        }
    }
    others.retain(|line| !name.contains(line.as_str()));
    let mut text = fold(&keys.join("\n"));
    let key_bytes = text.len();
    for line in &others {
        text.push('\n');
        text.push_str(&fold(line));
    }
    Words { text, key_bytes }
}

fn collect(kind: Kind, key: &str, value: &Value, keys: &mut Vec<String>, others: &mut Vec<String>) {
    let Some(field) = kind.field(key) else { return };
    let member = key.get(field.key.len() + 1..).unwrap_or("");
    match (field.key, field.of) {
        ("email", _) => keys.extend(one_line(value)),
        ("emails", _) => keys.push(member.replace('\n', " ")),
        ("phone", _) => one_line(value).into_iter().for_each(|phone| push_phone(&phone, keys)),
        ("phones", _) => push_phone(member, keys),
        (key, _) if SILENT.contains(&key) => {}
        (_, FieldType::Line | FieldType::Note | FieldType::Custom) => others.extend(value.as_text().map(str::to_owned)),
        (_, FieldType::Words) => others.push(member.to_owned()),
        _ => {}
    }
}

fn one_line(value: &Value) -> Option<String> {
    value.as_text().map(|text| text.replace('\n', " "))
}

fn push_phone(phone: &str, keys: &mut Vec<String>) {
    keys.push(phone.replace('\n', " "));
    let digits = digits(phone);
    if !digits.is_empty() && digits != phone {
        keys.push(digits);
    }
}

#[cfg(test)]
mod tests {
    use model::build;

    use super::*;

    #[test]
    fn a_contact_is_named_by_name_mail_and_phone() {
        let ada = build::contact("Ada Lovelace").with("email", "Ada@Example.org").with("phone", "+1 (212) 555-0147");
        let ada = ada.with("notes", "Met in Zürich").with("tags/VIP", true).with("import_ref", "x-9").record();

        let words = words_of(&ada, "Ada Lovelace");

        assert_eq!(words.text[..words.key_bytes], *"ada lovelace\nada@example.org\n+1 (212) 555-0147\n12125550147");
        assert_eq!(words.text[words.key_bytes..], *"\nmet in zurich\nvip");
    }
}
