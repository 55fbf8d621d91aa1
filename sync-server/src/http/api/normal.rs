//! Addresses and numbers as forms write them down: `mailto:` goes, `https://` comes, a phone number gets its country.
//! What a form would not take is refused.

use std::collections::BTreeMap;

use model::input::{InputContext, parse_email, parse_phone, read_field};
use model::{Kind, Value};

use super::failure::field as problem;
use crate::domain::{FieldPatch, Patch};
use crate::http::error::FieldError;

/// Fields whose text has a form of its own.
pub(super) const NORMALISED: [&str; 4] = ["email", "phone", "website", "linkedin_url"];

/// The patch as a form would have written it, or what is wrong with it.
pub(super) fn normalised(kind: Kind, patch: Patch, ctx: &InputContext<'_>) -> Result<Patch, Vec<FieldError>> {
    let mut problems = Vec::new();
    let mut normal = Patch::new();
    for (key, said) in patch {
        match normalise(kind, &key, said, ctx) {
            Ok(said) => drop(normal.insert(key, said)),
            Err(detail) => problems.push(problem(key, "invalid", detail)),
        }
    }
    if problems.is_empty() { Ok(normal) } else { Err(problems) }
}

fn normalise(kind: Kind, key: &str, said: FieldPatch, ctx: &InputContext<'_>) -> Result<FieldPatch, String> {
    match said {
        FieldPatch::Value(Some(Value::Text(text))) if NORMALISED.contains(&key) => {
            let read = read_field(kind, key, &text, ctx).map_err(|problem| problem.problem)?;
            Ok(FieldPatch::Value(read.value))
        }
        FieldPatch::Members(members) if ["emails", "phones"].contains(&key) => {
            let members: Result<BTreeMap<String, Value>, String> =
                members.into_iter().map(|(text, label)| Ok((address(key, &text, ctx)?, label))).collect();
            Ok(FieldPatch::Members(members?))
        }
        said => Ok(said),
    }
}

fn address(key: &str, text: &str, ctx: &InputContext<'_>) -> Result<String, String> {
    match key {
        "emails" => parse_email(text).map(|email| email.value.address).map_err(|error| error.to_string()),
        _ => parse_phone(text, ctx).map(|phone| phone.value.text).map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use model::{Settings, Timestamp};

    use super::*;

    fn value(key: &str, text: &str) -> Result<String, String> {
        let settings = Settings { region: "NO".into(), ..Settings::default() };
        let ctx = InputContext::new(&settings, Timestamp::default());
        let patch = Patch::from([(key.to_owned(), FieldPatch::Value(Some(text.into())))]);
        let normal = normalised(Kind::Contact, patch, &ctx);
        normal.map_err(|problems| problems[0].detail.clone()).map(|patch| match &patch[key] {
            FieldPatch::Value(Some(Value::Text(text))) => text.clone(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn addresses_are_written_down_as_forms_write_them() {
        assert_eq!(value("email", " mailto:ann@Acme.example ").as_deref(), Ok("ann@acme.example"));
        assert_eq!(value("email", "Ann Lee <ann@acme.example>").as_deref(), Ok("ann@acme.example"));
        assert_eq!(value("linkedin_url", "linkedin.com/in/ann").as_deref(), Ok("https://linkedin.com/in/ann"));
        assert_eq!(value("first_name", "mailto:ann").as_deref(), Ok("mailto:ann"), "names have no form");
    }

    #[test]
    fn what_a_form_would_not_take_is_refused() {
        for (key, text) in [("email", "ann"), ("linkedin_url", "not an address"), ("phone", "none")] {
            assert!(value(key, text).is_err(), "{key}: {text}");
        }
    }

    #[test]
    fn lists_of_addresses_are_normalised_too() {
        let settings = Settings::default();
        let ctx = InputContext::new(&settings, Timestamp::default());
        let members = |text: &str| FieldPatch::Members([(text.to_owned(), "work".into())].into());
        let patch = |text: &str| Patch::from([("emails".to_owned(), members(text))]);

        let normal = normalised(Kind::Contact, patch("mailto:ann@acme.example"), &ctx).unwrap();

        assert_eq!(normal["emails"], members("ann@acme.example"));
        assert_eq!(normalised(Kind::Contact, patch("nobody"), &ctx).unwrap_err()[0].field, "emails");
    }
}
