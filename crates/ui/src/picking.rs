//! What an open picker looks for among the records, and what it found.

use model::query::{Hit, ListQuery, Query, Row, Sort};
use model::{Kind, RecordRef};

use crate::present::fields::found_option;
use crate::widgets::picker::PickOption;

/// Kinds that have pages, and that tasks and activities are about.
pub(crate) const ABOUT: [Kind; 3] = [Kind::Lead, Kind::Contact, Kind::Account];
/// Hits of each kind.
const HITS: u32 = 6;
/// Records of one kind.
const ROWS: u32 = 20;

/// What an open picker looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A record of this kind whose words occur.
    Of(Kind, String),
    /// A lead, contact or account whose words occur; without words the leads touched last.
    About(String),
}

impl Wanted {
    /// The question that finds it.
    pub(crate) fn query(&self) -> Query {
        match self {
            Self::Of(kind, text) => list(*kind, text),
            Self::About(text) if text.trim().is_empty() => list(Kind::Lead, ""),
            Self::About(text) => {
                Query::Search { text: text.trim().to_owned(), kinds: ABOUT.to_vec(), limit_per_kind: HITS }
            }
        }
    }
}

fn list(kind: Kind, text: &str) -> Query {
    let sort = match kind {
        Kind::Account => Sort { field: "name".into(), descending: false },
        Kind::Contact => Sort { field: "last_name".into(), descending: false },
        _ => Sort { field: "last_touch_at".into(), descending: true },
    };
    Query::List(ListQuery { text: text.trim().to_owned(), sort: vec![sort], limit: ROWS, ..ListQuery::of(kind) })
}

/// What was found, for a picker whose options are of several kinds.
pub(crate) fn about_options(rows: &[Row], hits: &[Hit]) -> Vec<PickOption> {
    let row = |row: &Row| PickOption { key: key_of(row.record.reference()), ..found_option(row) };
    let hit = |hit: &Hit| {
        let of = crate::words::capital(crate::words::kind(hit.record.kind));
        let detail = if hit.subtitle.is_empty() { of } else { format!("{of} · {}", hit.subtitle) };
        PickOption { key: key_of(hit.record), text: hit.title.clone(), detail }
    };
    rows.iter().map(row).chain(hits.iter().map(hit)).collect()
}

fn key_of(record: RecordRef) -> String {
    format!("{}/{}", record.kind.name(), record.id)
}

/// The record that an option of [`about_options`] stands for.
pub(crate) fn about_of(key: &str) -> Option<RecordRef> {
    let (kind, id) = key.split_once('/')?;
    Some(RecordRef::new(kind.parse().ok()?, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_kinds_are_searched_once_something_is_typed() {
        assert!(matches!(Wanted::About(" ".into()).query(), Query::List(list) if list.kind == Kind::Lead));
        let Query::Search { kinds, text, .. } = Wanted::About(" ann ".into()).query() else { panic!("a search") };
        assert_eq!((kinds.as_slice(), text.as_str()), (ABOUT.as_slice(), "ann"));
    }

    #[test]
    fn an_option_says_which_record_it_is() {
        let record = model::build::contact("Ann").record().reference();
        assert_eq!(about_of(&key_of(record)), Some(record));
        assert_eq!(about_of("lead"), None);
    }
}
