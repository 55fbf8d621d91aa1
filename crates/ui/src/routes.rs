//! Routes: which screen shows, with its filters, as the text a browser's address bar carries.

use model::query::{BoardSort, Sort};
use model::{Kind, RecordRef};

use crate::present::escape::{escaped, plain};

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// `/`
    Today,
    /// `/pipeline`
    Pipeline,
    /// `/leads`, `/accounts`, `/contacts`
    List(Kind),
    /// `/leads/{id}` and the like
    Detail(RecordRef),
    /// `/import`
    Import,
    /// `/settings`
    Settings,
    /// `/trash`
    Trash,
    /// Records that may be the same.
    Duplicates,
    /// `/reports`
    Reports,
}

/// A screen with what its address says about filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// The screen.
    pub(crate) screen: Screen,
    /// `key=value` pairs behind the question mark.
    pub(crate) query: Vec<(String, String)>,
}

impl Route {
    /// A screen without filters.
    pub(crate) const fn to(screen: Screen) -> Self {
        Self { screen, query: Vec::new() }
    }

    /// Reads a route; whatever names no screen leads to Today.
    pub(crate) fn parse(text: &str) -> Self {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        });
        Self { screen: Screen::parse(path), query: query.collect() }
    }

    /// A filter's value.
    pub(crate) fn get(&self, key: &str) -> &str {
        self.query.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.screen.path())?;
        for (index, (key, value)) in self.query.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{}={}", encode(key), encode(value))?;
        }
        Ok(())
    }
}

impl Screen {
    fn parse(path: &str) -> Self {
        let mut parts = path.trim_matches('/').split('/');
        let (first, second) = (parts.next().unwrap_or(""), parts.next());
        let kind = match first {
            "pipeline" => return Self::Pipeline,
            "import" => return Self::Import,
            "settings" => return Self::Settings,
            "trash" => return Self::Trash,
            "duplicates" => return Self::Duplicates,
            "reports" => return Self::Reports,
            "leads" => Kind::Lead,
            "accounts" => Kind::Account,
            "contacts" => Kind::Contact,
            _ => return Self::Today,
        };
        match second.and_then(|id| id.parse().ok()) {
            Some(id) => Self::Detail(RecordRef::new(kind, id)),
            None => Self::List(kind),
        }
    }

    /// Its path.
    pub(crate) fn path(self) -> String {
        match self {
            Self::Today => "/".to_owned(),
            Self::Pipeline => "/pipeline".to_owned(),
            Self::List(kind) => format!("/{}", kind.plural()),
            Self::Detail(record) => format!("/{}/{}", record.kind.plural(), record.id),
            Self::Import => "/import".to_owned(),
            Self::Settings => "/settings".to_owned(),
            Self::Trash => "/trash".to_owned(),
            Self::Duplicates => "/duplicates".to_owned(),
            Self::Reports => "/reports".to_owned(),
        }
    }

    /// Records can show beside it.
    pub(crate) const fn has_peek(self) -> bool {
        matches!(self, Self::Pipeline | Self::List(_))
    }

    /// The page of a record, for the kinds that have one.
    pub(crate) fn of(record: RecordRef) -> Option<Self> {
        matches!(record.kind, Kind::Lead | Kind::Account | Kind::Contact).then_some(Self::Detail(record))
    }
}

/// A board order's word in the address.
pub(crate) const fn board_sort_word(sort: BoardSort) -> &'static str {
    match sort {
        BoardSort::NextStep => "",
        BoardSort::Value => "value",
        BoardSort::CloseDate => "close",
        BoardSort::Age => "age",
        BoardSort::Manual => "manual",
    }
}

/// The board order of a word.
pub(crate) fn board_sort(word: &str) -> BoardSort {
    let all = [BoardSort::Value, BoardSort::CloseDate, BoardSort::Age, BoardSort::Manual];
    all.into_iter().find(|sort| board_sort_word(*sort) == word).unwrap_or_default()
}

/// Most keys that a list is sorted by.
const SORT_KEYS_MAX: usize = 2;

/// A list order in the address: the fields, with `-` in front of those that descend.
pub(crate) fn sort_word(sort: &[Sort]) -> String {
    let word = |of: &Sort| format!("{}{}", if of.descending { "-" } else { "" }, escaped(&of.field));
    sort.iter().map(word).collect::<Vec<_>>().join(",")
}

/// The list order of a word: keys joined by commas.
pub(crate) fn sort(word: &str) -> Vec<Sort> {
    let key = |word: &str| {
        let (descending, field) = word.strip_prefix('-').map_or((false, word), |field| (true, field));
        (!field.is_empty()).then(|| Sort { field: plain(field), descending })
    };
    word.split(',').filter_map(key).take(SORT_KEYS_MAX).collect()
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (other, _) => out.push(*other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_reads_back_as_it_was_written() {
        let id = "018f2b5c-0000-7000-8000-000000000001";
        for text in [
            "/",
            "/pipeline?q=a%20b%26c&owner=me",
            "/leads?sort=-value_cents",
            "/settings",
            "/import",
            "/reports?report=won",
        ] {
            assert_eq!(Route::parse(text).to_string(), text);
        }
        let page = format!("/leads/{id}?tab=tasks");
        assert_eq!(Route::parse(&page).to_string(), page);
        assert_eq!(Route::parse(&page).get("tab"), "tasks");
    }

    #[test]
    fn whatever_names_no_screen_leads_to_today() {
        for text in ["", "/nothing", "//", "/%", "/?%zz=%"] {
            assert_eq!(Route::parse(text).screen, Screen::Today);
        }
        assert_eq!(Route::parse("/leads/not-an-id").screen, Screen::List(Kind::Lead));
    }
}
