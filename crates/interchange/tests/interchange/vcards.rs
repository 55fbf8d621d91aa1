//! Cards that other programs read.

use calcard::Parser;
use calcard::vcard::{VCard, VCardProperty};
use expect_test::expect;
use interchange::vcard::{Version, card};
use model::{Value, build};

fn ada() -> (model::Record, model::Record) {
    let account =
        build::account("Analytical; Engines, Ltd").with("city", "London").with("website", "https://acme.example");
    let contact = build::contact("Ada Love;lace")
        .with("title", "Countess, of \\ code")
        .with("email", "ada@example.org")
        .with("emails/old@example.org", Value::from("Home"))
        .with("phone", "+44 20 7946 0018")
        .with("tags/a,b", true)
        .with("notes", "First line\nsecond; with, signs and äöü ☕");
    (contact.record(), account.record())
}

#[test]
fn every_text_is_escaped_and_every_line_folded() {
    let (contact, account) = ada();

    let written = card(&contact, Some(&account), Version::V4).replace(&contact.id.to_string(), "ID");

    assert!(written.split("\r\n").all(|line| line.len() <= 75), "{written}");
    let unfolded = written.replace("\r\n ", "").replace("\r\n", "\n");
    expect![[r#"
        BEGIN:VCARD
        VERSION:4.0
        UID:urn:uuid:ID
        FN:Ada Love\;lace
        N:Love\;lace;Ada;;;
        TITLE:Countess\, of \\ code
        ORG:Analytical\; Engines\, Ltd
        ADR;TYPE=WORK:;;;London;;;
        URL:https://acme.example
        EMAIL;PREF=1:ada@example.org
        EMAIL;TYPE=HOME:old@example.org
        TEL;PREF=1:+44 20 7946 0018
        CATEGORIES:a\,b
        NOTE:First line\nsecond\; with\, signs and äöü ☕
        END:VCARD
    "#]]
    .assert_eq(&unfolded);
}

#[test]
fn another_program_reads_the_same_back() {
    let (contact, account) = ada();

    for version in [Version::V3, Version::V4] {
        let text = card(&contact, Some(&account), version);
        let read: VCard = match Parser::new(&text).entry() {
            calcard::Entry::VCard(card) => card,
            other => panic!("{other:?}"),
        };
        let texts = |property: VCardProperty| -> Vec<String> {
            let of = read.entries.iter().filter(|entry| entry.name == property);
            of.flat_map(|entry| entry.values.iter()).filter_map(|value| value.as_text().map(str::to_owned)).collect()
        };
        assert_eq!(texts(VCardProperty::Note), [contact.text("notes")]);
        assert_eq!(texts(VCardProperty::Title), [contact.text("title")]);
        assert_eq!(texts(VCardProperty::Org), [account.text("name")]);
        assert_eq!(texts(VCardProperty::Email), ["ada@example.org", "old@example.org"]);
        assert_eq!(texts(VCardProperty::N)[..2], [contact.text("last_name"), contact.text("first_name")]);
    }
}
