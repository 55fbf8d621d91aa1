//! Records that one which is being typed may be again. Asked with every keystroke, so only those are compared that
//! share a word with it.

use std::collections::BTreeSet;

use interchange::Index;
use model::input::parse_url;
use model::query::{Likeness, Lookalike};
use model::{Fields, Kind, Record, RecordId, RecordRef};
use store::QueryContext;

use crate::replica::{Replica, ReplicaError};

/// Most that are shown.
const SHOWN_MAX: usize = 3;
/// Most that are compared, for each word that is looked for.
const COMPARED_MAX: u32 = 50;
/// A word of fewer letters is in too many records.
const WORD_MIN: usize = 3;
/// The id of what is being typed: younger than any record.
const DRAFT: RecordId = RecordId::from_bytes([255; 16]);

impl Replica {
    pub(crate) fn lookalikes(
        &self,
        kind: Kind,
        fields: &Fields,
        ctx: &QueryContext<'_>,
    ) -> Result<Vec<Lookalike>, ReplicaError> {
        let mut candidates: BTreeSet<RecordId> = BTreeSet::new();
        for text in looked_for(kind, fields) {
            let hits = self.store.search(&text, &[kind], COMPARED_MAX, ctx)?;
            candidates.extend(hits.into_iter().map(|hit| hit.record.id));
        }
        let mut rows = Vec::new();
        for id in candidates {
            rows.extend(self.store.row(RecordRef::new(kind, id), ctx)?);
        }
        rows.retain(|row| !row.record.is_deleted() && row.record.link("merged_into").is_none());
        let draft = Record { kind, id: DRAFT, fields: fields.clone() };
        let alike = |record: &Record| self.likeness(record, &draft);
        let mut found: Vec<Lookalike> =
            rows.into_iter().filter_map(|row| Some(Lookalike { why: alike(&row.record)?, row })).collect();
        found.sort_by_key(|lookalike| (lookalike.why, lookalike.row.record.id));
        found.truncate(SHOWN_MAX);
        Ok(found)
    }

    /// What a record shares with the draft, by the rules that duplicates are found by.
    fn likeness(&self, record: &Record, draft: &Record) -> Option<Likeness> {
        let index = Index::new(&self.settings.region, [record.clone(), draft.clone()]);
        index.duplicates().first().map(|group| group.why)
    }
}

/// What candidates are searched by: addresses as a whole, names without their ends, where they are often misspelled.
fn looked_for(kind: Kind, fields: &Fields) -> Vec<String> {
    let keys: &[&str] = match kind {
        Kind::Account => &["name", "website", "email"],
        Kind::Contact => &["last_name", "first_name", "email", "phone"],
        Kind::Lead => &["title"],
        _ => &[],
    };
    let text = |key: &&str| fields.get(*key).and_then(model::Value::as_text).map(|text| searched(key, text));
    let long = |text: &String| text.chars().filter(|letter| letter.is_alphanumeric()).count() >= WORD_MIN;
    keys.iter().filter_map(text).filter(long).collect()
}

fn searched(key: &str, text: &str) -> String {
    let text = text.trim();
    match key {
        "website" => parse_url(text).map(|url| url.value.key).unwrap_or_default(),
        "email" => text.to_owned(),
        "phone" => {
            let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
            digits[digits.len().saturating_sub(6)..].iter().collect()
        }
        // The longest word tells most.
        _ => {
            let longest = text.split_whitespace().max_by_key(|word| word.chars().count()).unwrap_or("");
            let letters = longest.chars().count();
            let kept = letters.saturating_sub(letters / 3).max(WORD_MIN);
            longest.chars().take(kept).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_for_without_their_ends_and_addresses_whole() {
        assert_eq!(searched("name", "The Widgets"), "Widge");
        assert_eq!(searched("last_name", "Lee"), "Lee");
        assert_eq!(searched("email", " ann@acme.com"), "ann@acme.com");
        assert_eq!(searched("website", "https://www.shop.acme.co.uk/x"), "acme.co.uk");
        assert_eq!(searched("phone", "+1 (212) 555-0147"), "550147");
    }
}
