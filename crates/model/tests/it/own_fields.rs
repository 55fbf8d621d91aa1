//! The workspace's own fields, and the words that it proposes.

use model::own_field::{OwnFieldError, check_changes};
use model::settings::{SETTINGS_ID, default_fields, order_words};
use model::{FieldChanges, Fields, Kind, OwnField, OwnType, Record, Settings, Value};

use crate::in_europe;

fn record(fields: impl IntoIterator<Item = (String, Value)>) -> Record {
    let mut all = default_fields();
    all.extend(fields);
    Record { kind: Kind::Settings, id: SETTINGS_ID, fields: all }
}

fn after(record: &Record, changes: FieldChanges) -> Record {
    let mut record = record.clone();
    for (key, value) in changes {
        match value {
            Some(value) => drop(record.fields.insert(key, value)),
            None => drop(record.fields.remove(&key)),
        }
    }
    record
}

fn field(of: OwnType, options: &[&str]) -> OwnField {
    let mut field = OwnField::new(Kind::Lead, "Region", of, &Settings::default());
    field.options = options.iter().map(|option| (*option).to_owned()).collect();
    field
}

#[test]
fn definitions_read_back_as_they_were_written() {
    let mut settings = Settings::default();
    let mut written = Vec::new();
    for (name, of) in [("Tier", OwnType::Choice), ("Size: m/l, 100%", OwnType::Number), ("Until", OwnType::Date)] {
        let mut field = OwnField::new(Kind::Lead, name, of, &settings);
        if of == OwnType::Choice {
            field.options = ["Gold", "Silver", "A/B"].map(str::to_owned).to_vec();
        }
        settings.own_fields.push(field.clone());
        written.push(field);
    }

    let read = Settings::read(&record(written.iter().flat_map(OwnField::fields)));

    assert_eq!(read.own_fields, written);
    assert_eq!(read.own_fields[1].value_key(), "custom/Size: m/l, 100%");
    for key in written.iter().flat_map(|field| field.fields().into_keys()) {
        assert!(model::schema::check_field(Kind::Settings, &key, &"x".into()).is_ok(), "{key}");
    }
}

#[test]
fn a_field_keeps_its_key_and_values_under_every_name() {
    let region = field(OwnType::Text, &[]);
    let renamed = after(&record(region.fields()), [(region.property("name"), Some("Area".into()))].into());
    let settings = Settings::read(&renamed);

    let found = settings.own_field_named(Kind::Lead, "area").expect("it is found by its new name");
    assert_eq!((found.name.as_str(), found.value_key()), ("Area", "custom/Region"));
    let second = OwnField::new(Kind::Lead, "Region", OwnType::Text, &settings);
    assert_eq!(second.value_key(), "custom/Region 2", "a key is never given twice");
}

#[test]
fn two_administrators_who_rename_and_archive_one_field_both_get_their_way() {
    let region = field(OwnType::Text, &[]);
    let changes = [(region.property("name"), Some("Area".into())), (region.property("archived"), Some(true.into()))];
    let settings = Settings::read(&after(&record(region.fields()), changes.into()));

    assert_eq!(settings.live_fields(Kind::Lead).count(), 0);
    let kept = settings.own_field(Kind::Lead, "Region").expect("it is kept");
    assert!(kept.archived && kept.name == "Area");
}

#[test]
fn what_is_left_of_an_undone_definition_is_no_field() {
    let region = field(OwnType::Text, &[]);
    let settings = Settings::read(&record([(region.property("name"), "Area".into())]));

    assert_eq!(settings.own_fields, []);
}

#[test]
fn text_is_read_by_what_the_field_holds() {
    let read = |of, text: &str| {
        let field = field(of, &["Gold", "Silver"]);
        in_europe('.', |ctx| field.read(text, ctx).map(|(value, _)| value))
    };
    let good: [(OwnType, &str, Value); 9] = [
        (OwnType::Text, " North\nEast ", "North East".into()),
        (OwnType::Number, "1,250", 1_250.into()),
        (OwnType::Number, "-3", (-3).into()),
        (OwnType::Money, "12.5k", 1_250_000.into()),
        (OwnType::Date, "9 oct", "2026-10-09".into()),
        (OwnType::Flag, "Yes", true.into()),
        (OwnType::Flag, "no", false.into()),
        (OwnType::Choice, "gold", "Gold".into()),
        (OwnType::Link, "acme.com/x", "https://acme.com/x".into()),
    ];
    for (of, text, value) in good {
        assert_eq!(read(of, text), Ok(Some(value)), "{of:?} {text}");
    }
    let bad = [
        (OwnType::Number, "12,5"),
        (OwnType::Number, "a dozen"),
        (OwnType::Number, "9007199254740992"),
        (OwnType::Money, "-5"),
        (OwnType::Date, "31 feb"),
        (OwnType::Flag, "perhaps"),
        (OwnType::Choice, "Bronze"),
        (OwnType::Link, "no address"),
    ];
    for (of, text) in bad {
        assert!(read(of, text).is_err(), "{of:?} {text}");
    }
    for of in OwnType::ALL {
        assert_eq!(read(of, "  "), Ok(None), "{of:?}");
    }
}

#[test]
fn programs_write_defined_fields_with_fitting_values() {
    let settings = Settings { own_fields: vec![field(OwnType::Number, &[])], ..Settings::default() };
    let check = |kind, key: &str, value: Option<Value>| {
        let fields = FieldChanges::from([(key.to_owned(), value)]);
        check_changes(kind, fields.iter().map(|(key, value)| (key, value.as_ref())), &settings)
    };

    assert_eq!(check(Kind::Lead, "custom/Region", Some(4.into())), Ok(()));
    assert_eq!(check(Kind::Lead, "custom/Gone", None), Ok(()), "taking a value away is always right");
    assert_eq!(check(Kind::Lead, "title", Some("x".into())), Ok(()));
    assert!(matches!(check(Kind::Lead, "custom/Region", Some("four".into())), Err(OwnFieldError::Unfit(_))));
    assert!(matches!(check(Kind::Lead, "custom/region", Some(4.into())), Err(OwnFieldError::Unknown(_))));
    assert!(matches!(check(Kind::Contact, "custom/Region", Some(4.into())), Err(OwnFieldError::Unknown(_))));
}

#[test]
fn proposals_have_an_order_and_archived_ones_are_remembered() {
    let start = record(Fields::new());
    assert_eq!(Settings::read(&start).sources[..2], ["Advertising", "Cold outreach"]);

    let order = ["Website", "Event"].map(str::to_owned);
    let ordered = after(&start, order_words("source", &order));
    assert_eq!(Settings::read(&ordered).sources[..3], ["Website", "Event", "Advertising"]);

    let archived = after(&ordered, [("source/Event".to_owned(), None)].into());
    let settings = Settings::read(&archived);
    assert!(!settings.sources.contains(&"Event".to_owned()));
    assert_eq!(settings.old_sources, ["Event"]);
    assert_eq!(settings.old_lost_reasons, Vec::<String>::new());
}
