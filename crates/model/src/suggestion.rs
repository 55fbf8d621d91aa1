//! What one person proposes to change in a record that another may change: a record of its own, addressed to them.
//!
//! The proposed values stand in one field as JSON, each beside the value that its author saw, so that whoever decides
//! sees both next to what stands by then. They are written once; only whether they were taken changes later.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::value::FieldChanges;
use crate::{Kind, Record, RecordRef, UserId, Value};

/// It waits for an answer.
pub const OPEN: &str = "open";
/// It was taken: the values are in the record.
pub const ACCEPTED: &str = "accepted";
/// It was turned down.
pub const DECLINED: &str = "declined";
/// How a suggestion may stand.
pub const STATUSES: &[&str] = &[OPEN, ACCEPTED, DECLINED];

/// One field of a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The value that its author saw; `None` is no value.
    pub seen: Option<Value>,
    /// The value that they propose.
    pub value: Option<Value>,
}

/// The fields of a suggestion by key.
pub type Proposals = BTreeMap<String, Proposal>;

/// Why a suggestion can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadSuggestionError {
    /// It names no record.
    #[error("the suggestion names no record")]
    NoRecord,
    /// Its values can't be read.
    #[error("the suggestion's values can't be read")]
    Unreadable(#[from] serde_json::Error),
}

/// Writes proposals as the field `changes` holds them.
///
/// # Errors
/// Never for values that records hold.
pub fn write_proposals(proposals: &Proposals) -> Result<String, ReadSuggestionError> {
    Ok(serde_json::to_string(proposals)?)
}

/// Reads the proposals of a suggestion.
///
/// # Errors
/// When somebody wrote them oddly.
pub fn proposals(suggestion: &Record) -> Result<Proposals, ReadSuggestionError> {
    Ok(serde_json::from_str(suggestion.text("changes"))?)
}

/// The edits that taking a suggestion comes to.
///
/// # Errors
/// As [`proposals`].
pub fn proposed_changes(suggestion: &Record) -> Result<FieldChanges, ReadSuggestionError> {
    Ok(proposals(suggestion)?.into_iter().map(|(key, proposal)| (key, proposal.value)).collect())
}

/// The record that a suggestion is about; `None` for records that are no suggestion, or name none.
pub fn subject(suggestion: &Record) -> Option<RecordRef> {
    if suggestion.kind != Kind::Suggestion {
        return None;
    }
    let kind = suggestion.text("record_kind").parse().ok().filter(|kind| can_be_suggested(*kind))?;
    Some(RecordRef::new(kind, suggestion.link("record_id")?))
}

/// The person a suggestion is addressed to.
pub fn addressee(suggestion: &Record) -> Option<UserId> {
    suggestion.link("for_id").map(|id| UserId(id.0))
}

/// Whether records of this kind have an owner who could take a suggestion.
pub const fn can_be_suggested(kind: Kind) -> bool {
    !matches!(kind, Kind::Settings | Kind::User | Kind::Device | Kind::Suggestion | Kind::View)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordId;

    fn suggestion(changes: &str) -> Record {
        let mut record = Record::new(Kind::Suggestion, RecordId::from_bytes([1; 16]));
        record.fields.insert("record_kind".into(), "lead".into());
        record.fields.insert("record_id".into(), RecordId::from_bytes([2; 16]).into());
        record.fields.insert("changes".into(), changes.into());
        record
    }

    #[test]
    fn proposals_come_back_as_they_were_written() {
        let of = |seen: Option<Value>, value: Option<Value>| Proposal { seen, value };
        let written = Proposals::from([
            ("title".to_owned(), of(Some("Old \"one\"".into()), Some("Neu — 東京".into()))),
            ("value_cents".to_owned(), of(None, Some(1_200.into()))),
            ("source".to_owned(), of(Some("Fair".into()), None)),
        ]);

        let text = write_proposals(&written).expect("values of records can be written");

        assert_eq!(proposals(&suggestion(&text)).expect("as written"), written);
        let changes = proposed_changes(&suggestion(&text)).expect("as written");
        assert_eq!(changes.get("source"), Some(&None));
    }

    #[test]
    fn what_somebody_wrote_oddly_is_an_error_and_no_panic() {
        for text in ["", "[]", "{\"title\":1}", "null", "{\"title\":{\"seen\":null}"] {
            assert!(proposals(&suggestion(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_suggestion_is_about_a_record_that_has_an_owner() {
        let mut record = suggestion("{}");
        assert_eq!(subject(&record), Some(RecordRef::new(Kind::Lead, RecordId::from_bytes([2; 16]))));
        for kind in ["settings", "user", "device", "suggestion", "nonsense"] {
            record.fields.insert("record_kind".into(), kind.into());
            assert_eq!(subject(&record), None, "{kind}");
        }
    }
}
