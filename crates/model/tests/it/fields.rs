//! Text into values, field by field of the schema.

use model::input::{Warning, parse_field, read_field};
use model::schema::FieldProblem;
use model::{Fields, Kind, RecordId, Timestamp, Value};
use proptest::prelude::*;

use crate::in_europe;

fn parse(kind: Kind, key: &str, text: &str) -> Result<Option<Value>, FieldProblem> {
    in_europe('.', |ctx| parse_field(kind, key, text, ctx))
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("is a moment")
}

#[test]
fn every_type_of_field_is_read() {
    let id: RecordId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("is an id");
    let cases: [(Kind, &str, &str, Value); 26] = [
        (Kind::Account, "name", "  Acme\r\n Inc ", "Acme Inc".into()),
        (Kind::Account, "website", "ACME.com", "https://acme.com".into()),
        (Kind::Account, "email", "Hello@ACME.com", "Hello@acme.com".into()),
        (Kind::Account, "phone", " 030 23125 014", "030 23125 014".into()),
        (Kind::Account, "notes", "one\ntwo\n", "one\ntwo".into()),
        (Kind::Contact, "linkedin_url", "linkedin.com/in/ann", "https://linkedin.com/in/ann".into()),
        (Kind::Contact, "emails/a@b.co", "work", "work".into()),
        (Kind::Contact, "account_id", "01890a5d-ac96-774b-bcce-b302099a8057", id.into()),
        (Kind::Contact, "tags/vip", "yes", true.into()),
        (Kind::Contact, "custom/shoe size", "42", "42".into()),
        (Kind::Lead, "value_cents", "12.5k", 1_250_000.into()),
        (Kind::Lead, "probability", "40 %", 40.into()),
        (Kind::Lead, "probability_pinned", "on", true.into()),
        (Kind::Lead, "probability_pinned", "No", false.into()),
        (Kind::Lead, "expected_close_date", "9 oct", Value::Date("2026-10-09".parse().expect("is a date"))),
        (Kind::Lead, "closed_on", "2026-10-01 23:30", Value::Date("2026-10-01".parse().expect("is a date"))),
        (Kind::Lead, "stage", "qualified", "qualified".into()),
        (Kind::Lead, "stage", "closed-WON", "won".into()),
        (Kind::Activity, "type", "E-mail", "email".into()),
        (Kind::Activity, "occurred_at", "yesterday 9am", time("2026-10-04T07:00:00Z").into()),
        (Kind::Activity, "duration_minutes", "45", 45.into()),
        (Kind::Activity, "via", "quick log", "quick_log".into()),
        (Kind::Task, "due_at", "fri", time("2026-10-08T22:00:00Z").into()),
        (Kind::Task, "linked_id", "01890A5D-AC96-774B-BCCE-B302099A8057", id.into()),
        (Kind::Task, "priority", "HIGH", "high".into()),
        (Kind::Settings, "date_order", "ymd", "ymd".into()),
    ];
    for (kind, key, text, value) in cases {
        assert_eq!(parse(kind, key, text), Ok(Some(value)), "{kind}.{key} = {text}");
    }
}

#[test]
fn no_text_is_no_value() {
    for (kind, key) in [(Kind::Lead, "value_cents"), (Kind::Lead, "stage"), (Kind::Account, "name")] {
        assert_eq!(parse(kind, key, " \t "), Ok(None));
    }
    assert_eq!(parse(Kind::Lead, "tags/hot", "no"), Ok(None));
}

#[test]
fn a_problem_names_the_field_and_says_what_is_wrong() {
    let long = "x".repeat(201);
    let cases = [
        (Kind::Lead, "colour", "red", "a lead has no such field"),
        (Kind::Lead, "colour", "", "a lead has no such field"),
        (Kind::Lead, "tags", "hot", "name the entry, as in tags/name"),
        (Kind::Lead, "title", &long, "too long"),
        (Kind::Lead, "value_cents", "-5", "an amount cannot be negative"),
        (Kind::Lead, "probability", "110", "a probability is between 0 and 100 %"),
        (Kind::Lead, "probability_pinned", "perhaps", "write yes or no"),
        (Kind::Lead, "account_id", "Acme", "not a valid id: Acme"),
        (
            Kind::Lead,
            "stage",
            "limbo",
            "must be one of: New, Qualified, Proposal, Negotiation, Closed-Won, Closed-Lost",
        ),
        (Kind::Lead, "expected_close_date", "someday", "write a date, as in 3 oct, fri, +2w or 2026-10-03"),
        (Kind::Task, "due_at", "fri 25:00", "write a time, as in 14:30 or 2:30pm"),
        (Kind::Task, "priority", "urgent", "must be one of: low, medium, high"),
        (Kind::Activity, "duration_minutes", "an hour", "write a whole number"),
        (Kind::Activity, "duration_minutes", "-1", "must be between 0 and 100000"),
        (Kind::Contact, "email", "ann", "an e-mail address has one @, as in ann@example.com"),
        (Kind::Contact, "phone", "none", "a phone number has at least 3 digits"),
        (Kind::Account, "website", "acme", "a web address has a dot, as in example.com"),
    ];
    for (kind, key, text, problem) in cases {
        assert_eq!(parse(kind, key, text), Err(FieldProblem::new(key, problem)), "{kind}.{key} = {text}");
    }
}

#[test]
fn text_that_says_more_fills_other_fields() {
    let also = |kind, key, text| in_europe('.', |ctx| read_field(kind, key, text, ctx)).expect(text).also;
    let name = |first: &str, last: &str| {
        let parts = [("first_name", first), ("last_name", last)].into_iter().filter(|(_, part)| !part.is_empty());
        parts.map(|(key, part)| (key.to_owned(), part.into())).collect::<Fields>()
    };

    assert_eq!(also(Kind::Contact, "email", "Ann Mary Lee <ann@acme.com>"), name("Ann Mary", "Lee"));
    assert_eq!(also(Kind::Contact, "email", "\"Lee, Ann\" <ann@acme.com>"), name("Ann", "Lee"));
    assert_eq!(also(Kind::Contact, "email", "Ann <ann@acme.com>"), name("Ann", ""));
    assert_eq!(also(Kind::Account, "email", "Ann Lee <ann@acme.com>"), Fields::new());
    assert_eq!(also(Kind::Task, "due_at", "fri"), Fields::from([("all_day".into(), true.into())]));
    assert_eq!(also(Kind::Task, "due_at", "fri 9am"), Fields::from([("all_day".into(), false.into())]));
}

#[test]
fn doubts_come_with_the_value() {
    let warnings = |kind, key, text| in_europe('.', |ctx| read_field(kind, key, text, ctx)).expect(text).warnings;

    assert_eq!(warnings(Kind::Contact, "email", "a@gmial.com"), [Warning::DomainLooksLike("gmail.com")]);
    assert_eq!(warnings(Kind::Contact, "phone", "12345"), [Warning::PhoneNotRecognised]);
    assert_eq!(warnings(Kind::Lead, "expected_close_date", "2026-10-04"), [Warning::ClosePassed]);
    assert_eq!(warnings(Kind::Lead, "closed_on", "2026-10-04"), []);
    assert_eq!(warnings(Kind::Task, "due_at", "2028-10-06"), [Warning::DueFarAhead]);
    assert_eq!(warnings(Kind::Lead, "value_cents", "12.500").len(), 1);
}

#[test]
fn values_written_as_json_read_back() {
    let cases: [(Kind, &str, Value); 4] = [
        (Kind::Task, "due_at", time("2026-10-08T22:00:00.123Z").into()),
        (Kind::Lead, "closed_on", Value::Date("2026-10-01".parse().expect("is a date"))),
        (Kind::Lead, "probability_pinned", true.into()),
        (Kind::Lead, "account_id", RecordId::from_bytes([7; 16]).into()),
    ];
    for (kind, key, value) in cases {
        let json = value.to_json();
        let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
        assert_eq!(parse(kind, key, &text), Ok(Some(value)), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_field_panic_and_what_is_read_fits(text: String, kind in 0..9_usize, field in 0..40_usize) {
        let kind = Kind::ALL[kind];
        let field = kind.fields()[field % kind.fields().len()];
        let key = if field.of.has_members() { format!("{}/x", field.key) } else { field.key.to_owned() };
        if let Ok(Some(value)) = parse(kind, &key, &text) {
            prop_assert_eq!(field.of.accepts(&value), Ok(()));
        }
    }
}
