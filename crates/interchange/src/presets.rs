//! The exports of other programs, as tables of header → target, and which of them a header row is.
//!
//! Headers are compared without case, accents, blanks and punctuation; `#` stands for a number, so one line
//! serves `E-mail 1 - Value`, `E-mail 2 - Value` ...

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::Kind;
use model::fold::fold;
use model::import::Target;

use crate::guess;
use crate::preset_tables::PRESETS;
use crate::target::parse_target;

/// One program's export.
#[derive(Debug)]
pub struct Preset {
    /// Its name in options, on the command line and in front of external ids.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What a row is about.
    pub main: Kind,
    /// Names in front of the external ids of accounts, contacts, leads and activities.
    pub(crate) refs: [&'static str; 4],
    /// Headers that hardly any other file has.
    pub(crate) marks: &'static [&'static str],
    /// How many of those there must be.
    pub(crate) marks_min: usize,
    /// One table serves files about different things; the columns say which.
    pub(crate) mixed: bool,
    /// Header → target.
    pub(crate) columns: &'static [(&'static str, &'static str)],
}

/// A header as it is compared: folded letters, `#` for every number, the ` - ` and ` / ` of compound names.
pub(crate) fn header_key(header: &str) -> String {
    let mut key = String::with_capacity(header.len());
    for c in fold(header).replace(" - ", ">").replace(" / ", "/").chars() {
        if c.is_numeric() {
            if !key.ends_with('#') {
                key.push('#');
            }
        } else if c.is_alphabetic() || matches!(c, '#' | '>' | '/') {
            key.push(c);
        }
    }
    key
}

/// Every preset, in the order they are offered.
pub fn all() -> &'static [Preset] {
    PRESETS
}

/// The preset of this name.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The preset that fits a header row best; `None` when it is nobody's we know.
pub fn detect(headers: &[String]) -> Option<&'static Preset> {
    let keys: Vec<String> = headers.iter().map(|header| header_key(header)).collect();
    let scored = PRESETS.iter().filter_map(|preset| {
        let marks = preset.marks.iter().filter(|mark| keys.contains(&header_key(mark))).count();
        let hits = keys.iter().filter(|key| preset.target_text(key).is_some()).count();
        (marks >= preset.marks_min).then_some((marks + hits, preset))
    });
    // The first of equals wins.
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, preset)| preset)
}

/// Whether some preset or language knows a header; tells header rows from others.
pub(crate) fn is_known_header(header: &str) -> bool {
    if header.is_empty() || header.len() > 80 {
        return false;
    }
    let key = header_key(header);
    TARGETS.values().any(|targets| targets.contains_key(&key)) || guess::is_known(&key)
}

/// Preset → header key → target.
static TARGETS: LazyLock<BTreeMap<&'static str, BTreeMap<String, &'static str>>> = LazyLock::new(|| {
    let targets =
        |preset: &Preset| preset.columns.iter().map(|(header, target)| (header_key(header), *target)).collect();
    PRESETS.iter().map(|preset| (preset.name, targets(preset))).collect()
});

impl Preset {
    /// The target of a column.
    pub fn target(&self, header: &str) -> Option<Target> {
        self.target_text(&header_key(header)).and_then(|text| parse_target(text, self.main).ok())
    }

    /// The name in front of external ids of this kind.
    pub(crate) fn ref_prefix(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Account => self.refs[0],
            Kind::Contact => self.refs[1],
            Kind::Lead => self.refs[2],
            _ => self.refs[3],
        }
    }

    fn target_text(&self, key: &str) -> Option<&'static str> {
        TARGETS.get(self.name)?.get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_table_names_a_target() {
        for preset in all() {
            for (header, target) in preset.columns {
                assert!(parse_target(target, preset.main).is_ok(), "{}: {header} -> {target}", preset.name);
            }
            for mark in preset.marks {
                assert!(preset.target(mark).is_some(), "{}: mark {mark} is not among the columns", preset.name);
            }
            assert!(by_name(preset.name).is_some_and(|found| std::ptr::eq(found, preset)));
        }
    }

    #[test]
    fn headers_are_compared_without_case_blanks_stars_and_numbers() {
        for header in ["E-mail 1 - Value", " e-mail 12 - value ", "E-MAIL 3 - VALUE*"] {
            assert_eq!(header_key(header), "email#>value");
        }
    }
}
